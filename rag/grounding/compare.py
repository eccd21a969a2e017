"""Whether a sentence of an article says all that another sentence says, word by word.

The source must have every date, quantity, name and other term, in the same order except for small moves.
The statement may not leave out a third thing between two, nor cut a name out of a longer one, and must have
the same kinds of negating and weakening words ("not", "may", "if"). This rejects many true paraphrases,
because a small reader alone cannot tell them from false ones (``docs/evaluation.md``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NoReturn

from rag.english.lexicon import word_set
from rag.english.names import COMPANY_FORMS, TITLES
from rag.english.statements import Guard, Item, Statement
from rag.english.words import words

NEAR: Final = 2
"""How many items of the source a term may move."""
GAP: Final = 1
"""How many terms of the source a statement may leave out between its own."""
SAYS_OTHERWISE: Final = 5
"""Rank of a miss where the source has every word of a statement but says something else."""

_CLAUSE: Final = ",;:(–—"
_JOINTS: Final = word_set("and or nor but that which who whose where when because while than")


class Unsupported(Exception):
    """A sentence that its sources do not say; ``reason`` says what they lack.

    ``rank`` says how far the comparison went: the nearest miss is the one to report.
    """

    def __init__(self, reason: str, rank: float) -> None:
        super().__init__(reason)
        self.reason = reason
        self.rank = rank


def compare(claim: Statement, source: Statement, seam: int = 0) -> None:
    """Check that a source says all that a statement says. Raises Unsupported.

    ``seam`` is where the second of two sentences begins in the source: two are quoted only if the statement
    needs both.

    >>> from rag.english.statements import statement
    >>> from rag.stores.analyzer import TextAnalyzer
    >>> source = statement("On Friday the pier may close for 3 days.", TextAnalyzer())
    >>> compare(statement("The pier may close on Friday.", TextAnalyzer()), source)
    >>> compare(statement("The pier closes on Friday.", TextAnalyzer()), source)
    Traceback (most recent call last):
    rag.grounding.compare.Unsupported: its source says “may”
    """
    comparison = _Comparison(claim, source, _aligned(claim.items, source.items), seam)
    comparison.refuse_new()
    comparison.refuse_moved()
    comparison.refuse_one_sided()
    comparison.refuse_gaps()
    comparison.refuse_parts_of_names()
    comparison.refuse_relations()
    comparison.refuse_other_guards()


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A statement beside its source."""

    claim: Statement
    source: Statement
    places: Sequence[int | None]
    """For each item of the statement its index in the source; None if it is not there in order."""
    seam: int

    def refuse_new(self) -> None:
        """Refuse an item that the source does not have."""
        items, source = self.claim.items, self.source.items
        new = [item for item in items if not any(_same(item, other) for other in source)]
        for item in sorted(new, key=lambda item: not item.is_fact):
            known = 1 - len(new) / len(items)
            raise Unsupported(f"“{_words(self.claim, item)}” is not in its source", 2 + known)

    def refuse_moved(self) -> None:
        """Refuse another order, except for small moves."""
        for number, (item, place) in enumerate(zip(self.claim.items, self.places, strict=True)):
            if place is None and not self._near(number):
                raise Unsupported(f"“{_words(self.claim, item)}” stands elsewhere in its source", 4)

    def refuse_one_sided(self) -> None:
        """Refuse two source sentences if one of them alone says nearly everything."""
        before = sum(self.source.items[place].start < self.seam for _, place in self._matched)
        if not self._matched or (self.seam and min(before, len(self._matched) - before) < 2):
            raise Unsupported("its source says nothing about it", 0)

    def refuse_gaps(self) -> None:
        """Refuse to join what the source says about one thing with what it says about another.

        Between two items of a statement, the source may name no third, except for words of the same name,
        an aside, or a repetition in brackets.
        """
        missed, moved = 0, self._moved
        for (m, one), (n, two) in pairwise(self._matched):
            first, second = self.source.items[one], self.source.items[two]
            if 0 < self.claim.items[m].run == self.claim.items[n].run and first.run != second.run:
                raise Unsupported(
                    f"“{_words(self.claim, self.claim.items[n])}” belongs to another name", 4
                )
            left_out = [
                self.source.items[j]
                for j in range(one + 1, two)
                if j not in moved
                and (self.source.items[j].run or -1) not in (first.run, second.run)
            ]
            if self._is_aside(first, second, left_out):
                continue
            self._refuse_joints(m, n, first, second)
            facts = [item for item in left_out if item.is_fact and item.kind != "date"]
            missed += len(left_out)
            if facts or missed > GAP:
                self._refuse_for((facts or left_out)[0])

    def refuse_parts_of_names(self) -> None:
        """Refuse a part of a longer name: Japan is not Western Japan, nor is the US its Navy.

        A statement may leave out titles before a name and company forms after it, and shorten a long name
        to its end.
        """
        used = {place for _, place in self._matched} | self._moved
        for run in {item.run for item in self.source.items if item.run}:
            own = [j for j, item in enumerate(self.source.items) if item.run == run]
            held = [j for j in own if j in used]
            if not held:
                continue
            before = [self._word(j) for j in own if j < held[0]]
            after = [self._word(j) for j in own if j > held[-1]]
            if (len(held) == 1 and not TITLES.issuperset(before)) or not COMPANY_FORMS.issuperset(
                after
            ):
                first, last = self.source.items[own[0]], self.source.items[own[-1]]
                raise Unsupported(
                    f"its source says “{self.source.text[first.start : last.end]}”", SAYS_OTHERWISE
                )
        for _, place in self._matched:
            for j, begin, end in self._hyphenated(place):
                if j not in used:
                    raise Unsupported(
                        f"its source says “{self.source.text[begin:end]}”", SAYS_OTHERWISE
                    )

    def refuse_relations(self) -> None:
        """Refuse "from 5" for "to 5", and "Japan makes" for "in Japan"."""
        for n, place in self._matched:
            ours, theirs = self.claim.items[n], self.source.items[place]
            if not (ours.is_fact or theirs.is_fact) or ours.preposition == theirs.preposition:
                continue
            if theirs.preposition:
                raise Unsupported(
                    f"its source says “{theirs.preposition} {_words(self.source, theirs)}”",
                    SAYS_OTHERWISE,
                )
            beside = [
                self.source.items[j].run
                for j in (place - 1, place + 1)
                if 0 <= j < len(self.source.items)
            ]
            if not (self._in_brackets(theirs) or (theirs.run and theirs.run in beside)):
                raise Unsupported(f"“{ours.preposition}” is not in its source", SAYS_OTHERWISE)

    def refuse_other_guards(self) -> None:
        """Refuse a statement that is negated, weakened or limited in another way than its source."""
        used = [self.source.items[place] for place in {p for _, p in self._matched} | self._moved]
        start, end = min(item.start for item in used), max(item.end for item in used)
        begin = max(self.source.text.rfind(f"{mark} ", 0, start) for mark in _CLAUSE) + 1
        ours = self.claim.guards
        theirs = [g for g in self.source.guards if begin <= g.start < end or g.kind == "if"]
        for guard in ours:
            if guard.kind not in {other.kind for other in theirs}:
                raise Unsupported(
                    f"{_quoted(self.claim, guard)} is not in its source", SAYS_OTHERWISE
                )
        for guard in theirs:
            if guard.kind not in {other.kind for other in ours}:
                raise Unsupported(f"its source says {_quoted(self.source, guard)}", SAYS_OTHERWISE)
        if sum(g.kind == "not" for g in theirs) != sum(g.kind == "not" for g in ours):
            raise Unsupported("its source says “not” more or less often", SAYS_OTHERWISE)

    @property
    def _matched(self) -> list[tuple[int, int]]:
        """Indices of items of the statement, each with its index in the source, in order."""
        return [(n, place) for n, place in enumerate(self.places) if place is not None]

    @property
    def _moved(self) -> set[int]:
        """Indices in the source of the items that have moved."""
        loose = [
            item for item, place in zip(self.claim.items, self.places, strict=True) if place is None
        ]
        return {
            j
            for j, other in enumerate(self.source.items)
            if j not in self.places and any(_same(item, other) for item in loose)
        }

    def _near(self, number: int) -> bool:
        """Whether an item has only moved a little: within its name, or by some items of its sentence.

        A date may move any distance if the source has no other; a quantity, and what it counts, may not
        move at all.
        """
        items, item = self.source.items, self.claim.items[number]
        if item.kind == "date":
            return sum(other.kind == "date" for other in items) == 1
        own = [j for j, other in enumerate(items) if _same(item, other) and j not in self.places]
        before = next((p for p in reversed(self.places[:number]) if p is not None), None)
        after = next((p for p in self.places[number + 1 :] if p is not None), None)
        around = [p for p in (before, after) if p is not None]
        if item.kind == "name":
            runs = {items[p].run for p in around} - {0}
            return any(items[j].run in runs for j in own)
        last = self.claim.items[number - 1] if number else item
        counted = last.kind == "quantity" and not self.claim.text[last.end : item.start].strip()
        if item.kind == "quantity" or counted or not around:
            return False
        side = [items[p].start < self.seam for p in around]
        return any(
            all(abs(j - p) <= NEAR for p in around)
            and all(s == (items[j].start < self.seam) for s in side)
            for j in own
        )

    def _word(self, place: int) -> str:
        """A word of the source in lower case, without the dot of an abbreviation."""
        return _words(self.source, self.source.items[place]).rstrip(".").lower()

    def _is_aside(self, first: Item, second: Item, left_out: Sequence[Item]) -> bool:
        """Whether the items left out between two only add something about one of them."""
        if self._in_brackets(second):  # "the Harbour Board (HB)"
            return True
        _, *clause = self.source.text[first.end : second.start].replace(";", ",").split(",")
        opening = clause[0].split(maxsplit=1)[:1] if len(clause) == 1 else []
        if first.kind == "name" and not left_out and opening in (["who"], ["which"]):
            return True  # "the board, which closed"
        within = not first.start < self.seam <= second.start
        return bool(within and left_out and self._encloses(first.end, second.start, left_out[-1]))

    def _encloses(self, start: int, end: int, last: Item) -> bool:
        """Whether commas, dashes or brackets enclose the words that end with ``last``."""
        opens = self.source.text[start : last.start].lstrip()[:1] in {",", "(", "–", "—"}
        return opens and any(mark in self.source.text[last.end : end] for mark in ",)–—")

    def _refuse_joints(self, m: int, n: int, first: Item, second: Item) -> None:
        """Refuse to leave out an "and" or a "which": it joins two things."""
        between = self.source.text[first.end : second.start]
        own = self.claim.text[self.claim.items[m].end : self.claim.items[n].start]
        joints = {word.text for word in words(between)} & _JOINTS
        if joints and "," not in own and not joints <= {word.text for word in words(own)}:
            raise Unsupported(
                f"its source says “{' '.join(between.split())}” there", SAYS_OTHERWISE
            )

    def _refuse_for(self, item: Item) -> NoReturn:
        raise Unsupported(
            f"its source also says “{_words(self.source, item)}” there", SAYS_OTHERWISE
        )

    def _in_brackets(self, item: Item) -> bool:
        return self.source.text[item.start - 1 : item.start] == "("

    def _hyphenated(self, place: int) -> Iterator[tuple[int, int, int]]:
        """Indices of items that a hyphen joins to the one at ``place``, with the offsets of both."""
        items = self.source.items
        for j in (place - 1, place + 1):
            if 0 <= j < len(items):
                left, right = sorted((items[place], items[j]), key=lambda item: item.start)
                if self.source.text[left.end : right.start] in ("-", "‑"):
                    yield j, left.start, right.end


