"""Dates as articles write them.

Only lines that are a date, or a date with a byline or a label, are read; a date inside prose says
when something happened, not when it was published.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from rag.english.lexicon import MONTH, month_number

_MONTH = rf"{MONTH}\b\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:1[5-9]|20)\d\d"
_GAP = r"[ \u00a0\u202f]{1,2}"
_DATE = (
    rf"(?P<iso>{_YEAR}-\d{{1,2}}-\d{{1,2}}|{_YEAR}/\d{{1,2}}/\d{{1,2}}|{_YEAR}\.\d{{1,2}}\.\d{{1,2}})"
    rf"|(?P<han>{_YEAR}年\d{{1,2}}月\d{{1,2}}日)"
    rf"|(?P<num>\d{{1,2}}(?P<sep>[/.-])\d{{1,2}}(?P=sep){_YEAR})"
    rf"|(?P<dmy>{_DAY}(?:{_GAP}(?:of )?|-){_MONTH},?(?:{_GAP}|-){_YEAR})"
    rf"|(?P<mdy>{_MONTH}{_GAP}{_DAY},?{_GAP}{_YEAR})"
    rf"|(?P<my>{_MONTH},?{_GAP}{_YEAR})"
    rf"|(?P<md>{_MONTH}{_GAP}{_DAY}(?!\d))"
    rf"|(?P<dm>{_DAY}{_GAP}{_MONTH})"
)
_TIME = (
    r"(?:T|,?[ \u00a0\u202f](?:at |[-\u2013|] ?)?)\d{1,2}[:.]\d{2}(?::\d{2}(?:\.\d+)?)?"
    r"(?:[ \u00a0\u202f]?[ap]\.?m\b\.?)?(?:[ \u00a0]?(?:[A-Z]{2,4}\b|Z\b|[+-]\d{2}:?\d{2}))?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?[ \u00a0])"
_LABEL = (
    r"(?P<label>(?:first |originally )?(?:posted|published|updated|last updated|last modified"
    r"|modified|released?|issued|created|dated?|publication date|release date|date published"
    r"|date posted)(?: on| at)?\s{0,3}[:\-\u2013]?\s{1,3}|date:\s{0,3}|published:|posted:)"
)
_LINE = re.compile(
    rf"(?P<before>(?:[^|•·\n]{{2,80}}?[ \u00a0][|•·][ \u00a0])?)"
    rf"{_LABEL}?(?P<weekday>{_WEEKDAY})?(?P<date>{_DATE})(?P<time>{_TIME})?"
    r"(?P<rest>|[ \u00a0]{0,3}[|•·\u2013—(,].{0,160}|[ \u00a0]-[ \u00a0].{0,80}"
    r"|[ \u00a0]{0,3}\d{1,3} min(?:ute)?s? read)",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    rf"(?P<before>by [^,|\n]{{3,60}}),? (?:on )?(?P<label>)(?P<weekday>)"
    rf"(?P<date>{_DATE})(?P<time>{_TIME})?(?P<rest>)",
    re.IGNORECASE,
)
_NUMERIC = re.compile(rf"(?<![\d/.-])(\d{{1,2}})([/.-])(\d{{1,2}})\2{_YEAR}(?![\d/-])")

_LONGEST_LINE = 240
# How much of a text is searched for a numeric date that tells whether day or month comes first.
_ORDER_WINDOW = 200_000


@dataclass(frozen=True, slots=True)
class Dateline:
    """A line that gives a date.

    ``written`` is the date (and time) as it stands there, ``label`` the word before it in small
    letters ("posted on"), ``before`` and ``rest`` what else the line holds. ``day`` is the date if
    it is whole; ``ambiguous`` if day and month could be either.
    """

    written: str
    label: str
    before: str
    rest: str
    day: dt.date | None
    ambiguous: bool


def is_dateline(line: str) -> bool:
    """Whether a line gives a date and is nothing else than a dateline."""
    return read_dateline(line) is not None


def read_dateline(line: str, *, month_first: bool | None = None) -> Dateline | None:
    """The date of a line that is a dateline, else None.

    ``month_first`` settles 3/4/2026; without it such a date has no ``day``. A date that cannot be
    (31 Feb) makes no dateline.
    """
    line = line.strip()
    if len(line) > _LONGEST_LINE or not any(map(str.isdigit, line)):
        return None
    match = _LINE.fullmatch(line) or _BYLINE.fullmatch(line)
    if match is None or _says_more(match):
        return None
    days: list[dt.date] = []
    if not match["my"]:
        days = _readings(match)
        if not days:
            return None
    whole = not _is_partial(match)
    ambiguous = whole and len(days) > 1 and month_first is None
    day = days[-1 if month_first is False else 0] if whole and not ambiguous else None
    return Dateline(
        written=match["date"] + (match["time"] or ""),
        label=_label(match),
        before=match["before"].strip(" |•·"),
        rest=match["rest"].strip(),
        day=day,
        ambiguous=ambiguous,
    )


def iso_date(text: str) -> str | None:
    """The ISO form of a text that is one whole, unambiguous date (a time may follow), else None."""
    line = read_dateline(text)
    return line.day.isoformat() if line and line.day else None


def month_comes_first(text: str) -> bool | None:
    """Whether numeric dates of a text put the month first, by those that can be read only one way.

    None if there is no such date, or they disagree.
    """
    orders = set()
    for match in _NUMERIC.finditer(text, 0, min(len(text), _ORDER_WINDOW)):
        first, second = int(match[1]), int(match[3])
        if first <= 12 < second <= 31:
            orders.add(True)
        elif second <= 12 < first <= 31:
            orders.add(False)
    return orders.pop() if len(orders) == 1 else None


def _label(match: re.Match[str]) -> str:
    return (match["label"] or "").strip(" :-\u2013").lower()


def _is_partial(match: re.Match[str]) -> bool:
    return bool(match["my"] or match["md"] or match["dm"])


def _says_more(match: re.Match[str]) -> bool:
    """Whether a line that begins like a dateline is prose, a headline or an announcement."""
    rest = match["rest"].strip()
    # "October 28, 2025, was a cold day."
    if rest and (rest[-1] in ".!?" or (rest[0] == "," and len(rest.split()) > 4)):
        return True
    # "Saturday, 26 February" announces an event; "May 2025 - a review" is a title.
    bare = _is_partial(match) and not _label(match)
    return bare and bool(match["weekday"] or (rest and rest[0] in ",(\u2013—-"))


def _readings(match: re.Match[str]) -> list[dt.date]:
    """The days a date can mean: none, one, or two of which the first has the month first."""
    numbers = [int(n) for n in re.findall(r"\d+", match["date"])]
    if match["iso"] or match["han"]:
        found = [_day(*numbers)]
    elif match["num"]:
        first, second, year = numbers
        found = [_day(year, first, second), _day(year, second, first)]
    elif _is_partial(match):
        found = [_day(2000, _month(match["date"]), numbers[0])]  # a leap year admits 29 February
    else:
        # The number of four digits is the year.
        found = [_day(max(numbers), _month(match["date"]), min(numbers))]
    return list(dict.fromkeys(day for day in found if day))


def _month(date: str) -> int:
    """The month named in a date."""
    [name] = re.findall(_MONTH, date, re.IGNORECASE)
    return month_number(name)


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
