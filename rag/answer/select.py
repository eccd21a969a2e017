"""Which words of a sentence, row or item answer, and what makes its answer less probable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from rag.answer.candidates import Candidate, Inquiry
from rag.answer.contrasts import contrasted
from rag.english.clauses import part_about
from rag.english.dates import with_bound
from rag.english.enumerations import enumeration, places_of
from rag.english.furniture import core, says_nothing
from rag.english.numbers import numbers
from rag.english.predicates import (
    definition,
    has_other_labels,
    is_another_act,
    is_beside_another,
    named_in,
)
from rag.english.quantities import are_others, with_measure
from rag.english.question import Question, is_of_kind, years_in
from rag.english.sentences import is_denied, is_ruled_out, is_supposed, leans
from rag.english.verbs import is_not_now
from rag.records import Span
from rag.text.edges import with_edges
from rag.text.units import Cell

NEARLY: Final = 0.25
"""The share of its probability that an answer keeps if it is not of the kind the question asks for."""
ANOTHERS: Final = 0.01
"""The share that an answer keeps if its sentence is about somebody else, or only about other years."""


def select(inquiry: Inquiry, candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """The ``most`` most probable candidates, best first, each with the words that answer.

    The words are the reader's span if a phrase is asked for, and the whole unit otherwise.
    """
    chosen = contrasted(inquiry, [_with_words(inquiry, candidate) for candidate in candidates])
    chosen = _about_now(inquiry, chosen)
    chosen.sort(key=lambda candidate: -candidate.probability)
    return [_with_items(inquiry, _with_measure(inquiry, each)) for each in chosen[:most]]


def _with_words(inquiry: Inquiry, candidate: Candidate) -> Candidate:
    """A candidate with the words that answer, and less probable if something speaks against them."""
    span, fits = _Selection(inquiry, candidate).words()
    if span != candidate.unit[:2]:
        begin = candidate.passage.start
        start, end = with_edges(candidate.passage.text, span[0] - begin, span[1] - begin)
        span = start + begin, min(end + begin, candidate.unit.end)
    shares = dict(doubts(inquiry, candidate, span, fits=fits))
    return replace(candidate, span=span).keeping(shares)


def _about_now(inquiry: Inquiry, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates; if the question is about now, what once was or will be gives way to what is."""
    others = [
        inquiry.question.is_now and is_not_now(each.sentence[: each.span[0] - each.unit.start])
        for each in candidates
    ]
    rivals = (each for each, other in zip(candidates, others, strict=True) if not other)
    now = max((each.probability for each in rivals), default=0.0)
    return [
        each.keeping({"now": NEARLY})
        if other and now > NEARLY * each.probability and "now" in inquiry.rules
        else each
        for each, other in zip(candidates, others, strict=True)
    ]


def _with_measure(inquiry: Inquiry, candidate: Candidate) -> Candidate:
    """A candidate whose number has its measure and bound: "over 22,000 tons", not "22,000"."""
    unit, (start, end) = candidate.unit, candidate.span
    if (start, end) == unit[:2] or unit.kind == "table" or not any(numbers(candidate.words)):
        return candidate
    begin = candidate.passage.start
    first, last = with_measure(candidate.passage.text, start - begin, end - begin)
    first = with_bound(candidate.passage.text, first, last)
    whole = (max(first + begin, unit.start), min(last + begin, unit.end))
    if whole == (start, end) or "whole-measure" not in inquiry.rules:
        return candidate
    return replace(candidate, span=whole)


def _with_items(inquiry: Inquiry, candidate: Candidate) -> Candidate:
    """A candidate; if a list is asked for, with the whole enumeration that its words are in."""
    unit, (start, end) = candidate.unit, candidate.span
    if inquiry.form != "list" or unit.kind in {"list", "table"} or (start, end) == unit[:2]:
        return candidate
    begin, finish = enumeration(candidate.sentence, start - unit.start, end - unit.start)
    whole = (unit.start + min(begin, start - unit.start), max(unit.start + finish, end))
    if whole == (start, end) or "enumeration" not in inquiry.rules:
        return candidate
    return replace(candidate, span=whole)


