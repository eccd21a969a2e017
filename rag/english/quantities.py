"""Numbers with what they measure, as intervals in a common unit: "22,000 tons a year", "15 to 20 percent".

A plain ton is read as a tonne, as most news means it; short and long tons are separate units. A rough value
("about 45,000", "4.2 million") covers all values that round to it; "more than 10 %" covers all above, "up
to 10 %" all below.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from rag.english import lexicon
from rag.english.lexicon import UnitOfMeasure, any_of, unit_of, word_set
from rag.english.numbers import UNIT_LETTER, Number, numbers

_ABOVE: Final = (
    r"more than|over|above|at least|(?:no|not) (?:less|fewer) than|exceed(?:s|ed|ing)?|upwards of"
    r"|in excess of"
)
_BELOW: Final = (
    r"less than|fewer than|under|below|at most|(?:no|not) more than|up to"
    r"|as (?:much|many) as"
)
_ROUGH: Final = (
    r"about|around|some|roughly|approximately|approx\.|nearly|almost|circa|close to"
    r"|(?:an )?estimated"
)
_BEFORE: Final = re.compile(
    rf"(?:\b(?:(?P<above>{_ABOVE})|(?P<below>{_BELOW}))\s+(?:an? )?"
    r"|(?P<sign_above>[>≥]\s*)|(?P<sign_below>[<≤]\s*))?"
    rf"(?P<rough>\b(?:{_ROUGH})\s+(?:an? )?|[~≈]\s*)?"
    rf"(?:(?<![^\W_])(?P<money>(?a:us|nz|hk|a|c)?\$|[{lexicon.CURRENCY_SIGNS}]"
    rf"|{any_of(lexicon.CURRENCY_CODES)}\b\.?) ?)?\Z",
    re.IGNORECASE,
)
_REACH: Final = 48
"""Characters before a number that can hold its bound and currency."""
_AFTER: Final = re.compile(
    rf"(?:(?P<ordinal>st|nd|rd|th)\b"
    rf"|[ \u00a0]?(?!second\b)(?P<unit>{lexicon.UNIT}|{UNIT_LETTER}|[{lexicon.CURRENCY_SIGNS}])(?![\w²³])"
    rf"|-(?P<hyphened>{lexicon.UNIT})(?![\w²³]))?"
    r"(?=[ \u00a0-](?P<noun>[^\W\d_][\w’'-]*)|)"
    r"(?P<rate>\s?(?:/|\b(?:per|an?|every|each)\b)\s?(?P<per>[^\W\d_]+)\b)?",
    re.IGNORECASE,
)
_BETWEEN: Final = frozenset(("-", "–", "—", "to", "and"))
_EACH: Final = word_set("person head capita share night")
"""What a rate can be per, besides units."""
_NOT_COUNTED: Final = lexicon.FUNCTION_WORDS | word_set(
    "next last only later earlier more less ago million billion"
)
PEOPLE: Final = word_set(
    "people persons person residents visitors passengers volunteers participants patients men women workers"
    " employees staff inhabitants victims others"
)
"""Nouns that may count the same things: 12 people may be 12 visitors."""
_STEM: Final = 5
"""Nouns that share this many first letters count the same things."""
_NO_UNIT: Final = UnitOfMeasure("", "", 1.0, "")
_RANK: Final = UnitOfMeasure("rank", "th", 1.0, "")
CONVERTED: Final = 0.01
"""Relative difference allowed between values in different units: conversions are rounded."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """The values that ``text[start:end]`` means: all from ``low`` to ``high``, in ``unit``.

    ``per`` is what a rate is per, ``counted`` the noun after a number without a unit: "laboratories" in
    "17 laboratories".
    """

    start: int
    end: int
    measured: int
    """Its end without the rate."""
    values: tuple[Decimal, ...]
    """As written: one, or both ends of a range."""
    low: float
    high: float
    kind: str = "value"
    """value, range, above or below."""
    rough: bool = False
    """Whether "about" or a like word precedes it."""
    unit: UnitOfMeasure = _NO_UNIT
    per: str = ""
    counted: str = ""

    @property
    def dimension(self) -> str:
        """What it measures; "" for a bare number."""
        return self.unit.dimension

    @property
    def exact(self) -> str:
        """One form for exactly the same quantity, however written.

        >>> [quantity.exact for quantity in quantities("up to 1.5 bn dollars, $110 a kilogram")]
        ['below 1500000000 $', '110 $ /kg']
        """
        kind = self.kind if self.kind in ("above", "below") else "about" if self.rough else ""
        values = "–".join(_plain(value) for value in self.values)
        unit = "tonne" if self.unit.sign == "ton" else self.unit.sign
        return " ".join(part for part in (kind, values, unit, self.per and f"/{self.per}") if part)


def _plain(value: Decimal) -> str:
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def quantities(text: str) -> list[Quantity]:
    """The quantities of a text, in order.

    >>> [(q.low, q.high, q.dimension) for q in quantities("15 to 20 percent")]
    [(15.0, 20.0, 'share')]
    >>> [q.low for q in quantities("seventeen laboratories, and 22 000 jobs")]
    [17.0, 22000.0]
    """
    result: list[Quantity] = []
    before: Number | None = None  # the last number, if it may begin a range
    for number in numbers(text):
        quantity = _quantity(text, number, result[-1].end if result else 0)
        if before and (both := _range(text, result[-1], before, quantity, number)):
            result[-1], before = both, None
        else:
            result.append(quantity)
            before = number
    return result


def same_quantity(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities say the same; a unit or rate that only one has does not count.

    A range is not one of its ends, nor is "more than 10" the same as 10.
    """
    one, other = _as_money(one, other), _as_money(other, one)
    if one.kind != other.kind or not _comparable(one, other):
        return False
    a, b = _converted(one, other)
    if one.kind != "value":
        return math.isclose(a.low, b.low) and math.isclose(a.high, b.high)
    return _overlap(a, b)


