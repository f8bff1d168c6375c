"""Score a column of a data frame: pandas, polars or pyarrow, by way of narwhals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from stance.errors import InputError, StanceError
from stance.model import Model, check_confidence, choose

Frame = TypeVar("Frame")


def score_frame(df: Frame, column: str, model: Model, *, min_confidence: float = 0.0, prefix: str = "") -> Frame:
    """Return a frame of the same kind with the columns ``label``, and ``p_`` and each label, added at the end.

    Rows, their order and their index stay. A null or blank text gets a null label and null probabilities.

    Parameters
    ----------
    df : pandas.DataFrame, polars.DataFrame, pyarrow.Table, or another eager frame that narwhals knows
    column : str
        Holds sentences.
    model : Model
    min_confidence : float
        The label is ``"unsure"`` where its probability is lower.
    prefix : str
        Put before the names of the added columns.

    Raises
    ------
    TypeError
        If `df` is no eager data frame.
    InputError
        If it has no such column, the column holds something else than text, or an added column is there already.
    StanceError
        If narwhals is not installed.
    """
    try:
        import narwhals as nw
    except ImportError:
        raise StanceError("score_frame needs narwhals: pip install 'stance-analysis[corpus]'") from None
    check_confidence(min_confidence)
    frame: Any = nw.from_native(df, eager_only=True, pass_through=True)
    if frame is df:  # what narwhals does not know passes through
        raise TypeError(f"df is a {type(df).__name__}; expected a pandas, polars or pyarrow frame in memory")
    names = [prefix + name for name in ("label", *(f"p_{label}" for label in model.labels))]
    _check_columns(frame.columns, column, names)
    texts = frame[column].to_list()
    places, sentences = _sentences(texts, column)
    probabilities = model.predict_proba(sentences)
    labels: list[str] = choose(probabilities, model.labels, min_confidence).tolist()
    types: list[Any] = [nw.String, *[nw.Float64] * len(model.labels)]
    values = [labels, *probabilities.T.tolist()]
    return frame.with_columns(  # type: ignore[no-any-return]
        nw.new_series(name, _spread(part, places, len(texts)), kind, backend=frame.implementation)
        for name, part, kind in zip(names, values, types, strict=True)
    ).to_native()


def _check_columns(found: Sequence[str], column: str, added: Sequence[str]) -> None:
    if column not in found:
        raise InputError(f"the frame has no column {column!r}, only {', '.join(map(str, found))}")
    clash = [name for name in added if name in found]
    if clash:
        raise InputError(f"the frame has the column {', '.join(clash)} already; rename the added ones with prefix=")


def _sentences(texts: Sequence[Any], column: str) -> tuple[list[int], list[str]]:
    """Return the places of the rows that hold a text, and the texts."""
    places, sentences = [], []
    for place, text in enumerate(texts):
        if isinstance(text, str):
            if text.strip():
                places.append(place)
                sentences.append(text)
        elif text is not None and text == text:  # a null may also be a NaN, which is not itself
            found = f"row {place} of column {column!r} is a {type(text).__name__}"
            raise InputError(f"{found}; expected text or null: convert the column first")
    return places, sentences


def _spread(values: Sequence[Any], places: Sequence[int], size: int) -> list[Any]:
    """Return a list of `size` with `values` at `places` and None elsewhere."""
    spread: list[Any] = [None] * size
    for place, value in zip(places, values, strict=True):
        spread[place] = value
    return spread
