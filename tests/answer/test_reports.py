"""What `ask` says where articles agree, differ, repeat each other or merely sound alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import rag
from rag.cli.answers import answer_text

HERE = Path(__file__).parent
SETS = ("reports", "reports2")


def questions(name):
    lines = (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def index_of(shared, embedder):
    """The index of a set of reports; read-only."""
    return lambda name: shared(name, lambda new: rag.build(HERE / name, new / "index")) / "index"


@pytest.fixture(scope="module", params=SETS)
def asked(request, index_of):
    """All questions about a set of reports with what was answered."""
    with rag.Retriever.open(index_of(request.param)) as retriever:
        return [(given, retriever.ask(given["question"])) for given in questions(request.param)]


@pytest.fixture(scope="module")
def reports(index_of):
    with rag.Retriever.open(index_of("reports")) as retriever:
        yield retriever


def matches(answers, expected):
    """Whether the answers are exactly the expected ones."""

    def alike(one, other):
        return one.casefold() in other.casefold() or other.casefold() in one.casefold()

    return len(answers) == len(expected) and all(
        any(alike(a, e) for a in answers) for e in expected
    )


def test_contradictions_between_articles_are_shown(asked):
    cases = [(given, answer) for given, answer in asked if given["disagree"]]
    found = [g for g, a in cases if matches([d.answer for d in a.disagreement], g["disagree"])]
    assert len(found) >= 0.9 * len(cases)


def test_articles_that_agree_are_not_said_to_differ(asked):
    assert [g["question"] for g, a in asked if a.disagreement and not g["disagree"]] == []


def test_every_independent_publisher_of_an_answer_is_counted_and_cited(asked):
    cases = [(given, answer) for given, answer in asked if len(given["agree"]) > 1]
    found = [
        given
        for given, answer in cases
        if answer.support == len(given["agree"])
        and {citation.publisher for citation in answer.citations} == {*given["agree"]}
    ]
    assert len(found) >= 0.8 * len(cases)


def test_copies_and_reports_about_something_else_do_not_count(asked):
    over = [g["question"] for g, a in asked if a.support > max(1, len(g["agree"]))]
    assert over == []


def test_answers_that_differ_are_newest_first_and_include_the_main_one(asked):
    for _, answer in asked:
        dates = [max(c.published for c in d.citations) for d in answer.disagreement]
        assert dates == sorted(dates, reverse=True)
        if answer.disagreement:
            assert answer.answer in [d.answer for d in answer.disagreement]


def test_every_citation_contains_its_answer(asked):
    for _, answer in asked:
        assert [c.n for c in answer.citations] == list(range(1, len(answer.citations) + 1))
        assert {n for part in answer.parts for n in part.citations} == {
            c.n for c in answer.citations
        }
        for opinion in (*answer.disagreement, *answer.alternatives):
            assert opinion.support == len(opinion.citations)
            first = opinion.citations[0]
            begin = first.answer_start - first.start
            assert first.quote[begin:].startswith(opinion.answer)


def test_equal_answers_raise_the_confidence(reports):
    question = "What share of the volunteers had a headache after the second dose?"
    both = reports.ask(question)
    one = reports.ask(question, filters=rag.Filters(publisher="Belmar Tribune"))
    assert (both.support, one.support) == (2, 1)
    assert "15–20%" in both.answer
    assert both.confidence > one.confidence


def test_copies_count_once_and_an_independent_report_counts_beside_them(tmp_path, embedder):
    folder = tmp_path / "articles"
    folder.mkdir()
    for name in ("fire-herald", "fire-evening", "fire-sentinel"):
        text = (HERE / "reports" / f"{name}.txt").read_text(encoding="utf-8")
        (folder / f"{name}.txt").write_text(text.replace("Fifteen people", "Twelve people"))
    rag.build(folder, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        answer = retriever.ask("How many people were injured in the fire at the glass museum?")
    assert answer.support == 2
    assert "Northern Sentinel" in {citation.publisher for citation in answer.citations}
    assert answer.disagreement == ()


def test_articles_of_unknown_publishers_are_counted_as_articles(tmp_path, embedder):
    folder = tmp_path / "articles"
    folder.mkdir()
    told = "The ferry to Nordby carries 240 passengers"
    (folder / "a.txt").write_text(f"New ferry\n\n{told} and leaves at noon, the captain said.\n")
    (folder / "b.txt").write_text(f"Summer timetable\n\n{told}. Tickets are sold on board.\n")
    rag.build(folder, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        answer = retriever.ask("How many passengers does the ferry to Nordby carry?")
    assert answer.support == 2
    shown = answer_text(answer)
    assert "2 articles say so:" in shown
    assert "publishers say" not in shown
    assert f"{answer.certainty.capitalize()} (confidence {answer.confidence:.2f})" in shown


def test_the_terminal_shows_how_many_publishers_agree_and_where_they_differ(reports):
    agreeing = answer_text(reports.ask("How many stops does the tram extension have?"))
    assert "2 independent publishers say so:" in agreeing
    assert "differ" not in agreeing
    differing = answer_text(reports.ask("How much has the tram extension to Nordby cost?"))
    below = differing.partition("The articles differ")[2]
    assert below.index("53 million kroner") < below.index("48 million kroner")
    assert "Coast Courier, 2025-05-20" in below
    assert "Orrestad Gazette, 2025-03-03" in below
