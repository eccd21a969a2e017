"""An article that never mentions what a question names does not answer it."""

from pathlib import Path

import pytest

from rag.answer import Inquiry, Source
from rag.answer.candidates import Candidate, ReadPassage
from rag.answer.lacking import doubted, lacking
from rag.english.question import read_question
from rag.records import Document, Passage, Reading
from rag.stores.analyzer import TextAnalyzer
from rag.text.units import Unit

ARTICLES = {
    "home.txt": ("Blunkett quits", "David Blunkett resigned as home secretary.", None),
    "tax.txt": ("Budget", "Gordon Brown said on Monday that the tax will stay.", "2004-03-17"),
}
ANALYZER = TextAnalyzer()


def source(doc_id):
    title, text, published = ARTICLES[doc_id]
    document = Document(doc_id, f"news/{doc_id}", text, title, "The Gazette", published, None)
    return Source(document, Path(document.path), "")


def candidates():
    found = []
    for doc_id, (title, text, published) in ARTICLES.items():
        passage = Passage(
            f"{doc_id}#0-{len(text)}", doc_id, doc_id, title, None, published, None, 0, len(text), 1, None,
            None, text, 1.0, {},
        )  # fmt: skip
        units = (Unit(0, len(text), "paragraph"),)
        read = ReadPassage(passage, units, Reading((), 0.5))
        found.append(Candidate(read, 0, (0, len(text)), {}, 0.5))
    return found


def missing(question, rules=None):
    inquiry = Inquiry(read_question(question, ANALYZER), ANALYZER, lambda _: 1.0)
    if rules is not None:
        inquiry = Inquiry(inquiry.question, ANALYZER, lambda _: 1.0, rules)
    found = lacking(inquiry, candidates(), source)
    return {doc_id: each.names for doc_id, each in found.items()}


@pytest.mark.parametrize(
    ("question", "lacks"),
    [
        ("Who replaced David Blunkett?", {"tax.txt": ("David Blunkett",)}),
        ("Why did Tony Blair resign?", dict.fromkeys(ARTICLES, ("Tony Blair",))),
        ("what did gordon brown say about the tax?", {"home.txt": ("Gordon Brown",)}),
        ("What did Brown say in 2004?", {"home.txt": ("Brown",)}),
        ("What did Brown say in 1987?", {"home.txt": ("Brown",), "tax.txt": ("1987",)}),
        ("What does The Gazette say about the home secretary?", {}),
        ("Who resigned?", {}),
        ("What does Budget say?", {"home.txt": ("Budget",)}),
    ],
)
def test_an_article_lacks_the_names_and_years_that_it_never_mentions(question, lacks):
    assert missing(question) == lacks


def test_an_answer_from_such_an_article_is_hardly_probable():
    inquiry = Inquiry(read_question("Who replaced Blunkett?", ANALYZER), ANALYZER, lambda _: 1.0)
    home, tax = candidates()
    found = lacking(inquiry, [home, tax], source)
    assert doubted(home, found) == home
    assert doubted(tax, found).probability == pytest.approx(0.005)


def test_both_rules_can_be_off():
    assert missing("Why did Tony Blair resign?", rules=()) == {}
    assert missing("What did Brown say in 1987?", rules={"article-years"}) == {"tax.txt": ("1987",)}


def test_an_article_about_something_else_than_the_question_says_is_another():
    asked = "In the story about the home secretary David Blunkett, what will stay?"
    assert missing("In the story about the home secretary, what will stay?") == {"tax.txt": ()}
    assert missing(asked) == {"tax.txt": ("David Blunkett",)}
    assert missing("In the story about bread, what will stay?") == {}
    assert missing("In the story about the home secretary, what will stay?", rules=()) == {}
