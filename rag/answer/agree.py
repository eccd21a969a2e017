"""Whether two answers say the same, and whether they contradict each other.

In doubt they do neither. Two answers contradict each other only if they are of one kind and neither is a
part of the other: two numbers of one measure, two dates, or two names where only one can be right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import permutations
from typing import Final, NamedTuple, TypeVar

from rag.english.canonical import Form, form
from rag.english.enumerations import items
from rag.english.names import BODIES, COMPANY_FORMS, PLACES, compatible, names, same
from rag.english.quantities import apart, same_quantity
from rag.english.question import Question
from rag.english.words import words

_MOST_ITEMS: Final = 6
_LONGEST: Final = 12
"""Most words of a phrase. Longer answers are sentences and say the same only in the same words."""
_TAIL: Final = re.compile(r",.*|\b(?:in|at|from|near|by|with|which|who|that)\b.*", re.DOTALL)
"""What describes the name before it: "in California", ", a vet"."""
_BETWEEN: Final = re.compile(r"(?:['’]s?)?[\s(&-]*(?:(?:of|for|and|the|on)\s+)*")
"""What may separate two parts of one name."""
_KINDS: Final = (
    BODIES | COMPANY_FORMS | PLACES | frozenset("facility firm plant project site".split())
)
"""Nouns for the kind of thing that a name is of: "the Mountain Pass mine" is Mountain Pass."""


def says_the_same(one: str, other: str) -> bool:
    """Whether two answers say the same, however they are written.

    >>> says_the_same("seventeen", "17"), says_the_same("15–20%", "15 to 20 percent")
    (True, True)
    >>> says_the_same("President Donald Trump", "Trump"), says_the_same("Bank of Japan", "Japan")
    (True, False)
    """
    if one.casefold().split() == other.casefold().split():
        return True
    a, b = form(one), form(other)
    if a.negated != b.negated or max(len(a.words), len(b.words)) > _LONGEST:
        return False
    if a.dates and b.dates and not (a.quantities and b.quantities):
        return _all_matched(a.dates, b.dates, lambda x, y: x.agrees(y))
    if a.quantities or b.quantities:
        return _all_matched(a.quantities, b.quantities, same_quantity)
    if a.dates or b.dates:
        return False
    return _same_thing(one, other) or _same_list(one, other)


def differs(one: str, other: str, question: Question) -> bool:
    """Whether two answers to a question contradict each other.

    Names do so only if the question has a single answer: who holds an office ("who is the mayor"), or
    did what is done once ("who built it"). Answers about several things, a cause or a manner never do.

    >>> from rag.english.question import read_question
    >>> count = read_question("How many people were hurt?", str.split)
    >>> differs("12 people", "Fifteen people", count)
    True
    >>> differs("the Greens", "Labour", read_question("Who supports the plan?", str.split))
    False
    """
    if question.form != "phrase" or says_the_same(one, other):
        return False
    a, b = form(one), form(other)
    if a.negated or b.negated or max(len(a.words), len(b.words)) > _LONGEST:
        return False
    if a.dates and b.dates:
        return (
            "time" in question.kinds
            and len(a.dates) == len(b.dates) == 1
            and a.dates[0].contradicts(b.dates[0])
        )
    if len(a.quantities) == len(b.quantities) == 1:
        return not (a.dates or b.dates) and apart(a.quantities[0], b.quantities[0])
    if a.quantities or b.quantities or not question.single:
        return False
    first, second = _name_in(one), _name_in(other)
    return first is not None and second is not None and not _overlap(a, b, first, second)


_T = TypeVar("_T")


def _all_matched(ones: Sequence[_T], others: Sequence[_T], same: Callable[[_T, _T], bool]) -> bool:
    """Whether each item has its own match among the others, in any order."""
    if len(ones) != len(others) or len(ones) > _MOST_ITEMS:
        return False
    alike = [[same(one, other) for other in others] for one in ones]
    return any(
        all(row[n] for row, n in zip(alike, order, strict=True))
        for order in permutations(range(len(others)))
    )


class _NameAnswer(NamedTuple):
    """An answer that is a name."""

    name: str
    rest: frozenset[str]
    """The words after the name: "administration" in "the Trump administration"."""


def _same_thing(one: str, other: str) -> bool:
    a, b = _name_in(one), _name_in(other)
    if a and b:
        return a.rest - _KINDS == b.rest - _KINDS and same(a.name, b.name)
    ones, others = form(one).words, form(other).words
    return len(ones) == len(others) and sorted(ones) == sorted(others)


@lru_cache(maxsize=256)
def _name_in(answer: str) -> _NameAnswer | None:
    """The name that an answer consists of, without its description; None if it is not a name."""
    text = _TAIL.sub("", answer).strip(' ."“”') or answer
    parts = [name for name in names(text) if not (name.opens and text[name.end :])]
    if not parts:
        return None
    start = parts[-1].start
    for earlier in reversed(parts[:-1]):
        if not _BETWEEN.fullmatch(text, earlier.end, start):
            break
        start = earlier.start
    end = parts[-1].end + (text[parts[-1].end : parts[-1].end + 1] == ")")
    rest = frozenset(w.low for w in words(text[end:]) if len(w.text) > 1)
    return _NameAnswer(text[start:end], rest)


def _overlap(a: Form, b: Form, first: _NameAnswer, second: _NameAnswer) -> bool:
    """Whether one answer includes the other, or both share a name."""
    if set(a.words) <= set(b.words) or set(b.words) <= set(a.words):
        return True
    shared = {word.low for word in words(first.name)} & {word.low for word in words(second.name)}
    return compatible(first.name, second.name) or any(len(word) > 1 for word in shared)


def _same_list(one: str, other: str) -> bool:
    listed = items(one)
    return len(listed) > 1 and _all_matched(listed, items(other), says_the_same)
