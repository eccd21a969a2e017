"""Reads the lines that date an article or name its authors.

A line that dates an article is only a date, or a date with a byline or a label; a date in prose says
when something happened, not when the article was published.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from rag.english.dates import NUMERIC, YEAR, dates_in, day_of, readings
from rag.english.furniture import (
    BYLINE,
    LABEL,
    LABELS_OF_UPDATES,
    WEEKDAY,
)
from rag.english.lexicon import MONTHS, WEEKDAYS, month_number
from rag.text.clock import TIME
from rag.text.headings import may_be_name

_NAME: Final = r"[^\W\d_]{3,12}"
"""A word that may name a month."""
_DAY_OF: Final = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|er|º|\.)?"
_YEAR_OF: Final = rf"(?:{YEAR}|['\u2019]\d\d|(?<=-)\d\d)(?![\w%]|[.,:]\d)"
_DAY: Final = re.compile(
    r"(?<![\w/.-])(?:"
    rf"(?P<digits>(?:{YEAR}(?P<dash>[-/.])\d\d?(?P=dash)\d\d?|{YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    rf"|{YEAR} ?[年년] ?\d\d? ?[月월] ?\d\d? ?[日일]|\d\d?(?P<sign>[/.-])\d\d?(?P=sign)(?:{YEAR}|\d\d))"
    r"(?!\d|[/-]\w|\.\d))"
    rf"|(?P<day>{_DAY_OF})(?:\s|-|\s(?:de|of)\s|\sd['\u2019])?(?P<month>{_NAME})\b\.?"
    rf"(?:,?\s(?:de |del |of )?|-)(?P<year>{_YEAR_OF})(?:\s[^\W\d_]\.|\.(?!\d))?"
    rf"|(?P<first>{_NAME})\b\.?[\s-](?:the )?(?P<then>{_DAY_OF})"
    rf"(?:,?\s(?:\d\d:\d\d:\d\d\s(?:[A-Z]{{3,4}}\s)?|of )?|-)(?P<last>{_YEAR_OF})"
    rf"|(?P<begin>{YEAR})(?:\.|\s[^\W\d_]\.)?[\s-](?P<name>{_NAME})\b\.?[\s-]"
    rf"(?P<number>{_DAY_OF})(?:\s[^\W\d_]\.)?(?![\w%]|[.,:]\d))",
    re.IGNORECASE,
)
"""A whole day with its year."""
_PROPER: Final = r"(?-i:[^\W\d_a-z][\w.'\u2019-]*)"
_BEFORE: Final = re.compile(
    r"(?P<before>(?:[^|•·\n]{2,80}?[ \u00a0][|•·/][ \u00a0]"
    rf"|(?!{WEEKDAY}\b){_PROPER}(?: {_PROPER}){{0,3}}(?:,| [\u2013\u2014-])[ \u00a0])?)"
    rf"(?P<label>(?:{LABEL}(?:\s{{0,3}}[:\u2013-]\s{{0,3}}|\s{{1,3}}))?)"
    r"(?:by (?P<by>[^,|\n]{2,60}?),?[ \u00a0](?:on )?)?"
    rf"(?:{TIME},? (?:\({TIME}\),? )?)?(?:(?:on|le|el|il|am|den) )?"
    r"(?P<weekday>(?:[^\W\d_][\w-]{2,14}\.?,?[ \u00a0])?)",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(
    rf"(?P<time>(?:,?\s{WEEKDAY})?(?:(?:T|,?\s(?:(?:at|um|à) |[/|\u2013-] ?)?){TIME})?)"
    r"(?P<rest>|\s{0,3}[|•·/\u2013—(,].{0,160}|\s-\s.{0,80}|\sby\s.{2,80}"
    r"|\s{0,3}\d{1,3} min(?:ute)?s? read)",
    re.IGNORECASE,
)
_FRAME: Final = " \t*_()[]\u2013\u2014-"
"""What may stand around a dateline."""
_NUMERIC: Final = re.compile(rf"(?<![\d/.-]){NUMERIC}(?![\d/-])")
_DIGITS: Final = "0123456789"
_MOST_NAMES: Final = 12
_LANGUAGES: Final = (
    "bg ca cs da de de_AT el es et fi fr hr hu id it lt lv nb nl pl pt ro ru sk sl sr sv tr uk"
)
"""Besides English: those whose names of months and weekdays are known."""
_LONGEST_LINE: Final = 240
_ORDER_WINDOW: Final = 200_000
"""Characters searched for a date in digits that shows whether the day or the month comes first."""


@dataclass(frozen=True, slots=True)
class Dateline:
    """A line that dates an article.

    ``written`` is the date (and time) as written, ``label`` the words before it in lower case ("posted
    on"), ``before`` and ``rest`` the other words of the line. ``day`` is the date if it is complete;
    ``ambiguous`` says that day and month could be swapped.
    """

    written: str
    label: str
    before: str
    rest: str
    day: dt.date | None
    ambiguous: bool

    @property
    def is_update(self) -> bool:
        """Whether it says when the article was last changed."""
        return self.label.startswith(LABELS_OF_UPDATES)

    def behind(self, *, month_first: bool | None = None) -> Dateline | None:
        """The labelled date behind this one: "31 Oct 2025, updated 2 Nov 2025"."""
        line = read_dateline(self.rest.strip(" ,|•·/()\u2013—-"), month_first=month_first)
        return line if line and line.label else None


def is_dateline(line: str) -> bool:
    """Whether a line is nothing but a dateline."""
    return read_dateline(line) is not None


def read_dateline(line: str, *, month_first: bool | None = None) -> Dateline | None:
    """The dateline in a line; None if the line is not one.

    ``month_first`` decides 3/4/2026; without it such a date has no ``day``. An impossible date (31 Feb)
    makes no dateline.
    """
    line = line.strip(_FRAME)
    if len(line) > _LONGEST_LINE or not any(map(str.isdigit, line)):
        return None
    for start, end, possible in _dates(line):
        before = _BEFORE.fullmatch(line, 0, start)
        after = _AFTER.fullmatch(line, end)
        if not before or not after or (before["by"] and after["rest"] and not before["label"]):
            continue
        if not _is_weekday(before["weekday"].strip(" \u00a0,.").lower()):
            continue
        label = before["label"].strip(" :-\u2013").lower()
        rest = after["rest"].strip()
        written = line[start : after.start("rest")]
        by = f"by {before['by']}" if before["by"] else before["before"].strip(" |•·/,\u2013\u2014-")
        found = _dated(written, label, by, rest, possible, month_first)
        bare = not (possible or label)
        if _says_more(rest, bare=bare, weekday=before["weekday"]) and not found.behind():
            return None
        return found
    return None


def read_date(value: str, *, month_first: bool | None = None) -> Dateline | None:
    """The date that a file's own metadata states, in any form; None if it holds not even a year.

    >>> [read_date(value).day.day for value in ("D:20251031093000+01'00'", "1761901200", "31 ottobre 2025")]
    [31, 31, 31]
    """
    value = " ".join(value.split())[:_LONGEST_LINE]
    if days := _by_machine(value):
        return _dated(value, "", "", "", days, None)
    if line := read_dateline(value, month_first=month_first):
        return line
    for start, end, days in _dates(value):
        if days:
            return _dated(value[start:end], "", "", "", days, month_first)
    has_year = any(re.fullmatch(YEAR, number) for number in re.findall(r"\d+", value))
    return _dated(value, "", "", "", [], None) if has_year else None


def _by_machine(value: str) -> list[dt.date]:
    """The day of a time as PDF and some programs write it, or in seconds or milliseconds since 1970."""
    value = value.removeprefix("D:")
    rest = value.lstrip(_DIGITS)
    digits = value[: len(value) - len(rest)]
    if len(digits) in (10, 13) and not rest.removeprefix(".").strip(_DIGITS):
        return [dt.datetime.fromtimestamp(int(digits[:10]), dt.UTC).date()]
    is_day = len(digits) in (12, 14) or (len(digits) == 8 and rest[:1] in ("", "T", "t"))
    return _days(digits[:8]) if is_day and re.match(YEAR, digits) else []


def _dated(
    written: str, label: str, before: str, rest: str, days: list[dt.date], month_first: bool | None
) -> Dateline:
    ambiguous = len(days) > 1 and month_first is None
    day = days[-1 if month_first is False else 0] if days and not ambiguous else None
    return Dateline(written, label, before, rest, day, ambiguous)


def _dates(line: str) -> list[tuple[int, int, list[dt.date]]]:
    """The dates of a line as offsets, with the days that they can mean; none if day or year is missing."""
    found = [(*match.span(), days) for match in _DAY.finditer(line) if (days := _days_of(match))]
    for date in dates_in(line):
        if date.month and date.day and date.year:  # "the first of October 2025"
            found.append((date.start, date.end, [dt.date(date.year, date.month, date.day)]))
        elif date.month and (date.year or date.day):
            found.append((date.start, date.end, []))
    return found


def _days_of(match: re.Match[str]) -> list[dt.date]:
    if match["digits"]:
        days = _days(match["digits"])
        return days[-1:] if match["sign"] == "." else days  # 3.4.2025: the day comes first
    year = (match["year"] or match["last"] or match["begin"]).strip("'\u2019")
    month = _month(match["month"] or match["first"] or match["name"])
    number = re.match(r"\d+", match["day"] or match["then"] or match["number"])
    day = day_of(_whole_year(int(year)), month, int(number.group())) if month and number else None
    return [day] if day else []


def _month(name: str) -> int | None:
    """The number of the month with this name, in any language that we know."""
    name = name.lower()
    if name == "sept" or any(name in (month, month[:3]) for month in MONTHS):
        return month_number(name)
    return _names("months").get(name)


def _is_weekday(name: str) -> bool:
    english = len(name) > 2 and any(day.startswith(name) for day in WEEKDAYS)
    return not name or english or name in _names("days")


@cache
def _names(what: str) -> dict[str, int]:
    """The numbers of months, or of weekdays, by their names in small letters, as Unicode's CLDR has them.

    A name that means two of them ("listopad") is left out.
    """
    from babel import Locale

    found: dict[str, int] = {}
    several: set[str] = set()
    for language in _LANGUAGES.split():
        for forms in getattr(Locale.parse(language), what).values():
            for number, name in (*forms["abbreviated"].items(), *forms["wide"].items()):
                word = re.split(r"[ \u2019]", name.lower())[-1].rstrip(".")  # "de maig", "d’abril"
                if found.setdefault(word, number) != number:
                    several.add(word)
    return {name: number for name, number in found.items() if name not in several}


def _days(digits: str) -> list[dt.date]:
    """The days that a date in digits can mean."""
    if digits.isdecimal():
        return readings(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
    *parts, last = re.findall(r"\d+", digits)
    short = len(last) == 2 and len(parts[0]) < 4
    return readings("-".join((*parts, str(_whole_year(int(last))) if short else last)))


def _whole_year(year: int) -> int:
    """The year that two digits mean: 31 is 2031, 89 is 1989."""
    return year if year > 99 else year + (2000 if year < 70 else 1900)


def _says_more(rest: str, *, bare: bool, weekday: str | None) -> bool:
    """Whether a line that begins like a dateline is prose, a headline or an announcement."""
    # "October 28, 2025, was a cold day."
    if rest and (rest[-1] in ".!?" or (rest[0] == "," and len(rest.split()) > 4)):
        return True
    # "Saturday, 26 February" announces an event; "May 2025 - a review" is a title.
    return bare and bool(weekday or (rest and rest[0] in ",(\u2013—-"))


def iso_date(text: str) -> str | None:
    """The ISO form of a text that is one complete, unambiguous date (a time may follow); else None."""
    line = read_date(text)
    return line.day.isoformat() if line and line.day else None


def month_comes_first(text: str) -> bool | None:
    """Whether the dates in digits of a text put the month first.

    The dates that can be read only one way decide; None if there are none, or they disagree.
    """
    orders = set()
    for match in _NUMERIC.finditer(text, 0, min(len(text), _ORDER_WINDOW)):
        first, second = (int(part) for part in re.findall(r"\d+", match.group())[:2])
        if first <= 12 < second <= 31:
            orders.add(True)
        elif second <= 12 < first <= 31:
            orders.add(False)
    return orders.pop() if len(orders) == 1 else None


def read_byline(line: str) -> tuple[str, str] | None:
    """The authors in a byline, and what stands behind them; None if the line is no byline.

    >>> read_byline("By Ann Lee and Bo Ray, Reuters")
    ('Ann Lee and Bo Ray', 'Reuters')
    """
    match = BYLINE.fullmatch(line.strip())
    if not match:
        return None
    who = match["who"]
    name = match["names"].strip(" ,")
    behind = who[len(name) :].strip(" ,|•·()\u2013—/-")
    is_name = may_be_name(name.replace(", ", " "), _MOST_NAMES)
    return (name, behind) if is_name else ("", who)
