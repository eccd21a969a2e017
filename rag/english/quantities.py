"""Numbers with what they measure, as intervals of a common unit: "22,000 tons a year", "15 to 20 percent".

A ton by itself is taken for a tonne, as most news means it; short and long tons are their own. A value
given roughly ("about 45,000", "4.2 million") stands for all that round to it; "more than 10 %" stands for
all above, "up to 10 %" for all below.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from rag.english.lexicon import (
    CURRENCY_SIGNS,
    ONES,
    SCALES,
    SHORT_SCALES,
    TENS,
    UNIT,
    UNITS,
    any_of,
    unit_of,
)

_UNIT: Final = f"{UNIT}|{any_of(unit.letter for unit in UNITS if unit.letter)}"
_SIGNS: Final = {unit.sign: unit.dimension for unit in UNITS if unit.sign in CURRENCY_SIGNS}
"""Of currencies; others of the kind of A$ stand for themselves."""
_SMALL: Final = ONES | TENS
_WORDS: Final = any_of(_SMALL)
_SCALE: Final = any_of(SCALES)
_SPELT: Final = (
    rf"(?:{_WORDS}|(?:an? )?{_SCALE})"
    rf"(?:(?:(?<=hundred)|(?<=thousand)|(?<=million)) and {_WORDS}|[ -](?:{_WORDS}|{_SCALE}))*"
)
_DIGITS: Final = r"\d{1,3}(?:[,\u00a0\u202f\u2009 ]\d{3})+(?:\.\d+)?(?![\d])|\d+(?:\.\d+)?"
_NUMBER: Final = rf"(?:{_DIGITS}|\b(?:{_SPELT})\b)"
_AMOUNT: Final = (
    r"(?<![^\W_])(?<![^\W\d_][-–])"  # not the end of a name: F-16
    rf"(?P<sign>(?a:us|nz|hk|a|c)?\$|[{CURRENCY_SIGNS}])?[ ]?(?P<number>{_NUMBER})"
    rf"(?:(?P<short>{any_of(SHORT_SCALES)})\b)?"
    rf"(?:[ \u00a0-](?P<scale>{_SCALE})\b)?"
)
_QUANTITY: Final = re.compile(
    rf"(?P<bound>\b(?:more than|over|above|at least|no less than|exceed(?:s|ed|ing)?|less than|under|below"
    r"|at most|no more than|fewer than|up to|as (?:much|many) as)\s+(?:an? )?|[<>≥≤]\s*)?"
    r"(?P<rough>\b(?:about|around|some|roughly|approximately|nearly|almost|circa|an estimated|estimated)\s+"
    r"(?:an? )?|[~≈]\s*)?"
    rf"{_AMOUNT}"
    rf"(?:[ \u00a0-]?(?P<unit>{_UNIT})(?![\w²³]))?"
    r"(?:\s?(?:/|\bper\b|\ban?\b|\bevery\b|\beach\b)\s?(?P<per>[^\W\d_]+)\b)?",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(r"\s*(?:-|–|—|\bto\b|\band\b)\s*", re.IGNORECASE)
_COUNTED: Final = re.compile(r"[ \u00a0-](?P<noun>[^\W\d_][\w’'-]*)")
_EACH: Final = frozenset("person head capita share night".split())
"""What a rate is counted by, besides units."""
_ABOVE: Final = re.compile(r"more than|over|above|at least|no less|exceed|[>≥]", re.IGNORECASE)
_NO_COUNTED: Final = frozenset(
    "in of on at by to for from and or the a an as than that who with within were was is are had have has"
    " did do will would per each every after before since during last this next only later earlier more"
    " less million billion".split()
)
_STEM: Final = 5
"""Letters in which two nouns that count the same are alike."""
CONVERTED: Final = 0.01
"""How far apart two values may be that were converted from one unit to another: such are rounded."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a number says: all values from ``low`` to ``high`` of a unit.

    ``factor`` is its unit in the first unit of the dimension, ``per`` what a rate is counted by,
    ``counted`` the noun after a number without a unit: laboratories in "17 laboratories".
    """

    low: float
    high: float
    kind: str = "value"
    """value, range, above or below."""
    dimension: str = ""
    factor: float = 1.0
    per: str = ""
    counted: str = ""


def quantities(text: str) -> list[Quantity]:
    """The quantities of a text, in order.

    >>> [(q.low, q.high, q.dimension) for q in quantities("15 to 20 percent")]
    [(15.0, 20.0, 'share')]
    >>> [q.low for q in quantities("seventeen laboratories, and 22 000 jobs")]
    [17.0, 22000.0]
    """
    return list(_merged(text))


def same_quantity(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities say the same: a part that one leaves out, unit or rate, does not count.

    A range is not one of its ends, nor is "more than 10" 10.
    """
    if one.kind != other.kind or not _of_one_kind(one, other):
        return False
    a, b = _brought(one, other)
    if one.kind != "value":
        return math.isclose(a.low, b.low) and math.isclose(a.high, b.high)
    return _meet(a, b)


