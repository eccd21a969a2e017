"""Which words of a sentence, row or item answer, and what makes its answer less probable."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from rag.answer.candidates import Candidate, Inquiry
from rag.english.measures import with_measure
from rag.english.predicates import is_another_act, is_of_another_agent
from rag.english.question import is_of_kind, years_in
from rag.records import Span
from rag.text.units import Cell

NEARLY: Final = 0.25
"""How much of its probability an answer keeps that is not of the kind asked for."""
ANOTHERS: Final = 0.01
"""How much of it a sentence keeps that tells the same of somebody else, or only of other years."""

_IN: Final = " in "


def selected(inquiry: Inquiry, candidate: Candidate) -> Candidate:
    """The candidate with the words of it that answer: the reader's, if a phrase is asked for.

    Of spans that the reader finds nearly as good, one of the kind asked for. A table row is read whole
    where its cells cannot be told apart: what one says depends on the others.
    """
    span, fitting = _Selection(inquiry, candidate).words()
    chosen = replace(candidate, span=span)
    shares = dict(_doubts(inquiry, chosen, fitting=fitting))
    return replace(
        chosen,
        probability=candidate.probability * math.prod(shares.values()),
        features={**candidate.features, **{name: math.log(s) for name, s in shares.items()}},
    )


def _doubts(
    inquiry: Inquiry, candidate: Candidate, *, fitting: bool
) -> Iterator[tuple[str, float]]:
    """What makes an answer less probable, and how much of its probability it leaves."""
    question, rules, sentence = inquiry.question, inquiry.rules, candidate.sentence
    if question.agent and is_of_another_agent(question.agent, sentence) and "agent" in rules:
        yield "agent", ANOTHERS
    elif question.act and is_another_act(question.act, sentence, rules):
        yield "act", ANOTHERS
    years = years_in(sentence) if question.years else frozenset()
    if years and question.years.isdisjoint(years) and "years" in rules:
        yield "year", ANOTHERS
    if not fitting:
        placed = _is_place(inquiry, candidate, candidate.span[0])
        yield "kind", ANOTHERS if placed else NEARLY


def _is_place(inquiry: Inquiry, candidate: Candidate, start: int) -> bool:
    """Whether a company is asked for, and words are where something is."""
    if not inquiry.question.firm:
        return False
    begin = max(candidate.passage.start, start - len(_IN))
    return candidate.read.words(begin, start) == _IN and "place" in inquiry.rules


class _Selection:
    """The choice of words in one candidate."""

    def __init__(self, inquiry: Inquiry, candidate: Candidate) -> None:
        self._inquiry = inquiry
        self._question = inquiry.question
        self._candidate = candidate
        self._read = candidate.read
        self._begin = candidate.passage.start

    def words(self) -> tuple[tuple[int, int], bool]:
        """The place of the words that answer, and whether they are of the kind asked for."""
        unit, rules = self._candidate.unit, self._inquiry.rules
        whole = (unit.start, unit.end)
        if self._inquiry.form not in ("phrase", "list"):
            return whole, True
        found = self._read.spans_in(unit)
        if unit.kind == "table":
            cell = self._cell(unit.cells, found)
            span = (cell.start, cell.end) if cell and "cell" in rules else whole
            return span, self._is_of_kind(self._read.words(*span))
        if not found:
            return whole, False
        good = (span for span in found if span.score >= NEARLY * found[0].score)
        fitting = next((span for span in good if self._fits(span)), None)
        best = fitting or found[0]
        start, end = best.start, best.end
        text, begin = self._candidate.passage.text, self._begin
        last = with_measure(text, start - begin, end - begin) + begin
        if last != end and "whole-measure" in rules:
            end = last
        return (max(start, unit.start), min(end, unit.end)), fitting is not None

    def _fits(self, span: Span) -> bool:
        """Whether words are of the kind asked for, and more than the question's own."""
        phrase = self._read.words(span.start, span.end)
        if not self._is_of_kind(phrase):
            return False
        if _is_place(self._inquiry, self._candidate, span.start):
            return False
        if self._question.choice:
            return True
        return not (self._inquiry.says_only_its_own(phrase) and "own-words" in self._inquiry.rules)

    def _is_of_kind(self, phrase: str) -> bool:
        return is_of_kind(phrase, self._question.kinds) or "kind" not in self._inquiry.rules

    def _cell(self, cells: Sequence[Cell], found: Sequence[Span]) -> Cell | None:
        """The cell of a row whose column is asked for, or else the one that the reader points at.

        A cell whose words are the question's own is what is asked about.
        """
        inquiry = self._inquiry
        others = [
            cell
            for cell in cells
            if not inquiry.says_only_its_own(self._read.words(cell.start, cell.end))
        ]
        named = [inquiry.terms.intersection(inquiry.analyzer(cell.column)) for cell in others]
        most = max(map(len, named), default=0)
        if most:
            best = [cell for cell, terms in zip(others, named, strict=True) if len(terms) == most]
            if len(best) == 1:
                return best[0]
        for span in found:
            for cell in others:
                if cell.start <= span.start and span.end <= cell.end:
                    return cell
        return None
