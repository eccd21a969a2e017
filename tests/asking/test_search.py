"""Searching the seeds with the public API."""

import pytest

import rag
from rag.search import CANDIDATES


def ids(passages):
    return [p.chunk_id for p in passages]


def test_the_best_passage_holds_the_fact(seeds):
    best = seeds.search("price floor for NdPr")[0]
    assert best.doc_id == "002_1a75634502ebca40.txt"
    assert "$110/kg" in best.text


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_every_passage_is_a_slice_of_its_document_and_knows_its_line(seeds, mode):
    for passage in seeds.search("rare earth magnets", k=50, mode=mode):
        document = seeds.document(passage.doc_id)
        assert document.text[passage.start : passage.end] == passage.text
        assert document.text.count("\n", 0, passage.start) + 1 == passage.line
        assert passage.path.endswith(passage.doc_id)
        assert (passage.title, passage.publisher) == (document.title, document.publisher)


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
@pytest.mark.parametrize("fusion", ["minmax", "rrf"])
def test_ranks_do_not_depend_on_how_many_are_asked_for(seeds, mode, fusion):
    many = ids(seeds.search("China's rare earth dominance", k=40, mode=mode, fusion=fusion))
    for k in (1, 3, 10):
        few = ids(seeds.search("China's rare earth dominance", k=k, mode=mode, fusion=fusion))
        assert few == many[:k]


def test_contributions_name_the_rankings_with_the_passage(seeds):
    for passage in seeds.search("magnets", k=50):
        assert set(passage.contributions) <= {"lexical", "dense"}
        assert (
            "dense" in passage.contributions
        )  # fewer passages than candidates: the dense list holds all
        total = sum(c.weight for c in passage.contributions.values())
        assert 0 < total <= 1
    lexical = seeds.search("magnets", k=50, mode="lexical")
    assert all(set(p.contributions) == {"lexical"} for p in lexical)
    assert [p.contributions["lexical"].rank for p in lexical] == list(range(1, len(lexical) + 1))


def test_lexical_search_finds_only_passages_that_hold_a_word(seeds):
    assert all("dysprosium" in p.text.lower() for p in seeds.search("dysprosium", mode="lexical"))
    assert seeds.search("sourdough", mode="lexical") == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (rag.Filters(publisher="kallanish"), {"004_aabf0497bb8998d2.txt"}),
        (rag.Filters(since="2025-10-31", until="2025-10-31"), {"004_aabf0497bb8998d2.txt"}),
        (rag.Filters(since="2025-11-01"), {"003_1821f78f855b5c86.txt"}),
        (rag.Filters(until="2025-12-31"), {"004_aabf0497bb8998d2.txt"}),
        (rag.Filters(path="00[01]_*"), {"000_c78d32296a3def8b.txt", "001_129a856e8654900c.txt"}),
        (rag.Filters(publisher="nobody"), set()),
    ],
)
@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_filters_act_before_ranking(seeds, filters, expected, mode):
    found = seeds.search("rare earths", k=100, mode=mode, filters=filters)
    assert {p.doc_id for p in found} == expected
    one = seeds.search("rare earths", k=1, mode=mode, filters=filters)
    assert ids(one) == ids(found)[:1]


def test_undated_articles_pass_a_date_filter_only_when_asked_for(seeds):
    filters = rag.Filters(since="2025-11-01", undated=True)
    found = {p.doc_id[:3] for p in seeds.search("rare earths", k=100, filters=filters)}
    assert found == {"000", "001", "002", "003"}


def test_all_matching_passages_come_back_when_more_are_asked_for(seeds):
    total = sum(d.chunks for d in seeds.documents())
    assert len(seeds.search("rare earths", k=1000)) == total


@pytest.mark.parametrize(
    "call",
    [
        {"query": "  "},
        {"query": "x" * 10_001},
        {"query": "x", "k": 0},
        {"query": "x", "k": 10_001},
        {"query": "x", "k": 2.5},
        {"query": "x", "k": True},
        {"query": "x", "filters": {"publisher": "Kallanish"}},
        {"query": "lone \ud800 surrogate"},
        {"query": "x", "mode": "magic"},
        {"query": "x", "fusion": "magic"},
    ],
)
def test_impossible_calls_are_refused_by_name(seeds, call):
    with pytest.raises(rag.InvalidArgument) as caught:
        seeds.search(**call)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "dates", [("yesterday", None), ("2025-13-01", None), ("2026-01-01", "2025-01-01")]
)
def test_impossible_dates_are_refused(dates):
    with pytest.raises(rag.InvalidFilter):
        rag.Filters(*dates)


