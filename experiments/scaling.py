"""What scoring an archive costs: time and memory against size, workers, batches and parts, and where the time goes.

    python -m experiments.scaling                      # ten million sentences, about six minutes on two free cores
    python -m experiments.scaling --largest 1000000    # a smaller archive

The archive is made up: sentences of the S-400 data set, in each a word replaced by another of theirs, and in most one
by an invented name, drawn so that few are frequent and most are rare. That gives lengths and a share of unseen words
like those of news; it is no news, and the labels say nothing. It lives in a temporary folder. All runs are whole
processes on the machine as it is; compare figures of one record only. Needs Linux, for the peaks of memory.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from stance.training import describe, pin_threads

pin_threads()

import joblib  # noqa: E402 - threads are pinned before NumPy is imported
import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

from experiments.runs import HERE, RUNS, environment  # noqa: E402
from stance.columns import read_parquet  # noqa: E402
from stance.dataset import load_dataset  # noqa: E402
from stance.files import write_text  # noqa: E402
from stance.model import choose  # noqa: E402
from stance.parts import Found, JsonWriter, ParquetWriter  # noqa: E402
from stance.records import read_json  # noqa: E402
from stance.registry import load_model  # noqa: E402
from stance.segments import CorpusOptions  # noqa: E402
from stance.sources import find_sources  # noqa: E402
from stance.text import tokenize_batch  # noqa: E402

FILE = 1_000_000  # sentences a file
ROW_GROUP = 50_000
PROFILED = 200_000
NAMES, NAMED = 400_000, 0.75  # invented names, and the share of sentences with one
BATCHES, PARTS = (256, 2048, 8192, 32_768), (20_000, 100_000, 500_000)
KILLS = 20
PROGRAM = """
from stance.cli import main
try:
    main()
finally:  # not getrusage, whose peak includes the parent's before exec
    import os
    print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
    print(sum(os.times()[:4]))
