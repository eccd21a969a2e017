"""What something is, or who somebody is: the question that asks it, and the words that say it."""

from __future__ import annotations

import re
from typing import Final

from rag.english.clauses import Clause
from rag.english.lexicon import (
    ARTICLES,
    BE,
    DETERMINERS,
    POSSESSIVES,
    QUANTIFIERS,
    any_of,
    word_set,
)
from rag.english.names import OFFICES, TITLES
from rag.english.phrases import OUTSIDE, head
from rag.english.verbs import NOUNS_TOO, is_verb_form
from rag.english.words import without_possessive, words

Place = tuple[int, int]

_IS: Final = re.compile(
    rf"(?P<clause>,? (?:which|who|that))? (?:{any_of(BE)}|comprises?|consists? of|encompass(?:es)?"
    r"|means?|refers? to|stands? for) +(?=(?P<open>[\w“\"‘'$€£-]+))"
)
_CLOSED: Final = word_set("also being been due expected not set still to")
_ASIDE: Final = re.compile(r" \([^()]*\)(?=[ ,])")
_STOPS: Final = re.compile(r"[,;:—–()]| - ")


def defined(parts: Clause) -> str | None:
    """What a question asks the nature of; None if it asks something else.

    >>> from rag.english.clauses import clause
    >>> defined(clause("What are rare earths?")), defined(clause("What is the price?"))
    ('rare earths', None)
    """
    subject = parts.subject
    if parts.asked.lower() not in {"what", "who"} or parts.auxiliary.lower() not in BE:
        return None
    found = words(subject)
    if not found or parts.rest or parts.preposition:
        return None
    first = found[0].low
    if first in POSSESSIVES | QUANTIFIERS or any(word.low in {"of", "for"} for word in found):
        return None
    if any(re.search(r"['’]s?$", word.text) for word in found[:-1]):
        return None
    if first in DETERMINERS:
        if first not in {"a", "an"} and not any(word.is_name for word in found[1:]):
            return None
        subject = subject[found[0].end :].strip()
    return None if head(subject) in OFFICES else subject


def definition(name: str, sentence: str) -> Place | None:
    """The words of a sentence that say who or what a name is, as offsets; None if there are none.

    >>> text = "The firm of Ann Lee, a baker from Oslo, closed."
    >>> text[slice(*definition("Lee", text))]
    'a baker from Oslo'
    >>> definition("Lee", "Ann Lee spoke.")
    """
    for start, end in named_in(name, sentence):
        for rule in (_after_is, _apposition, _described):
            place = rule(sentence, start, end)
            if place is not None:
                return place
    return None


def named_in(name: str, sentence: str) -> list[Place]:
    """Where a sentence has a name, or of a name of several words the last; in any case if it has none."""
    places = _places(name, sentence)
    last = name.rsplit(maxsplit=1)[-1]
    if not places and last != name and last[:1].isupper():
        places = _places(last, sentence)
    return places


def _places(name: str, sentence: str) -> list[Place]:
    pattern = rf"(?<![\w-]){re.escape(name)}(?:e?s)?(?![\w-])"
    flags = re.IGNORECASE if name == name.lower() else 0
    return [match.span() for match in re.finditer(pattern, sentence, flags)]


def _after_is(sentence: str, _: int, end: int) -> Place | None:
    """Such as "X is a state body", "X (made in 1901) is a mill"."""
    aside = _ASIDE.match(sentence, end)
    match = _IS.match(sentence, aside.end() if aside else end)
    if not match:
        return None
    word = match["open"].lower()
    if match["clause"] and word not in ARTICLES:
        return None
    is_verb = is_verb_form(word) and word not in NOUNS_TOO
    if is_verb or word in _CLOSED or word.endswith(("ing", "ly")):
        return None
    return match.end(), len(sentence)


def _apposition(sentence: str, _: int, end: int) -> Place | None:
    """Such as "X, a baker from Oslo, …"."""
    if sentence[end : end + 2] != ", ":
        return None
    begin = end + 2
    stop = _STOPS.search(sentence, begin)
    finish = stop.start() if stop else len(sentence.rstrip(".!?” "))
    found = words(sentence[begin:finish])
    if len(found) < 2:
        return None
    first = found[0]
    is_noun = first.low in DETERMINERS or (
        first.text[0].islower() and first.low not in OUTSIDE and not is_verb_form(first.low)
    )
    return (begin, finish) if is_noun else None


def _described(sentence: str, start: int, end: int) -> Place | None:
    """Such as "REAlloys CEO X"."""
    before = words(sentence[:start])
    first = len(before)
    while (
        first
        and not before[first - 1].is_mark
        and before[first - 1].low not in OUTSIDE | DETERMINERS
    ):
        first -= 1
    noun = before[first:]
    if not noun or sentence[noun[-1].end : start] != " ":
        return None
    is_noun = first and before[first - 1].low in ARTICLES | POSSESSIVES and noun[-1].text.islower()
    # "France's Hind Dehiba", "Actor Stephen Fry", "Labour MP Oona King"
    says = (
        noun[-1].low in TITLES
        or noun[-1].text.endswith(("'s", "’s"))
        or (noun[-1].text.isupper() and len(noun[-1].text) > 1)
        or (noun[0].start == 0 and len(noun) == 1 and " " in sentence[start:end])
        or (is_noun and not is_verb_form(noun[-1].low))
    )
    finish = noun[-1].start + len(without_possessive(noun[-1].text))
    return (noun[0].start, finish) if says else None
