"""What a conversation has spoken of, and how much each thing is its topic: what "it" or "they" can mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from rag.english.clauses import (
    AUXILIARIES,
    DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
    Clause,
    clause,
    is_verb_form,
    noun_phrases,
    phrase_end,
    plain,
    words,
)

Kind = Literal["person", "place", "plural", "thing"]

_FADING: Final = 0.6
"""What a mention counts one exchange later."""
_LONGEST: Final = 8
"""Words of an answer that can be spoken of as a thing; a longer one tells a story."""

_INSTITUTIONS: Final = frozenset(
    """
    agency airlines airport army association authority bank board church city club college
    commission committee company corp corporation council court department earths electric energy
    federation foods foundation fuels fund gmbh group holdings hospital inc industries institute
    international journal laboratories lithium llc ltd limited materials metals minerals mining
    ministry motors museum navy news observatory office organisation organization party pharma
    pharmaceuticals plc police post press resources rovers school society software systems
    technologies times town trust union united university works yard
    """.split()
)
_PLACES: Final = frozenset(
    """
    avenue bay beach bridge county forest harbour hill hills island islands lake mill mine mountain
    mountains park pass peninsula port province river road sea stadium station street tower valley
    """.split()
)
_TITLES: Final = (
    r"CEO|chief executive|chief scientist|chairman|chairwoman|chair|president|prime minister|minister"
    r"|director|manager|captain|coach|mayor|governor|senator|councillor|professor|Prof\.?|Dr\.?|Mr\.?|Mrs\.?|Ms\.?"
    r"|doctor|student|analyst|consultant|founder|king|queen|author|striker|engineer"
)
_SPEAKS: Final = (
    "said|says|told|stated|noted|added|praised|argued|blamed|warned|wants|announced|resigned|joined"
)
_TIMES: Final = re.compile(
    r"^(?:(?:the|a|an|each|every|this|that|next|last|past|first|one) )*(?:\w+ )?"
    r"(?:seconds?|minutes?|hours?|days?|weeks?|weekend|months?|years?|seasons?|decades?|century|centuries|time|morning|evening|night"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august"
    r"|september|october|november|december|spring|summer|autumn|winter|[\d.,:]+)$",
    re.IGNORECASE,
)
_PLURALS: Final = frozenset(
    "people children men women police staff media data criteria feet teeth mice".split()
)
_OPERATORS: Final = re.compile(r'["“”]|(?<!\S)[+-]+(?=\S)')
_AT_A_PLACE: Final = frozenset("in at near on from to into inside outside around across".split())


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked, as it was understood, and what the articles said: nothing, if they don't say."""

    question: str
    answer: str | None = None
    quote: str = ""


class Mention(NamedTuple):
    """Something that was spoken of; the higher the weight, the more it is the topic."""

    text: str
    kind: Kind
    weight: float


def mentions(before: Sequence[Exchange]) -> list[Mention]:
    """What the exchanges, oldest first, have spoken of; the topic first.

    >>> [m.text for m in mentions([Exchange("Where does Lynas separate its ore?", "Malaysia")])]
    ['Lynas', 'Malaysia']
    """
    found: dict[str, Mention] = {}
    for age, exchange in enumerate(reversed(before)):
        said: dict[str, Mention] = {}
        for mention in _spoken_of(exchange):
            key = core(mention.text).casefold()
            if key and (key not in said or said[key].weight < mention.weight):
                said[key] = mention
        for key, mention in said.items():
            weight = mention.weight * _FADING**age
            if key in found:
                known = found[key]
                kind = "person" if mention.kind == "person" else known.kind
                found[key] = known._replace(kind=kind, weight=known.weight + weight)
            else:
                found[key] = mention._replace(weight=weight)
    return sorted(found.values(), key=lambda mention: -mention.weight)


def core(text: str) -> str:
    """A noun phrase without its determiner.

    >>> core("the Polaris")
    'Polaris'
    """
    first, _, rest = text.partition(" ")
    return rest if first.lower() in DETERMINERS else text


