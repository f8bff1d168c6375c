"""The verbs of the command line that make and measure models: new-target, train, evaluate."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stance.cli_models import JsonOption, print_json
from stance.errors import InputError
from stance.registry import BUNDLED, load_model

if TYPE_CHECKING:
    from stance.dataset import Dataset
    from stance.model import Model
    from stance.search import Progress

DataArgument = Annotated[
    Path,
    typer.Argument(metavar="DATA", help="Dataset or target folder, or a .jsonl or .csv file with text and label."),
]


def new_target(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to make it; new or empty.")],
    labels: Annotated[
        str,
        typer.Option(metavar="A,B,...", help="Labels, stances from one end to the other (default: those of --data)."),
    ] = "",
    no_stance: Annotated[str, typer.Option(metavar="LABEL", help="The label that is no stance.")] = "none",
    description: Annotated[str, typer.Option(help="What the stances are toward, as in: a stance toward ...")] = "",
    data: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Labelled sentences to begin with: .csv or .jsonl.")
    ] = None,
) -> None:
    """Make a folder for a question of your own: labels, actors, guidelines, sentences.

    Example: stance new-target wind-farm --labels support,softening,oppose,none
    """
    from stance.scaffold import new_target as scaffold

    names = [name.strip() for name in labels.split(",") if name.strip()]
    scaffold(folder, names, no_stance=no_stance, description=description, data=data)
    print(f"stance: made {folder}; read {folder / 'README.md'}", file=sys.stderr)


def train(
    data: DataArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="MODEL", help="Where to write the model.")],
    penalty: Annotated[
        float | None,
        typer.Option("--C", min=1e-6, help="Inverse strength of the L2 penalty (default: searched for)."),
    ] = None,
    budget: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Time for the search; 0 keeps the defaults.")
    ] = 120.0,
    seed: Annotated[int, typer.Option(min=0, help="Of splits, search and training.")] = 0,
    target: Annotated[
        Path | None, typer.Option(metavar="FOLDER|FILE", help="What the labels mean (default: DATA, if it says so).")
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the model (default: the file's).")] = "",
) -> None:
    """Train a model on labelled sentences, measure it on sentences held out, and write a record and a card beside it.

    Example: stance train datasets/nord-stream-2 -o ns2.stance
    """
    from stance.target import FILE, load_target
    from stance.training import train_model

    source = target or (data if (data / FILE).is_file() else None)
    question = load_target(source) if source else None
    options = {"penalty": penalty, "budget": budget, "seed": seed, "name": name}
    with _progress() as advance:
        trained = train_model(data, output, target=question, progress=advance, **options)  # type: ignore[arg-type]
    from stance.display import print_scores

    print(f"stance: wrote {output}, its record and its card", file=sys.stderr)
    for warning in trained.warnings:
        print(f"stance: {warning}", file=sys.stderr)
    for split, values in trained.scores.items():
        print_scores(split, values)


def evaluate(
    data: DataArgument,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", "-m", help="A model's name or .stance file; give two to compare them."),
    ] = None,
    split: Annotated[str, typer.Option(help="Only this split of a dataset: train, valid or test.")] = "",
    errors: Annotated[int, typer.Option(min=0, help="Number of worst mistakes to show.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Compare a model, or two, with labelled sentences: scores with intervals, confusion, the surest mistakes.

    Example: stance evaluate datasets/s400 --split test
    """
    names = model or [BUNDLED]
    if len(names) > 2:
        raise InputError(f"--model is given {len(names)} times; expected one model, or two to compare")
    models = [load_model(name) for name in names]
    examples = _chosen(data, split, models)
    for name, loaded in zip(names, models, strict=True):
        _show_scores(name, loaded, examples, split or str(data), errors, as_json=as_json)
    if len(models) == 2:
        from stance.display import print_comparison
        from stance.evaluation import compare_models

        found = compare_models(models[0], models[1], examples)
        if as_json:
            print_json({"compared": names, **asdict(found)})
        else:
            print_comparison(names[0], names[1], found)


VERBS = (new_target, train, evaluate)


def _chosen(data: Path, split: str, models: list[Model]) -> Dataset:
    """Return the examples to score on; those that a model was trained on come with a warning."""
    from stance.dataset import SPLITS, load_dataset

    examples = load_dataset(data)
    for model in models:
        seen = dict(model.manifest.get("dataset") or {})  # type: ignore[call-overload]
        held_out = seen.get("split") == "train" and split in SPLITS[1:]
        if seen.get("fingerprint") == examples.fingerprint and not held_out:
            print("stance: the model was trained on these very sentences: the scores say little", file=sys.stderr)
    if not split:
        return examples
    if split not in SPLITS:
        raise InputError(f"--split is {split!r}; expected one of {', '.join(SPLITS)}")
    chosen = examples.subset(split)
    if not len(chosen):
        raise InputError(f"{data}: no example has the split {split!r}; leave --split out to use all examples")
    return chosen


def _show_scores(name: str, model: Model, examples: Dataset, title: str, errors: int, *, as_json: bool) -> None:
    from stance.evaluation import evaluate, worst_mistakes

    scores, mistakes = evaluate(model, examples), worst_mistakes(model, examples, errors)
    if as_json:
        about = {"model": name, "labels": list(model.labels)}
        print_json(about | scores.as_dict() | {"mistakes": [asdict(mistake) for mistake in mistakes]})
        return
    from stance.display import print_confusion, print_mistakes, print_scores

    print_scores(f"{name} on {title}", scores)
    print_confusion(model.labels, scores.confusion)
    print_mistakes(mistakes)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show a bar on a terminal's stderr while parameters are searched for."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} folds")
    with Progress(
        *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal, transient=True
    ) as bar:
        task = bar.add_task("searching", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
