"""The verb of the command line that scores whole archives: score."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stance.cli_models import JsonOption, ModelOption, print_json
from stance.errors import counted
from stance.registry import BUNDLED

if TYPE_CHECKING:
    from stance.corpus import Progress
    from stance.runfolder import CorpusRun


def score(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|FOLDER|PATTERN...",
            help="Parquet, JSON lines, CSV or TSV (the text formats also .gz or .zst); one record a sentence.",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="A new folder for the run.")],
    model: ModelOption = BUNDLED,
    text_column: Annotated[str, typer.Option(metavar="NAME", help="Field or column that holds the text.")] = "text",
    split_sentences: Annotated[
        bool, typer.Option("--split-sentences", help="The text is a document: write a row for each of its sentences.")
    ] = False,
    format: Annotated[  # noqa: A002 - as the option is called
        str, typer.Option(metavar="jsonl|parquet", help="Of the output (default: parquet for Parquet, else jsonl).")
    ] = "",
    min_confidence: Annotated[
        float, typer.Option(min=0.0, max=1.0, metavar="P", help='Write "unsure" where the probability is below P.')
    ] = 0.0,
    prefix: Annotated[str, typer.Option(help="Put before the names of the added columns.")] = "",
    part_size: Annotated[int, typer.Option(min=1, help="Records a part file, about.")] = 200_000,
    batch_size: Annotated[int, typer.Option(min=1, help="Records scored together, at most.")] = 8192,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes (default: 1).")] = None,
    scheduler: Annotated[str, typer.Option(metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786.")] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Continue a run that was cut short.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Label an archive: part files with labels and probabilities, what was rejected, and a manifest.

    Example: stance score news/ -o scored --workers 2
    """
    from stance.corpus import score_corpus

    with _told_when_interrupted(), _progress() as advance:
        run = score_corpus(
            inputs,
            output,
            model,
            text_column=text_column,
            split_sentences=split_sentences,
            format=format,
            min_confidence=min_confidence,
            prefix=prefix,
            part_size=part_size,
            batch_size=batch_size,
            workers=workers,
            scheduler=scheduler,
            resume=resume,
            progress=advance,
        )
    if as_json:
        left_out = {"rejected": run.rejected, "unreadable": list(run.unreadable)}
        print_json({"output": str(run.folder), "scored": run.scored, "labels": run.counts, **left_out})
    _tell(run)
    if run.failed or not run.scored:
        raise typer.Exit(1)


VERBS = (score,)


def _tell(run: CorpusRun) -> None:
    """Print the summary of a run."""
    rate = f"{run.new / max(run.seconds, 1e-9):,.0f} sentences/s" if run.new else "nothing was left to do"
    counts = ", ".join(f"{count:,} {label}" for label, count in run.counts.items())
    size = f"{counted(run.scored, 'sentence')} in {counted(len(run.parts), 'part')}"
    if run.scored:
        print(f"stance: wrote {run.folder}: {size} ({counts}); {rate}", file=sys.stderr)
    lost = [f"{counted(run.rejected, 'record')} rejected"] if run.rejected else []
    lost += [f"{counted(len(run.unreadable), 'file')} could not be read"] if run.unreadable else []
    if lost:
        print(f"stance: {' and '.join(lost)}, listed in {run.folder / 'rejected.jsonl'}", file=sys.stderr)
    if run.ignored:
        more = f" and {len(run.ignored) - 1} more" if len(run.ignored) > 1 else ""
        print(f"stance: not read, because of their names: {run.ignored[0]}{more}", file=sys.stderr)
    for failure in run.failed:
        print(f"stance: not finished: {failure}; mend that and continue with --resume", file=sys.stderr)
    if not run.scored:
        advice = "check --text-column, and that the input is not empty"
        print(f"stance: no record could be scored, so {run.folder} holds no labels; {advice}", file=sys.stderr)


@contextmanager
def _told_when_interrupted() -> Iterator[None]:
    """Say how to go on after an interrupt."""
    try:
        yield
    except KeyboardInterrupt:
        print("stance: interrupted; continue with --resume", file=sys.stderr)
        raise


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show a bar with rate and time left on a terminal's stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", rate="", total=None)

        def advance(done: int, total: int, sentences: int) -> None:
            rate = sentences / max(bar.tasks[0].elapsed or 0.0, 1e-9)
            bar.update(task, completed=done, total=total, rate=f"{rate:,.0f} sentences/s")

        yield advance
