"""The folder of a run: what it was started with, what is done, and what came out.

::

    manifest.json      inputs, model, options, package version; at the end the parts with their counts
    model.stance       the model, as it scored
    parts/             the output, readable as one data set: part-000000.parquet, part-000001.parquet, ...
    rejected.jsonl     the records that could not be scored: file, line or row, reason
    progress/          while the run lasts: a receipt for every finished part and segment

Every file appears in one step. A part counts once its receipt is there and fits its size; a segment is done once its
own receipt is there. Both can be written again at any time, with the same content.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stance.errors import DataError, InputError, StanceError
from stance.files import read_bytes, replacing, write_text
from stance.manifest import package_version
from stance.segments import CorpusOptions, Plan, Segment
from stance.sources import Source

FORMAT = 1

Receipt = dict[str, Any]


@dataclass(frozen=True)
class CorpusRun:
    """What came out of scoring a corpus."""

    folder: Path
    parts: tuple[Path, ...]  #: in the order of the input
    counts: dict[str, int]  #: sentences by label
    rejected: int  #: records that could not be scored
    failed: tuple[str, ...] = ()  #: what could not be finished, and why; empty if the run is complete
    ignored: tuple[str, ...] = ()  #: files of input folders that are not of a known format
    unreadable: tuple[str, ...] = ()  #: input files that could not be read at all
    new: int = field(default=0, compare=False)  #: sentences scored by this call, others by those it resumed
    seconds: float = field(default=0.0, compare=False)  #: wall time of this call

    @property
    def scored(self) -> int:
        """Sentences scored."""
        return sum(self.counts.values())


def identity(sources: Sequence[Source], options: CorpusOptions, model: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run depends on: a run can only be resumed with the same."""
    about = {name: model[name] for name in ("name", "version", "labels", "digest")}
    return {
        "format": FORMAT,
        "package_version": package_version(),
        "model": about,
        "options": asdict(options),
        "inputs": [asdict(source) for source in sources],
    }


