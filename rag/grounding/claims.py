"""A model's prose → its sentences as they arrive, each with the passages that it cites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rag.text.lines import LIST_MARKER
from rag.text.sentences import sentence_spans

MOST: Final = 8_000
"""Characters read of one reply; nothing waits for the rest."""

_MARK: Final = re.compile(
    r"[ \u00a0]*[\[【](?:passages? )?(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)[\]】]", re.IGNORECASE
)
_EMPHASIS: Final = ("**", "__", "`")


@dataclass(frozen=True, slots=True)
class Claim:
    """A generated sentence without its citation marks, and the passage numbers in them."""

    text: str
    cites: tuple[int, ...]


def claims(pieces: Iterable[str]) -> Iterator[Claim]:
    """The sentences of a text that arrives in pieces, each as soon as the next one begins.

    A sentence has the marks inside it and directly after it. A line end ends it. Markdown is removed.

    >>> list(claims(["It closed [1]. It ", "opened. [2][3]"]))
    [Claim(text='It closed.', cites=(1,)), Claim(text='It opened.', cites=(2, 3))]
    """
    held, taken = "", 0
    for piece in pieces:
        held = (held + piece[: MOST - taken]).lstrip()
        taken += len(piece)
        begun = _sentences(held)
        if len(begun) > 1 and not _is_marks(held[begun[-1][0] :]):
            for start, end in begun[:-1]:
                yield from _claim(held[start:end])
            held = held[begun[-2][1] :]
        if taken >= MOST:
            break
    for start, end in _sentences(held):
        yield from _claim(held[start:end])


def _sentences(text: str) -> list[tuple[int, int]]:
    """Offsets of the sentences, each with the marks after it."""
    spans: list[tuple[int, int]] = []
    line = 0
    for row in text.splitlines(keepends=True):
        begin = line
        marker = LIST_MARKER.match(text, line, line + len(row))
        if marker:
            begin = marker.end()
        for start, end in sentence_spans(text, begin, line + len(row)):
            marks = start
            while mark := _MARK.match(text, marks):
                marks = mark.end()
            if spans and start < marks <= end + 1 and "\n" not in text[spans[-1][1] : start]:
                spans[-1] = (spans[-1][0], marks)
                start = marks  # noqa: PLW2901  # the rest of the sentence
            if text[start:end].strip(" .,;"):
                spans.append((start, end))
        line += len(row)
    return spans


def _is_marks(text: str) -> bool:
    """Whether a text holds nothing but marks, or the beginning of one."""
    return all(c.isspace() or c.isdecimal() or c in ",;[]【】." for c in text)


def _claim(text: str) -> Iterator[Claim]:
    cites = [int(n) for mark in _MARK.finditer(text) for n in re.findall(r"\d+", mark[1])]
    bare = _MARK.sub("", text)
    for sign in _EMPHASIS:
        bare = bare.replace(sign, "")
    first, *others = bare.split() or [""]
    bare = " ".join((first, *others) if first.strip("#>") else others)
    bare = re.sub(r" +(?=[.,;:!?](?:\s|$))", "", bare)
    if bare.count('"') == 1:  # one end of a quote, without the other
        bare = bare.replace('"', "")
    if any(character.isalnum() for character in bare):
        yield Claim(bare, tuple(dict.fromkeys(cites)))
