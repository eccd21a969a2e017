"""Makes text safe for a terminal. Text from articles, titles and file names must pass through here."""

from __future__ import annotations

import re

# Control characters except line feed and tab, line separators, and invisible characters that reorder
# or hide text: bidirectional controls, tags, interlinear marks, lone surrogates. Zero-width joiners
# stay, because emoji and several scripts need them.
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def printable(text: str) -> str:
    r"""The text with every character that could control a terminal escaped.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return UNSAFE.sub(_escape, text.replace("\r\n", "\n"))


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
