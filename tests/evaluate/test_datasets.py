"""Evaluation sets are read as published; errors name the file and line."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DatasetInvalid, InvalidArgument
from rag.evaluate import Example, QuestionSet, read_beir, read_questions


def lines(*records):
    return "".join(r + "\n" if isinstance(r, str) else json.dumps(r) + "\n" for r in records)


@pytest.fixture
def beir(tmp_path):
    (tmp_path / "corpus.jsonl").write_text(
        lines(
            {"_id": "d1", "title": "Bees", "text": "Bees make honey."}, {"_id": "d2", "text": "x"}
        )
    )
    (tmp_path / "queries.jsonl").write_text(
        lines({"_id": "q1", "text": "honey"}, {"_id": "q2", "text": "never judged"})
    )
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\n")
    return tmp_path


def test_a_beir_folder_is_read(beir):
    found = read_beir(beir)
    assert [(d.id, d.title) for d in found.documents] == [("d1", "Bees"), ("d2", "")]
    assert dict(found.queries) == {"q1": "honey"}  # the split judges no other
    assert found.relevance == {"q1": {"d1": 2}}


def test_qrels_need_no_header_and_numbers_may_be_ids(beir):
    (beir / "corpus.jsonl").write_text(lines({"_id": 7, "text": "x"}))
    (beir / "qrels" / "dev.tsv").write_text("q1\t7\t0\n")
    assert read_beir(beir, "dev").relevance == {"q1": {"7": 0}}


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("corpus.jsonl", '{"_id": "d1", "text": "x"}\n{"_id": "d2"', "corpus.jsonl:2: not JSON"),
        ("corpus.jsonl", "[1]\n", "corpus.jsonl:1: not a JSON object"),
        ("corpus.jsonl", '\n{"text": "x"}\n', 'corpus.jsonl:2: no "_id"'),
        ("corpus.jsonl", '{"_id": "d1", "text": 3}\n', 'corpus.jsonl:1: "text" should be a string'),
        (
            "corpus.jsonl",
            lines({"_id": "a"}, {"_id": "a"}),
            "corpus.jsonl:2: the id 'a' occurs twice",
        ),
        ("corpus.jsonl", "\n", "corpus.jsonl: there are no documents in it"),
        ("corpus.jsonl", "[" * 100_000, "corpus.jsonl:1: not JSON"),
        ("queries.jsonl", '{"_id": "q1"}\n', 'queries.jsonl:1: "text" should be a string'),
        ("queries.jsonl", '{"_id": "q1", "text": " "}\n', "queries.jsonl:1: the query is empty"),
        ("qrels/test.tsv", "q1\td1\n", "test.tsv:1: 2 columns"),
        ("qrels/test.tsv", "a\tb\tc\nq1\td1\thigh\n", "test.tsv:2: the score 'high'"),
        ("qrels/test.tsv", "a\tb\tc\nq9\td1\t1\n", "test.tsv:2: there is no query 'q9'"),
        ("qrels/test.tsv", "a\tb\tc\nq1\td9\t1\n", "test.tsv:2: there is no document 'd9'"),
        ("qrels/test.tsv", "a\tb\tc\n", "test.tsv: there are no judgements in it"),
    ],
)
def test_errors_in_a_beir_folder_name_file_and_line(beir, file, content, message):
    (beir / file).write_text(content)
    with pytest.raises(DatasetInvalid, match=re.escape(message)) as caught:
        read_beir(beir)
    assert str(beir) in caught.value.message


def test_an_error_names_the_line_that_is_not_utf8(beir):
    (beir / "corpus.jsonl").write_bytes(
        b'{"_id": "a", "text": "x"}\n{"_id": "b", "text": "\xff"}\n'
    )
    with pytest.raises(DatasetInvalid, match=r"corpus\.jsonl:2: not UTF-8"):
        read_beir(beir)


def test_the_error_for_a_missing_split_lists_the_others(beir):
    (beir / "qrels" / "test.tsv").rename(beir / "qrels" / "dev.tsv")
    with pytest.raises(DatasetInvalid, match=r"test\.tsv: no such file") as caught:
        read_beir(beir)
    assert "--split dev" in caught.value.fix


@pytest.mark.parametrize("file", ["corpus.jsonl", "queries.jsonl"])
def test_a_missing_file_is_named(beir, file):
    (beir / file).unlink()
    with pytest.raises(DatasetInvalid, match=file):
        read_beir(beir)


def test_questions_are_read_line_by_line(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text(
        lines(
            {"id": "a", "question": "Who?", "answers": ["She", "Her"], "sources": ["x.txt"]},
            "",
            {"question": "What?", "answers": [], "shape": "what"},
        )
    )
    who, what = read_questions(path).questions
    assert (who.id, who.answers, who.sources) == ("a", ("She", "Her"), ("x.txt",))
    assert (what.id, what.answers, what.where) == ("3", (), f"{path}:3")
    assert (who.shape, what.shape) == ("", "what")


@given(st.lists(st.text(max_size=3), max_size=30), st.integers(1, 40))
def test_a_sample_keeps_the_order_and_is_the_same_every_time(texts, size):
    questions = tuple(Example(str(n), text, (), ()) for n, text in enumerate(texts))
    dataset = QuestionSet("x", questions)
    drawn = dataset.sample(size)
    assert len(drawn) == len(set(drawn)) == min(size, len(questions))
    assert drawn == tuple(q for q in questions if q in drawn) == dataset.sample(size)
    assert dataset.sample(None) == questions


def test_a_sample_of_nothing_is_rejected():
    with pytest.raises(InvalidArgument, match="less than 1"):
        QuestionSet("x", (Example("1", "Who?", (), ()),)).sample(0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"question": "Who?", "answers": []}\n{"question"', ":2: not JSON"),
        ('{"question": "Who?"}', ':1: "answers" should be a list of strings'),
        ('{"question": "Who?", "answers": [1]}', ':1: "answers" should be a list of strings'),
        ('{"question": "", "answers": []}', ":1: the question is empty"),
        ('{"answers": []}', ':1: "question" should be a string'),
        ('{"question": "Who?", "answers": [], "sources": "x"}', ':1: "sources" should be'),
        ('{"question": "Who?", "answers": [], "shape": 1}', ':1: "shape" should be a string'),
        ("", ": there are no questions in it"),
        ('{"data": []}', ": there are no questions in it"),
        ('{"data": [{"paragraphs": [{"qas": []}]}]}', "not in SQuAD's form"),
        ('{"data": 3}', "not in SQuAD's form"),
    ],
)
def test_errors_in_questions_name_file_and_line(tmp_path, content, message):
    path = tmp_path / "questions.jsonl"
    path.write_text(content)
    with pytest.raises(DatasetInvalid, match=re.escape(message)) as caught:
        read_questions(path)
    assert str(path) in caught.value.message


def test_each_paragraph_of_a_squad_file_is_a_document(tmp_path):
    path = tmp_path / "squad.json"
    qas = [
        {
            "id": "1",
            "question": "Who?",
            "answers": [{"text": "Ann"}, {"text": "Ann"}, {"text": "A."}],
        },
        {"id": "2", "question": "Why? ", "answers": [], "is_impossible": True},
    ]
    paragraph = {"context": "Ann did.", "qas": qas}
    twin = {"context": "Ann did.", "qas": []}
    path.write_text(json.dumps({"data": [{"title": "A_B", "paragraphs": [paragraph, twin]}]}))
    found = read_questions(path)
    assert [(d.title, d.text) for d in found.documents] == [("A B", "Ann did.")] * 2
    both = tuple(document.id for document in found.documents)
    assert [(q.text, q.answers, q.sources) for q in found.questions] == [
        ("Who?", ("Ann", "A."), both),
        ("Why?", (), both),
    ]
