"""What a conversation has mentioned, weighed as its topic: what "it" or "they" can mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from rag.english.clauses import Clause, clause, plain
from rag.english.lexicon import ARTICLES, DETERMINERS, PREPOSITIONS, PRONOUNS, word_set
from rag.english.names import TITLES, is_institution, is_place, names
from rag.english.phrases import core, is_noun_phrase, is_plural, is_time, noun_phrases
from rag.english.verbs import forms
from rag.english.words import words

Kind = Literal["person", "group", "plural", "place", "event", "thing"]

TRUSTED: Final = 0.15
"""From this confidence on, an answer counts fully as a topic."""
_FADING: Final = 0.6
"""The factor on a mention's weight for each later exchange."""
_LONGEST: Final = 8
"""Words of an answer that can be a topic; a longer one tells a story."""
_EVENTS: Final = word_set(
    "act agreement award battle bill ceremony championship championships conference crisis cup deal"
    " election exhibition fair festival final games law marathon match olympics pact prize race"
    " referendum season summit"
    " tournament treaty trial war"
)
"""Nouns for things that happen or are made; unlike a team, they do nothing themselves."""
_OF_PEOPLE: Final = forms("add argue blame join note praise resign say tell want warn".split())
_AT_A_PLACE: Final = word_set("in at near on from to into inside outside around across")
_QUOTES: Final = str.maketrans("", "", '"“”')


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, as understood, and what the articles answered; None if they do not say."""

    question: str
    answer: str | None = None
    quote: str = ""
    confidence: float = 1.0
    """The probability that the answer is right."""


class Mention(NamedTuple):
    """Something mentioned; the higher its weight, the more it is the topic."""

    text: str
    kind: Kind
    weight: float


def mentions(before: Sequence[Exchange]) -> list[Mention]:
    """What the exchanges, oldest first, have mentioned; the topic comes first.

    >>> [m.text for m in mentions([Exchange("Where does Lynas separate its ore?", "Malaysia")])]
    ['Lynas', 'Malaysia']
    """
    by_name: dict[str, Mention] = {}
    for age, exchange in enumerate(reversed(before)):
        said: dict[str, Mention] = {}
        for mention in _mentioned(exchange):
            key = core(mention.text).casefold()
            if key and (key not in said or said[key].weight < mention.weight):
                said[key] = mention
        for key, mention in said.items():
            known = by_name.get(key, mention._replace(weight=0.0))
            kind = "person" if mention.kind == "person" else known.kind
            weight = known.weight + mention.weight * _FADING**age
            by_name[key] = known._replace(kind=kind, weight=weight)
    return sorted(by_name.values(), key=lambda mention: -mention.weight)


def named(text: str, *, opening: bool = False) -> Iterator[tuple[int, int]]:
    """The offsets of the names in a text, each with the article before it.

    ``opening``: also a first word, which may have a capital only because it comes first.

    >>> text = "Where does MP Materials run the Mountain Pass mine?"
    >>> [text[a:b] for a, b in named(text)]
    ['MP Materials', 'the Mountain Pass']
    """
    for name in names(text):
        if opening or not name.opens:
            begin = max(0, name.start - len(" the "))
            before = words(text[begin : name.start])
            has_article = before and before[-1].low in ARTICLES
            yield begin + before[-1].start if has_article else name.start, name.end


def looks_like_person(name: str, evidence: str = "", *, asked_who: bool = False) -> float:
    """The probability that a name is a person's, by its form and by the text around it in ``evidence``."""
    tokens = name.split()
    if not 1 <= len(tokens) <= 4 or not all(w[0].isupper() for w in tokens if w[0].isalnum()):
        return 0.0
    if is_institution(name) or is_place(name) or re.search(r"\d|[A-Z]{3}|&", name):
        return 0.0
    if asked_who or _acts_as_person(tokens, evidence):
        return 1.0 if len(tokens) > 1 or not asked_who else 0.9
    return 0.5 if len(tokens) in (2, 3) else 0.3


def clean(text: str) -> str:
    """A text without the operators of a query: an article must not narrow a search."""
    bare = (word.lstrip("+-") or word for word in text.translate(_QUOTES).split())
    return " ".join(bare).strip(" ,;:")


def _acts_as_person(name: Sequence[str], evidence: str) -> bool:
    """Whether a text treats a name as a person's: with a title, or with a verb of saying."""
    first = " ".join(name[:-1])
    for place in re.finditer(rf"(?:{re.escape(first)} )?\b{re.escape(name[-1])}\b", evidence):
        before = [
            w.low.strip(".") for w in words(evidence[max(0, place.start() - 24) : place.start()])
        ]
        after = [w.low for w in words(evidence[place.end() : place.end() + 40])]
        whole = place.group().startswith(first)
        follows = after[1:] if after[:1] == [","] else after
        if follows[:1] and (follows[0] == "who" or follows[0] in _OF_PEOPLE):
            return True
        if whole and before and before[-1] in TITLES | _OF_PEOPLE:
            return True
        if whole and follows is not after and TITLES.intersection(follows[:3]):
            return True
    return False


