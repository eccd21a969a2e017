"""Stretches of text to mark: quotes, answers, the words of a question. And text made safe for a page."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from rag.records.document import LINE_END
from rag.stores.analyzer import TextAnalyzer
from rag.text.lines import TABLE_RULE
from rag.text.markup import masked
from rag.text.terminal import UNSAFE
from rag.text.tokens import visible

_WORD: Final = re.compile(r"\d[\d.,]*\d|[^\W_]+(?:['\u2019][^\W_]+)?")
"""What is marked as a whole: a number, or a word with its apostrophe."""


class Mark(NamedTuple):
    """A stretch to mark, as offsets, and why: ``quote``, ``answer`` or ``term``."""

    start: int
    end: int
    kind: str


class Run(NamedTuple):
    """A piece of text within which nothing changes, and the kinds of its marks, joined by spaces."""

    text: str
    kinds: str = ""
    page: int | None = None
    """Instead of text: here begins this page."""
    id: str = ""


def clean(text: str) -> str:
    r"""A text without characters that control, reorder or hide what a reader sees.

    >>> clean("a\x1b[31m b\u202e\r\nc")
    'a[31m b\nc'
    """
    return UNSAFE.sub("", LINE_END.sub("\n", text))


def runs(
    text: str, start: int, end: int, marks: Iterable[Mark], pages: Sequence[int] = ()
) -> list[Run]:
    """``text[start:end]`` in pieces, at whose ends a mark or a page begins or ends.

    ``text`` has its markup hidden (``masked``). ``pages`` are the offsets at which pages begin.
    """
    within = [mark for mark in marks if mark.start < end and mark.end > start]
    starts = {offset: number for number, offset in enumerate(pages, 1) if start < offset < end}
    ends = {start, end, *starts}
    for mark in within:
        ends.update((max(mark.start, start), min(mark.end, end)))
    cuts = sorted(ends)
    result: list[Run] = []
    for begin, finish in pairwise(cuts):
        if begin in starts:
            result.append(Run("", page=starts[begin]))
        kinds = dict.fromkeys(m.kind for m in within if m.start <= begin and finish <= m.end)
        result.append(Run(visible(text[begin:finish]), " ".join(kinds)))
    return result


def quoted(quote: str, begin: int, end: int) -> list[Run]:
    """A quote with the answer in it marked; ``begin`` and ``end`` are offsets into the quote.

    An answer that is the whole quote is marked faintly.
    """
    kind = "quote" if (begin, end) == (0, len(quote)) else "answer"
    return runs(masked(quote), 0, len(quote), [Mark(begin, end, kind)])


class Terms:
    """The words that a question looks for, found again in a text."""

    def __init__(self, question: str, languages: Collection[str]) -> None:
        self._analyzer = TextAnalyzer(languages or ("en",))
        self._wanted = frozenset(self._analyzer.all_terms(question))

    def __call__(self, text: str) -> list[Run]:
        """The text with these words marked, in whatever form they stand there, and tables without rules."""
        lines = text.splitlines(keepends=True)
        hidden = masked("".join(each for each in lines if not TABLE_RULE.fullmatch(each.strip())))
        found = [
            Mark(*match.span(), "term")
            for match in _WORD.finditer(hidden)
            if not self._wanted.isdisjoint(self._analyzer(match.group()))
        ]
        return runs(hidden, 0, len(hidden), found)
