"""In every format, a quote is exactly what stands at its offsets, whatever characters an article has."""

import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag.corpus.chunk import chunk
from rag.corpus.load import Job, load_all
from rag.formats.base import is_supported
from rag.records import Skipped
from tests.formats.samples import MEMBERS, WRITERS

TITLE = "The mine at Lindvik"
SCRIPTS = st.sampled_from(
    [
        "été", "e\u0301te\u0301", "\ufb01nal", "Å\u0327", "q\u0323\u0307",
        "😀", "👩\u200d🚀", "🇯🇵", "𝒜", "🏴\U000e0067\U000e0062\U000e007f",
        "שלום", "مرحبا", "\u202babc\u202c", "ราคา", "ญี่ปุ่น", "नमस्ते", "東京都", "가격", "ｶﾞ",
        "soft\u00adhyphen", "zero\u200bwidth", "no\u00a0break", "thin\u2009space", "\u2066x\u2069",
        "a&b", "a < b", '"quoted"', "it's", "100%", "C++", "#5", "x_y", "1½", "—", "…",
    ]
)  # fmt: skip
SIMPLE = st.text("abcäöüéßØ½°«»£ ", min_size=1, max_size=12).map(lambda text: text.strip() or "a")


def prose(words):
    """A paragraph that no format takes for anything but prose."""
    return (
        f"The mine of {' '.join(words)} opened in spring, and it sold its first ore to the smelter"
        " that stands next door, which pays for it by the tonne."
    )


def articles(words):
    return st.lists(st.lists(words, min_size=1, max_size=5).map(prose), min_size=1, max_size=4)


def plain(text):
    """A text without white space and invisible characters, which a format may lay out anew."""
    kept = (c for c in unicodedata.normalize("NFC", text) if not c.isspace())
    return "".join(c for c in kept if unicodedata.category(c) != "Cf")


def loaded(ending, paragraphs):
    name = f"story.{ending}"
    [found] = load_all(Job(name, f"/corpus/{name}", WRITERS[ending](TITLE, paragraphs)))
    assert not isinstance(found, Skipped), found
    return found.document


def check(ending, paragraphs):
    document = loaded(ending, paragraphs)
    assert document == loaded(ending, paragraphs)
    assert document.doc_id == f"story.{ending}{MEMBERS.get(ending, '')}"
    text, at = plain(document.text), 0
    for paragraph in map(plain, paragraphs):
        at = text.index(paragraph, at) + len(paragraph)
    end = 0
    for block in document.blocks:
        assert end <= block.start < block.end <= len(document.text)
        end = block.end
    chunks = chunk(document)
    quoted = plain("".join(document.text[each.start : each.end] for each in chunks))
    for paragraph in map(plain, paragraphs):
        assert paragraph in quoted
    for each in chunks:
        quote = document.text[each.start : each.end]
        begin, finish = document.utf16(each.start), document.utf16(each.end)
        assert (
            document.text.encode("utf-16-le")[2 * begin : 2 * finish].decode("utf-16-le") == quote
        )


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(paragraphs=articles(SCRIPTS))
@example([prose(["a"])])
@pytest.mark.parametrize("ending", [each for each in WRITERS if each != "pdf"])
def test_what_is_written_is_read_and_quoted(ending, paragraphs):
    check(ending, paragraphs)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(paragraphs=articles(SIMPLE))
def test_what_is_printed_is_read_and_quoted(paragraphs):
    check("pdf", paragraphs)


def test_the_writers_know_every_format_that_is_read():
    assert [ending for ending in WRITERS if not is_supported(f"story.{ending}")] == []