def head(text: str) -> str:
    """The noun that a phrase turns on.

    >>> head("the capacity of the mine"), head("Mountain Pass mine")
    ('capacity', 'mine')
    """
    kept: list[str] = []
    for word in words(text):
        if kept and word.low in PREPOSITIONS:
            break
        kept.append(word.text)
    return kept[-1] if kept else ""


def is_plural(text: str) -> bool:
    """Whether a noun phrase means several: by its form, or because it names several.

    >>> is_plural("the children"), is_plural("Lynas"), is_plural("Mitsubishi and Mitsui")
    (True, False, True)
    """
    noun = head(text)
    if " and " in text or ", " in text:
        return True
    if noun[:1].isupper() or noun.lower() in _PLURALS:
        return noun.lower() in _PLURALS
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is"))


def is_time(text: str) -> bool:
    """Whether a noun phrase is a time or a bare number, which no pronoun stands for."""
    return bool(_TIMES.match(text))


def is_institution(name: str) -> bool:
    """Whether a name says that it is a company's, an office's, a club's.

    >>> is_institution("MP Materials"), is_institution("Ann Lee")
    (True, False)
    """
    return _has(name, _INSTITUTIONS)


def _has(name: str, words_of_a_kind: frozenset[str]) -> bool:
    return any(word.strip(".,").lower() in words_of_a_kind for word in name.split())


def is_noun_phrase(text: str) -> bool:
    """Whether a text is a thing and not a sentence, as far as the commonest verbs tell.

    >>> is_noun_phrase("the lithium mine in Chile"), is_noun_phrase("China has led")
    (True, False)
    """
    found = words(text)
    at = phrase_end(found, 0, nominal=True)
    if at in (0, len(found)):
        return at > 0
    return found[at].low not in AUXILIARIES and not is_verb_form(found[at].low)


def looks_like_person(name: str, evidence: str, *, asked_who: bool = False) -> float:
    """How probably a name is a person's, 0 to 1, by its shape and by what the evidence says of it."""
    found = name.split()
    if not 1 <= len(found) <= 4 or not all(w[0].isupper() for w in found if w[0].isalnum()):
        return 0.0
    if is_institution(name) or _has(name, _PLACES) or re.search(r"\d|[A-Z]{3}|&", name):
        return 0.0
    escaped = re.escape(name)
    surname = re.escape(found[-1])
    cues = (
        rf"\b(?i:{_TITLES})\s+{escaped}\b|\b{surname},? (?:who\b|(?:{_SPEAKS})\b)"
        rf"|\b(?:said|says|told|adds|notes) {escaped}\b|{escaped}, (?:\w+ ){{0,2}}(?i:{_TITLES})\b"
    )
    if asked_who or re.search(cues, evidence):
        return 1.0 if len(found) > 1 or not asked_who else 0.9
    return 0.5 if len(found) in (2, 3) else 0.3


def names(text: str) -> Iterator[str]:
    """The runs of capitalised words in a text, "the" before one kept; not the first word of a question.

    >>> list(names("Where does MP Materials run the Mountain Pass mine?"))
    ['MP Materials', 'the Mountain Pass']
    """
    found = words(text)
    at = 1 if found and not _is_initial_name(found[0].text) else 0
    while at < len(found):
        end = at
        while end < len(found) and (found[end].is_name or found[end].text == "&"):
            end += 1
        run = found[at:end]
        if run and any(word.text[0].isalpha() for word in run) and run[0].low not in PRONOUNS:
            article = at > 0 and found[at - 1].low in ("the", "an", "a")
            begin = found[at - 1].start if article else run[0].start
            yield text[begin : run[-1].end]
        at = max(end, at + 1)


def _is_initial_name(word: str) -> bool:
    return any(c.isupper() for c in word[1:]) or any(c.isdecimal() for c in word)


def _spoken_of(exchange: Exchange) -> Iterator[Mention]:
    question = plain(exchange.question)
    parts = clause(question)
    evidence = f"{exchange.quote} {question}"
    yield from _asked(question, parts, evidence)
    if exchange.answer is not None:
        yield from _answered(parts, exchange.answer, evidence)
    for name in names(". " + exchange.quote):
        if looks_like_person(name, evidence) == 1:
            yield Mention(clean(name), "person", 0.4)
        else:
            yield Mention(clean(name), "thing", 0.1)


