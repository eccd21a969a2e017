"""What a question asks for, which words answer it, and that probabilities are probabilities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rag.answer import Inquiry, ReadPassage
from rag.answer.judge import NONE_OF_THESE, WEIGHTS, choice_probabilities, judge, log_odds
from rag.answer.select import select
from rag.english.quantities import with_measure
from rag.english.question import read_question
from rag.records import Contribution, Passage, Reading, Span
from rag.settings import Settings
from rag.stores.analyzer import TextAnalyzer
from rag.text.units import Unit

TEXT = "It makes 22,000 tons a year. Nobody asked why.\nOxide 12 red"
ANALYZER = TextAnalyzer()
UNITS = (Unit(0, 28, "paragraph"), Unit(29, 46, "paragraph"), Unit(47, 59, "table"))


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("Who runs REAlloys?", True),
        ("How many laboratories take part?", True),
        ("What share of processing is in China?", True),
        ("In which year was it signed?", True),
        ("What is dysprosium used for?", True),
        ("Why did prices rise?", False),
        ("How does the financing structure reduce risk?", False),
        ("What happened between China and Japan in 2010?", False),
        ("What are the implications of the deal?", False),
        ("What did Malaysia promise?", False),
        ("What did the minister say about tariffs?", False),
        ("Does Japan mine rare earths at home?", False),
        ("Explain what the agreement says about China", False),
        ("price floor NdPr", False),
    ],
)
def test_some_questions_want_a_few_words_and_others_sentences(question, phrase):
    assert (read_question(question, ANALYZER).form in ("phrase", "list")) is phrase


@pytest.mark.parametrize(
    ("text", "span", "answer"),
    [
        ("It makes 22,000 tons a year.", "22,000", "22,000 tons"),
        ("a floor of $110 per kilogram", "$110", "$110 per kilogram"),
        ("holds 547.5 million tonnes of ore", "547.5 million", "547.5 million tonnes"),
        ("about 3 million people", "3", "3 million people"),
        ("in 2024 the mill", "2024", "2024"),
        ("nine national laboratories", "nine", "nine"),
        ("the Mountain Pass mine", "Mountain Pass", "Mountain Pass"),
        ("exactly 12", "12", "12"),
    ],
)
def test_a_number_keeps_its_measure(text, span, answer):
    start = text.index(span)
    assert text[slice(*with_measure(text, start, start + len(span)))] == answer


TOLD = "Mill CEO Ann Lee said on Monday that 12 pumps failed."


@pytest.mark.parametrize(
    ("question", "sure", "nearly", "answer"),
    [
        ("Who runs the mill?", "CEO", "Ann Lee", "Ann Lee"),
        ("When was it said?", "Ann Lee", "Monday", "Monday"),
        ("How many pumps failed?", "pumps", "12", "12"),
        ("What failed?", "pumps", "Monday", "pumps"),
        ("Who said so?", "Ann Lee", "CEO", "Ann Lee"),
    ],
)
def test_the_good_span_of_the_right_kind_answers(question, sure, nearly, answer):
    def span(text, score):
        return Span(TOLD.index(text), TOLD.index(text) + len(text), score)

    def answered(*spans):
        told = passage(text=TOLD, start=0, end=len(TOLD))
        read = ReadPassage(told, (Unit(0, len(TOLD), "paragraph"),), Reading(0.9, spans))
        [candidate] = select(asked(question), judge(asked(question), [read]), 1)
        return candidate.words

    assert answered(span(sure, 0.5), span(nearly, 0.3)) == answer
    assert answered(span(sure, 0.5), span(nearly, 0.01)) == answered(span(sure, 0.5))


@given(st.text(), st.data())
def test_a_phrase_never_shrinks_nor_leaves_its_text(text, data):
    end = data.draw(st.integers(0, len(text)))
    start = data.draw(st.integers(0, end))
    first, last = with_measure(text, start, end)
    assert 0 <= first <= start
    assert end <= last <= len(text)


def passage(**changes):
    fields = {
        "chunk_id": "c", "doc_id": "d", "path": "d", "title": "Mill", "publisher": None,
        "published": None, "url": None, "start": 0, "end": len(TEXT), "line": 1, "page": None,
        "heading": None, "text": TEXT, "score": 1.0,
        "contributions": {"dense": Contribution(1, 0.6, 0.5)},
    }  # fmt: skip
    return Passage(**(fields | changes))


def asked(question):
    return Inquiry(read_question(question, ANALYZER), ANALYZER, lambda _: 1.0)


def weigh(question, *spans, near=None, relevance=0.9):
    """The candidates of three units, the most probable first."""
    inquiry = asked(question)
    read = ReadPassage(near or passage(), UNITS, Reading(relevance, tuple(spans)))
    return select(inquiry, judge(inquiry, [read]), len(UNITS))


def test_the_reader_s_span_answers_a_question_for_a_phrase():
    first, *_ = weigh("How much does it make?", Span(9, 15, 0.9))
    assert first.words == "22,000 tons"
    assert len(weigh("How much does it make?")) == len(UNITS)  # every unit, once


def test_the_whole_sentence_answers_any_other_question_and_the_whole_row_in_a_table():
    first, *_ = weigh("Why does it make so much?", Span(9, 15, 0.9))
    assert first.span == UNITS[0][:2]
    first, *_ = weigh("What is 12?", Span(53, 55, 0.95))
    assert first.span == UNITS[2][:2]


def test_the_reader_s_score_and_shared_words_count():
    unsure = weigh("How much does it make?", Span(9, 15, 0.1))[0].probability
    sure = weigh("How much does it make?", Span(9, 15, 0.9))[0].probability
    assert sure > unsure
    by_words, *_ = weigh("Who asked, and why was nobody asked?")
    assert by_words.span == UNITS[1][:2]
    lexical = passage(contributions={})
    assert weigh("How much?", Span(9, 15, 0.9), near=lexical)[0].probability > 0


def test_a_span_that_crosses_units_is_cut_at_their_ends():
    for candidate in weigh("What is it?", Span(20, 40, 0.9)):
        start, end = candidate.span
        assert candidate.unit.start <= start < end <= candidate.unit.end


def test_a_reader_without_spans_still_lets_words_decide():
    assert weigh("Who asked why?")[0].probability > 0


def test_the_relevance_counts_of_a_reader_that_finds_no_spans():
    """Otherwise a cross-encoder would decline every question."""

    def surest(relevance):
        return weigh("What do foxes do?", relevance=relevance)[0].probability

    assert surest(0.02) < Settings().min_confidence < surest(0.98)


def test_log_odds_have_a_limit():
    assert log_odds(1e-12) == -log_odds(1 - 1e-12) == -7
    assert log_odds(0.731) == pytest.approx(1, abs=0.01)


features = st.integers(0, 30).flatmap(
    lambda n: arrays(np.float64, (n, len(WEIGHTS)), elements=st.floats(-1, 1))
)


def slow_probabilities(rows, words):
    """The definition: odds against "none of these", equal words count once, at their best."""
    best = {}
    for row, text in zip(rows, words, strict=True):
        utility = sum(w * x for w, x in zip(WEIGHTS.values(), row, strict=True)) - NONE_OF_THESE
        best[text] = max(best.get(text, 0.0), np.exp(utility))
    return [best[text] / (1 + sum(best.values())) for text in words]


@given(features, st.data())
def test_probabilities_follow_the_definition_and_sum_to_less_than_one(rows, data):
    words = data.draw(st.lists(st.sampled_from("abc"), min_size=len(rows), max_size=len(rows)))
    found = choice_probabilities(rows, words)
    assert np.allclose(found, slow_probabilities(rows, words))
    assert (found >= 0).all()
    assert sum(dict(zip(words, found, strict=True)).values()) < 1


def test_huge_features_do_not_overflow():
    found = choice_probabilities(np.full((3, len(WEIGHTS)), 1e4), ["a", "b", "c"])
    assert np.allclose(found, 1 / 3)
