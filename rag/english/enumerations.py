"""Enumerations: "zinc, tin and lead", "of Vale, Lynas Corp. and Ucore"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rag.english.lexicon import DETERMINERS
from rag.english.phrases import FUNCTION, phrase_end
from rag.english.verbs import NOUNS_TOO, is_verb_form
from rag.english.words import Word, words

_LONGEST: Final = 6
"""Most words of an item."""
_JOINS: Final = frozenset((",", ";", "and", "or"))
_LAST_JOINS: Final = frozenset(("and", "or"))

Place = tuple[int, int]


def enumeration(sentence: str, start: int, end: int) -> Place:
    """The enumeration that ``sentence[start:end]`` is in, as offsets; only that if it is in none.

    >>> text = "It buys zinc, tin ore and lead from Vale, Lynas Corp. and Ucore."
    >>> text[slice(*enumeration(text, 14, 21))], text[slice(*enumeration(text, 58, 63))]
    ('zinc, tin ore and lead', 'Vale, Lynas Corp. and Ucore')
    """
    found = words(sentence)
    inside = [n for n, word in enumerate(found) if word.start < end and start < word.end]
    while inside and found[inside[0]].low in _JOINS | DETERMINERS:
        inside.pop(0)
    while inside and found[inside[-1]].low in _JOINS:
        inside.pop()
    if not inside:
        return start, end
    first, last = inside[0], inside[-1] + 1
    named = found[first].is_name
    while (earlier := _item_before(found, first, named=named)) is not None:
        first = earlier
    while (later := _item_behind(found, last, named=named)) is not None:
        last = later
    # Only "and" or "or" before the last item makes it an enumeration.
    if not any(word.low in _LAST_JOINS for word in found[first:last]):
        return start, end
    return found[first].start, found[last - 1].end


def _item_before(found: Sequence[Word], first: int, *, named: bool) -> int | None:
    """Where the item before an item begins; None if no item and join stand there."""
    end = _before_join(found, first)
    if end is None:
        return None
    begin = end
    while begin > 0 and end - begin < _LONGEST and _is_part(found[begin - 1], named=named):
        begin -= 1
    if begin == end or (begin > 0 and _is_part(found[begin - 1], named=named)):
        return None
    return begin


def _before_join(found: Sequence[Word], at: int) -> int | None:
    """Where the words before a join end: behind "tin" in "tin, and the"."""
    while at > 0 and found[at - 1].low in DETERMINERS:
        at -= 1
    end = at
    while end > 0 and found[end - 1].low in _JOINS:
        end -= 1
    return end if 0 < end < at else None


def _item_behind(found: Sequence[Word], last: int, *, named: bool) -> int | None:
    """Where the item behind an item ends; None if no join and item stand there."""
    at = last
    while at < len(found) and found[at].low in _JOINS:
        at += 1
    if at == last:
        return None
    while at < len(found) and found[at].low in DETERMINERS:
        at += 1
    end = at
    if named:
        while end < len(found) and _is_part(found[end], named=True):
            end += 1
        end -= end == len(found) and found[end - 1].text == "."
    else:
        end = phrase_end(found, at)
    if end == at:
        return None
    # After a comma alone, the enumeration must go on; else this is an apposition or the next clause.
    joined = {word.low for word in found[last:at]} & _LAST_JOINS
    goes_on = end < len(found) and found[end].low in _JOINS
    return end if joined or goes_on else None


def _is_part(word: Word, *, named: bool) -> bool:
    if word.is_mark:
        return named and word.text == "."
    if named:
        return word.is_name
    is_verb = is_verb_form(word.low) and word.low not in NOUNS_TOO
    return not is_verb and word.low not in FUNCTION | DETERMINERS | _JOINS


_BETWEEN: Final = re.compile(r" ?(?:,|;|\band\b) ?(?:and )?")


@lru_cache(maxsize=256)
def items(text: str) -> tuple[str, ...]:
    """The items that a phrase enumerates, with single spaces; the phrase itself if it is no enumeration.

    >>> items("copper, nickel, and  zinc"), items("copper")
    (('copper', 'nickel', 'zinc'), ('copper',))
    """
    return tuple(_BETWEEN.split(" ".join(text.split())))
