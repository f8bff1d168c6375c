"""A corpus is scored once and whole, whatever the format, batches, parts and workers, and whatever dies meanwhile."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stance import workers
from stance.classifier import StanceClassifier
from stance.corpus import score_corpus
from stance.dataset import Dataset
from stance.errors import DataError, InputError, StanceError
from stance.model import Model
from stance.registry import bundled_path
from stance.sentences import split_sentences
from tests.conftest import ROOT
from tests.corpora import output, rejections, rows_of, write_jsonl, write_parquet


@pytest.fixture(scope="module")
def texts(data: Dataset) -> list[str]:
    return data.texts[:1500]


@pytest.fixture(scope="module")
def corpus(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    rows = rows_of(texts)
    write_jsonl(folder / "a.jsonl", rows[:900])
    write_jsonl(folder / "b.jsonl", rows[900:])
    return folder


@pytest.fixture(scope="module")
def expected(corpus: Path) -> list[dict[str, Any]]:
    score_corpus(corpus, corpus / "_whole")
    return output(corpus / "_whole")


def test_every_record_gets_the_answer_of_the_model(
    expected: list[dict[str, Any]], texts: list[str], model: Model
) -> None:
    assert [row["id"] for row in expected] == list(range(len(texts)))
    assert [row["about"] for row in expected] == [row["about"] for row in rows_of(texts)]
    assert [row["label"] for row in expected] == model.predict(texts).tolist()
    found = [[row[f"p_{label}"] for label in model.labels] for row in expected]
    np.testing.assert_allclose(found, model.predict_proba(texts), atol=1e-6)
    assert {row["model_digest"] for row in expected} == {str(model.manifest["digest"])[:16]}


@pytest.mark.parametrize(
    "options",
    [{"batch_size": 1}, {"part_size": 7}, {"part_size": 100, "batch_size": 64, "workers": 2}, {"min_confidence": 1.0}],
    ids=str,
)
def test_the_records_are_the_same_however_they_are_cut(
    corpus: Path, expected: list[dict[str, Any]], tmp_path: Path, options: dict[str, Any]
) -> None:
    run = score_corpus(corpus, tmp_path / "out", **options)
    unsure = {"label": "unsure"} if "min_confidence" in options else {}
    assert output(run.folder) == [row | unsure for row in expected]
    assert (run.scored, run.rejected, run.failed) == (len(expected), 0, ())
    assert not list((tmp_path / "out" / "parts").glob(".*"))


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.tsv.gz", "a.jsonl.zst"])
@pytest.mark.parametrize("format_", ["jsonl", "parquet"])
def test_every_format_in_and_out(
    texts: list[str], expected: list[dict[str, Any]], tmp_path: Path, name: str, format_: str
) -> None:
    table = pa.Table.from_pylist(rows_of(texts))
    if name.endswith("parquet"):
        pq.write_table(table, tmp_path / name, row_group_size=400)
    elif "jsonl" in name:
        with pa.output_stream(tmp_path / name, compression="zstd") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows_of(texts)).encode())
    else:
        table.select(["id", "text"]).to_pandas().to_csv(
            tmp_path / name, index=False, sep="\t" if "tsv" in name else ","
        )
    run = score_corpus(tmp_path / name, tmp_path / "out", format=format_, part_size=300)
    found = output(run.folder)
    assert len(run.parts) > 1
    assert all(path.suffix == f".{format_}" for path in run.parts)
    assert [int(row["id"]) for row in found] == [row["id"] for row in expected]
    assert [row["label"] for row in found] == [row["label"] for row in expected]
    assert [row["p_none"] for row in found] == pytest.approx([row["p_none"] for row in expected], abs=1e-6)
    if "sv" not in name:
        kept = [row["about"] if "about" in row else json.loads(row["other_fields"])["about"] for row in found]
        assert kept == [row["about"] for row in expected]
    if format_ == "parquet":
        assert pq.read_table(run.folder / "parts").num_rows == len(texts)


def test_fields_that_fit_no_column_are_kept(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"text": f"The talks go on {i}.", "n": i, "s": "x"} for i in range(1500)]
    rows[1200] |= {"n": 1 << 70, "s": 5, "late": [1]}
    rows[1201] = {"text": "It may rain.", "n": None}
    score_corpus(write_jsonl(tmp_path / "a.jsonl", rows), tmp_path / "out", format="parquet")
    found = output(tmp_path / "out")
    assert json.loads(found[1200]["other_fields"]) == {"n": 1 << 70, "s": 5, "late": [1]}
    assert (found[1200]["n"], found[1200]["s"]) == (None, None)
    assert (found[1201]["n"], found[1201]["other_fields"]) == (None, None)
    assert [row["n"] for row in found[:1200]] == list(range(1200))


def test_documents_are_split_into_sentences(model: Model, tmp_path: Path) -> None:
    document = "The S-400 deal was done. “No way back,” Akar said.\n\nWashington may waive the sanctions."
    rows = [{"id": 1, "text": document}, {"id": 2, "text": "It may rain."}]
    for path in (write_jsonl(tmp_path / "a.jsonl", rows), write_parquet(tmp_path / "a.parquet", rows)):
        score_corpus(path, tmp_path / f"out{path.suffix}", split_sentences=True)
        found = output(tmp_path / f"out{path.suffix}")
        sentences = [s.text for s in split_sentences(document)]
        assert [row["text"] for row in found] == [*sentences, "It may rain."]
        assert [row["sentence"] for row in found] == [*range(len(sentences)), 0]
        assert [document[row["sentence_start"] : row["sentence_end"]] for row in found[:-1]] == sentences
        assert [row["id"] for row in found] == [1] * len(sentences) + [2]
        assert [row["label"] for row in found] == model.predict([*sentences, "It may rain."]).tolist()


def test_damaged_records_are_listed_with_their_line(texts: list[str], tmp_path: Path) -> None:
    lines = [json.dumps(row) for row in rows_of(texts)]
    bad = {7: "{", 500: '{"id": 1}', 1499: '{"text": null}'}
    for index, line in bad.items():
        lines[index] = line
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n")
    run = score_corpus(tmp_path / "a.jsonl", tmp_path / "out", part_size=20)
    assert len(run.parts) > 10
    assert [row["line"] for row in rejections(run.folder)] == [index + 1 for index in bad]
    assert (run.scored, run.rejected) == (len(texts) - len(bad), len(bad))
    assert [row["id"] for row in output(run.folder)] == [i for i in range(len(texts)) if i not in bad]


def test_damaged_parquet_costs_what_is_damaged(texts: list[str], tmp_path: Path) -> None:
    values: list[str | None] = [*texts[:300]]
    values[5], values[7], values[250] = None, "  ", "x" * 1_000_001
    folder = tmp_path / "in"
    folder.mkdir()
    table = pa.table({"id": range(300), "text": values})
    pq.write_table(table, folder / "a.parquet", row_group_size=100, compression="none", use_dictionary=False)
    at = pq.read_metadata(folder / "a.parquet").row_group(1).column(1).data_page_offset
    content = bytearray((folder / "a.parquet").read_bytes())
    content[at : at + 40] = b"\xff" * 40
    (folder / "a.parquet").write_bytes(content)
    (folder / "b.parquet").write_bytes(b"PAR1 nonsense")
    run = score_corpus(folder, tmp_path / "out", batch_size=10)
    ids = [row["id"] for row in output(run.folder)]
    assert ids == [i for i in range(300) if i not in (5, 7, 250) and not 100 <= i < 200]
    told = [(Path(r["file"]).name, r.get("row"), r.get("records"), r["reason"]) for r in rejections(run.folder)]
    assert [row[:3] for row in told] == [
        ("b.parquet", None, None), ("a.parquet", 5, 1), ("a.parquet", 7, 1), ("a.parquet", 100, 100),
        ("a.parquet", 250, 1),
    ]  # fmt: skip
    assert "not Parquet, or damaged" in told[0][3]
    assert run.rejected == 103
    assert [Path(path).name for path in run.unreadable] == ["b.parquet"]


def test_parquet_files_with_other_columns_are_read_together(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", [{"text": "One.", "n": 1}])
    write_parquet(tmp_path / "b.parquet", [{"text": "Two.", "n": 2.5, "late": True}])
    write_parquet(tmp_path / "c.parquet", [{"body": "Three."}])
    score_corpus(tmp_path, tmp_path / "out")
    found = output(tmp_path / "out")
    assert [(row["n"], row["late"]) for row in found] == [(1.0, None), (2.5, True)]
    assert "no column 'text', only body" in rejections(tmp_path / "out")[0]["reason"]


def test_what_json_lacks_is_written_all_the_same(tmp_path: Path) -> None:
    row = {"text": "One.", "day": date(2021, 2, 11), "blob": b"\xff", "v": float("nan")}
    table = pa.table({name: pa.array([value]) for name, value in row.items()})
    pq.write_table(table, tmp_path / "a.parquet")
    score_corpus(tmp_path / "a.parquet", tmp_path / "out", format="jsonl")
    assert output(tmp_path / "out")[0] | {"day": "2021-02-11", "blob": "/w==", "v": None} == output(tmp_path / "out")[0]


def test_columns_that_clash_are_refused_and_can_be_renamed(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"text": "One.", "label": "mine"}])
    with pytest.raises(InputError, match="the column label, which the run adds"):
        score_corpus(path, tmp_path / "out")
    score_corpus(path, tmp_path / "out", prefix="stance_")
    (row,) = output(tmp_path / "out")
    assert row["label"] == "mine"
    assert row["stance_label"] == "none"


def test_a_fitted_model_is_kept_with_its_run(fitted: StanceClassifier, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"text": "Ankara will not give up the S-400."}])
    score_corpus(path, tmp_path / "out", fitted)
    again = score_corpus(path, tmp_path / "again", tmp_path / "out" / "model.stance")
    assert output(again.folder) == output(tmp_path / "out")
    score_corpus(path, tmp_path / "out", fitted, resume=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "xml"}, "format is 'xml'"),
        ({"part_size": 0}, "part_size is 0"),
        ({"min_confidence": 2}, "min_confidence is 2"),
        ({"workers": 0}, "workers is 0"),
        ({"workers": 2, "scheduler": "tcp://x"}, "both given"),
    ],
)
def test_wrong_options_leave_nothing(corpus: Path, tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        score_corpus(corpus, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_else_is_left_alone(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="holds other files"):
        score_corpus(corpus, tmp_path, resume=True)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(DataError, match="not the manifest of a run"):
        score_corpus(corpus, tmp_path, resume=True)


def test_only_the_same_run_is_resumed(fitted: StanceClassifier, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", rows_of(["One.", "Two."]))
    out = tmp_path / "out"
    first = score_corpus(path, out)
    with pytest.raises(InputError, match=r"holds a run already.*--resume"):
        score_corpus(path, out)
    assert score_corpus(path, out, resume=True) == first
    for change, message in (
        ({"part_size": 5}, "part_size = 200000, not 5"),
        ({"model": fitted}, "the model .* with digest"),
        ({"inputs": [path, write_jsonl(tmp_path / "b.jsonl", rows_of(["Three."]))]}, "no input .*b.jsonl"),
    ):
        arguments: dict[str, Any] = {"inputs": path, "output": out, "resume": True} | change
        with pytest.raises(InputError, match=message):
            score_corpus(**arguments)
    write_jsonl(path, rows_of(["One.", "Tow."]))
    with pytest.raises(InputError, match=r"another content of .*a.jsonl"):
        score_corpus(path, out, resume=True)


def test_the_manifest_tells_what_the_run_was(corpus: Path, expected: list[dict[str, Any]]) -> None:
    manifest = json.loads((corpus / "_whole" / "manifest.json").read_text())
    assert manifest["status"] == "complete"
    assert [Path(i["path"]).name for i in manifest["inputs"]] == ["a.jsonl", "b.jsonl"]
    assert all(i["size"] and i["modified"] for i in manifest["inputs"])
    assert manifest["model"]["digest"]
    assert sum(part["records"] for part in manifest["parts"]) == len(expected)
    for part in manifest["parts"]:
        assert (corpus / "_whole" / "parts" / part["name"]).stat().st_size == part["bytes"]
        assert sum(part["labels"].values()) == part["records"]
    assert (corpus / "_whole" / "model.stance").read_bytes() == bundled_path().read_bytes()


def start(corpus: Path, out: Path, *options: str, code: str = "") -> subprocess.Popen[bytes]:
    """Start a run in a process group of its own; `code` is run in it, and in its workers, before."""
    program = f"{code}\nfrom stance.cli import main; main()"
    command = [sys.executable, "-c", program, "score", str(corpus), "-o", str(out), *options]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_that_is_killed_again_and_again_loses_and_repeats_nothing(
    corpus: Path, expected: list[dict[str, Any]], tmp_path: Path, workers: str
) -> None:
    out = tmp_path / "out"
    pause = random.Random(int(workers))
    for _ in range(4):
        process = start(corpus, out, "--part-size", "2", "--resume", "--workers", workers)
        deadline = time.monotonic() + 30
        before = len(list(out.glob("parts/part-*")))
        while len(list(out.glob("parts/part-*"))) <= before and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(pause.random() * 0.2)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    score_corpus(corpus, out, part_size=2, resume=True)
    assert output(out) == expected
    assert sorted(path.name for path in out.iterdir() if path.name != ".lock") == [
        "manifest.json", "model.stance", "parts", "rejected.jsonl",
    ]  # fmt: skip


def test_parts_of_one_packed_file_are_resumed(texts: list[str], expected: list[dict[str, Any]], tmp_path: Path) -> None:
    with pa.output_stream(tmp_path / "a.jsonl.gz", compression="gzip") as file:
        file.write(("{\n" + "".join(json.dumps(row) + "\n" for row in rows_of(texts))).encode())
    whole = score_corpus(tmp_path / "a.jsonl.gz", tmp_path / "whole", part_size=100)
    out = tmp_path / "out"
    process = start(tmp_path / "a.jsonl.gz", out, "--part-size", "100", "--batch-size", "8192")
    while len(list(out.glob("progress/*.json"))) < 3 and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    kept = {path: path.stat().st_mtime_ns for path in out.glob("parts/part-*")}
    run = score_corpus(tmp_path / "a.jsonl.gz", out, part_size=100, resume=True)
    assert output(out) == expected == output(whole.folder)
    assert rejections(out) == rejections(whole.folder)
    assert rejections(out)[0]["line"] == 1
    assert sum(path.stat().st_mtime_ns == changed for path, changed in kept.items()) >= 3 or run.new == 0


def test_a_part_that_kills_its_worker_is_told_and_the_rest_finishes(corpus: Path, tmp_path: Path) -> None:
    poison = write_jsonl(tmp_path / "c.jsonl", rows_of(["poison"]))
    code = (
        "import stance.corpus as c, os, signal\n"
        "original = c.score_segment\n"
        "def poisoned(job, segment, advance=None):\n"
        "    if segment.source.path.endswith('c.jsonl'):\n"
        "        c.RunFolder(job.folder).start(segment)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return original(job, segment, advance)\n"
        "c.score_segment = poisoned\n"
    )
    inputs = [str(corpus / "a.jsonl"), str(poison), str(corpus / "b.jsonl")]
    out = tmp_path / "out"
    program = f"{code}\nfrom stance.cli import main; main()"
    # The function is sent to the workers by value, because it is one of __main__.
    command = [sys.executable, "-c", program, "score", *inputs, "-o", str(out), "--workers", "2", "--part-size", "1"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 1
    assert "c.jsonl (from 0 to" in result.stderr
    assert "the worker died each time" in result.stderr
    assert "Traceback" not in result.stderr
    assert len(output(out)) == 1500
    assert json.loads((out / "manifest.json").read_text())["status"] == "incomplete"
    run = score_corpus([Path(p) for p in inputs], out, part_size=1, resume=True)
    assert run.failed == ()
    assert run.new == 1
    assert len(output(out)) == 1501


def test_a_part_that_raises_is_told_and_the_rest_finishes(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Model.predict_proba

    def fails(self: Model, texts: list[str]) -> Any:
        if "poison" in texts:
            raise MemoryError("too much")
        return real(self, texts)

    monkeypatch.setattr(Model, "predict_proba", fails)
    poison = write_jsonl(tmp_path / "c.jsonl", rows_of(["poison"]))
    run = score_corpus([corpus / "a.jsonl", poison, corpus / "b.jsonl"], tmp_path / "out")
    assert run.scored == 1500
    assert len(run.failed) == 1
    assert "MemoryError: too much" in run.failed[0]


def test_a_file_that_changes_during_the_run_is_told(corpus: Path, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "b.jsonl", rows_of(["One.", "Two."]))

    def change(done: int, total: int, _: int) -> None:
        if done < total:
            write_jsonl(path, rows_of(["Other."]))

    run = score_corpus([corpus / "a.jsonl", path], tmp_path / "out", progress=change)
    assert "has changed since the run began" in run.failed[0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and os.getuid() == 0
    if not mounted or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=5200k", "t", str(disk)]).returncode:
        pytest.skip("needs the right to mount a small file system")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize("format_", ["jsonl", "parquet"])
def test_a_full_disk_is_one_line_and_the_run_goes_on_later(
    corpus: Path, expected: list[dict[str, Any]], small_disk: Path, format_: str
) -> None:
    out = small_disk / "out"
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 300_000)
    with pytest.raises(StanceError, match=r"No space left on device.*continue with --resume"):
        score_corpus(corpus, out, format=format_, part_size=20)
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    score_corpus(corpus, out, format=format_, part_size=20, resume=True)
    assert [row["id"] for row in output(out)] == [row["id"] for row in expected]
    assert [row["label"] for row in output(out)] == [row["label"] for row in expected]


def test_two_runs_never_write_to_one_folder(corpus: Path, tmp_path: Path) -> None:
    from stance.runfolder import RunFolder

    with RunFolder(tmp_path / "out").locked(), pytest.raises(StanceError, match="another run is writing here"):
        score_corpus(corpus, tmp_path / "out")


def test_no_scheduler_is_one_line(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 1)
    with pytest.raises(StanceError, match="no Dask scheduler answers"):
        score_corpus(corpus, tmp_path / "out", scheduler="tcp://127.0.0.1:9")
