"""Lines of text files, packed or not, in bounded memory."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from stance.files import MAX_LINE
from stance.parquet import import_pyarrow
from stance.sources import Source

UNREADABLE = (EOFError, OSError, zlib.error)
"""What damaged packed files raise."""


class RecordError(ValueError):
    """Why a line or row is no record; never leaves the readers."""


class Lines:
    """Lines of a binary file from `position` on, as many as start before `stop`.

    Of a line longer than `MAX_LINE` bytes, one byte more than that is kept in memory and the rest skipped.
    """

    def __init__(self, file: IO[bytes], position: int = 0, stop: int | None = None) -> None:
        self.number = 0  #: of the line read last
        self.offset = position  #: of its first byte
        self.next = position  #: of the byte behind it
        self._file = file
        self._stop = stop

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> bytes:
        if self._stop is not None and self.next >= self._stop:
            raise StopIteration
        line = self._file.readline(MAX_LINE + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.offset = self.next
        self.next += len(line)
        rest = line
        while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
            rest = self._file.readline(MAX_LINE + 1)
            self.next += len(rest)
        return line if self.offset or len(line) > MAX_LINE else line.removeprefix(b"\xef\xbb\xbf")

    def place(self) -> dict[str, int]:
        """Return where the line read last stands."""
        return {"line": self.number, "byte": self.offset}


@contextmanager
def opened(source: Source) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Open a text format; yield its unpacked content, and the file itself, whose position tells how much is read."""
    with Path(source.path).open("rb") as raw:
        if source.packing == "gzip":
            with gzip.open(raw) as content:
                yield content, raw  # type: ignore[misc]
        elif source.packing == "zstd":
            pyarrow = import_pyarrow(source.path)
            with io.BufferedReader(pyarrow.CompressedInputStream(pyarrow.PythonFile(raw, "r"), "zstd")) as content:
                yield content, raw
        else:
            yield raw, raw


def lines_from(file: IO[bytes], start: int, stop: int | None) -> Lines:
    """Return the lines that start within a range: a line that straddles its start belongs to the range before."""
    if not start:
        return Lines(file, 0, stop)
    file.seek(start - 1)
    before = Lines(file, start - 1)
    next(before, b"")
    return Lines(file, before.next, stop)


def decode(line: bytes, lines: Lines) -> str:
    """Return a line as text, or raise `RecordError`."""
    if len(line) > MAX_LINE:
        raise RecordError(f"a line of {lines.next - lines.offset:,} bytes; expected at most {MAX_LINE:,}")
    if b"\0" in line:
        raise RecordError("a NUL byte, as in binary or UTF-16 files; expected UTF-8 text")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise RecordError(f"byte {line[error.start]:#04x} at column {error.start + 1} is not UTF-8") from None