def _asked(question: str, parts: Clause, evidence: str) -> Iterator[Mention]:
    """What a question speaks of: its subject first, then objects, then where and when and with whom."""
    who_is = parts.asked.lower() == "who" and parts.auxiliary in ("is", "was") and not parts.rest
    for start, end in noun_phrases(question):
        text = clean(question[start:end])
        before = question[:start].split()
        preposition = before[-1].lower() if before else ""
        if is_time(text) or text == parts.noun or core(text).lower() in PRONOUNS:
            continue
        if text.split()[0].lower() in DETERMINERS - {"the", "a", "an", "all", "both"}:
            continue  # "its ore" is no topic by itself
        aside = preposition in PREPOSITIONS and preposition != "of"
        inside = [name for name in names(f". {text}") if name != text]
        if text == parts.subject and who_is:
            known = looks_like_person(text, evidence, asked_who=True)
            yield Mention(text, "person", 1.1 if known else 0.8)
        else:
            weight = 1.0 if text == parts.subject else 0.55 if aside else 0.85
            kind = _kind(text, evidence, preposition)
            yield Mention(_definite(text), kind, weight)
        for name in inside:
            if text.endswith(name):
                yield Mention(clean(name), _kind(name, evidence, ""), 0.9 if who_is else 0.75)
            else:  # "the Araxá project" speaks of Araxá only by the way
                yield Mention(clean(core(name)), _kind(name, evidence, ""), 0.45)
    if parts.asked.lower() == "who" and not who_is and not parts.subject:
        verb = f"{parts.auxiliary} {parts.rest}".strip()
        yield Mention(clean(f"the one who {verb}"), "person", 0.6)
    if parts.noun:
        tail = re.search(r"\b(?:for|of|with|between|against)\s.+$", parts.rest)
        text = f"the {core(parts.noun)}" + (f" {tail.group()}" if tail else "")
        weight = 0.3 if parts.asked.lower().startswith("how much") else 0.7
        yield Mention(clean(text), "plural" if is_plural(parts.noun) else "thing", weight)


def _answered(parts: Clause, answer: str, evidence: str) -> Iterator[Mention]:
    """What an answer is, if it is a thing and not a number, a time or a story."""
    text, asked = clean(answer).rstrip("."), parts.asked.lower()
    story = len(text.split()) > _LONGEST or not is_noun_phrase(text)
    if story or is_time(text) or asked.startswith("how"):
        return
    if asked in ("who", "whom"):
        known = looks_like_person(text, evidence, asked_who=True)
        several = is_plural(text) or text[0].islower()  # whoever does something can be "they"
        kind: Kind = "person" if known else "plural" if several else "thing"
        describes = text[0].islower() and looks_like_person(parts.subject, evidence) > 0
        if not describes:  # "Who is Ann Lee?" — "a painter" makes no new topic
            yield Mention(text, kind, 1.05 if kind == "person" else 0.8)
    elif asked == "where":
        yield Mention(text, "place", 0.9)
    elif parts.noun and not re.search(r"^\d|[$€£%]", text):
        plural = is_plural(parts.noun) or is_plural(text)
        yield Mention(text, "plural" if plural else "thing", 1.1 if text[0].isupper() else 0.7)
    elif asked == "what" and text[0].isalpha():
        yield Mention(text, "plural" if is_plural(text) else "thing", 0.5)


def _kind(text: str, evidence: str, preposition: str) -> Kind:
    if looks_like_person(core(text), evidence) == 1:
        return "person"
    if is_plural(text):
        return "plural"
    return "place" if preposition in _AT_A_PLACE and text[:1].isupper() else "thing"


def _definite(text: str) -> str:
    """What was "a loan" when first spoken of is "the loan" from then on."""
    return (
        re.sub(r"^(?:a|an)\s", "the ", text) if not text.rpartition(" ")[2][:1].isupper() else text
    )


def clean(text: str) -> str:
    """Without the marks that would mean something in a query: an article must not narrow a search."""
    return " ".join(_OPERATORS.sub("", text).split()).strip(" ,;:")
