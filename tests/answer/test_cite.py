"""A citation that cannot be sliced is never made; its state is that of the file on disk."""

import hashlib
import os
from pathlib import Path

import pytest

from rag.answer.cite import Source, cite
from rag.corpus.scan import source_state
from rag.errors import IndexCorrupt
from rag.records import Document

TEXT = "One line.\r\nThe answer is 42. 👩‍👧 More.\n"
SOURCE = Source(
    Document("a.txt", "x/a.txt", TEXT, "A", None, None, None), Path("gone.txt"), "ab" * 32
)


def test_the_quote_is_the_slice_and_the_line_is_counted():
    citation = cite(3, SOURCE, (11, 28), (25, 27))
    assert citation.quote == "The answer is 42."
    assert TEXT[citation.answer_start : citation.answer_end] == "42"
    assert (citation.n, citation.line, citation.page) == (3, 2, None)


@pytest.mark.parametrize(
    ("quote", "answer"),
    [((-1, 5), (0, 5)), ((0, 99), (0, 5)), ((5, 9), (4, 9)), ((5, 9), (5, 10)), ((5, 5), (5, 5))],
)
def test_offsets_outside_the_text_are_refused(quote, answer):
    with pytest.raises(IndexCorrupt):
        cite(1, SOURCE, quote, answer)


def test_state_follows_the_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one")
    indexed = hashlib.sha256(b"one").hexdigest()
    assert source_state(path, indexed) == "current"
    path.write_bytes(b"two")
    assert source_state(path, indexed) == "changed"
    path.unlink()
    assert source_state(path, indexed) == "missing"
    os.mkfifo(path)
    assert source_state(path, indexed) == "missing"  # without waiting for a writer