"""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and record; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=10_000_000, help="sentences of the largest archive")
    largest = parser.parse_args(arguments).largest
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive(folder / "all", largest)
        record = measure(folder, largest)
    data = load_dataset(HERE.parent / "datasets" / "s400")
    about = {
        "command": f"python -m experiments.scaling --largest {largest}",
        "environment": environment(),
        "data": describe(data),
    }
    (RUNS / "scaling").mkdir(parents=True, exist_ok=True)
    write_text(RUNS / "scaling" / "record.json", json.dumps(about | record, indent=1) + "\n")
    return 0


def measure(folder: Path, largest: int) -> dict[str, Any]:
    """Return all figures on the archive in ``folder / "all"``."""
    record: dict[str, Any] = {"text": about_text(folder / "all")}
    record["profile"] = profile(folder)
    sizes = [10**power for power in range(4, 9) if 10**power <= largest]
    record["sizes"] = [told({"sentences": size} | run(part_of(folder, size), folder)) for size in sizes]
    part = part_of(folder, min(3 * FILE, largest))
    pairs = [
        told({"workers": n} | run(part, folder, "--workers", str(n), "--part-size", "100000")) for n in (1, 2, 1, 2)
    ]
    record["workers"] = pairs
    record["speedup"] = round(sum(p["seconds"] for p in pairs[::2]) / sum(p["seconds"] for p in pairs[1::2]), 3)
    part = part_of(folder, min(300_000, largest))
    for option, values in (("--batch-size", BATCHES), ("--part-size", PARTS)):
        record[option[2:]] = [told({"records": n} | run(part, folder, option, str(n))) for n in values]
    record["kills"] = told(kills(part_of(folder, 100_000), folder))
    return record


def told(row: dict[str, Any]) -> dict[str, Any]:
    """Print a row of figures and return it."""
    print(row, flush=True)
    return row


def archive(folder: Path, size: int) -> None:
    """Write an archive of Parquet files."""
    folder.mkdir()
    starts = range(0, size, FILE)
    joblib.Parallel(n_jobs=2)(joblib.delayed(write_file)(folder, i, min(FILE, size - s)) for i, s in enumerate(starts))


def write_file(folder: Path, number: int, size: int) -> None:
    """Write one file of an archive: the same number gives the same sentences."""
    path = folder / f"news-{number:03}.parquet"
    columns = {"id": pa.int64(), "day": pa.string(), "text": pa.string()}
    with pq.ParquetWriter(path, pa.schema(columns), compression="zstd") as writer:
        for start in range(0, size, ROW_GROUP):
            count = min(ROW_GROUP, size - start)
            first = number * FILE + start
            day = [f"2019-07-{1 + i % 28:02}" for i in range(count)]
            texts = invented(count, first)
            writer.write_table(pa.table({"id": range(first, first + count), "day": day, "text": texts}))


def invented(size: int, seed: int) -> list[str]:
    """Return made-up sentences."""
    data = load_dataset(HERE.parent / "datasets" / "s400")
    sentences = [text.split(" ") for text in data.texts]
    words = sorted({word for sentence in sentences for word in sentence})
    draw = np.random.default_rng(seed)
    picks = zip(
        draw.integers(len(sentences), size=size).tolist(),
        draw.integers(len(words), size=size).tolist(),
        (NAMES ** draw.random(size)).astype(int).tolist(),  # rank r with probability proportional to 1 / r
        draw.random((size, 3)).tolist(),
        strict=True,
    )
    texts = []
    for pick, word, rank, (place, other, named) in picks:
        sentence = sentences[pick].copy()
        sentence[int(place * len(sentence))] = words[word]
        if named < NAMED:
            sentence[int(other * len(sentence))] = name_of(rank)
        texts.append(" ".join(sentence))
    return texts


def name_of(rank: int) -> str:
    """Return an invented name, a different one for each rank."""
    syllables = ""
    while rank:
        rank, index = divmod(rank, 40)
        syllables += "bcdfghjklmnprstvwxyz"[index % 20] + "aeiou"[index % 5] + "nr"[index // 20]
    return syllables.capitalize()


def about_text(folder: Path) -> dict[str, Any]:
    """Return length and share of unseen words of an archive, judged by its first row group."""
    path = next(iter(sorted(folder.iterdir())))
    texts = pq.ParquetFile(path).read_row_group(0)["text"].to_pylist()
    known = {*load_model().scorer.tables.words, b"\xff"}
    tokens = tokenize_batch(texts)
    unseen = sum(token not in known for token in tokens) / (len(tokens) - len(texts))
    return told({"characters": round(statistics.mean(map(len, texts)), 1), "unseen_words": round(unseen, 4)})


def part_of(folder: Path, size: int) -> Path:
    """Return a folder with the first `size` sentences of the archive, made of links where files are whole."""
    part = folder / f"first-{size}"
    if not part.exists():
        part.mkdir()
        for path in sorted((folder / "all").iterdir())[: -(-size // FILE)]:
            if size >= FILE:
                os.link(path, part / path.name)
            else:
                pq.write_table(pq.read_table(path).slice(0, size), part / path.name, row_group_size=ROW_GROUP)
    return part


def run(archive: Path, folder: Path, *options: str) -> dict[str, Any]:
    """Score an archive in a process of its own; return seconds, its peak memory and what came out."""
    out = Path(tempfile.mkdtemp(dir=folder))
    began = time.monotonic()
    done = subprocess.run(command(archive, out, *options), check=True, capture_output=True, text=True)
    seconds = time.monotonic() - began
    said, peak, cpu_seconds = map(json.loads, done.stdout.splitlines())
    parts = sorted((out / "parts").iterdir())
    assert sum(pq.read_metadata(part).num_rows for part in parts) == said["scored"]
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "peak_mb": round(peak / 1024, 1),
        "parts": len(parts),
        "mb": round(sum(part.stat().st_size for part in parts) / 1e6, 2),
    }


def command(archive: Path, out: Path, *options: str) -> list[str]:
    """Return the command that scores an archive and tells its peak memory in KiB and its CPU seconds."""
    return [sys.executable, "-c", PROGRAM, "score", str(archive), "-o", str(out), "--json", *options]


def kills(archive: Path, folder: Path) -> dict[str, Any]:
    """Kill runs at random moments and resume them; return how often, and whether they gave what a whole run gives.

    A run that ends before it is killed is compared, and the next one begins anew.
    """
    whole, out = Path(tempfile.mkdtemp(dir=folder)), folder / "killed"
    options = ("--part-size", "1000", "--workers", "2", "--resume")
    subprocess.run(command(archive, whole, *options), check=True, capture_output=True)
    moments, wanted = random.Random(1), digest(whole)
    killed, same = 0, True
    while killed < KILLS:
        process = subprocess.Popen(
            command(archive, out, *options),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.5 + 1.5 * moments.random())
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
            continue
        same = same and digest(out) == wanted
        shutil.rmtree(out)
    subprocess.run(command(archive, out, *options), check=True, capture_output=True)
    return {"kills": killed, "same_records": same and digest(out) == wanted}


def digest(out: Path) -> str:
    """Return a SHA-256 over the records of a run in order."""
    found = hashlib.sha256()
    for part in sorted((out / "parts").iterdir()):
        found.update(json.dumps(pq.read_table(part).to_pylist()).encode())
    return found.hexdigest()


def profile(folder: Path) -> dict[str, Any]:
    """Return CPU microseconds a sentence of each stage, measured apart, and bytes a sentence of each format."""
    model, options = load_model(), CorpusOptions()
    (source, *_), _ = find_sources([part_of(folder, PROFILED)], folder / "out")
    schema = pq.read_schema(source.path)
    starts = range(0, 8192, 2048)
    groups = range(pq.ParquetFile(source.path).num_row_groups)
    count = pq.read_metadata(source.path).num_rows
    clock: dict[str, float] = {}

    def timed(stage: str, work: Any) -> Any:
        began = time.process_time()
        result = work()
        clock[stage] = round((time.process_time() - began) / count * 1e6, 3)
        return result

    read = timed("reading Parquet", lambda: [*read_parquet(source, groups, 0, "text", schema, 8192)])
    timed("first sight of the words", lambda: [model.predict_proba(batch.texts) for batch in read])
    timed(
        "tokenizing",
        lambda: [tokenize_batch(batch.texts[i : i + 2048]) for batch in read for i in starts],
    )
    scores = timed("tokenizing and scoring", lambda: [model.predict_proba(batch.texts) for batch in read])
    found = [Found(choose(p, model.labels).tolist(), p, "0" * 16) for p in scores]
    names = options.added(model.labels)
    sizes = {"Parquet in": Path(source.path).stat().st_size}
    for name in ("Parquet", "JSON lines"):
        path = folder / f"written.{name}"
        with path.open("wb") as file:
            writer = ParquetWriter(file, names, schema, split=False) if name == "Parquet" else JsonWriter(file, names)
            pairs = [(b.rows if name == "Parquet" else b.rows.to_pylist(), f) for b, f in zip(read, found, strict=True)]
            timed(f"writing {name}", lambda: [*[writer.write(*pair) for pair in pairs], writer.close()])  # noqa: B023
        sizes[f"{name} out"] = path.stat().st_size
    lines = folder / "profiled.jsonl"
    rows = (row for batch in read for row in batch.rows.to_pylist())
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (source, *_), _ = find_sources([lines], folder / "out")
    timed("reading JSON lines", lambda: [*read_json(source, 0, source.size, "text", frozenset(), 8192)])
    sizes["JSON lines in"] = source.size
    return told({"microseconds": clock, "bytes": {name: round(size / count, 1) for name, size in sizes.items()}})


if __name__ == "__main__":
    sys.exit(main())
