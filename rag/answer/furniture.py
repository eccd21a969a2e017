"""What is never an answer: where a report was written, who took its picture, what its layout left over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rag.answer.candidates import Candidate
from rag.english.furniture import core, says_nothing

SHARE: Final = 0.01
"""The share of its probability that a candidate keeps if it has no other words."""


def without_furniture(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, each with words that may answer: its own, or else the reader's next best."""
    return [_without(candidate) for candidate in candidates]


def _without(candidate: Candidate) -> Candidate:
    unit = candidate.unit
    whole = (unit.start, unit.end)
    if says_nothing(candidate.sentence):
        return candidate.keeping({"furniture": SHARE})
    if candidate.span == whole:
        return candidate
    others = [(span.start, span.end) for span in candidate.read.spans_in(unit)]
    for start, end in (candidate.span, *others):
        inside = max(start, unit.start) - unit.start, min(end, unit.end) - unit.start
        kept = core(candidate.sentence, *inside)
        if kept:
            return replace(candidate, span=(kept[0] + unit.start, kept[1] + unit.start))
    return candidate.keeping({"furniture": SHARE})
