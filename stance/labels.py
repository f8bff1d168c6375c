"""The four stance labels of the bundled target: names, order and colours."""

from __future__ import annotations

from enum import StrEnum


class Stance(StrEnum):
    """A stance toward the target; the values are the label strings of data, models and output."""

    NONE = "none"
    OPPOSE = "oppose"
    SOFTENING = "softening"
    SUPPORT = "support"


LABELS: tuple[str, ...] = tuple(stance.value for stance in Stance)
"""Label names in alphabetical order, the order of ``classes_`` and of every table."""

COLOURS: dict[str, str] = {
    Stance.NONE: "#6b7280",
    Stance.OPPOSE: "#c2410c",
    Stance.SOFTENING: "#7c3aed",
    Stance.SUPPORT: "#0369a1",
}
"""One colour a label, distinguishable with the common forms of colour blindness."""
