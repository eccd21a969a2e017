"""A question that is not answered is told why, in a sentence about what is missing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import rag
from rag.answer.abstain import indirect, names_in


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("How many people does the Bank of Norway employ?", "how many people the Bank of Norway employs"),
        ("What did Ann Lee write?", "what Ann Lee wrote"),
        ("What did Ann Lee carry to Oslo?", "what Ann Lee carried to Oslo"),
        ("Which mill does Orvald have?", "which mill Orvald has"),
        ("When was the old mill built?", "when the old mill was built"),
        ("How tall is the tower?", "how tall the tower is"),
        ("Where will Vale open in June?", "where Vale will open in June"),
        ("Which fee was agreed for trams?", "which fee was agreed for trams"),
        ("Who wrote it?", "who wrote it"),
        ("How many stones are in the wall?", "how many stones are in the wall"),
    ],
)  # fmt: skip
def test_a_question_becomes_part_of_a_sentence(question, told):
    assert indirect(question) == told


@pytest.mark.parametrize(
    "question",
    [
        "Does the mill pay?",
        "price floor",
        "How does the mill pay for its stone?",  # a subject that is no name: where it ends is not sure
        "What do the Oslo mill workers earn?",
        "What is the name of the man who was sent?",
    ],
)
def test_a_question_that_no_rule_fits_is_left_alone(question):
    assert indirect(question) is None


def test_names_are_told_from_offices_and_first_words():
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


@given(
    st.lists(
        st.sampled_from(
            "Who what is was did The the of in to Ann built \t \n ? \u0663 \0".split(" ")
        ),
        max_size=8,
    ).map(" ".join)
)
@example("Who is \t?")
def test_whatever_is_asked_becomes_one_line_or_none(question):
    told = indirect(question)
    assert told is None or told == " ".join(told.split())


def test_names_of_any_length_are_found():
    assert names_in("Who is " + "A" * 50_000) == ["A" * 50_000]
