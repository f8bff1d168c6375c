"""The documentation does what it says: commands run, code runs, tables follow from records, links lead somewhere."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiments import tables
from stance.dataset import load_dataset
from stance.model import Model
from tests.conftest import ROOT

DOCUMENTS = [
    ROOT / name
    for name in (
        *tables.DOCUMENTS,
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "datasets/s400/GUIDELINES.md",
        "docs/corpus.md",
        "docs/own-target.md",
    )
]


@pytest.mark.parametrize("name", tables.DOCUMENTS)
def test_tables_are_current(name: str) -> None:
    assert not tables.refresh(ROOT / name, write=False)


def test_a_stale_table_is_found(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text()
    stale = re.sub(r"0\.\d{3} \(", "0.999 (", text, count=1)
    assert stale != text
    (tmp_path / "README.md").write_text(stale)
    assert tables.refresh(tmp_path / "README.md", write=True)
    assert (tmp_path / "README.md").read_text() == text


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    blocks += re.findall(r"```python\n(import pandas.*?)```", (ROOT / "docs" / "corpus.md").read_text(), re.DOTALL)
    assert len(blocks) >= 3
    shutil.copytree(ROOT / "datasets", tmp_path / "datasets")
    for code in blocks:
        subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, capture_output=True)


def test_the_model_card_tells_the_truth_about_failures(model: Model) -> None:
    rows = re.findall(
        r"^\| [^|]+ \| ([^|]+) \| (\w+) \| (\w+) \|$", (ROOT / "docs" / "model-card.md").read_text(), re.M
    )
    assert len(rows) >= 5
    for text, says, meant in rows:
        assert model.predict([text])[0] == says != meant


def test_every_verb_is_documented() -> None:
    readme = (ROOT / "README.md").read_text()
    help_text = subprocess.run([sys.executable, "-m", "stance", "--help"], capture_output=True, text=True, check=True)
    verbs = re.findall(r"^  ([a-z][a-z-]+)  ", help_text.stdout, re.MULTILINE)
    assert len(verbs) >= 5
    assert all(re.search(f"`stance {verb}[ `]", readme) for verb in verbs)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
        assert (path.parent / link).exists(), link


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"`?make ([a-z ]+)`?", (ROOT / "README.md").read_text()))
    for target in {
        word for words in named for word in words.split() if word in ("run", "test", "lint", "train", "docs")
    }:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_changelog_names_this_version() -> None:
    version = re.search(r"^version = (\S+)", (ROOT / "setup.cfg").read_text(), re.MULTILINE)
    assert version
    assert f"## {version[1]} " in (ROOT / "CHANGELOG.md").read_text()


def test_the_page_on_your_own_target_runs(tmp_path: Path) -> None:
    data = load_dataset(ROOT / "datasets" / "nord-stream-2")
    picked = {"sentences.csv": data.subset("train").examples[:300], "more.csv": data.subset("test").examples}
    for name, examples in picked.items():
        with (tmp_path / name).open("w", newline="") as file:
            csv.writer(file).writerows([("text", "label", "fragment"), *((e.text, e.label, e.group) for e in examples)])
    (tmp_path / "articles").mkdir()
    held_out = data.subset("valid", "test").texts
    for number in range(20):
        story = "The Nord Stream 2 pipeline divides Europe.\n\n" + "\n\n".join(held_out[number * 5 : number * 5 + 5])
        (tmp_path / "articles" / f"{number + 1:02}.txt").write_text(story)
    page = (ROOT / "docs" / "own-target.md").read_text()
    script = "set -e\n" + "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "20 articles" in done.stderr
    assert "What the labels mean" not in (tmp_path / "report.html").read_text()  # no definition was written yet
    assert "McNemar" in done.stdout
    assert (tmp_path / "registry" / "index.json").exists()
