"""Parses a query as typed.

``"price floor"`` favours passages with the phrase. ``+word`` or ``+"a phrase"`` is required, ``-word`` or
``-"a phrase"`` is excluded. A sign counts only at the start of a word, directly before a quotation mark
or a word that starts with a letter: ``-5``, ``-x``, ``US-Japan`` and ``15-20%`` are plain text, like
everything else that is not an operator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rag.errors import InvalidArgument
from rag.protocols import Analyzer
from rag.records import Terms

MAX_QUERY: Final = 10_000
"""Longest query in characters; the model reads only the first 256 tokens anyway."""

_QUOTE: Final = '["\u201c\u201d]'
_OPERAND: Final = re.compile(
    rf"""
    (?P<sign> (?<!\S)[+-] )?+
    (?: (?<!\w) (?P<quoted> {_QUOTE} [^\w"\u201c\u201d]*+ \w [^"\u201c\u201d]*+ {_QUOTE} ) (?!\w)
      | (?(sign) [^\W\d_] (?=\.?\w) [^\s?!"\u201c\u201d]*+ | (?!) )
    )
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query.

    A phrase is several terms in a row. The analyzer drops stop words, so requiring or excluding a stop
    word has no effect.
    """

    text: str
    """The text for the models, without signs and excluded words."""
    terms: Terms
    """All terms of ``text`` in order, with repeats."""
    phrases: tuple[Terms, ...] = ()
    required: tuple[Terms, ...] = ()
    excluded: tuple[Terms, ...] = ()


def parse(typed: str, analyzer: Analyzer) -> Query:
    """Parse a query.

    Raises InvalidArgument if it is empty, not valid Unicode, too long, or has nothing but exclusions.
    """
    typed = _validated(typed.strip())
    phrases: list[Terms] = []
    signed: dict[str, list[Terms]] = {"+": [], "-": []}
    has_exclusion = False

    def read(match: re.Match[str]) -> str:
        nonlocal has_exclusion
        sign = match["sign"] or ""
        operand = match.group().removeprefix(sign)
        terms = tuple(analyzer(operand))
        if sign and terms:
            signed[sign].append(terms)
        if sign == "-":
            has_exclusion = True
            return " "
        if match["quoted"] and len(terms) > 1:
            phrases.append(terms)
        return operand

    text = _OPERAND.sub(read, typed)
    if has_exclusion:
        text = " ".join(text.split())
        if not re.search(r"\w", text):
            raise InvalidArgument(
                f"{typed!r} only says what to leave out", fix="add words to search for"
            )
    required, excluded = map(tuple, signed.values())
    return Query(text, tuple(analyzer(text)), tuple(phrases), required, excluded)


def _validated(text: str) -> str:
    if not text:
        raise InvalidArgument("the question is empty", fix="write the question in quotes")
    if not text.isprintable() and any("\ud800" <= c <= "\udfff" for c in text):
        raise InvalidArgument("the question is not valid Unicode", fix="encode it as UTF-8")
    if len(text) > MAX_QUERY:
        raise InvalidArgument(f"the question has {len(text)} characters, more than {MAX_QUERY}")
    return text
