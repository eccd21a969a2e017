"""A citation's link names the quoted words as a browser looks for them, or the page of a PDF."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.cite import Source, cite
from rag.records import Document

URL = "https://example.org/news/pears"
FILE = Path("/home/ada/saved pages/a#1.pdf")


def document(text, url=URL, locator=()):
    return Document("a.txt", "x/a.txt", text, "A", None, None, url, locator=locator)


def link_of(text, url=URL, locator=()):
    source = Source(document(text, url, locator), FILE, "")
    return cite(1, source, (0, len(text))).link


LONG = (
    "The harbour board said on Tuesday that the new ship, built at the yard in the north of the bay,"
    " will sail from the middle of June with room for sixty cars and their drivers."
)


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ("The fee is 5 euros.", "The%20fee%20is%205%20euros."),
        ("Half, or so, of a well-known\n  story", "Half%2C%20or%20so%2C%20of%20a%20well%2Dknown,story"),
        ("R&D: 100 % #1?", "R%26D%3A%20100%20%25%20%231%3F"),
        ("Größe 👩‍👧", "Gr%C3%B6%C3%9Fe%20%F0%9F%91%A9%E2%80%8D%F0%9F%91%A7"),
        (LONG, "The%20harbour%20board%20said%20on%20Tuesday,for%20sixty%20cars%20and%20their%20drivers."),
        ("| Cerium | 400 t |", "Cerium,400%20t"),
        ("It **rose** in [May](https://a.example/x)[^2] [sic].", "It%20rose%20in%20May%20%5Bsic%5D."),
        ("船が港に入った。" * 20, None),
    ],
)  # fmt: skip
def test_the_quoted_words_are_named(quote, words):
    made = link_of(quote)
    assert made.startswith(f"{URL}#:~:text=")
    if words is not None:
        assert made == f"{URL}#:~:text={words}"


@pytest.mark.parametrize(
    ("url", "begin"),
    [
        (f"{URL}#top", f"{URL}#top:~:text="),
        (f"{URL}#:~:text=old", f"{URL}#:~:text="),
        (f"{URL}?a=b-c", f"{URL}?a=b-c#:~:text="),
    ],
)
def test_the_fragment_joins_the_address(url, begin):
    assert link_of("The fee is 5 euros.", url) == f"{begin}The%20fee%20is%205%20euros."


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "file:///etc/passwd", "a b"])
def test_without_a_web_address_there_is_no_link(url):
    assert link_of("The fee is 5 euros.", url) is None


def test_without_a_word_the_link_is_the_page():
    assert link_of("***") == URL


def test_a_page_of_a_file_is_named():
    text = "One.\fTwo."
    source = Source(document(text, None, (0, 5)), FILE, "")
    citation = cite(1, source, (5, 9))
    assert citation.page == 2
    assert citation.link == "file:///home/ada/saved%20pages/a%231.pdf#page=2"


def test_inside_an_archive_there_is_no_page_to_open():
    source = Source(document("One.", None, (0,)), FILE, "", is_file=False)
    assert cite(1, source, (0, 4)).link is None


PIECES = st.text(st.sampled_from("ab -,&#\n|€😀é"), min_size=1, max_size=200)


@given(PIECES)
def test_what_is_named_stands_in_the_quote_and_needs_no_escape(quote):
    made = link_of(quote)
    named = made.removeprefix(URL).removeprefix("#:~:text=")
    assert not set(named) & set(" -&#\n")
    plain = " ".join(quote.split())
    at = 0
    for words in filter(None, named.split(",")):
        at = plain.index(unquote(words), at) + len(unquote(words))


@given(st.text(), st.text(), st.text(min_size=1))
def test_utf16_offsets_are_those_of_javascript(before, after, quote):
    text = before + quote + after
    citation = cite(1, Source(document(text), FILE, ""), (len(before), len(before + quote)))
    units = text.encode("utf-16-le")
    span = units[2 * citation.start_utf16 : 2 * citation.end_utf16]
    assert span.decode("utf-16-le") == quote
