"""`rag eval` on small sets, with a real model, a real index and real files."""

import json
from pathlib import Path

import ir_measures
import pytest

import rag
from rag.cli import run
from rag.evaluate import corpus_index, evaluate_answers, evaluate_retrieval, prepared_index
from rag.evaluate.datasets import Example, QuestionSet, RetrievalSet, SourceText

pytestmark = pytest.mark.model

DOCUMENTS = (
    SourceText("bees/1", "City bees", "Rooftop hives gave 310 kilograms of honey last summer."),
    SourceText(
        "trains", "", "Night trains to the coast start again in June.\n\nTickets cost 38 euros."
    ),
    SourceText("title only", "Harbour reopens after the storm", ""),
    SourceText("none", "", ""),
)
RELEVANCE = {"q1": {"bees/1": 1}, "q2": {"trains": 2}, "q3": {"title only": 1}}
QUERIES = {"q1": "honey from roofs", "q2": "night train ticket price", "q3": "storm harbour"}
SQUAD = {
    "data": [
        {
            "title": "Lindvik",
            "paragraphs": [
                {
                    "context": "Lindvik's harbour was repaired for 4.2 million kroner in 2024.",
                    "qas": [
                        {
                            "id": "a",
                            "question": "How much did the repair of Lindvik's harbour cost?",
                            "answers": [{"text": "4.2 million kroner"}],
                        }
                    ],
                },
                {
                    "context": "The bees of Lindvik gave 310 kilograms of honey in 2023.",
                    "qas": [
                        {
                            "id": "b",
                            "question": "Who is the mayor of Lindvik?",
                            "answers": [],
                            "is_impossible": True,
                        }
                    ],
                },
            ],
        }
    ]
}


@pytest.fixture
def beir(tmp_path):
    folder = tmp_path / "small"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(
        "".join(
            json.dumps({"_id": d.id, "title": d.title, "text": d.text}) + "\n" for d in DOCUMENTS
        )
    )
    (folder / "queries.jsonl").write_text(
        "".join(json.dumps({"_id": name, "text": text}) + "\n" for name, text in QUERIES.items())
    )
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\n"
        + "".join(f"{q}\t{d}\t{s}\n" for q, own in RELEVANCE.items() for d, s in own.items())
    )
    return folder


@pytest.fixture
def squad(tmp_path):
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(SQUAD))
    return path


@pytest.fixture
def printed(capsys):
    """Runs a command line; returns its exit code and output, parsed if it is JSON."""

    def call(*arguments):
        code = run(["eval", *map(str, arguments)])
        out = capsys.readouterr().out
        return code, json.loads(out) if "--json" in arguments else out

    return call


# ---------------------------------------------------------------- retrieval


def test_retrieval_is_measured_for_each_method(beir, printed):
    code, report = printed("retrieval", beir, "--json")
    assert (code, report["dataset"], report["split"]) == (0, "small", "test")
    assert list(report["modes"]) == ["lexical", "dense", "hybrid", "rerank"]
    for measures in report["modes"].values():
        assert list(measures) == ["ndcg@10", "mrr@10", "map@100", "recall@10", "recall@100"]
    assert report["modes"]["hybrid"]["ndcg@10"] == 1  # a document of a title alone is found by it
    [first, *_] = report["queries"]
    assert (first["query"], first["relevant"]) == ("honey from roofs", {"bees/1": 1})
    assert first["found"]["hybrid"][0] == "bees/1"
    assert first["modes"]["dense"]["mrr@10"] == 1


def test_the_table_shows_all_measures(beir, printed):
    code, text = printed("retrieval", beir, "--mode", "lexical")
    assert code == 0
    assert "small, test: 3 queries, 4 documents" in text
    assert "ndcg@10" in text
    assert "lexical" in text
    assert "dense" not in text


def test_the_trec_run_gives_the_same_figures_to_anyone(beir, tmp_path, printed):
    for name in ("corpus.jsonl", "qrels/test.tsv"):
        path = beir / name
        path.write_text(path.read_text().replace("title only", "title-only"))
    code, report = printed("retrieval", beir, "--run", tmp_path / "run.trec", "--json")
    assert code == 0
    lines = (tmp_path / "run.trec").read_text().splitlines()
    assert lines[0].split()[:4] == ["q1", "Q0", "bees/1", "1"]
    assert lines[0].split()[5] == "rag-hybrid"
    qrels = [
        ir_measures.Qrel(q, d.replace(" ", "-"), s)
        for q, own in RELEVANCE.items()
        for d, s in own.items()
    ]
    measured = ir_measures.calc_aggregate(
        [ir_measures.nDCG @ 10], qrels, ir_measures.read_trec_run(str(tmp_path / "run.trec"))
    )
    assert measured[ir_measures.nDCG @ 10] == report["modes"]["hybrid"]["ndcg@10"]


