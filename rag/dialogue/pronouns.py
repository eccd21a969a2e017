"""Words that point back: what "it", "she", "there" or "the company" means in a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from rag.dialogue.mentions import TRUSTED, Exchange, Mention, clean, looks_like_person, named
from rag.english.lexicon import (
    AUXILIARIES,
    CONJUNCTIONS,
    DEMONSTRATIVES,
    DETERMINERS,
    POSSESSIVES,
    PREPOSITIONS,
    QUESTION_WORDS,
    word_set,
)
from rag.english.names import ORGANISATIONS, is_institution
from rag.english.phrases import (
    core,
    head,
    is_noun_phrase,
    is_plural,
    is_pronoun,
    is_time,
    noun_phrases,
    phrase_end,
)
from rag.english.verbs import is_verb_form
from rag.english.words import Word, words

STANDS_FOR: Final = {
    **dict.fromkeys(("it", "its", "itself"), "it"),
    **dict.fromkeys(("they", "them", "their", "theirs", "these", "those"), "they"),
    **dict.fromkeys(("he", "him", "his", "she", "her"), "he"),
    **dict.fromkeys(("this", "that"), "that"),
    "there": "there",
}
SHORT: Final = 8
"""Most words of an answer that fits into a question."""
_FITS: Final = {
    "it": {"thing": 1.0, "group": 1.0, "event": 1.0, "place": 0.6, "plural": 0.15},
    "they": {"plural": 1.0, "group": 0.6, "person": 0.4, "place": 0.3, "thing": 0.3, "event": 0.05},
    "he": {"person": 1.0},
    "there": {"place": 1.3, "group": 0.7, "thing": 0.7, "event": 0.7, "plural": 0.1},
}
_RIVAL: Final = 0.45
"""An antecedent with this share of the best one's weight is worth trying too."""
_OF_EXPLETIVES: Final = word_set(
    "time true possible likely necessary important clear known hard easy difficult worth"
)
_OPENS_CLAUSE: Final = CONJUNCTIONS | QUESTION_WORDS | {"that"}
_UNIQUE: Final = word_set(
    "world sun moon earth internet sea ocean sky weather future past public same other rest end beginning"
    " middle day night economy market government police law truth"
)
"""Nouns for what exists once, whatever the conversation has mentioned."""


def pointing(text: str, last: Exchange, topics: Sequence[Mention]) -> list[str]:
    """The text with its antecedents in place of "it" or "the company"; [] if nothing points back.

    There is one reading for each rank of antecedent.
    """
    tokens = words(text)
    choices: list[tuple[int, int, list[str]]] = []
    taken: dict[str, str] = {}
    at = 0
    while at < len(tokens):
        fitting, end = _antecedents(text, tokens, at, last, topics)
        if fitting:
            word = tokens[at].low
            stands_for = STANDS_FOR.get(word, word)
            # One thing is not called "it" and "they" in one breath.
            others = {value for key, value in taken.items() if key != stands_for}
            fitting = [f for f in fitting if f.removesuffix("'s") not in others] or fitting
            taken.setdefault(stands_for, fitting[0].removesuffix("'s"))
            choices.append((tokens[at].start, tokens[end - 1].end, fitting))
        at = end
    most = max((len(fitting) for *_, fitting in choices), default=0)
    return [_put(text, choices, rank) for rank in range(most)]


def _put(text: str, choices: Iterable[tuple[int, int, list[str]]], rank: int) -> str:
    """The text with the antecedents of this rank, or of the last rank."""
    pieces, at = [], 0
    for start, end, fitting in choices:
        pieces += [text[at:start], fitting[min(rank, len(fitting) - 1)]]
        at = end
    return "".join([*pieces, text[at:]])