# ---------------------------------------------------------------- one exchange


def _mentioned(exchange: Exchange) -> Iterator[Mention]:
    question = plain(exchange.question)
    parts = clause(question)
    evidence = f"{exchange.quote} {question}"
    yield from _asked(question, parts, evidence)
    trust = min(1.0, exchange.confidence / TRUSTED)
    if exchange.answer is not None:
        for mention in _answered(parts, exchange.answer, evidence):
            yield mention._replace(weight=mention.weight * trust)
    in_quote = [exchange.quote[a:b] for a, b in named(exchange.quote, opening=True)]
    for name in dict.fromkeys(in_quote):
        kind = _kind(name, evidence)
        yield Mention(clean(name), kind, (0.4 if kind == "person" else 0.1) * trust)


def _asked(question: str, parts: Clause, evidence: str) -> Iterator[Mention]:
    """What a question mentions: its subject weighs most, then objects, then place and company."""
    who_is = parts.question_word == "who" and parts.auxiliary in ("is", "was") and not parts.rest
    for start, end in noun_phrases(question):
        text = clean(question[start:end])
        before = question[:start].split()
        preposition = before[-1].lower() if before else ""
        if is_time(text) or text == parts.noun or core(text) in PRONOUNS:
            continue
        if text.split()[0].lower() in DETERMINERS - ARTICLES - {"all", "both"}:
            continue  # "its ore" is no topic by itself
        aside = preposition in PREPOSITIONS and preposition != "of"
        if text == parts.subject and who_is:
            known = looks_like_person(text, asked_who=True)
            yield Mention(text, "person", 1.1 if known else 0.8)
        else:
            weight = 1.0 if text == parts.subject else 0.55 if aside else 0.85
            yield Mention(_definite(text), _kind(text, evidence, preposition), weight)
        for a, b in named(text, opening=True):
            if b - a == len(text):
                continue
            if b == len(text):
                yield Mention(clean(text[a:b]), _kind(text[a:b], evidence), 0.9 if who_is else 0.75)
            else:  # "the Araxá project" mentions Araxá only in passing
                name = clean(core(text[a:b]))
                yield Mention(name, _kind(name, evidence), 0.45)
    if parts.question_word == "who" and not who_is and not parts.subject:
        verb = f"{parts.auxiliary} {parts.rest}".strip()
        yield Mention(clean(f"the one who {verb}"), "person", 0.6)
    if parts.noun:
        tail = re.search(r"\b(?:for|of|with|between|against)\s.+$", parts.rest)
        text = f"the {core(parts.noun)}" + (f" {tail.group()}" if tail else "")
        weight = 0.3 if parts.question_word == "how much" else 0.7
        yield Mention(clean(text), "plural" if is_plural(parts.noun) else "thing", weight)


def _answered(parts: Clause, answer: str, evidence: str) -> Iterator[Mention]:
    """The answer, if it is a thing and not a number, a time or a story."""
    text, asked = clean(answer).rstrip("."), parts.question_word
    story = len(text.split()) > _LONGEST or not is_noun_phrase(text)
    if story or is_time(text) or asked.startswith("how") or re.search(r"^\W*\d|[$€£%]", text):
        return
    plural = is_plural(text) or is_plural(parts.noun)
    if asked in ("who", "whom"):
        if text[0].islower() and looks_like_person(parts.subject, evidence):
            return  # "Who is Ann Lee?": "a painter" makes no new topic
        name = next(names(text), None)
        person = name.text if name and name.end == len(text) else text  # without "CEO"
        if looks_like_person(person, asked_who=True):
            yield Mention(person, "person", 1.05)
        else:  # whoever does something can be "they"
            yield Mention(text, "plural" if plural or text[0].islower() else "group", 0.8)
    elif asked == "where":
        yield Mention(text, "place", 0.9)
    elif parts.noun:
        kind = "plural" if plural else _kind(text, "")
        yield Mention(text, kind, 1.1 if core(text)[0].isupper() else 0.7)
    elif asked == "what" and text[0].isalpha():
        yield Mention(text, "plural" if plural else _kind(text, ""), 0.5)


def _kind(text: str, evidence: str, preposition: str = "") -> Kind:
    if looks_like_person(core(text), evidence) == 1:
        return "person"
    if is_plural(text):
        return "plural"
    if text.rpartition(" ")[2].lower() in _EVENTS:
        return "event"
    if not core(text)[:1].isupper():
        return "thing"
    return "place" if preposition in _AT_A_PLACE and text[:1].isupper() else "group"


def _definite(text: str) -> str:
    """“A loan”, once mentioned, is “the loan”."""
    if text.rpartition(" ")[2][:1].isupper():
        return text
    return re.sub(r"^(?:a|an)\s", "the ", text)
