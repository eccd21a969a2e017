"""Numbers as English writes them, with their value and where they stand.

Digits with any grouping ("45,000", "45 000", "45'000", "45.000", "4.200.000", "1,00,000"), decimals ("1.5",
"1,5 million"), fractions ("1½", "1 1/2"), words ("two hundred and ten", "three quarters of a million", "one
and a half") and scales after either ("4.2 million", "$1.5bn"). ``rag.english.quantities`` reads what a
number measures.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Final

from rag.english.lexicon import (
    ONES,
    ORDINALS,
    SCALES,
    SHORT_SCALES,
    SLASHED,
    TENS,
    UNIT,
    UNITS,
    any_of,
)

UNIT_LETTER: Final = f"(?-i:{any_of(unit.letter for unit in UNITS if unit.letter)})"
"""A letter that stands for a unit, as a regular expression: never a capital."""
_SMALL: Final = ONES | TENS
_SCALE: Final = any_of(SCALES)
_SHORT: Final = any_of(SHORT_SCALES)
_SPACED: Final = any_of(short for short in SHORT_SCALES if len(short) > 1)
_DOTTED: Final = r"[1-9]\d{0,2}(?:(?:\.\d{3})*\.000|(?:\.\d{3}){2,}+)(?![\d.]*\d)"
"""Thousands grouped by dots, as in most of Europe: nobody writes three zeros after a decimal point."""
_CONTINENTAL: Final = (
    r"\d{1,3}(?:(?:\.\d{3})+,\d\d?(?!\d)"
    rf"|,\d\d?(?=[ \u00a0]?(?:{_SCALE}|{_SHORT}|{UNIT}|€)(?!\w)))"
)
"""Decimals after a comma: "1.234,56", "1,5 million"."""
_PARTS: Final = {"half": 2, "quarter": 4} | {word: n for word, n in ORDINALS.items() if n > 2}
_VALUES: Final = ONES | _PARTS | {str(digits): digits for digits in range(100)}
_COUNT: Final = rf"(?:an?|{any_of(list(ONES)[1:])})[ -]"
_RATIO: Final = rf"{SLASHED}(?![/⁄])"
_BARE: Final = rf"{_RATIO}(?=[ -](?:{_SCALE}|{UNIT})\b)"
_STOPPED: Final = r"(?<=mio|mrd)\.(?= [^\W\d_])"
_ATOM: Final = re.compile(
    r"(?P<minus>(?:(?<![^\s(])(?<![\d%] )[-−]|\bminus )(?=\d|[a-z]))?(?:"
    # Not the end of a name ("F-16") or of a longer figure ("1.2.3"), nor the beginning of one ("3D").
    r"(?<![^\W_])(?<![^\W\d_][-–])(?<!\d\.)"
    rf"(?P<digits>(?!{_BARE})(?>(?P<dotted>{_DOTTED}|{_CONTINENTAL})"
    r"|(?:[1-9]\d?(?:,\d\d)+,\d{3}(?!\d)"
    r"|[1-9]\d{0,2}(?P<gap>[,'’ \u00a0\u2000-\u200a\u202f])\d{3}(?:(?P=gap)\d{3})*(?!\d)|\d++)"
    r"(?:\.\d++)?|\.\d++))?"
    rf"(?P<part>(?(digits)(?:[ \u00a0]?[¼-¾⅐-⅞]|(?<!\d\d\d) {_RATIO})?|(?:[¼-¾⅐-⅞]|{_BARE})))"
    rf"(?:(?P<short>[ \u00a0]?{_SPACED}|{_SHORT})(?![^\W_])(?P<stop>{_STOPPED})?)?"
    rf"(?=(?:st|nd|rd|th|{UNIT}|{UNIT_LETTER})?(?![^\W_]))"
    rf"|\b(?P<share>(?:{_COUNT})?(?:half|quarters?)(?: of(?: a)?)?(?=[ -]{_SCALE}\b)"
    rf"|{_COUNT}{any_of(_PARTS)}s? of an?|(?:an?|one)[ -]half|half[ -]an?)\b"
    r"|\b(?P<and_share>and (?:(?:a|one)[ -]half|(?:a|one|three)[ -]quarters?(?! of (?:an?|the)\b)))\b"
    # "How many million" and "several million" do not say one million.
    rf"|\b(?:(?P<small>{any_of(_SMALL)})"
    rf"|(?<!\bmany )(?<!\bseveral )(?<!\bfew )(?P<article>an? )?(?P<scale>{_SCALE})(?P<plural>s?))\b)",
    re.IGNORECASE,
)
_JOINTS: Final = frozenset({" ", "-", "\u00a0"})
_EXACT: Final = Context(prec=100, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
_ROUND: Final = 1000
"""From this scale on, a number counts as rounded: "4.2 million", but not "two hundred"."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: ``text[start:end]`` says ``value``."""

    start: int
    end: int
    value: Decimal
    scale: Decimal
    """The scale that multiplies all of it: a million in "4.2 million"; else 1."""
    margin: Decimal
    """Half of its last place if its scale shows that it is rounded; else 0."""
    rough_margin: Decimal
    """The same where a word shows it: 500 for "about 45,000"."""


