"""Which files are read follows from arguments and names."""

from __future__ import annotations

from pathlib import Path

import pytest

from stance.errors import InputError
from stance.sources import find_sources


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b/x.jsonl", "b/y.csv.gz", "a.parquet", "notes.txt", ".hidden/z.csv", "_tmp.csv", "out/parts/p.jsonl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def test_folders_patterns_and_files(tree: Path) -> None:
    found, ignored = find_sources([tree], tree / "out")
    assert [Path(s.path).name for s in found] == ["a.parquet", "x.jsonl", "y.csv.gz"]
    assert [(s.kind, s.packing) for s in found] == [("parquet", ""), ("jsonl", ""), ("csv", "gzip")]
    assert ignored == [str(tree / "notes.txt")]
    found, _ = find_sources([f"{tree}/b/*.jsonl", tree / "b" / "x.jsonl", tree / "a.parquet"], tree / "out")
    assert [Path(s.path).name for s in found] == ["x.jsonl", "a.parquet"]


def test_a_change_is_seen(tree: Path) -> None:
    (source,), _ = find_sources([tree / "a.parquet"], tree / "out")
    assert source.changed() == ""
    (tree / "a.parquet").write_text("longer")
    assert source.changed() == "has changed"
    (tree / "a.parquet").unlink()
    assert "No such file" in source.changed()


@pytest.mark.parametrize(
    ("name", "message"),
    [("nowhere", "no such file"), ("notes.txt", "cannot tell the format"), ("out", "no files to score")],
)
def test_inputs_that_lead_nowhere(tree: Path, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        find_sources([tree / name], tree / "out")
    with pytest.raises(InputError, match="resume"):
        find_sources(["-"], tree / "out")
