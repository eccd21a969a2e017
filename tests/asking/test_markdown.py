"""Answers as Markdown: what is shown, what it rests on, and that text of articles stays text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.asking.markdown import inert, prose, said, shown

QUESTIONS = [
    "What price floor was agreed with MP Materials?",
    "Who runs REAlloys?",
    "Summarise the news about Lynas",
    "Which companies expand production?",
    "Did the US and Japan sign an agreement?",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_citation_is_marked_where_its_quote_stands(seeds, question):
    answer = seeds.ask(question)
    text = shown(answer)
    assert [mark.citation for mark in text.marks] == list(answer.citations)
    for mark in text.marks:
        plain = re.sub(r"\\(.)", r"\1", text.text[mark.start : mark.end])
        assert plain == f"{' '.join(mark.citation.quote.split())} [{mark.citation.n}]"
        assert f"- [{mark.citation.n}] " in text.text


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_was_said_is_read_back(seeds, question):
    answer = seeds.ask(question)
    words, quote = said(shown(answer).text)
    quotes = " ".join(" ".join(c.quote.split()) for c in answer.citations)
    assert quote == quotes
    assert words in (answer.answer, quotes)


def test_an_abstention_is_read_back_as_one(seeds):
    assert said(shown(seeds.ask("How do I bake sourdough bread?")).text) == (None, "")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Leonard Sternheim.", "Leonard Sternheim."),
        ("It is **Leonard Sternheim** [1].\n\nHe runs it.", "It is **Leonard Sternheim** ."),
        ("", ""),
    ],
)
def test_the_words_of_another_assistant_are_taken_as_they_are(text, answer):
    assert said(text)[0] == answer


@pytest.mark.parametrize(
    "text",
    ["![x](http://a.example/?q)", "[x](javascript:alert(1))", "<img src=x onerror=y>", "`code`", "<!--",
     "# Heading", "> quote", "- item", "| a | b |", "a\u202eb\x1b[31m", "[x]: http://a.example", "***"],
)  # fmt: skip
def test_markup_in_an_article_does_nothing(text):
    from markdown_it import MarkdownIt

    rendered = MarkdownIt("commonmark").render(inert(text)).strip()
    assert re.fullmatch(r"<p>[^<]*</p>", rendered)
    assert "\x1b" not in rendered
    assert "\u202e" not in rendered


@given(st.text(max_size=200))
def test_no_text_becomes_an_element(text):
    from markdown_it import MarkdownIt

    rendered = MarkdownIt("commonmark").render(inert(text)).strip()
    assert not re.search(r"<(?!/?(?:p|em|strong|ol|li|ul)\b)", rendered)


@given(st.lists(st.text(min_size=1, max_size=30), max_size=5))
def test_the_beginning_of_prose_is_the_beginning_of_its_markdown(sentences):
    whole = prose(" ".join(f"{each} [1]." for each in sentences))
    for count in range(len(sentences)):
        assert whole.startswith(prose(" ".join(f"{each} [1]." for each in sentences[:count])))