def apart(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities of the same kind exclude each other: 12 and 15, but not 12 and "over 10"."""
    one, other = _as_money(one, other), _as_money(other, one)
    return _comparable(one, other, bare=False) and not _overlap(*_converted(one, other))


def _as_money(one: Quantity, other: Quantity) -> Quantity:
    """A quantity as it is meant beside another: "500 pounds" are money beside "£500", not a mass."""
    is_money = one.unit.sign == "lb" and other.unit.sign == "£"
    return replace(one, unit=other.unit) if is_money else one


def are_others(asked: Sequence[Quantity], text: str) -> bool:
    """Whether a text measures the same as ``asked``, and only other amounts.

    >>> asked = quantities("1.5 tonnes")
    >>> [are_others(asked, text) for text in ("It has 2 tonnes.", "It has 1,500 kg.", "It has 2 masts.")]
    [True, False, False]
    """
    pairs = [(one, other) for other in quantities(text) for one in asked]
    pairs = [pair for pair in pairs if _comparable(*pair, bare=False)]
    return bool(pairs) and not any(_overlap(*_converted(*pair)) for pair in pairs)


def _overlap(a: Quantity, b: Quantity) -> bool:
    """Whether some value fits both; for rough ones, whether the finer rounds to the other."""
    slack = CONVERTED * abs(a.low) if a.unit.factor != b.unit.factor else 0.0
    if a.kind == b.kind == "value":
        margin = max(a.high - a.low, b.high - b.low) / 2
        distance = abs(a.low + a.high - b.low - b.high) / 2
        return distance < max(margin, slack) or math.isclose(a.low + a.high, b.low + b.high)
    return a.low <= b.high + slack and b.low <= a.high + slack


def _comparable(one: Quantity, other: Quantity, *, bare: bool = True) -> bool:
    """Whether two measure the same; with ``bare``, a bare number may measure anything."""
    if one.per and other.per and one.per != other.per:
        return False
    if one.dimension != other.dimension:
        plain = one if not one.dimension else other if not other.dimension else None
        return bare and plain is not None and not plain.counted
    if one.dimension:
        return one.per == other.per or bare
    a, b = one.counted, other.counted
    return not a or not b or _alike(a, b) or {a, b} <= PEOPLE


def _alike(one: str, other: str) -> bool:
    """Whether one noun is the other or short for it, singular or plural: labs, laboratories."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short.removesuffix("s")[:_STEM])


def _converted(one: Quantity, other: Quantity) -> tuple[Quantity, Quantity]:
    """Both in the first unit of their dimension, or, if one has no unit, both without."""
    if not one.dimension or not other.dimension:
        return replace(one, unit=_NO_UNIT), replace(other, unit=_NO_UNIT)
    first, second = (
        replace(q, low=q.low * q.unit.factor, high=q.high * q.unit.factor) for q in (one, other)
    )
    return first, second


def _quantity(text: str, number: Number, begin: int) -> Quantity:
    """A number with the words around it, from ``begin`` on."""
    reach = min(number.start, max(begin, number.start - _REACH))
    before: re.Match[str] = _BEFORE.search(text, reach, number.start)  # type: ignore[assignment]  # it matches the empty string
    after: re.Match[str] = _AFTER.match(text, number.end)  # type: ignore[assignment]  # as does this
    measured = after.start("rate") if after["rate"] else after.end()
    per = _rate(after["per"] or "")
    end = after.end() if per else measured
    value, rough = float(number.value), bool(before["rough"])
    margin = float(number.rough_margin if rough else number.margin)
    low, high, kind = value - margin, value + margin, "value"
    if before["above"] or before["sign_above"]:
        low, high, kind = value, math.inf, "above"
    elif before["below"] or before["sign_below"]:
        low, high, kind = -math.inf, value, "below"
    unit = _unit(before["money"] or "", after)
    noun = "" if unit.dimension else (after["noun"] or "").lower()
    counted = "" if noun in _NOT_COUNTED else noun
    return Quantity(
        before.start(), end, measured, (number.value,), low, high, kind, rough, unit, per, counted
    )


def _unit(money: str, after: re.Match[str]) -> UnitOfMeasure:
    if after["ordinal"]:
        return _RANK
    sign = money.lower().removesuffix(".")
    sign = "$" if sign == "us$" else sign
    written = sign or after["unit"] or after["hyphened"] or ""
    if written.endswith("$") and len(written) > 1:
        return UnitOfMeasure(written, written, 1.0, "")
    return unit_of(written) or _NO_UNIT


def _rate(per: str) -> str:
    """One name for what a rate is per: kg for kilogram; "" if it is no rate."""
    if unit := unit_of(per):
        return "tonne" if unit.sign == "ton" else unit.sign
    return per.lower() if per.lower() in _EACH else ""


def _range(text: str, one: Quantity, low: Number, other: Quantity, high: Number) -> Quantity | None:
    """One range from two quantities joined by "to", a dash, or "between … and"; None if they make none."""
    joint = text[one.end : other.start].strip().lower()
    is_range = joint in _BETWEEN and other.kind == "value" and not other.rough
    if not is_range or low.value >= high.value:
        return None
    if joint == "and" and not text[: one.start].rstrip().lower().endswith("between"):
        return None
    value = low.value
    if low.scale == 1 and value * high.scale < high.value:
        value *= high.scale  # "4 to 5 million"
    unit = other.unit if other.unit.dimension else one.unit
    return replace(
        other,
        start=one.start,
        values=(value, high.value),
        low=float(value),
        high=float(high.value),
        kind="range",
        rough=one.rough,
        unit=unit,
    )


# ---------------------------------------------------------------- numbers completed by their measure

_INCLUDED: Final = ("job", "jobs", "people", "cents")
"""Nouns that belong to their number like a unit."""
_AROUND: Final = 200
"""Characters around a phrase that are read with it."""


def with_measure(text: str, start: int, end: int) -> tuple[int, int]:
    """A phrase with the bound of its first number and the measure of its last: "22,000" is half an answer.

    >>> text = "It makes more than 22,000 tons a year."
    >>> text[slice(*with_measure(text, 19, 25))]
    'more than 22,000 tons'
    """
    begin = max(0, start - _REACH, end - _AROUND)
    for quantity in quantities(text[begin : end + _AROUND]):
        if quantity.kind in ("above", "below") and quantity.start < start - begin < quantity.end:
            start = begin + quantity.start
        if quantity.start < end - begin <= quantity.measured:
            last = begin + quantity.measured
            last += 1 + len(quantity.counted) if quantity.counted in _INCLUDED else 0
            after = _AFTER.match(text, last)
            per = (after["rate"] or "").lower() if after and after.start("rate") == last else ""
            return start, last + (len(per) if per.startswith((" per ", "/")) else 0)
    return start, end
