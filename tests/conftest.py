"""What several tests share: the data set, small fitted models, and real news where it is at hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stance.classifier import StanceClassifier
from stance.dataset import Dataset, load_dataset
from stance.model import Model
from stance.registry import load_model

ROOT = Path(__file__).resolve().parent.parent
EVALUATION = Path(os.environ.get("STANCE_EVALUATION", ROOT.parent / "shared" / "evaluation"))


@pytest.fixture(scope="session")
def data() -> Dataset:
    return load_dataset(ROOT / "datasets" / "s400")


@pytest.fixture(scope="session")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="session")
def sample(data: Dataset) -> Dataset:
    """Return every thirtieth example: small, all labels, many slices."""
    return Dataset("sample", 1, data.target, data.label_names, data.examples[::30])


@pytest.fixture(scope="session")
def fitted(sample: Dataset) -> StanceClassifier:
    return StanceClassifier(calibration_folds=3).fit(sample.texts, sample.labels, groups=sample.groups)


@pytest.fixture(scope="session")
def news() -> Dataset:
    path = EVALUATION / "news-dev.jsonl"
    if not path.exists():
        pytest.skip(f"real news is not at hand: {path}")
    return load_dataset(path)


def run_cli(*arguments: str, stdin: bytes = b"", timeout: float = 120) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-c", "from stance.cli import main; main()", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=timeout, check=False)
