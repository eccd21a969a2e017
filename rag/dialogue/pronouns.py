"""Words that point back: what "it", "she", "there" or "the company" stands for in a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from rag.dialogue.mentions import (
    Exchange,
    Mention,
    clean,
    core,
    head,
    is_institution,
    is_plural,
    is_time,
    looks_like_person,
    names,
)
from rag.english.clauses import (
    AUXILIARIES,
    DETERMINERS,
    PREPOSITIONS,
    WH,
    Word,
    is_verb_form,
    noun_phrases,
    phrase_end,
    words,
)

_EXPLETIVE: Final = re.compile(
    r"\b(?:time|true|possible|likely|necessary|important|clear|known|hard|easy|difficult|worth)\b"
    r"|\b(?:rain|snow)\w*"
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
STANDS_FOR: Final = {
    **dict.fromkeys(("it", "its", "itself"), "it"),
    **dict.fromkeys(("they", "them", "their", "theirs", "these", "those"), "they"),
    **dict.fromkeys(("he", "him", "his", "she", "her"), "he"),
    "there": "there",
}
POSSESSIVE: Final = frozenset("its their his her".split())
_DEMONSTRATIVE: Final = frozenset("this that these those such".split())
_SHORT: Final = 8
"""Words of an answer that a question can hold."""
_POINTING: Final = POSSESSIVE | _DEMONSTRATIVE
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


def pointing(text: str, last: Exchange, topics: Sequence[Mention]) -> list[str]:
    """The text with "it" or "the company" replaced by what they stand for; [] if it points nowhere.

    One reading for each rank of antecedent.
    """
    found = words(text)
    choices: list[tuple[int, int, list[str]]] = []
    taken: dict[str, str] = {}
    at = 0
    while at < len(found):
        fitting, end = _antecedents(text, found, at, last, topics)
        if fitting:
            word = found[at].low
            stands_for = STANDS_FOR.get(word, word)
            # One thing is not called "it" and "they" in one breath.
            others = {value for key, value in taken.items() if key != stands_for}
            fitting = [f for f in fitting if f.removesuffix("'s") not in others] or fitting
            taken.setdefault(stands_for, fitting[0].removesuffix("'s"))
            choices.append((found[at].start, found[end - 1].end, fitting))
        at = end
    if not choices:
        return []
    most = max(len(fitting) for *_, fitting in choices)
    return [_put(text, choices, rank) for rank in range(most)]


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
    """What the words from here stand for, likeliest first, if they point anywhere; and where they end."""
    word = found[at].low
    if word in _DEMONSTRATIVE or word == "the":
        described = _noun_follows(found, at) and not _is_that_true(found, at)
        return _described(text, found, at, topics) if described else _that(found, at, last, topics)
    kind = STANDS_FOR.get(word)
    owns = word in POSSESSIVE and _noun_follows(found, at)
    if (
        kind is None
        or found[at].text == "IT"
        or (kind == "there" and _exists(found, at))
        or (word == "it" and _EXPLETIVE.search(text))
        or _stands_inside(text, found, at, kind, owns=owns)
    ):
        return [], at + 1
    fitting = _fitting(kind, _owners(topics) if owns else topics)
    if kind == "there":
        fitting = [_at_place(name, last.quote) for name in fitting]
    elif owns:
        fitting = [name + ("'" if name.endswith("s") else "'s") for name in fitting]
    return fitting, at + 1


def _noun_follows(found: Sequence[Word], at: int) -> bool:
    """Whether a determiner has its noun: "her ship", "that mine", not "saw her" or "why is that"."""
    if at + 1 == len(found):
        return False
    after = found[at + 1]
    verb = found[at].low == "her" and is_verb_form(after.low)
    function = AUXILIARIES | PREPOSITIONS | DETERMINERS | WH
    return after.text[0].isalnum() and after.low not in function and not verb


def _is_that_true(found: Sequence[Word], at: int) -> bool:
    """Whether "that" is what the question is about, one word being said of it."""
    asks = at > 0 and found[at - 1].low in AUXILIARIES
    return found[at].low in ("that", "this") and asks and at + 2 == len(found)


def _exists(found: Sequence[Word], at: int) -> bool:
    """Whether "there" only says that something is."""
    after = found[at + 1].low if at + 1 < len(found) else ""
    return at == 0 or found[at - 1].low in AUXILIARIES or after in AUXILIARIES


def _fitting(kind: str, topics: Sequence[Mention]) -> list[str]:
    """The topics that a pronoun of this kind can stand for, likeliest first, without far-fetched ones."""
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
    limit = found[at].start
    if not owns:
        borders = [i for i in range(2, at) if found[i].low in _CLAUSES]
        borders += [at] * _begins_clause(found, at)
        if not borders:
            return False
        limit = found[borders[-1]].start
    phrases = (text[start:end] for start, end in noun_phrases(text[:limit]))
    return any(_can_be(phrase, kind) for phrase in phrases)


def _begins_clause(found: Sequence[Word], at: int) -> bool:
    """Whether a pronoun is the subject of what somebody says: "say it would grow"."""
    if at == 0 or at + 1 == len(found):
        return False
    before, after = found[at - 1].low, found[at + 1].low
    said = before not in AUXILIARIES and is_verb_form(before)
    return said and (after in AUXILIARIES or is_verb_form(after))


def _can_be(phrase: str, kind: str) -> bool:
    """Whether a pronoun of this kind can stand for a phrase of the same question."""
    if kind == "there" or is_time(phrase) or phrase.partition(" ")[0].lower() in _POINTING:
        return False
    named = core(phrase)[:1].isupper()
    if kind == "he":
        return named and looks_like_person(core(phrase), "") > 0
    return kind != "they" or named or is_plural(phrase)


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
    answer = clean(last.answer or "").rstrip(".")
    said = [answer] if 0 < len(answer.split()) <= _SHORT else []
    return [*said, *_fitting("it", topics)], at + 1


def _described(
    text: str, found: Sequence[Word], at: int, topics: Sequence[Mention]
) -> tuple[list[str], int]:
    """“The mine”, “this company”: what was called so before, or the topic if it can be one."""
    end = phrase_end(found, at)
    phrase = text[found[at].start : found[end - 1].end] if end > at else ""
    own, noun = core(phrase), head(core(phrase)).lower()
    if not own or _is_complete(found, end, phrase) or (found[at].low == "the" and noun in _UNIQUE):
        return [], at + 1
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
    of_topic = [f"the {own}", *(f"the {own} of {name}" for name in topic[:1])]
    if found[at].low in _DEMONSTRATIVE:
        return of_topic, end
    known = any(core(m.text).lower() == own.lower() for m in topics)
    return ([] if known or any(names(text)) else of_topic), end


def _is_complete(found: Sequence[Word], end: int, phrase: str) -> bool:
    """Whether a noun phrase says by itself what it means: "the capacity of the mine", "the largest"."""
    follows = found[end].low if end < len(found) else ""
    return (
        follows in ("of", "for", "between", "from", "with", "that", "which", "who")
        or is_time(phrase)
        or bool(re.search(r"[A-Z0-9]| of |est$", core(phrase)))
        or len(core(phrase).split()) > 2
    )


def _organisations(topics: Sequence[Mention]) -> list[str]:
    """The names that can be an organisation's; first those that say so, as "MP Materials" does."""
    named = [m for m in topics if m.kind != "person" and head(m.text)[:1].isupper()]
    least = _RIVAL * max((m.weight for m in named), default=0.0)
    good = [m.text for m in named if m.weight >= least]
    return sorted(good, key=lambda name: not is_institution(name))


def _with_article(name: str) -> str:
    """“Strand Yard” → “the Strand Yard”, as names with a common noun in them have it."""
    return name if name.partition(" ")[0].lower() in DETERMINERS else f"the {name}"


def _at_place(name: str, quote: str) -> str:
    """A place with the preposition that the articles use: "in Malaysia"."""
    match = re.search(rf"\b(in|at|on|near)\s+(?:the\s+)?{re.escape(core(name))}", quote)
    if match:
        return f"{match.group(1).lower()} {name}"
    return f"at {name}" if name.lower().startswith("the ") else f"in {name}"
