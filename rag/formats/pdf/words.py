"""Builds words and rows from placed characters, by the gaps between them.

A PDF need not say where a word ends: many set no spaces, and some place every letter by itself. So words
are told by gaps, measured in the size of their letters. A row is what stands on one baseline over the
whole width of the page, columns and all; ``columns`` takes it apart.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Final

from rag.formats.marks import BASES, NOTE_SIGNS, are_letters, ending, is_mark
from rag.formats.pdf.glyphs import Glyph

BROKEN: Final = "\u00ad"
"""Ends a word that pdfium says is broken at a line's end."""

# All in multiples of the size of the letters.
_SAME_ROW: Final = 0.15  # baselines of one row differ by less
_SPACE: Final = (
    0.17  # the least gap between words; TeX sets 0.22 at least, kerning opens 0.1 at most
)
_TIGHT: Final = 0.11  # the same, in a line set so tight that no gap is that wide
_CELL: Final = 1.0  # what stands further apart is measured separately: letter spacing differs
_TRACKED: Final = 0.08  # the least gap that is letter spacing
_SHIFT: Final = 0.45  # a letter inside a word is moved up or down by less
_TOUCHING: Final = 0.03
_NEAR: Final = 0.35  # a raised mark is nearer than this to its word
_SMALL: Final = 0.85  # a mark or an index is no larger, in the size of its word
_HANGING: Final = 1.5  # the same, for the mark before the text of a note

_IN_MARKS: Final = NOTE_SIGNS | frozenset("0123456789,;‖|∗–-")
_LONGEST_MARK: Final = 8
_LONGEST_WORD: Final = 24  # letters
_FEW: Final = 12  # letters of a line that may all belong to the lines above and below it
_ACCENTS: Final = {
    "\u00b4": "\u0301", "\u0060": "\u0300", "\u02c6": "\u0302", "\u005e": "\u0302", "\u00a8": "\u0308",
    "\u02dc": "\u0303", "\u02da": "\u030a", "\u00b8": "\u0327", "\u02c7": "\u030c", "\u02d8": "\u0306",
    "\u02dd": "\u030b", "\u02db": "\u0328", "\u02d9": "\u0307", "\u00af": "\u0304",
}  # fmt: skip
"""Accents that stand by themselves, and their combining form."""
_POWERS: Final = frozenset(("2", "3", "-1", "-2", "-3", "−1", "−2", "−3"))
_RAISED: Final = str.maketrans("0123456789-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁻")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a mark or index that is set smaller beside one.

    ``base`` is the baseline, growing downwards. ``joined``: no space before it.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool = False
    font: int = 0
    joined: bool = False


Row = list[Word]
"""The words on one baseline, from left to right."""


def rows_of(glyphs: Sequence[Glyph]) -> list[Row]:
    """The rows of a page, from top to bottom."""
    lines = _with_shifted_letters(list(_baselines(glyphs)))
    return _attach([row for line in lines if (row := _words(line))])