def test_ids_with_spaces_are_rejected_for_a_run(beir, tmp_path, capsys):
    assert run(["eval", "retrieval", str(beir), "--run", str(tmp_path / "r")]) == 2
    assert "'title only' has spaces" in capsys.readouterr().err


def test_a_corpus_is_indexed_once_for_its_content_and_settings():
    settings = rag.Settings()
    first = prepared_index(DOCUMENTS[:2], settings)
    again = prepared_index(DOCUMENTS[:2], settings)
    assert (first.index, again.report.embedded) == (again.index, 0)
    other = prepared_index(DOCUMENTS[:2], rag.Settings(chunk_chars=300))
    assert other.index != first.index
    assert prepared_index(DOCUMENTS[:1], settings).index.parent != first.index.parent


def test_documents_score_by_their_best_passage(tmp_path):
    filler = " ".join(f"Filler sentence number {n} says nothing at all." for n in range(60))
    documents = (
        SourceText("long", "", f"{filler}\n\nThe lighthouse of Orvald is green.\n\n{filler}"),
        SourceText("short", "", "Nothing about lights, and nothing about houses."),
    )
    dataset = RetrievalSet("x", "test", documents, {"q": "green lighthouse"}, {"q": {"long": 1}})
    prepared = prepared_index(documents, rag.Settings())
    with rag.Retriever.open(prepared.index) as retriever:
        report = evaluate_retrieval(retriever, dataset, prepared.ids)
        ranking = retriever.rank_documents("green lighthouse")
        best = retriever.search("green lighthouse", 1)[0]
    assert report.queries[0].found["hybrid"] == ("long", "short")
    assert ranking.documents[0] == (best.doc_id, pytest.approx(best.score))


def test_a_ranking_of_documents_has_each_document_once(seeds):
    ranked = [doc for doc, _ in seeds.rank_documents("rare earths").documents]
    assert sorted(ranked) == [info.doc_id for info in seeds.documents()]
    few = seeds.rank_documents("rare earths", 2, mode="dense").documents
    assert [doc for doc, _ in few] == [
        doc for doc, _ in seeds.rank_documents("rare earths", mode="dense").documents[:2]
    ]
    scores = [score for _, score in seeds.rank_documents("rare earths", mode="dense").documents]
    assert scores == sorted(scores, reverse=True)