def _antecedents(
    text: str, tokens: Sequence[Word], at: int, last: Exchange, topics: Sequence[Mention]
) -> tuple[list[str], int]:
    """The antecedents of the words from ``at`` on, likeliest first; and the index after these words."""
    word = tokens[at].low
    if word in {"the", "such"} or (word in DEMONSTRATIVES and not is_pronoun(tokens, at)):
        return _described(text, tokens, at, topics)
    if word in DEMONSTRATIVES:
        return _that(tokens, at, last, topics), at + 1
    kind = STANDS_FOR.get(word)
    owns = word in POSSESSIVES and _owns(tokens, at)
    if (
        kind is None
        or tokens[at].text == "IT"
        or (kind == "there" and _is_existential(tokens, at))
        or (word == "it" and _is_expletive(tokens))
        or _has_antecedent(text, tokens, at, kind, owns=owns)
    ):
        return [], at + 1
    fitting = _fitting(kind, _owners(topics) if owns else topics)
    if kind == "there":
        fitting = [at_place(name, last.quote) for name in fitting]
    elif owns:
        fitting = [name + ("'" if name.endswith("s") else "'s") for name in fitting]
    return fitting, at + 1


def _is_expletive(tokens: Sequence[Word]) -> bool:
    """Whether "it" stands for nothing: "is it true", "does it rain", "how long does it take to"."""
    plain = [word.low for word in tokens]
    takes = next((at for at, word in enumerate(plain) if word in {"take", "takes"}), len(plain))
    return (
        not _OF_EXPLETIVES.isdisjoint(plain)
        or any(word.startswith(("rain", "snow")) for word in plain)
        or "to" in plain[takes:]
        or " is it that " in f" {' '.join(plain)} "
    )


def _owns(tokens: Sequence[Word], at: int) -> bool:
    """Whether a noun follows a possessive: "her ship", not "saw her" or "let her go"."""
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if after is None or not after.text[0].isalnum():
        return False
    verb = tokens[at].low == "her" and is_verb_form(after.low)
    return not verb and after.low not in AUXILIARIES | PREPOSITIONS | DETERMINERS | QUESTION_WORDS


def _is_existential(tokens: Sequence[Word], at: int) -> bool:
    """Whether a "there" is that of "there is"."""
    after = tokens[at + 1].low if at + 1 < len(tokens) else ""
    return at == 0 or tokens[at - 1].low in AUXILIARIES or after in AUXILIARIES


def _fitting(kind: str, topics: Sequence[Mention]) -> list[str]:
    """The topics that a pronoun of this kind can mean, likeliest first, without unlikely ones."""
    weighed = [(m.weight * _FITS[kind].get(m.kind, 0.0), m.text) for m in topics]
    if kind == "he" and not any(weight for weight, _ in weighed):
        weighed = [(m.weight * looks_like_person(core(m.text)), m.text) for m in topics]
        if not any(weight for weight, _ in weighed):  # a ship, a country
            return _fitting("it", topics)
    best = max((weight for weight, _ in weighed), default=0.0)
    good = [(weight, text) for weight, text in weighed if weight and weight >= _RIVAL * best]
    return [text for _, text in sorted(good, key=lambda w: -w[0])]


def _owners(topics: Sequence[Mention]) -> list[Mention]:
    """The topics weighed as owners: a name owns things more often than "the price" does."""
    return [m._replace(weight=m.weight * 1.5) if core(m.text)[:1].isupper() else m for m in topics]


def _has_antecedent(text: str, tokens: Sequence[Word], at: int, kind: str, *, owns: bool) -> bool:
    """Whether the question itself has the antecedent of a pronoun.

    A possessive may mean anything before it; another pronoun only something in an earlier clause: in "does
    Lynas sell it?", it is not Lynas.
    """
    limit = tokens[at].start
    if not owns:
        borders = [i for i in range(2, at) if tokens[i].low in _OPENS_CLAUSE]
        borders += [at] * _is_reported(tokens, at)
        if not borders:
            return False
        limit = tokens[borders[-1]].start
    phrases = (text[start:end] for start, end in noun_phrases(text[:limit]))
    return any(_can_be(phrase, kind) for phrase in phrases)


def _is_reported(tokens: Sequence[Word], at: int) -> bool:
    """Whether a pronoun is the subject of reported speech: "say it would grow"."""
    if at == 0 or at + 1 == len(tokens):
        return False
    before, after = tokens[at - 1].low, tokens[at + 1].low
    is_saying = before not in AUXILIARIES and is_verb_form(before)
    return is_saying and (after in AUXILIARIES or is_verb_form(after))


