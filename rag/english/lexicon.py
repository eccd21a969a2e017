"""English words that can be listed: closed classes, numbers, months, units of measure.

Each class has one list, in lower case; all other code builds its lists from these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final, NamedTuple


def word_set(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


ARTICLES: Final = word_set("a an the")
DEMONSTRATIVES: Final = word_set("this that these those")
POSSESSIVES: Final = word_set("my your his her its our their")
QUANTIFIERS: Final = word_set("all another any both each every no some such")
DETERMINERS: Final = ARTICLES | DEMONSTRATIVES | POSSESSIVES | QUANTIFIERS
AMOUNTS: Final = word_set("few fewer less many more most much several")
IDENTIFIERS: Final = word_set("former latter other own same")
"""Words after "the" or "its" that say which one is meant."""

SUBJECT_PRONOUNS: Final = word_set("i you he she it we they")
OBJECT_PRONOUNS: Final = word_set("me you him her it us them")
OWN_PRONOUNS: Final = word_set("mine yours his hers ours theirs")
REFLEXIVE_PRONOUNS: Final = word_set("myself yourself himself herself itself ourselves themselves")
INDEFINITE_PRONOUNS: Final = frozenset(
    begin + end for begin in ("any", "every", "no", "some") for end in ("body", "one", "thing")
) - {"noone"}
PRONOUNS: Final = (
    SUBJECT_PRONOUNS | OBJECT_PRONOUNS | REFLEXIVE_PRONOUNS | INDEFINITE_PRONOUNS
) - {"her"}
"""Words for a whole noun phrase; "her" more often begins one."""
QUESTION_WORDS: Final = word_set("who whom whose what which when where why how")

BE: Final = word_set("am is are was were")
"""The forms of "to be" that can be the verb of a sentence."""
HAVE: Final = word_set("has have had")
DO: Final = word_set("do does did")
MODALS: Final = word_set("can could may might must shall should will would")
AUXILIARIES: Final = BE | HAVE | DO | MODALS | {"be"}
NON_FINITE: Final = word_set("been being doing done having")
"""The other forms of auxiliaries."""

COMMON_PREPOSITIONS: Final = word_set("about as at by for from in into of on to with")
PREPOSITIONS: Final = COMMON_PREPOSITIONS | word_set(
    "above across after against among around as before behind below beside between beyond despite down"
    " during inside near off onto out outside over per since than through toward towards under until up"
    " upon via within without"
)
COORDINATORS: Final = word_set("and but nor or so yet")
SUBORDINATORS: Final = word_set(
    "although as because before after if once since than though unless until when where whereas"
    " whether while"
)
CONJUNCTIONS: Final = COORDINATORS | SUBORDINATORS
NEGATIONS: Final = word_set("no not never none neither nor nobody nothing nowhere without cannot")
LINKS: Final = word_set(
    "additionally also besides consequently finally furthermore hence however indeed instead meanwhile"
    " moreover nevertheless nonetheless overall similarly still then therefore thus ultimately yet"
)
"""Adverbs that open a sentence and link it to the one before."""
PLACE_AND_TIME: Final = word_set("here there now then")
FUNCTION_WORDS: Final = AUXILIARIES.union(
    CONJUNCTIONS,
    DETERMINERS,
    LINKS,
    NEGATIONS,
    PLACE_AND_TIME,
    PREPOSITIONS,
    PRONOUNS,
    QUESTION_WORDS,
)
"""They begin no name."""
PRESS: Final = word_set("media newspapers papers press")
COVERAGE: Final = word_set("coverage reporting reports stories")
"""With ``PRESS`` and "news", what questions call the articles."""


def _numbered(words: str, first: int, step: int = 1) -> dict[str, int]:
    return dict(zip(words.split(), count(first, step), strict=False))


ONES: Final = _numbered(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen",
    0,
)
TENS: Final = _numbered("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10)
SCALES: Final = {
    "dozen": 12, "hundred": 100, "thousand": 10**3, "lakh": 10**5, "million": 10**6, "crore": 10**7,
    "billion": 10**9, "trillion": 10**12,
}  # fmt: skip
SHORT_SCALES: Final = {
    "k": 10**3,
    **dict.fromkeys(("m", "mn", "mln", "mio"), 10**6),
    **dict.fromkeys(("b", "bn", "bln", "mrd"), 10**9),
    **dict.fromkeys(("tn", "trn"), 10**12),
}
"""Scales written directly after a number: "$4.2m"."""
ORDINALS: Final = _numbered("first second third fourth fifth sixth seventh eighth ninth tenth", 1)
SLASHED: Final = "(?:1[/⁄][2-9]|[23][/⁄][457]|2[/⁄]3|[3579][/⁄](?:8|10|16))"
"""A fraction of two figures as people write them, as a regular expression; "1/2" may be a score, too."""
MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)
SHORT_MONTHS: Final = "jan feb mar apr jun jul aug sep sept oct nov dec".split()
WEEKDAYS: Final = "monday tuesday wednesday thursday friday saturday sunday".split()
PARTS_OF_DAY: Final = ("morning", "afternoon", "evening", "night")
SEASONS: Final = ("spring", "summer", "autumn", "winter")
PERIODS: Final = ("hour", "day", "week", "month", "year", "season", "decade", "century")
TIMES: Final = frozenset((*MONTHS, *WEEKDAYS, *SEASONS, *PERIODS, *PARTS_OF_DAY))
DATES: Final = ("year", "month", "day", "date", "time")
"""Nouns with which a question asks for a time: "which year"."""
DIRECTIONS: Final = word_set(
    "north south east west northern southern eastern western upper lower inner outer"
)
CURRENCY_SIGNS: Final = "$€£¥₹"
CURRENCY_CODES: Final = word_set("usd eur gbp jpy cny rmb chf inr rs")
"""They may stand before a number: "EUR 40 million", "Rs 4 lakh"."""


def any_of(words: Iterable[str]) -> str:
    """A regular expression for one of several words, the longest first.

    It matches only ASCII letters even if case is ignored, so every match is, in lower case, one of the
    words; otherwise "ı" would match "i".

    >>> any_of(["ten", "tenth"])
    '(?a:tenth|ten)'
    """
    return f"(?a:{'|'.join(sorted(words, key=lambda word: (-len(word), word)))})"


def month_number(name: str) -> int:
    """The number of a month, from 1, by the first three letters of its name.

    Raises ``ValueError`` for any other word.

    >>> month_number("Sept."), month_number("march")
    (9, 3)
    """
    return [month[:3] for month in MONTHS].index(name[:3].lower()) + 1


class UnitOfMeasure(NamedTuple):
    """A unit of measure."""

    dimension: str
    """What it measures; for money, the currency."""
    sign: str
    """Its one name here."""
    factor: float
    """Its size in the first unit of its dimension."""
    written: str
    """How it is written: forms with "|" between them, "(s)" for a plural in -s."""
    letter: str = ""
    """A letter that can also stand for it, as for much else."""


UNITS: Final = (
    UnitOfMeasure("mass", "kg", 1.0, "kilogram(s)|kilogramme(s)|kg|kilo(s)"),
    UnitOfMeasure("mass", "g", 1e-3, "gram(s)|gramme(s)", "g"),
    UnitOfMeasure("mass", "tonne", 1e3, "tonne(s)|metric tonne(s)|metric ton(s)|mt", "t"),
    UnitOfMeasure("mass", "ton", 1e3, "ton(s)"),
    UnitOfMeasure("mass", "short ton", 907.18474, "short ton(s)"),
    UnitOfMeasure("mass", "long ton", 1016.0469, "long ton(s)"),
    UnitOfMeasure("mass", "kiloton", 1e6, "kiloton(s)|kilotonne(s)|kt"),
    UnitOfMeasure("mass", "lb", 0.45359237, "pound(s)|lb(s)"),
    UnitOfMeasure("mass", "oz", 0.028349523, "ounce(s)|oz"),
    UnitOfMeasure("length", "m", 1.0, "meter(s)|metre(s)", "m"),
    UnitOfMeasure("length", "km", 1e3, "kilometer(s)|kilometre(s)|km"),
    UnitOfMeasure("length", "cm", 1e-2, "centimeter(s)|centimetre(s)|cm"),
    UnitOfMeasure("length", "mm", 1e-3, "millimeter(s)|millimetre(s)|mm"),
    UnitOfMeasure("length", "mile", 1609.344, "mile(s)"),
    UnitOfMeasure("length", "nautical mile", 1852.0, "nautical mile(s)"),
    UnitOfMeasure("length", "ft", 0.3048, "feet|foot|ft"),
    UnitOfMeasure("length", "inch", 0.0254, "inch|inches"),
    UnitOfMeasure("length", "yard", 0.9144, "yard(s)"),
    UnitOfMeasure("area", "ha", 1.0, "hectare(s)|ha"),
    UnitOfMeasure("area", "acre", 0.40468564, "acre(s)"),
    UnitOfMeasure("area", "km²", 100.0, "square kilometer(s)|square kilometre(s)|km²|km2|sq km"),
    UnitOfMeasure("area", "m²", 1e-4, "square meter(s)|square metre(s)|m²|m2|sq m"),
    UnitOfMeasure("area", "square mile", 258.99881, "square mile(s)"),
    UnitOfMeasure("volume", "l", 1.0, "liter(s)|litre(s)"),
    UnitOfMeasure("volume", "m³", 1e3, "cubic meter(s)|cubic metre(s)|m³|m3|cu m"),
    UnitOfMeasure("volume", "gallon", 3.7854118, "gallon(s)"),
    UnitOfMeasure("volume", "barrel", 158.98729, "barrel(s)"),
    UnitOfMeasure("time", "day", 1.0, "day(s)"),
    UnitOfMeasure("time", "week", 7.0, "week(s)"),
    UnitOfMeasure("time", "hour", 1 / 24, "hour(s)|hr(s)"),
    UnitOfMeasure("time", "minute", 1 / 1440, "minute(s)|min(s)"),
    UnitOfMeasure("time", "second", 1 / 86400, "second(s)"),
    UnitOfMeasure("time", "month", 365.25 / 12, "month(s)"),
    UnitOfMeasure("time", "year", 365.25, "year(s)|yr(s)|annum"),
    UnitOfMeasure("time", "decade", 3652.5, "decade(s)"),
    UnitOfMeasure("time", "century", 36525.0, "century|centuries"),
    UnitOfMeasure("power", "w", 1.0, "watt(s)"),
    UnitOfMeasure("power", "kw", 1e3, "kilowatt(s)|kw"),
    UnitOfMeasure("power", "mw", 1e6, "megawatt(s)|mw"),
    UnitOfMeasure("power", "gw", 1e9, "gigawatt(s)|gw"),
    UnitOfMeasure("energy", "kwh", 1.0, "kilowatt hour(s)|kilowatt-hour(s)|kwh"),
    UnitOfMeasure("energy", "mwh", 1e3, "megawatt hour(s)|megawatt-hour(s)|mwh"),
    UnitOfMeasure("energy", "gwh", 1e6, "gigawatt hour(s)|gigawatt-hour(s)|gwh"),
    UnitOfMeasure("energy", "twh", 1e9, "terawatt hour(s)|terawatt-hour(s)|twh"),
    UnitOfMeasure("voltage", "v", 1.0, "volt(s)"),
    UnitOfMeasure("share", "%", 1.0, "percent|per cent|pct|%"),
    UnitOfMeasure("points", "percentage point", 1.0, "percentage point(s)"),
    UnitOfMeasure("points", "basis point", 1e-2, "basis point(s)|bps"),
    UnitOfMeasure("temperature", "degree", 1.0, "degree(s)|degree celsius|degrees celsius|°|°c"),
    UnitOfMeasure("dollar", "$", 1.0, "dollar(s)|us dollar(s)|u.s. dollar(s)|usd"),
    UnitOfMeasure("euro", "€", 1.0, "euro(s)|eur"),
    UnitOfMeasure("pound", "£", 1.0, "pounds sterling|gbp"),
    UnitOfMeasure("yen", "¥", 1.0, "yen|jpy"),
    UnitOfMeasure("yuan", "yuan", 1.0, "yuan|renminbi|rmb|cny"),
    UnitOfMeasure("krone", "krone", 1.0, "kroner|kronor|krone|krona"),
    UnitOfMeasure("franc", "franc", 1.0, "franc(s)|swiss franc(s)|chf"),
    UnitOfMeasure("rupee", "₹", 1.0, "rupee(s)|inr|rs"),
    UnitOfMeasure("crown", "crown", 1.0, "crown(s)"),
)


def _forms(unit: UnitOfMeasure) -> Iterator[str]:
    for form in unit.written.split("|"):
        yield form.removesuffix("(s)")
        if form.endswith("(s)"):
            yield form.replace("(s)", "s")
    if unit.letter:
        yield unit.letter


_UNIT_OF: Final = {form: unit for unit in UNITS for form in _forms(unit)}
_LETTERS: Final = {unit.letter for unit in UNITS}
UNIT: Final = any_of(form.replace(".", r"\.") for form in _UNIT_OF if form not in _LETTERS)
"""A unit, but no single letter, as a regular expression."""
_MONEY: Final = {unit.sign: unit for unit in UNITS if unit.sign in CURRENCY_SIGNS}


def unit_of(written: str) -> UnitOfMeasure | None:
    """The unit that some words or a currency sign stand for; None for anything else.

    >>> unit_of("Kilometres").sign
    'km'
    """
    return _UNIT_OF.get(written.lower()) or _MONEY.get(written)


# ---------------------------------------------------------------- titles and headings

SMALL: Final = (
    ARTICLES
    | COORDINATORS
    | COMMON_PREPOSITIONS
    | word_set("vs via per over is are it de la le du von van der und et")
)
"""Words that titles write without a capital, also inside foreign names."""
SECTIONS: Final = word_set(
    "introduction overview summary background abstract highlights contents conclusion"
)
"""Headings of sections that any article may have."""
NOTHING: Final = word_set("null none nil nan false n/a na untitled undefined unknown tbd todo") | {
    "",
    "no title",
}
"""What programs write where a title, a name or a date is missing."""
