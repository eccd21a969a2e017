"""Whether the passages that a generated sentence cites say what the sentence says.

A sentence is kept only if one sentence of a cited passage, or two in a row, say all of it (``compare``),
and a reader finds that they entail it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rag.english.lexicon import DEMONSTRATIVES, POSSESSIVES, SUBJECT_PRONOUNS, any_of, word_set
from rag.english.statements import Statement, statement, words_in_lower_case
from rag.grounding.claims import Claim
from rag.grounding.compare import SAYS_OTHERWISE, Unsupported, compare
from rag.protocols import Analyzer, EntailmentReader
from rag.records import Passage
from rag.text.terminal import UNSAFE
from rag.text.units import Unit, Units

LEAST: Final = 3
"""A sentence with fewer items says too little to be checked."""
LONGEST: Final = 1_000
"""Characters of a sentence that is checked; the prompt asks for short ones."""
SUPPORT: Final = 0.5
"""The least probability of entailment; ``docs/evaluation.md`` says how it was chosen."""

_POINTING: Final = re.compile(
    rf"\W*(?:there(?!\s+(?:is|are|was|were|will)\b)"
    rf"|{any_of((SUBJECT_PRONOUNS | DEMONSTRATIVES | POSSESSIVES) - {'my', 'your', 'our'})}|such|both|here"
    r"|one|another|(?:the )?(?:others?|same|latter|former))\b",
    re.IGNORECASE,
)
_MARKUP: Final = re.compile(r"<[a-zA-Z/!?|]|\]\(|\[\[|[{}]|https?:|www\.", re.IGNORECASE)
_LEAD: Final = re.compile(
    r"\W*(?:according to|as (?:stated|noted|reported|mentioned|described) (?:in|by)|based on|per|in)"
    r" (?:the |this )?(?P<who>[^,]{1,60}),\s+"
    r"|\W*the (?P<what>\w+) (?:also )?(?:says?|states?|notes?|mentions?|reports?|explains?)(?: that)?,?\s+"
    r"|\W*(?:additionally|also|furthermore|in addition|moreover|overall|in summary|yes),?\s+",
    re.IGNORECASE,
)
_ITSELF: Final = word_set(
    "article articles passage passages source sources text report reports provided"
)
"""What a model calls its sources. A lead of these words adds nothing."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of a passage that support a sentence, as offsets into its document."""

    passage: Passage
    start: int
    end: int
    seam: int = 0
    """Where the second of two sentences begins in it; 0 for one sentence."""

    @property
    def text(self) -> str:
        """The words of the passage."""
        begin = self.passage.start
        return self.passage.text[self.start - begin : self.end - begin]


@dataclass(frozen=True, slots=True)
class Supported:
    """A sentence that its sources say, with one quote from each passage."""

    text: str
    quotes: tuple[Quote, ...]


class Checker:
    """Checks one generated answer, sentence by sentence, against the numbered passages."""

    def __init__(
        self,
        passages: Sequence[Passage],
        units: Units,
        analyzer: Analyzer,
        reader: EntailmentReader,
    ) -> None:
        """``passages`` are those in the prompt; the first is number 1."""
        self._passages = passages
        self._units = units
        self._analyzer = analyzer
        self._reader = reader
        self._last: Supported | None = None

    def check(self, claim: Claim) -> Supported:
        """The sentence with the quotes that support it. Raises Unsupported."""
        before, self._last = self._last, None
        _refuse_unfit(claim)
        cited = [n for n in claim.cites if 1 <= n <= len(self._passages)]
        if not cited:
            missing = ", ".join(f"[{n}]" for n in claim.cites)
            raise Unsupported(
                f"cites {missing}, which does not exist" if missing else "cites nothing", 0
            )
        quotes: list[Quote] = []
        nearest = Unsupported("its source says nothing about it", 0)
        for passage in (self._passages[n - 1] for n in cited):
            try:
                quotes.append(self._quote(claim.text, passage, before))
            except Unsupported as miss:
                nearest = max(nearest, miss, key=lambda m: m.rank)
        if not quotes:
            raise nearest
        self._last = Supported(claim.text, tuple(quotes))
        return self._last

    def _quote(self, text: str, passage: Passage, before: Supported | None) -> Quote:
        lead = _LEAD.match(text)
        if lead and _adds_nothing(lead, passage):
            text = text[lead.end() :]
        claim = statement(text, self._analyzer, words_in_lower_case(passage.text))
        if len(claim.items) < LEAST:
            raise Unsupported("is too short to be checked", 1)
        nearest = Unsupported("its source says nothing about it", 0)
        for quote in _quotes(passage, self._units(passage)):
            if quote.seam and nearest.rank >= SAYS_OTHERWISE:
                break  # one sentence has all its words and says something else
            try:
                self._compare(claim, quote, before)
            except Unsupported as miss:
                nearest = max(nearest, miss, key=lambda m: m.rank)
            else:
                return quote
        raise nearest

    def _compare(self, claim: Statement, quote: Quote, before: Supported | None) -> None:
        compare(claim, statement(quote.text, self._analyzer), quote.seam)
        opening = _POINTING.match(claim.text)
        if opening and not (
            quote.text.casefold().startswith(opening.group().casefold())
            and before
            and any(_leads_to(last, quote) for last in before.quotes)
        ):
            raise Unsupported(f"“{opening.group().strip()}” may point to something else", 6)
        [entailment] = self._reader.entailments(claim.text, [quote.text])
        if entailment.supports < SUPPORT:
            raise Unsupported("the reader finds no support for it", 7)


def _adds_nothing(lead: re.Match[str], passage: Passage) -> bool:
    """Whether a lead only says that the source says the rest."""
    who = (lead["who"] or lead["what"] or "article").casefold()
    return set(who.split()) <= _ITSELF or who == (passage.publisher or "").casefold()


def _refuse_unfit(claim: Claim) -> None:
    if len(claim.text) > LONGEST:
        raise Unsupported("is too long to be checked", 0)
    if UNSAFE.search(claim.text):
        raise Unsupported("holds control characters", 0)
    if _MARKUP.search(claim.text):
        raise Unsupported("holds markup or a link", 0)
    if claim.text.rstrip("\"'”’)").endswith("?"):
        raise Unsupported("asks and states nothing", 0)


def _quotes(passage: Passage, units: Sequence[Unit]) -> Iterator[Quote]:
    """Every unit of a passage, then every two in a row."""
    for unit in units:
        yield Quote(passage, max(unit.start, passage.start), min(unit.end, passage.end))
    for first, second in itertools.pairwise(units):
        start = max(first.start, passage.start)
        yield Quote(passage, start, min(second.end, passage.end), second.start - start)


def _leads_to(last: Quote, quote: Quote) -> bool:
    """Whether a quote is the one of the last sentence, or directly follows it."""
    same = last.passage.doc_id == quote.passage.doc_id
    return same and last.start <= quote.start <= last.end + 2