class RunFolder:
    """A folder that holds, or will hold, a run."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.parts = self.path / "parts"
        self.model = self.path / "model.stance"
        self._progress = self.path / "progress"
        self._manifest = self.path / "manifest.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder and hold its lock, so that one run at a time writes to it.

        Raises
        ------
        StanceError
            If another process holds it, or the folder cannot be written to.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / ".lock")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            raise StanceError(f"{self.path}: another run is writing here; wait for it, or choose another -o") from None
        except OSError as error:
            raise StanceError(
                f"{self.path}: cannot be used ({error.strerror}); choose another folder with -o"
            ) from None
        try:
            yield
        finally:
            lock.release()

    def begin(self, about: Mapping[str, Any], model: Path, *, resume: bool) -> bool:
        """Start a run or take up an old one; return whether there is nothing left to do.

        Raises
        ------
        InputError
            If the folder holds a run and `resume` is not set, holds something else, or the run was started with
            other inputs, model, options or version.
        """
        if self._manifest.exists():
            if not resume:
                advice = "continue it with --resume, or choose another folder"
                raise InputError(f"{self.path}: this folder holds a run already; {advice}")
            old = self._read_manifest()
            differs = list(_differences(old, about))
            if differs:
                found = f"the run was started with {'; '.join(differs)}"
                raise InputError(f"{self.path}: {found}; restore that, or score into another folder")
            for stray in [*self.parts.glob(".*"), *self._progress.glob(".*"), *self._progress.glob("*.started")]:
                stray.unlink(missing_ok=True)
            if old["status"] == "complete":
                shutil.rmtree(self._progress, ignore_errors=True)
                return True
        elif any(p.name not in ("parts", "progress", "model.stance") and p.name[0] != "." for p in self.path.iterdir()):
            raise InputError(f"{self.path}: this folder holds other files; choose a new or empty one")
        self._prepare(about, model)
        return False

    def _prepare(self, about: Mapping[str, Any], model: Path) -> None:
        for folder in (self.parts, self._progress):
            folder.mkdir(exist_ok=True)
        with replacing(self.model) as file, model.open("rb") as original:
            shutil.copyfileobj(original, file)
        self._write_manifest({**about, "status": "running"})

    def started(self, segment: Segment) -> bool:
        """Whether work on a segment has begun in this or an earlier run."""
        return self._note(segment, "started").exists()

    def start(self, segment: Segment) -> None:
        """Note that work on a segment begins."""
        self._note(segment, "started").touch()

    def done(self, segment: Segment) -> bool:
        """Whether a segment is finished, with all its parts as they were written."""
        about = _read(self._note(segment, "json"))
        return about is not None and all(self.receipt(name) for name in about["parts"])

    def finish_segment(self, segment: Segment, parts: Sequence[str], lines: int) -> None:
        """Note that a segment is finished."""
        write_text(self._note(segment, "json"), json.dumps({"parts": list(parts), "lines": lines}))

    def receipt(self, part: str) -> Receipt | None:
        """Return what was noted of a finished part, None if it is not finished or its file is not what was written."""
        receipt = _read(self._progress / f"{part}.json")
        path = self.parts / part
        return receipt if receipt and path.is_file() and path.stat().st_size == receipt["bytes"] else None

    def finish_part(self, part: str, receipt: Receipt) -> None:
        """Note that a part is finished."""
        about = receipt | {"name": part, "bytes": (self.parts / part).stat().st_size}
        write_text(self._progress / f"{part}.json", json.dumps(about, ensure_ascii=False))

    def rejected(self, part: str) -> Path:
        """Return the path of what was rejected in a part, lines counted from the start of its segment."""
        return self._progress / f"{part}.rejected.jsonl"

    def finish(self, about: Mapping[str, Any], plan: Plan, failed: Mapping[int, str]) -> None:
        """Gather receipts and rejections; the run is complete unless something failed."""
        receipts = [self._receipts(segment) for segment in plan.segments]
        with replacing(self.path / "rejected.jsonl") as file:
            for path, reason in plan.unreadable.items():
                file.write(f"{json.dumps({'file': path, 'reason': reason}, ensure_ascii=False)}\n".encode())
            for line in self._rejections(plan.segments, receipts):
                file.write(f"{json.dumps(line, ensure_ascii=False)}\n".encode())
        failures = [{"file": s.source.path, "from": s.start, "to": s.stop, "reason": failed[s.number]}
                    for s in plan.segments if s.number in failed]  # fmt: skip
        status = "incomplete" if failed else "complete"
        parts = [receipt for part in receipts for receipt in part]
        unreadable = [{"file": path, "reason": reason} for path, reason in plan.unreadable.items()]
        self._write_manifest({**about, "status": status, "unreadable": unreadable, "failed": failures, "parts": parts})
        if not failed:
            shutil.rmtree(self._progress, ignore_errors=True)

    def result(self, ignored: Sequence[str] = (), new: int = 0, seconds: float = 0.0) -> CorpusRun:
        """Return what the manifest of a finished run says."""
        manifest = self._read_manifest()
        counts: Counter[str] = Counter(dict.fromkeys(manifest["model"]["labels"], 0))
        for part in manifest["parts"]:
            counts.update(part["labels"])
        rejected = sum(part["rejected"] for part in manifest["parts"])
        unreadable = tuple(row["file"] for row in manifest["unreadable"])
        failed = tuple(f"{f['file']} ({_range(f)}): {f['reason']}" for f in manifest["failed"])
        paths = tuple(self.parts / part["name"] for part in manifest["parts"])
        return CorpusRun(self.path, paths, dict(counts), rejected, failed, tuple(ignored), unreadable, new, seconds)

    def _receipts(self, segment: Segment) -> list[Receipt]:
        """Return the receipts of the parts of a segment that are finished, in order."""
        about = _read(self._note(segment, "json"))
        names = (
            about["parts"] if about else sorted(p.stem for p in self._progress.glob(f"{part_stem(segment)}[-.]*.json"))
        )
        return [receipt for name in names if (receipt := self.receipt(name))]

    def _rejections(
        self, segments: Sequence[Segment], receipts: Sequence[Sequence[Receipt]]
    ) -> Iterator[dict[str, Any]]:
        """Yield what was rejected in order, lines counted from the start of the file where that is known."""
        before: dict[str, int | None] = {}
        for segment, parts in zip(segments, receipts, strict=True):
            path = segment.source.path
            lines = before.get(path, 0)
            for receipt in parts if any(r["rejected"] for r in parts) else ():
                for line in self.rejected(receipt["name"]).read_text("utf-8").splitlines():
                    row = json.loads(line)
                    if "line" in row:
                        row["line"] = None if lines is None else row["line"] + lines
                    yield {"file": path, **row}
            about = _read(self._note(segment, "json"))
            before[path] = None if about is None or lines is None else lines + about["lines"]

    def _note(self, segment: Segment, ending: str) -> Path:
        return self._progress / f"segment-{segment.number:06}.{ending}"

    def _read_manifest(self) -> dict[str, Any]:
        try:
            manifest: dict[str, Any] = json.loads(read_bytes(self._manifest))
            if manifest["format"] == FORMAT and manifest.keys() >= {"status", "options", "inputs", "model"}:
                return manifest
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, DataError):
                raise
        raise DataError(f"{self._manifest}: not the manifest of a run of this version; choose another folder")

    def _write_manifest(self, manifest: Mapping[str, Any]) -> None:
        write_text(self._manifest, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


def part_stem(segment: Segment) -> str:
    """Return how the names of a segment's parts begin: they sort in the order of the input."""
    return f"part-{segment.number:06}"


def part_name(segment: Segment, index: int, ending: str) -> str:
    """Return the name of a segment's part."""
    return f"{part_stem(segment)}{f'-{index:05}' if segment.cut else ''}.{ending}"


def _read(path: Path) -> Receipt | None:
    """Return a receipt, None if it is missing or was cut short by a crash of the machine."""
    try:
        receipt: Receipt = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return receipt


def _range(failure: Mapping[str, Any]) -> str:
    return f"from {failure['from']}" + (f" to {failure['to']}" if failure["to"] else "")


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield in words what an old run was started with that is not so now."""
    if old["package_version"] != new["package_version"]:
        yield f"stance {old['package_version']}, not {new['package_version']}"
    if old["model"] != new["model"]:
        yield f"the model {old['model']['name']} with digest {old['model']['digest'][:16]}"
    for name, value in new["options"].items():
        if old["options"].get(name) != value:
            yield f"{name} = {old['options'].get(name)!r}, not {value!r}"
    before, now = ({s["path"]: s for s in about["inputs"]} for about in (old, new))
    changed = [p for p in before if p in now and before[p] != now[p]]
    for what, paths in (
        ("another content of", changed),
        ("the further input", [p for p in before if p not in now]),
        ("no input", [p for p in now if p not in before]),
    ):
        if paths:
            yield f"{what} {paths[0]}" + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")
