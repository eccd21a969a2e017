"""The items of an answer that is a list."""

import re
from collections.abc import Sequence
from itertools import pairwise

LONGEST = 5  # words of an item
_JOINT = re.compile(r",? (?:and|or|&) |, (?:and |or )?|; (?:and |or )?")
_JOINED = re.compile(r"\b(?:and|or)\b|&")
_MANNER = re.compile(r"\s*(?:how|why)\b", re.IGNORECASE)
_ASKS_FOR_SEVERAL = re.compile(
    r"\b(?:which|what|name|list)\b (?:[\w'-]+ ){0,3}?(?!is\b|was\b|does\b|this\b|has\b)[\w-]+[^\W\dsu]s\b"
    r"|\b(?:who|what|which) (?:are|were)\b|\b(?:two|three|four|five|six|both|several|people)\b",
    re.IGNORECASE,
)


def parts_of(answer: str, question: str) -> list[tuple[int, int]]:
    """Where the items of a list like "A, B and C" are; [] if it is none.

    Of two, the question must ask for several, for many a name has an "and".

    >>> parts_of("ore, coal and salt", "What is mined?")
    [(0, 3), (5, 9), (14, 18)]
    >>> parts_of("Lewis and Clark", "Who came?"), parts_of("Ann and Bob", "Who were the owners?")
    ([], [(0, 3), (8, 11)])
    """
    answer = answer.rstrip(" .,;:")
    if not _JOINED.search(answer) or _MANNER.match(question):
        return []
    begin, items = 0, []
    for match in _JOINT.finditer(answer):
        items.append((begin, match.start()))
        begin = match.end()
    items.append((begin, len(answer)))
    words = [answer[start:end].split() for start, end in items]
    if len(items) < 2 + (not _ASKS_FOR_SEVERAL.search(question)):
        return []
    if any(not 1 <= len(w) <= LONGEST for w in words) or re.search(r"\d, \d|\d{4}", answer):
        return []
    return items


def items_of(
    answers: Sequence[tuple[str, int]], question: str, *, parts: bool
) -> list[tuple[str, int]]:
    """The items of a list, each with its place; ``parts``: the answers are parts of one, where several."""
    if parts:
        places = sorted({(at, at + len(text)) for text, at in answers})
        apart = all(e <= s for (_, e), (s, _) in pairwise(places))
        return sorted(answers, key=lambda one: one[1]) if len(places) > 1 and apart else []
    for text, at in answers:
        if found := parts_of(text, question):
            return [(text[start:end], at + start) for start, end in found]
    return []