def numbers(text: str) -> list[Number]:
    """The numbers of a text, in order.

    >>> [str(number.value) for number in numbers("two hundred and ten of 22 000, half a million")]
    ['210', '22000', '500000.0']
    """
    result: list[Number] = []
    reading: _Reader | None = None
    for atom in _ATOM.finditer(text):
        if reading and reading.goes_on(atom, text[reading.end : atom.start()]):
            continue
        if reading:
            result.append(reading.number())
        reading = _Reader(atom) if _begins(atom, text) else None
    return [*result, reading.number()] if reading else result


def _begins(atom: re.Match[str], text: str) -> bool:
    """Whether a number can begin here: not with "millions", "and a half", or the end of "no-one"."""
    if atom["and_share"] or atom["plural"]:
        return False
    before = text[max(0, atom.start() - 2) : atom.start()]
    return atom["digits"] is not None or not (before.endswith("-") and before[0].isalpha())


class _Reader:
    """A number as it is read, part by part."""

    def __init__(self, atom: re.Match[str]) -> None:
        self.start, self.end = atom.span()
        self._sign = -1 if atom["minus"] else 1
        self._total = Decimal(0)
        self._scale = Decimal(0)  # the last of a thousand or more
        self._group: Decimal | None = None  # to be multiplied by the next scale
        self._place = Decimal(1)  # of the last digit
        self._decimals = False
        self._room = 0  # words can add only less than this
        if atom["share"]:
            self._group, self._place = _share(atom["share"]), Decimal("0.1")
        elif atom["scale"]:
            self._group = Decimal(1)
            self._multiply(atom["scale"])
        elif atom["small"]:
            self._add(atom["small"])
        else:
            self._read_digits(atom)

    def _read_digits(self, atom: re.Match[str]) -> None:
        written = atom["digits"] or "0"
        if atom["dotted"]:
            written = written.replace(".", "").replace(",", ".")
        digits = "".join(c for c in written if c.isdecimal() or c == ".")
        self._group = Decimal(digits)
        if "." in digits:
            self._decimals = True
            self._place = Decimal(1).scaleb(-len(digits.partition(".")[2]), _EXACT)
        if atom["part"]:
            self._group, self._place = self._group + _share(atom["part"]), Decimal("0.1")
        if atom["short"]:
            self._multiply(atom["short"])

    def goes_on(self, atom: re.Match[str], joint: str) -> bool:
        """Add the next part if it continues the number after ``joint``; say whether it does."""
        if atom["minus"]:
            return False
        if atom["and_share"] and joint == " ":
            taken = True
            self._add_share(_share(atom["and_share"]))
        elif atom["small"]:
            follows = joint in _JOINTS or (joint == " and " and self._room > max(TENS.values()))
            taken = follows and 0 < _SMALL[atom["small"].lower()] < self._room
            if taken:
                self._add(atom["small"])
        else:
            taken = bool(atom["scale"]) and not atom["article"] and joint in _JOINTS
            taken = taken and self._multiply(atom["scale"])
        if taken:
            self.end = atom.end()
        return taken

    def _add(self, word: str) -> None:
        value = _SMALL[word.lower()]
        self._group = (self._group or 0) + Decimal(value)
        self._place = Decimal(1)
        self._room = 10 if value in TENS.values() else 0

    def _add_share(self, share: Decimal) -> None:
        if self._group is None:  # "a million and a half"
            self._total, self._place = self._total + self._scale * share, self._scale / 10
        else:
            self._group, self._place = self._group + share, Decimal("0.1")
        self._room = 0

    def _multiply(self, word: str) -> bool:
        """Multiply by a scale; False if none can stand here."""
        word = word.strip().lower()
        scale = Decimal((SCALES | SHORT_SCALES)[word])
        if scale < _ROUND:
            if self._group is None or self._group >= scale:
                return False
            self._group, self._room = self._group * scale, 100 if word == "hundred" else 0
            return True
        if self._group is None and scale > self._scale:  # "a thousand million"
            self._total = _EXACT.multiply(self._total, scale)
        elif self._group is None or 0 < self._scale <= scale:
            return False
        else:
            self._total += _EXACT.multiply(self._group, scale)
        self._place = _EXACT.multiply(self._place, scale)
        self._scale, self._group, self._room = scale, None, _ROUND
        return True

    def number(self) -> Number:
        """The number as read so far."""
        value = self._sign * _EXACT.add(self._total, self._group or Decimal(0))
        zeros = _EXACT.normalize(value).as_tuple().exponent
        last = self._place
        if value and not self._decimals and isinstance(zeros, int):
            last = Decimal(1).scaleb(zeros, _EXACT)
        return Number(
            self.start,
            self.end,
            value,
            self._scale if self._group is None else Decimal(1),
            self._place / 2 if self._group is None else Decimal(0),
            last / 2,
        )


def _share(text: str) -> Decimal:
    """The value of a part of one: "½", "1/2", "three quarters of a".

    >>> [str(_share(text)) for text in ("¾", " 1/2", "a third of a")]
    ['0.75', '0.5', '0.333333']
    """
    said = re.findall(r"\d+|[a-z]+", unicodedata.normalize("NFKD", text).lower())
    *above, below = filter(None, (_VALUES.get(word.rstrip("s")) for word in said))
    return round(Decimal(above[0] if above else 1) / below, 6).normalize()
