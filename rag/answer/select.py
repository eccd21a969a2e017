"""Which words of a sentence, row or item answer, once it is known how probable it is that they do."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from rag.answer.question import asks_for_a_rate, form_of, is_of_kind, lacks_number, years_in
from rag.answer.rules import ALL
from rag.english.act import act_asked, is_another_act
from rag.english.measures import is_of_dimension, with_body, with_measure
from rag.english.subject import deed_asked, is_anothers
from rag.protocols import Analyzer
from rag.records import Passage, Reading, Span
from rag.text.units import Cell, Unit

NEARLY: Final = 0.25
"""How much of its probability an answer keeps that is not of the kind asked for."""
ANOTHERS: Final = 0.01
"""How much of it a sentence keeps that tells the same deed of somebody else, or only of other years, or
measures something else."""

_PERSON: Final = re.compile(r"\bwho(?:m|se)?\b", re.IGNORECASE)
_CHOICE: Final = re.compile(r"\bor\b", re.IGNORECASE)
_WORD_BEFORE: Final = re.compile(r"[A-Z][\w'’-]* \Z")
_LONGEST_WORD: Final = 32
_IN: Final = " in "
_FIRM: Final = re.compile(
    r"\b(?:which|what) (?:[\w-]+ ){0,2}"
    r"(?:agency|compan(?:y|ies)|corporations?|firms?|manufacturers?|organi[sz]ations?|producers?|suppliers?)\b",
    re.IGNORECASE,
)


class AskedFor:
    """What a question asks for, held against what a reader found."""

    def __init__(self, question: str, analyzer: Analyzer, rules: Collection[str] = ALL) -> None:
        self.question = question
        self.rules = rules
        self._analyzer = analyzer
        self._terms = frozenset(analyzer(question))
        self.form = form_of(question)
        if self.form in ("list", "passage") and self.form not in rules:
            self.form = "phrase"
        self._years = years_in(question)
        self._rate = asks_for_a_rate(question)
        self._deed = deed_asked(question, analyzer)
        self._act = act_asked(question)

    def share_in(self, text: str) -> float:
        """The share of the question's terms that a text holds."""
        return len(self._terms.intersection(self._analyzer(text))) / max(1, len(self._terms))

    def answer(
        self,
        passage: Passage,
        unit: Unit,
        reading: Reading,
        probability: float,
        evidence: Mapping[str, float],
    ) -> Span:
        """The words of a unit that answer, and how probably: the reader's, if a phrase is asked for.

        Of spans that it finds nearly as good, one of the kind asked for. A table row is read whole where
        its cells cannot be told apart: what one says depends on the others.
        """
        counts: dict[str, float] = {}
        sentence = passage.text[unit.start - passage.start : unit.end - passage.start]
        if (
            self._deed
            and is_anothers(self._deed, sentence, self._analyzer)
            and "agent" in self.rules
        ):
            counts["another's"] = ANOTHERS
        elif self._act and is_another_act(self._act, sentence, self.rules):
            counts["act"] = ANOTHERS
        told_of = years_in(sentence)
        if self._years and told_of and self._years.isdisjoint(told_of) and "years" in self.rules:
            counts["year"] = ANOTHERS
        if (
            self._rate
            and not asks_for_a_rate(f"{sentence} {passage.heading or ''}")
            and "rate" in self.rules
        ):
            counts["rate"] = NEARLY
        place, fitting = self._words(passage, unit, inside(unit, reading))
        if not fitting:
            words = passage.text[place[0] - passage.start : place[1] - passage.start]
            possible = is_of_dimension(self.question, words) or "measure" not in self.rules
            possible = possible and not (
                lacks_number(self.question, words) and "number" in self.rules
            )
            possible = possible and not self._is_place(passage, place[0])
            counts["kind"] = NEARLY if possible else ANOTHERS
        kept = probability * math.prod(counts.values())
        told = {**evidence, **{name: math.log(share) for name, share in counts.items()}}
        return Span(*place, kept, told)

    def _words(
        self, passage: Passage, unit: Unit, found: Sequence[Span]
    ) -> tuple[tuple[int, int], bool]:
        """The place of the words of a unit that answer, and whether they are of the kind asked for."""
        whole = (unit.start, unit.end)
        if self.form not in ("phrase", "list"):
            return whole, True
        if unit.kind == "table":
            cell = self._cell(passage, unit, found)
            start, end = (cell.start, cell.end) if cell and "cell" in self.rules else whole
            words = passage.text[start - passage.start : end - passage.start]
            return (start, end), self._of_kind(words)
        if not found:
            return whole, False
        good = (span for span in found if span.score >= NEARLY * found[0].score)
        fitting = next((span for span in good if self._fits(passage, span)), None)
        best, begin = fitting or found[0], passage.start
        start, end = best.start, best.end
        first = with_body(passage.text, best.start - begin) + begin
        last = with_measure(passage.text, best.start - begin, best.end - begin) + begin
        if first != start and "whole-body" in self.rules:
            start = first
        if last != end and "whole-measure" in self.rules:
            end = last
        return (max(start, unit.start), min(end, unit.end)), fitting is not None

    def _fits(self, passage: Passage, span: Span) -> bool:
        """Whether words are of the kind asked for, and more than the question's own."""
        start, end = span.start - passage.start, span.end - passage.start
        phrase = passage.text[start:end]
        whole = passage.text[start : with_measure(passage.text, start, end)]
        if not self._of_kind(phrase):
            return False
        if not is_of_dimension(self.question, whole) and "measure" in self.rules:
            return False
        if self._is_place(passage, span.start):
            return False
        if _CHOICE.search(self.question):
            return True
        if self._terms.issuperset(self._analyzer(phrase)) and "own-words" in self.rules:
            return False
        # "Ucore [Rare Metals]" is Ucore once more, but "CEO [Ann Lee]" is who is asked for.
        before = _WORD_BEFORE.search(passage.text, max(0, start - _LONGEST_WORD), start)
        goes_on = (
            before is not None
            and phrase[:1].isupper()
            and not _PERSON.search(self.question)
            and bool(named := self._analyzer(before.group()))
            and self._terms.issuperset(named)
        )
        return not (goes_on and "name-goes-on" in self.rules)

    def _of_kind(self, phrase: str) -> bool:
        return is_of_kind(self.question, phrase) or "kind" not in self.rules

    def _is_place(self, passage: Passage, start: int) -> bool:
        """Whether a company is asked for, and words are where something is."""
        before = passage.text[max(0, start - passage.start - len(_IN)) : start - passage.start]
        placed = before == _IN and _FIRM.search(self.question) is not None
        return placed and "place" in self.rules

    def _cell(self, passage: Passage, unit: Unit, found: Sequence[Span]) -> Cell | None:
        """The cell of a row whose column is asked for, or else the one that the reader points at.

        A cell whose words are the question's own is what is asked about.
        """

        def text(cell: Cell) -> str:
            return passage.text[cell.start - passage.start : cell.end - passage.start]

        cells = [c for c in unit.cells if not self._terms.issuperset(self._analyzer(text(c)))]
        named = [self._terms.intersection(self._analyzer(cell.column)) for cell in cells]
        most = max(map(len, named), default=0)
        if most:
            best = [cell for cell, terms in zip(cells, named, strict=True) if len(terms) == most]
            if len(best) == 1:
                return best[0]
        for span in found:
            for cell in cells:
                if cell.start <= span.start and span.end <= cell.end:
                    return cell
        return None


def inside(unit: Unit, reading: Reading) -> list[Span]:
    """The reader's spans that lie in a unit, in part at least, most probable first."""
    return [span for span in reading.spans if span.start < unit.end and unit.start < span.end]