def doubts(
    inquiry: Inquiry, candidate: Candidate, span: tuple[int, int], *, fits: bool
) -> Iterator[tuple[str, float]]:
    """What makes an answer less probable, each with the share of the probability that it leaves."""
    question, rules, sentence = inquiry.question, inquiry.rules, candidate.sentence
    begin, end = span[0] - candidate.unit.start, span[1] - candidate.unit.start
    if is_beside_another(question.named, sentence, begin, end) and "beside" in rules:
        yield "beside", ANOTHERS
    elif question.act and is_another_act(question.act, sentence, rules):
        yield "act", ANOTHERS
    years = years_in(sentence) if question.years else frozenset()
    if years and question.years.isdisjoint(years) and "years" in rules:
        yield "year", ANOTHERS
    defines = question.defines
    if defines and not named_in(defines, sentence) and "definition" in rules:
        yield "name", ANOTHERS
    if not question.denies and _is_denied(candidate, span) and "denied" in rules:
        yield "denied", ANOTHERS
    states_facts = inquiry.form in {"phrase", "sentence"} and not question.supposes
    if states_facts and is_supposed(sentence) and "supposed" in rules:
        yield "supposed", ANOTHERS
    if question.amounts and are_others(question.amounts, sentence) and "amounts" in rules:
        yield "amount", ANOTHERS
    if question.labelled and _has_other_labels(question, candidate) and "labels" in rules:
        yield "label", ANOTHERS
    if not fits:
        yield "kind", NEARLY


def _has_other_labels(question: Question, candidate: Candidate) -> bool:
    """Whether the sentence is about rule 4(a) instead of 4(b), and says so itself."""
    passage = candidate.passage
    leant = leans(passage.text, candidate.unit.start - passage.start)
    return not leant and has_other_labels(question.labelled, candidate.sentence)


def _is_denied(candidate: Candidate, span: tuple[int, int]) -> bool:
    """Whether the sentence denies or takes back what it says in ``span``."""
    begin, end = span[0] - candidate.unit.start, span[1] - candidate.unit.start
    return candidate.unit.kind != "table" and is_denied(candidate.sentence, begin, end)


