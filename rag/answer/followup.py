"""A question of a conversation, put so that it can be understood without what came before it.

Three kinds of questions need that: those with a word that points back ("where is it?"), those that leave
out what stays the same ("and in Malaysia?"), and bare question words ("why?"). Everything here is rules of
general English; where they leave a choice, the readings come in order and the articles can decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from rag.answer.clause import (
    AUXILIARIES,
    DEGREES,
    DETERMINERS,
    PREPOSITIONS,
    WH,
    Word,
    clause,
    is_verb_form,
    noun_phrases,
    phrase_end,
    plain,
    words,
)
from rag.answer.ellipsis import exchanged, restated
from rag.answer.mentions import (
    Exchange,
    Mention,
    core,
    head,
    is_institution,
    is_plural,
    is_time,
    looks_like_person,
    mentions,
)

READINGS: Final = 3
"""Most readings of one question."""

_LEAD: Final = re.compile(
    r"^(?:(?:and|but|so(?! far)|ok(?:ay)?|well|also|then|or|hm+|oh|ah)\b[\s,.!…-]*"
    r"|(?:yes|no|now|right|thanks|thank you|great|good|fine|sure|interesting)\s*[,.!…-]+\s*)+",
    re.IGNORECASE,
)
_ABOUT: Final = re.compile(
    r"^(?:what|how) (?:about|of)\s+|^(?:the )?same (?:question )?for\s+", re.IGNORECASE
)
_WHY: Final = re.compile(
    r"^(?:how come|what for|why (?:is|was|are|were|do you say|did that happen|does that)?\s*(?:that|this|so)"
    r"|why (?:though|exactly|then)|(?:for )?what reason|what (?:is|was) the reason)$",
    re.IGNORECASE,
)
_BARE_TAIL: Final = frozenset("exactly though then so not else that this precisely".split())
_MORE: Final = re.compile(
    r"^(?:(?:can you )?tell me more|more|go on|anything else|what else(?: is there)?)$",
    re.IGNORECASE,
)
_EXPLETIVE: Final = re.compile(
    r"\b(?:time|true|possible|likely|necessary|important|clear|known|hard|easy|difficult|worth|rain\w*|snow\w*)\b"
    r"|\btakes? .*\bto\b|\bis it that\b",
    re.IGNORECASE,
)
_CLAUSES: Final = frozenset(
    """
    because if when while that which who after before since although though whether and but as than
    how why where what until
    """.split()
)
_FITS: Final = {
    "it": {"thing": 1.0, "place": 0.6, "plural": 0.15},
    "they": {"plural": 1.0, "thing": 0.55, "person": 0.4, "place": 0.3},
    "he": {"person": 1.0},
    "there": {"place": 1.3, "thing": 0.7, "plural": 0.1},
}
_STANDS_FOR: Final = {
    **dict.fromkeys(("it", "its", "itself"), "it"),
    **dict.fromkeys(("they", "them", "their", "theirs", "these", "those"), "they"),
    **dict.fromkeys(("he", "him", "his", "she", "her"), "he"),
    "there": "there",
}
_POSSESSIVE: Final = frozenset("its their his her".split())
_DEMONSTRATIVE: Final = frozenset("this that these those such".split())
_RIVAL: Final = 0.45
"""Share of the best antecedent's weight from which another one is worth trying."""
_KINDS_OF_ORGANISATION: Final = frozenset(
    """
    company firm corporation business manufacturer producer developer miner group organisation
    organization agency club team institute institution operator consortium bank
    """.split()
)
_UNIQUE: Final = frozenset(
    "world sun moon earth internet sea ocean sky weather future past public same other rest end beginning"
    " middle day night economy market government police law truth".split()
)


