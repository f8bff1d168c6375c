"""Processes and clusters: the same records, and none lost with a worker."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import joblib
import pytest

from stance.corpus import score_corpus
from stance.dataset import Dataset
from tests.conftest import ROOT
from tests.corpora import output, rows_of, write_jsonl


@pytest.fixture(scope="module")
def corpus(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_jsonl(tmp_path_factory.mktemp("workers") / "news.jsonl", rows_of(data.texts[:3000]))


@pytest.fixture(scope="module")
def whole(corpus: Path) -> Path:
    return score_corpus(corpus, corpus.parent / "whole").folder


class Cluster:
    """A scheduler with two workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        quiet = ["--no-dashboard"]
        local = ["--local-directory", str(folder), "--nthreads", "1", "--no-nanny"]
        self.processes = [self._start(["scheduler", "--host", "127.0.0.1", "--port", str(port), *quiet])]
        self.processes += [self._start(["worker", self.address, *local, *quiet]) for _ in range(2)]

    def _start(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *arguments]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def close(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    started = Cluster(tmp_path)
    yield started
    started.close()


def test_a_killed_worker_of_a_cluster_costs_nothing(
    cluster: Cluster, corpus: Path, whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code = "from stance.cli import main; main()"
    options = ["-o", str(out), "--scheduler", cluster.address, "--part-size", "2"]
    command = [sys.executable, "-c", code, "score", str(corpus), *options]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while len(list(out.glob("parts/*"))) < 20 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.poll() is None
    cluster.processes[1].send_signal(signal.SIGKILL)
    assert "3,000 sentences" in process.communicate(timeout=120)[1]
    assert process.returncode == 0
    assert output(out) == output(whole)


def test_the_active_joblib_configuration_decides(corpus: Path, whole: Path, tmp_path: Path) -> None:
    with joblib.parallel_config(backend="loky", n_jobs=2):
        run = score_corpus(corpus, tmp_path / "out", part_size=200)
    assert output(run.folder) == output(whole)


def test_the_examples_with_a_cluster_run_as_written(corpus: Path, whole: Path, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "corpus.md").read_text()
    blocks = dict(re.findall(r"<!-- runs -->\n```(\w+)\n(.*?)```", guide, re.DOTALL))
    assert set(blocks) == {"sh", "python"}
    shutil.copy(corpus, tmp_path / "news.jsonl")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    (tmp_path / "example.py").write_text(blocks["python"])
    (tmp_path / "example.sh").write_text("set -m\n" + blocks["sh"].replace("8786", str(_free_port())))
    for command in (["bash", "example.sh"], [sys.executable, "example.py"]):
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=120)
    assert output(tmp_path / "scored") == output(tmp_path / "scored-too") == output(whole)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
