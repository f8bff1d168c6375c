"""The layer table: a module imports only from lower layers, stays small, and writes only where it may."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import stance
from tests.conftest import ROOT

LAYERS = {
    1: ("colours", "errors", "labels", "lexicon", "lookup", "ngrams", "sentences", "tables", "text"),
    2: ("bylines", "download", "features", "files", "metrics", "names", "pairs", "quotations", "sources", "vocabulary"),
    3: ("actors", "parquet", "rows", "scorer"),
    4: ("aliases", "dataset", "lines", "mentions", "model", "people", "public_formats", "relabel", "target_file"),
    5: (
        "agreement",
        "annotation_tools",
        "classifier",
        "evaluation",
        "frames",
        "holders",
        "manifest",
        "readings",
        "records",
        "speakers",
        "splits",
    ),
    6: ("artifact", "audit", "columns", "formats", "index", "rules", "search", "suggest", "target"),
    7: ("cache", "cards", "export", "parts", "resolution", "scaffold", "segments", "training_record"),
    8: ("candidates", "publish", "registry", "runfolder", "workers"),
    9: ("attribution", "corpus", "training"),
    10: ("article",),
    11: ("articles", "display", "timeline"),
    12: ("cli_models", "report"),
    13: ("cli", "cli_articles", "cli_corpus", "cli_labels", "cli_training"),
}
LAYER_OF = {module: layer for layer, modules in LAYERS.items() for module in modules}
MODULES = sorted(path for path in (ROOT / "stance").glob("*.py") if not path.stem.startswith("__"))


def imports(path: Path) -> set[str]:
    """Return the modules of the package that a module imports, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("stance."):
            found.add(node.module.split(".")[1])
    return found


def top_level_imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]


def test_every_module_has_a_layer() -> None:
    assert {path.stem for path in MODULES} == set(LAYER_OF)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_imports_point_downwards(path: Path) -> None:
    upward = {name for name in imports(path) if LAYER_OF[name] >= LAYER_OF[path.stem]}
    assert not upward


@pytest.mark.parametrize(
    "module",
    ["tables", "lookup", "pairs", "vocabulary", "scorer", "model", "artifact", "registry", "text", "cli", "metrics"],
)
def test_predicting_needs_no_heavy_import(module: str) -> None:
    assert not top_level_imports(ROOT / "stance" / f"{module}.py") & {"sklearn", "scipy", "joblib", "pandas"}


def test_only_the_command_line_prints() -> None:
    printing = {
        path.stem
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printing == {"cli", "cli_articles", "cli_corpus", "cli_labels", "cli_models", "cli_training"}


def test_nothing_unpickles() -> None:
    for path in MODULES:
        assert not top_level_imports(path) & {"pickle", "marshal", "shelve", "dill"}
        assert "joblib.load" not in path.read_text()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_size(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300
    assert all(node.end_lineno - node.lineno < 60 for node in functions(path) if node.end_lineno)


def test_median_function_is_short() -> None:
    lengths = sorted((node.end_lineno or 0) - node.body[0].lineno + 1 for path in MODULES for node in functions(path))
    assert lengths[len(lengths) // 2] < 12


def test_no_grab_bag() -> None:
    assert not {"utils", "helpers", "common", "misc"} & set(LAYER_OF)


def test_the_contributing_guide_shows_this_table() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    for layer, modules in LAYERS.items():
        assert f"| {layer} | {', '.join(f'`{module}`' for module in modules)} |" in guide


def test_exports_exist_and_have_docstrings() -> None:
    for name in stance.__all__:
        assert getattr(stance, name).__doc__ or name == "__version__"
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        stance.nonsense  # noqa: B018
