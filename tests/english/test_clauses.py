"""Questions taken apart, and the noun phrases in them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.english.clauses import clause
from rag.english.phrases import head, is_noun_phrase, is_plural, is_pronoun, is_time, noun_phrases
from rag.english.words import words


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Who runs REAlloys?", "|Who|||runs REAlloys"),
        ("With which company is Vale pursuing a merger?", "With|which company|is|Vale|pursuing a merger"),
        ("Does Lynas separate its ore in Malaysia?", "||Does|Lynas|separate its ore in Malaysia"),
        ("How many tons does the U.S. mine produce?", "|How many tons|does|the U.S. mine|produce"),
        ("How much did it cost?", "|How much|did|it|cost"),
        ("What tariff did the US impose on China?", "|What tariff|did|the US|impose on China"),
        ("What did Ann Lee tweet?", "|What|did|Ann Lee|tweet"),
        ("When does that take effect?", "|When|does|that|take effect"),
        ("When does that mine close?", "|When|does|that mine|close"),
        ("When will this open?", "|When|will|this|open"),
        ("When does that kick in?", "|When|does|that|kick in"),
        ("Which price was agreed for lithium?", "|Which price|was||agreed for lithium"),
        ("Who is the president of Vale?", "|Who|is|the president of Vale|"),
        ("Who was US president when it began?", "|Who|was|US president|when it began"),
        ("Who's it for?", "|Who|is|it|for"),
        ("Is there a mine in Malaysia?", "||Is|there|a mine in Malaysia"),
        ("What is the cost of lithium?", "|What|is|the cost of lithium|"),
        ("lithium price", "||||lithium price"),
    ],
)  # fmt: skip
def test_a_question_is_taken_apart(question, parts):
    assert "|".join(clause(question)) == parts


@pytest.mark.parametrize(
    ("question", "wanted", "noun"),
    [
        ("How many tons of ore does it hold?", "how many", "tons of ore"),
        ("Which company won?", "which", "company"),
        ("Who won?", "who", ""),
        ("How does it work?", "how", ""),
        ("Did it work?", "", ""),
    ],
)
def test_what_is_asked_for(question, wanted, noun):
    parts = clause(question)
    assert (parts.question_word, parts.noun) == (wanted, noun)


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("when does that take effect", True),
        ("when does that start", True),
        ("how much does that cost", True),
        ("how much does that cost exactly", True),
        ("when does that mine close", False),
        ("when does that plan start", False),
        ("why is that important", True),
        ("where is that mine", False),
        ("when was this announced", True),
        ("who built that Lynas plant", False),
        ("why is that", True),
        ("what does this mean for Japan", True),
        ("who runs those mines", False),
        ("what is this about", True),
    ],
)
def test_that_stands_alone_or_has_its_noun(text, alone):
    found = words(text)
    at = next(n for n, word in enumerate(found) if word.low in {"that", "this", "those"})
    assert is_pronoun(found, at) is alone


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Where does Lynas separate the ore of Mount Weld?", ["Lynas", "the ore of Mount Weld"]),
        ("What did the US impose on China?", ["the US", "China"]),
        ("When does that take effect?", ["effect"]),
        ("How many people work there?", ["people"]),
        ("How much toxic waste comes from it?", ["toxic waste"]),
        ("Did they sell it?", []),
    ],
)
def test_noun_phrases_are_found(text, found):
    assert [text[start:end] for start, end in noun_phrases(text)] == found


def test_what_phrases_are():
    assert [head(text) for text in ("the capacity of the mine", "Mountain Pass mine", "")] == [
        "capacity", "mine", "",
    ]  # fmt: skip
    assert [is_plural(text) for text in ("the mines", "Lynas", "glass", "men", "A and B")] == [
        True, False, False, True, True,
    ]  # fmt: skip
    assert [is_time(text) for text in ("last year", "2024", "every Monday", "the mine", "May")] == [
        True, True, True, False, True,
    ]  # fmt: skip
    assert [is_noun_phrase(text) for text in ("the mine in Chile", "China has led", "")] == [
        True, False, False,
    ]  # fmt: skip


WORDS = st.sampled_from(
    "who what why when where how much many it its he they there that this the one of and in about is"
    ' does did Lynas Malaysia U.S. mine company 2024 22,000 % “x” -y é ? , . \t \n \0 "'.split(" ")
)
TEXTS = st.lists(WORDS, max_size=9).map(" ".join) | st.text(max_size=40)


@given(TEXTS)
def test_noun_phrases_stand_in_order_and_do_not_overlap(text):
    ends = 0
    for start, end in noun_phrases(text):
        assert ends <= start < end <= len(text)
        ends = end


@given(TEXTS)
def test_a_clause_holds_the_words_of_its_question_in_order(text):
    parts = [word.text for part in clause(text) for word in words(part)]
    rest = iter(words(" ".join(text.replace("'s", " is").replace("’s", " is").split())))
    assert all(any(part == word.text for word in rest) for part in parts)


@given(st.text(max_size=60))
def test_words_are_slices_in_order(text):
    found = words(text)
    assert all(text[word.start : word.end] == word.text for word in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    "part", ["it ", "of the ", "Aa of Bb ", "$", "C$", "the CEO of ", "Is it? ", "a.", "that "]
)
def test_texts_of_any_length_are_read(part):
    text = part * (3_000 // len(part))
    assert list(noun_phrases(text)) == sorted(noun_phrases(text))
    assert clause(text).rest in text


def test_of_ties_any_number_of_phrases_together():
    text = "the " + "share of " * 2_000 + "it"
    assert list(noun_phrases(text)) == [(0, len(text))]
