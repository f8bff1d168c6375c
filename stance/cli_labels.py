"""The verbs of the command line for labelling: convert, agree, suggest, audit."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stance.cli_models import JsonOption, print_json
from stance.errors import InputError, counted
from stance.registry import load_model

if TYPE_CHECKING:
    from stance.dataset import Example
    from stance.formats import Import

FromOption = Annotated[str, typer.Option("--from", metavar="FORMAT", help="Format of the input (default: told by it).")]
ToOption = Annotated[str, typer.Option("--to", metavar="FORMAT", help="Format of the output (default: by its ending).")]
MapOption = Annotated[
    list[str], typer.Option("--map", metavar="THEIRS=OURS", help="What a label means; nothing after = leaves it out.")
]
ColumnOption = Annotated[
    list[str], typer.Option("--column", metavar="THEIRS=OURS", help="Which field holds what, such as sentence=text.")
]
KeepOption = Annotated[bool, typer.Option("--keep-labels", help="Keep all labels that are not mapped as they are.")]
DataArgument = Annotated[Path, typer.Argument(metavar="DATA", help="Labelled sentences in any format of convert.")]


def convert(
    inputs: Annotated[list[Path], typer.Argument(metavar="IN...", help="What to read; several: one an annotator.")],
    output: Annotated[Path, typer.Argument(metavar="OUT", help="A .jsonl, .csv, .tsv, .parquet or .json file.")],
    source: FromOption = "",
    to: ToOption = "",
    labels: MapOption = [],  # noqa: B006 - typer copies it
    columns: ColumnOption = [],  # noqa: B006
    keep_labels: KeepOption = False,
    labelled: Annotated[bool, typer.Option("--labelled", help="Leave out what has no settled label.")] = False,
) -> None:
    """Convert labelled sentences between formats: Label Studio, doccano, JSONL, CSV, Parquet, public corpora.

    Example: stance convert export.json labels.jsonl --map favor=support --map against=oppose
    """
    from stance.formats import write_examples

    examples = _read(inputs, source, labels, columns, keep_labels=keep_labels)
    _tell_mapping(labels)
    written = [example for example in examples if example.label or not labelled]
    write_examples(written, output, to or None)
    counts = Counter(example.label or "(no label)" for example in written)
    listed = ", ".join(f"{count} {label}" for label, count in sorted(counts.items()))
    print(f"stance: wrote {output}: {counted(len(written), 'example')}: {listed}", file=sys.stderr)
    split = sum(not example.label and bool(example.readings) for example in examples)
    if split:
        print(f"stance: {split} without a majority among their readers; see stance agree", file=sys.stderr)
    if counts["(no label)"]:
        print("stance: --labelled leaves out those without a label", file=sys.stderr)


def agree(
    inputs: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Readings; several files: one an annotator.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the disagreements, JSON lines.")
    ] = None,
    annotators: Annotated[str, typer.Option(metavar="NAMES", help="Only these, with commas between.")] = "",
    source: FromOption = "",
    labels: MapOption = [],  # noqa: B006
    columns: ColumnOption = [],  # noqa: B006
    as_json: JsonOption = False,
) -> None:
    """Measure how well annotators agree: Krippendorff's alpha, Fleiss' and Cohen's kappa, with intervals.

    Example: stance agree anna.csv ben.csv -o disagreements.jsonl
    """
    from stance.agreement import measure_agreement
    from stance.files import write_text

    found = measure_agreement(
        _read(inputs, source, labels, columns, keep_labels=True), annotators.split(",") if annotators else None
    )
    if output:
        write_text(output, _lines(asdict(row) for row in found.disagreements))
        print(f"stance: wrote {output}: {counted(len(found.disagreements), 'disagreement')}", file=sys.stderr)
    elif found.disagreements:
        print("stance: -o FILE writes the disagreements", file=sys.stderr)
    if as_json:
        print_json(found.as_dict())
    else:
        from stance.display import print_agreement

        print_agreement(found)


def audit(
    data: DataArgument,
    count: Annotated[int, typer.Option("-n", min=1, help="How many to list.")] = 50,
    source: FromOption = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write JSON lines.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the labels that are probably wrong, with the reasons; needs the extra train.

    Example: stance audit labels.jsonl -n 20
    """
    from stance.audit import find_doubts
    from stance.files import write_text

    doubts = find_doubts(_dataset(data, source), count)
    if output:
        write_text(output, _lines(asdict(doubt) for doubt in doubts))
        print(f"stance: wrote {output}: {counted(len(doubts), 'doubtful label')}", file=sys.stderr)
    elif as_json:
        for doubt in doubts:
            print_json(asdict(doubt))
    else:
        from stance.display import print_doubts

        print_doubts(doubts)


