"""Make the folder of a new target: what `stance.target` and `stance.dataset` read, and what people fill in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from stance.colours import PALETTE
from stance.dataset import load_dataset
from stance.errors import InputError
from stance.files import read_bytes, write_bytes, write_text
from stance.target import FILE, NONE, load_target

GREY = "#6b7280"
EXAMPLE_ACTOR: dict[str, Any] = {
    "name": "Example Person",
    "kind": "person",
    "country": "Example Country",
    "sides": [["Example Government", "2019-05-01", "2023-04-30"], ["Example Opposition", "2023-05-01", None]],
    "aliases": ["E. Person"],
    "offices": [["energy minister", "Example Country", "2019-05-01", "2023-04-30"]],
}
"""An actor that shows every field; it stands in the file until real ones replace it."""


def new_target(
    folder: str | Path,
    labels: Sequence[str] = (),
    *,
    no_stance: str = "none",
    description: str = "",
    data: str | Path | None = None,
) -> None:
    """Make a target's folder: ``target.json``, ``actors.jsonl``, ``GUIDELINES.md``, ``README.md`` and ``sentences/``.

    Parameters
    ----------
    folder : str or Path
        New or empty.
    labels : sequence of str
        Stances from one end to the other, and the label of no stance; by default those of `data`, by name.
    no_stance : str
        Which of them is no stance, if any is.
    description : str
        What the stances are toward.
    data : str or Path, optional
        Labelled sentences, ``.csv`` or ``.jsonl``, that are copied into ``sentences/``.

    Raises
    ------
    InputError
        If the folder holds something, there are no labels, the data hold others, or `no_stance` is none of them.
    DataError
        If the data cannot be read.
    """
    folder = Path(folder)
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise InputError(f"{folder}: is there already and not empty; choose a new folder")
    found = set(load_dataset(data).labels) if data else set()
    names = list(labels) or sorted(found, key=lambda name: (name == no_stance, name))
    _check(names, found, no_stance, data)
    (folder / "sentences").mkdir(parents=True, exist_ok=True)
    about = _about(folder.resolve().name, names, no_stance, description)
    write_text(folder / FILE, json.dumps(about, indent=1, ensure_ascii=False) + "\n")
    write_text(folder / "actors.jsonl", json.dumps(EXAMPLE_ACTOR) + "\n")
    for name in ("README.md", "GUIDELINES.md"):
        write_text(folder / name, _page(f"target.{name}.j2", about, Path(data).name if data else ""))
    if data:
        write_bytes(folder / "sentences" / Path(data).name, read_bytes(data))
    load_target(folder)  # what was written must load


def _check(names: Sequence[str], found: set[str], no_stance: str, data: str | Path | None) -> None:
    if not names:
        raise InputError("no labels; name them, such as support,softening,oppose,none, or give labelled sentences")
    stances = [name for name in names if name != no_stance]
    if len(set(names)) != len(names) or len(names) < 2 or not stances:
        raise InputError(f"labels are {', '.join(names)}; expected two or more distinct ones, one a stance at least")
    if no_stance not in (*names, NONE):  # not all targets have a label of the default name
        raise InputError(f"the label of no stance is {no_stance!r}; expected one of {', '.join(names)}")
    foreign = sorted(found - set(names))
    if foreign:
        raise InputError(f"{data}: has the labels {', '.join(foreign)} too; expected only {', '.join(names)}")


def _about(name: str, names: Sequence[str], no_stance: str, description: str) -> dict[str, Any]:
    """Return what ``target.json`` says."""
    rows: list[dict[str, Any]] = []
    for place, label in enumerate(names):
        stance = label != no_stance
        row = {"name": label, "definition": "", "colour": PALETTE[place % len(PALETTE)] if stance else GREY}
        rows.append(row | {"stance": stance})
    facts = {"name": name, "version": 1, "description": description or name, "labels": rows}
    return facts | {"actors": "actors.jsonl", "topic": []}


def _page(template: str, about: dict[str, Any], data: str) -> str:
    from jinja2 import Environment

    text = (files("stance") / "templates" / template).read_text("utf-8")
    environment = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    return environment.from_string(text).render(about, data=data, example=json.dumps(EXAMPLE_ACTOR))
