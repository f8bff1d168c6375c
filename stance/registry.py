"""From what a user calls a model to the model."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from stance.artifact import read_model
from stance.errors import ModelNotFoundError
from stance.model import Model

BUNDLED = "s400"
"""Name of the model that ships with the package: stance toward Turkey's purchase of the Russian S-400."""


def load_model(model: str | Path = BUNDLED) -> Model:
    """Return the bundled model, or the one in a file.

    Parameters
    ----------
    model : str or Path
        ``"s400"`` for the bundled model, else the path of a file written by `stance.save_model`.

    Raises
    ------
    ModelNotFoundError
        If it is neither a bundled name nor an existing file.
    ArtifactError
        If the file is damaged, foreign or of a newer format.
    """
    if model == BUNDLED:
        with as_file(files("stance") / "data" / f"{BUNDLED}.stance") as path:
            return read_model(path)
    if not Path(model).is_file():
        raise ModelNotFoundError(f"{model}: no such model; expected {BUNDLED} (bundled) or the path of a .stance file")
    return read_model(model)
