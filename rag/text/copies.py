"""Copies: texts of which one holds most of the other, whatever stands around it.

A story is printed again under another headline, cut short, or with a paper's own lines about it, so what
counts is containment (Broder 1997): the share of the shorter text's runs of words that the longer has too.
Only the few documents that hold an answer are compared, so it is counted, not estimated; MinHash estimates
resemblance, which falls to a seventh where a reprint is cut short, below that of two reports on one matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

SHINGLE: Final = 5
"""Words in a run. Of 80,000 pairs of news articles all but nine share at most 0.11 of them; the nine tell
one story twice."""
CONTAINED: Final = 0.5
"""Share of the shorter text, from which on it is a copy; with every 25th word changed it is still 0.66."""
LONGEST: Final = 50_000
"""Characters of a text that are compared."""

_WORD: Final = re.compile(r"\w+")


def copies(texts: Sequence[str]) -> list[int]:
    """A number for each text; copies of each other, and of each other's copies, have the same one.

    >>> copies(["the ship came in at dawn today", "fog", "Late news: the ship came in at dawn today"])
    [0, 1, 0]
    """
    shingled = [_shingles(text) for text in texts]
    group = list(range(len(texts)))
    for n, one in enumerate(shingled):
        for m, other in enumerate(shingled[:n]):
            if group[n] != group[m] and _contained(one, other):
                low, high = sorted((group[n], group[m]))
                group = [low if g == high else g for g in group]
    return group


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text[:LONGEST].casefold())
    return {tuple(words[n : n + SHINGLE]) for n in range(max(1, len(words) - SHINGLE + 1))}


def _contained(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> bool:
    return len(one & other) >= CONTAINED * min(len(one), len(other))
