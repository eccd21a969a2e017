"""Puts names right that are a letter or two off, and writes compounds and amounts as the passages do.

Only what may be a name is taken for a slip, and only for one of a word that the articles write as a name.
"Bread" in a corpus that never mentions bread means bread, however often "break" stands there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rag.english.countries import COUNTRIES
from rag.english.presence import Mentions
from rag.english.quantities import quantities, same_quantity
from rag.english.words import letters_off, without_possessive, words
from rag.protocols import Analyzer, Store
from rag.records import Scope
from rag.search.query import operands

SHORTEST: Final = 5
"""Fewest letters of a word that may be taken for a slip."""
LONG: Final = 9
"""From this many letters on, a word may be two letters off."""
CERTAIN: Final = 2
"""Letters at the beginning that have to be right."""
_SAMPLE: Final = 3
"""Passages that show how a word is written."""
_MOST: Final = 3
"""Most known words that are tried for each unknown one, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Respelling:
    """A word of a query and the one that the articles have."""

    typed: str
    meant: str


def respelled(typed: str, analyzer: Analyzer, store: Store) -> tuple[str, tuple[Respelling, ...]]:
    """A query in which names that no passage has are put right, and what was changed.

    Phrases, filters and words with a sign or star are left alone.
    """
    literal = operands(typed)
    text, shift, changed = typed, 0, []
    for start, end in _names(typed):
        if any(begin <= start < stop for begin, stop in literal):
            continue
        word = typed[start:end]
        meant = _meant(word, analyzer, store)
        if meant:
            text = text[: start + shift] + meant + text[end + shift :]
            shift += len(meant) - len(word)
            changed.append(Respelling(word, meant))
    return text, tuple(changed)


def _names(text: str) -> Iterator[tuple[int, int]]:
    """Where the words stand that may be names: those with a capital, or all if none has one."""
    lower = not any(map(str.isupper, text[1:]))
    for word in words(text):
        name = without_possessive(word.text)
        if name.isalpha() and len(name) >= SHORTEST and (lower or name[0].isupper()):
            yield word.start, word.start + len(name)


def _meant(word: str, analyzer: Analyzer, store: Store) -> str | None:
    """The name meant by a word that no passage has; None if a passage has it, or no such name is found."""
    if word.lower() in COUNTRIES:
        return None
    terms = analyzer(word)
    if len(terms) != 1 or store.document_frequency(terms[0]):
        return None
    [term] = terms
    most = 1 + (len(word) >= LONG)
    near = [
        (not letters_off(term, known, 1), -store.document_frequency(known), known)
        for known in store.terms_with(term[:CERTAIN])
        if abs(len(known) - len(term)) <= most
        and known.isalpha()
        and letters_off(term, known, most)
    ]
    names = (_written(known, analyzer, store) for *_, known in sorted(near)[:_MOST])
    return next(filter(None, names), None)


def _written(term: str, analyzer: Analyzer, store: Store) -> str | None:
    """The name that the articles write for a term; None if it is no name."""
    hits = store.lexical((term,), (), _SAMPLE, Scope())
    texts = [
        store.document(chunk.doc_id).text[chunk.start : chunk.end]
        for chunk in store.chunks(hits.ids)
    ]
    forms = {
        name
        for text in texts
        for word in words(text)
        if word.text[0].isupper() and analyzer(name := without_possessive(word.text)) == [term]
    }
    articles = [Mentions(text) for text in texts]
    for form in sorted(forms, key=len):
        capital = {article.is_capital(form) for article in articles} - {None}
        if capital == {True} and any(article.has_inside(form) for article in articles):
            return form
    return None


_COMPOUND: Final = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
_HYPHENS: Final = str.maketrans("", "", "-\u2010\u2011 ")


def as_written(question: str, texts: Iterable[str]) -> str:
    """A question with compounds and amounts written as in the texts, if no text has them as typed.

    A reader compares question and text piece by piece: "cooperation" has no piece of "co-operation", and
    0.3 tonnes look like a different amount from 300 kg.

    >>> as_written("Who ended cooperation by email?", ["Co-operation by e-mail ended; the email was lost."])
    'Who ended co-operation by email?'
    >>> as_written("Who carried 0.3 tonnes of tin?", ["The Dora carried 300 kg of tin."])
    'Who carried 300 kg of tin?'
    """
    texts = list(texts)
    question = _amounts_as_written(question, texts)
    asked = {_joined(word) for word in _COMPOUND.findall(question) if len(word) >= SHORTEST}
    found: dict[str, Counter[str]] = {}
    for text in texts:
        last = ""
        for match in _COMPOUND.finditer(text):
            word = match.group().casefold()
            pair = f"{last} {word}" if text[match.start() - 1 : match.start()] == " " else ""
            for written in (word, pair):
                if (joined := _joined(written)) in asked:
                    found.setdefault(joined, Counter())[written] += 1
            last = word

    def rewritten(match: re.Match[str]) -> str:
        word = match.group()
        ways = found.get(_joined(word), Counter())
        if not ways or word.casefold() in ways:
            return word
        [(written, _)] = ways.most_common(1)
        return written[:1].upper() + written[1:] if word[:1].isupper() else written

    return _COMPOUND.sub(rewritten, question)


def _amounts_as_written(question: str, texts: Sequence[str]) -> str:
    asked = [amount for amount in quantities(question) if amount.dimension]
    if not asked:
        return question
    known = [(text, amount) for text in texts for amount in quantities(text) if amount.dimension]
    for amount in reversed(asked):
        written = [
            text[same.start : same.measured]
            for text, same in known
            if amount.dimension == same.dimension and same_quantity(amount, same)
        ]
        own = question[amount.start : amount.measured]
        if written and own not in written:
            question = f"{question[: amount.start]}{written[0]}{question[amount.measured :]}"
    return question


def _joined(word: str) -> str:
    return word.translate(_HYPHENS).casefold()
