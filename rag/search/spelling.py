"""Puts names right that are a letter or two off.

Only what may be a name is taken for a slip, and only for one of a word that the articles write as a name.
"Bread" in a corpus that never mentions bread means bread, however often "break" stands there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rag.english.countries import COUNTRIES
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
    from rag.english.presence import Mentions  # few queries have a slip

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
