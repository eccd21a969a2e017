"""Finds running heads, running feet and page numbers: what stands at the edge of many pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from rag.formats.pdf.words import Row

_EDGE_ROWS: Final = 3
_SAME_PLACE: Final = 6.0  # points
_FEW_PAGES: Final = 10
_NUMERALS: Final = frozenset("ivxlcdm")
_LONGEST_NUMERAL: Final = 7
_LONGEST_NUMBER: Final = 4
_AROUND_NUMBER: Final = " -\u2013\u2014[]()|·•"
_ISOLATED: Final = 2.5
"""A page number of a single page is this far from the text, in the size of its letters."""


def repeated_rows(pages: Sequence[Sequence[Row]]) -> list[frozenset[int]]:
    """The numbers of the rows of each page that are running heads, running feet or page numbers."""
    kept = _same_text(pages) | _page_numbers(pages)
    marked = [frozenset(_from_edges(rows, {row for page, row in kept if page == number}))
              for number, rows in enumerate(pages)]  # fmt: skip
    if len(pages) == 1 and pages[0]:
        return [marked[0] | frozenset((*_lone_numbers(pages[0]), *_of_browser(pages[0])))]
    return marked


def _edges(rows: Sequence[Row]) -> Iterator[int]:
    numbers = range(len(rows))
    yield from dict.fromkeys((*numbers[:_EDGE_ROWS], *numbers[-_EDGE_ROWS:]))


def _text(row: Row) -> str:
    return " ".join(word.text for word in row)


def masked(text: str) -> str:
    """A line with its numbers masked, since they count pages.

    >>> masked("Page 3 of 12"), masked("xiv")
    ('page # of #', '#')
    """
    small = text.lower()
    is_numeral = len(small) <= _LONGEST_NUMERAL and _NUMERALS.issuperset(small)
    return "#" if is_numeral else re.sub(r"\d+", "#", small)


def _same_text(pages: Sequence[Sequence[Row]]) -> set[tuple[int, int]]:
    """The rows at the edges, as page and row, that stand in the same place of several pages."""
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for page, rows in enumerate(pages):
        for number in _edges(rows):
            places[masked(_text(rows[number]))].append((page, number))
    least = 2 if len(pages) < _FEW_PAGES else 3
    return {
        place
        for found in places.values()
        if len(found) >= least
        for group in _by_height(pages, found)
        if len({page for page, _ in group}) >= least
        for place in group
    }


def _by_height(
    pages: Sequence[Sequence[Row]], found: list[tuple[int, int]]
) -> Iterator[list[tuple[int, int]]]:
    def height(place: tuple[int, int]) -> float:
        return pages[place[0]][place[1]][0].base

    group: list[tuple[int, int]] = []
    for place in sorted(found, key=height):
        if group and height(place) - height(group[0]) > _SAME_PLACE:
            yield group
            group = []
        group.append(place)
    yield group


def _page_numbers(pages: Sequence[Sequence[Row]]) -> set[tuple[int, int]]:
    """The outermost rows that begin or end with a number which counts the pages."""
    counting: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for page, rows in enumerate(pages):
        for number in {0, len(rows) - 1} if rows else ():
            row = rows[number]
            for word in {row[0].text, row[-1].text}:
                if word.isdecimal() and len(word) <= _LONGEST_NUMBER:
                    counting[int(word) - page, round(row[0].base / _SAME_PLACE)].append(
                        (page, number)
                    )
    return {place for places in counting.values() if len(places) >= 3 for place in places}


def _from_edges(rows: Sequence[Row], marked: set[int]) -> Iterator[int]:
    """The marked rows that only other marked rows separate from the edge of the page."""
    for numbers in (range(len(rows)), range(len(rows) - 1, -1, -1)):
        for number in numbers:
            if number not in marked:
                break
            yield number


def _lone_numbers(rows: Sequence[Row]) -> Iterator[int]:
    """The first or last row of a single page that is nothing but a number, away from the text."""
    if len(rows) < 3:
        return
    for number, neighbour in ((0, 1), (len(rows) - 1, len(rows) - 2)):
        row = rows[number]
        gap = abs(row[0].base - rows[neighbour][0].base)
        is_number = masked(_text(row).strip(_AROUND_NUMBER)) == "#"
        if is_number and gap > _ISOLATED * row[0].size:
            yield number


def _of_browser(rows: Sequence[Row]) -> Iterator[int]:
    """The first and last row of a single page that a browser printed: date and title, address and page."""
    foot = rows[-1]
    if len(rows) > 2 and "://" in foot[0].text and masked(foot[-1].text) == "#/#":
        yield len(rows) - 1
        if rows[0][0].text[0].isdecimal():
            yield 0
