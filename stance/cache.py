"""The folder of fetched models: files named by their content, and notes of what a registry called them.

::

    artifacts/<sha256>.stance            the models
    notes/<registry>/<name>/<version>.json    the index entry, as it was when the model was fetched

With a note at hand a model is found again without a request.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stance.errors import DownloadError, StanceError
from stance.files import write_bytes
from stance.index import Published, read_index, write_index

_OWN_NAME = re.compile(r"[0-9a-f]{64}\.stance")


@dataclass(frozen=True)
class Checked:
    """What verifying found of one file in the cache."""

    path: Path
    state: str  #: ``ok``, ``damaged, removed``, ``damaged, cannot be removed``, or ``not ours, left alone``
    names: tuple[str, ...]  #: what registries call it, as ``name==version``


class Cache:
    """The cache in a folder.

    Parameters
    ----------
    root : Path, optional
        ``STANCE_CACHE`` by default, or else the platform's folder for caches.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or _default_root()

    def artifact(self, sha256: str) -> Path:
        """Return the path that the model of this digest has, or will have."""
        return self.root / "artifacts" / f"{sha256}.stance"

    def holds(self, entry: Published) -> bool:
        """Whether the model of an entry is there, whole and unchanged."""
        path = self.artifact(entry.sha256)
        return path.is_file() and path.stat().st_size == entry.size and _sha256(path) == entry.sha256

    @contextmanager
    def locked(self, sha256: str) -> Iterator[None]:
        """Hold the lock on a digest, which only one process at a time can; the folder for the artifact exists then.

        Raises
        ------
        DownloadError
            If the cache cannot be written to.
        """
        from filelock import FileLock

        lock = FileLock(self.root / "locks" / sha256)
        try:
            for folder in (self.root / "locks", self.artifact(sha256).parent):
                folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except OSError as error:
            advice = "choose a folder you may write to with STANCE_CACHE"
            raise DownloadError(f"{self.root}: cannot be used as cache ({error.strerror}); {advice}") from None
        try:
            yield
        finally:
            lock.release()

    def remember(self, registry: str, entry: Published) -> None:
        """Note what `registry` calls the model of `entry`."""
        path = self._notes(registry) / entry.name / f"{entry.version}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DownloadError(f"{path}: cannot write ({error.strerror}); choose another STANCE_CACHE") from None
        write_bytes(path, write_index([entry]))

    def known(self, registry: str | None = None) -> Iterator[Published]:
        """Yield the noted entries of one registry or of all, in order; a damaged note counts as none."""
        folders = [self._notes(registry)] if registry else sorted((self.root / "notes").glob("*"))
        for path in (path for folder in folders for path in sorted(folder.glob("*/*.json"))):
            try:
                yield from read_index(path.read_bytes(), str(path))
            except (OSError, StanceError):
                continue

    def verify(self) -> list[Checked]:
        """Check every file among the artifacts; remove those of ours whose content is not what their name says."""
        names: dict[str, set[str]] = {}
        for entry in self.known():
            names.setdefault(entry.sha256, set()).add(f"{entry.name}=={entry.version}")
        paths = sorted((self.root / "artifacts").glob("*"))
        return [Checked(path, _check(path), tuple(sorted(names.get(path.stem, ())))) for path in paths]

    def _notes(self, registry: str) -> Path:
        return self.root / "notes" / hashlib.sha256(registry.encode()).hexdigest()[:16]


def _default_root() -> Path:
    from platformdirs import user_cache_path

    return Path(os.environ["STANCE_CACHE"]) if os.environ.get("STANCE_CACHE") else user_cache_path("stance")


def _check(path: Path) -> str:
    if not _OWN_NAME.fullmatch(path.name) or path.is_symlink() or not path.is_file():
        return "not ours, left alone"
    if _sha256(path) == path.stem:
        return "ok"
    try:
        path.unlink()
    except OSError:
        return "damaged, cannot be removed"
    return "damaged, removed"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
