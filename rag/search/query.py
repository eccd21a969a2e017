"""A query as it is typed → what is looked for.

``"price floor"`` favours passages that hold the phrase, ``+word`` or ``+"a phrase"`` must be held, and
``-word`` or ``-"a phrase"`` must not. A sign counts only where a word could begin, directly before a word
that begins with a letter, or a quotation mark: ``-5``, ``-x``, ``US-Japan`` and ``15-20%`` are what they
are. What cannot be read so is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rag.errors import InvalidArgument
from rag.protocols import Analyzer
from rag.records import Terms

MAX_QUERY: Final = 10_000
"""Longest query in characters; the model reads the first 256 tokens of it anyway."""

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
    """A query taken apart.

    A phrase is several terms in a row. Words that the analyzer drops are in none of these, so that a
    required or excluded word of only such is as if it were not there.
    """

    text: str
    """For the models: without signs, and without what is excluded."""
    terms: Terms
    """All terms of ``text``, in order, repeats kept."""
    phrases: tuple[Terms, ...] = ()
    required: tuple[Terms, ...] = ()
    excluded: tuple[Terms, ...] = ()


def parse(typed: str, analyzer: Analyzer) -> Query:
    """Take a query apart.

    Raises InvalidArgument where it is empty, no valid Unicode, too long, or only says what to leave out.
    """
    typed = _sound(typed.strip())
    phrases: list[Terms] = []
    signed: dict[str, list[Terms]] = {"+": [], "-": []}
    left_out = False

    def read(match: re.Match[str]) -> str:
        nonlocal left_out
        sign = match["sign"] or ""
        operand = match.group().removeprefix(sign)
        terms = tuple(analyzer(operand))
        if sign and terms:
            signed[sign].append(terms)
        if sign == "-":
            left_out = True
            return " "
        if match["quoted"] and len(terms) > 1:
            phrases.append(terms)
        return operand

    text = _OPERAND.sub(read, typed)
    if left_out:
        text = " ".join(text.split())
        if not re.search(r"\w", text):
            raise InvalidArgument(
                f"{typed!r} only says what to leave out", fix="add what to look for"
            )
    required, excluded = map(tuple, signed.values())
    return Query(text, tuple(analyzer(text)), tuple(phrases), required, excluded)


def _sound(text: str) -> str:
    if not text:
        raise InvalidArgument("the question is empty", fix="put some words, in quotes")
    if not text.isprintable() and any("\ud800" <= c <= "\udfff" for c in text):
        raise InvalidArgument("the question is not valid Unicode", fix="type it in UTF-8")
    if len(text) > MAX_QUERY:
        raise InvalidArgument(f"the question has {len(text)} characters, more than {MAX_QUERY}")
    return text