def test_an_error_in_a_set_names_file_and_line(beir, capsys):
    (beir / "corpus.jsonl").write_text('{"_id": "d1", "text": "x"}\nnonsense\n')
    assert run(["eval", "retrieval", str(beir), "--json"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["type"] == "DatasetInvalid"
    assert "corpus.jsonl:2" in error["message"]


# ---------------------------------------------------------------- answers


def question_file(path, *questions):
    path.write_text(
        "".join(
            json.dumps({"id": str(n), "question": q, "answers": a, "sources": s}) + "\n"
            for n, (q, a, s) in enumerate(questions)
        )
    )
    return path


@pytest.fixture
def questions(tmp_path):
    return question_file(
        tmp_path / "questions.jsonl",
        ("How much did the repairs cost?", ["4.2 million kroner"], ["harbour.txt"]),
        ("How much do night train tickets cost?", ["38 euros", "EUR 38"], ["trains.txt"]),
        ("What does plutonium smell like?", [], []),
    )


def test_answers_are_compared_with_accepted_ones(questions, corpus, printed):
    code, report = printed("answers", questions, "--corpus", corpus, "--json")
    metrics = report["metrics"]
    assert code == 0
    assert list(metrics)[:10] == [
        "exact_match", "f1", "answer_hit", "quote_hit", "source", "citation_validity",
        "abstention_precision", "abstention_recall", "coverage", "declined_answerable",
    ]  # fmt: skip
    assert metrics["answer_hit"] == metrics["quote_hit"] == metrics["source"] == 1
    assert metrics["citation_validity"] == metrics["abstention_recall"] == metrics["auc"] == 1
    assert metrics["coverage"] == pytest.approx(2 / 3)
    first, _, last = report["questions"]
    assert first["cited"] == "harbour.txt"
    assert first["citations"] == first["valid_citations"] > 0
    assert (last["answered"], last["exact_match"]) == (False, 1)


def test_the_report_shows_where_answers_are_lost(corpus, tmp_path, printed):
    path = tmp_path / "questions.jsonl"
    asked = [
        ("How much did the repairs cost?", ["4.2 million kroner"], ["harbour.txt"], "fact"),
        ("How much did the repairs cost?", ["in 1897"], ["harbour.txt"], "fact"),
        ("How much do night train tickets cost?", ["38 euros"], ["bees.md"], "fact"),
        ("Why do bees like parks?", ["flower for longer"], ["bees.md"], "why"),
        ("What does plutonium smell like?", [], [], "fact"),
    ]
    keys = ("question", "answers", "sources", "shape")
    path.write_text("".join(json.dumps(dict(zip(keys, q, strict=True))) + "\n" for q in asked))
    code, report = printed("answers", path, "--corpus", corpus, "--json")
    assert code == 0
    assert [q["step"] for q in report["questions"]] == [
        "right",
        "another sentence",  # none of its words is accepted, so its article counts as right
        "right",  # what is said counts, not where it stands; `source` counts that
        "right",
        "declined",
    ]
    assert report["metrics"]["steps"] == {
        "not found": 0, "found, not read": 0, "another passage": 0, "another sentence": 0.25,
        "other words": 0, "declined": 0, "right": 0.75,
    }  # fmt: skip
    assert report["metrics"]["precision"] == 0.75
    assert [row["questions"] for row in report["funnel"]] == [0, 0, 0, 1, 0, 0, 3]
    assert report["shapes"]["why"]["right"] == 1
    assert report["shapes"]["fact"]["another sentence"] == 1
    at_zero = report["curve"][0]
    assert at_zero["right"] + at_zero["wrong"] == at_zero["coverage"] * 5
    code, text = printed("answers", path, "--corpus", corpus, "-v")
    assert "another sentence          1  0.250  0.750" in text
    assert "3 of 4 answers given are right; 1 of 1 unanswerable questions declined" in text
    assert "[another sentence] How much did the repairs cost?" in text


def test_several_files_are_measured_in_one_go(questions, corpus, tmp_path, printed):
    other = question_file(tmp_path / "other.jsonl", ("Who is Ingrid Solheim?", [], []))
    both = ("answers", questions, other, "--corpus", corpus)
    code, report = printed(*both, "--json")
    assert code == 0
    assert [each["dataset"] for each in report["reports"]] == ["questions.jsonl", "other.jsonl"]
    _, alone = printed("answers", other, "--corpus", corpus, "--json")
    assert report["reports"][1]["questions"] == alone["questions"]
    assert (alone["funnel"], alone["metrics"]["steps"]) == ([], {})  # nothing answerable
    _, text = printed(*both)
    assert text.index("questions.jsonl: 3 questions") < text.index("other.jsonl: 1 questions")
    assert run(["eval", *map(str, both), "--plot", "curve.png"]) == 2


def test_the_users_own_index_can_be_measured_and_does_not_change(
    questions, corpus, tmp_path, printed
):
    rag.build(corpus, tmp_path / "index")
    before = sorted(p for p in (tmp_path / "index").rglob("*") if p.is_file())
    code, text = printed("answers", questions, "--index", tmp_path / "index")
    assert code == 0
    assert "3 questions, 2 of them answerable" in text
    assert "threshold  coverage  accuracy" in text
    assert sorted(p for p in (tmp_path / "index").rglob("*") if p.is_file()) == before


def test_every_point_of_the_curve_matches_a_run_with_that_threshold(questions, corpus):
    index = corpus_index(corpus, rag.Settings()).index
    dataset = QuestionSet(
        "x",
        tuple(
            Example(str(n), text, answers, ())
            for n, (text, answers) in enumerate(
                [
                    ("How much did the repairs cost?", ("4.2 million kroner",)),
                    ("Why do bees like parks?", ("flower for longer",)),
                    ("Who is Ingrid Solheim?", ("Harbour master",)),
                    ("How long was the line closed?", ("eleven years",)),
                    ("What do bees think of trains?", ()),
                    ("What does plutonium smell like?", ()),
                ]
            )
        ),
    )
    with rag.Retriever.open(index) as retriever:
        for threshold in (0.0, 0.04, 0.3, 0.9):
            report = evaluate_answers(retriever, dataset, threshold=threshold)
            [point] = [p for p in report.curve if p.threshold == threshold]
            asked = [
                retriever.ask(q.text, min_confidence=threshold).status for q in dataset.questions
            ]
            assert [j.answered for j in report.questions] == [s == "answered" for s in asked]
            assert point.coverage == report.metrics["coverage"]
            assert point.declined_answerable == report.metrics["declined_answerable"]
            assert point.declined_unanswerable == report.metrics["abstention_recall"]


def test_as_of_is_the_reference_day_for_the_latest(seeds_index, tmp_path, printed):
    """Then a set with such questions gives the same result next year."""
    path = question_file(
        tmp_path / "q.jsonl", ("What do articles since October say of Japan?", ["Japan"], [])
    )
    ask = ("answers", path, "--index", seeds_index, "--json", "--as-of")
    _, before = printed(*ask, "2026-12-31")  # no article has this date or a later one
    _, after = printed(*ask, "2026-01-15")
    cited = [report["questions"][0]["cited"] for report in (before, after)]
    assert cited[0] != cited[1]
    code, _ = printed(*ask, "soon")
    assert code == 2


def test_a_damaged_citation_is_counted(questions, corpus):
    index = corpus_index(corpus, rag.Settings()).index
    (corpus / "harbour.txt").write_text("Another text altogether.\n")
    dataset = QuestionSet("x", (Example("1", "How much did the repairs cost?", ("4.2",), ()),))
    with rag.Retriever.open(index) as retriever:
        report = evaluate_answers(retriever, dataset, threshold=0)
    assert report.metrics["citation_validity"] < 1  # no longer what stands in the file


def test_a_squad_file_has_its_own_articles(squad, printed):
    code, report = printed("answers", squad, "--json")
    assert code == 0
    assert report["metrics"]["answer_hit"] == report["metrics"]["source"] == 1
    assert [q["id"] for q in report["questions"]] == ["a", "b"]
    code, report = printed("answers", squad, "--oracle", "--json")
    repair, mayor = report["questions"]
    assert mayor["cited"] == mayor["sources"][0]  # it was given no other paragraph
    assert repair["step"] == "right"
    assert mayor["step"] == ("answered" if mayor["answered"] else "declined")


def test_verbose_lists_the_questions_that_went_wrong(tmp_path, corpus, printed):
    path = question_file(tmp_path / "q.jsonl", ("How much do tickets cost?", ["99 roubles"], []))
    _, text = printed("answers", path, "--corpus", corpus, "-v")
    assert "How much do tickets cost? → 38 euros" in text
    assert "accepted: 99 roubles" in text


def test_a_sample_always_has_the_same_questions(seeds, seeds_index, printed):
    path = Path(__file__).parents[2] / "evaluation" / "seeds.jsonl"
    ids = [
        [
            question["id"]
            for question in printed(
                "answers", path, "--index", seeds_index, "--sample", "5", "--json"
            )[1]["questions"]
        ]
        for _ in range(2)
    ]
    assert ids[0] == ids[1] == sorted(ids[0])
    assert len(ids[0]) == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--oracle"], "--oracle needs a source"),
        (["--model", "x"], "an index has its own model"),
        (["--plot", "curve.exe"], "is not a supported file type"),
    ],
)
def test_impossible_options_are_rejected(arguments, message, tmp_path, seeds_index, capsys):
    path = question_file(tmp_path / "q.jsonl", ("Who?", ["she"], []))
    assert run(["eval", "answers", str(path), "--index", str(seeds_index), *arguments]) == 2
    assert message in capsys.readouterr().err


def test_an_error_names_an_unknown_source_and_its_line(tmp_path, seeds_index, capsys):
    path = question_file(tmp_path / "q.jsonl", ("Who?", ["she"], ["gone.txt"]))
    assert run(["eval", "answers", str(path), "--index", str(seeds_index)]) == 1
    assert f"{path}:1: document 'gone.txt' is not in the index" in capsys.readouterr().err


def test_an_evaluation_never_rebuilds_a_named_index(questions, corpus, seeds_index, capsys):
    line = ["eval", "answers", str(questions), "--corpus", str(corpus), "--index", str(seeds_index)]
    assert run(line) == 1
    assert "was built from" in capsys.readouterr().err


def test_results_can_be_plotted(beir, questions, corpus, tmp_path, printed):
    bars, curve = tmp_path / "bars.png", tmp_path / "curve.svg"
    assert printed("retrieval", beir, "--mode", "lexical", "--plot", bars)[0] == 0
    assert printed("answers", questions, "--corpus", corpus, "--plot", curve)[0] == 0
    for path, begins in ((bars, b"\x89PNG"), (curve, b"<?xm")):
        assert path.read_bytes()[:4] == begins
        assert path.stat().st_size > 5000