def suggest(
    pool: Annotated[Path, typer.Argument(metavar="POOL", help="Sentences: .txt, one a line, or a format of convert.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write them.")],
    count: Annotated[int, typer.Option("-n", min=1, help="How many.")] = 50,
    model: Annotated[str, typer.Option("--model", "-m", help="Model that says what it is unsure of.")] = "",
    labelled: Annotated[
        Path | None,
        typer.Option(metavar="DATA", help="What is labelled; a model is trained on it unless --model."),
    ] = None,
    source: FromOption = "",
    to: ToOption = "",
    columns: ColumnOption = [],  # noqa: B006
) -> None:
    """Choose the sentences whose labels would teach a model most, as tasks with pre-annotations.

    Example: stance suggest pool.txt -n 50 --labelled labels.jsonl -o tasks.json
    """
    from stance.suggest import suggest_examples

    known = _dataset(labelled, "") if labelled else None
    if model:
        predictor: Any = load_model(model)
    elif known:
        from stance.classifier import StanceClassifier
        from stance.training import check_trainable

        check_trainable(known)
        predictor = StanceClassifier().fit(known.texts, known.labels, groups=known.groups)
    else:
        predictor = None
    sentences = _read([pool], source, [], columns, keep_labels=True)
    chosen = suggest_examples(sentences, count, model=predictor, labelled=known.texts if known else ())
    _write_tasks(chosen, output, to, model or "stance")
    guesses = Counter(suggestion.label for suggestion in chosen if suggestion.label)
    told = ", ".join(f"{n} {label}" for label, n in sorted(guesses.items())) or "spread over the pool, without a model"
    print(f"stance: wrote {output}: {counted(len(chosen), 'sentence')}: {told}", file=sys.stderr)
    if len(chosen) < count:
        print(
            f"stance: fewer than the {count} asked for: the pool has no more that are new and differ", file=sys.stderr
        )


VERBS = (convert, agree, suggest, audit)


def _write_tasks(chosen: Sequence[Any], output: Path, to: str, model: str) -> None:
    """Write suggestions: pre-annotations for Label Studio and doccano, columns of their own elsewhere."""
    from stance.annotation_tools import write_label_studio
    from stance.files import write_text
    from stance.formats import write_examples

    examples = []
    for row in chosen:
        about = {"said": row.label, "probability": row.probability} if row.label else {}
        about |= {"similar": list(row.similar)} if row.similar else {}
        examples.append(replace(row.example, more={**row.example.more, **about}))
    if to == "label-studio" or (not to and output.suffix == ".json"):
        guesses = {r.example.id: {"label": r.label, "score": r.probability, "model": model} for r in chosen if r.label}
        write_text(output, write_label_studio(examples, guesses))
    elif to == "doccano":
        write_examples([replace(e, label=r.label) for e, r in zip(examples, chosen, strict=True)], output, to)
    else:
        write_examples(examples, output, to or None)


def _read(
    inputs: Sequence[Path], source: str, labels: Sequence[str], columns: Sequence[str], *, keep_labels: bool
) -> tuple[Example, ...]:
    """Return the examples of the inputs, and say on stderr what was left out."""
    from stance.formats import read_examples
    from stance.labels import LABELS
    from stance.readings import merge_readings

    mapping = {theirs: ours or None for theirs, ours in map(_pair, labels)}
    accepted = None if keep_labels else LABELS
    named = dict(map(_pair, columns))
    found = {
        path.stem: read_examples(path, source or None, mapping=mapping, labels=accepted, columns=named)
        for path in inputs
    }
    if len(found) < len(inputs):
        raise InputError("two inputs have one name; expected a name for each annotator")
    for read in found.values():
        _report(read)
    if len(found) == 1:
        return next(iter(found.values())).examples
    return merge_readings({name: read.examples for name, read in found.items()})


def _tell_mapping(labels: Sequence[str]) -> None:
    """Say what the labels became; a label that is nearly one of those known is doubted, for it may be a slip."""
    from stance.labels import LABELS

    pairs = [_pair(text) for text in labels]
    if pairs:
        told = ", ".join(f"{theirs} to {ours or 'nothing'}" for theirs, ours in pairs)
        print(f"stance: mapped {told}", file=sys.stderr)
    for ours in dict.fromkeys(ours for _, ours in pairs if ours not in LABELS):
        for near in get_close_matches(ours, LABELS, 1, cutoff=0.85):
            print(f"stance: is {ours!r} meant to be {near!r}?", file=sys.stderr)


def _report(read: Import) -> None:
    for item in read.skipped[:20]:
        print(f"stance: left out {item.where}: {item.reason}", file=sys.stderr)
    if len(read.skipped) > 20:
        print(f"stance: left out {len(read.skipped) - 20} more", file=sys.stderr)


def _dataset(path: Path, source: str) -> Any:
    """Return the labelled examples of a file as a data set."""
    from stance.dataset import Dataset

    examples = tuple(e for e in _read([path], source, [], [], keep_labels=True) if e.label)
    if not examples:
        raise InputError(f"{path}: no labels; expected labelled sentences")
    return Dataset(path.stem, 1, "", tuple(sorted({e.label for e in examples})), examples, str(path))


def _pair(text: str) -> tuple[str, str]:
    theirs, sign, ours = text.partition("=")
    if not sign or not theirs:
        raise InputError(f"{text!r}; expected THEIRS=OURS, such as favor=support")
    return theirs, ours


def _lines(rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
