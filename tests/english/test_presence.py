"""Whether an article mentions a name or a year at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.english.presence import Mentions, names_by_case
from tests.timing import assert_linear, repeated

MENTIONED = [
    ("Tony Blair", "Mr Blair flew home."),
    ("Blair", "Tony Blair flew home."),
    ("President Donald Trump", "Trump’s lawyers agreed."),
    ("Christopher Dale", "Chris Dale said so."),
    ("Angela Merkel", "Angela won again."),
    ("Ministry of Defence", "The MoD denied it."),
    ("MoD", "The Ministry of Defence denied it."),
    ("IPO", "Its initial public offering is in June."),
    ("MBA", "The Massachusetts Board of Arts (MBA) pays."),
    ("PSP", "The PlayStation Portable is late."),
    ("WWII", "It was built before World War II."),
    ("United States", "The US agreed."),
    ("US", "American voters agreed."),
    ("Washington D.C.", "He lives in Washington."),
    ("DC", "He lives in D.C."),
    ("Japan", "A Japanese firm bought it."),
    ("South Koreans", "It was made in South Korea."),
    ("Texas", "Two Texans were there."),
    ("Houston", "The Houstonian won."),
    ("Hindu", "It is a part of Hinduism."),
    ("Grammies", "She won a Grammy."),
    ("Time Warner", "TimeWarner sold it."),
    ("Wal-Mart", "Walmart sold it."),
    ("Mandleson", "Peter Mandelson resigned."),
    ("José Peña", "Jose Pena sang."),
    ("Orvald's Mills", "The mills at Orvald are shut."),
    ("Lynas Corporation", "Lynas is in Malaysia."),
    ("Arsenal Football Club", "Arsenal won."),
    ("Manchester United", "United, of Manchester, won."),
    ("2022 World Cup", "The World Cup begins."),
    ("Eastern Asia", "East Asian firms sold it."),
    ("Chapter 9", "Chapter 7 is long, Chapter 9 is short."),
    ("Chapter 9", "Chapters 7 and 9 are short."),
    ("Boeing 747", "The Boeing 737 and the 747 landed."),
    ("F-16", "An F-35 and an F16 landed."),
    ("World War 2", "World War 1 came before World War II."),
    ("Regulation 2019/943", "Regulation 2019/881 and Regulation 2019/943 apply."),
    ("Q2 2007", "It sold more in the second quarter of 2007."),
]
NOT_MENTIONED = [
    ("Gordon Brown", "Tony Blair flew home."),
    ("Cherie Blair", "Tony Blair flew home, and Tony Blair slept."),
    ("David Cameron", "David Blunkett resigned."),
    ("Microsoft", "Apple sold more."),
    ("South Africa", "South Korea sold more, and Africa bought it."),
    ("Austria", "Australia sold more."),
    ("Iran", "Iraq sold more."),
    ("Bank of Japan", "The Bank of England raised rates."),
    ("Bank of England", "The Bank of Wales met the Bank of Norway."),
    ("Tokyo Stock Exchange", "The London Stock Exchange fell."),
    ("NHS", "The BBC denied it."),
    ("Titanic", "A tin was found."),
    ("Peter Mandelson", "Peter Hain resigned."),
    ("Chapter 11", "Chapter 7 is long. Apollo 11 landed."),
    ("Apollo 12", "Apollo 11 took 12 stones."),
    ("Article 6(3)", "Article 6(1) costs 3 euros, Article 6(2) costs 9."),
    ("bus 45", "Bus 41 takes 45 people."),
    ("5nm", "A 7nm chip costs 9 dollars."),
    ("Regulation 2019/944", "Regulation 2019/943 sets a levy of 944 euros."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), MENTIONED)
def test_a_name_is_mentioned_in_any_form(name, text):
    assert Mentions(text).has_name(name)


@pytest.mark.parametrize(("name", "text"), NOT_MENTIONED)
def test_another_name_is_not_the_name(name, text):
    assert not Mentions(text).has_name(name)


@pytest.mark.parametrize(
    ("year", "text", "published"),
    [
        (2004, "It fell in 2004.", None),
        (2004, "It fell in 2003-04.", None),
        (2004, "It fell in 2003/2005.", None),
        (2004, "It fell in '04.", None),
        (2004, "It fell last year.", "2005-01-09"),
        (2004, "It fell last year.", None),
        (2004, "It fell last year, as it did in 2003.", None),
    ],
)
def test_a_year_is_meant_in_any_form(year, text, published):
    assert Mentions(text, published).has_year(year)


@pytest.mark.parametrize(
    ("year", "text", "published"),
    [
        (1987, "It fell in 2004.", None),
        (1987, "It fell last year.", "2005-01-09"),
        (2004, "It fell to 2,004 from 1.2004 points.", "2010-01-09"),
        (2012, "It fell in 2003-04.", None),
    ],
)
def test_another_year_is_not_the_year(year, text, published):
    assert not Mentions(text, published).has_year(year)


@given(st.text(max_size=80), st.text(max_size=20))
def test_what_stands_in_a_text_is_mentioned(text, name):
    assert Mentions(f"{text} {name} {text}").has_name(name)


@given(st.text(max_size=80), st.integers(1500, 2099))
def test_a_year_that_stands_in_a_text_is_named(text, year):
    assert Mentions(f"{text}\n{year}\n").has_year(year)


def test_the_articles_show_which_words_of_a_question_are_names():
    told = Mentions(
        "So the minister David Blunkett left. They miss David and Blunkett at the office."
    )
    assert names_by_case("why did david blunkett leave the office".split(), [told]) == [
        "David Blunkett"
    ]
    titled = Mentions("Minister Leaves Office\n\nHe left.")
    assert names_by_case("which minister left".split(), [titled]) == []
    assert names_by_case("what does chile mine".split(), [titled]) == ["Chile"]
    assert (
        names_by_case("who roasts a turkey".split(), [Mentions("They eat a turkey there.")]) == []
    )


def test_a_long_article_is_read_in_linear_time():
    def read(text):
        assert not Mentions(text).has_name("Gordon Qrown Zrown")

    sentence = "Mr Gordon Smith met J. R. de la Cruz' U.S. aide in 2003-04. "
    assert_linear(read, repeated(sentence), 2_000)


def test_a_name_of_nothing_but_kinds_has_no_short_form():
    article = Mentions("The club met. The football season began.")
    assert not article.has_name("Central Bank Club")
