"""Errors a user can meet, all of them one readable line.

::

    StanceError                 everything below; the command line prints it and exits with 1
    ├── InputError              text, labels or options handed to the package
    ├── DataError               a data file: where, what was found, what was expected
    ├── ArtifactError           a model file that is damaged, foreign or too new
    ├── DownloadError           a file that cannot be fetched, or is not the one promised
    └── ModelNotFoundError      a model name or path that leads nowhere

A message says where, what was found, what was expected and what to do. Mistakes of a programmer (a lone
``str`` where a list is expected, predicting before fitting) stay ``TypeError`` and ``NotFittedError``.
"""

from __future__ import annotations


class StanceError(Exception):
    """Base of every error that the package raises for a user's mistake."""


class InputError(StanceError, ValueError):
    """Text, labels or options that cannot be used."""


class DataError(StanceError, ValueError):
    """A data file that cannot be read as examples."""


class ArtifactError(StanceError, ValueError):
    """A model file that is damaged, foreign, or newer than this package."""


class ModelNotFoundError(StanceError, LookupError):
    """A model name or path that leads to no file."""


class DownloadError(StanceError):
    """A published file that cannot be fetched, or is not the one that its index promises."""


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, as messages tell it: "1 sentence", "2,000 sentences"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
