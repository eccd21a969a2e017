"""Superscripts: which are exponents, which are the marks of notes.

A mark that is read as part of the word or number before it makes a false text: 2025 with note 3 is not
20253.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

LONGEST_MARK: Final = 40
"""Characters: "[citation needed]"."""

_RAISED: Final = str.maketrans("0123456789+-\u2212=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_PLUS_OR_MINUS: Final = "+-\u2212"
_POWERS: Final = frozenset("23456789n")
BASES: Final = frozenset(("10", "2"))
"""Numbers on which any number may stand as their exponent."""
_SIGNS: Final = frozenset("°™®©℠%′″'")
_ORDINALS: Final = {"a": "ª", "o": "º"}
_RETURN: Final = frozenset(("↩", "↩\ufe0e", "↩\ufe0f", "↵", "⏎", "^", "↑", "⇑", "⬆"))
_OF_NOTES: Final = ("noteref", "footnote", "foot-note", "endnote", "cite_ref", "fnref", "fn-ref")
_ROMAN: Final = frozenset("ivxl")
NOTE_SIGNS: Final = frozenset("*†‡§¶#")


def ending(text: str, belongs: Callable[[str], bool]) -> str:
    """The characters at the end of a text that belong together, four at most.

    >>> ending("365 km", str.isalpha)
    'km'
    """
    start = len(text)
    while start > max(0, len(text) - 4) and belongs(text[start - 1]):
        start -= 1
    return text[start:]


def is_mark(written: str) -> bool:
    """Whether a text is what marks a note: a number, sign or small letter, perhaps in brackets.

    >>> [is_mark(text) for text in ("12", "[3]", "(a)", "iv", "††", "km", "2025a")]
    [True, True, True, True, True, False, False]
    """
    bare = written.removeprefix("[").removeprefix("(").removesuffix("]").removesuffix(")")
    if len(bare) <= 4 and (bare.isdecimal() or (bare and NOTE_SIGNS.issuperset(bare))):
        return True
    is_roman = 1 < len(bare) <= 6 and _ROMAN.issuperset(bare)
    return is_roman or ("a" <= bare <= "z" and len(bare) == 1)


def are_letters(written: str) -> bool:
    """Whether a text is small letters with commas between them, as several notes have them: "a, b"."""
    return all(len(part) == 1 and "a" <= part <= "z" for part in map(str.strip, written.split(",")))


def superscript(before: str, inside: str, *, is_linked: bool, is_fraction: bool) -> str | None:
    """What stands in the text for a superscript, given the text before it; None for its text unchanged.

    ``is_linked`` says that it leads to another place of the page; ``is_fraction``, that a denominator
    follows.
    """
    if is_fraction and inside.isdecimal():
        return f" {inside}" if before[-1:].isdecimal() else None
    shown: str | None = ""
    if is_linked or _is_bracketed(inside):
        pass
    elif _is_signed(inside) or _is_power(before, inside):
        shown = inside.translate(_RAISED)
    elif inside == "TM":
        shown = "™"
    elif not any(character.isalnum() for character in inside):
        shown = inside if _SIGNS.issuperset(inside) else ""
    elif len(inside) == 1 and inside.islower() and not before[-1:].isalpha() and inside != "e":
        shown = _ORDINALS.get(inside, "") if before[-1:].isdecimal() else ""
    elif not (_are_numbers(inside) or ("," in inside and are_letters(inside))):
        shown = f" {inside} " if " " in inside else None
    return shown


def _is_bracketed(inside: str) -> bool:
    bare = inside[1:-1].strip()
    in_round = inside[:1] == "(" and inside.endswith(")") and bare.isalnum() and len(bare) <= 3
    return in_round or (len(inside) > 1 and inside[0] == "[" and inside.endswith("]"))


def _is_signed(inside: str) -> bool:
    """Whether a superscript is a charge or an exponent with its sign: "2+", "-3", "+"."""
    number = inside.strip(_PLUS_OR_MINUS)
    bare = not number or (number.isdecimal() and len(number) <= 3)
    return bare and len(inside) == len(number) + 1


def _are_numbers(inside: str) -> bool:
    return all(c.isdecimal() or c.isspace() or c in ",;\u2013-" for c in inside)


def _is_power(before: str, inside: str) -> bool:
    """Whether a superscript is the power of 10 or 2, or of a unit or variable of one or two letters.

    A note stands on a longer word.
    """
    foot = ending(before, lambda c: c.isalnum() or c in "_.,")
    if foot in BASES:
        return inside in _POWERS or (inside.isdecimal() and len(inside) <= 3)
    is_unit = foot.isalpha() and (len(foot) == 1 or (len(foot) == 2 and not "A" <= foot[1] <= "Z"))
    return is_unit and inside in _POWERS


def is_note_link(before: str, inside: str, names: str) -> bool:
    """Whether a link to another place of the page is the mark of a note, or leads back from one.

    ``names`` are its class, role, type and the like. A number that leads to a section or figure stands
    apart from the word before it; a mark does not.
    """
    if inside in _RETURN:
        return True
    if not is_mark(inside):
        return False
    names = names.lower()
    beside = before[-1:]
    return any(name in names for name in _OF_NOTES) or not (
        not beside or beside.isspace() or beside in "([/-"
    )
