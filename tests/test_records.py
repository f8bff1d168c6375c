"""Every damaged record is told with its place, and costs no other record."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.errors import DataError
from stance.files import MAX_LINE
from stance.lines import Lines, lines_from
from stance.records import Batch, csv_header, read_csv, read_json
from stance.sources import Source, find_sources

DAMAGED = {
    b'{"text": "cut': "not JSON",
    b"[1]": "a list; expected an object",
    b"null": "null; expected an object",
    b"{}": "no field 'text'",
    b'{"text": null}': "text is null",
    b'{"text": 5}': "text is a number",
    b'{"text": " "}': "text is empty",
    b'{"text": "\xfd"}': "byte 0xfd at column 11 is not UTF-8",
    b'{"text": "\\ud800"}': "half of a surrogate pair",
    b'{"text": "a", "label": 1}': "has the field label",
    b"\0": "a NUL byte",
    b"[" * 100_000: "not JSON",
    b'{"text": "' + b"x" * 10_000_000 + b'"}': "a line of 10,000,013 bytes",
}


def source_of(path: Path) -> Source:
    (found,), _ = find_sources([path], path.parent / "out")
    return found


def read(path: Path, start: int = 0, stop: int | None = None, limit: int = 3) -> list[Batch]:
    return list(read_json(source_of(path), start, stop, "text", frozenset({"label"}), limit))


def test_damaged_lines_are_told_and_the_others_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b"".join(line + b'\n{"text": "good"}\r\n\n' for line in DAMAGED))
    batches = read(path)
    assert [text for batch in batches for text in batch.texts] == ["good"] * len(DAMAGED)
    rejected = [r for batch in batches for r in batch.rejected]
    assert [r.place["line"] for r in rejected] == [1 + 3 * i for i in range(len(DAMAGED))]
    for found, (line, reason) in zip(rejected, DAMAGED.items(), strict=True):
        assert reason in found.reason
        assert path.read_bytes()[found.place["byte"] :].removeprefix(b"\xef\xbb\xbf").startswith(line[:20])
    assert [batch.first for batch in batches] == [3 * i for i in range(len(batches))]


def test_numbers_that_are_none_are_null(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a", "v": NaN}\n')
    assert read(tmp_path / "a.jsonl")[0].rows == [{"text": "a", "v": None}]


@given(st.lists(st.text(st.characters(exclude_characters="\n\0", codec="utf-8"), max_size=20)), st.integers(1, 60))
def test_ranges_of_bytes_share_out_every_line_once(texts: list[str], step: int) -> None:
    data = "\n".join(texts).encode()
    found = []
    for start in range(0, len(data), step):
        found += list(lines_from(io.BytesIO(data), start, min(start + step, len(data))))
    assert b"".join(found) == data.removeprefix(b"\xef\xbb\xbf")
    assert len(found) == len(list(Lines(io.BytesIO(data))))


def test_an_endless_line_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)  # a sparse file: NUL bytes without a line break
        file.seek(0, 2)
        file.write(b'\n{"text": "good"}\n')
    tracemalloc.start()
    batches = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * MAX_LINE
    assert batches[0].texts == ["good"]
    assert "a line of 2,000,000,001 bytes" in batches[0].rejected[0].reason


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_a_truncated_packed_file_gives_what_it_holds(tmp_path: Path, ending: str) -> None:
    content = b"".join(b'{"text": "%d is a number"}\n' % i for i in range(50_000))
    path = tmp_path / f"a.jsonl.{ending}"
    with pa.output_stream(path, compression={"gz": "gzip", "zst": "zstd"}[ending]) as file:
        file.write(content)
    whole = path.read_bytes()
    assert sum(len(batch.texts) for batch in read(path, limit=1000)) == 50_000
    path.write_bytes(whole[: len(whole) // 2])
    batches = read(path, limit=1000)
    read_lines = sum(len(batch.texts) for batch in batches)
    assert 0 <= read_lines < 50_000
    assert "cannot be read from here on" in batches[-1].rejected[-1].reason
    assert batches[-1].rejected[-1].place == {"line": read_lines + 1}


def test_csv_knows_quotations_and_tells_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        b'\xef\xbb\xbfid,text\r\n1,"two\r\nlines, ""quoted"""\r\n2\r\n3,\xfd\r\n\r\n4,\r\n5,good\r\n'
        b'6,"' + b"y" * 2_000_000 + b'"\r\n7,last\r\n'
    )
    source = source_of(path)
    assert csv_header(source) == ["id", "text"]
    batches = list(read_csv(source, "text", ["id", "text"], 2))
    assert [row for batch in batches for row in batch.rows] == [
        {"id": "1", "text": 'two\r\nlines, "quoted"'},
        {"id": "5", "text": "good"},
        {"id": "7", "text": "last"},
    ]
    rejected = [(r.place["line"], r.reason) for batch in batches for r in batch.rejected]
    assert [line for line, _ in rejected] == [4, 5, 7, 9]
    for (_, reason), part in zip(rejected, ["1 fields; expected 2", "0xfd", "text is empty", "a line of"], strict=True):
        assert part in reason


def test_an_open_quotation_swallows_a_bounded_part(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(b'id\ttext\n1\t"open\n' + b"2\tsome words of a line\n" * 100_000)
    batches = list(read_csv(source_of(path), "text", ["id", "text"], 1000))
    (rejected,) = [r for batch in batches for r in batch.rejected]
    assert "field larger than field limit" in rejected.reason
    assert rejected.place["line"] == 2
    assert 0 < sum(len(batch.texts) for batch in batches) == 100_001 - rejected.place["lines"]


@pytest.mark.parametrize(("content", "reason"), [(b"", "no header"), (b"a,a\n", "each once"), (b"\xff,b\n", "UTF-8")])
def test_a_csv_file_without_a_header_is_an_error(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match=reason):
        csv_header(source_of(tmp_path / "a.csv"))
