"""Reading and writing files without leaving halves behind."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from stance.errors import DataError, StanceError

MAX_LINE = 1_000_000
"""Longest line accepted in a text file, in bytes: a longer one is no sentence."""

OnError = Callable[[DataError], object]
"""What to do about something that cannot be read before going on with the next."""


@contextmanager
def replacing(path: str | Path) -> Iterator[IO[bytes]]:
    """Yield a file that becomes `path` in one step when the block ends, and is removed if it fails.

    Raises
    ------
    StanceError
        If the folder cannot be written to, or the disk is full.
    """
    path = Path(path)
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise StanceError(f"{path}: cannot write here ({error.strerror}); choose another place") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        Path(temporary).chmod(0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        _discard(temporary)
        raise StanceError(f"{path}: cannot write ({error.strerror}); free space or choose another file") from None
    except BaseException:
        _discard(temporary)
        raise


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` to `path` in one step: a reader sees the old file or the new one, never a part.

    Raises
    ------
    StanceError
        If the folder cannot be written to.
    """
    with replacing(path) as file:
        file.write(data)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8 in one step."""
    write_bytes(path, text.encode())


def read_bytes(path: str | Path) -> bytes:
    """Return the content of a file.

    Raises
    ------
    DataError
        If there is no such file or it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); expected a text file") from None


def read_text(path: str | Path) -> str:
    """Return the content of a UTF-8 file; errors as in `read_bytes` and `decode_text`."""
    return decode_text(read_bytes(path), str(path))


def decode_text(data: bytes, name: str) -> str:
    """Return UTF-8 text, a byte order mark left out.

    Raises
    ------
    DataError
        If it is in another encoding.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: byte {error.start + 1} is not UTF-8; expected UTF-8 text: convert the file") from None


def raising(error: DataError) -> None:
    """Raise an error: the `OnError` of those who want to stop."""
    raise error


def decode_lines(data: bytes, name: str, on_error: OnError = raising) -> Iterator[tuple[int, str]]:
    """Yield (line number, line) of UTF-8 text, blank lines left out.

    Raises
    ------
    DataError
        At a line that is not UTF-8 text, or longer than `MAX_LINE`, naming the line; unless `on_error` takes it.
    """
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            text = _decode(line, f"{name}:{number}")
        except DataError as error:
            on_error(error)
            continue
        if text:
            yield number, text


def _decode(line: bytes, where: str) -> str:
    if len(line) > MAX_LINE:
        found = f"a line of {len(line):,} bytes"
        raise DataError(f"{where}: {found}; expected one sentence a line, at most {MAX_LINE:,} bytes: split it first")
    if b"\0" in line:
        raise DataError(f"{where}: a NUL byte, as in binary or UTF-16 files; expected UTF-8 text: convert the file")
    try:
        return line.decode().strip()
    except UnicodeDecodeError as error:
        found = f"byte {line[error.start]:#04x} at column {error.start + 1} is not UTF-8"
        advice = "convert the file, for example with iconv -f windows-1252 -t utf-8"
        raise DataError(f"{where}: {found}; expected UTF-8 text: {advice}") from None


def _discard(temporary: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(temporary)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