def _baselines(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """The characters of each baseline, from left to right, without repeats."""
    line: list[Glyph] = []
    for glyph in sorted(glyphs, key=lambda glyph: (glyph.base, glyph.left)):
        if line and glyph.base - line[0].base > _SAME_ROW * min(glyph.size, line[0].size):
            yield _once(line)
            line = []
        line.append(glyph)
    if line:
        yield _once(line)


def _with_shifted_letters(lines: list[list[Glyph]]) -> list[list[Glyph]]:
    """The lines, with capitals that are set higher or lower within a word, as in TeX's own name."""
    for number, line in enumerate(lines):
        for glyph in [each for each in line if "A" <= each.text <= "Z"] if len(line) < _FEW else ():
            for other in (*lines[max(0, number - 2) : number], *lines[number + 1 : number + 3]):
                if len(other) <= len(line):
                    continue
                if abs(other[0].base - glyph.base) > _SHIFT * other[0].size:
                    continue
                at = bisect_left(other, glyph.left, key=lambda each: each.left)
                if _is_within(glyph, other[max(0, at - 1) : at + 1]):
                    other.insert(at, glyph._replace(base=other[at].base))
                    line.remove(glyph)
                    break
    return [line for line in lines if line]


def _is_within(glyph: Glyph, around: Sequence[Glyph]) -> bool:
    """Whether a letter leaves no gap to the letters on both sides of it."""
    if len(around) < 2 or not all(each.text.isalpha() for each in around):
        return False
    before, after = around
    near = _TOUCHING * before.size
    return glyph.left - before.right < near and -before.size < after.left - glyph.right < near


def _once(line: list[Glyph]) -> list[Glyph]:
    """The characters of a line, without those that are struck twice to look bold."""
    line.sort(key=lambda glyph: glyph.left)
    kept: list[Glyph] = []
    for glyph in line:
        near = 0.5 * (glyph.right - glyph.left)
        # Of those kept, the last is the nearest.
        if (
            not kept
            or glyph.left - kept[-1].left >= near
            or not any(
                other.text == glyph.text
                and other.drawn != glyph.drawn  # the letters of a ligature share their place
                and glyph.left - other.left < near
                for other in kept[-4:]
            )
        ):
            kept.append(glyph)
    return kept


def _words(line: list[Glyph]) -> Row:
    row: Row = []
    cell: list[Glyph] = []
    for glyph in line:
        if cell and glyph.left - cell[-1].right > _CELL * max(glyph.size, cell[-1].size):
            row += _cell(cell)
            cell = []
        cell.append(glyph)
    row += _cell(cell)
    return row


def _cell(cell: list[Glyph]) -> Iterator[Word]:
    """The words among characters without a wide gap."""
    letters = [glyph for glyph in cell if not glyph.text.isspace()]
    if not letters:
        return
    spaces = len(cell) - len(letters)
    gaps = [
        after.left - before.right
        for before, after in pairwise(letters)
        if before.text.isalnum() and after.text.isalnum()  # not the dots of a leader
    ]
    tracking = 0.0
    spelled = len(letters) > 4 and spaces * 2 >= len(letters) - 1
    if len(gaps) > 4 and (spelled or len(gaps) > 2 * spaces):
        tracking = max(0.0, median(gaps))
    if tracking <= _TRACKED * letters[0].size:
        tracking = 0.0
    after_space = frozenset(
        id(after)
        for before, after in pairwise(cell)
        if before.text.isspace() and not (spelled and tracking)
    )
    run: list[Glyph] = []
    for glyph in letters:
        if run and (
            id(glyph) in after_space
            or glyph.left - run[-1].right > tracking + _SPACE * min(glyph.size, run[-1].size)
            or glyph.left < run[-1].left - glyph.size
        ):
            yield from _words_of(run)
            run = []
        run.append(glyph)
    if run:
        yield from _words_of(run)


def _words_of(run: list[Glyph]) -> Iterator[Word]:
    """A run of letters as a word; if it is longer than words are, the words in it, by tighter gaps."""
    at = 0
    if len(run) > _LONGEST_WORD:
        for number, (before, after) in enumerate(pairwise(run), 1):
            if after.left - before.right > _TIGHT * after.size:
                yield from _word(run[at:number])
                at = number
    yield from _word(run[at:])


def _word(run: list[Glyph]) -> Iterator[Word]:
    text = _spelling(run)
    if not text:
        return
    largest = max(run, key=lambda glyph: glyph.size)
    yield Word(
        text,
        run[0].left,
        max(glyph.right for glyph in run),
        largest.base,
        largest.size,
        sum(glyph.bold for glyph in run) * 2 > len(run),
        largest.font,
    )


def _spelling(run: list[Glyph]) -> str:
    """The letters of a word: ligatures spelled out, accents set on their letters."""
    text = "".join(glyph.text for glyph in run)
    if text.isascii() and text.isalnum():  # as nearly all are
        return text
    letters: list[str] = []
    pending = ""  # an accent that stands before its letter
    for number, glyph in enumerate(run):
        accent = _ACCENTS.get(glyph.text)
        middle = (glyph.left + glyph.right) / 2
        if (
            accent
            and number + 1 < len(run)
            and run[number + 1].left < middle < run[number + 1].right
        ):
            pending = accent
            continue
        if accent and number and run[number - 1].left < middle < run[number - 1].right:
            letters.append(accent)
            continue
        if glyph.text == BROKEN and number + 1 < len(run):
            continue  # a soft hyphen inside a line is not shown
        plain = "i" if pending and glyph.text == "ı" else glyph.text
        letters.append(plain + pending)
        pending = ""
    text = "".join(letters)
    if any("\ufb00" <= letter <= "\ufb06" for letter in text):
        text = "".join(
            unicodedata.normalize("NFKC", letter) if "\ufb00" <= letter <= "\ufb06" else letter
            for letter in text
        )
    text = unicodedata.normalize("NFC", text)
    return text[::-1] if leftwards(text) else text


def leftwards(text: str) -> bool:
    """Whether most letters of a text are of a script that runs from right to left."""
    if text.isascii():
        return False
    turned = sum(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
    return turned * 2 > sum(map(str.isalpha, text))


# ---------------------------------------------------------------- marks above and below the line


def _attach(rows: list[Row]) -> list[Row]:
    """The rows, with raised marks and lowered indices set behind their words."""
    bases = [row[0].base for row in rows]
    largest = [max(word.size for word in row) for row in rows]
    added: dict[int, list[Word]] = {}
    taken: set[int] = set()
    for number, row in enumerate(rows):
        for place, word in enumerate(row):
            host = _host(rows, bases, largest, number, place)
            if host is not None:
                added.setdefault(host, []).append(word)
                taken.add(id(word))
    if not taken:
        return rows
    result = []
    for number, row in enumerate(rows):
        kept = [word for word in row if id(word) not in taken]
        if not kept:  # each of its words stands beside another small one
            kept = added.get(number, [])
        else:
            for small in added.get(number, ()):
                _insert(kept, small)
        if kept:
            result.append(kept)
    return result


def _host(
    rows: list[Row], bases: list[float], largest: list[float], number: int, place: int
) -> int | None:
    """The number of the row with the word to which a small one belongs, as its mark or index."""
    small = rows[number][place]
    if len(small.text) > _LONGEST_MARK:
        return None
    hangs = len(small.text) <= 3 and is_mark(small.text) and _stands_alone(rows[number], place)
    at = bisect_left(bases, small.base - 2 * small.size)
    while at < len(rows) and bases[at] <= small.base + 2 * small.size:
        if at != number and small.size <= _SMALL * largest[at]:
            behind = bisect_left(rows[at], small.left, key=lambda word: word.left)
            for word in rows[at][max(0, behind - 1) : behind + 1]:
                if _is_beside(word, small, _HANGING if hangs and word.left > small.left else _NEAR):
                    return at
        at += 1
    return None


def _stands_alone(row: Row, place: int) -> bool:
    return all(
        max(other.left - row[place].right, row[place].left - other.right) > 2 * row[place].size
        for other in (*row[max(0, place - 1) : place], *row[place + 1 : place + 2])
    )


def _is_beside(word: Word, small: Word, near: float) -> bool:
    if small.size > _SMALL * word.size:
        return False
    rise = (word.base - small.base) / word.size
    gap = max(small.left - word.right, word.left - small.right) / word.size
    return (0.15 < rise < 0.75 or -0.4 < rise < -0.05) and -0.3 < gap < near


def _insert(row: Row, small: Word) -> None:
    """Put a mark into the row of its word; it is written so that it does not become part of a number."""
    place = bisect_left(row, small.left, key=lambda word: word.left)
    before = row[place - 1] if place else None
    if before is None or small.left - before.right > _NEAR * before.size:
        row.insert(place, replace(small, base=row[min(place, len(row) - 1)].base))
        return
    raised = small.base < before.base
    text = _as_mark(before.text, small.text) if raised else small.text
    row.insert(place, replace(small, text=text, base=before.base, joined=True))
    if place + 1 < len(row):
        after = row[place + 1]
        gap = after.left - small.right
        if gap < _SPACE * after.size:
            row[place + 1] = replace(after, joined=True)


def _as_mark(before: str, raised: str) -> str:
    """A raised mark: "[^2]" for a note, as in Markdown, and "²" for the power of a unit, of 10 or of 2."""
    bare = raised.strip("()")
    if not (are_letters(bare) or _IN_MARKS.issuperset(raised)):
        return raised
    unit = ending(before, str.isalpha)
    number = ending(before, lambda c: c.isdecimal() or c in ".,")
    exponent = raised.lstrip("-−–")
    on_base = number in BASES and exponent.isdecimal() and len(exponent) <= 3
    if on_base or (len(unit) <= 2 and unit.islower() and raised in _POWERS):
        return raised.translate(_RAISED)
    return f"[^{bare}]"
