"""Days and longer times as English writes them, with their offsets in the text.

"28 October 2025", "2025-10-28", "Oct. 28", "the first of September", "Q1 2026", "the 1990s", "2024",
"Monday"; and times counted from today: "last week", "the past three months", "two days ago". Vague times
("early 2025", "a few weeks") and digits that could be two days (3/4/2026) are not read.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from rag.english import lexicon
from rag.english.lexicon import any_of, month_number, word_set
from rag.english.words import lower_words, word_before

YEAR: Final = r"(?:1[5-9]|20)\d\d"
NUMERIC: Final = rf"\d\d?(?P<sign>[/.-])\d\d?(?P=sign){YEAR}"
"""Day and month, in either order, and a year, as a regular expression."""
_NUMBERS: Final = lexicon.ONES | lexicon.TENS
_NUMBER: Final = rf"(?:\d{{1,3}}|{any_of(_NUMBERS)})"
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_GAP: Final = r"\s{1,2}"
_END: Final = r"(?![\w%]|[.,:]\d)"
_TIME: Final = re.compile(
    rf"(?<![\w{lexicon.CURRENCY_SIGNS}])(?:"
    rf"(?P<digits>{YEAR}(?:-\d\d(?!-)|(?P<dash>[-/.])\d\d?(?P=dash)\d\d?|年\d\d?月\d\d?日)"
    rf"|(?<![\d/.-]){NUMERIC})(?!\d|[/-]\w|\.\d)"
    rf"|(?:(?P<last>last )|(?:the )?(?:(?P<before>{_DAY})(?:{_GAP}(?:of )?|-)"
    rf"|(?P<nth>{any_of(lexicon.ORDINALS)}) of ))?"
    rf"(?P<month>(?P<short>{any_of(lexicon.SHORT_MONTHS)}\b\.?)|{any_of(lexicon.MONTHS)}\b)"
    rf"(?(before)|(?:{_GAP}(?:the )?(?P<after>{_DAY}){_END})?)"
    rf"(?:(?:,?{_GAP}(?:of )?|-)(?P<year_of>{YEAR}){_END})?"
    rf"|(?:q(?P<quarter>[1-4])|(?:the )?(?P<nth_quarter>{any_of(list(lexicon.ORDINALS)[:4])}) quarter)\b"
    rf"(?:,?[ /-](?:of )?(?P<year_of_quarter>{YEAR})\b)?"
    r"|(?:the )?(?P<decade>(?:1[5-9]|20)\d0)s\b"
    rf"|(?<![.,])(?<!\d[-–/])(?P<year>{YEAR})(?![\w%]|[-–.,/]\d"
    rf"|[ -]?(?:{lexicon.UNIT}|people|jobs)(?![^\W_]))"
    r"|(?P<day>today|yesterday|tomorrow)\b|(?P<turn>this|last|next) (?P<unit>week|month|quarter|year)\b"
    rf"|(?P<ago>{_NUMBER}|an?) (?P<unit_ago>day|week|month|year)s? ago\b"
    rf"|(?:(?:(?:the |this )?past|the last)(?: (?P<count>{_NUMBER}))?|last (?P<many>{_NUMBER}))"
    r" (?P<units>(?a:day|week|month|quarter|year))s?\b"
    rf"|(?:(?P<beside>last|next) )?(?P<weekday>{any_of(lexicon.WEEKDAYS)})s?\b"
    r")",
    re.IGNORECASE,
)
_OF_TIME: Final = lexicon.PREPOSITIONS - {"as"} | {"last", "next", "early", "late", "mid", ""}
"""One of these must stand before "may" without a capital; otherwise it is a verb."""
_BOUNDS: Final = ("until", "till", "before", "after", "since")
_TO_COME: Final = word_set("will would shall to next coming")
_SHIFTS: Final = {"yesterday": -1, "tomorrow": 1, "last": -1, "next": 1}
_MONTHS_IN: Final = {"month": 1, "quarter": 3, "year": 12}


class Period(NamedTuple):
    """All days from ``first`` to ``last``, both included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Date:
    """The parts of a time that ``text[start:end]`` names."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    decade: int | None = None
    """Its first year."""
    weekday: int | None = None
    """From 0, Monday."""
    turn: str = ""
    """How it is counted from today: this, last, next, past, ago, today, yesterday, tomorrow; else ""."""
    unit: str = ""
    count: int = 1
    """How many units "the past …" spans, or "… ago" goes back."""

    def agrees(self, other: Date) -> bool:
        """Whether both name at least one part in common and all such parts are equal."""
        both = self._named_by_both(other)
        return bool(both) and all(a == b for a, b in both)

    def contradicts(self, other: Date) -> bool:
        """Whether a part that both name differs."""
        return any(a != b for a, b in self._named_by_both(other))

    def holds(self, other: Date) -> bool:
        """Whether the other names the same time, or a part of it: 2024 holds May 2024."""
        parts, others = self._parts(), other._parts()
        return self.weekday == other.weekday and all(
            a is None or a == b for a, b in zip(parts, others, strict=True)
        )

    @property
    def is_counted(self) -> bool:
        """Whether it will mean other days tomorrow."""
        return bool(self.turn) and not self.month and self.weekday is None

    def _named_by_both(self, other: Date) -> list[tuple[int, int]]:
        pairs = zip(self._parts(), other._parts(), strict=True)
        return [(a, b) for a, b in pairs if a is not None and b is not None]

    def _parts(self) -> tuple[int | None, ...]:
        decade = self.decade if self.year is None else self.year - self.year % 10
        quarter = self.quarter if self.month is None else (self.month + 2) // 3
        return decade, self.year, quarter, self.month, self.day


def dates_in(text: str) -> list[Date]:
    """The days, months, quarters, years, decades and weekdays that a text names, in order.

    >>> [(d.year, d.month, d.day) for d in dates_in("on 28 October 2025, or in May; it may rain in 2026")]
    [(2025, 10, 28), (None, 5, None), (2026, None, None)]
    """
    return [
        date
        for date, match in _read(text)
        if not date.is_counted and not (match["short"] and not (date.day or date.year))
    ]


def with_bound(text: str, start: int, end: int) -> int:
    """The start of a phrase, with the word before it that bounds its date: "until 1990" is no "1990".

    >>> with_bound("Until 1990 it was red.", 6, 10)
    0
    """
    word = word_before(text, start, {"early", "late"})
    if word not in _BOUNDS or not dates_in(text[start:end]):
        return start
    return max(text.rfind(each, 0, start) for each in (word, word.capitalize()))


def times_in(text: str) -> list[Date]:
    """The times that a question names, including those counted from today.

    >>> [(time.turn, time.count, time.unit) for time in times_in("in the past two weeks, or yesterday")]
    [('past', 2, 'week'), ('yesterday', 1, '')]
    """
    return [date for date, _ in _read(text)]


def _read(text: str) -> Iterator[tuple[Date, re.Match[str]]]:
    for match in _TIME.finditer(text):
        if match["month"] and not _is_month(match, text):
            continue
        if date := _date(match):
            yield date, match


def _is_month(match: re.Match[str], text: str) -> bool:
    """Whether a word is a month; "may" and "march" need a capital, or words of time around them."""
    start = match.start()
    return (
        match["month"][0].isupper()
        or match["month"].lower() not in ("may", "march", "mar")
        or bool(match["year_of"] and match["month"] != "may")
        or bool(match["before"] and not match["before"][-1].isdecimal())
        or word_before(text, start, {"the"}) in _OF_TIME
    )


def _date(match: re.Match[str]) -> Date | None:
    """The date of a match; None for a day that no calendar has, or that could be two."""
    if match["digits"]:
        return _in_digits(match)
    if match["month"]:
        return _of_month(match)
    date, groups = Date(*match.span()), match.groupdict()
    if nth := groups["quarter"] or lexicon.ORDINALS.get((groups["nth_quarter"] or "").lower()):
        return replace(date, quarter=int(nth), year=_int(groups["year_of_quarter"]))
    if groups["weekday"]:
        weekday = lexicon.WEEKDAYS.index(groups["weekday"].lower())
        return replace(date, weekday=weekday, turn=(groups["beside"] or "").lower())
    if unit := groups["units"] or groups["unit_ago"]:
        number = (groups["count"] or groups["many"] or groups["ago"] or "1").lower()
        count = int(number) if number.isdecimal() else _NUMBERS.get(number, 1)
        return replace(
            date, turn="ago" if groups["ago"] else "past", unit=unit.lower(), count=count
        )
    turn, unit = groups["day"] or groups["turn"] or "", groups["unit"] or ""
    year, decade = _int(groups["year"]), _int(groups["decade"])
    return replace(date, year=year, decade=decade, turn=turn.lower(), unit=unit.lower())


def _in_digits(match: re.Match[str]) -> Date | None:
    days = readings(match["digits"])
    if len(days) == 1:
        return Date(*match.span(), days[0].year, days[0].month, days[0].day)
    year, *month = match["digits"].split("-")
    whole = len(month) == 1 and 1 <= int(month[0]) <= len(lexicon.MONTHS)
    return Date(*match.span(), int(year), int(month[0])) if whole else None


def _of_month(match: re.Match[str]) -> Date | None:
    month, year = month_number(match["month"]), _int(match["year_of"])
    day = _int((match["before"] or match["after"] or "")[:2].rstrip("snrtSNRT"))
    day = lexicon.ORDINALS[match["nth"].lower()] if match["nth"] else day
    if day and not day_of(year or 2000, month, day):  # 2000 was a leap year
        return None
    return Date(*match.span(), year, month, day, turn="last" if match["last"] else "")


def _int(written: str | None) -> int | None:
    return int(written) if written else None


def readings(digits: str) -> list[dt.date]:
    """The days that a date in digits can mean: none, one, or two; of two, the month-first reading first.

    >>> [day.isoformat() for day in readings("3/4/2026")]
    ['2026-03-04', '2026-04-03']
    """
    parts = [int(part) for part in re.findall(r"\d+", digits)]
    if len(parts) != 3:
        return []
    first, second, third = parts
    if first > 31:
        candidates = [day_of(first, second, third)]
    else:
        candidates = [day_of(third, first, second), day_of(third, second, first)]
    return list(dict.fromkeys(day for day in candidates if day))


def day_of(year: int, month: int, day: int) -> dt.date | None:
    """The day; None if the calendar has no such day."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def days(date: Date, as_of: dt.date) -> Period | None:
    """The days that a time means on the day ``as_of``; None for 29 February of a common year."""
    try:
        return _counted(date, as_of) if date.is_counted else _named(date, as_of)
    except (ValueError, OverflowError):  # before the year 1
        return None


