"""Articles that cannot be read for a while stay in the index until they are really gone."""

import errno
import os
from pathlib import Path

import pytest

import rag
from rag.corpus import scan as scanning

pytestmark = pytest.mark.model


@pytest.fixture
def articles(corpus):
    (corpus / "2024" / "may").mkdir(parents=True)
    for name in ("2024/ferry.txt", "2024/may/mill.txt", "2024.txt", "2024b.txt"):
        (corpus / name).write_text(f"Story {name}\n\nThe ferry of {name} sails four times a day.\n")
    return corpus


@pytest.fixture
def fail(monkeypatch):
    """Makes reading one folder or file fail, as a share that does not answer does."""
    scandir, read = os.scandir, scanning.read_file
    failing = {}

    def check(path):
        for place, number in failing.items():
            if Path(path) == place or (place in Path(path).parents and not place.is_file()):
                raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(os, "scandir", lambda path: (check(path), scandir(path))[1])
    monkeypatch.setattr(
        scanning, "read_file", lambda path, limit: (check(path), read(path, limit))[1]
    )

    def set_failing(place, number=errno.EACCES):
        failing.clear()
        if place is not None:
            failing[place] = number

    return set_failing


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE, errno.ENOTCONN])
def test_a_folder_that_cannot_be_read_keeps_its_articles(articles, tmp_path, fail, number):
    index = tmp_path / "index"
    everything = rag.build(articles, index).documents
    fail(articles / "2024", number)
    (articles / "bees.md").unlink()
    report = rag.build(articles, index)
    assert report.kept == ("2024/ferry.txt", "2024/may/mill.txt")
    assert (report.removed, report.documents) == (("bees.md",), everything - 1)
    assert "cannot be read now" in " ".join(report.warnings)
    with rag.Retriever.open(index) as retriever:
        assert len(retriever.documents()) == everything - 1
        stale = retriever.staleness()
        assert (stale.unreachable, stale.removed) == (report.kept, ())
        assert (
            "2 of the articles cannot be read now" in retriever.search_result("ferry").warnings[0]
        )
    fail(None)
    (articles / "2024" / "ferry.txt").unlink()
    report = rag.build(articles, index)
    assert (report.kept, report.removed) == ((), ("2024/ferry.txt",))


def test_a_file_that_cannot_be_read_stays_too(articles, tmp_path, fail):
    rag.build(articles, tmp_path / "index")
    fail(articles / "2024.txt")
    report = rag.build(articles, tmp_path / "index")
    assert (report.kept, report.removed) == (("2024.txt",), ())
    fail(None)
    (articles / "2024.txt").write_bytes(b"\x00\x01 no text")
    assert rag.build(articles, tmp_path / "index").removed == ("2024.txt",)


@pytest.mark.parametrize("how", ["full", "repair"])
def test_a_build_from_nothing_does_not_lose_them(articles, tmp_path, fail, how):
    index = tmp_path / "index"
    rag.build(articles, index)
    if how == "repair":
        next((index / "embeddings").iterdir()).write_bytes(b"damaged")
    before = (index / "CURRENT").read_bytes()
    fail(articles / "2024")
    with pytest.raises(rag.CorpusNotFound, match="2 indexed articles cannot be read now"):
        rag.build(articles, index, **{how: True})
    assert (index / "CURRENT").read_bytes() == before
    fail(None)
    rag.build(articles, index, **{how: True})
    assert rag.check(index).ok


def test_a_new_folder_that_cannot_be_read_is_only_skipped(articles, tmp_path, fail):
    fail(articles / "2024")
    report = rag.build(articles, tmp_path / "index")
    assert report.kept == ()
    assert [entry.path for entry in report.skipped] == ["2024/"]
