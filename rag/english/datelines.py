"""Lines that date an article.

Such a line is only a date, or a date with a byline or a label; a date in prose says when something
happened, not when the article was published.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from rag.english.dates import NUMERIC, Date, dates_in, readings

_BEFORE: Final = re.compile(
    r"(?:by (?P<by>[^,|\n]{3,60}),? (?:on )?|(?P<before>(?:[^|•·\n]{2,80}?[ \u00a0][|•·][ \u00a0])?)"
    r"(?P<label>(?:first |originally |last )?(?:posted|published|updated|modified|released?|issued|created"
    r"|dated?|publication date|release date|date published|date posted)(?: on| at)?"
    r"\s{0,3}[:\-\u2013]?\s{1,3}|(?:date|published|posted):\s{0,3})?"
    r"(?P<weekday>(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?[ \u00a0])?)",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(
    r"(?P<time>(?:T|,?[ \u00a0\u202f](?:at |[-\u2013|] ?)?)\d{1,2}[:.]\d{2}(?::\d{2}(?:\.\d+)?)?"
    r"(?:[ \u00a0\u202f]?[ap]\.?m\b\.?)?(?:[ \u00a0]?(?:[A-Z]{2,4}\b|Z\b|[+-]\d{2}:?\d{2}))?)?"
    r"(?P<rest>|[ \u00a0]{0,3}[|•·\u2013—(,].{0,160}|[ \u00a0]-[ \u00a0].{0,80}"
    r"|[ \u00a0]{0,3}\d{1,3} min(?:ute)?s? read)",
    re.IGNORECASE,
)
_NUMERIC: Final = re.compile(rf"(?<![\d/.-]){NUMERIC}(?![\d/-])")
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


def is_dateline(line: str) -> bool:
    """Whether a line is nothing but a dateline."""
    return read_dateline(line) is not None


def read_dateline(line: str, *, month_first: bool | None = None) -> Dateline | None:
    """The dateline in a line; None if the line is not one.

    ``month_first`` decides 3/4/2026; without it such a date has no ``day``. An impossible date (31 Feb)
    makes no dateline.
    """
    line = line.strip()
    if len(line) > _LONGEST_LINE or not any(map(str.isdigit, line)):
        return None
    for date, possible in _dates(line):
        before = _BEFORE.fullmatch(line, 0, date.start)
        after = _AFTER.fullmatch(line, date.end)
        if not before or not after or (before["by"] and after["rest"]):
            continue
        label = (before["label"] or "").strip(" :-\u2013").lower()
        if _says_more(
            after["rest"].strip(), bare=not (possible or label), weekday=before["weekday"]
        ):
            return None
        ambiguous = len(possible) > 1 and month_first is None
        return Dateline(
            written=line[date.start : after.start("rest")],
            label=label,
            before=f"by {before['by']}" if before["by"] else (before["before"]).strip(" |•·"),
            rest=after["rest"].strip(),
            day=possible[-1 if month_first is False else 0] if possible and not ambiguous else None,
            ambiguous=ambiguous,
        )
    return None


def _dates(line: str) -> list[tuple[Date, list[dt.date]]]:
    """The dates of a line with the days that they can mean; none if the day or the year is missing."""
    found = [
        (Date(*match.span()), days)
        for match in _NUMERIC.finditer(line)
        if (days := readings(match.group()))
    ]
    for date in dates_in(line):
        if date.year and date.month and date.day:
            found.append((date, [dt.date(date.year, date.month, date.day)]))
        elif date.month and (date.year or date.day):
            found.append((date, []))
    return found


def _says_more(rest: str, *, bare: bool, weekday: str | None) -> bool:
    """Whether a line that begins like a dateline is prose, a headline or an announcement."""
    # "October 28, 2025, was a cold day."
    if rest and (rest[-1] in ".!?" or (rest[0] == "," and len(rest.split()) > 4)):
        return True
    # "Saturday, 26 February" announces an event; "May 2025 - a review" is a title.
    return bare and bool(weekday or (rest and rest[0] in ",(\u2013—-"))


def iso_date(text: str) -> str | None:
    """The ISO form of a text that is one complete, unambiguous date (a time may follow); else None."""
    line = read_dateline(text)
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
