"""Stance analysis of news text: which stance a sentence carries toward a target, how sure, and why.

>>> import stance
>>> model = stance.load_model()
>>> model.predict(["Ankara will not give up the S-400, Akar said."]).tolist()
['support']

Names are loaded on first use (PEP 562), so that ``import stance`` and predictions never import scikit-learn.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_EXPORTS = {
    "Import": "formats",
    "Agreement": "agreement",
    "Doubt": "audit",
    "Suggestion": "suggest",
    "find_doubts": "audit",
    "measure_agreement": "agreement",
    "read_examples": "formats",
    "suggest_examples": "suggest",
    "write_examples": "formats",
    "Article": "article",
    "ArticleAnalysis": "article",
    "ArtifactError": "errors",
    "CorpusOptions": "segments",
    "CorpusRun": "runfolder",
    "DataError": "errors",
    "DownloadError": "errors",
    "Dataset": "dataset",
    "Example": "dataset",
    "Explanation": "model",
    "InputError": "errors",
    "Model": "model",
    "ModelNotFoundError": "errors",
    "Published": "index",
    "Scores": "metrics",
    "Stance": "labels",
    "Statement": "article",
    "Target": "target",
    "StanceClassifier": "classifier",
    "StanceError": "errors",
    "analyze_article": "article",
    "available_models": "registry",
    "compare_models": "evaluation",
    "download_model": "registry",
    "evaluate": "evaluation",
    "load_dataset": "dataset",
    "load_model": "registry",
    "load_target": "target",
    "new_target": "scaffold",
    "publish_model": "publish",
    "read_articles": "articles",
    "save_model": "artifact",
    "score_corpus": "corpus",
    "score_frame": "frames",
    "train_model": "training",
    "write_report": "report",
}

__all__ = sorted([*_EXPORTS, "__version__"])


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("stance.manifest").package_version()
    if name not in _EXPORTS:
        raise AttributeError(f"module 'stance' has no attribute {name!r}")
    value = getattr(import_module(f"stance.{_EXPORTS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
