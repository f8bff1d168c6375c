"""Find the files of a corpus; what they hold and how they are packed follows from their names."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stance.errors import InputError

KINDS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet"}
"""Endings of file names, and what the files hold."""

PACKINGS = {".gz": "gzip", ".zst": "zstd"}
"""Endings that may follow those of text formats."""

EXPECTED = f"{', '.join(KINDS)}, the text formats also with {' or '.join(PACKINGS)}"


@dataclass(frozen=True)
class Source:
    """An input file as it was when the run was planned."""

    path: str  #: absolute
    kind: str  #: jsonl, csv, tsv or parquet
    packing: str  #: gzip, zstd or empty
    size: int  #: in bytes
    modified: int  #: time of the last change, in nanoseconds since 1970

    def changed(self) -> str:
        """Return what is different now, empty if nothing is."""
        try:
            found = Path(self.path).stat()
        except OSError as error:
            return f"cannot be read ({error.strerror})"
        return "" if (found.st_size, found.st_mtime_ns) == (self.size, self.modified) else "has changed"


def find_sources(inputs: Sequence[str | Path], output: Path) -> tuple[list[Source], list[str]]:
    """Return the input files in order, and the files in folders that are none because of their names.

    Parameters
    ----------
    inputs : sequence of str or Path
        Files, folders (all files below them in order of their paths, but those whose name opens with ``.`` or ``_``),
        or patterns such as ``news/*.parquet``.
    output : Path
        The folder of the run, whose files are no input.

    Raises
    ------
    InputError
        If an input leads to no file, or a named file has another ending than those of `KINDS`.
    """
    found: dict[str, Source] = {}
    ignored: dict[str, None] = {}
    for given in map(str, inputs):
        for path in _paths(given, Path(os.path.abspath(output))):  # noqa: PTH100 - links keep their names
            kind, packing = _kind(path.name)
            if kind:
                about = path.stat()
                found[str(path)] = Source(str(path), kind, packing, about.st_size, about.st_mtime_ns)
            elif Path(given).is_file():
                raise InputError(f"{given}: cannot tell the format from this name; expected {EXPECTED}")
            else:
                ignored[str(path)] = None
    if not found:
        raise InputError(f"{', '.join(map(str, inputs)) or 'no input'}: no files to score; expected {EXPECTED}")
    return list(found.values()), list(ignored)


def _paths(given: str, output: Path) -> Iterator[Path]:
    """Yield the files that one argument stands for."""
    if given == "-":
        raise InputError("-: score reads files, so that it can resume; save the input to a file first")
    path = Path(os.path.abspath(given))  # noqa: PTH100
    if path.is_file():
        yield path
        return
    matches = [path] if path.is_dir() else sorted(Path(os.path.abspath(name)) for name in glob.glob(given))  # noqa: PTH100, PTH207
    if not matches:
        raise InputError(f"{given}: no such file or folder; check the path")
    for match in matches:
        if match.is_file():
            yield match
        else:
            yield from (p for p in sorted(match.rglob("*")) if p.is_file() and _wanted(p, match, output))


def _wanted(path: Path, folder: Path, output: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    return not hidden and output not in path.parents


def _kind(name: str) -> tuple[str, str]:
    """Return what a file of this name holds and how it is packed, both empty if the name does not tell."""
    stem, ending = os.path.splitext(name.lower())  # noqa: PTH122 - a name, not a path
    packing = PACKINGS.get(ending, "")
    kind = KINDS.get(os.path.splitext(stem)[1] if packing else ending, "")  # noqa: PTH122
    return ("", "") if packing and kind == "parquet" else (kind, packing)
