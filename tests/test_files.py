from __future__ import annotations

import stat
from pathlib import Path

import pytest

from stance import files
from stance.errors import DataError, StanceError
from stance.files import MAX_LINE, decode_lines, read_bytes, write_bytes, write_text


def test_writing_replaces_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    write_text(path, "new")
    assert path.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~files._umask()


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(StanceError, match="No space left"):
        write_bytes(path, b"new")
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_reading_errors(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_bytes(tmp_path / "none")
    with pytest.raises(DataError, match="cannot be read"):
        read_bytes(tmp_path)


def test_lines_are_numbered_and_blank_ones_left_out() -> None:
    assert list(decode_lines(b"\xef\xbb\xbfone\r\n\n  two\n", "x")) == [(1, "one"), (3, "two")]


def test_the_longest_line() -> None:
    assert len(list(decode_lines(b"x" * MAX_LINE, "x"))) == 1
    with pytest.raises(DataError, match="split it first"):
        list(decode_lines(b"x" * (MAX_LINE + 1), "x"))