def _same(one: Item, other: Item) -> bool:
    """Whether two items are the same. A less exact date is the same as an exact one."""
    if one.date and other.date:
        return one.date.holds(other.date)
    # A capital makes no difference: models write "Rare Earth" for rare earths.
    return one.value == other.value and (
        one.kind == other.kind or {one.kind, other.kind} == {"term", "name"}
    )


def _aligned(claim: Sequence[Item], source: Sequence[Item]) -> list[int | None]:
    """For each item of a statement its index in the source, in order, for as many items as possible.

    This is the longest common subsequence whose items are closest together; a fact counts twice.
    """
    n, m = len(claim), len(source)
    best = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            best[i][j] = max(best[i - 1][j], best[i][j - 1], _gain(best, claim, source, i, j))
    places: list[int | None] = [None] * n
    i, j = n, next(j for j in range(m + 1) if best[n][j] == best[n][m])
    while i and j:
        if best[i][j] == _gain(best, claim, source, i, j):
            i, j = i - 1, j - 1
            places[i] = j
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i -= 1
    return places


def _gain(
    best: Sequence[Sequence[int]], claim: Sequence[Item], source: Sequence[Item], i: int, j: int
) -> int:
    """The score of the first ``i`` and ``j`` items if the last two are the same; else -1."""
    one = claim[i - 1]
    return best[i - 1][j - 1] + 1 + one.is_fact if _same(one, source[j - 1]) else -1


def _words(of: Statement, item: Item) -> str:
    return of.text[item.start : item.end].strip()


def _quoted(of: Statement, guard: Guard) -> str:
    return f"“{words(of.text[guard.start :])[0].text}”"
