"""How much is quoted: whole lists, sentences that belong together, the cell of a row."""

import pytest

import rag
from rag.answer.cite import ITEMS, LONGEST
from rag.english.question import read_question
from rag.records import Block, Document, Passage
from rag.text.units import cells_of, units_of

ARTICLE = """\
# The Lindvik tram line opens

Lindvik Courier
4 May 2025

The new tram line of Lindvik opened on Sunday. Mayor Ada Moen cut the ribbon.

## Stages of the tram project

1. Survey: measuring the streets
2. Digging: moving pipes and cables
3. Rails: laying and welding

## Why the line was late

The tram line was late because frost broke the water main under Market Street. This flooded two cellars. \
Consequently the city moved the pipes first. Nobody was hurt.

## Rolling stock

| Model | Seats | Built in | Price |
|---|---|---|---|
| Swift | 64 | Gdansk | 2.1 million euros |
| Heron | 112 | Vienna | 3.4 million euros |
"""


@pytest.fixture(scope="module")
def trams(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("trams")
    (folder / "trams.md").write_text(ARTICLE)
    rag.build(folder, folder / "index")
    with rag.Retriever.open(folder / "index") as retriever:
        yield retriever


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("Which Japanese firms take part?", "list"),
        ("What are the stages of the project?", "list"),
        ("Name the members of the board", "list"),
        ("Which elements will Ucore refine?", "list"),
        ("Which company makes trams?", "phrase"),
        ("What does Vale process?", "phrase"),
        ("What is the purpose of the line?", "passage"),
        ("Why was it late?", "passage"),
        ("Is it late?", "sentence"),
    ],
)
def test_the_form_of_the_answer(question, form):
    assert read_question(question, str.split).form == form


def test_a_list_is_answered_with_every_item_each_cited(trams):
    answer = trams.ask("What are the stages of the tram project?", min_confidence=0)
    items = [
        "Survey: measuring the streets", "Digging: moving pipes and cables", "Rails: laying and welding",
    ]  # fmt: skip
    assert [part.text for part in answer.parts] == items
    assert answer.answer == "; ".join(items)
    assert [part.citations for part in answer.parts] == [(1,), (2,), (3,)]
    assert [citation.quote for citation in answer.citations] == items


def test_a_question_for_one_item_gets_one(trams):
    answer = trams.ask("In which stage were pipes and cables moved?", min_confidence=0)
    assert len(answer.parts) == 1


def test_a_cause_is_quoted_in_sentences_that_belong_together(trams):
    answer = trams.ask("Why was the tram line late?")
    assert answer.answer == (
        "The tram line was late because frost broke the water main under Market Street. This flooded two"
        " cellars. Consequently the city moved the pipes first."
    )
    [citation] = answer.citations
    assert citation.quote == answer.answer


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("How many seats does the Heron have?", "112"),
        ("What is the price of the Swift?", "2.1 million euros"),
        ("Where was the Heron built?", "Vienna"),
    ],
)
def test_a_row_answers_with_the_right_cell(trams, question, cell):
    answer = trams.ask(question, min_confidence=0)
    assert answer.answer == cell
    assert answer.citations[0].quote.count("|") >= 3  # the quote is the row


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| a | b c |", ["a", "b c"]),
        ("a\tb c\td", ["a", "b c", "d"]),
        ("a   b c", ["a", "b c"]),
        ("a b c", ["a b c"]),
        ("", []),
    ],
)
def test_bars_tabs_and_wide_gaps_separate_cells(row, cells):
    assert [row[start:end] for start, end in cells_of(row, 0, len(row))] == cells


@pytest.mark.model
def test_neither_a_sentence_without_an_end_nor_an_endless_list_is_quoted_whole(tmp_path):
    mill = "Ann Lee built the mill because zinc was dear and "
    (tmp_path / "mill.txt").write_text("The mill\n\n" + mill * 4_000 + "\n")
    stages = "".join(f"- Stage {n} of the canal\n" for n in range(2_000))
    (tmp_path / "canal.md").write_text(f"# Stages of the canal\n\n{stages}")
    rag.build(tmp_path, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        why = retriever.ask("Why did Ann Lee build the mill?", min_confidence=0)
        stages = retriever.ask("What are the stages of the canal?", min_confidence=0)
    assert "because zinc was dear" in why.answer
    assert len(why.answer) <= LONGEST
    assert 1 < len(stages.parts) <= ITEMS


def test_a_table_of_nothing_but_rules_has_no_rows():
    text = "|---|---|\n|---|---|"
    document = Document("d", "d", text, "d", None, None, None, (Block(0, len(text), "table"),))
    passage = Passage(
        "c", "d", "d", "d", None, None, None, 0, len(text), 1, None, None, text, score=1.0
    )
    assert units_of(document, passage) == []
