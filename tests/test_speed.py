"""The text that speed is measured on, and the parts of the benchmark that need no peer."""

from __future__ import annotations

import random
import sys

import pytest

from experiments import benchmark
from experiments.speed_peers import PEERS
from experiments.speed_text import misspell, new_sentences
from stance.dataset import Dataset
from stance.model import Model


def test_new_sentences_are_new_distinct_and_the_same_every_time(data: Dataset, model: Model) -> None:
    made = new_sentences(data.texts, 2000)
    assert len(set(made)) == 2000
    assert not set(made) & set(data.texts)
    assert made == new_sentences(data.texts, 2000)
    assert 0.005 < benchmark.about(made, model)["share of unseen words"] < 0.05


def test_a_misspelling_changes_little() -> None:
    made = {misspell("sanctions", random.Random(seed)) for seed in range(50)}
    assert len(made) > 10
    assert all(abs(len(word) - len("sanctions")) <= 1 for word in made)


def test_a_peer_that_cannot_be_trained_is_skipped_with_its_reason(
    sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: object) -> None:
        raise ImportError("no module")

    monkeypatch.setattr(benchmark, "PEERS", {"union": PEERS["union"], "gone": ("gone", 1, absent)})
    peers, skipped = benchmark.train_peers(sample)
    assert skipped == {"gone": "ImportError: no module"}
    assert list(peers) == ["union"]


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_process_is_measured() -> None:
    seconds, peak = benchmark.run([sys.executable, "-c", benchmark.TELL_PEAK + "x = b'x' * 30_000_000"])
    assert seconds > 0
    assert 30_000_000 < peak < 90_000_000