def apart(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities measure the same and cannot both hold: 12 and 15, but not 12 and "over 10"."""
    return _of_one_kind(one, other, bare=False) and not _meet(*_brought(one, other))


def _meet(a: Quantity, b: Quantity) -> bool:
    """Whether some value is allowed by both; of rough ones, whether the finer rounds to the other."""
    slack = CONVERTED * abs(a.low) if a.factor != b.factor else 0.0
    if a.kind == b.kind == "value":
        margin = max(a.high - a.low, b.high - b.low) / 2
        distance = abs(a.low + a.high - b.low - b.high) / 2
        return distance < max(margin, slack) or math.isclose(a.low + a.high, b.low + b.high)
    return a.low <= b.high + slack and b.low <= a.high + slack


def _of_one_kind(one: Quantity, other: Quantity, *, bare: bool = True) -> bool:
    """Whether two measure the same; ``bare``: a number alone may measure anything."""
    if one.per and other.per and one.per != other.per:
        return False
    if one.dimension != other.dimension:
        plain = one if not one.dimension else other if not other.dimension else None
        return bare and plain is not None and not plain.counted
    if one.dimension:
        return one.per == other.per or bare
    a, b = one.counted, other.counted
    return not a or not b or _alike(a, b) or {a, b} <= _PEOPLE


def _alike(one: str, other: str) -> bool:
    """Whether one noun is the other or short for it, in the plural or not: labs, laboratories."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short.removesuffix("s")[:_STEM])


_PEOPLE: Final = frozenset(
    "people persons person residents visitors passengers volunteers participants patients men women workers"
    " employees staff inhabitants victims others".split()
)


def _brought(one: Quantity, other: Quantity) -> tuple[Quantity, Quantity]:
    """Both in the first unit of their kind, if both have one."""
    if not one.dimension or not other.dimension:
        return replace(one, factor=1.0), replace(other, factor=1.0)
    return (
        replace(one, low=one.low * one.factor, high=one.high * one.factor),
        replace(other, low=other.low * other.factor, high=other.high * other.factor),
    )


def _merged(text: str) -> Iterator[Quantity]:
    """Single amounts, and two with "to" or a dash between as one range."""
    found = list(_QUANTITY.finditer(text))
    skip = False
    for n, match in enumerate(found):
        if skip:
            skip = False
            continue
        following = found[n + 1] if n + 1 < len(found) else None
        if following and _is_range(text, match, following):
            skip = True
            yield _range(text, match, following)
        else:
            yield _quantity(text, match)


def _is_range(text: str, first: re.Match[str], second: re.Match[str]) -> bool:
    between = _BETWEEN.fullmatch(text, first.end(), second.start())
    if not between or second["bound"]:
        return False
    if between.group().strip().lower() == "and":
        return text[: first.start()].rstrip().lower().endswith("between")
    return _value(first) < _value(second) * _scale(second)


def _range(text: str, first: re.Match[str], second: re.Match[str]) -> Quantity:
    end = _quantity(text, second)
    low = _value(first)
    if not first["scale"] and not first["short"]:
        low *= _scale(second)  # "4 to 5 million"
    else:
        low *= _scale(first)
    begin = _quantity(text, first)
    high = _value(second) * _scale(second)
    dimension = end.dimension or begin.dimension
    factor = end.factor if end.dimension else begin.factor
    return replace(end, low=low, high=high, kind="range", dimension=dimension, factor=factor)


def _quantity(text: str, match: re.Match[str]) -> Quantity:
    value = _value(match) * _scale(match)
    dimension, factor = _measure(match)
    margin = _margin(match) if match["rough"] or match["scale"] or match["short"] else 0.0
    low, high, kind = value - margin, value + margin, "value"
    if match["bound"]:
        above = _ABOVE.match(match["bound"])
        kind = "above" if above else "below"
        low, high = (value, math.inf) if above else (-math.inf, value)
    counted = ""
    if not dimension:
        noun = _COUNTED.match(text, match.end())
        counted = noun["noun"].lower() if noun and noun["noun"].lower() not in _NO_COUNTED else ""
    return Quantity(low, high, kind, dimension, factor, _rate(match["per"] or ""), counted)


def _rate(per: str) -> str:
    """One name for what a rate is counted by: kg for kilogram; "" if it is none."""
    if unit := unit_of(per):
        return "tonne" if unit.sign == "ton" else unit.sign
    return per.lower() if per.lower() in _EACH else ""


def _measure(match: re.Match[str]) -> tuple[str, float]:
    sign, unit = match["sign"], match["unit"]
    if sign:
        folded = sign.lower().removeprefix("us")
        return _SIGNS.get(folded, folded), 1.0
    found = unit_of(unit) if unit else None
    return (found.dimension, found.factor) if found else ("", 1.0)


def _scale(match: re.Match[str]) -> float:
    scale = SCALES[match["scale"].lower()] if match["scale"] else 1.0
    return scale * (SHORT_SCALES[match["short"].lower()] if match["short"] else 1.0)


def _margin(match: re.Match[str]) -> float:
    """Half of the last place that a rough value is given to: 500 for "about 45,000"."""
    digits = re.sub(r"[^\d.]", "", match["number"])
    if not digits:
        return 0.0
    if "." in digits:
        return float(f"0.5e-{len(digits.partition('.')[2])}") * _scale(match)
    zeros = len(digits) - len(digits.rstrip("0")) if match["rough"] else 0
    return float(f"0.5e{zeros}") * _scale(match)  # not a power, which has no infinity


def _value(match: re.Match[str]) -> float:
    written = match["number"].lower()
    if written[0].isdigit():
        return float(re.sub(r"[^\d.]", "", written))
    total = group = 0.0
    for word in re.split(r"[ -]+", written):
        if word in _SMALL:
            group += _SMALL[word]
        elif word in {"hundred", "dozen"}:
            group = (group or 1.0) * SCALES[word]
        elif word in SCALES:
            total += (group or 1.0) * SCALES[word]
            group = 0.0
    return total + group
