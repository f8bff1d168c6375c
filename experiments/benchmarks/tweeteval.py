"""TweetEval stance (SemEval-2016 task 6A): five targets, tweets.

    python -m experiments.benchmarks.tweeteval --data FOLDER

Official measure (Mohammad et al. 2016): the mean of the F1 of *against* and of *favor*, all targets pooled. FOLDER
holds a folder for each target, as in datasets/stance of github.com/cardiffnlp/tweeteval.
"""

from __future__ import annotations

import sys

from stance.training import pin_threads

pin_threads()

from sklearn.ensemble import VotingClassifier  # noqa: E402 - threads are pinned before NumPy is imported
from sklearn.pipeline import make_union  # noqa: E402

from experiments.benchmarks.models import (  # noqa: E402
    OnePerTarget,
    SharedAndOwn,
    SoftmaxSVC,
    characters,
    logistic,
    majority,
    stance_model,
    union,
    words,
)
from experiments.benchmarks.protocol import Benchmark, main  # noqa: E402
from experiments.benchmarks.readers import read_tweeteval  # noqa: E402
from stance.features import AdditiveTfidf  # noqa: E402

LR = SharedAndOwn(union(), logistic(1, None))
SVM = SharedAndOwn(union(), SoftmaxSVC(0.3, None))
LONG = SharedAndOwn(make_union(words(3), characters(2, 6)), logistic(1, None))
LONG_SVM = SharedAndOwn(make_union(words(3), characters(2, 6)), SoftmaxSVC(0.3, None))
OWN = SharedAndOwn(union(), logistic(1, None), shared=0)

BENCHMARK = Benchmark(
    name="tweeteval",
    read=read_tweeteval,
    candidates={
        "StanceClassifier, one a target": OnePerTarget(stance_model()),
        "additive TF-IDF, shared and own": SharedAndOwn(AdditiveTfidf(anchors=0), logistic(1, None)),
        "LR, own": OWN,
        "LR, shared and own": LR,
        "SVM, shared and own": SVM,
        "LR, shared and own, longer n-grams": LONG,
        "vote of LR and SVM, shared and own": VotingClassifier([("lr", LR), ("svm", SVM)], voting="soft"),
        "vote of LR and SVM, both lengths": VotingClassifier(
            [("lr", LR), ("svm", SVM), ("long", LONG), ("long_svm", LONG_SVM)], voting="soft"
        ),
    },
    references={
        "majority label": OnePerTarget(majority()),
        "StanceClassifier": OnePerTarget(stance_model()),
    },
    measure="oppose_support_f1",
)

if __name__ == "__main__":
    sys.exit(main(BENCHMARK, __doc__))
