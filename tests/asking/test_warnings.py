"""Answers and search results carry their warnings."""

import pytest

import rag


@pytest.fixture
def retriever(corpus, tmp_path):
    rag.build(corpus, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as opened:
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
    assert "the answer is the whole sentence that has most of its words" in reader
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
