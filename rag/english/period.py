"""A time as English writes it, closed or open at an end → its first and last day.

Whole days, months, quarters and years, and those that are counted from a day: "last week", "the past
three months". What is vague ("early 2025", "a few weeks") or could be two things (3/4/2026) is not read.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from rag.english.lexicon import (
    MONTHS,
    ONES,
    ORDINALS,
    SHORT_MONTHS,
    TENS,
    WEEKDAYS,
    any_of,
    month_number,
)

_NUMBERS: Final = ONES | TENS
_MONTH = rf"(?:{any_of(MONTHS)}|{any_of(SHORT_MONTHS)}\b\.?)"
_YEAR = r"(?:1[89]|20)\d\d"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_UNIT = r"(?a:day|week|month|quarter|year)"
_NUMBER = rf"(?:\d{{1,3}}|{any_of(_NUMBERS)})"


class Period(NamedTuple):
    """A stretch of time, both days included."""

    first: dt.date
    last: dt.date


def _iso(match: re.Match[str], as_of: dt.date) -> Period:  # noqa: ARG001
    year, month = int(match[1]), int(match[2])
    return (
        _day_period(dt.date(year, month, int(match[3]))) if match[3] else _month_period(year, month)
    )


def _day_first(match: re.Match[str], as_of: dt.date) -> Period:
    day, month, year = match.groups()
    return _day_period(_on(year, month, day, as_of))


def _month_first(match: re.Match[str], as_of: dt.date) -> Period:
    month, day, year = match.groups()
    return _day_period(_on(year, month, day, as_of))


def _on(year: str | None, month: str, day: str, as_of: dt.date) -> dt.date:
    """The day; without a year the last such day that is not after ``as_of``."""
    number, of_month = month_number(month), int(re.sub(r"\D", "", day))
    if year is not None:
        return dt.date(int(year), number, of_month)
    return dt.date(as_of.year - ((number, of_month) > (as_of.month, as_of.day)), number, of_month)


def _month(match: re.Match[str], as_of: dt.date) -> Period:
    before, month, year = match.groups()
    number = month_number(month)
    to_come = number >= as_of.month if before else number > as_of.month
    return _month_period(int(year) if year else as_of.year - to_come, number)


def _quarter(match: re.Match[str], as_of: dt.date) -> Period:
    numbered, named, year = match.groups()
    number = int(numbered) if numbered else ORDINALS[named.lower()]
    return _quarter_period(
        int(year) if year else as_of.year - (3 * number - 2 > as_of.month), number
    )


def _year(match: re.Match[str], as_of: dt.date) -> Period:  # noqa: ARG001
    year = int(match[1])
    return Period(dt.date(year, 1, 1), dt.date(year, 12, 31))


def _named_day(match: re.Match[str], as_of: dt.date) -> Period:
    return _day_period(as_of - dt.timedelta(days=match[1].lower() == "yesterday"))


def _weekday(match: re.Match[str], as_of: dt.date) -> Period:
    back = (as_of.weekday() - WEEKDAYS.index(match[2].lower())) % 7
    return _day_period(as_of - dt.timedelta(days=back or (7 if match[1] else 0)))


def _calendar_unit(match: re.Match[str], as_of: dt.date) -> Period:
    """This week or the last, from Monday to Sunday; this month, quarter or year, or the last."""
    past, unit = match[1].lower() == "last", match[2].lower()
    if unit == "week":
        monday = as_of - dt.timedelta(days=as_of.weekday() + 7 * past)
        return Period(monday, monday + dt.timedelta(days=6))
    if unit == "year":
        return Period(dt.date(as_of.year - past, 1, 1), dt.date(as_of.year - past, 12, 31))
    if unit == "quarter":
        years, quarter = divmod(as_of.year * 4 + (as_of.month - 1) // 3 - past, 4)
        return _quarter_period(years, quarter + 1)
    years, month = divmod(as_of.year * 12 + as_of.month - 1 - past, 12)
    return _month_period(years, month + 1)


def _rolling(match: re.Match[str], as_of: dt.date) -> Period:
    """So many days, weeks, months or years up to ``as_of``."""
    written, unit = (match[1] or "1").lower(), match[2].lower()
    number = int(written) if written.isdecimal() else _NUMBERS[written]
    if unit in ("day", "week"):
        return Period(as_of - dt.timedelta(days=number * (7 if unit == "week" else 1)), as_of)
    months = number * {"month": 1, "quarter": 3, "year": 12}[unit]
    years, month = divmod(as_of.year * 12 + as_of.month - 1 - months, 12)
    day = min(as_of.day, calendar.monthrange(years, month + 1)[1])
    return Period(dt.date(years, month + 1, day), as_of)


_READERS: Final[tuple[tuple[str, Callable[[re.Match[str], dt.date], Period]], ...]] = (
    (rf"({_YEAR})-(\d\d)(?:-(\d\d))?", _iso),
    (rf"(?:the )?({_DAY})(?: of|-)? ?({_MONTH})(?:,? ({_YEAR}))?", _day_first),
    (rf"({_MONTH}) (?:the )?({_DAY})(?:,? ({_YEAR}))?", _month_first),
    (rf"(last )?({_MONTH})(?:,? (?:of )?({_YEAR}))?", _month),
    (
        rf"(?:q([1-4])|the ({any_of(list(ORDINALS)[:4])}) quarter)(?:,?[ /-](?:of )?({_YEAR}))?",
        _quarter,
    ),
    (rf"({_YEAR})", _year),
    (r"(today|yesterday)", _named_day),
    (rf"(last )?({any_of(WEEKDAYS)})", _weekday),
    (r"(this|last) (week|month|quarter|year)", _calendar_unit),
    (rf"(?:(?:the |this )?past|the last)(?: ({_NUMBER}))? ({_UNIT})s?", _rolling),
    (rf"last ({_NUMBER}) ({_UNIT})s?", _rolling),
)

PERIOD: Final = f"(?:{'|'.join(re.sub(r'[(](?![?])', '(?:', way) for way, _ in _READERS)})"
"""What ``read_period`` reads, as a regular expression without groups; words in it are one space apart."""

_AFTER, _BEFORE, _UNTIL = (
    ("after", "later than", "newer than"),
    ("before", "prior to", "earlier than", "older than"),
    ("until", "till", "up to"),
)
BOUND: Final = "|".join(("since", *_AFTER, *_BEFORE, *_UNTIL))
"""Words that leave the time after them open at one end, as alternatives of a regular expression."""

_RANGE: Final = re.compile(
    r"(?:between|from) (.+) (?:and|to|until|till|through|[-–]) (.+)", re.IGNORECASE
)
_SINGLE: Final = re.compile(
    rf"(?:from (?={BOUND}))?(?:({BOUND}|from|of|dated|in|on|during|over|within) )?(.+?)( on| onwards?)?",
    re.IGNORECASE,
)
_COMPILED: Final = [(re.compile(way, re.IGNORECASE), reader) for way, reader in _READERS]


def read_period(written: str, as_of: dt.date) -> Period | None:
    """The days that a wording means on the day ``as_of``; None for one that means none.

    A month, quarter or day without a year is the last such that had begun by ``as_of``.

    >>> read_period("October", dt.date(2026, 3, 20)).first.isoformat()
    '2025-10-01'
    """
    for way, reader in _COMPILED:
        if match := way.fullmatch(written):
            try:
                return reader(match, as_of)
            except (ValueError, OverflowError):  # 31 June; before the year 1
                return None
    return None


def read_bounds(written: str, as_of: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """First and last day of a time with the words that bound it; None where it is open.

    Both are None for what means no days.

    >>> read_bounds("before November 2025", dt.date(2026, 3, 20))
    (None, datetime.date(2025, 10, 31))
    """
    if between := _RANGE.fullmatch(written):
        last = read_period(between[2], as_of)
        # "October to March 2026" begins in the October before.
        bare = last and not re.search(r"\d{4}", between[1])
        first = read_period(between[1], last.last if last and bare else as_of)
        return (first.first, last.last) if first and last else (None, None)
    match = _SINGLE.fullmatch(written)
    period = read_period(match[2], as_of) if match else None
    if match is None or period is None:
        return None, None
    bound, (first_day, last_day) = (match[1] or "").lower(), period
    try:
        if bound in _AFTER:
            return last_day + dt.timedelta(days=1), None
        if bound in _BEFORE:
            return None, first_day - dt.timedelta(days=1)
    except OverflowError:  # the end of the calendar
        return None, None
    begins, ends = bound not in _UNTIL, bound != "since" and not match[3]
    return first_day if begins else None, last_day if ends else None


def _day_period(day: dt.date) -> Period:
    return Period(day, day)


def _month_period(year: int, month: int) -> Period:
    return Period(
        dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])
    )


def _quarter_period(year: int, quarter: int) -> Period:
    return Period(
        dt.date(year, 3 * quarter - 2, 1),
        _month_period(year, 3 * quarter).last,
    )
