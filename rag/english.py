"""English words for numbers, months, weekdays and units of measure.

One list of each, for every room that reads them. What may stand around such a word, and what it is taken
for there, is the room's own matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

ONES: Final = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
        " sixteen seventeen eighteen nineteen".split()
    )
}
TENS: Final = {
    word: 10 * number
    for number, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), 2
    )
}
SCALES: Final = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
SHORT_SCALES: Final = {"k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9, "tn": 10**12}
"""Scales set straight after a number: "$4.2m"."""
ORDINALS: Final = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1
    )
}
MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)
SHORT_MONTHS: Final = "jan feb mar apr jun jul aug sep sept oct nov dec".split()
WEEKDAYS: Final = "monday tuesday wednesday thursday friday saturday sunday".split()
CURRENCY_SIGNS: Final = "$€£¥"


def any_of(words: Iterable[str]) -> str:
    """A regular expression for one of several words, the longest first.

    Its letters are ASCII also where case is ignored, where "ı" would else do for "i": so what it matches
    is found among the words once it is in lower case.

    >>> any_of(["ten", "tenth"])
    '(?a:tenth|ten)'
    """
    return f"(?a:{'|'.join(sorted(words, key=len, reverse=True))})"


MONTH: Final = any_of((*MONTHS, *SHORT_MONTHS))
"""A month, spelt out or abbreviated, as a regular expression."""


def month_number(name: str) -> int:
    """The number of a month, from 1, by the first three letters of its name.

    Raises ``ValueError`` if there is none.

    >>> month_number("Sept."), month_number("march")
    (9, 3)
    """
    return [month[:3] for month in MONTHS].index(name[:3].lower()) + 1


class Unit(NamedTuple):
    """A unit of measure."""

    dimension: str
    """What it measures; of money, the currency."""
    sign: str
    """One name for it."""
    factor: float
    """How much it is of the first unit of its dimension."""
    written: str
    """How it is written, as alternatives of a regular expression."""
    letter: str = ""
    """A letter that stands for it too, as it does for much else."""


UNITS: Final = (
    Unit("mass", "kg", 1.0, r"kilogram(?:me)?s?|kg|kilos?"),
    Unit("mass", "g", 1e-3, r"gram(?:me)?s?", "g"),
    Unit("mass", "tonne", 1e3, r"(?:metric )?tonnes?|metric tons?|mt", "t"),
    Unit("mass", "ton", 1e3, r"tons?"),
    Unit("mass", "short ton", 907.18474, r"short tons?"),
    Unit("mass", "long ton", 1016.0469, r"long tons?"),
    Unit("mass", "kiloton", 1e6, r"kilotons?|kilotonnes?"),
    Unit("mass", "lb", 0.45359237, r"pounds?|lbs?"),
    Unit("mass", "oz", 0.028349523, r"ounces?|oz"),
    Unit("length", "m", 1.0, r"met(?:er|re)s?", "m"),
    Unit("length", "km", 1e3, r"kilomet(?:er|re)s?|km"),
    Unit("length", "cm", 1e-2, r"centimet(?:er|re)s?|cm"),
    Unit("length", "mm", 1e-3, r"millimet(?:er|re)s?|mm"),
    Unit("length", "mile", 1609.344, r"miles?"),
    Unit("length", "nautical mile", 1852.0, r"nautical miles?"),
    Unit("length", "ft", 0.3048, r"feet|foot|ft"),
    Unit("length", "inch", 0.0254, r"inch(?:es)?"),
    Unit("length", "yard", 0.9144, r"yards?"),
    Unit("area", "ha", 1.0, r"hectares?|ha"),
    Unit("area", "acre", 0.40468564, r"acres?"),
    Unit("area", "km²", 100.0, r"square kilomet(?:er|re)s?|km²"),
    Unit("area", "m²", 1e-4, r"square met(?:er|re)s?|m²"),
    Unit("area", "square mile", 258.99881, r"square miles?"),
    Unit("volume", "l", 1.0, r"lit(?:er|re)s?"),
    Unit("volume", "m³", 1e3, r"cubic met(?:er|re)s?|m³"),
    Unit("volume", "gallon", 3.7854118, r"gallons?"),
    Unit("volume", "barrel", 158.98729, r"barrels?"),
    Unit("time", "day", 1.0, r"days?"),
    Unit("time", "week", 7.0, r"weeks?"),
    Unit("time", "hour", 1 / 24, r"hours?|hrs?"),
    Unit("time", "minute", 1 / 1440, r"minutes?|mins?"),
    Unit("time", "second", 1 / 86400, r"seconds?"),
    Unit("time", "month", 365.25 / 12, r"months?"),
    Unit("time", "year", 365.25, r"years?|yrs?|annum"),
    Unit("time", "decade", 3652.5, r"decades?"),
    Unit("time", "century", 36525.0, r"centur(?:y|ies)"),
    Unit("power", "w", 1.0, r"watts?"),
    Unit("power", "kw", 1e3, r"kilowatts?|kw"),
    Unit("power", "mw", 1e6, r"megawatts?|mw"),
    Unit("power", "gw", 1e9, r"gigawatts?|gw"),
    Unit("energy", "kwh", 1.0, r"kilowatt[ -]hours?|kwh"),
    Unit("energy", "mwh", 1e3, r"megawatt[ -]hours?|mwh"),
    Unit("energy", "gwh", 1e6, r"gigawatt[ -]hours?|gwh"),
    Unit("energy", "twh", 1e9, r"terawatt[ -]hours?|twh"),
    Unit("voltage", "v", 1.0, r"volts?"),
    Unit("share", "%", 1.0, r"per ?cent|pct|%"),
    Unit("points", "percentage point", 1.0, r"percentage points?"),
    Unit("points", "basis point", 1e-2, r"basis points?"),
    Unit("temperature", "degree", 1.0, r"degrees?(?: celsius)?|°c?"),
    Unit("dollar", "$", 1.0, r"(?:u\.?s\.? )?dollars?|usd"),
    Unit("euro", "€", 1.0, r"euros?|eur"),
    Unit("pound", "£", 1.0, r"pounds sterling|gbp"),
    Unit("yen", "¥", 1.0, r"yen|jpy"),
    Unit("yuan", "yuan", 1.0, r"yuan|renminbi|rmb|cny"),
    Unit("krone", "krone", 1.0, r"kroner|kronor|krone|krona"),
    Unit("franc", "franc", 1.0, r"(?:swiss )?francs?|chf"),
    Unit("rupee", "rupee", 1.0, r"rupees?"),
    Unit("crown", "crown", 1.0, r"crowns?"),
)
UNIT: Final = f"(?:{'|'.join(sorted((unit.written for unit in UNITS), key=len, reverse=True))})"
"""A unit but for the letters, as a regular expression: kilowatt hours before kilowatts."""
CURRENCIES: Final = frozenset("dollar euro pound yen yuan krone franc rupee crown".split())
"""The dimensions that are money."""
_COMPILED: Final = [
    (re.compile("|".join(filter(None, (unit.written, unit.letter))), re.IGNORECASE), unit)
    for unit in UNITS
]


def unit_of(written: str) -> Unit | None:
    """The unit that a word or two stand for, if they stand for one.

    >>> unit_of("Kilometres").sign
    'km'
    """
    return next((unit for pattern, unit in _COMPILED if pattern.fullmatch(written)), None)
