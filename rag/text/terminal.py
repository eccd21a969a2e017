"""Text made safe for a terminal: nothing from an article, a title or a file name reaches one raw."""

from __future__ import annotations

import re

# Control characters (but line feed and tab), line separators, and invisible characters that reorder
# or hide text: bidirectional controls, tags, interlinear marks, lone surrogates. The zero-width joiners
# stay: emoji and several scripts are written with them.
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def printable(text: str) -> str:
    r"""The text, with every character that could act on a terminal written out.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return UNSAFE.sub(_written_out, text.replace("\r\n", "\n"))


def _written_out(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
