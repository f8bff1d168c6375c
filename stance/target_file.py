"""The content of ``target.json``, checked before a target is made of it: a slip here would go unnoticed for long."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from stance.actors import Actor, load_actors
from stance.colours import PALETTE
from stance.errors import DataError
from stance.files import read_bytes
from stance.labels import Stance
from stance.text import normalize

FIELDS: dict[str, type] = {
    "name": str, "version": int, "description": str, "labels": list, "actors": str, "topic": list, "home": str,
}  # fmt: skip
LABEL_FIELDS: dict[str, type] = {
    "name": str, "definition": str, "colour": str, "stance": bool, "excluded": list, "usual": list, "implied": str,
}  # fmt: skip

_KINDS = {str: "text", int: "a whole number", bool: "true or false", list: "a list"}
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_SHAPE = (
    'expected a list of alternatives, each a list of lists of beginnings of words: [[["nord", "baltic"], ["pipe"]]]'
)

Topic = tuple[tuple[tuple[str, ...], ...], ...]


def read_target_file(path: Path) -> dict[str, Any]:
    """Return the fields of a target file: ``actors`` read, ``topic`` folded, ``labels`` as arguments of a `Label`.

    Raises
    ------
    DataError
        If the file or its actors cannot be read, or a field is not what it should be.
    """
    data = read_bytes(path)
    try:
        facts = _fields(_parsed(data), FIELDS, ("name", "description"), "")
        labels, topic = _labels(facts.get("labels", ())), _topic(facts.get("topic", ()))
    except ValueError as error:
        raise DataError(f"{path}: {error}") from None
    actors = load_actors(path.parent / facts["actors"]) if facts.get("actors") else ()
    try:
        _check_names(labels, actors)
    except ValueError as error:
        raise DataError(f"{path}: {error}") from None
    return facts | {"labels": labels, "topic": topic, "actors": actors}


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        row = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        found = f"byte {error.start + 1} is not UTF-8"
    except json.JSONDecodeError as error:
        found = f"no JSON: {error.msg} in line {error.lineno}, column {error.colno}"
    except RecursionError:
        found = "nested too deeply"
    else:
        if isinstance(row, dict):
            return row
        found = "no JSON object"
    raise ValueError(f"not a target ({found}); expected a target's folder, or its target.json")


def _fields(row: Mapping[str, Any], known: Mapping[str, type], needed: Iterable[str], where: str) -> dict[str, Any]:
    """Return the fields of an object that are not null, each of the type it should have."""
    found = {name: value for name, value in row.items() if value is not None}
    foreign, missing = [name for name in row if name not in known], [name for name in needed if name not in found]
    if foreign or missing:
        what = f"unknown field {foreign[0]!r}" if foreign else f"no {missing[0]!r}"
        raise ValueError(f"{where}{what}; expected {', '.join(known)}")
    for name, value in found.items():
        kind = known[name]
        if type(value) is not kind:
            raise ValueError(f"{where}{name} is {value!r:.60}; expected {_KINDS[kind]}")
    return found


def _topic(alternatives: Sequence[Any]) -> Topic:
    """Return a topic whose beginnings of words are written as `stance.text.normalize` writes words."""
    return tuple(
        tuple(tuple(_beginning(word) for word in _filled(group)) for group in _filled(needed))
        for needed in alternatives
    )


def _filled(part: Any) -> list[Any]:
    if not isinstance(part, list) or not part:
        raise ValueError(f"topic holds {json.dumps(part, ensure_ascii=False):.60}; {_SHAPE}")
    return part


def _beginning(word: Any) -> str:
    folded = normalize(word) if isinstance(word, str) else ""
    if not folded:
        raise ValueError(f"topic holds {json.dumps(word, ensure_ascii=False):.60}; {_SHAPE}")
    if " " in folded:
        apart = json.dumps([[part] for part in folded.split()], ensure_ascii=False)
        raise ValueError(f"topic holds {word!r:.60}, which is no beginning of one word; write {apart} to ask for each")
    return folded


def _labels(rows: Sequence[Any]) -> tuple[dict[str, Any], ...]:
    """Return the arguments of labels from names or objects, each with a colour."""
    labels: list[dict[str, Any]] = []
    for row in rows:
        label = _label(row, PALETTE[len(labels) % len(PALETTE)])
        if label["name"] in {before["name"] for before in labels}:
            raise ValueError(f"label {label['name']!r} stands there twice; expected each once")
        labels.append(label)
    if sum(not label["is_stance"] for label in labels) > 1 or (labels and not any(row["is_stance"] for row in labels)):
        raise ValueError("expected labels of which at least one is a stance and at most one is none")
    return tuple(labels)


def _label(row: Any, colour: str) -> dict[str, Any]:
    if not isinstance(row, (str, dict)):
        raise ValueError(f"a label is {row!r:.60}; expected a name, or an object with {', '.join(LABEL_FIELDS)}")
    where = f"label {row if isinstance(row, str) else row.get('name')}: "
    fields = _fields({"name": row} if isinstance(row, str) else row, LABEL_FIELDS, ("name",), where)
    if not fields["name"].strip():
        raise ValueError("a label's name is empty; expected a word")
    colour = (fields.pop("colour", "") or colour).lower()
    if not _COLOUR.fullmatch(colour):
        raise ValueError(f"colour of {fields['name']} is {colour!r}; expected #rrggbb")
    is_stance = fields.pop("stance", fields["name"] != Stance.NONE.value)
    sides = {field: _texts(fields.get(field, []), f"{where}{field}") for field in ("excluded", "usual")}
    return fields | sides | {"colour": colour, "is_stance": is_stance}


def _texts(values: Sequence[Any], what: str) -> tuple[str, ...]:
    for value in values:
        if not isinstance(value, str):
            raise ValueError(f"{what} holds {value!r:.60}; expected text")
    return tuple(values)


def _check_names(labels: Iterable[Mapping[str, Any]], actors: Sequence[Actor]) -> None:
    """Raise ValueError if a label names a side or an actor that the file of actors does not know."""
    sides = {side for actor in actors for side, _ in actor.sides}
    for label in labels:
        for field in ("excluded", "usual"):
            foreign = [side for side in label[field] if side not in sides]
            if foreign:
                known = ", ".join(sorted(sides)) or "a file of actors with sides"
                raise ValueError(
                    f"label {label['name']}: {field} names {foreign[0]!r}, no actor's side; expected {known}"
                )
        implied = label.get("implied")
        if implied and implied not in {actor.name for actor in actors}:
            raise ValueError(f"label {label['name']}: implied is {implied!r}; expected the name of an actor")