def test_dates_may_be_dates_and_empty_strings_mean_nothing():
    import datetime as dt

    assert rag.Filters(since=dt.date(2025, 10, 1)) == rag.Filters(since="2025-10-01")
    assert rag.Filters(publisher="", path="") == rag.Filters()
    assert not rag.Filters(publisher="", undated=True)


def test_ranks_stay_the_same_beyond_the_default_depth(embedder, tmp_path):
    words = "price floor rare earth magnet China Japan mine oxide metal supply".split()
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(CANDIDATES + 30):
        text = " ".join(words[(n * step) % len(words)] for step in range(1, 3 + n % 9))
        (folder / f"{n:03}.txt").write_text(
            f"{text.capitalize()} is in report number {n} of them.\n"
        )
    rag.build(folder, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        for fusion in ("minmax", "rrf"):
            few = [
                (p.chunk_id, p.score)
                for p in retriever.search("rare earth price floor", k=CANDIDATES, fusion=fusion)
            ]
            many = retriever.search("rare earth price floor", k=CANDIDATES + 30, fusion=fusion)
            assert [(p.chunk_id, p.score) for p in many[:CANDIDATES]] == few
            assert len(many) == CANDIDATES + 30


def test_documents_are_found_by_any_unique_beginning_of_their_id(seeds):
    assert seeds.document("004").doc_id == "004_aabf0497bb8998d2.txt"
    with pytest.raises(rag.AmbiguousDocument, match="fits 5"):
        seeds.document("00")
    for unknown in ("", "005", "../secret", "/etc/passwd"):
        with pytest.raises(rag.DocumentNotFound):
            seeds.document(unknown)


def test_many_threads_get_the_same_passages(seeds):
    from concurrent.futures import ThreadPoolExecutor

    queries = ["price floor", "METALLIC laboratories", "magnets", "Takaichi"] * 6
    expected = {query: ids(seeds.search(query)) for query in queries}
    with ThreadPoolExecutor(8) as pool:
        for query, found in zip(queries, pool.map(seeds.search, queries), strict=True):
            assert ids(found) == expected[query]


def test_staleness_names_changes_and_ignores_files_that_are_not_articles(corpus, tmp_path):
    (corpus / "bad.txt").write_bytes(b"\xff\xfe\x00")
    rag.build(corpus, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        assert not retriever.staleness()
        (corpus / "metadata.jsonl").write_text('{"path": "bees.md", "publisher": "Hive"}\n')
        assert retriever.staleness().changed == ("bees.md",)
        (corpus / "metadata.jsonl").unlink()
        (corpus / "harbour.txt").touch()
        assert not retriever.staleness()  # touched, but its bytes are the same
        (corpus / "new.txt").write_text("A new article\n\nIt has a sentence.\n")
        (corpus / "harbour.txt").write_text("Changed\n\nAll of it changed.\n")
        (corpus / "trains.txt").unlink()
        stale = retriever.staleness()
        assert (stale.added, stale.changed, stale.removed) == (
            ("new.txt",),
            ("harbour.txt",),
            ("trains.txt",),
        )


def test_documents_are_listed_once_per_filter_and_never_without_one(seeds_index, monkeypatch):
    """There may be a hundred thousand of them."""
    from rag.stores.local.local import LocalStore

    looked = []
    documents = LocalStore.documents
    monkeypatch.setattr(LocalStore, "documents", lambda self: looked.append(1) or documents(self))
    with rag.Retriever.open(seeds_index) as retriever:
        for query in ("magnets", "magnets +Japan", '"price floor" -China'):
            assert retriever.search(query)
        assert not looked
        for query in ("magnets", "price floor", "magnets +China"):
            assert retriever.search(query, filters=rag.Filters(publisher="Kallanish"))
        assert len(looked) == 1
        assert retriever.search("magnets", filters=rag.Filters(since="2025-10-01"))
        assert len(looked) == 2
