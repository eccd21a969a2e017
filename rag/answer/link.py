"""Links that open a source at the quote: a text fragment of a web page, or a page of a PDF.

A text fragment (https://wicg.github.io/scroll-to-text-fragment/) names the words to find on the page, or
the first and the last of them: ``URL#:~:text=first%20words,last%20words``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import quote as percent_encoded

from rag.records import Document

EXACT: Final = 100
"""A longer quote is named by its first and last words: it may lie in several elements of the page."""
WORDS: Final = 6
"""How many of them."""

_WEB: Final = re.compile(r"https?://[^\s#]+(?:#\S*)?", re.IGNORECASE)
_FRAGMENT: Final = ":~:"
# A browser finds words across marked-up text of one paragraph or cell, but not across two of these.
_BORDERS: Final = re.compile(r"[\n\r\t\f|]+")
_MARKUP: Final = re.compile(
    r"\[\^[^\]\s]{1,80}\]|\]\([^)\s]{1,2000}\)|\[(?=[^\]]{1,300}\]\()|`|\*+(?=\S)|(?<=\S)\*+"
)


def link(document: Document, file: Path | None, start: int, end: int) -> str | None:
    """The address of ``start..end``; None if the document has neither pages nor a web address.

    ``file`` is the absolute path of a document's own file, None if it is inside another. Characters that a
    fragment gives a meaning to are percent-encoded.
    """
    page = document.page(start)
    if page is not None:
        return f"{file.as_uri()}#page={page}" if file else None
    if not document.url or not _WEB.fullmatch(document.url):
        return None
    named = _named(document.text[start:end])
    if not named:
        return document.url
    address, _, fragment = document.url.partition("#")
    place = fragment.partition(_FRAGMENT)[0]
    return f"{address}#{place}{_FRAGMENT}text={','.join(map(_encoded, named))}"


def _named(quote: str) -> list[str]:
    """The words to find: all of a short quote, the first and the last of a long one; [] without a word."""
    runs = [" ".join(run.split()) for run in _BORDERS.split(_MARKUP.sub("", quote))]
    runs = [run for run in runs if any(map(str.isalnum, run))]
    if not runs:
        return []
    first, last = runs[0].split(), runs[-1].split()
    if len(runs) == 1 and (len(runs[0]) <= EXACT or len(first) < 2 * WORDS):
        return runs
    return [" ".join(first[:WORDS]), " ".join(last[-WORDS:])]


def _encoded(words: str) -> str:
    return percent_encoded(words, safe="").replace("-", "%2D")
