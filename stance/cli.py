"""The command line: parse, call, print. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stance import cli_articles, cli_corpus, cli_labels, cli_models, cli_training
from stance.cli_models import JsonOption, ModelOption, print_json
from stance.errors import InputError, StanceError
from stance.registry import BUNDLED, load_model

if TYPE_CHECKING:
    from stance.model import Explanation

app = typer.Typer(
    name="stance",
    help="Label news sentences with a stance toward a target, and see why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Texts = Annotated[
    list[str],
    typer.Argument(
        metavar="TEXT|FILE|-...",
        help="Sentences, .txt files (one sentence a line), .jsonl files (field text), or - for stdin.",
    ),
]
Confidence = Annotated[
    float, typer.Option(min=0.0, max=1.0, metavar="P", help='Print "unsure" where the label\'s probability is below P.')
]


def main() -> None:
    """Run the command line; a `StanceError` is one line on stderr and exit code 1, an interrupt is 130."""
    try:
        code = app(standalone_mode=False)
        if sys.stdout:  # what is left in its buffer may fail to be written, too
            sys.stdout.flush()
    except StanceError as error:
        code = _fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except BrokenPipeError:  # the reader, such as head, has seen enough
        _drop_output()
        code = 0
    except OSError as error:  # files have their own errors; this is stdout on a full disk
        _drop_output()
        code = _fail(f"{error.filename or 'the output'}: {error.strerror or error}")
    except Exception as error:
        if not hasattr(error, "show") or not hasattr(error, "exit_code"):
            raise
        error.show()  # a usage error, in the words of the parser
        code = error.exit_code
    sys.exit(code)


def _fail(message: str) -> int:
    print(f"stance: {' '.join(message.split())}", file=sys.stderr)
    return 1


def _drop_output() -> None:
    """Send what is still to be printed nowhere, so that the interpreter does not try again as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _version(value: bool) -> None:
    if value:
        from stance.manifest import package_version

        print(f"stance {package_version()}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


@app.command()
def predict(
    texts: Texts, model: ModelOption = BUNDLED, min_confidence: Confidence = 0.0, as_json: JsonOption = False
) -> None:
    """Label sentences.

    Example: stance predict "Ankara will not give up the S-400, Akar said."
    """
    sentences = list(_sentences(texts))
    loaded = load_model(model)
    probabilities = loaded.predict_proba(sentences)
    labels = loaded.predict(sentences, min_confidence)
    if as_json:
        for text, label, row in zip(sentences, labels.tolist(), probabilities.tolist(), strict=True):
            print_json({"text": text, "label": label, "probabilities": _by_label(loaded.labels, row)})
    else:
        from stance.display import print_predictions

        print_predictions(sentences, labels.tolist(), probabilities.max(axis=1).tolist())


@app.command()
def explain(
    texts: Texts,
    model: ModelOption = BUNDLED,
    words: Annotated[int, typer.Option(min=1, help="Words shown for each label and direction.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Show the words that pull a sentence toward and away from each label.

    Example: stance explain "Washington may waive the sanctions over the S-400."
    """
    loaded = load_model(model)
    for text in list(_sentences(texts)):
        explanation = loaded.explain(text)
        if as_json:
            print_json(_explanation_row(explanation))
        else:
            from stance.display import print_explanation

            print_explanation(explanation, words)


for verb in cli_training.VERBS + cli_articles.VERBS + cli_corpus.VERBS + cli_labels.VERBS + cli_models.VERBS:
    app.command(verb.__name__.replace("_", "-"))(verb)


def _sentences(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the sentences that the arguments stand for; an input without any is an error."""
    for argument in arguments:
        if not argument.strip():
            raise InputError("a text argument is empty; expected a sentence, a file or -")
        source = _source(argument)
        if source is None:
            yield argument
            continue
        found = False
        for sentence in _lines(*source, is_json=argument.lower().endswith((".jsonl", ".ndjson"))):
            found = True
            yield sentence
        if not found:
            raise InputError(f"{source[1]}: no sentences; expected UTF-8 text with one sentence a line")


def _source(argument: str) -> tuple[bytes, str] | None:
    """Return content and name of the file an argument stands for, None if it is a sentence."""
    from stance.files import read_bytes

    if argument == "-":
        return sys.stdin.buffer.read(), "<stdin>"
    spaced = any(character.isspace() for character in argument)
    table = argument.lower().endswith((".csv", ".tsv", ".parquet"))
    named = (table or argument.lower().endswith((".txt", ".jsonl", ".ndjson", ".md", ".html"))) and not spaced
    try:
        is_file, is_folder = Path(argument).is_file(), Path(argument).is_dir()
    except (OSError, ValueError):  # too long or too strange for a path: a sentence
        return None
    if is_file and table:
        raise InputError(f"{argument}: a table; expected sentences: label it with stance score {argument} -o FOLDER")
    if named or is_file:
        return read_bytes(argument), argument
    if is_folder and not spaced:
        raise InputError(f"{argument}: a folder; expected a file of sentences, or a sentence")
    return None


def _lines(data: bytes, name: str, *, is_json: bool) -> Iterator[str]:
    from stance.files import decode_lines

    for number, line in decode_lines(data, name):
        if not is_json:
            yield line
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            raise InputError(f"{name}:{number}: not JSON; expected one object a line with the field text") from None
        text = row.get("text") if isinstance(row, dict) else None
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"{name}:{number}: no text; expected an object with the field text, a sentence")
        yield text


def _by_label(labels: Sequence[str], values: Sequence[float]) -> dict[str, float]:
    return {label: round(value, 6) for label, value in zip(labels, values, strict=True)}


def _explanation_row(explanation: Explanation) -> dict[str, Any]:
    labels = explanation.labels
    parts = [
        {"text": part.text, "position": part.position, "values": _by_label(labels, part.values)}
        for part in explanation.contributions
    ]
    return {
        "text": explanation.text,
        "label": explanation.label,
        "probabilities": _by_label(labels, explanation.probabilities),
        "decision_values": _by_label(labels, explanation.decision_values),
        "intercept": _by_label(labels, explanation.intercept),
        "contributions": parts,
    }
