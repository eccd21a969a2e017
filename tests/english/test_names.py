"""Where names stand, and which two are of one thing."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.english.countries import COUNTRIES
from rag.english.names import compatible, is_institution, is_place, names, same

SAME = [
    ("South Korea", "South Koreans"),
    ("South Korea", "Korea"),
    ("China", "Chinese"),
    ("Denmark", "the Danes"),
    ("the United States of America", "USA"),
    ("the United States", "U.S."),
    ("America", "the US"),
    ("UK", "Britain"),
    ("the European Union", "EU"),
    ("BoJ", "the Bank of Japan"),
    ("WHO", "World Health Organization"),
    ("U.N.", "the United Nations"),
    ("S&P", "Standard & Poor"),
    ("JOGMEC", "Japan’s Organization for Metals and Energy Security (JOGMEC)"),
    ("Johnson and Johnson", "Johnson & Johnson"),
    ("Lynas", "Lynas Corp. Ltd."),
    ("Volkswagen", "Volkswagen Group"),
    ("Trump", "US President Donald Trump"),
    ("Donald Trump", "Donald J. Trump"),
    ("Ana Belmonte", "Dr. Ana Belmonte’s"),
    ("REAlloys CEO Leonard Sternheim", "Sternheim"),
    ("“Deep News”", "Deep News"),
]
APART = [
    ("South Korea", "South Africa"),
    ("South Korea", "North Korea"),
    ("South Sudan", "Sudan"),
    ("United States", "United Kingdom"),
    ("United States", "United Airlines"),
    ("Austria", "Australia"),
    ("Niger", "Nigeria"),
    ("Iran", "Iraq"),
    ("Slovakia", "Slovenia"),
    ("Ireland", "Northern Ireland"),
    ("Guinea", "Papua New Guinea"),
    ("US", "Us Weekly"),
    ("Bank of Japan", "Bank of England"),
    ("the University of Oslo", "the University of Bergen"),
    ("US Steel", "US Senate"),
    ("General Motors", "General Electric"),
    ("Deep News", "Market News"),
    ("Mitsubishi Materials", "Mitsubishi Motors"),
    ("New York", "York"),
    ("Upper Dunmere", "Dunmere"),
    ("Upper Dunmere", "Lower Dunmere"),
    ("Ann Lee", "Ann Ray"),
    ("Ann Lee", "Bob Lee"),
    ("Ann Lee", "Abe Lin"),
    ("F-16", "F-15"),
    ("BoE", "Bank of Japan"),
]
PART = [
    ("Bank of Japan", "Japan"),
    ("Japan Airlines", "Japan"),
    ("Lynas Rare Earths", "Lynas"),
    ("the Trump Organization", "Trump"),
    ("Norwegian Mills", "Norway"),
    ("Michael Jordan", "Jordan"),
]
"""Not the same, but nothing tells them apart either."""


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_name_however_it_is_written(one, other):
    assert same(one, other)
    assert same(other, one)
    assert compatible(one, other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_names_however_alike(one, other):
    for relation in (same, compatible):
        assert not relation(one, other)
        assert not relation(other, one)


@pytest.mark.parametrize(("one", "other"), PART)
def test_a_name_that_may_stand_for_another(one, other):
    assert compatible(one, other)
    assert compatible(other, one)
    assert not same(one, other)


def test_no_two_countries_are_the_same():
    for one, other in combinations(sorted(set(COUNTRIES.values())), 2):
        assert not same(one.title(), other.title()), (one, other)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Who is the CEO of Orvald Mills?", ["Orvald Mills"]),
        ("Why did I see Ann Lee's cat in 2020?", ["Ann Lee"]),
        ("Where does MP Materials run the Mountain Pass mine?", ["MP Materials", "Mountain Pass"]),
        ("Who won the 2022 World Cup?", ["2022 World Cup"]),
        ("In 2024 Lynas met the U.S. Treasury on Tuesday.", ["Lynas", "U.S. Treasury"]),
        ("In May Brandt & Sons met Theresa May.", ["Brandt & Sons", "Theresa May"]),
        ("The Ministry of Trade and Industry of Japan paid.", ["Ministry of Trade and Industry of Japan"]),
        ("In all, Denmark and Norway sold 22,000 tons.", ["Denmark", "Norway"]),
        ("JOGMEC Vice President Hiroshi Kubota spoke.", ["JOGMEC", "Hiroshi Kubota"]),
        ("General Motors and King Carl met.", ["General Motors", "Carl"]),
        ("Donald J. Trump of St. Louis", ["Donald J. Trump of St", "Louis"]),
        ("How many F-16s has the WHO?", ["F-16s", "WHO"]),
        ("where is it", []),
    ],
)  # fmt: skip
def test_names_are_found_in_a_text(text, found):
    assert [name.text for name in names(text)] == found


def test_a_capital_that_only_opens_a_sentence_is_told():
    found = {
        name.text: name.opens for name in names("Companies met. Lynas Corp met. REAlloys met Vale.")
    }
    assert found == {"Companies": True, "Lynas Corp": False, "REAlloys": False, "Vale": False}


def test_kinds_of_names():
    assert [is_institution(name) for name in ("MP Materials", "Deep News", "Ann Lee")] == [
        True,
        True,
        False,
    ]
    assert [is_place(name) for name in ("Trade Tower", "Malaysia", "Ann Lee")] == [
        True,
        True,
        False,
    ]


WORDS = st.sampled_from(
    "Ann Lee of and & for the The Bank Japan Japanese South Korea U.S. US President J. Ltd. 2022 F-16 May"
    " Mills in said Women’s ( ) . , “ ” é Ö ſ ".split(" ")
)
TEXTS = st.lists(WORDS, max_size=9).map(" ".join) | st.text(max_size=40)


@given(TEXTS)
def test_names_are_slices_in_order(text):
    end = 0
    for name in names(text):
        assert text[name.start : name.end] == name.text != ""
        assert end <= name.start
        end = name.end


@given(TEXTS, TEXTS)
def test_to_be_the_same_holds_both_ways(one, other):
    assert same(one, one)
    assert same(one, other) == same(other, one)
    assert compatible(one, other) == compatible(other, one)
    assert compatible(one, other) or not same(one, other)


@given(st.sampled_from([name.removesuffix("’s") for pair in SAME + APART + PART for name in pair]))
def test_an_article_or_a_possessive_ending_changes_nothing(name):
    assert same(name, f"the {name}")
    assert same(name, f"{name}’s")


@pytest.mark.parametrize(
    "part", ["Aa ", "Aa of ", "Bank of Aa and ", "J. ", "Aa’s ", "“", "US ", "(", "A-"]
)
def test_texts_of_any_length_are_read(part):
    text = part * (4_000 // len(part))
    assert all(text[name.start : name.end] == name.text for name in names(text))
    assert same(text, text + " ")
    assert not same(text, f"{text} Bo X")
