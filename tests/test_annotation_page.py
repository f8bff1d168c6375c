"""The commands of docs/annotation.md, run as written, on sentences of the data set with two simulated annotators."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from stance.dataset import Dataset
from stance.labels import LABELS
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "annotation.md").read_text()


def run(command: str, folder: Path) -> str:
    """Run one command line of the page in `folder` and return what it says on stderr."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path}
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stderr


def annotate(folder: Path, gold: dict[str, tuple[str, ...]]) -> None:
    """Write an export with more sentences than the first batch, labelled by the readers of the data set."""
    tasks = json.loads((folder / "first.json").read_text())
    tasks += [{"data": {"text": text}} for text in list(gold)[-200:]]
    for number, task in enumerate(tasks):
        readings = gold[task["data"]["text"]][:2]
        task["id"] = number
        task["data"].pop("id", None)
        task["annotations"] = [
            {"completed_by": by, "result": [{"type": "choices", "value": {"choices": [label]}}]}
            for by, label in enumerate(readings, 1)
        ]
    (folder / "export.json").write_text(json.dumps(tasks))


def test_the_commands_run_as_written(data: Dataset, tmp_path: Path) -> None:
    pytest.importorskip("cleanlab")
    examples = data.examples[::60]
    gold = {example.text: example.readings for example in examples}
    (tmp_path / "pool.txt").write_text("".join(text + "\n" for text in list(gold)[:-200]))
    (tmp_path / "foreign.csv").write_text("sentence,label\nFor it.,favor\nAgainst it.,against\n")
    commands = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
    assert [line.split()[1] for line in commands] == ["suggest", "convert", "convert", "agree", "audit", "suggest"]
    told = [run(commands[0], tmp_path)]
    annotate(tmp_path, gold)
    told += [run(command, tmp_path) for command in commands[1:]]
    assert "spread over the pool" in told[0]
    assert "1 oppose, 1 support" in told[2]
    assert "disagreements" in told[3]
    second = json.loads((tmp_path / "second.json").read_text())
    first = {task["data"]["text"] for task in json.loads((tmp_path / "first.json").read_text())}
    assert len(second) == 40
    assert not first & {task["data"]["text"] for task in second}
    assert all(task["predictions"] for task in second)


def test_the_labelling_interface_has_the_names_that_are_read() -> None:
    (interface,) = re.findall(r"```xml\n(.*?)```", PAGE, re.DOTALL)
    tree = ET.fromstring(interface)
    assert [choice.get("value") for choice in tree.iter("Choice")] == list(LABELS)
    controls = {
        control.get("name"): control.get("toName") for control in (*tree.iter("Choices"), *tree.iter("TextArea"))
    }
    assert controls == {"label": "text", "note": "text"}
