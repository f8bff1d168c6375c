"""The archive that scoring is measured on is made up the same way every time, and the record holds together."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from experiments import scaling, scaling_tables
from experiments.runs import read_record


def test_an_archive_is_the_same_every_time(tmp_path: Path) -> None:
    scaling.write_file(tmp_path, 3, 500)
    rows = pq.read_table(tmp_path / "news-003.parquet").to_pylist()
    assert [row["text"] for row in rows] == scaling.invented(500, 3 * scaling.FILE)
    assert len({row["text"] for row in rows}) == 500
    assert len({scaling.name_of(rank) for rank in range(1, 50_000)}) == 49_999


def test_a_run_is_measured(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    scaling.write_file(tmp_path / "all", 0, 2000)
    found = scaling.run(tmp_path / "all", tmp_path, "--part-size", "1000")
    assert found["parts"] >= 1
    assert found["seconds"] > 0
    assert 30 < found["peak_mb"] < 2000


def test_the_record_holds_together() -> None:
    record = read_record("scaling")
    assert record["kills"] == {"kills": scaling.KILLS, "same_records": True}
    sizes = record["sizes"]
    assert [row["sentences"] for row in sizes][:3] == [10**4, 10**5, 10**6]
    assert sizes[-1]["peak_mb"] < 1.2 * sizes[-2]["peak_mb"]
    pairs = record["workers"]
    ratio = sum(row["seconds"] for row in pairs[::2]) / sum(row["seconds"] for row in pairs[1::2])
    assert abs(ratio - record["speedup"]) < 0.01
    stages = scaling_tables.stages()
    assert stages["reading Parquet"] + stages["writing Parquet"] < stages["scoring"]