def resolve(question: str, before: Sequence[Exchange]) -> tuple[str, ...]:
    """The readings of a question after the exchanges before it, oldest first; the likeliest reading first.

    A question that stands on its own has one reading, itself.

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
    if not before or not re.search(r"\w", typed):
        return (question,)
    led = _LEAD.match(typed)
    text = plain(typed[led.end() :] if led else typed)
    if not text:
        return (question,)
    topics = mentions(before)
    readings = (
        _bare(text, before[-1], topics)
        or _elliptical(text, before[-1], topics, led=bool(led) or typed.endswith("?"))
        or _pointing(text, before[-1], topics)
    )
    if not readings and led:
        readings = [text, *_parallel(text, before[-1])]
    if not readings:
        return (question,)
    finished = (_finished(reading) for reading in readings)
    return tuple(dict.fromkeys(finished))[:READINGS]


def _finished(text: str) -> str:
    asks = not text.startswith("Tell me")
    return text[:1].upper() + text[1:] + ("?" if asks else "")


# ---------------------------------------------------------------- bare question words


def _bare(text: str, last: Exchange, topics: Sequence[Mention]) -> list[str]:
    """“Why?”, “since when?”, “by whom?”, “who else?”: the last question, asked with another word."""
    if _MORE.match(text) and topics:
        return [f"Tell me more about {topics[0].text}"]
    if _WHY.match(text):
        return restated("Why", last)
    found = [word.low for word in words(text)]
    at = 1 if len(found) > 1 and found[0] in PREPOSITIONS else 0
    if at >= len(found) or found[at] not in WH:
        return []
    if "".join(found[1:]) in ("isthat", "wasthat", "isthis", "wasthis") and found[0] in (
        "when",
        "how",
    ):
        return restated(found[0].capitalize(), last)
    tail = found[at + 1 :]
    if found[at] == "how" and tail and tail[0] in DEGREES:
        tail = tail[1:]
    if any(word not in _BARE_TAIL and word not in PREPOSITIONS for word in tail):
        return []
    if "that" in tail or "this" in tail:
        return []
    if tail and tail[-1] in PREPOSITIONS:  # "who with?" is "with whom?"
        asked = "whom" if found[at] == "who" else text.rsplit(" ", 1)[0].lower()
        return restated(f"{tail[-1].capitalize()} {asked}", last)
    kept = text.split()[: len(found) - len([w for w in tail if w not in ("else", "not")])]
    return restated(" ".join(kept), last)


# ---------------------------------------------------------------- what was left out


def _elliptical(text: str, last: Exchange, topics: Sequence[Mention], *, led: bool) -> list[str]:
    """“And yttrium?”, “what about Japan?”, “from which mine?”: the last question with a part exchanged."""
    about = _ABOUT.match(text)
    part = text[about.end() :] if about else text
    if not about and not (led and _is_fragment(part)):
        return []
    found = words(part)
    if not found:
        return []
    if found[0].low in _POSSESSIVE:
        asked = _pointing(f"What is {part}", last, topics)
        return asked
    if found[0].low in _STANDS_FOR or found[0].low in ("this", "that"):
        return _pointing(f"Tell me more about {part}", last, topics) if about else []
    pointed = _pointing(part, last, topics) if _is_question_fragment(part) else []
    return exchanged(last, pointed[0] if pointed else part)


def _parallel(text: str, last: Exchange) -> list[str]:
    """“And how much does B make?” may ask of B just what was asked of A."""
    asks, asked = clause(text), clause(last.question)
    alike = asks.asked.lower().split()[:1] == asked.asked.lower().split()[:1]
    if alike and asks.subject and asked.subject and asks.subject != asked.subject:
        return exchanged(last, asks.subject)[:1]
    return []


def _is_fragment(text: str) -> bool:
    """Whether a text is only noun phrases and prepositions, so that a verb must be understood."""
    if _is_question_fragment(text) or is_time(text):
        return True
    found = words(text)
    at = 0
    if found[0].low in WH or found[0].low in AUXILIARIES or len(found) > 12:
        return False
    while at < len(found):
        begin = at
        if found[at].low in PREPOSITIONS:
            at += 1
        at = phrase_end(found, at)
        if at == begin or (at == begin + 1 and is_verb_form(found[begin].low)):
            return False
    return True


def _is_question_fragment(text: str) -> bool:
    """“From which mine”, “how many cars”, “how many of them”: asks, without a verb."""
    parts = clause(text)
    if not parts.asked or parts.auxiliary:
        return False
    return (not parts.rest and bool(parts.noun)) or bool(
        re.fullmatch(r"of (?:them|these|those|the \w+)", parts.rest)
    )


# ---------------------------------------------------------------- words that point back


def _pointing(text: str, last: Exchange, topics: Sequence[Mention]) -> list[str]:
    """The text with its pronouns and its "the company" replaced by what they stand for; [] if it has none."""
    found = words(text)
    choices: list[tuple[int, int, list[str]]] = []
    taken: dict[str, str] = {}
    at = 0
    while at < len(found):
        fitting, end = _antecedents(text, found, at, last, topics)
        if fitting:
            word = found[at].low
            stands_for = _STANDS_FOR.get(word, word)
            # One thing is not called "it" and "they" in one breath.
            others = {value for key, value in taken.items() if key != stands_for}
            fitting = [f for f in fitting if f.removesuffix("'s") not in others] or fitting
            taken.setdefault(stands_for, fitting[0].removesuffix("'s"))
            choices.append((found[at].start, found[end - 1].end, fitting))
        at = end
    if not choices:
        return []
    readings = [_put(text, choices, 0)]
    for rival in (1, 2):
        readings.append(_put(text, choices, rival))
    return readings


def _put(text: str, choices: Iterable[tuple[int, int, list[str]]], rank: int) -> str:
    """The text with the antecedents of this rank, or of the last one that there is."""
    pieces, at = [], 0
    for start, end, fitting in choices:
        pieces += [text[at:start], fitting[min(rank, len(fitting) - 1)]]
        at = end
    return "".join([*pieces, text[at:]])


def _antecedents(
    text: str, found: Sequence[Word], at: int, last: Exchange, topics: Sequence[Mention]
) -> tuple[list[str], int]:
    """What the words from here stand for, likeliest first, and where they end; none if they point nowhere."""
    word, after = found[at].low, found[at + 1] if at + 1 < len(found) else None
    noun = (
        after is not None
        and (after.text[0].isalnum())
        and after.low not in AUXILIARIES | PREPOSITIONS | DETERMINERS | WH
    )
    before = found[at - 1].low if at else ""
    if word in ("that", "this") and before in AUXILIARIES and at + 2 == len(found):
        noun = False  # "is that true?"
    if word in _DEMONSTRATIVE or word == "the":
        return _described(text, found, at, topics) if noun else _that(found, at, last, topics)
    kind = _STANDS_FOR.get(word)
    if kind is None or found[at].text == "IT":
        return [], at + 1
    if kind == "there" and (
        before in AUXILIARIES or (after and after.low in AUXILIARIES) or at == 0
    ):
        return [], at + 1
    if word in ("it", "its") and word == "it" and _EXPLETIVE.search(text):
        return [], at + 1
    owns = (
        word in _POSSESSIVE and noun and not (word == "her" and after and is_verb_form(after.low))
    )
    if _stands_inside(text, found, at, kind, owns=owns):
        return [], at + 1
    fitting = _fitting(kind, _owners(topics) if owns else topics)
    if kind == "there":
        return [_at_place(name, last.quote) for name in fitting], at + 1
    if owns:
        return [name + ("'" if name.endswith("s") else "'s") for name in fitting], at + 1
    return fitting, at + 1


def _fitting(kind: str, topics: Sequence[Mention]) -> list[str]:
    weighed = sorted(
        ((m.weight * _FITS[kind].get(m.kind, 0.0), m.text) for m in topics), key=lambda w: -w[0]
    )
    if kind == "he" and not (weighed and weighed[0][0]):
        weighed = sorted(
            ((m.weight * looks_like_person(core(m.text), ""), m.text) for m in topics),
            key=lambda w: -w[0],
        )
        if not (weighed and weighed[0][0]):  # a ship, a country
            return _fitting("it", topics)
    return [text for weight, text in weighed if weight and weight >= _RIVAL * weighed[0][0]]


def _owners(topics: Sequence[Mention]) -> list[Mention]:
    """The topics as what can own something: rather what has a name than "the price"."""
    return [m._replace(weight=m.weight * 1.5) if core(m.text)[:1].isupper() else m for m in topics]


def _stands_inside(text: str, found: Sequence[Word], at: int, kind: str, *, owns: bool) -> bool:
    """Whether a pronoun's antecedent stands before it in the same question.

    A possessive may go back to anything before it; another pronoun only to what stands in a clause before
    its own: in "does Lynas sell it?", it is not Lynas.
    """
    begin = 0
    if not owns:
        borders = [i for i in range(2, at) if found[i].low in _CLAUSES]
        if (
            at + 1 < len(found)
            and found[at - 1].low not in AUXILIARIES
            and is_verb_form(found[at - 1].low)
        ):
            after = found[at + 1].low
            borders += [at] * (after in AUXILIARIES or is_verb_form(after))  # "say it would grow"
        if not borders:
            return False
        begin = found[borders[-1]].start
    limit = found[at].start if owns else begin
    for start, end in noun_phrases(text[:limit]):
        phrase = text[start:end]
        if is_time(phrase) or phrase.split()[0].lower() in _POSSESSIVE | _DEMONSTRATIVE:
            continue
        if kind == "he" and not looks_like_person(core(phrase), "") and phrase[:1].isupper():
            continue
        if kind == "they" and not is_plural(phrase) and not core(phrase)[:1].isupper():
            continue
        if kind == "there" or (kind == "he" and not core(phrase)[:1].isupper()):
            continue
        return True
    return False


def _that(
    found: Sequence[Word], at: int, last: Exchange, topics: Sequence[Mention]
) -> tuple[list[str], int]:
    """“Who said that?”, “is this true?”: what was answered, or what was spoken of."""
    before = found[at - 1].low if at else ""
    ends = at + 1 == len(found)
    if found[at].low == "the" or not (ends or before in AUXILIARIES | PREPOSITIONS or at == 0):
        return [], at + 1  # a conjunction
    if found[at].low in ("these", "those"):
        return _fitting("they", topics), at + 1
    answer = last.answer or ""
    said = [answer.rstrip(".")] if 0 < len(answer.split()) <= 8 else []
    return [*said, *_fitting("it", topics)], at + 1


def _described(
    text: str, found: Sequence[Word], at: int, topics: Sequence[Mention]
) -> tuple[list[str], int]:
    """“The mine”, “this company”, “those firms”: what was called so before, or the topic if it can be one."""
    end = phrase_end(found, at)
    phrase = text[found[at].start : found[end - 1].end] if end > at else ""
    own = core(phrase)
    follows = found[end].low if end < len(found) else ""
    complete = follows in ("of", "for", "between", "from", "with", "that", "which", "who")
    if not own or complete or is_time(phrase) or re.search(r"[A-Z0-9]| of ", own):
        return [], at + 1
    if len(own.split()) > 2 or (found[at].low == "the" and head(own) in _UNIQUE):
        return [], at + 1
    noun = head(own).lower()
    same = [
        m.text
        for m in topics
        if head(m.text).lower() in (noun, noun.removesuffix("s"))
        and core(m.text).lower() != own.lower()
        and all(word.lower() in m.text.lower() for word in own.split())
    ]
    if same:
        return [_with_article(name) for name in same], end
    topic = [t for t in _fitting("it", topics) if t[:1].isupper() or t.startswith("the ")]
    if noun in _KINDS_OF_ORGANISATION:
        return _organisations(topics) or topic, end
    if found[at].low in _DEMONSTRATIVE:
        return [f"the {own}", *(f"the {own} of {name}" for name in topic[:1])], end
    known = any(core(m.text).lower() == own.lower() for m in topics)
    return ([] if known else [f"the {own}", *(f"the {own} of {t}" for t in topic[:1])]), end


def _organisations(topics: Sequence[Mention]) -> list[str]:
    """The names that can be an organisation's; first those that say so, as "MP Materials" does."""
    named = [m for m in topics if m.kind != "person" and head(m.text)[:1].isupper()]
    least = _RIVAL * max((m.weight for m in named), default=0.0)
    good = [m.text for m in named if m.weight >= least]
    return sorted(good, key=lambda name: not is_institution(name))


def _with_article(name: str) -> str:
    """“Strand Yard” → “the Strand Yard”, as names with a common noun in them have it."""
    return name if name.split()[0].lower() in DETERMINERS else f"the {name}"


def _at_place(name: str, quote: str) -> str:
    """A place with the preposition that the articles use: "in Malaysia"."""
    match = re.search(rf"\b(in|at|on|near)\s+(?:the\s+)?{re.escape(core(name))}", quote)
    if match:
        return f"{match.group(1).lower()} {name}"
    return f"at {name}" if name.lower().startswith("the ") else f"in {name}"
