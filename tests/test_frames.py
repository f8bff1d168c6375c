"""A frame comes back as what it was, with the same answers as the model gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from stance.errors import InputError
from stance.frames import score_frame
from stance.model import Model

TEXTS = ["Ankara will not give up the S-400.", None, " ", "Sanctions remain on the table."]
KINDS: dict[str, Any] = {
    "pandas": lambda data: pd.DataFrame(data, index=[7, 7, 8, 9]),
    "polars": pl.DataFrame,
    "pyarrow": pa.table,
}


def _values(frame: Any, name: str) -> list[Any]:
    return list(frame[name].to_pylist() if isinstance(frame, pa.Table) else frame[name].to_list())


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_is_scored(kind: str, model: Model) -> None:
    frame = KINDS[kind]({"id": [1, 2, 3, 4], "text": TEXTS})
    scored = score_frame(frame, "text", model)
    assert type(scored) is type(frame)
    names = list(scored.column_names if kind == "pyarrow" else scored.columns)
    assert names == ["id", "text", "label", *(f"p_{label}" for label in model.labels)]
    labels = _values(scored, "label")
    expected = model.predict([TEXTS[0], TEXTS[3]]).tolist()  # type: ignore[list-item]
    assert [labels[0], labels[3]] == expected
    assert pd.isna(labels[1])
    assert pd.isna(labels[2])
    rows = (
        scored.to_pylist()
        if kind == "pyarrow"
        else scored.to_dicts()
        if kind == "polars"
        else scored.to_dict("records")
    )
    first = [rows[0][f"p_{label}"] for label in model.labels]
    np.testing.assert_array_equal(first, model.predict_proba([TEXTS[0]])[0])  # type: ignore[list-item]
    if kind == "pandas":
        assert list(scored.index) == [7, 7, 8, 9]


def test_an_empty_frame_and_an_unsure_label(model: Model) -> None:
    empty = pl.DataFrame({"text": []}, schema={"text": pl.String})
    assert score_frame(empty, "text", model).schema["label"] == pl.String
    unsure = score_frame(pl.DataFrame({"text": ["It may rain."]}), "text", model, min_confidence=1.0)
    assert unsure["label"].to_list() == ["unsure"]


def test_mistakes_are_told(model: Model) -> None:
    frame = pd.DataFrame({"text": ["a"], "label": ["x"], "number": [1]})
    with pytest.raises(InputError, match="no column 'body', only text, label, number"):
        score_frame(frame, "body", model)
    with pytest.raises(InputError, match="the column label already"):
        score_frame(frame, "text", model)
    assert list(score_frame(frame, "text", model, prefix="stance_").columns)[3] == "stance_label"
    with pytest.raises(InputError, match="row 0 of column 'number' is a int"):
        score_frame(frame[["number"]], "number", model)
    with pytest.raises(TypeError, match="df is a list; expected a pandas, polars or pyarrow frame"):
        score_frame(["a"], "text", model)
    with pytest.raises(TypeError, match="df is a LazyFrame"):
        score_frame(pl.LazyFrame({"text": ["a"]}), "text", model)
