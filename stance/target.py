"""What stances are toward: the question, who may hold a stance on it, and which words an article on it must hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from stance.actors import load_actors
from stance.errors import DataError
from stance.files import read_text
from stance.holders import Holders
from stance.text import normalize


@dataclass(frozen=True)
class Target:
    """A question that actors take stances on.

    Parameters
    ----------
    name, description : str
    holders : Holders
        The actors, ready to be found in text.
    topic : tuple of tuples of tuples of str
        Beginnings of words, as `stance.text.normalize` writes them. An article is on the topic if for one of the
        outer tuples it holds a word with a beginning from each of the inner ones; without any, every article is.
    excluded : mapping of str to tuple of str
        For a label the sides that cannot hold it: a government does not oppose its own purchase.
    """

    name: str
    description: str
    holders: Holders
    topic: tuple[tuple[tuple[str, ...], ...], ...] = ()
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def is_topic_of(self, text: str) -> bool:
        """Whether an article may be about the target at all."""
        words = set(normalize(text).split())
        return not self.topic or any(
            all(any(word.startswith(beginnings) for word in words) for beginnings in needed) for needed in self.topic
        )


@cache
def bundled_target() -> Target:
    """Return the target of the bundled model: Turkey's purchase of the Russian S-400."""
    with as_file(files("stance") / "data") as folder:
        return load_target(folder / "s400.target.json")


def load_target(path: str | Path) -> Target:
    """Return the target that a JSON file describes, its actor file read from beside it.

    Raises
    ------
    DataError
        If the file or its actors cannot be read.
    """
    try:
        row: dict[str, Any] = json.loads(read_text(path))
        return Target(
            name=str(row["name"]),
            description=str(row["description"]),
            holders=Holders(load_actors(Path(path).parent / row["actors"]) if row.get("actors") else ()),
            topic=tuple(tuple(tuple(map(str, any_of)) for any_of in needed) for needed in row.get("topic", ())),
            excluded={str(label): tuple(map(str, sides)) for label, sides in row.get("excluded", {}).items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}: not a target ({error!r}); expected JSON with name, description and actors") from None
