"""Only words about publication become a filter; a time that belongs to the fact never does."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.english.dates import read_bounds
from rag.records import Filters
from rag.search.publication import LATEST, read_publication

AS_OF = dt.date(2026, 3, 20)  # a Friday
DATES = ["2026-03-10", "2025-10-31", None, "2026-05-01"]

OF_PUBLICATION = [
    ("articles since October", "2025-10-01", None),
    ("reports from March 2026", "2026-03-01", "2026-03-31"),
    ("What was reported in March 2026 about the orchard?", "2026-03-01", "2026-03-31"),
    ("What was reported in March 2026?", "2026-03-01", "2026-03-31"),
    ("Show me news published last week", "2026-03-09", "2026-03-15"),
    ("coverage after 28 October 2025", "2025-10-29", None),
    ("According to articles from 2025, who runs Hertha?", "2025-01-01", "2025-12-31"),
    ("Who runs Hertha, according to articles from 2025?", "2025-01-01", "2025-12-31"),
    ("What did the papers write this month?", "2026-03-01", "2026-03-31"),
    ("What did the papers write this month about Hertha?", "2026-03-01", "2026-03-31"),
    ("What did the papers write about Hertha this month?", "2026-03-01", "2026-03-31"),
    ("Which prices are given in last week's reports?", "2026-03-09", "2026-03-15"),
    ("What do recent articles say about malaria?", "2026-02-08", "2026-03-10"),
    ("What is the latest on the strike?", "2026-02-08", "2026-03-10"),
    ("What's the latest on grain prices?", "2026-02-08", "2026-03-10"),
    ("the latest on violins", "2026-02-08", "2026-03-10"),
    ("What is the latest news about Hertha?", "2026-02-08", "2026-03-10"),
    ("Any news about the harbour since October?", "2025-10-01", None),
    ("What do articles before November 2025 say about tariffs?", None, "2025-10-31"),
    ("In articles since October, who leads the company?", "2025-10-01", None),
    ("Who leads the company in articles published since October?", "2025-10-01", None),
    ("Do any articles since October mention Japan?", "2025-10-01", None),
    ("Which articles since October mention Japan?", "2025-10-01", None),
    ("Summarize the articles from March 2026 on tulips", "2026-03-01", "2026-03-31"),
    ("What has been reported since October about Hertha?", "2025-10-01", None),
    ("What has been reported about Hertha since October?", "2025-10-01", None),
    ("Articles published between October 2025 and January 2026: who won?", "2025-10-01", "2026-01-31"),
    ("According to news articles published in Q1 2026, who won?", "2026-01-01", "2026-03-31"),
    ("In coverage from October to December 2025, who won?", "2025-10-01", "2025-12-31"),
    ("What do today's papers say about the storm?", "2026-03-20", "2026-03-20"),
    ("What is in today's news?", "2026-03-20", "2026-03-20"),
    ("According to yesterday's reports, how many people were rescued?", "2026-03-19", "2026-03-19"),
    ("What do reports from last week say about the bridge?", "2026-03-09", "2026-03-15"),
    ("According to press reports since Monday, who resigned?", "2026-03-16", None),
    ("According to articles in the past two weeks, what is the price of tin?", "2026-03-06", "2026-03-20"),
    ("What do articles of the last 30 days say about tin?", "2026-02-18", "2026-03-20"),
    ("As reported on 28 October 2025, what did the deal cover?", "2025-10-28", "2025-10-28"),
    ("What was written in articles since October about bees?", "2025-10-01", None),
    ("What do articles dated 2025-10-28 say?", "2025-10-28", "2025-10-28"),
    ("Has the press reported on Hertha recently?", "2026-02-08", "2026-03-10"),
    ("What have newspapers written lately about the mayor?", "2026-02-08", "2026-03-10"),
    ("According to recent reports, who won?", "2026-02-08", "2026-03-10"),
    ("What do the latest articles say about bees?", "2026-02-08", "2026-03-10"),
    ("Tell me the latest about the harbour.", "2026-02-08", "2026-03-10"),
    ("According to the Reuters articles since October, how much did the repairs cost?", "2025-10-01", None),
    ("In news stories from October 28, 2025, who signed the deal?", "2025-10-28", "2025-10-28"),
    ("What was published about the harbour since January?", "2026-01-01", None),
    ("According to articles since 2026, how much was made last year?", "2026-01-01", None),
    ("What do articles from before 2020 say", None, "2019-12-31"),
    ("what do articles older than 2024 say about solar panels?", None, "2023-12-31"),
    ("What did newspapers say last week?", "2026-03-09", "2026-03-15"),
    ("What did newspapers report in October about the mayor?", "2025-10-01", "2025-10-31"),
    ("What do articles up to December 2025 say about the pier?", None, "2025-12-31"),
    ("What do articles from Oct 2025 say?", "2025-10-01", "2025-10-31"),
    ("What do articles from October 2025 onwards say about fares?", "2025-10-01", None),
    ("In news published yesterday, who was elected?", "2026-03-19", "2026-03-19"),
    ("What do stories published this week say about the flood?", "2026-03-16", "2026-03-22"),
    ("Find articles from 28 Oct 2025 about violins.", "2025-10-28", "2025-10-28"),
    ("Is there any news on the merger since January?", "2026-01-01", None),
    ("Why is Hertha in the news this week?", "2026-03-16", "2026-03-22"),
    ("In reports published in March 2026, what is the forecast for wheat?", "2026-03-01", "2026-03-31"),
    ("What do articles published after the first quarter of 2025 say about sleep?", "2025-04-01", None),
    ("According to October articles, who won?", "2025-10-01", "2025-10-31"),
    ("Which towns are named in articles from last month?", "2026-02-01", "2026-02-28"),
    ("What does the article from March 2026 say about the pier?", "2026-03-01", "2026-03-31"),
    ("What do articles published on Monday say about the vote?", "2026-03-16", "2026-03-16"),
    ("According to articles since last October, who coached Hertha?", "2025-10-01", None),
    ("What does today's coverage say about the eclipse?", "2026-03-20", "2026-03-20"),
    ("According to articles published from May to September 2025, who won?", "2025-05-01", "2025-09-30"),
    ("In articles published in the last three months, who is the mayor?", "2025-12-20", "2026-03-20"),
    ("In news reported in March 2026, who won?", "2026-03-01", "2026-03-31"),
    ("What do reports dated after October 1, 2025 say about bees?", "2025-10-02", None),
    ("Who won, according to articles written in the last month?", "2026-02-20", "2026-03-20"),
    ("Which clubs are named in articles written since October?", "2025-10-01", None),
    ("What are the latest reports on the eclipse?", "2026-02-08", "2026-03-10"),
    ("What do articles say since October about bees?", "2025-10-01", None),
    ("Which of the articles from 2026 mention bees?", "2026-01-01", "2026-12-31"),
    ("From the past week's articles, who won?", "2026-03-13", "2026-03-20"),
    ("Only use articles from 2025: who won?", "2025-01-01", "2025-12-31"),
    ("Per reports last week, who won?", "2026-03-09", "2026-03-15"),
    ("What is this week's news on the harbour?", "2026-03-16", "2026-03-22"),
    ("What have the newspapers been writing about the mayor lately?", "2026-02-08", "2026-03-10"),
    ("Show the newest articles about bees.", "2026-02-08", "2026-03-10"),
    ("What do the most recent news articles say?", "2026-02-08", "2026-03-10"),
]  # fmt: skip

OF_THE_FACT = [
    "Which deal was reported in March 2026?",
    "What new deals have been reported since October?",
    "What production was reported in the first quarter of 2026?",
    "What margin was reported last quarter?",
    "What inflation was reported in March 2026?",
    "Who wrote articles written in 1787?",
    "What do the articles written in 1787 by Hamilton argue?",
    "Which town has not been reported before March?",
    "What speed was reported in 2019?",
    "Who compiled the latest reports on inflation?",
    "Since October, what has the price been?",
    "What was the price reported for butter in October?",
    "How much did the US produce last year?",
    "How many cars will be electric by 2030?",
    "Who was president in 2010?",
    "What happened between China and Japan in 2010?",
    "When was the deal signed in October?",
    "Since when has Hertha mined?",
    "What is the latest generation of violins?",
    "Which company reported earnings in 2025?",
    "What does the report on 2024 output say?",
    "What profit did Hertha report in 2025?",
    "How many cases were reported in March 2020?",
    "What earnings were reported in March 2026?",
    "Who wrote the articles from 1787 to 1788?",
    "How many articles were published in 2019?",
    "How many articles did she publish in 2019?",
    "What does Article 50 since 2017 say?",
    "What are articles of association since 2006?",
    "Who presented the BBC news from 1981 to 2004?",
    "What was said in the October report about inflation?",
    "What does the 2024 report say about exports?",
    "What did the annual reports from 2024 show?",
    "What do earnings reports from 2025 show?",
    "What were last week's earnings reports about?",
    "What did intelligence reports say in 2002 about Iraq?",
    "Which phone is the latest on the market?",
    "What is the latest on the market?",
    "What is the latest version of Python?",
    "What is the latest model from Toyota?",
    "Who spread fake news in 2016?",
    "Who was in the news in 2010?",
    "Who lost health coverage after March 2020?",
    "How many people gained coverage since 2014?",
    "How did vaccination coverage change between 2019 and 2021?",
    "Which newspapers since 1850 have been printed in Oslo?",
    "What did articles about the war in 1914 say?",
    "What do articles about the events in 2010 say?",
    "What news about the earthquake in 2011 shocked people?",
    "How many books were published in 2019?",
    "When was the first edition published in 1859?",
    "Who published the study in March 2026?",
    "What did Darwin publish in 1859?",
    "Why did shares fall after last week's news?",
    "Why did shares fall on bad news last week?",
    "What did the minister say last week?",
    "What did he report in March 2026 to the board?",
    "Has the price risen since October?",
    "What has changed since last month?",
    "How high was inflation in the first quarter of 2025?",
    "What is planned for next year?",
    "What were the recent changes to the tax law?",
    "Who are the most recent winners of the cup?",
    "What was the latest eruption of Etna?",
    "Which unit reports since October to the CEO?",
    "Who reports to the minister since March?",
    "How many deaths were reported in 2020?",
    "What was written in 1776?",
    'What does "articles since October" mean?',
    "Find +articles since October",
    "What do articles not from 2025 say?",
    "How long has the press been used since 1450?",
    "Which press coverage award was given in 2012?",
    "What happened to the media in 2016?",
    "When did the newspapers close in 2009?",
    "What did the company announce today?",
    "How did the market move this week?",
    "Which papers did Einstein write in 1905?",
    "Which research articles from 2019 found the gene?",
    "What do articles from early 2025 say?",
    "What do articles from March Networks say?",
    "What do articles from 2024 and 2025 say?",
    "What do papers from 2017 introduce?",
    "What does the treaty's article since 1992 allow?",
    "What did the report published in 2019 recommend?",
    "Who wrote the report published in March 2026?",
    "Which UN reports published in 2019 warned of fires?",
    "What was the number of reports since 2010?",
    "Was a decline in reports since 2010 seen?",
    "Was the outbreak reported in December 2019?",
    "What loss did the company report last month?",
    "Which stories since 2010 were added to the tower?",
    "How many stories does the tower completed in 2010 have?",
    "Was the law covered by coverage requirements since 2014?",
    "When will the next report be published in April?",
    "What date is the report due in October?",
    "As of March 2026, who runs Hertha?",
    "Until when did the mill operate in 1998?",
    "Before 2010, who owned the mill?",
    "How many tonnes since 2015 came from Australia?",
    "What was the latest on-chain fee in 2023?",
    "What may articles contain?",
    "Were newspapers printed in 1605?",
    "Are newspapers from 1850 printed on paper?",
    "Show me papers from 2019 by the team.",
    "According to papers from 2019, how do transformers learn?",
    "What do papers from 2017 say about attention?",
    "What do the articles of 1949 say about prisoners?",
    "How has social media since 2010 changed politics?",
    "How has the media since 2010 changed?",
    "What is the latest news conference about?",
    "Who is the latest news anchor of the channel?",
    "In today's media, who dominates?",
    "What was said in last week's press conference?",
    "Who read the news today?",
    "Which virus was first reported in December 2019?",
    "Which comet was reported in 1910?",
    "In which articles of the constitution is speech named?",
    "What did the company say in its report from March 2026?",
    "How much did the mill produce in October last year?",
    "What do articles from October last year say?",
    "Who attended the summit in last month's heat?",
    "Who was recently appointed?",
    "What has Hertha recently reported?",
    "What happened recently?",
    "What was published in Nature in 2020?",
    "What was written about slavery in 1850?",
    "Which changes were reported to the tax office in March?",
    "Which records since 2000 were broken?",
    "What is new since October?",
    "What has happened since the articles were signed in 1781?",
]


def read(question, as_of=AS_OF, dates=DATES):
    return read_publication(question, as_of, lambda: dates)


@pytest.mark.parametrize(("question", "since", "until"), OF_PUBLICATION)
def test_words_about_publication_become_a_filter(question, since, until):
    publication = read(question)
    assert (publication.filters.since, publication.filters.until) == (since, until)
    assert publication.filters.undated
    assert publication.wording in question


@pytest.mark.parametrize("question", OF_THE_FACT)
def test_a_time_that_belongs_to_the_fact_is_not_a_filter(question):
    assert read(question) is None


@pytest.mark.parametrize(
    ("question", "without"),
    [
        ("According to articles since October, who won?", "who won?"),
        ("Who won, according to articles since October?", "Who won?"),
        ("Who won in articles published since October?", "Who won?"),
        ("Articles from 2025: who won?", "who won?"),
        ("Only use articles from 2025: who won?", "who won?"),
        ("As reported last week, who won?", "who won?"),
        ("Which prices are given in last week's articles?", "Which prices are given?"),
        ("What do reports from March 2026 say about bees?", "What do reports say about bees?"),
        ("What was reported in March 2026 about bees?", "What was reported about bees?"),
        ("What do recent articles say about bees?", "What do articles say about bees?"),
        ("In articles about bees since October, who won?", "In articles about bees who won?"),
        ("In Gazette articles since October, who won?", "In Gazette articles who won?"),
        ("What is the latest on bees?", "What is the latest on bees?"),
        ("articles  since\nOctober", "articles"),
        ("What happened, according to reports on Tuesday night?", "What happened?"),
        ("What happened according to reports published yesterday morning?", "What happened?"),
    ],
)
def test_the_question_loses_the_wording_but_keeps_its_topic(question, without):
    assert read(question).question == without


def test_the_latest_reaches_back_30_days_from_the_newest_article_up_to_today():
    filters = read("What is the latest on bees?").filters
    assert (filters.since, filters.until) == ("2026-02-08", "2026-03-10")
    assert read("What is the latest on bees?", dates=[None]) is None
    assert read("What is the latest on bees?", dates=["2026-03-21"]) is None


def test_the_latest_never_starts_before_the_first_day_of_the_calendar():
    read = read_publication("The latest news on zinc?", dt.date(1, 1, 9), lambda: ["0001-01-05"])
    assert (read.filters.since, read.filters.until) == ("0001-01-01", "0001-01-05")


@pytest.mark.parametrize(
    "written", ["\u017feptember", "apr\u0131l 2025", "5 apr\u0131l", "last \u017fep"]
)
def test_letters_that_look_like_a_month_are_not_a_month(written):
    assert read_bounds(written, AS_OF) == (None, None)
    assert read_publication(f"What do articles since {written} say?", dt.date.today(), list) is None  # noqa: DTZ011


def test_dates_are_read_only_if_the_question_asks_for_the_newest():
    def none():
        pytest.fail("looked through")

    assert read_publication("Articles since October: who won?", AS_OF, none)
    assert read_publication("Who won in October?", AS_OF, none) is None


def test_two_different_times_are_not_a_filter():
    assert read("Do articles since May say what articles before May say?") is None
    assert read("Do articles since May say what newer articles since May say?")


def test_future_articles_need_a_year():
    assert read("What do articles since 2027 say?").filters.since == "2027-01-01"
    assert read("What do articles after March say?") is None


# ---------------------------------------------------------------- rules

MONTHS = "January February March April May June July August September October November December"
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))
PERIODS = st.one_of(
    st.sampled_from(MONTHS.split()),
    st.builds("{} {}".format, st.sampled_from(MONTHS.split()), st.integers(1900, 2080)),
    st.builds("{} {}".format, st.integers(1, 31), st.sampled_from(MONTHS.split())),
    st.builds("Q{} {}".format, st.integers(1, 4), st.integers(1900, 2080)),
    st.integers(1900, 2080).map(str),
    DAYS.map(dt.date.isoformat),
    st.sampled_from("this week|last week|the past month|last 9 days|yesterday|Monday".split("|")),
)
TIMES = st.one_of(
    st.builds("{} {}".format, st.sampled_from("since from after before until".split()), PERIODS),
    st.builds("between {} and {}".format, PERIODS, PERIODS),
    st.builds("published in {}".format, PERIODS),
)


@given(TIMES, DAYS)
def test_a_filter_never_ends_before_it_begins_and_keeps_undated_articles(time, as_of):
    publication = read(f"According to articles {time}, who won?", as_of)
    if publication is None:
        return
    filters = publication.filters
    assert filters.undated
    assert filters.since or filters.until
    assert not (filters.since and filters.until and filters.since > filters.until)
    assert publication.question == "who won?"


@given(st.sampled_from(MONTHS.split()), DAYS)
def test_a_month_without_a_year_is_the_last_one_that_has_begun(month, as_of):
    since = dt.date.fromisoformat(read(f"articles since {month}", as_of).filters.since)
    assert since <= as_of < since.replace(year=since.year + 1)
    assert since.strftime("%B") == month


@given(DAYS, st.lists(st.one_of(st.none(), DAYS.map(dt.date.isoformat)), min_size=1))
def test_the_latest_is_never_of_the_future(as_of, dates):
    publication = read("the latest on bees", as_of, dates)
    past = [day for day in dates if day and day <= as_of.isoformat()]
    if not past:
        assert publication is None
        return
    filters = publication.filters
    assert filters.until == max(past)
    since = dt.date.fromisoformat(filters.since)
    assert dt.date.fromisoformat(filters.until) - since == LATEST


FACTS = st.builds(
    "{} {} {} {}?".format,
    st.sampled_from(
        "What did the ministry decide|How many trains ran|Who led the club|Which prices rose"
        "|How much honey was sold|Why did the mill close|What did the firm announce".split("|")
    ),
    st.sampled_from(["", "in Oslo", "for the first time", "after the storm"]),
    st.sampled_from("in since before after by until during around".split()),
    PERIODS,
)


@given(FACTS, DAYS)
def test_times_of_facts_are_never_filters(question, as_of):
    assert read(question, as_of) is None


@given(st.text(max_size=200), DAYS)
def test_any_text_can_be_asked(text, as_of):
    publication = read(f"articles since {text} reports {text} in May", as_of)
    assert publication is None or re.search(r"\w", publication.question)


@pytest.mark.parametrize(
    "part", ["articles about ", "in the news ", "from May to ", "a b ", ", ", "x"]
)
def test_time_is_bounded_for_long_questions(part):
    question = f"According to articles since May, who won? {part * (9_000 // len(part))}"
    assert read(question).wording == "articles since May"


def test_other_filters_stay_beside_the_dates_of_the_wording():
    others = Filters(publisher="Gazette", path="a/*", title="zinc")
    found = read_publication("What do articles since 2024 say?", dt.date(2026, 3, 20), list)
    assert found.within(others) == replace(
        found.filters, publisher="Gazette", path="a/*", title="zinc"
    )
    assert found.within(None) == found.filters
