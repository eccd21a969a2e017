"""Whose deed a question asks for, and whether a sentence tells of the same deed of somebody else.

"How much did China produce?" is not answered by "The US produced 45,000 tonnes", however alike the rest
is. Only what English marks clearly is judged: a name between auxiliary and verb in the question, a name
straight before the same verb in the sentence. Everything else is left to the reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rag.english.verbs import past
from rag.protocols import Analyzer

_AUXILIARY: Final = re.compile(
    r"\b(?:do|does|did|will|would|can|could|should|may|might|must|has|have|had)\s+(?:the\s+)?"
)
_NAME: Final = r"[A-Z][\w.’'&-]*(?:(?: (?:of|and|for|de|the|&))* [A-Z][\w.’'&-]*)*"
_DOER: Final = re.compile(rf"(?P<name>{_NAME})\s+(?:\w+ly\s+)?(?P<verb>[a-z]\w+)")
_ADVERB: Final = r"(?: (?:has|have|had|also|already|still|now|alone|\w+ly))*"
_CLAUSE: Final = re.compile(
    r"(?:^|[,;:—–]\s|\b(?:and|but|while|whereas|that|as)\s)[\"“]?(?P<the>[Tt]he\s)?"
    rf"(?P<name>{_NAME}){_ADVERB} (?P<verb>[a-z]\w+)"
)
_NO_NAME: Final = frozenset(
    "i it he she we you they this that these those there which who what such both each some many most all"
    " another other others in on at by".split()
)
_SAME: Final = (
    frozenset({"us", "u.s", "usa", "united states", "america", "american", "washington"}),
    frozenset({"uk", "u.k", "united kingdom", "britain", "british", "london"}),
    frozenset({"eu", "e.u", "european union", "europe", "european", "brussels"}),
)
_STEM: Final = 4
"""Letters in which a country and its people are alike: China, Chinese."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A name, and the terms of what it does, in the present or the past."""

    name: str
    verbs: frozenset[str]


def deed_asked(question: str, analyzer: Analyzer) -> Deed | None:
    """Whose deed a question asks for, where it has a name between auxiliary and verb."""
    auxiliary = _AUXILIARY.search(question)
    doer = _DOER.match(question, auxiliary.end()) if auxiliary else None
    if not doer:
        return None
    verbs = frozenset(analyzer(f"{doer['verb']} {past(doer['verb'])}"))
    return Deed(doer["name"], verbs) if verbs else None


def is_anothers(asked: Deed, sentence: str, analyzer: Analyzer) -> bool:
    """Whether a sentence tells of the deed only as somebody else's, whom it names.

    A sentence in which the name that is asked for stands anywhere is not judged.
    """
    if any(alike(asked.name, name) for name in re.findall(_NAME, sentence)):
        return False
    return any(
        not asked.verbs.isdisjoint(analyzer(clause["verb"])) and _is_name(clause)
        for clause in _CLAUSE.finditer(sentence)
    )


def _is_name(clause: re.Match[str]) -> bool:
    """Whether capitals mean a name: not the one that only begins a sentence."""
    words = clause["name"].split()
    if words[0].lower() in _NO_NAME:
        return False
    begins = clause.start("name") == 0
    return bool(clause["the"]) or not begins or len(words) > 1 or words[0].isupper()


def subjects(sentence: str) -> list[tuple[str, str]]:
    """The names that do something in a sentence, each with the word that says what.

    >>> subjects("The Mirror Mill made 40 tons, but Ann Lee sold it.")
    [('Mirror Mill', 'made'), ('Ann Lee', 'sold')]
    """
    return [(c["name"], c["verb"]) for c in _CLAUSE.finditer(sentence) if _is_name(c)]


def alike(one: str, other: str) -> bool:
    """Whether two names, or a part of either, may be of the same."""
    return any(_same(a, b) for a in _parts(one) for b in _parts(other))


def _same(one: str, other: str) -> bool:
    if any({one, other} <= group for group in _SAME):
        return True
    short, long = sorted((one, other), key=len)
    if re.sub(r"\W", "", short) == "".join(word[0] for word in _words(long)):
        return True
    stems = ({word[:_STEM] for word in _words(name)} for name in (one, other))
    return not next(stems).isdisjoint(next(stems))


def _parts(name: str) -> list[str]:
    plain = re.sub(r"[’']s\b|[’'.]+$", "", name.lower()).removeprefix("the ")
    return list(dict.fromkeys([plain, *plain.split(" and ")]))


def _words(name: str) -> list[str]:
    return [
        word for word in re.split(r"[\s&-]+", name) if word not in ("", "of", "and", "for", "the")
    ]
