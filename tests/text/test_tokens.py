"""Cutting a text into words: places, and time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.tokens import clear, tokens, visible
from tests.timing import assert_linear, repeated

SIGNS = st.text(alphabet="aZ09 .,'-&+#\n\u00ad\u200b½é中ก", max_size=60)


@given(st.text() | SIGNS, st.booleans())
def test_tokens_are_in_order_and_hold_what_stands_there(text, comma):
    cleared, end = clear(text), 0
    for token in tokens(cleared, comma=comma):
        assert end <= token.start < token.end <= len(cleared)
        assert token.words
        assert all(token.words)
        assert all(map(all, token.others))
        end = token.end


@given(st.text() | SIGNS)
def test_no_letter_or_figure_is_left_out(text):
    cleared = clear(text)
    covered = set()
    for token in tokens(cleared):
        covered |= set(range(token.start, token.end))
    assert all(at in covered for at, c in enumerate(cleared) if c.isalnum())


@given(st.text())
def test_clearing_twice_changes_nothing(text):
    assert visible(visible(text)) == visible(text)
    assert clear(clear(text)) == clear(text)


@pytest.mark.parametrize(
    "piece",
    [
        "a-",
        "A.",
        "1.",
        "1,000 ",
        "1 ",
        "US ",
        "WHO IT ",
        "a&",
        "c++",
        "'a",
        "a-\n",
        "中",
        "½",
        "\u00ad",
        "1.000",
        "-\n ",
    ],
)
def test_time_is_linear(piece):
    assert_linear(lambda text: list(tokens(clear("x " + text))), repeated(piece), 5_000)


@pytest.mark.parametrize(
    ("written", "others"),
    [
        ("reform12", (("reform",),)),
        ("Council7", (("Council",),)),
        ("Straße3", (("Straße",),)),
        ("SIRT1", ()),
        ("A320", ()),
        ("mp3", ()),
        ("year2025", ()),
    ],
)
def test_a_word_is_found_without_the_number_of_a_note(written, others):
    [token] = tokens(written)
    assert (token.words, token.others) == ((written,), others)
