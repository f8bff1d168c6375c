"""The verbs of the command line that handle model files: publish, download, models, inspect, verify, export."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stance.errors import InputError, counted
from stance.registry import BUNDLED, find_model

if TYPE_CHECKING:
    from stance.download import Progress

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
ModelOption = Annotated[
    str, typer.Option("--model", "-m", help="Bundled model name, path of a .stance file, or published name.")
]
RegistryOption = Annotated[
    str, typer.Option(metavar="URL|FOLDER", help="Registry to use (default: STANCE_REGISTRY, or the configuration's).")
]
ModelArgument = Annotated[
    str, typer.Argument(metavar="MODEL", help="Bundled model name, path of a .stance file, or published name.")
]


def print_json(row: object) -> None:
    """Print one JSON object on a line."""
    print(json.dumps(row, ensure_ascii=False))


def publish(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A .stance file.")],
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Folder of the registry; made if missing.")],
    name: Annotated[str, typer.Option(help="Name to publish under (default: the model's).")] = "",
    version: Annotated[str, typer.Option(help="Version to publish as (default: the model's).")] = "",
    licence: Annotated[str, typer.Option(help="SPDX name of the model's licence.")] = "other",
    card: Annotated[Path | None, typer.Option(metavar="FILE", help="Markdown that opens the model card.")] = None,
) -> None:
    """Add a model to a registry: a folder that any static web server can serve.

    Example: stance publish mine.stance --to registry --licence MIT
    """
    from stance.files import read_text
    from stance.publish import publish_model

    about = read_text(card) if card else ""
    entry = publish_model(model, to, name=name, version=version, licence=licence, card=about)
    print(f"{entry.name}=={entry.version}@sha256:{entry.sha256}")
    print(f"stance: published in {to}; serve it, for example, with: python -m http.server -d {to}", file=sys.stderr)


def download(
    model: Annotated[str, typer.Argument(metavar="NAME[==VERSION][@sha256:DIGEST]", help="What to fetch.")],
    registry: RegistryOption = "",
) -> None:
    """Fetch a published model into the cache and print its path.

    Example: stance download s400==1 --registry https://example.org/models
    """
    from stance.registry import download_model

    with _progress(model) as advance:
        path = download_model(model, registry or None, progress=advance)
    print(path)


def models(registry: RegistryOption = "", as_json: JsonOption = False) -> None:
    """List the models of a registry; without one, those in the cache.

    Example: stance models --registry https://example.org/models
    """
    from dataclasses import asdict

    from stance.registry import available_models

    entries = available_models(registry or None)
    if as_json:
        for entry in entries:
            print_json(asdict(entry))
        return
    from stance.display import print_models

    print_models(entries)
    print(f"stance: the model {BUNDLED} is bundled and needs no registry", file=sys.stderr)


def inspect(model: ModelArgument = BUNDLED, as_json: JsonOption = False) -> None:
    """Show what a model file says of itself, and its strongest words, without loading it as a model.

    Example: stance inspect s400
    """
    from stance.artifact import read_tables

    manifest, tables = read_tables(find_model(model))
    top = {label: tables.strongest_words(column, 10) for column, label in enumerate(manifest["labels"])}
    if as_json:
        print_json({**manifest, "top_words": top})
    else:
        from stance.display import print_manifest

        print_manifest(manifest, top)


def verify(as_json: JsonOption = False) -> None:
    """Check every model in the cache against its digest; damaged ones are removed, other people's files never.

    Example: stance verify
    """
    from stance.cache import Cache

    cache = Cache()
    checked = cache.verify()
    for file in checked:
        if as_json:
            print_json({"path": str(file.path), "state": file.state, "names": file.names})
        else:
            print(f"{file.state}: {file.path} {' '.join(file.names)}".rstrip())
    print(f"stance: {counted(len(checked), 'file')} in {cache.root}", file=sys.stderr)
    if any(file.state.startswith("damaged") for file in checked):
        raise typer.Exit(1)


def export(
    model: ModelArgument,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="A .json file, or a .joblib file.")],
    data: Annotated[
        Path | None, typer.Option(metavar="DATA", help="For .joblib: the data set the model was trained on.")
    ] = None,
) -> None:
    """Write a model for research: .json holds the tables as text, .joblib the full scikit-learn estimator.

    Example: stance export s400 --to s400.json
    """
    from stance.export import export_estimator, export_json

    path = find_model(model)
    if to.suffix == ".json":
        export_json(path, to)
    elif to.suffix == ".joblib":
        if data is None:
            raise InputError(f"{to}: the estimator is fitted again from its data; give them with --data DATA")
        print("stance: a .joblib file runs code when it is opened: open only those you made yourself", file=sys.stderr)
        export_estimator(path, data, to)
    else:
        raise InputError(f"{to}: expected a name that ends in .json or .joblib")
    print(f"stance: wrote {to}", file=sys.stderr)


VERBS = (publish, download, models, inspect, verify, export)


@contextmanager
def _progress(name: str) -> Iterator[Progress]:
    """Show a bar on a terminal's stderr while a model is fetched."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(name)
        yield lambda done, total: bar.update(task, completed=done, total=total)
