"""Model cards: what a published model says to a reader, in Markdown for model hubs and in HTML for people."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from string import Template
from typing import Any

from stance.index import Published

_PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$title</title>
<style>
:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8886; text-align: left; vertical-align: top; }
pre { padding: .8rem; background: #8882; border-radius: 6px; overflow-x: auto; }
</style>
$body
</html>
""")


def card_markdown(entry: Published, manifest: Mapping[str, Any], about: str = "") -> str:
    """Return the card of a published model: front matter as Hugging Face reads it, then facts and scores.

    Parameters
    ----------
    entry : Published
    manifest : mapping
        The artifact's own.
    about : str
        Markdown in the publisher's words: intended use, data, limits. Stands before the generated part.
    """
    title = f"# {_plain(entry.name)} {_plain(entry.version)}"
    parts = [_front_matter(entry), about.strip() or title, "## Facts", _facts(entry, manifest)]
    if entry.scores:
        parts += ["## Scores", _scores(entry.scores)]
    parts += ["## Use", f"```sh\nstance download {entry.name}=={entry.version}@sha256:{entry.sha256}\n```"]
    parts += [f'```python\nimport stance\n\nmodel = stance.load_model("{entry.name}=={entry.version}")\n```']
    return "\n\n".join(parts) + "\n"


def card_html(markdown: str, title: str) -> str:
    """Return a card as a page of its own; HTML inside the Markdown is shown as text."""
    from markdown_it import MarkdownIt

    _, _, body = (
        markdown.removeprefix("---\n").partition("\n---\n") if markdown.startswith("---\n") else ("", "", markdown)
    )
    rendered = MarkdownIt("commonmark", {"html": False}).enable("table").render(body)
    return _PAGE.substitute(title=html.escape(title), body=rendered)


def _front_matter(entry: Published) -> str:
    """Return YAML, every value written as JSON, which is YAML too."""
    metrics = [
        {"type": "f1", "name": f"macro-F1, {name}", "value": values["macro_f1"]}
        for name, values in entry.scores.items()
        if isinstance(values, Mapping) and isinstance(values.get("macro_f1"), float)
    ]
    result = {"task": {"type": "text-classification"}, "dataset": {"name": entry.target or entry.name, "type": "text"}}
    fields = {
        "language": "en",
        "license": entry.licence.lower(),
        "library_name": "stance-analysis",
        "pipeline_tag": "text-classification",
        "tags": ["stance-detection", "news", "safetensors"],
        "model-index": [{"name": entry.name, "results": [result | {"metrics": metrics}]}] if metrics else [],
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
    return "\n".join(["---", *lines, "---"])


def _facts(entry: Published, manifest: Mapping[str, Any]) -> str:
    data = manifest.get("dataset", {})
    rows = {
        "target": entry.target,
        "labels": ", ".join(entry.labels),
        "trained on": f"{data['examples']} sentences of {data.get('name', '')} {data.get('version', '')}"
        if "examples" in data
        else "",
        "data fingerprint": data.get("fingerprint", ""),
        "size": f"{entry.size:,} bytes, format {entry.format}",
        "SHA-256": entry.sha256,
        "published": entry.date,
        "licence": entry.licence,
    }
    return _table(["", ""], [[name, str(value)] for name, value in rows.items() if value])


def _scores(scores: Mapping[str, Any]) -> str:
    sets = {name: values for name, values in scores.items() if isinstance(values, Mapping)}
    names = sorted({name for values in sets.values() for name in _numbers(values)})
    return _table(["", *sets], [[name, *(_shown(values, name) for values in sets.values())] for name in names])


def _numbers(values: Mapping[str, Any]) -> list[str]:
    return [name for name, value in values.items() if isinstance(value, (int, float))]


def _shown(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name, "")
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_plain(cell) for cell in line) + " |" for line in lines)


def _plain(text: str) -> str:
    """Return a text that cannot end a table cell or open markup."""
    text = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in text)
