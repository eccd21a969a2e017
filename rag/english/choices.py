"""The answers that a question offers itself: "in Oslo or in Bergen", "a loan or a grant"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rag.english.lexicon import AUXILIARIES, DETERMINERS, PREPOSITIONS, QUESTION_WORDS, word_set
from rag.english.negation import is_ruled_out
from rag.english.phrases import FUNCTION, phrase_end
from rag.english.words import Word, words

_NO_CHOICE: Final = word_set(
    "any anyone anything else even fewer just less maybe more not only other others so"
)
"""After "or", these offer no answer: "or not", "or so", "ten or more"."""
_CLAUSE: Final = QUESTION_WORDS | AUXILIARIES - {"may"}

_NOUN_ASKED: Final = 4
"""Before this word, "or" joins what is asked for: "which cities or towns were hit"."""


def choices(question: str) -> tuple[str, ...]:
    """The answers that a question offers; none if it offers none that can be told apart.

    >>> choices("Is the mine in Nevada or in North Dakota?"), choices("Are costs higher or lower now?")
    (('Nevada', 'North Dakota'), ('higher', 'lower'))
    >>> choices("Which is longer, the Swift, the Heron or the Kite?"), choices("Is it late or not?")
    (('Swift', 'Heron', 'Kite'), ())
    """
    found = words(question)
    at = next((n for n, word in enumerate(found) if word.low == "or" and n), 0)
    if not at or at + 1 >= len(found) or found[at + 1].low in _NO_CHOICE | _CLAUSE:
        return ()
    begin = _after_function(found, at + 1)
    end = _end(found, begin)
    asks = found[0].low in QUESTION_WORDS
    if begin == end or (
        asks and "," not in {word.text for word in found[:at]} and at < _NOUN_ASKED
    ):
        return ()
    last = (begin, end)
    opener = found[at + 1].low if begin > at + 1 else ""
    earlier = [_before(found, at, last, opener)]
    while earlier[0] and (comma := _comma_before(found, earlier[0][0])):
        if asks and "," not in {word.text for word in found[: comma - 1]}:
            break  # what stands before the first comma asks
        earlier.insert(0, _before(found, comma, last, opener))
    places = [place for place in (*earlier, last) if place]
    texts = [question[found[b].start : found[e - 1].end] for b, e in places]
    offered = tuple(dict.fromkeys(texts))
    return offered if len(offered) > 1 else ()


def places(offered: Sequence[str], sentence: str) -> list[tuple[int, int]]:
    """Where a sentence first has each of the answers offered, in their order; not where it rules one out.

    >>> places(("Nevada", "Utah"), "The mine is not in Nevada but in Utah.")
    [(33, 37)]
    """
    patterns = (rf"(?<!\w){re.escape(each)}(?:e?s)?(?!\w)" for each in offered)
    found = (
        next(
            (
                match.span()
                for match in re.finditer(pattern, sentence, re.IGNORECASE)
                if not is_ruled_out(sentence, match.start())
            ),
            None,
        )
        for pattern in patterns
    )
    return [place for place in found if place]


def _after_function(found: Sequence[Word], at: int) -> int:
    """The first word from ``at`` that is neither a preposition nor a determiner."""
    while at < len(found) and found[at].low in PREPOSITIONS | DETERMINERS:
        at += 1
    return at


def _end(found: Sequence[Word], begin: int) -> int:
    """Where the last choice ends: with its capitals if it is a name, else with its noun phrase."""
    if begin >= len(found) or found[begin].is_mark:
        return begin
    at = begin
    while at < len(found) and found[at].is_name and not found[at].is_mark:
        at += 1
    return at if at > begin else min(max(phrase_end(found, begin), begin + 1), len(found))


def _before(
    found: Sequence[Word], end: int, last: tuple[int, int], opener: str
) -> tuple[int, int] | None:
    """The choice that ends before a word, like the last one: behind the same opener, or as long."""
    end -= found[end - 1].text == ","
    if end <= 0:
        return None
    if found[end - 1].is_name and found[last[0]].is_name:
        begin = end - 1
        while begin > 0 and found[begin - 1].is_name and begin > 1:
            begin -= 1
        return begin, end
    if opener:
        behind = [n for n in range(end) if found[n].low == opener]
        if behind and end - behind[-1] - 1 in range(1, 6):
            return _after_function(found, behind[-1]), end
    begin = end
    while begin > 0 and end - begin < last[1] - last[0] and not _is_border(found[begin - 1]):
        begin -= 1
    return (begin, end) if begin < end else None


def _is_border(word: Word) -> bool:
    return word.is_mark or word.low in FUNCTION | DETERMINERS


def _comma_before(found: Sequence[Word], begin: int) -> int:
    """The place behind the comma before a choice and its function words, 0 if there is none."""
    while begin > 1 and found[begin - 1].low in PREPOSITIONS | DETERMINERS:
        begin -= 1
    return begin if begin > 2 and found[begin - 1].text == "," else 0
