"""How much is quoted: a phrase in its sentence, sentences that belong together, a whole list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from rag.answer.candidates import Candidate, Inquiry
from rag.english.anaphora import leans
from rag.records import Document
from rag.text.units import Unit, block_units, introduction

SENTENCES: Final = 3
"""Sentences that answer at most."""
LONGEST: Final = 2_000
"""Characters that they have at most: of one that never ends, what its passage has of it."""
ITEMS: Final = 100
"""Items of a list that is quoted whole; of a longer one those are that its passage holds."""
_INTRODUCED: Final = 0.5
"""Share of the question's words in what a list stands under, from which on all of it is asked for."""


class Piece(NamedTuple):
    """A part of an answer and the quote it stands in, as offsets into one document."""

    answer: tuple[int, int]
    quote: tuple[int, int]


def pieces(inquiry: Inquiry, document: Document, candidate: Candidate) -> list[Piece]:
    """What is quoted to answer with a candidate: in parts where a list is asked for, else in one."""
    form, unit = inquiry.form, candidate.unit
    quote = (unit.start, unit.end)
    if form == "list" and unit.kind == "list":
        about = f"{candidate.passage.heading or ''}\n{introduction(document, unit)}"
        if inquiry.share_in(about) >= _INTRODUCED and "list" in inquiry.rules:
            items = block_units(document, unit)
            if len(items) > ITEMS:
                items = [u for u in candidate.read.units if u.block == unit.block]
            return [Piece((u.start, u.end), (u.start, u.end)) for u in items]
    if form == "passage" and unit.kind not in ("list", "table"):
        longer = _sentences(document.text, block_units(document, unit), unit)
        if longer != quote and "sentences" in inquiry.rules:
            quote = longer
        return [Piece(quote, quote)]
    return [Piece(candidate.span, quote)]


def _sentences(text: str, units: Sequence[Unit], best: Unit) -> tuple[int, int]:
    """The best sentence with those it leans on, and then those that lean on it.

    ``units`` are all of its block; a passage may have cut the first or last of its own.
    """
    first = next(n for n, unit in enumerate(units) if best.start < unit.end)
    last = first
    if first and leans(text, units[first].start):
        first -= 1
    while (
        last + 1 < len(units)
        and last + 1 - first < SENTENCES
        and leans(text, units[last + 1].start)
    ):
        last += 1
    start, end = units[first].start, units[last].end
    return (start, end) if end - start <= LONGEST else (best.start, best.end)