class _Selection:
    """The choice of words in one candidate."""

    def __init__(self, inquiry: Inquiry, candidate: Candidate) -> None:
        self._inquiry = inquiry
        self._question = inquiry.question
        self._candidate = candidate
        self._read = candidate.read

    def words(self) -> tuple[tuple[int, int], bool]:
        """The place of the words that answer, and whether they are of the kind asked for.

        Of the spans that the reader finds nearly as good as its best, the first of that kind wins. A
        table row whose cells cannot be told apart is quoted whole: its cells depend on each other.
        """
        unit = self._candidate.unit
        whole = (unit.start, unit.end)
        if self._question.choices and "choice" in self._inquiry.rules:
            return self._chosen()
        if self._inquiry.form not in ("phrase", "list"):
            return whole, True
        spans = self._read.spans_in(unit)
        if unit.kind == "table":
            cell = self._cell(unit.cells, spans)
            place = (cell.start, cell.end) if cell and "cell" in self._inquiry.rules else whole
            return place, self._is_of_kind(self._read.words(*place))
        if not spans:
            return whole, False
        good = [span for span in spans if span.score >= NEARLY * spans[0].score]
        beside = self._beside(spans)
        if beside and "parallel" in self._inquiry.rules:
            good = beside
        fitting = next((span for span in good if self._fits(span)), None)
        best = fitting or spans[0]
        place = (max(best.start, unit.start), min(best.end, unit.end))
        defining = self._defining(place)
        if defining != place and "definition" in self._inquiry.rules:
            place = defining
        return place, fitting is not None

    def _beside(self, spans: Sequence[Span]) -> list[Span]:
        """The spans in the part about what is asked, if the best span is in a part about something else."""
        start = self._candidate.unit.start
        if not self._question.kinds:
            return []
        part = part_about(self._question.named, self._candidate.sentence, spans[0].start - start)
        if part is None:
            return []
        begin, end = start + part[0], start + part[1]
        found = [s for s in spans if begin <= s.start and s.end <= end and self._fits(s)]
        values = [] if found else numbers(self._candidate.sentence[slice(*part)])
        if len(values) != 1:
            return found
        return [Span(begin + values[0].start, begin + values[0].end, spans[0].score)]

    def _chosen(self) -> tuple[tuple[int, int], bool]:
        """The answer that the question offers and the unit has; of several, the one the reader marks."""
        unit, start = self._candidate.unit, self._candidate.unit.start
        offered = [(start + b, start + e) for b, e in self._offered()]
        if not offered:
            return (start, unit.end), False
        marked = (
            place
            for span in self._read.spans_in(unit)
            for place in offered
            if place[0] < span.end and span.start < place[1]
        )
        return next(marked, offered[0]), True

    def _offered(self) -> list[tuple[int, int]]:
        return places_of(self._question.choices, self._candidate.sentence)

    def _defining(self, place: tuple[int, int]) -> tuple[int, int]:
        """The words that say what a name is, if that is asked; the reader's words if they overlap these."""
        start, name = self._candidate.unit.start, self._question.defines
        words = definition(name, self._candidate.sentence) if name else None
        if words is None:
            return place
        begin, end = start + words[0], start + words[1]
        return place if place[0] < end and begin < place[1] else (begin, end)

    def _fits(self, span: Span) -> bool:
        """Whether words are of the kind asked for, and say more than the question."""
        phrase = self._read.words(span.start, span.end)
        if not self._is_of_kind(phrase):
            return False
        begin = span.start - self._candidate.unit.start
        if is_ruled_out(self._candidate.sentence, begin) and "ruled-out" in self._inquiry.rules:
            return False
        return not (self._inquiry.repeats_question(phrase) and "own-words" in self._inquiry.rules)

    def _is_of_kind(self, phrase: str) -> bool:
        return is_of_kind(phrase, self._question.kinds) or "kind" not in self._inquiry.rules

    def _cell(self, cells: Sequence[Cell], spans: Sequence[Span]) -> Cell | None:
        """The cell of a row whose column the question names, or else the one with the reader's span.

        A cell that repeats the question is what the question is about, and not the answer.
        """
        inquiry = self._inquiry
        others = [
            cell
            for cell in cells
            if not inquiry.repeats_question(self._read.words(cell.start, cell.end))
        ]
        shared = [inquiry.terms.intersection(inquiry.analyzer(cell.column)) for cell in others]
        most = max(map(len, shared), default=0)
        if most:
            best = [cell for cell, terms in zip(others, shared, strict=True) if len(terms) == most]
            if len(best) == 1:
                return best[0]
        for span in spans:
            for cell in others:
                if cell.start <= span.start and span.end <= cell.end:
                    return cell
        return None


# ---------------------------------------------------------------- furniture


def without_furniture(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, each with words that may answer: its own, or else the reader's next best."""
    return [_without(candidate) for candidate in candidates]


def _without(candidate: Candidate) -> Candidate:
    unit = candidate.unit
    whole = (unit.start, unit.end)
    if says_nothing(candidate.sentence):
        return candidate.keeping({"furniture": ANOTHERS})
    if candidate.span == whole:
        return candidate
    others = [(span.start, span.end) for span in candidate.read.spans_in(unit)]
    for start, end in (candidate.span, *others):
        inside = max(start, unit.start) - unit.start, min(end, unit.end) - unit.start
        kept = core(candidate.sentence, *inside)
        if kept:
            return replace(candidate, span=(kept[0] + unit.start, kept[1] + unit.start))
    return candidate.keeping({"furniture": ANOTHERS})
