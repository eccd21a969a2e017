"""Which words answer: of the right kind, with their measure, and about the right year."""

import pytest

from rag.answer.candidates import Candidate, Inquiry, ReadPassage
from rag.answer.judge import ODDS, SUPPORT, confirmed_probability
from rag.answer.select import select
from rag.english.question import read_question
from rag.records import Entailment, Passage, Reading, Span
from rag.stores.analyzer import TextAnalyzer
from rag.text.units import Cell, Unit

ANALYZER = TextAnalyzer()


def answered(question, text, *spans, unit=None):
    """The words that answer in a text, and their probability; ``spans`` are the reader's, best first."""
    passage = Passage(
        chunk_id="c", doc_id="d", path="d", title="", publisher=None, published=None, url=None,
        start=0, end=len(text), line=1, page=None, heading=None, text=text, score=1.0,
    )  # fmt: skip
    found = tuple(
        Span(text.index(words), text.index(words) + len(words), 0.5 - n / 20)
        for n, words in enumerate(spans)
    )
    whole = unit or Unit(0, len(text), "paragraph")
    read = ReadPassage(passage, (whole,), Reading(0.9, found))
    inquiry = Inquiry(read_question(question, ANALYZER), ANALYZER, lambda _: 1.0)
    candidate = Candidate(read, 0, (whole.start, whole.end), {}, 0.8)
    [chosen] = select(inquiry, [candidate], 1)
    return chosen.words, chosen.probability


@pytest.mark.parametrize(
    ("question", "text", "spans", "answer"),
    [
        # more than the words of the question
        ("What part of tram demand is met?", "It meets 40% of tram demand.", ("tram demand", "40%"), "40%"),
        # a title is not a name
        ("Who is CEO of Ucore?", "Ucore CEO Ann Lee said no.", ("Ann Lee", "Ucore"), "Ann Lee"),
        # one of two alternatives
        ("Is it Oslo or Bergen?  Which?", "It is Bergen.", ("Bergen",), "Bergen"),
    ],
)  # fmt: skip
def test_the_reader_s_span_that_fits_the_question_answers(question, text, spans, answer):
    assert answered(question, text, *spans)[0] == answer


def test_words_of_another_kind_are_less_probable():
    fits = answered("How many trams run?", "Today 12 trams run.", "12")
    fits_not = answered("How many trams run?", "Today trams run.", "Today")
    assert fits[1] > 3 * fits_not[1]


def test_a_sentence_about_another_act_hardly_counts():
    asked = "When was the mill founded?"
    other = answered(asked, "The mill was sold in 1901.", "1901")[1]
    assert answered(asked, "The mill was founded in 1901.", "1901")[1] > 20 * other


def test_a_sentence_about_another_year_hardly_counts():
    asked = "How much did it sell in 2024?"
    other = answered(asked, "It sold 4 tons in 2021.", "4 tons")[1]
    for text in (
        "It sold 4 tons in 2024, after 3 in 2021.",
        "It sold 4 tons.",
        "It sold 4 tons in May.",
    ):
        assert answered(asked, text, "4 tons")[1] > 20 * other


def test_support_raises_and_contradiction_lowers_the_probability():
    assert ODDS > 0
    assert SUPPORT > 0
    for judged in (0.01, 0.3, 0.9):
        less, more = (
            confirmed_probability(judged, Entailment(*s)) for s in ((0.1, 0.8), (0.8, 0.1))
        )
        assert 0 < less < more < 1
    assert confirmed_probability(0.0, Entailment(0.0, 1.0)) > 0  # no logarithm of 0


def test_a_row_without_a_number_hardly_answers_how_much():
    row = "Tin solder, cans"
    assert (
        answered("What is the melting point of tin?", row, unit=Unit(0, len(row), "table"))[1] < 0.3
    )


def test_the_cell_that_names_the_row_does_not_answer():
    row = "Swift | 64 | Gdansk"
    cells = (Cell(0, 5, "Model"), Cell(8, 10, "Seats"), Cell(13, 19, "Built in"))
    unit = Unit(0, len(row), "table", 0, cells)
    assert answered("How many seats has the Swift?", row, "Swift", unit=unit)[0] == "64"
    assert answered("Where is the Swift built?", row, "64", unit=unit)[0] == "Gdansk"
    assert answered("What of it?", row, unit=unit)[0] == row
