"""Which article a question asks is told apart from what it asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.english.requests import split_topic
from tests.timing import assert_linear, repeated

SPLIT = [
    ("In the article about car sales, how many were sold?", "how many were sold?", "car sales"),
    ("How many were sold in the article about car sales?", "How many were sold?", "car sales"),
    ("According to the Reuters report on steel, who paid?", "who paid?", "steel"),
    ("who paid according to the story about the steel works", "who paid", "the steel works"),
    ("From the BBC News story on the floods: nobody, who helped?", "who helped?", "the floods: nobody"),
    ("Based on this news item regarding the vote, who won?", "who won?", "the vote"),
]  # fmt: skip
WHOLE = [
    "What did the article about steel say?",
    "What did the inspector write in the report on safety?",  # a report that the articles tell of
    "In the article about steel",
    "Who wrote the story about the steel works?",
    "What happened in the film about bees?",
    "According to analysts, what price could the stock reach?",
    "",
]


@pytest.mark.parametrize(("text", "question", "topic"), SPLIT)
def test_the_topic_is_split_off(text, question, topic):
    assert split_topic(text) == (question, topic)


@pytest.mark.parametrize("text", WHOLE)
def test_all_else_stays_whole(text):
    assert split_topic(text) == (text, "")


@given(
    st.lists(st.sampled_from("in the article about steel , ? who won é".split()), max_size=12).map(
        " ".join
    )
)
def test_what_is_split_stood_in_the_question(text):
    question, topic = split_topic(text)
    assert topic in text
    assert question.rstrip("?") in text
    assert (question == text) == (topic == "")


def test_a_long_question_is_read_in_linear_time():
    assert_linear(split_topic, repeated("in the article about the story in the "), 8_000)
