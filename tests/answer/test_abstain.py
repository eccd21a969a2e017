"""An abstention says in a sentence what is missing."""

import pytest

import rag
from rag.answer.abstain import mentioned, names_in


def test_offices_and_first_words_are_not_names():
    assert names_in("Who is the CEO of Orvald Mills?") == ["Orvald Mills"]
    assert names_in("Why did I see Ann Lee's cat in 2020?") == ["Ann Lee"]


def test_the_reason_names_what_is_there_and_what_is_not(corpus, tmp_path):
    rag.build(corpus, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        near = retriever.ask("How many people does Ingrid Solheim employ?", min_confidence=1)
        assert (
            "mention Ingrid Solheim, but not how many people Ingrid Solheim employs" in near.reason
        )
        assert near.passages
        far = retriever.ask("Who wrote Hamlet?", min_confidence=1)
        assert "never mention “wrote” and “Hamlet”" in far.reason
        plain = retriever.ask("Did the repairs cost anything?", min_confidence=1)
        assert "well enough" in plain.reason


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Bank of Japan raised rates.", ["Bank of Japan"]),
        ("The BoJ raised rates.", ["Bank of Japan"]),
        ("A bank in Japan raised rates.", []),
        ("The Bank of England raised rates.", []),
        ("A banker saw South Koreans.", ["South Korea"]),
        ("South Africa has a bank, North Korea one more.", []),
    ],
)
def test_only_names_in_the_article_are_mentioned(text, found):
    assert mentioned("What did the Bank of Japan tell South Korea?", [text]) == found


def test_names_of_any_length_are_found():
    assert names_in("Who is " + "A" * 50_000) == ["A" * 50_000]
