"""Whether two answers say the same, and whether they contradict each other.

Both are careful: what cannot be told is neither. Two answers contradict only if they are of one kind, two
numbers of the same measure, two dates, or two names where but one can be right, and neither is a part of
the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Final, TypeVar

from rag.english.canonical import Form, form
from rag.english.quantities import apart, same_quantity
from rag.english.question import Question

_ITEMS: Final = re.compile(r" ?(?:,|;|\band\b) ?(?:and )?")
_MOST_ITEMS: Final = 6
_LONGEST: Final = 12
"""Words of a phrase; what is longer is a sentence, and says the same only in the same words."""
_FIRM: Final = frozenset(
    "inc corp corporation ltd limited plc co company ag as asa ab sa se nv llc gmbh group holding".split()
)
_APART: Final = frozenset(
    "new old north south east west northern southern eastern western upper lower great greater saint st"
    " little inner outer central".split()
)
_BODIES: Final = frozenset(
    "news bank group company party union council times post court ministry museum university institute"
    " school agency office rail press journal network department league treaty act law association"
    " federation foundation society bureau street".split()
)


def says_the_same(one: str, other: str) -> bool:
    """Whether two answers say the same, however they write it.

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
    return _same_name(a, b) or _same_list(one, other)


def differs(one: str, other: str, question: Question) -> bool:
    """Whether two answers to a question contradict each other.

    Names do only where the question has but one answer: an office ("who is the mayor"), or what is done
    once ("who built it"). Answers to a question for several, or for a cause or a manner, never do.

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
    if a.quantities or b.quantities or not (a.names and b.names):
        return False
    return question.single and not _touching(a, b)


_T = TypeVar("_T")


def _all_matched(ones: Sequence[_T], others: Sequence[_T], same: Callable[[_T, _T], bool]) -> bool:
    """Whether each has its own among the others, in any order."""
    if len(ones) != len(others) or len(ones) > _MOST_ITEMS:
        return False
    alike = [[same(one, other) for other in others] for one in ones]
    return any(
        all(row[n] for row, n in zip(alike, order, strict=True))
        for order in permutations(range(len(others)))
    )


def _same_name(a: Form, b: Form) -> bool:
    """Whether two names are of one: "Mountain Pass" of "the Mountain Pass mine", "Trump" of "Donald Trump".

    What stands after "of" or before a name to tell it from a like one (New, East) is a part of it.
    """
    short, long = sorted((a, b), key=lambda f: len(f.names))
    if not short.names:
        return sorted(a.words) == sorted(b.words)
    if a.acronyms & (b.acronyms | b.initials) or b.acronyms & a.initials:
        return True
    if a.of or b.of or short.names == long.names:
        return a.of == b.of and short.names == long.names
    return _short_for(short, long)


def _short_for(short: Form, long: Form) -> bool:
    """Whether a name is another without its first names, its middle name, or the form of its firm."""
    extra = len(long.names) - len(short.names)
    if long.names[:-extra] == short.names:
        return _FIRM.issuperset(long.names[-extra:])
    if len(short.names) > 1:  # a middle name
        return (
            len(short.names) == 2
            and (long.names[0], long.names[-1]) == short.names
            and not (_BODIES & {*short.names})
        )
    return (
        long.names[extra:] == short.names
        and not _APART.intersection(long.names[:extra])
        and not _BODIES.intersection(short.names)
    )


def _touching(a: Form, b: Form) -> bool:
    """Whether one holds what the other says, or both share a name."""
    return (
        set(a.words) <= set(b.words)
        or set(b.words) <= set(a.words)
        or bool({*a.names} & {*b.names})
    )


def _same_list(one: str, other: str) -> bool:
    ones, others = (_ITEMS.split(" ".join(text.split())) for text in (one, other))
    return len(ones) > 1 and _all_matched(ones, others, says_the_same)
