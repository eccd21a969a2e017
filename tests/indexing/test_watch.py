"""`rag index --watch` keeps an index up to date, and readers reload when they like."""

import threading
from contextlib import contextmanager
from queue import Queue

import pytest

import rag

LONG = 60  # seconds after which something is broken, not slow


@pytest.fixture(autouse=True)
def _hasty(monkeypatch):
    """Here, articles are written at once."""
    monkeypatch.setattr("rag.indexing.watch.QUIET_MS", 50)


@contextmanager
def watched(index):
    """Runs the watcher; its results go into a queue."""
    found, stop = Queue(), threading.Event()

    def run():
        try:
            for outcome in rag.watch(index, stop=stop):
                found.put(outcome)
        finally:
            found.put(None)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join(LONG)
        assert not thread.is_alive()


def add_ferry(corpus):
    (corpus / "ferry.txt").write_text("A new ferry\n\nThe ferry sails four times a day.\n")


def test_changes_before_the_watch_are_seen_too(corpus, index):
    add_ferry(corpus)
    with watched(index) as found:
        assert found.get(timeout=LONG).added == ("ferry.txt",)


def test_a_new_article_is_found_after_a_reload(corpus, index):
    with rag.Retriever.open(index) as retriever, watched(index) as found:
        add_ferry(corpus)
        assert found.get(timeout=LONG).added == ("ferry.txt",)
        assert not retriever.search("ferry", mode="lexical")  # it keeps what it opened
        assert retriever.reload()
        assert retriever.search("ferry", mode="lexical")


def test_an_index_inside_the_corpus_does_not_wake_the_watcher(corpus):
    index = corpus / "index"
    rag.build(corpus, index)

    with watched(index) as found:
        add_ferry(corpus)
        assert found.get(timeout=LONG).added == ("ferry.txt",)
        (corpus / ".hidden").write_text("not an article")
        (corpus / "ferry.txt").unlink()
        assert found.get(timeout=LONG).removed == ("ferry.txt",)
    assert found.get(timeout=LONG) is None


def test_a_failed_build_does_not_end_the_watch(corpus, index):
    with watched(index) as found:
        for path in corpus.iterdir():
            path.unlink()
        while not isinstance(outcome := found.get(timeout=LONG), rag.CorpusEmpty):
            assert isinstance(outcome, rag.BuildReport)  # it saw the first of them go
        add_ferry(corpus)
        while isinstance(outcome := found.get(timeout=LONG), rag.RagError):
            pass
        assert outcome.added == ("ferry.txt",)


def test_watching_needs_an_index(tmp_path):
    with pytest.raises(rag.IndexNotFound):
        next(iter(rag.watch(tmp_path / "index")))
