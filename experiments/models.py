"""The classifiers that are compared: ours and its peers, each a scikit-learn estimator built from a config."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC

from experiments import heavy
from stance.classifier import StanceClassifier
from stance.text import normalize


def words() -> TfidfVectorizer:
    """Return the word TF-IDF of a first attempt: unigrams, l2 norm."""
    return TfidfVectorizer(sublinear_tf=True)


def union() -> Any:
    """Return the standard union: words 1-2 and characters 2-5 inside word boundaries, sublinear, l2."""
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )


def majority() -> Pipeline:
    """Return the baseline that always answers the most frequent label, with the training shares as probabilities."""
    return make_pipeline(CountVectorizer(), DummyClassifier(strategy="prior"))


def word_lr(C: float = 10.0) -> Pipeline:  # noqa: N803 - scikit-learn's name
    """Return word TF-IDF with logistic regression."""
    return make_pipeline(words(), LogisticRegression(C=C, max_iter=1000))


def union_lr(C: float = 10.0) -> Pipeline:  # noqa: N803
    """Return the standard union with logistic regression."""
    return make_pipeline(union(), LogisticRegression(C=C, max_iter=1000))


def union_svm(C: float = 0.5) -> Pipeline:  # noqa: N803
    """Return the standard union with a linear support vector machine, calibrated by sigmoids."""
    return make_pipeline(union(), CalibratedClassifierCV(LinearSVC(C=C, random_state=0), cv=5))


def complement_nb(alpha: float = 0.5) -> Pipeline:
    """Return the standard union with complement naive Bayes (Rennie et al. 2003)."""
    return make_pipeline(union(), ComplementNB(alpha=alpha))


def lexicon(C: float = 10.0) -> Pipeline:  # noqa: N803
    """Return a logistic regression on a short list of stance cues, as one would write it down from the guidelines."""
    cues = CountVectorizer(vocabulary=CUES, ngram_range=(1, 3), token_pattern=r"[a-z0-9]+", preprocessor=normalize)
    return make_pipeline(cues, LogisticRegression(C=C, max_iter=1000))


def vader(C: float = 10.0) -> Pipeline:  # noqa: N803
    """Return a logistic regression on VADER's sentiment scores."""
    return make_pipeline(heavy.Vader(), LogisticRegression(C=C, max_iter=1000))


def minilm_lr(C: float = 10.0) -> Pipeline:  # noqa: N803
    """Return a logistic regression on frozen MiniLM sentence embeddings."""
    return make_pipeline(heavy.MiniLM(), LogisticRegression(C=C, max_iter=1000))


CUES = sorted(
    {
        # oppose
        "incompatible", "unacceptable", "grave", "consequences", "cannot have both", "threat", "concern",
        "concerns", "warned", "warns", "urged", "demand", "demanded", "must", "unless", "sanctions",
        "sanctioned", "imposed", "removed", "expelled", "suspended", "halt", "block", "cancel", "give up",
        "get rid of", "danger", "risk",
        # support
        "done deal", "no turning back", "no step back", "step back", "sovereign", "sovereignty", "right",
        "need", "necessity", "better terms", "better offer", "go ahead", "committed", "ultimatum",
        "ultimatums", "blackmail", "deliver", "second batch", "on schedule", "unlawful", "unfair",
        "permission", "our own", "determined",
        # softening
        "waive", "waived", "waiver", "ease", "eased", "lift", "lifted", "working group", "joint", "dialogue",
        "solution", "resolve", "open to", "storage", "store", "boxes", "not activate", "return", "resale",
        "third country", "fairly", "treated", "delay", "delayed", "compromise", "crete", "hope",
        "still be avoided",
    }
)  # fmt: skip
"""Cues of the annotation guidelines, for the lexicon peer."""

BUILDERS: dict[str, Callable[..., Any]] = {
    "complement_nb": complement_nb,
    "fasttext": heavy.FastText,
    "lexicon": lexicon,
    "majority": majority,
    "minilm_lr": minilm_lr,
    "minilm_tuned": heavy.FineTuned,
    "stance": StanceClassifier,
    "union_lr": union_lr,
    "union_svm": union_svm,
    "vader": vader,
    "word_lr": word_lr,
}