def _named(date: Date, as_of: dt.date) -> Period:
    if date.weekday is not None:
        if date.turn == "next":
            shift = (date.weekday - as_of.weekday()) % 7 or 7
        else:
            shift = -((as_of.weekday() - date.weekday) % 7 or (7 if date.turn else 0))
        return Period(*[as_of + dt.timedelta(days=shift)] * 2)
    if date.decade:
        return Period(dt.date(date.decade, 1, 1), dt.date(date.decade + 9, 12, 31))
    if date.month and date.day:
        to_come = (date.month, date.day) > (as_of.month, as_of.day)
        return Period(*[dt.date(date.year or as_of.year - to_come, date.month, date.day)] * 2)
    if date.month:
        to_come = date.month >= as_of.month if date.turn else date.month > as_of.month
        return _months(date.year or as_of.year - to_come, date.month)
    if date.quarter:
        first = 3 * date.quarter - 2
        return _months(date.year or as_of.year - (first > as_of.month), first, 3)
    return _months(date.year or as_of.year, 1, 12)


def _counted(date: Date, as_of: dt.date) -> Period:
    """A day near today; a week, from Monday to Sunday, a month or a year; the past days up to ``as_of``."""
    if not date.unit:
        return Period(*[as_of + dt.timedelta(days=_SHIFTS.get(date.turn, 0))] * 2)
    shift = -date.count if date.turn == "ago" else _SHIFTS.get(date.turn, 0)
    if date.unit in ("day", "week"):
        length = 7 if date.unit == "week" else 1
        if date.turn == "past":
            return Period(as_of - dt.timedelta(days=date.count * length), as_of)
        first = as_of + dt.timedelta(days=shift * length - as_of.weekday() * (length == 7))
        return Period(first, first + dt.timedelta(days=length - 1))
    length = _MONTHS_IN[date.unit]
    now = as_of.year * 12 + as_of.month - 1
    if date.turn == "past":
        year, month = divmod(now - date.count * length, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return Period(dt.date(year, month + 1, min(as_of.day, last)), as_of)
    year, month = divmod((now // length + shift) * length, 12)
    return _months(year, month + 1, length)


def _months(year: int, first: int, count: int = 1) -> Period:
    """The days of ``count`` months."""
    last = first + count - 1
    return Period(dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1]))


_AFTER, _BEFORE, _UNTIL = (
    ("after", "later than", "newer than"),
    ("before", "prior to", "earlier than", "older than"),
    ("until", "till", "up to"),
)
BOUNDS: Final = ("since", *_AFTER, *_BEFORE, *_UNTIL)
"""Words before a time that leave one of its ends open."""
WITHIN: Final = ("from", "of", "dated", "in", "on", "during", "over", "within")
_ON: Final = ("on", "onward", "onwards")
TO: Final = ("to", "until", "till", "through", "-", "–")


def read_bounds(written: str, as_of: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """The first and the last day that a time and the words around it mean; None for an open end.

    Both are None for anything else. A month, quarter or day without a year is the last one that has begun
    by ``as_of``.

    >>> read_bounds("before November 2025", dt.date(2026, 3, 20))
    (None, datetime.date(2025, 10, 31))
    """
    times = times_in(written)
    if not 1 <= len(times) <= 2:
        return None, None
    lead, tail = (
        part.strip().lower() for part in (written[: times[0].start], written[times[-1].end :])
    )
    last = days(times[-1], as_of)
    if last is None:
        return None, None
    if len(times) == 2:
        joint = written[times[0].end : times[1].start].strip().lower()
        is_range = (lead, joint) in {("between", "and"), *(("from", to) for to in TO)} and not tail
        # "October to March 2026" begins in the October before.
        first = days(times[0], as_of if times[0].year else last.last) if is_range else None
        return (first.first, last.last) if first else (None, None)
    lead = lead if lead in WITHIN else lead.removeprefix("from ")
    known = lead in ("", *BOUNDS, *WITHIN) and tail in ("", *_ON, *lexicon.PARTS_OF_DAY)
    return _bounded(last, lead, onwards=tail in _ON) if known else (None, None)


def _bounded(period: Period, lead: str, *, onwards: bool) -> tuple[dt.date | None, dt.date | None]:
    """The days of a period as the word before or after it bounds them."""
    try:
        if lead in _AFTER:
            return period.last + dt.timedelta(days=1), None
        if lead in _BEFORE:
            return None, period.first - dt.timedelta(days=1)
    except OverflowError:  # the end of the calendar
        return None, None
    begins, ends = lead not in _UNTIL, lead != "since" and not onwards
    return period.first if begins else None, period.last if ends else None


def day_meant(answer: str, sentence: str, published: str | None) -> str | None:
    """The day or days that a time such as "last Friday" means in a sentence of an article, in ISO form.

    None without a day to count from, and for a weekday that is still to come.

    >>> day_meant("last Friday", "It began last Friday.", "2025-10-31")
    '2025-10-24'
    >>> day_meant("on Monday", "It will meet on Monday.", "2025-10-31")
    """
    times = times_in(answer)
    if len(times) != 1 or not published:
        return None
    [time] = times
    if time.year or time.month or not (time.turn or time.weekday is not None):
        return None
    if (
        time.weekday is not None
        and not time.turn
        and not _TO_COME.isdisjoint(lower_words(sentence))
    ):
        return None
    period = days(time, dt.date.fromisoformat(published))
    if period is None:
        return None
    first, last = period
    return first.isoformat() if first == last else f"{first} to {last}"