def _can_be(phrase: str, kind: str) -> bool:
    """Whether a pronoun of this kind can mean a phrase of the same question."""
    points = phrase.partition(" ")[0].lower() in POSSESSIVES | DEMONSTRATIVES
    if kind == "there" or is_time(phrase) or points:
        return False
    is_named = core(phrase)[:1].isupper()
    if kind == "he":
        return is_named and looks_like_person(core(phrase)) > 0
    return kind != "they" or is_named or is_plural(phrase)


def _that(tokens: Sequence[Word], at: int, last: Exchange, topics: Sequence[Mention]) -> list[str]:
    """“Who said that?”, “when does this start?”: the last answer, or a topic."""
    before = tokens[at - 1].low if at else ""
    if at and at + 1 < len(tokens) and before not in AUXILIARIES | PREPOSITIONS:
        return []  # a conjunction
    if tokens[at].low in ("these", "those"):
        return _fitting("they", topics)
    answer = clean(last.answer or "").rstrip(".")
    is_thing = answer[:1].isalpha() and is_noun_phrase(answer) and not is_time(answer)
    usable = is_thing and len(answer.split()) <= SHORT and last.confidence >= TRUSTED
    return [*([answer] if usable else []), *_fitting("it", topics)]


def _described(
    text: str, tokens: Sequence[Word], at: int, topics: Sequence[Mention]
) -> tuple[list[str], int]:
    """“The mine”, “this company”: a topic with this noun, or the first topic if it can be one."""
    end = phrase_end(tokens, at)
    phrase = text[tokens[at].start : tokens[end - 1].end] if end > at else ""
    own, noun = core(phrase), head(core(phrase)).lower()
    the = tokens[at].low == "the"
    if not own or own == phrase or _is_complete(tokens, end, phrase) or (the and noun in _UNIQUE):
        return [], at + 1
    calling = [
        m.text
        for m in topics
        if head(m.text).lower() in (noun, noun.removesuffix("s"))
        and (core(m.text).lower() != own.lower() or not the)
        and all(word.lower() in m.text.lower() for word in own.split())
    ]
    if calling:
        return [_with_article(name) for name in calling], end
    topic = [t for t in _fitting("it", topics) if t[:1].isupper() or t.startswith("the ")]
    if noun in ORGANISATIONS:
        return _organisations(topics) or topic, end
    of_topic = [f"the {own}", *(f"the {own} of {name}" for name in topic[:1])]
    known = any(core(m.text).lower() == own.lower() for m in topics)
    return ([] if the and (known or any(named(text))) else of_topic), end


def _is_complete(tokens: Sequence[Word], end: int, phrase: str) -> bool:
    """Whether a noun phrase is clear by itself: "the capacity of the mine", "the largest"."""
    follows = tokens[end].low if end < len(tokens) else ""
    return (
        follows in ("of", "for", "between", "from", "with", "that", "which", "who")
        or is_time(phrase)
        or bool(re.search(r"[A-Z0-9]| of |est$", core(phrase)))
        or len(core(phrase).split()) > 2
    )


def _organisations(topics: Sequence[Mention]) -> list[str]:
    """The topics that may be organisations; names that show it, as "MP Materials" does, come first."""
    candidates = [m for m in topics if m.kind != "person" and head(m.text)[:1].isupper()]
    least = _RIVAL * max((m.weight for m in candidates), default=0.0)
    good = [m.text for m in candidates if m.weight >= least]
    return sorted(good, key=lambda name: not is_institution(name))


def _with_article(name: str) -> str:
    """“Strand Yard” → “the Strand Yard”."""
    article, _, rest = name.partition(" ")
    if article.lower() in {"a", "an"}:
        return f"the {rest}"
    return name if article.lower() in DETERMINERS else f"the {name}"


def at_place(name: str, quote: str) -> str:
    """A place with the preposition that the quote uses: "in Malaysia"."""
    match = re.search(rf"\b(in|at|on|near|from)\s+(?:the\s+)?{re.escape(core(name))}", quote)
    if match:
        return f"{match.group(1).lower()} {name}"
    return f"at {name}" if name.lower().startswith("the ") else f"in {name}"
