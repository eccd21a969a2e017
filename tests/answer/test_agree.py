"""Answers that say the same in other words, that contradict each other, or that merely look alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import agree
from rag.answer.agree import says_the_same
from rag.english.question import read_question


def differs(one, other, question):
    return agree.differs(one, other, read_question(question, str.split))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("seventeen", "17"),
        ("nine", "9"),
        ("Nine laboratories", "9 labs"),
        ("15–20%", "15-20%"),
        ("15–20%", "15 to 20 percent"),
        ("Between 15–20%", "15-20 per cent"),
        ("$110/kg", "$110 per kilogram"),
        ("US$110 a kilogram", "$110/kg"),
        ("$3 a liter", "3 dollars per litre"),
        ("22,000 tons", "22 000 tons"),
        ("22,000 tons", "22,000 tons a year"),
        ("38,000 metric tons", "38,000 tonnes"),
        ("1.5 million", "1,500,000"),
        ("$4.2m", "4.2 million dollars"),
        ("88 m", "88 metres"),
        ("480 kilograms", "0.48 tonnes"),
        ("about 45,000", "45,310"),
        ("4.2 million euros", "4,213,500 euros"),
        ("one hundred and five", "105"),
        ("twelve hundred", "1,200"),
        ("a dozen people", "12"),
        ("more than 10%", "over ten percent"),
        ("eighteen months", "18 months"),
        ("Mountain Pass", "the Mountain Pass mine"),
        ("Mountain Pass", "Mountain Pass mine in California"),
        ("October 28", "28 October"),
        ("Oct. 28", "28 October 2025"),
        ("Tuesday, October 28, 2025", "2025-10-28"),
        ("the first of September", "September 1"),
        ("the United States", "the US"),
        ("the US", "U.S."),
        ("President Donald Trump", "Donald Trump"),
        ("Donald J. Trump", "Trump"),
        ("JOGMEC", "Japan’s Organization for Metals and Energy Security (JOGMEC)"),
        ("BOJ", "the Bank of Japan"),
        ("the World Health Organization", "WHO"),
        ("Lynas Ltd", "Lynas"),
        ("samarium and gadolinium", "gadolinium and samarium"),
        ("magnets, lasers and lamps", "lamps, magnets, and lasers"),
        ("“the kiln room”", "kiln rooms"),
        ("Dr Ana Belmonte", "Ana Belmonte’s"),
        ("REAlloys chief executive Leonard Sternheim", "Sternheim"),
        ("South Koreans", "Korea"),
    ],
)  # fmt: skip
def test_the_same_in_other_words(one, other):
    assert says_the_same(one, other)
    assert says_the_same(other, one)
    assert not differs(one, other, "Who is the mayor?")
    assert not differs(one, other, "How many are there?")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("17", "18"),
        ("17 tons", "17%"),
        ("5%", "5 percentage points"),
        ("5 basis points", "5 percentage points"),
        ("38,000 tons", "45,000 tonnes"),
        ("100 short tons", "100 tonnes"),
        ("$110/kg", "$110 per pound"),
        ("$110", "€110"),
        ("$110", "A$110"),
        ("48 million", "49 million"),
        ("40", "42"),
        ("15–20%", "15%"),
        ("15–20%", "20%"),
        ("more than 10%", "10%"),
        ("more than 10%", "up to 10%"),
        ("12 people", "12 cars"),
        ("1961", "1963"),
        ("June 2024", "June 2025"),
        ("14 June", "28 June"),
        ("Deep News", "Market News"),
        ("Bank of Japan", "Japan"),
        ("the University of Oslo", "the University of Bergen"),
        ("Upper Dunmere", "Dunmere"),
        ("New York", "York"),
        ("South Korea", "North Korea"),
        ("South Korea", "South Africa"),
        ("the United States", "the United Kingdom"),
        ("Trump", "the Trump administration"),
        ("Lynas workers", "Lynas"),
        ("Japan", "Japan Airlines"),
        ("CEO Ann Lee", "CEO Bob Ray"),
        ("US Steel", "US Senate"),
        ("Ann Lee", "Abe Lin"),
        ("the National Hockey League", "the National Women’s Hockey League"),
        ("the Treaty on Fishing", "the Northern Treaty"),
        ("Ann Lee", "Ann Ray"),
        ("Ann Lee", "Bob Lee"),
        ("the dam is safe", "the dam is not safe"),
        ("samarium and gadolinium", "samarium"),
        ("F-16", "F-15"),
        ("permanent magnets", "magnets"),
    ],
)  # fmt: skip
def test_what_looks_alike_and_is_not_the_same(one, other):
    assert not says_the_same(one, other)
    assert not says_the_same(other, one)


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("How many people were injured?", "12 people", "Fifteen"),
        ("How much did it cost?", "48 million kroner", "53 million kroner"),
        ("What share was lost?", "15–20%", "30 percent"),
        ("How many were there?", "more than 100 people", "80 people"),
        ("When was it completed?", "1961", "1963"),
        ("When does it open?", "14 June", "28 June 2025"),
        ("Who built the dam?", "Brandt & Sons", "Northfall Construction"),
        ("Who led the trial?", "Ana Belmonte", "Dr Felix Okafor"),
        ("Who is the mayor of Ellmoor?", "Marta Quill", "Tobias Renn"),
        ("Who was the dam built by?", "Brandt & Sons", "Northfall Construction"),
        ("Where is the company based?", "Oslo", "Bergen"),
    ],
)
def test_contradictions(question, one, other):
    assert differs(one, other, question)
    assert differs(other, one, question)


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("How much did it cost?", "48 million kroner", "53 percent"),
        ("How much did it cost?", "$48 million", "€53 million"),
        ("How much is made?", "22,000 tons a year", "2,000 tons a month"),
        ("How many were hurt?", "12 people", "15 cars"),
        ("How many were hurt?", "more than 10 people", "12 people"),
        ("What share was lost?", "15–20%", "17%"),
        ("When was it completed?", "June", "June 2025"),
        ("When was it completed?", "Monday", "June 2025"),
        ("Who supports the plan?", "the Greens", "Labour"),
        ("Who spoke?", "Ann Lee", "Bob Ray"),
        ("Who were the volunteers helped by?", "the Red Cross", "Bob Ray"),
        ("Which companies built it?", "Brandt & Sons", "Northfall Construction"),
        ("Who built it?", "Brandt & Sons and Northfall", "Brandt & Sons"),
        ("Who is the mayor?", "Marta Quill", "Quill, a vet"),
        ("Why did it burn?", "12 people", "15 people"),
        ("What is it used for?", "Magnets", "Lasers"),
    ],
)
def test_what_does_not_contradict(question, one, other):
    assert not differs(one, other, question)
    assert not differs(other, one, question)


WORDS = st.sampled_from(
    "twelve 12 15–20% more than $4.2m kg tons of Bank Japan Ann Lee not October 28 2025 the (JO) ,".split()
)
ANSWERS = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


@given(ANSWERS, ANSWERS)
def test_sameness_and_contradiction_are_symmetric_and_exclude_each_other(one, other):
    assert says_the_same(one, other) == says_the_same(other, one)
    for question in ("How many?", "When was it?", "Who is the mayor?"):
        assert differs(one, other, question) == differs(other, one, question)
        assert not (differs(one, other, question) and says_the_same(one, other))


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_whole_numbers_say_the_same_if_they_are_equal(one, other):
    assert says_the_same(f"{one} jobs", f"{other:,} jobs") == (one == other)
    assert differs(f"{one} jobs", f"{other:,} jobs", "How many?") == (one != other)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_is_too_strange_to_compare(one, other):
    assert says_the_same(one, other) == says_the_same(other, one)
    assert not differs(one, one, "Who is the mayor?")


@given(
    st.lists(
        st.sampled_from(
            "about over 1 12 1e400 \u00b2 \u0663 \u00bd m\u0131llion u\u017f$3 tons \u017fep to and ,"
            " apr\u0131l 5 per \u212a % 0".split()
        ),
        max_size=12,
    ).map(" ".join)
    | st.integers(300, 500).map(lambda n: "about 1" + "0" * n)
)
def test_no_number_or_date_is_too_strange_to_compare(answer):
    other, question = f"{answer} 7", "How many tons of it, and when?"
    assert says_the_same(answer, other) == says_the_same(other, answer)
    assert not (says_the_same(answer, other) and differs(answer, other, question))


@pytest.mark.parametrize("part", [" ", "\t", "1,", "1 to ", "what is ", "A\u2019", "Aa and "])
def test_answers_of_any_length_are_compared(part):
    text = part * (4_000 // len(part))
    assert says_the_same(f"Ann {text}", f"Ann {text}")
    assert not says_the_same(f"Ann {text}", f"{text} Bo")
    assert not differs(f"Ann {text}", f"{text} Bo", f"Who is it? {text[:3_000]}")
