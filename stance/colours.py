"""Colours of labels that can be read on light and dark paper, also with the common forms of colour blindness."""

from __future__ import annotations

PALETTE = ("#0369a1", "#c2410c", "#7c3aed", "#15803d", "#b91c6b", "#0f766e", "#92400e", "#4b5563")
"""What labels without a colour of their own get, in order."""

CONTRAST = 4.5
"""Least contrast of text with its paper (WCAG 2.2, success criterion 1.4.3)."""


def legible(colour: str, papers: tuple[str, ...]) -> str:
    """Return the colour nearest to `colour`, toward black or white, that can be read on all of `papers`.

    Parameters
    ----------
    colour : str
        As ``#rrggbb``.
    papers : tuple of str
        All light or all dark.
    """
    toward = 0 if _luminance(_channels(papers[0])) > 0.5 else 255
    grounds = [_luminance(_channels(paper)) for paper in papers]
    channels = _channels(colour)
    for step in range(51):
        mixed = [round(channel + (toward - channel) * step / 50) for channel in channels]
        if min(_contrast(_luminance(mixed), ground) for ground in grounds) >= CONTRAST:
            break
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _luminance(channels: list[int]) -> float:
    """Return the relative luminance of sRGB channels (WCAG 2.2)."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: float, second: float) -> float:
    lighter, darker = max(first, second), min(first, second)
    return (lighter + 0.05) / (darker + 0.05)
