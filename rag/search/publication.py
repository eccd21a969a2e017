"""What a question says of when its articles were published → a filter.

"Articles since October", "reported in March 2026" and "the latest on …" say which articles are meant. A
time that belongs to the fact ("how much was produced last year", "by 2030", "earnings reported in 2025")
never says that; ``rag.english.publication`` tells them apart.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from rag.english.dates import read_bounds
from rag.english.lexicon import COVERAGE, PRESS
from rag.errors import InvalidArgument
from rag.records import Filters

LATEST: Final = dt.timedelta(days=30)
"""How far "recent" and "the latest" reach back from the newest article."""

Dates = Callable[[], Iterable[str | None]]
"""Gives the articles' ISO dates, None for those without; called only where the newest is asked for."""

# Without one of these, no wording is looked for, nor the grammar compiled that would find it.
_MENTIONED: Final = (
    PRESS
    | COVERAGE
    | frozenset("article articles headlines latest news posts publications".split())
) | {"newspaper", "published", "report", "reported"}
_EXCLUDED = re.compile(r"(?<!\S)-(?:[\"“”][^\"“”]*[\"“”]|\S+)")
_SEARCHED_FOR = re.compile(r"[\"“”][^\"“”]*[\"“”]|(?<!\S)[+-]\S+")
_LATEST_TIME = frozenset(("most recent", "recent", "recently", "lately", "latest", "newest"))


@dataclass(frozen=True, slots=True)
class Publication:
    """What a question says of publication.

    ``filters`` have a date and let articles without a date pass, always. ``wording`` is what they were
    read from, ``question`` is what is asked without it.
    """

    filters: Filters
    wording: str
    question: str

    def within(self, given: Filters | None) -> Filters:
        """These filters, and what else was given."""
        given = given or Filters()
        return replace(self.filters, publisher=given.publisher, path=given.path)


def day_of(as_of: dt.date | str | None) -> dt.date:
    """The day that times are counted from: a date, an ISO date, or today.

    Raises InvalidArgument for what is no date.
    """
    if as_of is None:
        return dt.datetime.now().astimezone().date()
    if isinstance(as_of, dt.date):
        return as_of.date() if isinstance(as_of, dt.datetime) else as_of
    try:
        return dt.date.fromisoformat(as_of)
    except (TypeError, ValueError):
        raise InvalidArgument(
            f"as_of: {as_of!r} is not a date", fix="write it as YYYY-MM-DD"
        ) from None


def read_publication(question: str, as_of: dt.date, dates: Dates) -> Publication | None:
    """The filter that a question's wording about publication makes on the day ``as_of``, or None.

    "Recent" and "the latest" reach 30 days back from the newest article that is not after ``as_of``. What
    stands in quotation marks or behind a sign is searched for, not read.

    >>> asked = "According to articles since October, who runs Lynas?"
    >>> read = read_publication(asked, dt.date(2026, 3, 20), list)
    >>> read.filters.since, read.wording, read.question
    ('2025-10-01', 'articles since October', 'who runs Lynas?')
    """
    text = " ".join(question.split())
    masked = _SEARCHED_FOR.sub(lambda match: "§" * len(match.group()), text)
    if _MENTIONED.isdisjoint(re.split(r"\W+", masked.lower())):
        return None
    from rag.english.publication import wordings

    found = list(wordings(masked))
    filters = {_filters(wording.time, as_of, dates) for wording in found}
    # Two wordings that mean different days: which of them is meant cannot be told.
    only = filters.pop() if len(filters) == 1 else None
    if only is None:
        return None
    first = min(found)
    return Publication(only, text[first.start : first.end], _without(text, first.surplus))


def _filters(time: str, as_of: dt.date, dates: Dates) -> Filters | None:
    """A time as a filter; None where it means no days, or without naming a year only days to come."""
    if time.lower() in _LATEST_TIME:
        today = as_of.isoformat()
        newest = max((day for day in dates() if day and day <= today), default=None)
        if newest is None:
            return None
        last = dt.date.fromisoformat(newest)
        first = last - min(LATEST, last - dt.date.min)
        return Filters(first, last, undated=True)
    since, until = read_bounds(time, as_of)
    if since and (since > (until or since) or (since > as_of and not re.search(r"\d{4}", time))):
        return None
    return Filters(since, until, undated=True) if since or until else None


def _without(text: str, surplus: tuple[int, int]) -> str:
    """A question without what says when; as it was if nothing else is left."""
    before, after = text[: surplus[0]].rstrip(" ,:;"), text[surplus[1] :].lstrip(" ,:;")
    joint = "" if not before or not after or after[0] in "?!." else " "
    rest = f"{before}{joint}{after}"
    return rest if re.search(r"\w", _EXCLUDED.sub("", rest)) else text
