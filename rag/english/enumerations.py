"""Enumerations: “zinc, tin and lead”, and the answers that a question offers, “in Oslo or in Bergen”."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rag.english.lexicon import AUXILIARIES, DETERMINERS, PREPOSITIONS, QUESTION_WORDS, word_set
from rag.english.phrases import OUTSIDE, phrase_end
from rag.english.sentences import is_ruled_out
from rag.english.verbs import NOUNS_TOO, is_verb_form
from rag.english.words import Word, places, words

_LONGEST: Final = 6
"""Most words of an item."""
_JOINS: Final = frozenset((",", ";", "and", "or"))

Place = tuple[int, int]


def enumeration(sentence: str, start: int, end: int) -> Place:
    """The enumeration that ``sentence[start:end]`` is in, as offsets; ``start, end`` if it is in none.

    >>> text = "It buys zinc, tin ore and lead from Vale, Lynas Corp. and Ucore."
    >>> text[slice(*enumeration(text, 14, 21))], text[slice(*enumeration(text, 58, 63))]
    ('zinc, tin ore and lead', 'Vale, Lynas Corp. and Ucore')
    """
    tokens = words(sentence)
    inside = [n for n, word in enumerate(tokens) if word.start < end and start < word.end]
    while inside and tokens[inside[0]].low in _JOINS | DETERMINERS:
        inside.pop(0)
    while inside and tokens[inside[-1]].low in _JOINS:
        inside.pop()
    if not inside:
        return start, end
    first, last = inside[0], inside[-1] + 1
    named = tokens[first].is_name
    while (earlier := _item_before(tokens, first, named=named)) is not None:
        first = earlier
    while (later := _item_behind(tokens, last, named=named)) is not None:
        last = later
    # Only "and" or "or" before the last item makes it an enumeration.
    if not any(word.low in {"and", "or"} for word in tokens[first:last]):
        return start, end
    return tokens[first].start, tokens[last - 1].end


def _item_before(tokens: Sequence[Word], first: int, *, named: bool) -> int | None:
    """Where the item before an item begins; None unless an item and a join stand there."""
    end = _before_join(tokens, first)
    if end is None:
        return None
    begin = end
    while begin > 0 and end - begin < _LONGEST and _is_part(tokens[begin - 1], named=named):
        begin -= 1
    if begin == end or (begin > 0 and _is_part(tokens[begin - 1], named=named)):
        return None
    return begin


def _before_join(tokens: Sequence[Word], at: int) -> int | None:
    """Where the words before a join end: after "tin" in "tin, and the"."""
    while at > 0 and tokens[at - 1].low in DETERMINERS:
        at -= 1
    end = at
    while end > 0 and tokens[end - 1].low in _JOINS:
        end -= 1
    return end if 0 < end < at else None


def _item_behind(tokens: Sequence[Word], last: int, *, named: bool) -> int | None:
    """Where the item after an item ends; None unless a join and an item stand there."""
    at = last
    while at < len(tokens) and tokens[at].low in _JOINS:
        at += 1
    if at == last:
        return None
    while at < len(tokens) and tokens[at].low in DETERMINERS:
        at += 1
    end = at
    if named:
        while end < len(tokens) and _is_part(tokens[end], named=True):
            end += 1
        end -= end == len(tokens) and tokens[end - 1].text == "."
    else:
        end = phrase_end(tokens, at)
    if end == at:
        return None
    # After a comma alone, the enumeration must go on; else this is an apposition or the next clause.
    joined = {word.low for word in tokens[last:at]} & {"and", "or"}
    goes_on = end < len(tokens) and tokens[end].low in _JOINS
    return end if joined or goes_on else None


def _is_part(word: Word, *, named: bool) -> bool:
    if word.is_mark:
        return named and word.text == "."
    if named:
        return word.is_name
    is_verb = is_verb_form(word.low) and word.low not in NOUNS_TOO
    return not is_verb and word.low not in OUTSIDE | DETERMINERS | _JOINS


@lru_cache(maxsize=256)
def items(text: str) -> tuple[str, ...]:
    """The items that a phrase enumerates, with single spaces; the phrase itself if it is no enumeration.

    >>> items("copper, nickel, and  zinc"), items("copper")
    (('copper', 'nickel', 'zinc'), ('copper',))
    """
    listed = " ".join(text.split()).replace(" and ", ",").replace(";", ",").split(",")
    return tuple(filter(None, map(str.strip, listed)))


# ---------------------------------------------------------------- answers that a question offers

_NO_CHOICE: Final = word_set(
    "any anyone anything else even fewer just less maybe more not only other others so"
)
"""After "or", these offer no answer: "or not", "or so", "ten or more"."""
_CLAUSE: Final = QUESTION_WORDS | AUXILIARIES - {"may"}


def choices(question: str) -> tuple[str, ...]:
    """The answers that a question offers; none if they cannot be told apart.

    >>> choices("Is the mine in Nevada or in North Dakota?"), choices("Are costs higher or lower now?")
    (('Nevada', 'North Dakota'), ('higher', 'lower'))
    >>> choices("Which is longer, the Swift, the Heron or the Kite?"), choices("Is it late or not?")
    (('Swift', 'Heron', 'Kite'), ())
    """
    tokens = words(question.rstrip("?!. "))
    at = next((n for n, word in enumerate(tokens) if word.low == "or" and n), 0)
    if not at or at + 1 >= len(tokens) or tokens[at + 1].low in _NO_CHOICE | _CLAUSE:
        return ()
    begin = _after_function(tokens, at + 1)
    end = _end(tokens, begin)
    asks = any(word.low in QUESTION_WORDS for word in tokens)
    if begin == end or (asks and end < len(tokens)):
        return ()  # "what is it called if a state or town falls": "or" joins what the question is about
    last = (begin, end)
    earlier = [_before(tokens, at, last)]
    if asks and not (earlier[0] and _comma_before(tokens, earlier[0][0])):
        return ()  # the part before the first comma is the question, no choice
    while earlier[0] and (comma := _comma_before(tokens, earlier[0][0])):
        if asks and "," not in {word.text for word in tokens[: comma - 1]}:
            break
        earlier.insert(0, _before(tokens, comma, last))
    each = [place for place in (*earlier, last) if place]
    offered = tuple(dict.fromkeys(question[tokens[b].start : tokens[e - 1].end] for b, e in each))
    return offered if len(offered) > 1 else ()


def places_of(offered: Sequence[str], sentence: str) -> list[Place]:
    """Where a sentence first has each of the answers offered, in their order; not where it rules one out.

    >>> places_of(("Nevada", "Utah"), "The mine is not in Nevada but in Utah.")
    [(33, 37)]
    """
    named = (
        [
            p
            for p in places(each, sentence, plural=True, cased=False)
            if not is_ruled_out(sentence, p[0])
        ]
        for each in offered
    )
    return [own[0] for own in named if own]


def _after_function(tokens: Sequence[Word], at: int) -> int:
    """The first word from ``at`` that is neither a preposition nor a determiner."""
    while at < len(tokens) and tokens[at].low in PREPOSITIONS | DETERMINERS:
        at += 1
    return at


def _end(tokens: Sequence[Word], begin: int) -> int:
    """Where the last choice ends: after its words with capitals if a name, else after its noun phrase."""
    if begin >= len(tokens) or tokens[begin].is_mark:
        return begin
    at = begin
    while at < len(tokens) and tokens[at].is_name and not tokens[at].is_mark:
        at += 1
    return at if at > begin else min(max(phrase_end(tokens, begin), begin + 1), len(tokens))


def _before(tokens: Sequence[Word], end: int, last: tuple[int, int]) -> tuple[int, int] | None:
    """The choice that ends before a word, like the last one: a name, or as many words."""
    end -= tokens[end - 1].text == ","
    if end <= 0:
        return None
    if tokens[end - 1].is_name and tokens[last[0]].is_name:
        begin = end - 1
        while begin > 0 and tokens[begin - 1].is_name and begin > 1:
            begin -= 1
        return begin, end
    begin = end
    while (
        begin > 0 and end - begin < last[1] - last[0] and _is_part(tokens[begin - 1], named=False)
    ):
        begin -= 1
    return (begin, end) if begin < end else None


def _comma_before(tokens: Sequence[Word], begin: int) -> int:
    """The place after the comma before a choice and its function words; 0 if there is no comma."""
    while begin > 1 and tokens[begin - 1].low in PREPOSITIONS | DETERMINERS:
        begin -= 1
    return begin if begin > 2 and tokens[begin - 1].text == "," else 0
