"""Turns words about publication in a question into a filter.

"Articles since October", "reported in March 2026" and "the latest on …" say which articles to read. A
time that belongs to the fact does not ("how much was produced last year", "by 2030", "earnings reported
in 2025"); ``rag.english.publication`` tells them apart.
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
"""The span of "recent" and "the latest", counted back from the newest article."""

Dates = Callable[[], Iterable[str | None]]
"""Returns the articles' ISO dates, None for those without; called only if the question needs them."""

# A question without one of these words is not parsed, and the grammar is not compiled.
_MENTIONED: Final = (
    PRESS
    | COVERAGE
    | frozenset("article articles headlines latest news posts publications".split())
) | {"newspaper", "published", "report", "reported"}
_SEARCHED_FOR = re.compile(
    r"(?P<excluded>(?<!\S)-)?[\"“”][^\"“”]*[\"“”]|(?<!\S)(?:\+|(?P<without>-))\S+"
)
_LATEST_TIME = frozenset(("most recent", "recent", "recently", "lately", "latest", "newest"))


@dataclass(frozen=True, slots=True)
class Publication:
    """The filter that a question's words about publication make.

    ``filters`` always has a date and lets undated articles pass. ``wording`` is the part of the question
    that it comes from; ``question`` is the question without it.
    """

    filters: Filters
    wording: str
    question: str

    def within(self, others: Filters | None) -> Filters:
        """These dates, combined with what other filters say besides dates."""
        own = self.filters
        return replace(others or own, since=own.since, until=own.until, undated=own.undated)


def read_day(as_of: dt.date | str | None) -> dt.date:
    """The day from which relative times count: the date passed in, or today for None.

    Raises InvalidArgument for a string that is not an ISO date.
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
    """The filter that a question's words about publication make on the day ``as_of``, or None.

    "Recent" and "the latest" reach back 30 days from the newest article up to ``as_of``. Quoted phrases
    and words with a + or - sign are search terms and are ignored here.

    >>> question = "According to articles since October, who runs Lynas?"
    >>> publication = read_publication(question, dt.date(2026, 3, 20), list)
    >>> publication.filters.since, publication.wording, publication.question
    ('2025-10-01', 'articles since October', 'who runs Lynas?')
    """
    text = " ".join(question.split())
    masked = _SEARCHED_FOR.sub(lambda match: "§" * len(match.group()), text)
    if _MENTIONED.isdisjoint(re.split(r"\W+", masked.lower())):
        return None
    from rag.english.publication import wordings

    mentions = list(wordings(masked))
    filters = {_filters(mention.time, as_of, dates) for mention in mentions}
    # If two mentions mean different days, the question is ambiguous.
    only = filters.pop() if len(filters) == 1 else None
    if only is None:
        return None
    first = min(mentions)
    return Publication(only, text[first.start : first.end], _without(text, first.surplus))


def _filters(time: str, as_of: dt.date, dates: Dates) -> Filters | None:
    """A time as a filter; None if it means no days, or names no year and means only future days."""
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
    """The question without its words about publication; unchanged if nothing else is left."""
    before, after = text[: surplus[0]].rstrip(" ,:;"), text[surplus[1] :].lstrip(" ,:;")
    joint = "" if not before or not after or after[0] in "?!." else " "
    rest = f"{before}{joint}{after}"
    asked = _SEARCHED_FOR.sub(lambda it: "" if it["excluded"] or it["without"] else it[0], rest)
    return rest if re.search(r"\w", asked) else text
