"""The gate: how right the answers to four sets of questions are, held to evaluation/floors.toml.

`make test-long` asks all of the questions, `make test` every third.
"""

import json
import tomllib
from pathlib import Path

import pytest

import rag
from rag.evaluate import evaluate_answers, read_questions
from rag.evaluate.datasets import QuestionSet
from tests.profiles import LONG, some

ROOT = Path(__file__).parent.parent
QUESTIONS = {
    name: read_questions(ROOT / "evaluation" / f"{name}.jsonl")
    for name in ("seeds", "seeds-2", "seeds-3", "others")
}
ABOUT_SEEDS = ("seeds", "seeds-2", "seeds-3")
SETS = (
    QUESTIONS
    if LONG
    else {
        "some-of-seeds": QuestionSet(
            "some-of-seeds",
            tuple(q for name in ABOUT_SEEDS for q in some(QUESTIONS[name].questions, 3)),
        ),
        "some-of-others": QuestionSet(
            "some-of-others", tuple(some(QUESTIONS["others"].questions, 3))
        ),
    }
)
BOUNDS = tomllib.loads((ROOT / "evaluation" / "floors.toml").read_text(encoding="utf-8"))
FLOORS = {name: BOUNDS[name] for name in SETS}
CEILINGS = {name: floors.pop("at_most") for name, floors in FLOORS.items()}


def pairs(bounds):
    return [(name, measure) for name, own in bounds.items() for measure in own]


@pytest.fixture(scope="module")
def reports(seeds, other_articles):
    """Every question of every set answered once."""
    return {
        name: evaluate_answers(
            other_articles if name.endswith("others") else seeds,
            questions,
            threshold=rag.Settings().min_confidence,
        )
        for name, questions in SETS.items()
    }


@pytest.mark.parametrize(("name", "measure"), pairs(FLOORS))
def test_no_measure_falls_under_its_floor(reports, name, measure):
    assert reports[name].metrics[measure] >= FLOORS[name][measure]


@pytest.mark.parametrize(("name", "measure"), pairs(CEILINGS))
def test_no_measure_rises_over_its_ceiling(reports, name, measure):
    assert reports[name].metrics[measure] <= CEILINGS[name][measure]


def test_questions_about_other_things_are_all_declined(seeds):
    """The last twelve; those before them only miss what the articles say, and are harder."""
    for question in QUESTIONS["seeds"].questions[-12:]:
        assert seeds.ask(question.text).answer is None, question.text


def test_the_answer_is_nearly_always_among_the_first_five_passages(seeds):
    answerable = [question for question in QUESTIONS["seeds"].questions if question.answers]

    def plain(text):
        return " ".join(text.split()).lower()

    found = [
        any(
            plain(answer) in plain(passage.text)
            for passage in seeds.search(question.text, 5)
            for answer in question.answers
        )
        for question in answerable
    ]
    assert sum(found) / len(found) >= 0.95  # measured 0.988


def test_the_questions_cover_what_they_should():
    lines = (ROOT / "evaluation" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines]
    answerable = [question for question in questions if question["answers"]]
    assert len(answerable) >= 80
    assert len(questions) - len(answerable) >= 20
    cited = {source for question in answerable for source in question["sources"]}
    assert cited == {path.name for path in (ROOT / "seeds").glob("*.txt")}
    assert any(len(question["sources"]) > 1 for question in answerable)
    assert len({question["id"] for question in questions}) == len(questions)
