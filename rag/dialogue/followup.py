"""A question of a conversation, reworded so that it stands on its own.

Three kinds of questions need that: those with a word that points back ("where is it?"), those that leave
out what stays the same ("and in Malaysia?"), and bare question words ("why?"). All rules here are of
general English; where they leave a choice, the likeliest reading comes first and the articles can decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rag.dialogue.ellipsis import restated, with_part
from rag.dialogue.mentions import Exchange, Mention, mentions
from rag.dialogue.pronouns import STANDS_FOR, pointing
from rag.english.clauses import clause, plain
from rag.english.lexicon import (
    AUXILIARIES,
    FUNCTION_WORDS,
    POSSESSIVES,
    PREPOSITIONS,
    QUESTION_WORDS,
    any_of,
)
from rag.english.phrases import DEGREES, is_time, phrase_end
from rag.english.requests import COURTESIES, asks_for_more, is_courtesy
from rag.english.verbs import is_verb_form
from rag.english.words import words

READINGS: Final = 3
"""The most readings of one question."""
LONGEST: Final = 500
"""Characters of a question; a longer one stands on its own, and no question points back to it."""
QUOTED: Final = 1_000
"""Characters of a quote that are searched for topics."""

_LEAD: Final = re.compile(
    r"^(?:(?:and|but|so(?! far)|ok(?:ay)?|well|also|then|or|hm+|oh|ah)\b[\s,.!…-]*"
    rf"|(?:{any_of(COURTESIES)}|thank you)\s*[,.!…-]+\s*)+",
    re.IGNORECASE,
)
_ABOUT: Final = (
    "what about ", "how about ", "what of ", "the same for ", "same for ", "same question for ",
    "the same question for ",
)  # fmt: skip
_WHY: Final = frozenset(
    (
        "how come", "what for", "what reason", "for what reason", "what is the reason",
        "what was the reason", "why do you say that", "why did that happen",
    )
)  # fmt: skip
_ORDINALS: Final = {
    word: number for number, word in enumerate("first second third fourth fifth sixth".split())
} | {"former": 0, "latter": 1}
_BESIDE_CHOICE: Final = frozenset(("the", "one", "item", "point", "please"))
_BARE: Final = re.compile(
    rf"(?P<asked>(?:{any_of(PREPOSITIONS)} )?{any_of(QUESTION_WORDS)}(?: {any_of(DEGREES)})?"
    rf"(?: else| not)?)(?P<after> {any_of(PREPOSITIONS)})?"
    r"(?: (?:exactly|precisely|though|then|so)| (?:is|was|are|were) (?:that|this))?",
    re.IGNORECASE,
)


def resolve(question: str, before: Sequence[Exchange]) -> tuple[str, ...]:
    """The readings of a question after earlier exchanges, oldest first; the likeliest reading comes first.

    A question that stands on its own has one reading: itself. A text that asks nothing ("thanks", "and?"),
    or points to nothing that was said ("the second one"), has none.

    >>> before = [Exchange("Who runs REAlloys?", "Leonard Sternheim")]
    >>> resolve("What did he say about Japan?", before)[0]
    'What did Leonard Sternheim say about Japan?'
    >>> resolve("Since when?", before)[0]
    'Since when is it that Leonard Sternheim runs REAlloys?'
    >>> resolve("and Lynas?", before)[0]
    'Who runs Lynas?'
    >>> resolve("Does Lynas separate its ore in Malaysia?", before)
    ('Does Lynas separate its ore in Malaysia?',)
    """
    typed = " ".join(question.split())
    before = [
        _with_capitals(replace(e, quote=e.quote[:QUOTED]))
        for e in before
        if len(e.question) <= LONGEST
    ]
    led = _LEAD.match(typed)
    text = plain(typed[led.end() :] if led else typed)
    if is_courtesy(typed) or (asks_for_more(text) and not before):
        return ()
    which = [word for word in text.lower().split() if word not in _BESIDE_CHOICE]
    if len(which) == 1 and which[0] in (*_ORDINALS, "last", "other"):
        return _chosen(which[0], before)
    if not before or not re.search(r"\w", text) or len(typed) > LONGEST:
        return (question,)
    topics = mentions(before)
    readings = (
        _bare(text, before[-1], topics)
        or _elliptical(text, before[-1], topics, led=bool(led) or typed.endswith("?"))
        or pointing(text, before[-1], topics)
    )
    if not readings and led:
        readings = [text, *_parallel(text, before[-1])]
    if not readings:
        return (question,)
    typed = plain(typed).casefold()
    finished = (
        question if reading.casefold() == typed else _finished(reading) for reading in readings
    )
    return tuple(dict.fromkeys(finished))[:READINGS]


def _with_capitals(exchange: Exchange) -> Exchange:
    """The exchange with the capitals that the quote has, if the question was typed without any."""
    question = exchange.question
    if any(map(str.isupper, question[1:])):
        return exchange
    quoted = {word.text.casefold(): word.text for word in words(exchange.quote)}
    pieces, end = [], 0
    for word in words(question):
        named = quoted.get(word.text.casefold(), "")
        if any(map(str.isupper, named)) and word.low not in FUNCTION_WORDS:
            pieces += [question[end : word.start], named]
            end = word.end
    return replace(exchange, question="".join([*pieces, question[end:]]))


def _chosen(which: str, before: Sequence[Exchange]) -> tuple[str, ...]:
    """“The second one”: what the last answer lists in that place; nothing if its list is too short."""
    listed = (before[-1].answer or "").split("; ") if before else []
    number = len(listed) - 1 if which == "last" else _ORDINALS.get(which, len(listed))
    if len(listed) < 2 or number >= len(listed):
        return ()
    return (f"Tell me more about {listed[number]}",)


def _finished(text: str) -> str:
    asks = not text.startswith("Tell me")
    return text[:1].upper() + text[1:] + ("?" if asks else "")


# ---------------------------------------------------------------- bare question words


def _bare(text: str, last: Exchange, topics: Sequence[Mention]) -> list[str]:
    """“Why?”, “since when?”, “by whom?”, “who else?”: the last question with another question word."""
    if asks_for_more(text) and topics:
        return [f"Tell me more about {topics[0].text}"]
    if text.lower() in _WHY:
        return restated("Why", last)
    bare = _BARE.fullmatch(text)
    if not bare or re.match(r"(?:who|what|where|which) (?:is|was|are|were) ", text, re.IGNORECASE):
        return []
    asked = bare["asked"]
    if bare["after"]:  # "who with?" is "with whom?"
        asked = f"{bare['after'].strip()} {'whom' if asked.lower() == 'who' else asked.lower()}"
    return restated(asked.capitalize(), last)


# ---------------------------------------------------------------- ellipsis


def _elliptical(text: str, last: Exchange, topics: Sequence[Mention], *, led: bool) -> list[str]:
    """“And yttrium?”, “what about Japan?”, “from which mine?”: the last question with another part."""
    about = next((lead for lead in _ABOUT if text.lower().startswith(lead)), "")
    part = text[len(about) :]
    if not about and not (led and _is_fragment(part)):
        return []
    tokens = words(part)
    if not tokens:
        return []
    if tokens[0].low in POSSESSIVES:
        return pointing(f"What is {part}", last, topics)
    if tokens[0].low in STANDS_FOR or tokens[0].low in ("this", "that"):
        return pointing(f"Tell me more about {part}", last, topics) if about else []
    pointed = pointing(part, last, topics) if _is_question_fragment(part) else []
    return with_part(last, pointed[0] if pointed else part)


def _parallel(text: str, last: Exchange) -> list[str]:
    """“And how much does B make?” may ask about B what the last question asked about A."""
    asks, asked = clause(text), clause(last.question)
    alike = asks.asked.lower().split()[:1] == asked.asked.lower().split()[:1]
    if alike and asks.subject and asked.subject and asks.subject != asked.subject:
        return with_part(last, asks.subject)[:1]
    return []


def _is_fragment(text: str) -> bool:
    """Whether a text has only noun phrases and prepositions, so that its verb is left out."""
    if _is_question_fragment(text) or is_time(text):
        return True
    tokens = words(text)
    at = 0
    if tokens[0].low in QUESTION_WORDS or tokens[0].low in AUXILIARIES or len(tokens) > 12:
        return False
    while at < len(tokens):
        begin = at
        if tokens[at].low in PREPOSITIONS:
            at += 1
        at = phrase_end(tokens, at)
        if at == begin or (at == begin + 1 and is_verb_form(tokens[begin].low)):
            return False
    return True


def _is_question_fragment(text: str) -> bool:
    """Whether a text asks without a verb: “from which mine”, “how many cars”, “how many of them”."""
    parts = clause(text)
    if not parts.asked or parts.auxiliary:
        return False
    return (not parts.rest and bool(parts.noun)) or bool(
        re.fullmatch(r"of (?:them|these|those|the \w+)", parts.rest)
    )
