"""Sentences about the same fact, and sentences that merely sound alike."""

from __future__ import annotations

import pytest

from rag.answer import Inquiry
from rag.answer.agree import Assertion, SameFact
from rag.english.question import read_question
from rag.stores.analyzer import TextAnalyzer


def assertion(quote, published=None, about=""):
    """An assertion whose answer stands between brackets."""
    before, _, rest = quote.partition("[")
    answer, _, after = rest.partition("]")
    return Assertion(answer, before + answer + after, about, published)


def same(question, one, other, **given):
    analyzer = TextAnalyzer()
    same_fact = SameFact(Inquiry(read_question(question, analyzer), analyzer, lambda _: 1.0))
    assert same_fact(one, other, **given) == same_fact(other, one, **given)
    return same_fact(one, other, **given)


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("How much did the pier cost?", "The pier cost [4.2] million.", "The pier cost [4.8] million."),
        (
            "How many people were hurt in the fire?",
            "The fire hurt [12] people, police said.",
            "County Hospital said the fire hurt [15] people.",
        ),
        (
            "Who built the dam?",
            "[Northfall] built the dam.",
            "The dam was built by [Brandt & Sons] and completed in 1961.",
        ),
        ("How tall is the dam?", "The dam is [88] m tall.", "In 1961 the dam was [89] m tall."),
    ],
)  # fmt: skip
def test_sentences_about_the_same_fact(question, one, other):
    assert same(question, assertion(one, "1961-05-01"), assertion(other, "1961-06-01"))


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (  # a part and the whole
            "How much rare earth oxide did the US produce?",
            "The US produced [45,000 tonnes] of rare earth oxide.",
            "Mountain Pass has an annual production capacity of [38,000 tons] of rare earth oxide.",
        ),
        (
            "How many books does the library of Upper Dunmere hold?",
            "The library of Upper Dunmere holds [17,000] books.",
            "The library of Lower Dunmere holds [40,000] books.",
        ),
        (
            "What does a ticket for the pool cost?",
            "A ticket for the pool costs adults [7] euros.",
            "A ticket for the pool costs children [3] euros.",
        ),
        (
            "How many apples were picked?",
            "[12,500] tonnes of apples were picked in 2025, against 16,000 tonnes in 2024.",
            "[16,000] tonnes of apples were picked in 2024.",
        ),
        (
            "How many runners came?",
            "[8,400] runners came.",
            "Last year [6,300] runners came.",
        ),
        (
            "How many infections did the vaccine prevent?",
            "The vaccine prevented [71] percent of infections.",
            "The vaccine was expected to prevent [80] percent of infections.",
        ),
        (
            "How many were hurt in the fire?",
            "[12] were hurt in the fire.",
            "In a smaller fire [4] were hurt.",
        ),
    ],
)  # fmt: skip
def test_sentences_that_merely_sound_alike(question, one, other):
    assert not same(question, assertion(one, "2025-05-01"), assertion(other, "2025-06-01"))


def test_the_question_s_words_may_be_in_the_title_or_the_next_sentence():
    one = assertion("The Kestrel Dam is [88] metres tall.")
    other = assertion("It is [90] metres tall.", about="Sixty years of the Kestrel Dam")
    assert same("How tall is the Kestrel Dam?", one, other)
    assert not same("How tall is the Kestrel Dam?", one, assertion("It is [90] metres tall."))


def test_equal_answers_need_fewer_shared_words():
    one = assertion("[Halden Rail] will operate the Nordby trams.")
    other = assertion("The Nordby trams are run by [Halden Rail].", about="Tram bill for the city")
    question = "Who will operate the new Nordby trams?"
    assert same(question, one, other, alike=True)
    assert not same(question, one, other)
