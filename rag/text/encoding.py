"""Finds out in which encoding a text is written, and decodes it.

UTF-8 first, then a byte order mark, then the encoding that the whole file shows. Nearly every text in a
legacy encoding breaks the rules of UTF-8 within a few bytes, so a file that keeps them is in UTF-8.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from rag.errors import UnreadableFile

_MARKS: Final = (  # the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE: Final = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_CODECS: Final = {
    **dict.fromkeys(
        ("ascii", "us-ascii", "iso-8859-1", "iso8859-1", "latin-1", "latin1", "cp1252"),
        "windows-1252",
    ),
    **dict.fromkeys(("gb2312", "gb_2312-80", "gbk", "x-gbk", "cp936"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
    **dict.fromkeys(("iso-8859-11", "tis-620", "windows-874"), "cp874"),
    **dict.fromkeys(("macintosh", "x-mac-roman"), "mac-roman"),
    "x-mac-cyrillic": "mac-cyrillic",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "windows-1254",
    "big5": "big5hkscs",
}
"""The codecs for names that mean more characters to browsers, or in practice, than to Python."""
_LATIN: Final = ("windows-1252", "mac-roman", "cp850", "cp437", "iso-8859-15")
"""The encodings of Western Europe: those of Windows, old Macs, DOS, and Unix since the euro."""
_WIDEST: Final = ("gb18030", "big5hkscs", "cp932", "euc-jp", "cp949")
_SAMPLE: Final = 20_000
"""Characters beyond ASCII by which encodings are compared."""
_ACCENTED: Final = re.compile(
    rb"[\x00-\x7f]?+[\x80-\xff]++(?:[\x00-\x7f][\x80-\xff]++)*+[\x00-\x7f]?+"
)
"""Bytes beyond ASCII, and the one before and behind."""
_CONTROLS: Final = "".join(map(chr, (*range(7), *range(14, 26), *range(28, 32), 127)))
_LEAST_FIT: Final = 0.3
"""The least mean fit of a text; prose has 0.9, random bytes have none above 0.1."""

_MOST_DAMAGED: Final = 20
"""A text is not read if more than one character in this many is wrong."""


class Decoded(NamedTuple):
    """A text, the name of its encoding, and how many bytes or characters could not be read.

    Each of these stands as U+FFFD in the text.
    """

    text: str
    encoding: str
    damaged: int = 0


def decode(data: bytes, hint: str | None = None) -> Decoded:
    """The text of a file, without its byte order mark.

    ``hint`` is the encoding that the file or its container names; it counts only where the bytes are
    not UTF-8 anyway. Raises UnreadableFile for binary data, and for bytes that fit no encoding.
    """
    if mark := next((mark for mark in _MARKS if data.startswith(mark[0])), None):
        return _with_damage(data[len(mark[0]) :], mark[1])
    if b"\0" in data:
        return _without_mark(data)
    if data.isascii() and b"\x1b$" in data and (text := _strictly(data, "iso2022_jp")):
        return Decoded(text, "iso-2022-jp")
    if (text := _strictly(data, "utf-8")) is not None:
        return Decoded(text, "utf-8")
    return _damaged_utf8(data) or _named(data, codec(hint or "")) or _detected(data)


def _with_damage(data: bytes, encoding: str) -> Decoded:
    """Bytes in a known encoding; those that do not fit it count as damage."""
    text = _strictly(data, encoding)
    damaged = 0
    if text is None:
        text = data.decode(encoding, "replace")
        damaged = text.count("\ufffd")
        if damaged * _MOST_DAMAGED > len(text):
            raise UnreadableFile(
                f"damaged: of {len(text)} characters in {encoding}, {damaged} are wrong"
            )
    return Decoded(_checked(text), encoding, damaged)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _checked(text: str) -> str:
    """A text, unless it has characters that no text has. Raises UnreadableFile."""
    if "\0" in text or sum(map(text.count, _CONTROLS)) > len(text) // 200 + 1:
        raise UnreadableFile("binary data, not text")
    return text


def _without_mark(data: bytes) -> Decoded:
    """UTF-16 or UTF-32 without a byte order mark; the wrong byte order gives no spaces."""
    best, spaces = None, 0
    for encoding in _WIDE:
        text = _strictly(data, encoding)
        if text is None or "\0" in text or len(text) < 2:
            continue
        count = sum(map(text.count, " \n\r\u3000\u3001\u3002"))
        if count > spaces and _fit(text) >= _LEAST_FIT:
            best, spaces = Decoded(_checked(text), encoding), count
    if best is None:
        raise UnreadableFile("binary data, not text")
    return best


def _damaged_utf8(data: bytes) -> Decoded | None:
    """UTF-8 in which few bytes are wrong; None if its other characters hardly prove that it is UTF-8."""
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    sound = sum(1 for _ in _beyond_ascii(text)) - damaged
    return Decoded(_checked(text), "utf-8", damaged) if sound >= 2 * damaged else None


def _named(data: bytes, encoding: str) -> Decoded | None:
    text = _strictly(data, encoding) if encoding else None
    return None if text is None else Decoded(_checked(text), encoding)


def codec(name: str) -> str:
    """The codec that a name of an encoding means; "" if it is unknown, or no encoding of text."""
    name = name.strip().strip("\"'").lower()
    name = _CODECS.get(name, name)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    known = getattr(info, "_is_text_encoding", True)
    return (
        name
        if known and not info.name.startswith(("utf", "unicode", "raw", "idna", "puny", "undef"))
        else ""
    )


def _detected(data: bytes) -> Decoded:
    """The text in the encoding that fits it best. Raises UnreadableFile if none does."""
    from chardetng_py import detect

    guess = codec(detect(data, allow_utf8=False))
    if guess in _WIDEST and (decoded := _named(data, guess)):
        return decoded
    sample = b"\n".join(match.group() for match in islice(_ACCENTED.finditer(data), _SAMPLE))
    best, most = "", _LEAST_FIT
    for encoding in dict.fromkeys((guess, *_LATIN)):
        fit = _fit(sample.decode(encoding, "replace"))
        # The first of two that fit alike is the likelier one.
        if fit > most + (0.05 if best else 0):
            best, most = encoding, fit
    if not best:
        raise UnreadableFile("not text in any known encoding; save it as UTF-8")
    return _with_damage(data, best)


# ---------------------------------------------------------------- what a text looks like


def _fit(text: str) -> float:
    """How well the characters beyond ASCII suit their neighbours, from -1 to 1; 1 if there are none.

    In the wrong encoding, symbols stand inside words, capitals behind small letters, letters beside
    digits, and quotation marks turn the wrong way.
    """
    total = count = 0
    for at in islice(_beyond_ascii(text), _SAMPLE):
        total += _suits(text[at - 1] if at else " ", text[at], text[at + 1 : at + 2] or " ")
        count += 1
    return total / count if count else 1.0


def _beyond_ascii(text: str) -> Iterator[int]:
    return (at for at, character in enumerate(text) if character > "\x7f")


def _suits(before: str, character: str, after: str) -> int:  # noqa: PLR0911 (one case for each category)
    match unicodedata.category(character):
        case "Cc" | "Cn" | "Co" | "Cs":
            return -1
        case "Lu" | "Ll" | "Lt" | "Lo":
            return _letter_suits(before, character, after)
        case "Mn" | "Mc":
            return 1 if before.isalpha() or unicodedata.category(before)[0] == "M" else -1
        case "Zs" | "Cf" | "Zl" | "Zp":
            return 0
        case "Pi":
            return -1 if before.isalnum() or after in ".,;:)" else 1
        case "Pf":
            apart = before.isspace() or after.isalnum()
            return -1 if apart and character not in "»\u2019" else 1
        case "Pd":
            return 1 if before.isspace() == after.isspace() else 0
        case "Sc" if character != "¤":
            return 1 if before.isdigit() or after.isdigit() else -before.isalpha()
        case "Po" | "Ps" | "Pe" | "No":
            opens = character in "¡¿"
            wrong = before.isalnum() if opens else before.isalpha() and after.isalpha()
            return -1 if wrong else int(opens or ord(character) > 0x3000)
        case _:
            known = character in "°©®™№" and not (before.isalpha() and after.isalpha())
            return int(known and before.isdigit()) if known else -1


def _letter_suits(before: str, letter: str, after: str) -> int:
    beside = [other for other in (before, after) if other.isalpha()]
    script = _script(letter)
    if any(_script(other) != script for other in beside):
        return -1
    if not beside:
        return -1 if before.isdigit() or after.isdigit() else 0
    inside = before.isalpha() and (before.islower() or after.islower())
    return -1 if letter.isupper() and inside else 1


@cache
def _script(letter: str) -> str:
    """The alphabet of a letter; "" for scripts that stand beside each other in one word."""
    name = unicodedata.name(letter, "").partition(" ")[0]
    return name if name in ("LATIN", "CYRILLIC", "GREEK", "HEBREW", "ARABIC", "THAI") else ""
