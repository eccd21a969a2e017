"""Reads the characters of a PDF's pages, with their places, through pdfium."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from rag.errors import UnreadableFile

_ERRORS: Final = {
    3: "damaged or not a PDF",
    4: "locked with a password",
    5: "locked in a way that is not supported",
}
_FIXES: Final = {4: "save a copy without the password"}
_HYPHENS: Final = frozenset((0x02, 0xAD, 0xFFFE))
"""What pdfium returns for a hyphen at a line's end, and for soft hyphens."""
_BULLETS: Final = dict.fromkeys((0xF0B7, 0xF0A7, 0xF0D8, 0xF076, 0xF0FC, 0xF02D), "•")
"""The bullets of Symbol and Wingdings."""
_SKEW: Final = math.radians(8)
"""A page may be scanned a little askew."""
_FORCED_BOLD: Final = 1 << 18  # a flag of the font's descriptor
_BOLD_NAMES: Final = ("bold", "black", "heavy", "demi", "cmbx")
_UNKNOWN: Final = 0xFFFD
_MAX_GLYPHS: Final = 200_000
"""Of one page: a page of a telephone book has 20,000."""


class Glyph(NamedTuple):
    """One character as drawn, in the frame of its reading direction.

    ``x`` grows in the direction of reading, ``base`` (the baseline) from line to line; both in points.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    font: int
    drawn: int
    """A number that all characters drawn at once share."""


@dataclass(frozen=True, slots=True)
class Page:
    """The characters of a page by direction of reading: quarter turns against the clock.

    Direction -1 holds text that is aslant. ``unknown`` counts characters whose font does not tell which
    letter they are; they are left out.
    """

    glyphs: dict[int, list[Glyph]]
    unknown: int = 0


_Fonts = dict[str, tuple[int, dict[int, float]]]
"""The number and the widths of the characters of each font, by name."""


class _Style(NamedTuple):
    turn: int
    across: float
    size: float
    bold: bool
    font: int
    drawn: int
    mapped: bool
    stretch: float
    """What a width of 1 in the font's units comes to on the page."""
    widths: dict[int, float]


class Pdf:
    """An open PDF file. Use ``opened``."""

    def __init__(self, api: Any, handle: Any) -> None:
        self._api = api
        self._handle = handle
        self.pages: int = api.FPDF_GetPageCount(handle)

    def stated(self, key: str) -> str:
        """A value of the file's information dictionary; "" if it has none."""
        return _utf16(lambda buffer, size: self._api.FPDF_GetMetaText(
            self._handle, key.encode(), buffer, size
        ))  # fmt: skip

    def language(self) -> str:
        """The language that the file states, as it writes it; "" if it states none."""
        return _utf16(lambda buffer, size: self._api.FPDFCatalog_GetLanguage(
            self._handle, buffer, size
        ))  # fmt: skip

    def page(self, number: int) -> Page | None:
        """The characters of a page (from 0), or None if it is damaged."""
        page = self._api.FPDF_LoadPage(self._handle, number)
        if not page:
            return None
        try:
            text = self._api.FPDFText_LoadPage(page)
            if not text:
                return None
            try:
                return _read(self._api, page, text)
            finally:
                self._api.FPDFText_ClosePage(text)
        finally:
            self._api.FPDF_ClosePage(page)


@contextmanager
def opened(data: bytes) -> Iterator[Pdf]:
    """The PDF file in ``data``, closed at the end.

    Raises UnreadableFile if it is damaged or locked.
    """
    import pypdfium2  # noqa: F401  # initialises pdfium, once for the process
    import pypdfium2.raw as api

    handle = api.FPDF_LoadMemDocument64(data, len(data), None)
    if not handle:
        error = int(api.FPDF_GetLastError())
        raise UnreadableFile(_ERRORS.get(error, _ERRORS[3]), fix=_FIXES.get(error, ""))
    try:
        yield Pdf(api, handle)
    finally:
        api.FPDF_CloseDocument(handle)


def _utf16(read: Any) -> str:
    size = read(None, 0)
    if not 2 < size < 100_000:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    read(buffer, size)
    return bytes(buffer).decode("utf-16-le", "ignore").replace("\0", "").strip()


