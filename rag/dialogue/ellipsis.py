"""The last question asked again, with another question word or with one part replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from rag.dialogue.mentions import TRUSTED, Exchange, clean, named
from rag.dialogue.pronouns import SHORT, at_place
from rag.english.clauses import Clause, clause, plain
from rag.english.lexicon import BE, DETERMINERS, PREPOSITIONS, word_set
from rag.english.phrases import core, head, is_noun_phrase, is_plural, is_time, noun_phrases
from rag.english.verbs import is_past, lemma, past
from rag.english.words import words

_TIME_BEGINS: Final = word_set("each every last next this per annually yearly now")
_TIME: Final = re.compile(
    r"(?:\b(?:in|on|at|by|since|until|during|before|after) )?"
    r"(?P<when>(?:(?:the|each|every|last|next|this) )?[\w.,:]+)"
)
_RIVAL: Final = 1.0
"""A part whose fit is at most this much below the best is worth trying too."""


def restated(word: str, last: Exchange) -> list[str]:
    """The last question with another question word, and with its answer in the gap.

    >>> restated("Why", Exchange("Where does Lynas separate its ore?", "Malaysia"))
    ['Why does Lynas separate its ore in Malaysia', 'Why does Lynas separate its ore']
    """
    believed = last.answer if last.answer and last.confidence >= TRUSTED else ""
    return list(dict.fromkeys(_statement(word, last, answer) for answer in (believed, "")))


def with_part(last: Exchange, part: str) -> list[str]:
    """The last question with this part in place of the part that is most like it.

    >>> with_part(Exchange("What is dysprosium used for?"), "yttrium")
    ['What is yttrium used for']
    >>> with_part(Exchange("How much rare earth oxide did the US produce last year?"), "Japan")
    ['How much rare earth oxide did Japan produce last year']
    >>> with_part(Exchange("How much did the US produce last year?"), "in 2024")
    ['How much did the US produce in 2024']
    """
    question = plain(last.question)
    asks = clause(part)
    if asks.asked:
        return _asked_otherwise(asks, part, last)
    ones = re.search(r"\bones?$", part)
    if ones:
        nouns = [question[a:b] for a, b in noun_phrases(question)]
        same = next((n for n in nouns if is_plural(n)), nouns[0] if nouns else "")
        part = part[: ones.start()] + (head(same) if same else "")
    first, _, after = part.partition(" ")
    preposition = first.lower() if first.lower() in PREPOSITIONS and after else ""
    if is_time(after if preposition else part):
        return [_at_time(question, part)]
    if preposition:
        return _after_preposition(question, preposition, after)
    fitting = sorted(_parts(question, part), key=lambda p: (-p.fit, -p.start))
    best = [p for p in fitting if p.fit >= fitting[0].fit - _RIVAL][:2]
    readings = [_replaced(question, p, part) for p in best]
    return list(dict.fromkeys(readings)) or [f"{question}, {part}"]


# ---------------------------------------------------------------- another question word


def _statement(word: str, last: Exchange, answer: str) -> str:
    """The last question and its answer as one question that begins with this word."""
    parts = clause(plain(last.question))
    asked, auxiliary = parts.asked.lower(), parts.auxiliary.lower()
    word, negated = ("Why", "not") if word.lower() == "why not" else (word, "")
    same = asked in ("why", "when", "how", word.lower())
    fill = "" if same else _filling(parts, answer, last.quote)
    if asked and not parts.subject:  # the question word is the subject
        someone = {"who": "someone", "what": "something"}.get(asked, _noun(parts) or "it")
        verb = auxiliary or "is it that"
        order = [
            verb,
            fill or ("it" if auxiliary and not parts.noun else someone),
            negated,
            parts.rest,
        ]
    elif asked and not parts.rest and auxiliary in BE:  # "Who is the mayor?"
        order = [auxiliary, fill, negated, parts.subject]
    elif word.lower() == "by whom" and auxiliary in ("was", "were"):  # "who wrote it"
        verb, _, after = parts.rest.partition(" ")
        word, order = "Who", [past(lemma(verb)) if is_past(verb) else verb, parts.subject, after]
    else:
        rest = _filled(parts, fill or _noun(parts)) if asked else parts.rest
        order = [auxiliary, parts.subject, negated, rest]
    return " ".join(part for part in [word, *order] if part)


def _asked_otherwise(asks: Clause, part: str, last: Exchange) -> list[str]:
    """“And how many cars?”: the last question, asking for this; its answer fills the old gap."""
    before = clause(last.question)
    of_them = asks.rest and not asks.auxiliary
    alike = _manner(asks) == _manner(before) and not asks.preposition
    if of_them or alike or not before.asked:
        if before.auxiliary:
            return [_joined(part, before.auxiliary, before.subject, before.rest)]
        return [_joined(part, before.rest)]
    return restated(part, last)


def _manner(asks: Clause) -> str:
    """“how many”, “which”: the question word of a clause; what and which count as one."""
    return "which" if asks.question_word == "what" else asks.question_word


def _filling(parts: Clause, answer: str, quote: str) -> str:
    """The answer as a sentence has it: "in Malaysia", "22,000 tons of rare earth products"."""
    text = clean(answer).rstrip(".")
    asked = parts.asked.lower()
    if not text or len(text.split()) > SHORT or (asked == "what" and not is_noun_phrase(text)):
        return ""
    if asked == "where":
        return at_place(text, quote)
    noun, numeric = parts.noun, any(c.isdecimal() for c in text)
    if not noun or not (numeric or asked.startswith("how")):
        return text
    _, _, measured = noun.partition(" of ")
    if measured:
        return f"{text} of {measured}" if measured.lower() not in text.lower() else text
    if head(noun).lower() in text.lower():
        return text
    return f"{text} {noun}" if asked.startswith("how") else f"the {noun} of {text}"


def _filled(parts: Clause, fill: str) -> str:
    """The rest of a question with its gap filled: at the end, or before words such as "in" or "each"."""
    rest = parts.rest
    if not fill:
        return rest
    if parts.preposition:
        return f"{rest} {parts.preposition.lower()} {fill}"
    tokens = words(rest)
    if parts.asked.lower() == "where" or (tokens and tokens[-1].low in PREPOSITIONS):
        return f"{rest} {fill}"
    for number, word in enumerate(tokens):
        ends = word.low in _TIME_BEGINS or (word.low in PREPOSITIONS and word.low != "to")
        if number and ends:
            return f"{rest[: word.start]}{fill} {rest[word.start :]}"
    return f"{rest} {fill}"


def _noun(parts: Clause) -> str:
    return f"the {core(parts.noun)}" if parts.noun else ""


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


# ---------------------------------------------------------------- another part


class _Part(NamedTuple):
    """A part of a question that can be replaced; ``fit`` says how like the replacement it is."""

    start: int
    end: int
    fit: float


def _replaced(question: str, part: _Part, by: str) -> str:
    return question[: part.start] + by + question[part.end :]


def _parts(question: str, by: str) -> Iterator[_Part]:
    """The noun phrases of a question, with the names and complements inside them."""
    parts = clause(question)
    for start, end in noun_phrases(question):
        phrase = question[start:end]
        if is_time(phrase):
            continue
        extra = 0.5 if phrase == parts.subject and _is_named(phrase) else 0.0
        yield _Part(start, end, _likeness(phrase, by) + extra)
        for complement in re.finditer(r" of ", phrase):
            yield _Part(start + complement.end(), end, _likeness(phrase[complement.end() :], by))
    for start, end in named(question):
        name = question[start:end]
        yield _Part(start, end, _likeness(name, by) + 0.25 * (name in parts.subject))


def _likeness(phrase: str, by: str) -> float:
    named = _is_named(phrase) == _is_named(by)
    same_head = head(phrase).lower() == head(by).lower()
    return (
        2.0 * named
        + 1.0 * (is_plural(phrase) == is_plural(by))
        + 0.5 * (_article(phrase) == _article(by))
        + 3.0 * same_head
    )


def _is_named(phrase: str) -> bool:
    own = head(phrase) or core(phrase)
    return any(c.isupper() or c.isdecimal() for c in own)


def _article(phrase: str) -> str:
    first = phrase.partition(" ")[0].lower()
    return first if first in DETERMINERS else ""


def _at_time(question: str, when: str) -> str:
    """The question with its time replaced, or with this time at its end."""
    first = when.partition(" ")[0].lower()
    bare = first not in PREPOSITIONS and first not in DETERMINERS and first not in _TIME_BEGINS
    when = f"in {when}" if bare and when[:1].isdecimal() else when
    for match in reversed(list(_TIME.finditer(question))):
        if is_time(match["when"]) and match["when"].lower() != "may":
            return question[: match.start()] + when + question[match.end() :]
    return f"{question} {when}"


def _after_preposition(question: str, preposition: str, after: str) -> list[str]:
    """The question with another phrase after this preposition, or with the phrase at its end."""
    phrase = f"{preposition} {after}"
    places = re.finditer(rf"\b{preposition} ", question, re.IGNORECASE)
    for place in reversed(list(places)):
        spans = [(a, b) for a, b in noun_phrases(question[place.end() :]) if a == 0]
        if spans and not is_time(question[place.end() : place.end() + spans[0][1]]):
            end = place.end() + spans[0][1]
            short = question[: place.start()] + phrase + question[end:]
            return list(dict.fromkeys([short, question[: place.start()] + phrase]))
    return [f"{question} {phrase}"]
