"""Stored documents are read as they were written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.records import Block, Document, SourceRecord
from rag.stores.local.documents import (
    Documents,
    Lines,
    StoredDocument,
    TextLines,
    block_rows,
    blocks_of,
    document_line,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
SPAN = st.tuples(st.integers(0, 2**40), st.integers(0, 2**40))
STORED = st.builds(
    StoredDocument,
    st.builds(SourceRecord, TEXT, st.integers(0), st.integers(), TEXT),
    st.builds(
        Document,
        doc_id=TEXT,
        path=st.just(""),
        text=st.just(""),
        title=TEXT,
        publisher=st.none() | TEXT,
        published=st.none() | TEXT,
        url=st.none() | TEXT,
        locator=st.lists(st.integers(0)).map(tuple),
        published_text=st.none() | TEXT,
        evidence=st.dictionaries(TEXT, TEXT, max_size=3),
        language=TEXT,
        author=st.none() | TEXT,
        updated=st.none() | TEXT,
        notes=st.lists(TEXT).map(tuple),
    ),
    SPAN,
    SPAN,
    SPAN,
)


@given(st.lists(STORED, max_size=6, unique_by=lambda s: s.document.doc_id), TEXT)
def test_documents_are_read_as_written_one_by_one_or_all_at_once(stored, other):
    stored.sort(key=lambda one: one.document.doc_id)
    documents = Documents(Lines(b"".join(map(document_line, stored))), "articles/".__add__)
    assert len(documents) == len(stored)
    assert [documents[n] for n in range(len(stored))] == stored
    assert documents.infos == tuple(documents.info(n) for n in range(len(stored)))
    ids = [one.document.doc_id for one in stored]
    assert documents.sources == {i: one.source for i, one in zip(ids, stored, strict=True)}
    assert [documents.number(doc_id) for doc_id in ids] == list(range(len(ids)))
    if other not in ids:
        assert documents.number(other) is None


def test_documents_are_found_by_id_among_many():
    rows = [
        StoredDocument(
            SourceRecord("", n, 0, ""),
            Document(f"{n:05}.txt", "", "", "", None, None, None),
            (0, 0),
            (0, 0),
            (0, n),
        )
        for n in range(3_000)
    ]
    documents = Documents(Lines(b"".join(map(document_line, rows))), str)
    assert [documents.number(f"{n:05}.txt") for n in (0, 1_234, 2_999)] == [0, 1_234, 2_999]
    assert documents.number("01234.txu") is None
    assert [info.chunks for info in documents.infos] == list(range(3_000))


@pytest.mark.parametrize("line", [b"{", b"[]", b"{}", b"1,2", b"\xff", b""])
def test_a_line_in_another_form_is_refused(line):
    documents = Documents(Lines(line + b"\n"), str)
    for read in (lambda: documents[0], lambda: documents.infos, lambda: documents.sources):
        with pytest.raises((ValueError, KeyError, TypeError, IndexError)):
            read()


@given(st.lists(TEXT.filter(lambda text: "\n" not in text)))
def test_lines_equal_those_of_the_text(texts):
    lines = TextLines(Lines("".join(f"{text}\n" for text in texts).encode()))
    assert list(lines) == texts
    assert lines[1:3] == texts[1:3]
    with pytest.raises(IndexError):
        lines[len(texts)]


BLOCKS = st.lists(
    st.builds(
        lambda start, length, kind: Block(start, start + length, kind),
        st.integers(0, 1_000),
        st.integers(0, 1_000),
        st.sampled_from(["title", "heading", "paragraph", "list", "table", "boilerplate"]),
    )
)


@given(BLOCKS)
def test_blocks_are_read_as_written(blocks):
    assert blocks_of(block_rows(blocks), 2_000) == tuple(blocks)


@pytest.mark.parametrize("row", [(-1, 2, 0), (3, 2, 0), (0, 11, 0), (0, 2, 6), (0, 2, -1)])
def test_a_row_that_is_not_a_block_of_the_text_is_refused(row):
    rows = block_rows([Block(0, 10, "paragraph")])
    rows[0] = row
    with pytest.raises(ValueError, match="not a block"):
        blocks_of(rows, 10)


def test_a_line_is_json():
    stored = StoredDocument(
        SourceRecord("ab", 1, 2, ""),
        Document("a.txt", "", "", "A", None, None, None),
        (0, 3),
        (0, 1),
        (0, 2),
    )
    assert json.loads(document_line(stored))["blocks"] == [0, 1]
