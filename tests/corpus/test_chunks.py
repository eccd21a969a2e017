"""Passages and offsets, on generated documents."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus.chunk import chunk
from rag.corpus.load import load
from rag.records import Block, Document
from rag.text.units import unit_spans

CONTENT = ("paragraph", "list", "table")

WORDS = st.sampled_from(
    ["copper", "Mine", "naïve", "e\u0301te\u0301", "été", "👩\u200d🚀", "🇯🇵", "שלום", "مرحبا", "鉱物",
     "U.S.", "$1.59", "“quoted”", "x" * 40, "a\u0300\u0301\u0302", "45,000", "\u202eabc\u202c", "|"]
)  # fmt: skip
SENTENCE = st.lists(WORDS, min_size=2, max_size=14).map(lambda w: "The " + " ".join(w) + ".")
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=9).map(" ".join)
HEADING = st.sampled_from(
    ["What Comes Next", "Background", "## Price of Ore", "**Run In Heading**"]
)
LIST = st.lists(SENTENCE, min_size=1, max_size=6).map(lambda s: "\n".join(f"- {x}" for x in s))
TABLE = st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=40).map(
    lambda rows: "\n".join(f"{a} | {b}" for a, b in rows)
)
FURNITURE = st.sampled_from(["Leave a Reply", "Share This Article", "* * *", "© 2025 Example"])
DOCUMENT = st.tuples(
    st.lists(st.one_of(PARAGRAPH, PARAGRAPH, HEADING, LIST, TABLE, FURNITURE), max_size=9),
    st.sampled_from(["\n\n", "\n \n", "\n"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["a.txt", "a.md"]),
    st.sampled_from(["NFC", "NFD"]),
)


def build(parts: tuple[list[str], str, str, str, str]) -> Document:
    blocks, gap, eol, name, normal = parts
    text = gap.join(["Copper Mine Opens in Spring", *blocks]).replace("\n", eol)
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    return load(name, name, (composed if normal == "NFC" else decomposed).encode())


@given(DOCUMENT)
def test_blocks_are_ordered_and_cover_everything_but_markup(
    parts: tuple[list[str], str, str, str, str],
) -> None:
    document = build(parts)
    previous = 0
    left = ""
    for block in document.blocks:
        assert previous <= block.start < block.end <= len(document.text)
        quote = document.text[block.start : block.end]
        assert quote == quote.strip()
        left += document.text[previous : block.start]
        previous = block.end
    left += document.text[previous:]
    assert set("".join(left.split())) <= set("#*>")


@given(DOCUMENT, st.sampled_from([1, 30, 120, 900]))
def test_passages_cover_all_content_once_and_nothing_else(
    parts: tuple[list[str], str, str, str, str], max_chars: int
) -> None:
    document = build(parts)
    chunks = chunk(document, max_chars)
    held = [0] * len(document.text)
    previous = 0
    headings = {(b.start, b.end) for b in document.blocks if b.kind == "heading"}
    for part in chunks:
        assert previous <= part.start < part.end <= len(document.text)
        assert part.end - part.start <= max_chars
        assert part.chunk_id == f"a{document.doc_id[1:]}#{part.start}-{part.end}"
        quote = document.text[part.start : part.end]
        assert quote == quote.strip()
        above = [h for h in headings if h[1] <= part.start]
        assert part.heading == (max(above) if above else None)
        for at in range(part.start, part.end):
            held[at] += 1
        previous = part.end
    for block in document.blocks:
        wanted = 1 if block.kind in CONTENT else 0
        for at in range(block.start, block.end):
            if not document.text[at].isspace():
                assert held[at] == wanted


@given(DOCUMENT)
def test_units_that_fit_are_in_one_passage(parts: tuple[list[str], str, str, str, str]) -> None:
    document = build(parts)
    chunks = chunk(document)
    for block in document.blocks:
        if block.kind not in CONTENT:
            continue
        for start, end in unit_spans(document.text, block, block.start, block.end):
            if end - start <= 800:
                assert any(c.start <= start and end <= c.end for c in chunks)


def document(text: str, *blocks: tuple[str, str]) -> Document:
    """A document whose blocks are these stretches of ``text``."""
    found = []
    at = 0
    for kind, part in blocks:
        at = text.index(part, at)
        found.append(Block(at, at + len(part), kind))
        at += len(part)
    return Document("d", "d", text, "t", None, None, None, tuple(found))


def cut(doc: Document, max_chars: int = 900) -> list[str]:
    return [doc.text[c.start : c.end] for c in chunk(doc, max_chars)]


def test_paragraphs_of_a_section_share_a_passage_and_sections_do_not() -> None:
    text = "One.\n\nTwo.\n\nHead\n\nThree."
    parts = [("paragraph", "One."), ("paragraph", "Two."), ("heading", "Head")]
    assert cut(document(text, *parts, ("paragraph", "Three."))) == ["One.\n\nTwo.", "Three."]


def test_boilerplate_separates_the_paragraphs_around_it() -> None:
    text = "One.\n\nShare\n\nTwo."
    doc = document(text, ("paragraph", "One."), ("boilerplate", "Share"), ("paragraph", "Two."))
    assert cut(doc) == ["One.", "Two."]


def test_a_list_stays_with_its_introduction() -> None:
    text = f"{'First words here. ' * 4}\n\nThe metals are:\n\n- copper\n- zinc"
    first = ("First words here. " * 4).strip()
    doc = document(
        text, ("paragraph", first), ("paragraph", "The metals are:"), ("list", "- copper\n- zinc")
    )
    assert cut(doc, 80) == [first, "The metals are:\n\n- copper\n- zinc"]


def test_a_long_table_is_cut_between_rows_and_a_long_list_between_items() -> None:
    rows = "\n".join(f"row {n} | {n * 7}" for n in range(40))
    for part in cut(document(rows, ("table", rows)), 100):
        assert set(part.split("\n")) <= set(rows.split("\n"))
    items = "\n".join(f"- item number {n}" for n in range(40))
    for part in cut(document(items, ("list", items)), 100):
        assert set(part.split("\n")) <= set(items.split("\n"))


def test_a_long_paragraph_is_cut_between_sentences_into_even_parts() -> None:
    text = " ".join(f"Sentence number {n} is here." for n in range(40))
    parts = cut(document(text, ("paragraph", text)), 400)
    assert all(part.startswith("Sentence") and part.endswith("here.") for part in parts)
    assert min(map(len, parts)) > 0.6 * max(map(len, parts))


def test_a_long_sentence_is_cut_at_spaces() -> None:
    text = "word " * 500 + "end."
    assert {w for p in cut(document(text, ("paragraph", text))) for w in p.split()} == {
        "word", "end."
    }  # fmt: skip


@pytest.mark.parametrize(
    "cluster", ["e\u0301", "👩\u200d🚀", "👍🏽", "🇯🇵", "ᄒ\u1161\u11ab", "☀\ufe0f", "क\u094d"]
)
def test_a_cut_never_splits_a_character(cluster: str) -> None:
    text = cluster * 700
    for size in (10, 11, 12, 13):
        parts = cut(document(text, ("paragraph", text)), size)
        assert "".join(parts) == text
        assert all(part == cluster * (len(part) // len(cluster)) for part in parts)


def test_a_cluster_longer_than_a_passage_is_cut() -> None:
    text = "e" + "\u0301" * 5000
    assert "".join(cut(document(text, ("paragraph", text)))) == text


def test_no_content_no_passages() -> None:
    assert cut(document("Share", ("boilerplate", "Share"))) == []
    assert cut(document("Head", ("heading", "Head"))) == []


def test_impossible_sizes_are_rejected() -> None:
    with pytest.raises(ValueError, match="max_chars"):
        chunk(document("One.", ("paragraph", "One.")), 0)