def _read(api: Any, page: Any, text: Any) -> Page:
    count = api.FPDFText_CountChars(text)
    if count > _MAX_GLYPHS:
        raise UnreadableFile(f"a page of more than {_MAX_GLYPHS:,} characters")
    visible = _visible_box(api, page)
    styles: dict[int, _Style] = {}
    fonts: _Fonts = {}
    glyphs: dict[int, list[Glyph]] = {}
    unknown = 0
    before = (math.nan, math.nan)
    x, y = ctypes.c_double(), ctypes.c_double()
    for index in range(count):
        thing = api.FPDFText_GetTextObject(text, index)
        code = api.FPDFText_GetUnicode(text, index)
        if not thing or (code == 0x20 and api.FPDFText_IsGenerated(text, index) == 1):
            continue
        address = ctypes.addressof(thing.contents)
        style = styles.get(address)
        if style is None:
            style = styles[address] = _style(api, text, index, fonts, len(styles))
        if not _is_known(code) or not (
            style.mapped or api.FPDFText_HasUnicodeMapError(text, index) != 1
        ):
            unknown += 1
            continue
        api.FPDFText_GetCharOrigin(text, index, x, y)
        place = x.value, y.value
        if not (visible[0] <= place[0] <= visible[2] and visible[1] <= place[1] <= visible[3]):
            continue
        begin = _along(*place, style.turn)
        width = _advance(api, text, index, thing, code, style)
        found = glyphs.setdefault(style.turn, [])
        if place == before and found:  # a letter of a ligature: the last one's box ends with it
            width = max(width, _box(api, text, index, style.turn)[1] - begin)
            found[-1] = found[-1]._replace(right=max(found[-1].right, begin + width))
        before = place
        letter = _BULLETS.get(code) or ("\u00ad" if code in _HYPHENS else chr(code))
        found.append(Glyph(letter, begin, begin + width, *style[1:6]))
    return Page(glyphs, unknown)


def _advance(api: Any, text: Any, index: int, thing: Any, code: int, style: _Style) -> float:
    """The width of a character. Its box may be wider: that of an italic f hangs over on both sides."""
    width = style.widths.get(code)
    if width is None:
        given = ctypes.c_float()
        font = api.FPDFTextObj_GetFont(thing)
        left, right = _box(api, text, index, style.turn)
        box = (right - left) / style.stretch
        if font and api.FPDFFont_GetGlyphWidth(font, code, 1.0, given) and given.value > 0:
            box = min(box, given.value) if box > 0 else given.value
        width = style.widths[code] = box
    return width * style.stretch


def _box(api: Any, text: Any, index: int, turn: int) -> tuple[float, float]:
    """Where the box of a character begins and ends, in the direction of reading."""
    box = api.FS_RECTF()
    api.FPDFText_GetLooseCharBox(text, index, box)
    ends = (
        (box.left, box.right),
        (box.bottom, box.top),
        (-box.right, -box.left),
        (-box.top, -box.bottom),
    )
    return (*ends, ends[0])[turn]


def _is_known(code: int) -> bool:
    """Whether a code is a character; private and unassigned places say nothing."""
    return code in _BULLETS or not (
        code in (0, _UNKNOWN)
        or 0xD800 <= code <= 0xF8FF
        or code >= 0xF0000
        or (code < 0x20 and code not in (0x02, 0x09, 0x0A, 0x0D))
        or 0x7F <= code < 0xA0
    )


def _visible_box(api: Any, page: Any) -> tuple[float, float, float, float]:
    """The part of the page that is shown, with a margin of a point."""
    box = api.FS_RECTF()
    api.FPDF_GetPageBoundingBox(page, box)
    return box.left - 1, box.bottom - 1, box.right + 1, box.top + 1


def _style(api: Any, text: Any, index: int, fonts: _Fonts, drawn: int) -> _Style:
    """What all characters of the text object at ``index`` share."""
    matrix, x, y = api.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    api.FPDFText_GetMatrix(text, index, matrix)
    api.FPDFText_GetCharOrigin(text, index, x, y)
    nominal = api.FPDFText_GetFontSize(text, index)
    size = nominal * math.hypot(matrix.c, matrix.d)
    angle = math.atan2(matrix.b, matrix.a)
    turn = round(angle / (math.pi / 2))
    turn = turn % 4 if abs(angle - turn * math.pi / 2) <= _SKEW else -1
    across = (-y.value, x.value, y.value, -x.value, -y.value)[turn]
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    api.FPDFText_GetFontInfo(text, index, name, 128, flags)
    font = name.value.decode("utf-8", "replace").lower()
    # The weight that pdfium guesses from the width of stems takes Computer Modern for bold.
    bold = any(part in font for part in _BOLD_NAMES) or bool(flags.value & _FORCED_BOLD)
    mapped = api.FPDFText_HasUnicodeMapError(text, index) != 1
    number, widths = fonts.setdefault(font, (len(fonts), {}))
    stretch = abs(nominal) * math.hypot(matrix.a, matrix.b) or 1.0
    return _Style(turn, across, abs(size) or 1.0, bold, number, drawn, mapped, stretch, widths)


def _along(x: float, y: float, turn: int) -> float:
    """A place in the direction of reading."""
    return (x, y, -x, -y, x)[turn]
