"""The sentence reader: what a question asks for, and probabilities that behave as such."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rag.answer.sentence_reader import NONE_OF_THESE, WEIGHTS, choice_probabilities

from rag.answer.question import asked_kind, offers, restated


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many laboratories take part?", "number"),
        ("What share of processing is in China?", "number"),
        ("When was it signed?", "date"),
        ("How long ago did it close?", "date"),
        ("Who runs REAlloys?", "person"),
        ("Where is the mill?", "place"),
        ("Which country joined?", "place"),
        ("Why did prices rise?", None),
        ("price floor NdPr", None),
    ],
)
def test_what_a_question_asks_for(question, kind):
    assert asked_kind(question) == kind


@pytest.mark.parametrize(
    ("kind", "sentence", "question", "found"),
    [
        ("number", "It combines nine laboratories.", "How many?", True),
        ("number", "It combines some laboratories.", "How many?", False),
        ("number", "The F-35 is a fighter.", "How many pounds are in an F-35?", False),
        ("date", "It was signed on 31 October.", "When?", True),
        ("date", "It was signed in Tokyo.", "When?", False),
        ("person", "The CEO Leonard Sternheim agreed.", "Who?", True),
        ("person", "Nobody agreed.", "Who?", False),
        ("place", "It lies in Utah.", "Where?", True),
        ("place", "It lies underground.", "Where?", False),
    ],
)
def test_whether_a_sentence_offers_it(kind, sentence, question, found):
    assert offers(kind, sentence, question) is found


def test_who_runs_something_is_answered_by_a_title():
    assert restated("Who runs REAlloys?")[0] == "runs"
    assert restated("Who is in charge of it?")[0] == "charge"
    assert restated("Which machine runs longest?") is None


features = st.integers(0, 30).flatmap(
    lambda n: arrays(np.float64, (n, len(WEIGHTS)), elements=st.floats(-1, 1))
)


def slow_probabilities(rows, words):
    """The definition: odds against "none of these", each wording counted once, at its best."""
    best = {}
    for row, text in zip(rows, words, strict=True):
        utility = sum(w * x for w, x in zip(WEIGHTS.values(), row, strict=True)) - NONE_OF_THESE
        best[text] = max(best.get(text, 0.0), np.exp(utility))
    return [best[text] / (1 + sum(best.values())) for text in words]


@given(features, st.data())
def test_probabilities_are_those_of_the_definition_and_leave_room_for_none(rows, data):
    words = data.draw(st.lists(st.sampled_from("abc"), min_size=len(rows), max_size=len(rows)))
    found = choice_probabilities(rows, words)
    assert np.allclose(found, slow_probabilities(rows, words))
    assert (found >= 0).all()
    assert sum(dict(zip(words, found, strict=True)).values()) < 1


def test_huge_features_do_not_overflow():
    found = choice_probabilities(np.full((3, len(WEIGHTS)), 1e4), ["a", "b", "c"])
    assert np.allclose(found, 1 / 3)
