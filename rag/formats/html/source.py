"""Turns the bytes of a page into a tree, whatever their encoding and however broken the markup."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from rag.errors import UnreadableFile
from rag.text.elements import HEADINGS, INLINE
from rag.text.encoding import codec, decode

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED: Final = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
"""How a page begins in UTF-16 without a mark."""
_HEAD: Final = 65_536
"""Bytes in which a page declares its encoding; scripts may stand before the declaration."""

_DECLARED: Final = re.compile(
    rb"""<(?:\?xml[^>]{0,200}?encoding\s*=|meta\s[^>]{0,500}?charset\s*=)\s*["']?\s*([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_MULTIBYTE: Final = frozenset("gb18030 big5hkscs big5-hkscs euc-jp iso-2022-jp cp932 cp949".split())
_SEVERAL: Final = 8
_WORST: Final = 0.01

# Longer ones are embedded pictures and fonts: they take most of a page that was saved as one file.
_DATA_URI: Final = re.compile(
    r"data:[\w.+-]*+(?:/[\w.+-]++)?+(?:;[\w.=+-]++)*+,[\w+/=%.~-]{100,}+", re.IGNORECASE
)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TOO_LONG: Final = 10_000_000
"""How many characters in one text are too many for the parser."""
_RAW: Final = re.compile(
    r"(<(style|script)\b[^>]*>)(?:(?!</\2).){100000,}+(?=</\2)", re.IGNORECASE | re.DOTALL
)
"""A long style sheet or script, which may be too long for the parser."""
_TAG: Final = re.compile(r"</?([a-z][a-z0-9:-]*+)[^<>]*>", re.IGNORECASE)
_PARAGRAPHS: Final = re.compile(r"<p>(?:\s*+<p>)++")
_FLAT: Final = HEADINGS | frozenset(
    "base body br head html hr img link meta noscript p script style template title".split()
)


def page_text(data: bytes) -> str:
    """The source of a page.

    A byte order mark decides, then what the page declares, then what its bytes show. Pages are often saved
    in UTF-8 and keep their old declaration, so what can only be UTF-8 is read as that.

    Raises UnreadableFile if no encoding fits.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    for start, encoding in _UNMARKED:
        if data.startswith(start):
            return data.decode(encoding, "replace")
    declared = declared_encoding(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        # A few characters of an encoding with two bytes each may look like UTF-8 by chance.
        several = len(data) - len(text) >= 2 * _SEVERAL
        if several or declared not in _MULTIBYTE:
            return text
    if declared:
        text = data.decode(declared, "replace")
        if text.count("\ufffd") <= _WORST * len(text):
            return text
    return decode(data.replace(b"\0", b"")).text


def declared_encoding(data: bytes) -> str:
    """The codec for the encoding that a page declares; "" if it names none that is known, or UTF-8."""
    match = _DECLARED.search(data, 0, _HEAD)
    return codec(match[1].decode("ascii", "ignore")) if match else ""


def parse_page(source: str) -> HtmlElement:
    """The tree of a page's source. Raises UnreadableFile if it is empty or beyond all limits."""
    source = _CONTROL.sub("", _DATA_URI.sub("data:,", source))
    if len(source) >= _TOO_LONG:
        source = _RAW.sub(r"\1", source)
    tree, error = _parse(source)
    if "depth" in error:  # the parser loses everything that follows
        tree, error = _parse(_PARAGRAPHS.sub("<p>", _TAG.sub(_flatten, source)))
    if error:
        raise UnreadableFile(f"the page is beyond the limits of the parser ({error})")
    if tree is None:
        raise UnreadableFile("empty")
    return tree


def _flatten(tag: re.Match[str]) -> str:
    """What stands for a tag in a page without nesting."""
    name = tag[1].lower()
    return tag[0] if name in _FLAT else "" if name in INLINE else "<p>"


def _parse(source: str) -> tuple[HtmlElement | None, str]:
    """The tree of a source, or None if it is empty; and the limit that it exceeds, or ""."""
    from lxml.etree import ParserError
    from lxml.html import HTMLParser, document_fromstring

    parser = HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        tree = document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except ParserError:
        tree = None
    errors = (e.message.strip() for e in parser.error_log if e.type_name == "ERR_RESOURCE_LIMIT")
    return tree, next(errors, "")
