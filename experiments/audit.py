"""Rank the sentences whose label is most doubtful, by cleanlab's self-confidence.

    python -m experiments.audit -n 500 > suspicious.jsonl

Every sentence is predicted by a model that never saw its article (grouped cross-validation); the lower the probability
of its own label, the earlier it is listed (Northcutt, Jiang & Chuang 2021). Needs the extra ``train``.
"""

from __future__ import annotations

import argparse
import json
import sys

from stance.training import pin_threads

pin_threads()

import numpy as np  # noqa: E402 - threads are pinned before NumPy is imported
from cleanlab.rank import get_label_quality_scores  # noqa: E402
from sklearn.model_selection import StratifiedGroupKFold  # noqa: E402

from experiments.runs import HERE  # noqa: E402
from experiments.train import fit, read_config  # noqa: E402
from stance.dataset import Dataset, load_dataset  # noqa: E402

FOLDS = 4


def main(arguments: list[str] | None = None) -> int:
    """Print the most doubtful examples as JSON lines; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=500, help="how many")
    options = parser.parse_args(arguments)
    data = load_dataset(HERE.parent / "datasets" / "s400")
    labels, probabilities = held_out(data)
    codes = np.array([labels.index(example.label) for example in data])
    own = get_label_quality_scores(codes, probabilities, method="self_confidence")
    for i in np.argsort(own, kind="stable")[: options.n]:
        example, said = data.examples[i], labels[int(probabilities[i].argmax())]
        row = {"id": example.id, "text": example.text, "label": example.label, "said": said}
        print(json.dumps(row | {"probability": round(float(own[i]), 3)}, ensure_ascii=False))
    return 0


def held_out(data: Dataset) -> tuple[list[str], np.ndarray]:
    """Return label names and the (n, K) probabilities by models that did not see the example's article."""
    config = read_config("s400")
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    probabilities = np.zeros((len(data), len(data.label_names)))
    for train, test in splitter.split(data.texts, data.labels, data.groups):
        part = Dataset(data.name, data.version, data.target, data.label_names, tuple(data.examples[i] for i in train))
        probabilities[test] = fit(config, part).predict_proba([data.examples[i].text for i in test])
    return sorted(data.label_names), probabilities


if __name__ == "__main__":
    sys.exit(main())
