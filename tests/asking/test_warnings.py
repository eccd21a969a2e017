"""Answers and search results carry their warnings."""

import pytest

import rag
from rag.cli import run


@pytest.fixture
def retriever(index):
    with rag.Retriever.open(index) as opened:
        yield opened


def test_without_a_reason_there_is_no_warning(retriever):
    assert retriever.ask("What did repairs of the harbour cost?").warnings == ()
    assert retriever.search_result("harbour", mode="lexical").warnings == ()


def test_there_are_warnings_of_a_stale_index_a_foreign_question_and_an_unknown_publisher(
    retriever, corpus
):
    (corpus / "late.txt").write_text("A late article\n\nIt came after the index was built.\n")
    answer = retriever.ask(
        "¿Quién dirige el puerto de Lindvik en la costa?", filters=rag.Filters(publisher="Nobody")
    )
    stale, reader, embedder, publisher = answer.warnings
    assert "1 new since the index was built" in stale
    assert "the answer is the whole sentence that has most of the question's words" in reader
    assert "built with an English model" in embedder
    assert "no article is by 'Nobody'" in publisher
    assert "Harbour Gazette" in publisher
    assert answer.to_dict()["warnings"] == list(answer.warnings)


def test_there_is_a_warning_of_a_name_that_was_put_right(retriever):
    said = "searched for “Solheim” in place of “Solhiem”"
    answer = retriever.ask("What is Ingrid Solhiem the master of?")
    assert answer.warnings == (said,)
    assert answer.question == "What is Ingrid Solhiem the master of?"
    assert answer.citations[0].doc_id == "harbour.txt"
    found = retriever.search_result("Ingrid Solhiem", mode="lexical")
    assert found.warnings == (said,)
    assert found.query == "Ingrid Solhiem"


def test_there_is_a_warning_of_a_missing_source(retriever, corpus):
    (corpus / "harbour.txt").unlink()
    answer = retriever.ask("What did repairs of the harbour cost?")
    assert any("harbour.txt cannot be read any more" in warning for warning in answer.warnings)


def test_after_a_reload_the_folder_is_checked_again(retriever, corpus, tmp_path):
    (corpus / "late.txt").write_text("A late article\n\nIt came after the index was built.\n")
    assert retriever.search_result("harbour", mode="lexical").warnings
    rag.build(corpus, tmp_path / "index")
    retriever.reload()
    assert retriever.search_result("harbour", mode="lexical").warnings == ()


WALLED = """<!DOCTYPE html><html lang="en"><head><title>Bridge of Orvald to close</title>
<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script></head>
<body><article><h1>Bridge of Orvald to close</h1><p>The bridge of Orvald closes for nine weeks in the
autumn, the council said on Monday.</p></article></body></html>"""


def test_an_article_that_is_not_whole_is_named_where_it_is_cited_or_nearest(
    retriever, corpus, tmp_path, capsys
):
    (corpus / "bridge.html").write_text(WALLED)
    rag.build(index=tmp_path / "index")
    retriever.reload()
    path = str(corpus / "bridge.html")
    [note] = retriever.document("bridge").notes
    cited = retriever.ask("For how many weeks does the bridge of Orvald close?")
    assert cited.citations[0].doc_id == "bridge.html"
    assert f"{path}: {note}" in cited.warnings
    nearest = retriever.ask("Who will paint the bridge of Orvald green?", min_confidence=0.99)
    assert nearest.status == "abstained"
    assert nearest.passages[0].doc_id == "bridge.html"
    assert f"{path}: {note}" in nearest.warnings
    assert retriever.ask("What did repairs of the harbour cost?").warnings == ()
    assert run(["list", "--index", str(tmp_path / "index")]) == 0
    assert f"Bridge of Orvald to close ({note})" in capsys.readouterr().out
    assert run(["show", "bridge", "--index", str(tmp_path / "index")]) == 0
    assert f"note: {note}" in capsys.readouterr().err
