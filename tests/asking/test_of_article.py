"""Questions about an article itself, and what asks for nothing."""

import pytest

import rag
from rag.english.requests import of_article


@pytest.mark.parametrize(
    ("question", "part", "topic"),
    [
        ("When was the article about the ferry published?", "published", "the ferry"),
        ("when did the story on tin prices come out", "published", "tin prices"),
        ("What is the date of the article on the ferry?", "published", "the ferry"),
        ("On which day was the ferry article published?", "published", "ferry"),
        ("Who wrote the article about the ferry?", "author", "the ferry"),
        ("Who is the author of the ferry story?", "author", "ferry"),
        ("Which newspaper published the article about the ferry?", "publisher", "the ferry"),
        ("What is the headline of the article about the ferry?", "title", "the ferry"),
    ],
)
def test_what_a_question_asks_of_an_article(question, part, topic):
    assert of_article(question) == (part, topic)


@pytest.mark.parametrize(
    "question",
    [
        "When was the ferry launched?",
        "When was the report published?",
        "Who wrote the play about the ferry?",
        "When was the article published?",  # which?
        "Who owns the newspaper that published the article about the ferry?",
        "",
    ],
)
def test_other_questions_ask_nothing_of_an_article(question):
    assert of_article(question) is None


@pytest.mark.model
def test_an_article_itself_is_asked_about_and_what_asks_nothing_is_asked_back(corpus, tmp_path):
    (corpus / "ferry.txt").write_text(
        "Ferry Sinks Off Rovik\nBy Nora Lund\n9 June 2024\n\n"
        "The ferry sank in May after a storm, the harbour of Rovik said on Tuesday.\n"
    )
    rag.build(corpus, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        for question, said in (
            ("When was the article about the ferry published?", "9 June 2024"),
            ("Who wrote the article about the ferry?", "Nora Lund"),
            ("What is the title of the article about the ferry?", "Ferry Sinks Off Rovik"),
        ):
            answer = retriever.ask(question)
            [citation] = answer.citations
            assert answer.answer == said
            assert said in citation.quote
            assert "\n" not in citation.quote
            assert citation.doc_id == "ferry.txt"
        for nothing in ("When?", "Where?", "tell me more", "Go on!", "anything else?"):
            assert retriever.ask(nothing).status == "abstained"
