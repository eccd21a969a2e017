"""The arithmetic and the pages of the benchmarks. No test measures speed."""

import json
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from benchmarks.ablation import CachedReader
from benchmarks.chunking import Depth, Overlap, load_questions, overlap
from benchmarks.doubts import count
from benchmarks.measure import OURS, Row, Section, in_turn, median, percentile, ratio
from benchmarks.report import JSON, OtherMachine, Record, markdown, plotted, table
from benchmarks.run import MEASUREMENTS
from benchmarks.texts import load_collection, texts_of
from rag.errors import DatasetInvalid
from rag.records import Entailment, Excerpt, Marks, Reading, Span
from rag.stores.analyzer import TextAnalyzer

MACHINE = {"cpu": "a processor", "cores": 2}
SPEED = Section(
    "speed",
    "Speed",
    "Two calls in turn.",
    (
        Row("one query", "ms", {OURS: 2.0, "slow": 30.0, "fast": 1.0}),
        Row("passages", "/s", {OURS: 60.0, "slow": 20.0}, "high"),
        Row("nDCG@10", "", {OURS: 0.71, "slow": 0.7}, None),
    ),
    {"numpy": "2.0"},
    "2026-01-02",
)


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_each_measurement_can_be_called_by_its_name(name):
    assert callable(getattr(import_module(f"benchmarks.{MEASUREMENTS[name]}"), name))


class TestArithmetic:
    def test_a_ratio_says_how_many_times_better_ours_is(self):
        assert ratio(2.0, 30.0, "low") == 15
        assert ratio(60.0, 20.0, "high") == 3
        assert ratio(0.0, 1.0, "low") == float("inf")

    def test_percentiles_lie_between_neighbours(self):
        assert median([5.0, 1.0, 3.0]) == 3
        assert percentile([float(n) for n in range(101)], 99) == 99
        assert percentile([1.0, 2.0], 50) == 1.5

    def test_sides_take_turns_at_being_first_and_the_first_round_does_not_count(self):
        called = []
        calls = {name: lambda given, name=name: called.append(name + given) for name in "ab"}
        times = in_turn(calls, ["1", "2"], rounds=1)
        assert called == ["a1", "b1", "b2", "a2", "a1", "b1", "b2", "a2"]
        assert {name: len(spent) for name, spent in times.items()} == {"a": 2, "b": 2}


class TestReport:
    def test_a_table_has_every_side_and_says_how_many_times_better_ours_is(self):
        assert table(SPEED).splitlines() == [
            "|  | article-rag | slow | fast |",
            "|---|---:|---:|---:|",
            "| one query | 2.0 ms | 30 ms (15.0×) | 1.0 ms (0.50×) |",
            "| passages | 60 /s | 20 /s (3.0×) | – |",
            "| nDCG@10 | 0.710 | 0.700 | – |",
        ]

    def test_only_what_can_be_compared_is_plotted(self):
        assert plotted(Record(MACHINE, {"speed": SPEED})) == [
            ("Speed: one query", "slow", 15.0),
            ("Speed: one query", "fast", 0.5),
            ("Speed: passages", "slow", 3.0),
        ]

    def test_the_page_names_machine_date_and_versions(self):
        later = replace(SPEED, name="b", date="2026-02-03", libraries={"numpy": "2.1"})
        page = markdown(Record(MACHINE, {"speed": SPEED, "b": later}), "a processor, 2 cores")
        assert "**Machine:** a processor, 2 cores." in page
        assert "**Measured:** 2026-01-02 to 2026-02-03." in page
        assert "**Versions:** numpy 2.0 and 2.1." in page
        assert "## Speed\n\nTwo calls in turn.\n\n|  | article-rag |" in page

    def test_a_record_is_read_as_it_was_written_and_one_section_replaced(self, tmp_path):
        other = replace(SPEED, name="other")
        Record(MACHINE, {"speed": SPEED, "other": other}).write(tmp_path)
        anew = replace(SPEED, how="Again.")
        record = Record.read(tmp_path, MACHINE).merged(anew, ("other", "speed"))
        assert list(record.sections.items()) == [("other", other), ("speed", anew)]

    def test_figures_of_two_machines_are_not_mixed(self, tmp_path):
        Record(MACHINE, {"speed": SPEED}).write(tmp_path)
        with pytest.raises(OtherMachine, match=JSON):
            Record.read(tmp_path, MACHINE | {"cores": 64})


