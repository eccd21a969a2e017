"""Superscripts: which are exponents, which are the marks of notes.

A mark that is read as part of the word or number before it makes a false text: 2025 with note 3 is not
20253.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_MARK: Final = 40
"""Characters: "[citation needed]"."""

_RAISED: Final = str.maketrans("0123456789+-\u2212=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_SIGNED: Final = re.compile(r"[+\-\u2212]\d{0,3}|\d{1,3}[+\-\u2212]")
_POWERS: Final = frozenset("23456789n")
_UNIT: Final = re.compile(r"(?:^|[^\w.,])[^\W\d_]?[^\W\d_A-Z]\Z|(?:^|[^\w.,])[^\W\d_]\Z")
"""What a power stands on: a unit or variable of one or two letters. A note stands on a longer word."""
_BASE: Final = re.compile(r"(?:^|[^\w.,])(?:10|2)\Z")
_NUMBERS: Final = re.compile(r"[\d\s,;\u2013-]+|[a-z](?:\s*,\s*[a-z])+")
_BRACKETED: Final = re.compile(r"\[.*\]|\(\s*\w{1,3}\s*\)", re.DOTALL)
_SIGNS: Final = frozenset("°™®©℠%′″'")
_ORDINALS: Final = {"a": "ª", "o": "º"}
_RETURN: Final = frozenset(("↩", "↩\ufe0e", "↩\ufe0f", "↵", "⏎", "^", "↑", "⇑", "⬆"))
_NOTE: Final = re.compile(r"noteref|foot-?note|endnote|cite_ref|\bfn-?ref", re.IGNORECASE)
_LINKED_MARK: Final = re.compile(r"\[?\(?(?:\d{1,4}|[a-z]|[ivxl]{1,6}|[*†‡§¶#]{1,4})\)?\]?")


def superscript(before: str, inside: str, *, is_linked: bool, is_fraction: bool) -> str | None:
    """What stands in the text for a superscript, given the text before it; None for its text unchanged.

    ``is_linked`` says that it leads to another place of the page; ``is_fraction``, that a denominator
    follows.
    """
    if is_fraction and inside.isdecimal():
        return f" {inside}" if before[-1:].isdecimal() else None
    shown: str | None = ""
    if is_linked or _BRACKETED.fullmatch(inside):
        pass
    elif _SIGNED.fullmatch(inside) or _is_power(before, inside):
        shown = inside.translate(_RAISED)
    elif inside == "TM":
        shown = "™"
    elif not any(character.isalnum() for character in inside):
        shown = inside if _SIGNS.issuperset(inside) else ""
    elif len(inside) == 1 and inside.islower() and not before[-1:].isalpha() and inside != "e":
        shown = _ORDINALS.get(inside, "") if before[-1:].isdecimal() else ""
    elif not _NUMBERS.fullmatch(inside):
        shown = f" {inside} " if " " in inside else None
    return shown


def _is_power(before: str, inside: str) -> bool:
    if inside.isdecimal() and len(inside) <= 3 and _BASE.search(before):
        return True
    return inside in _POWERS and bool(_UNIT.search(before) or _BASE.search(before))


def is_note_link(before: str, inside: str, names: str) -> bool:
    """Whether a link to another place of the page is the mark of a note, or leads back from one.

    ``names`` are its class, role, type and the like. A number that leads to a section or figure stands
    apart from the word before it; a mark does not.
    """
    if inside in _RETURN:
        return True
    if not _LINKED_MARK.fullmatch(inside):
        return False
    return bool(
        _NOTE.search(names) or (before and not before[-1].isspace() and before[-1] not in "([/-")
    )
