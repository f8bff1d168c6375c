"""The files of annotation tools: tasks and exports of Label Studio (JSON, JSON-MIN) and of doccano (JSONL).

A reader yields rows, as `stance.dataset.to_row` gives them, or what it had to leave out and why. Label Studio keeps
the annotations of a task beside its data and names the annotator by number or e-mail address; ours are in a control
called ``label`` on a text called ``text``, notes in a control called ``note`` (see docs/annotation.md). A doccano
export holds one annotator's labels, or those that all agreed on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from stance.dataset import Example, majority, to_row
from stance.errors import DataError
from stance.files import read_text
from stance.rows import Rows, Skipped, json_rows


def read_label_studio(path: Path) -> Rows:
    """Yield the tasks of a Label Studio export or import file, JSON or JSON-MIN.

    Cancelled annotations and those without exactly one choice are left out; pre-annotations are no labels.

    Raises
    ------
    DataError
        If the file is not a JSON list of tasks.
    """
    try:
        tasks = json.loads(read_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"{path}: not JSON ({error}); expected an export of Label Studio") from None
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise DataError(f"{path}: expected a JSON list of tasks, as Label Studio exports them")
    for number, task in enumerate(tasks, 1):
        where = f"{path}: task {task.get('id', number)}"
        if isinstance(task.get("data"), dict):
            yield from _task(where, task)
        else:
            yield from _one_label(where, task, _choices(task.get("label")))


def write_label_studio(examples: Iterable[Example], predictions: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    """Return the tasks of `examples` as JSON, readings as annotations.

    Parameters
    ----------
    examples : iterable of Example
    predictions : mapping, optional
        For ids, a pre-annotation: ``label``, ``score`` within 0 and 1 and ``model``.
    """
    tasks = []
    for example in examples:
        task: dict[str, Any] = {"data": _data(example)}
        if annotations := list(_annotations(example)):
            task["annotations"] = annotations
        if guess := (predictions or {}).get(example.id):
            result = [_choice(str(guess["label"]))]
            task["predictions"] = [{"model_version": guess["model"], "score": guess["score"], "result": result}]
        tasks.append(task)
    return json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"


def read_doccano(path: Path) -> Rows:
    """Yield the rows of a doccano file (JSONL, text classification); those with several labels are left out.

    Raises
    ------
    DataError
        At a line that is not a JSON object.
    """
    for number, row in json_rows(path):
        where = f"{path}:{number}"
        if not isinstance(row, dict):
            raise DataError(f"{where}: a {type(row).__name__}; expected an object with text and label")
        found = dict(row)
        if comments := found.pop("Comments", None):
            found["notes"] = [*(found.get("notes") or []), *comments]
        yield from _one_label(where, found, _choices(found.get("label", found.pop("labels", None))))


def write_doccano(examples: Iterable[Example]) -> str:
    """Return the lines of `examples` for doccano: the label, or a pre-annotation, as a list."""
    rows = (to_row(example) | {"label": [example.label] if example.label else []} for example in examples)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _one_label(where: str, row: dict[str, Any], labels: Sequence[Any]) -> Rows:
    """Yield the row with its label, unless it has several or marks spans of the text."""
    if any(not isinstance(label, str) for label in labels):
        yield Skipped(where, "labels parts of the text; expected one label for the whole")
    elif len(labels) > 1:
        yield Skipped(where, f"{len(labels)} labels ({', '.join(labels)}); expected one")
    else:
        yield where, row | {"label": labels[0] if labels else None}


def _choices(value: Any) -> list[Any]:
    """Return the labels in a field: a label, a list of them, or Label Studio's object of choices."""
    if isinstance(value, Mapping):
        value = value.get("choices")
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list) else [str(value)]


def _task(where: str, task: dict[str, Any]) -> Rows:
    row = {"id": task.get("id")} | task["data"]
    found: list[tuple[str, str, str]] = []  # reader, label, note
    for annotation in task.get("annotations") or task.get("completions") or []:
        place = f"{where}, annotation {annotation.get('id', len(found) + 1)}"
        results = [result for result in annotation.get("result") or [] if isinstance(result, dict)]
        labels = [label for result in results if result.get("type") == "choices" for label in _choices(result["value"])]
        if annotation.get("was_cancelled"):
            yield Skipped(place, "cancelled by its annotator")
        elif len(labels) != 1:
            yield Skipped(place, f"{len(labels)} choices; expected one")
        else:
            notes = (_written(result) for result in results if result.get("type") == "textarea")
            found.append((_reader(annotation.get("completed_by")), labels[0], "\n".join(notes)))
    yield where, row | _readings(found, row)


def _readings(found: Sequence[tuple[str, str, str]], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a task's annotations fill."""
    if not found:
        return {}
    readers, labels, notes = (list(column) for column in zip(*found, strict=True))
    fields: dict[str, Any] = {"notes": notes} if any(notes) else {}
    if any(readers):
        return fields | {"readings": labels, "readers": [reader or "unknown" for reader in readers]}
    if "readings" in row:  # of readers without a name: as they were written
        return fields
    return fields | ({"label": labels[0]} if len(labels) == 1 else {"readings": labels})


def _reader(completed_by: Any) -> str:
    if isinstance(completed_by, Mapping):
        completed_by = completed_by.get("email") or completed_by.get("id")
    return "" if completed_by is None else str(completed_by)


def _written(result: Mapping[str, Any]) -> str:
    text = result["value"].get("text", "")
    return "\n".join(map(str, text)) if isinstance(text, list) else str(text)


def _data(example: Example) -> dict[str, Any]:
    """Return the fields of a task that its annotations do not hold."""
    data = {name: value for name, value in to_row(example).items() if value is not None}
    if not example.readings or example.label == majority(example.readings):
        data.pop("label", None)
    if example.readers:
        del data["readings"], data["readers"]
    if example.notes and len(example.notes) == len(example.readings):
        del data["notes"]
    return data


def _annotations(example: Example) -> Iterator[dict[str, Any]]:
    labels = example.readings or ((example.label,) if example.label else ())
    notes = example.notes if len(example.notes) == len(labels) and example.readings else ("",) * len(labels)
    for place, (label, note) in enumerate(zip(labels, notes, strict=True)):
        result = [_choice(label)]
        if note:
            result.append({"from_name": "note", "to_name": "text", "type": "textarea", "value": {"text": [note]}})
        annotation: dict[str, Any] = {"result": result}
        if example.readers:
            reader = example.readers[place]
            numbered = reader.isdecimal() and str(int(reader)) == reader
            annotation["completed_by"] = int(reader) if numbered else {"email": reader}
        yield annotation


def _choice(label: str) -> dict[str, Any]:
    return {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [label]}}