class TestCollections:
    def test_without_data_the_seeds_are_searched_with_the_questions_about_them(self):
        seeds = load_collection(None, "test")
        assert len(seeds.documents) == 5
        assert seeds.queries.keys() == seeds.relevance.keys()
        for grades in seeds.relevance.values():
            assert grades.keys() <= {document.id for document in seeds.documents}
        assert all(texts_of(seeds))


class TestChunking:
    def test_overlap_counts_the_union_of_what_was_retrieved(self):
        assert overlap([(10, 20)], [(0, 15), (12, 30)]) == Overlap(1.0, 1 / 3, 1 / 3)
        assert overlap([(0, 10), (20, 30)], [(5, 25)]) == Overlap(0.5, 0.5, 1 / 3)
        assert overlap([(0, 10)], []) == Overlap(0.0, 0.0, 0.0)

    @pytest.fixture
    def questions(self, tmp_path):
        (tmp_path / "harbour.md").write_text("The pier is old. It is forty metres long.\n")
        return tmp_path

    def write(self, folder, reference):
        references = json.dumps([reference]).replace('"', '""')
        (folder / "questions_df.csv").write_text(
            f'question,references,corpus_id\nHow long?,"{references}",harbour\n'
        )

    def test_references_are_held_against_the_text(self, questions):
        self.write(questions, {"content": "forty metres", "start_index": 23, "end_index": 35})
        [question] = load_questions(questions)
        assert (question.source, question.references) == ("harbour", ((23, 35),))
        self.write(questions, {"content": "forty metres", "start_index": 0, "end_index": 12})
        with pytest.raises(
            DatasetInvalid, match=r"questions_df\.csv:2: the text has something else"
        ):
            load_questions(questions)

    def test_a_question_about_no_text_is_named(self, questions):
        self.write(questions, {"content": "x"})
        with pytest.raises(DatasetInvalid, match=r"questions_df\.csv:2"):
            load_questions(questions)

    def test_a_budget_takes_as_many_passages_as_fit_and_at_least_one(self, seeds):
        question = "Who runs REAlloys?"
        first = Depth(1).search(seeds, question, "lexical")
        assert Depth(budget=1).search(seeds, question, "lexical") == first
        fitting = Depth(budget=3_000).search(seeds, question, "lexical")
        more = Depth(len(fitting) + 1).search(seeds, question, "lexical")
        lengths = [passage.end - passage.start for passage in more]
        assert more[:-1] == fitting
        assert sum(lengths[:-1]) <= 3_000 < sum(lengths)


MILL = "In 1954 the Orvald mill closed with 40 workers. In 1961 the mill closed with 9."
ASKED = [
    ("How many workers had the Orvald mill when it closed in 1954?", ["40"]),
    ("Who bought the Orvald mill in 1970?", []),
]


class Once:
    """A reader that reads an excerpt only once."""

    id = "once"

    def read(self, _question, excerpts):
        self.read = None
        marks = Marks(np.array([0, 4]), np.array([0.5, -2.0], np.float32))
        return [Reading(0.25, (Span(0, 3, 0.75),), marks) for _ in excerpts]

    def entailments(self, _statement, texts):
        return [Entailment(0.5, 0.25) for _ in texts]


class TestRules:
    def test_doubts_are_counted_on_the_sentence_that_answers_and_on_the_nearest_other(
        self, tmp_path
    ):
        questions = [
            {"id": asked, "question": asked, "answers": [{"text": text} for text in answers]}
            for asked, answers in ASKED
        ]
        paragraph = {"context": MILL, "qas": questions}
        path = tmp_path / "mill.json"
        path.write_text(json.dumps({"data": [{"title": "Mills", "paragraphs": [paragraph]}]}))
        right, other, unanswered = count(path, None, TextAnalyzer()).values()
        assert (right[""], other[""], unanswered[""]) == (1, 1, 1)
        assert (right["year"], other["year"], unanswered["year"]) == (0, 1, 1)

    def test_a_cached_reading_is_the_reader_s_own(self, tmp_path):
        excerpts, path = [Excerpt("Mills", None, "One mill.")], tmp_path / "readings.jsonl"
        reader = CachedReader(Once(), path)
        [first], [again] = (reader.read("How many?", excerpts) for _ in range(2))
        [from_disk] = CachedReader(Once(), path).read("How many?", excerpts)
        for each in (first, again, from_disk):
            assert (each.relevance, each.spans) == (0.25, (Span(0, 3, 0.75),))
            assert each.marks.sentence(0, 9) == -0.75
