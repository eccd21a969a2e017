"""A date is one day, month or year, however written; digits that could be two dates are not read."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.english.dates import dates_in, day_meant, days, read_bounds, times_in
from rag.english.lexicon import MONTHS
from rag.english.statements import statement
from rag.grounding.compare import Unsupported, compare
from rag.stores.analyzer import TextAnalyzer
from rag.text.datelines import iso_date
from tests.timing import assert_linear, repeated

ANALYZER = TextAnalyzer()
AS_OF = dt.date(2026, 3, 20)


def parts(text):
    return [(d.year, d.month, d.day) for d in dates_in(text)]


@pytest.mark.parametrize(
    "written",
    [
        "28 October 2025", "28th October 2025", "the 28th of October, 2025", "October 28, 2025",
        "Oct. 28, 2025", "28-Oct-2025", "2025-10-28", "2025/10/28", "28.10.2025", "10/28/2025",
        "28/10/2025", "2025年10月28日", "October 28th 2025",
    ],
)  # fmt: skip
def test_a_day_is_the_same_day_however_it_is_written(written):
    for text in (written, f"On Tuesday, {written}, it rained.", f"({written})"):
        [date] = [date for date in dates_in(text) if date.weekday is None]
        assert (date.year, date.month, date.day) == (2025, 10, 28)
        assert text[date.start : date.end] == written
    assert read_bounds(written, AS_OF) == (dt.date(2025, 10, 28),) * 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3/4/2026", []),
        ("31 June 2025", []),
        ("2025-13", []),
        ("it may rise", []),
        ("they march on", []),
        ("It rose in May.", [(None, 5, None)]),
        ("the first of September", [(None, 9, 1)]),
        ("2000 people in 2000", [(2000, None, None)]),
        ("$2000, or 2000 tons", []),
        ("2010-2014", []),
        ("May 5,000 people", [(None, 5, None)]),
        ("version 1.2.2025.4", []),
        ("apr\u0131l", []),
    ],
)
def test_what_is_a_date_in_prose(text, found):
    assert parts(text) == found


@pytest.mark.parametrize(
    ("one", "other", "agree", "contradict"),
    [
        ("28 October 2025", "October 28", True, False),
        ("28 October 2025", "28 October 2024", False, True),
        ("28 October 2025", "28 November 2025", False, True),
        ("October 2025", "2025", True, False),
        ("June 2024", "June 2025", False, True),
        ("14 June", "28 June", False, True),
        ("14 June", "2025", False, False),
        ("Q1 2026", "February 2026", True, False),
        ("Q1 2026", "May 2026", False, True),
        ("the first quarter of 2026", "Q1 2026", True, False),
        ("the 1990s", "1994", True, False),
        ("the 1990s", "2004", False, True),
    ],
)
def test_confusable_dates(one, other, agree, contradict):
    [a], [b] = dates_in(one), dates_in(other)
    assert a.agrees(b) is b.agrees(a) is agree
    assert a.contradicts(b) is b.contradicts(a) is contradict


@pytest.mark.parametrize(
    ("said", "source", "supported"),
    [
        ("in October 2025", "on 28 October 2025", True),
        ("in 2025", "on October 28, 2025", True),
        ("on 28 October 2025", "in October 2025", False),
        ("in 2025", "in 2024", False),
        ("on Monday", "on Tuesday", False),
        ("in Q1 2026", "in February 2026", True),
    ],
)
def test_a_sentence_may_name_a_time_less_exactly_than_its_source(said, source, supported):
    ours, theirs = (
        statement(f"The old pier closed in Orvald {time}.", ANALYZER)
        for time in (said.replace("on ", "in "), source.replace("on ", "in "))
    )
    if supported:
        compare(ours, theirs)
    else:
        with pytest.raises(Unsupported):
            compare(ours, theirs)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2025-10-28", "2025-10-28", "2025-10-28"),
        ("2025-10", "2025-10-01", "2025-10-31"),
        ("28 October 2025", "2025-10-28", "2025-10-28"),
        ("the 28th of October, 2025", "2025-10-28", "2025-10-28"),
        ("October 28, 2025", "2025-10-28", "2025-10-28"),
        ("Oct 28", "2025-10-28", "2025-10-28"),
        ("March 20", "2026-03-20", "2026-03-20"),
        ("March 21", "2025-03-21", "2025-03-21"),
        ("Sept. 2025", "2025-09-01", "2025-09-30"),
        ("march", "2026-03-01", "2026-03-31"),
        ("last March", "2025-03-01", "2025-03-31"),
        ("April", "2025-04-01", "2025-04-30"),
        ("Q1 2026", "2026-01-01", "2026-03-31"),
        ("the fourth quarter of 2025", "2025-10-01", "2025-12-31"),
        ("Q2", "2025-04-01", "2025-06-30"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("today", "2026-03-20", "2026-03-20"),
        ("yesterday", "2026-03-19", "2026-03-19"),
        ("Friday", "2026-03-20", "2026-03-20"),
        ("last Friday", "2026-03-13", "2026-03-13"),
        ("this week", "2026-03-16", "2026-03-22"),
        ("last week", "2026-03-09", "2026-03-15"),
        ("the past week", "2026-03-13", "2026-03-20"),
        ("this month", "2026-03-01", "2026-03-31"),
        ("last month", "2026-02-01", "2026-02-28"),
        ("last quarter", "2025-10-01", "2025-12-31"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("the last three months", "2025-12-20", "2026-03-20"),
        ("past 10 days", "2026-03-10", "2026-03-20"),
        ("the past two years", "2024-03-20", "2026-03-20"),
        ("the past twenty years", "2006-03-20", "2026-03-20"),
    ],
)
def test_a_period_is_read_as_of_a_day(written, first, last):
    assert tuple(day.isoformat() for day in read_bounds(written, AS_OF)) == (first, last)


@pytest.mark.parametrize(
    "written",
    ["", "31 June 2025", "29 February", "2025-13", "3/4/2026", "early 2025", "few days", "Q5 2025"],
)
def test_a_vague_time_or_a_day_in_no_calendar_is_not_read(written):
    assert read_bounds(written, AS_OF) == (None, None)


def test_a_range_without_a_year_begins_before_its_end():
    began, ended = read_bounds("from October to March 2026", AS_OF)
    assert (began.isoformat(), ended.isoformat()) == ("2025-10-01", "2026-03-31")


DAYS = st.dates(dt.date(1500, 1, 1), dt.date(2099, 12, 31))
FORMS = (
    "{0.day} {1} {0.year}", "{1} {0.day}, {0.year}", "the {0.day}th of {1} {0.year}", "{0:%Y-%m-%d}",
    "{0.day} {2} {0.year}", "{2} {0.day} {0.year}", "{0.year}/{0.month}/{0.day}",
)  # fmt: skip


@given(DAYS, st.sampled_from(FORMS))
def test_a_day_written_out_is_read_as_itself(day, form):
    month = MONTHS[day.month - 1].capitalize()
    written = form.format(day, month, month[:3])
    assert parts(f"It closed on {written}.") == [(day.year, day.month, day.day)]
    assert iso_date(written) == day.isoformat()
    assert read_bounds(f"since {written}", AS_OF) == (day, None)


@given(st.sampled_from("today yesterday|this week|last week|the past 9 days".split("|")), DAYS)
def test_what_is_counted_from_a_day_moves_with_it(time, as_of):
    later = as_of + dt.timedelta(weeks=5)
    before, after = (read_bounds(f"from {time}", day) for day in (as_of, later))
    assert before == tuple(day and day - dt.timedelta(weeks=5) for day in after)


PIECES = st.sampled_from(
    "May may 5 5th of the 2025 2025-10-28 Q1 quarter last this past two weeks Monday 1990s - , . today 31"
    " 3/4/2026 between and apr\u0131l first".split()
)


@given(st.lists(PIECES, max_size=12).map(" ".join) | st.text(max_size=60), DAYS)
def test_times_stand_where_they_say_and_end_after_they_begin(text, as_of):
    found = times_in(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    for date in found:
        assert 0 <= date.start < date.end <= len(text)
        period = days(date, as_of)
        assert period is None or period.first <= period.last


@pytest.mark.parametrize(
    "part", ["1-", "2025-", "May ", "May 5 ", "5 of ", "the past ", "2025 ", "Q1 ", " "]
)
def test_reading_takes_time_in_proportion_to_the_text(part):
    assert_linear(times_in, repeated(part), 1_000)


@pytest.mark.parametrize(
    ("time", "meant"),
    [
        ("yesterday", "2025-10-30"),
        ("tomorrow", "2025-11-01"),
        ("last Friday", "2025-10-24"),
        ("next Friday", "2025-11-07"),
        ("next Monday", "2025-11-03"),
        ("two days ago", "2025-10-29"),
        ("a week ago", "2025-10-20 to 2025-10-26"),
        ("3 months ago", "2025-07-01 to 2025-07-31"),
        ("last month", "2025-09-01 to 2025-09-30"),
        ("next year", "2026-01-01 to 2026-12-31"),
        ("five years ago", "2020-01-01 to 2020-12-31"),
        ("long ago", None),
    ],
)
def test_a_time_in_an_article_is_counted_from_its_day(time, meant):
    assert day_meant(time, f"It happened {time}.", "2025-10-31") == meant  # a Friday
