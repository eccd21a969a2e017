"""The analyzer: spelling variants match, and the stop words stay fixed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.stores.analyzer import STOP_WORDS, TextAnalyzer, fold

analyze = TextAnalyzer()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("U.S.", "US"),
        ("45,000 tonnes", "45000 tonne"),
        ("produced", "produces"),
        ("15-20%", "15–20 %"),
        ("Japan’s", "Japan"),
        ("Araxá", "araxa"),
        ("rare-earth", "rare earth"),
        ("C$1.59", "c 1.59"),
        ("US‑China", "US-China"),
        ("NdFeB", "ndfeb"),
        ("３.5", "3.5"),
    ],
)
def test_spelling_variants_give_the_same_terms(one, other):
    assert analyze(one) == analyze(other) != []


def test_function_words_are_dropped():
    assert analyze("What is the price of it?") == analyze("price")


def test_a_decimal_differs_from_its_whole_part():
    assert analyze("1.59") != analyze("1")


@given(st.text())
def test_any_text_gives_terms_without_spaces_or_line_ends(text):
    assert all(term and not any(c.isspace() for c in term) for term in analyze(text))


@given(st.text(alphabet=st.characters(max_codepoint=0x2FFF)))
def test_terms_ignore_case(text):
    assert analyze(fold(text)) == analyze(fold(fold(text)))


def test_the_stop_words_never_change():
    """Existing indexes were built without them; another list needs another analyzer id."""
    listed = " ".join(sorted(STOP_WORDS)).encode()
    assert hashlib.sha256(listed).hexdigest() == (
        "f642d7b03e8b46a2b93b5c24415dfedc0472ec168d11a1de2d8d79ab1e348fa3"
    )
