"""Cuts a document into passages: pairs of offsets, without copying text.

A passage holds whole paragraphs of one section where they fit. 900 characters are about 170 tokens of
news English. That is less than the 256 tokens that small embedding models read, and eight such passages
fit into one batch of the reader.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise, zip_longest

from rag.corpus.boilerplate import CONTENT
from rag.records import Block, Chunk, Document, chunk_id_of
from rag.text.markup import masked, shown, unmarked
from rag.text.sentences import sentence_spans, trimmed
from rag.text.tokens import visible
from rag.text.units import unit_spans

CHUNKER_ID = "blocks-5"
"""Identifies the rules for blocks, metadata and passages. Change it whenever one of them changes."""

MAX_CHARS = 900

Span = tuple[int, int]

_ZWJ = "\u200d"


def chunk(document: Document, max_chars: int = MAX_CHARS) -> list[Chunk]:
    """The passages of a document in reading order.

    Passages do not overlap. Together they cover all paragraphs, lists and tables, and no title,
    heading or boilerplate. No passage crosses a heading or boilerplate, starts or ends with white
    space, or is longer than ``max_chars``. ``heading`` is the nearest heading above.

    Raises ValueError if ``max_chars`` is less than 1.
    """
    if max_chars < 1:
        raise ValueError(f"max_chars must be positive, not {max_chars}")
    chunks: list[Chunk] = []
    heading: Span | None = None
    section: list[Block] = []
    for block in document.blocks:
        if block.kind in CONTENT:
            section.append(block)
            continue
        chunks += _section(document, section, heading, max_chars)
        section = []
        if block.kind == "heading":
            heading = (block.start, block.end)
    return chunks + _section(document, section, heading, max_chars)


def indexed_text(document: Document, chunk: Chunk) -> str:
    """The text to embed for a chunk: title, heading and passage as people see them.

    Title and heading often name the topic when the passage does not. They are never quoted.
    """
    return "\n".join(filter(None, map(shown, _raw_parts(document, chunk))))


def indexed_parts(document: Document, chunk: Chunk) -> list[str]:
    """Title, heading and passage of a chunk without markup; those that are empty are left out.

    A word broken at a line's end stays so: its parts are terms too.
    """
    return [part for raw in _raw_parts(document, chunk) if (part := visible(unmarked(raw)))]


def _raw_parts(document: Document, chunk: Chunk) -> tuple[str, str, str]:
    heading = document.text[slice(*chunk.heading)] if chunk.heading else ""
    return document.title, heading, document.text[chunk.start : chunk.end]


def _section(
    document: Document, section: list[Block], heading: Span | None, max_chars: int
) -> list[Chunk]:
    pieces = list(_pieces(document.text, section, max_chars))
    return [
        Chunk(chunk_id_of(document.doc_id, start, end), document.doc_id, start, end, heading)
        for start, end in _pack(pieces, max_chars)
    ]


def _pieces(text: str, section: list[Block], max_chars: int) -> Iterator[Span]:
    """The pieces to keep whole: blocks where they fit, else units, else parts of a unit."""
    skip = False
    for block, following in zip_longest(section, section[1:]):
        if skip:
            skip = False
        elif (
            following
            and following.kind == "list"
            and block.kind == "paragraph"
            and (following.end - block.start <= max_chars)
        ):
            skip = True
            yield block.start, following.end
        elif block.end - block.start <= max_chars:
            yield from trimmed(text, block.start, block.end)
        else:
            yield from _pack(list(_parts(text, block, max_chars)), max_chars)


def _parts(text: str, block: Block, max_chars: int) -> Iterator[Span]:
    """The sentences, rows or items of a block that is too long for one passage.

    Cuts are at the ends of units, so bullets and table rules are kept.
    """
    ends = [end for _, end in unit_spans(text, block, block.start, block.end)]
    bounds = [block.start, *ends[:-1], block.end]
    for start, end in pairwise(bounds):
        for low, high in trimmed(text, start, end):
            if high - low <= max_chars:
                yield low, high
            else:
                yield from _long(text, low, high, max_chars)


def _long(text: str, start: int, end: int, max_chars: int) -> Iterator[Span]:
    """The parts of a unit that is too long for one passage: its sentences, or pieces cut at spaces."""
    for low, high in sentence_spans(masked(text), start, end):
        begin = low
        while high - begin > max_chars:
            cut = _cut(text, begin, begin + max_chars)
            yield from trimmed(text, begin, cut)
            begin = cut
        yield from trimmed(text, begin, high)


def _cut(text: str, start: int, limit: int) -> int:
    """Where to cut ``text[start:limit]…``: at the last space or, without one, between characters.

    Combining marks stay with their base and joined emoji stay whole, unless they fill the window.
    """
    for position in range(limit, start, -1):
        if text[position].isspace() or text[position - 1].isspace():
            return position
    for position in range(limit, start, -1):
        if _is_cluster_boundary(text, start, position):
            return position
    return limit


def _is_cluster_boundary(text: str, start: int, position: int) -> bool:
    """Whether ``text[position]`` starts a new grapheme cluster (a character as people see it)."""
    after, before = text[position], text[position - 1]
    if _ZWJ in (after, before) or unicodedata.category(after)[0] == "M":
        return False
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return False  # skin tones and flag tags modify the preceding character
    if "\u1160" <= after <= "\u11ff":
        return False  # vowels and finals of a decomposed Hangul syllable
    # Two regional indicators make a flag.
    flags = position
    while flags > start and "\U0001f1e6" <= text[flags - 1] <= "\U0001f1ff":
        flags -= 1
    inside = "\U0001f1e6" <= after <= "\U0001f1ff" and (position - flags) % 2 == 1
    return not inside


def _pack(pieces: list[Span], max_chars: int) -> list[Span]:
    """Join neighbouring pieces into passages of about equal length, up to ``max_chars``.

    Filling each passage would often leave one short sentence as the last, which ranks badly.
    """
    if not pieces:
        return []
    total = pieces[-1][1] - pieces[0][0]
    even = total / -(-total // max_chars)
    packed: list[Span] = []
    start, end = pieces[0]
    for low, high in pieces[1:]:
        grown = high - start
        # If over half of the piece lies beyond the even share, the passage without it is closer to even.
        if grown > max_chars or (grown + (end - start)) / 2 > even:
            packed.append((start, end))
            start = low
        end = high
    packed.append((start, end))
    if len(packed) > 1 and packed[-1][1] - packed[-2][0] <= max_chars:
        packed[-2:] = [(packed[-2][0], packed[-1][1])]
    return packed
