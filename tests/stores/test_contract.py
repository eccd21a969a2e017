"""What every store promises, for reading and writing; the store in memory is the reference.

Add a new kind of store to ``KINDS``; it is finished when this passes.
"""

import math
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rag
from rag.corpus.roots import corpus_of
from rag.records import (
    EmbedderInfo,
    Filters,
    Scope,
    SkippedSource,
    SourceCopy,
    SourceRecord,
    document_of,
)
from rag.stores import index_at
from rag.stores.memory import MemoryIndex
from tests.stores.articles import (
    ALL,
    CORPUS,
    DIMENSION,
    EMBEDDER,
    RECIPE,
    article,
    committed,
    holding,
    ids,
    lexical,
    opened_or_none,
    vector_of,
)
from tests.stores.lite import Milvus, needs_milvus

KINDS = {
    "memory": lambda _: MemoryIndex(),
    "local": lambda folder: index_at(folder / "index"),
    "milvus": Milvus,
}
"""What makes an empty index of each kind below a folder."""
MILVUS = pytest.param("milvus", marks=needs_milvus)


@pytest.fixture(params=["memory", "local", MILVUS])
def index(request, tmp_path):
    """An empty index of each kind."""
    return KINDS[request.param](tmp_path)


# ---------------------------------------------------------------- an index that is not open


def test_an_index_is_not_there_before_its_first_commit(index):
    assert index.salvaged_facts() is None
    for ask in (index.open, index.facts, index.generation, index.inspect):
        with pytest.raises(rag.IndexNotFound):
            ask()


def test_what_an_index_says_unopened_is_what_its_current_snapshot_says(index):
    with closing(committed(index, article("a.txt", "one two"))) as store:
        first = store.facts
    assert (first.index, first.store) == (str(index.folder), index.store)
    with closing(committed(index, article("b.txt", "three", "four"))) as store:
        assert index.facts() == index.salvaged_facts() == index.inspect().facts == store.facts
        assert index.generation() == store.facts.generation != first.generation
        assert not index.inspect().damages
        passages = list(index.intact_passages())
        assert sorted(chunk.chunk_id for _, chunk, _ in passages) == sorted(
            chunk.chunk_id for doc_id in ids(store) for chunk in store.chunks_of(doc_id)
        )
        for document, chunk, vector in passages:
            assert document.text == store.document(chunk.doc_id).text
            assert vector.tolist() == store.vectors([chunk.chunk_id])[0].tolist()


# ---------------------------------------------------------------- reading


def test_a_document_is_read_as_it_was_put(index):
    given = article("a.txt", "one two", "three", published="2024-05-03", publisher="Gazette")
    store = committed(index, given)
    document = store.document("a.txt")
    assert (document.text, document.blocks) == (given.document.text, given.document.blocks)
    assert document.evidence == {"title": "first line"}
    assert document.path == str(Path("articles", "a.txt"))
    [info] = store.documents()
    assert (info.doc_id, info.path, info.publisher) == ("a.txt", document.path, "Gazette")
    assert (info.sha256, info.size, info.chunks) == (given.source.sha256, given.source.size, 2)
    assert store.sources() == {"a.txt": given.source}
    source = store.source("a.txt")
    assert (source.sha256, source.size, source.mtime_ns) == (info.sha256, info.size, 7)
    assert source.path == str(Path("articles", "a.txt").absolute())
    chunks = store.chunks_of("a.txt")
    assert chunks == given.chunks
    assert store.chunks(chunk.chunk_id for chunk in reversed(chunks)) == chunks[::-1]
    vectors = store.vectors([chunks[1].chunk_id, chunks[0].chunk_id])
    assert vectors.dtype == np.float32
    assert vectors.tolist() == given.vectors[::-1].tolist()


def test_the_facts_describe_the_committed_snapshot(index):
    facts = committed(index, article("a.txt", "one two", "two"), article("b.txt")).facts
    assert (facts.documents, facts.chunks, facts.terms) == (2, 2, 2)
    assert facts.recipe == RECIPE
    assert facts.corpus == CORPUS
    assert facts.generation
    assert facts.created


def test_a_document_of_several_folders_has_its_path_in_its_own(index, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    corpus = corpus_of([Path("north/news"), Path("south/news"), Path("notes.txt")])
    given = [article(name, "one") for name in ("news-2/b.txt", "news/sub/a.txt", "notes.txt")]
    store = committed(index, *given, corpus=corpus)
    assert store.facts.corpus == corpus
    assert {each.doc_id: each.path for each in store.documents()} == {
        "news-2/b.txt": "south/news/b.txt",
        "news/sub/a.txt": "north/news/sub/a.txt",
        "notes.txt": "notes.txt",
    }
    for each in store.documents():
        assert store.document(each.doc_id).path == each.path
        assert store.source(each.doc_id).path == str(tmp_path / each.path)


def test_the_source_of_a_member_is_its_container(index):
    source = SourceRecord("", 0, 0, "", container="x.zip", content="ab")
    store = committed(index, article("x.zip/a.txt", "one", source=source))
    assert store.source("x.zip/a.txt").path == str(Path("articles/x.zip").absolute())
    assert store.document("x.zip/a.txt").path == "articles/x.zip/a.txt"


def test_a_document_is_known_by_its_copies_and_a_touch_changes_them(index):
    source = SourceRecord("", 0, 0, "", copies=(SourceCopy("b.txt", 7), SourceCopy("c/d.txt", 8)))
    store = committed(index, article("a.txt", "one", source=source))
    assert store.source("a.txt").copies == source.copies
    assert store.documents()[0].copies == store.document("a.txt").copies == ("b.txt", "c/d.txt")
    assert len(lexical(store, "one", filters=Filters(path="c/*")).ids) == 1
    assert len(lexical(store, "one", filters=Filters(path="d/*")).ids) == 0
    with index.writer() as writer:
        writer.begin(store)
        writer.touch("a.txt", replace(source, copies=source.copies[:1]))
        writer.commit(CORPUS, RECIPE)
    with closing(index.open()) as store:
        assert store.documents()[0].copies == store.document("a.txt").copies == ("b.txt",)


def test_what_is_known_of_a_document_is_kept(index):
    told = {
        "author": "Ada Voss",
        "updated": "2025-05-02",
        "language": "de",
        "notes": ("only the part before the paywall",),
    }
    plain = article("a.txt", "one")
    store = committed(index, replace(plain, document=replace(plain.document, **told)))
    [info] = store.documents()
    for record in (info, store.document("a.txt")):
        assert {name: getattr(record, name) for name in told} == told


def test_documents_are_sorted_by_id(index):
    names = ["b.txt", "a/z.txt", "ä.txt", "a.txt", "Z.txt", "a b.txt"]
    store = committed(index, *(article(name, "same words") for name in names))
    assert ids(store) == list(store.sources()) == sorted(names)
    assert [document_of(each) for each in lexical(store, "same").ids] == sorted(names)


@pytest.mark.parametrize(
    "doc_id",
    ["ärger/中文 名.txt", "a#1-2", "#", '"sha256": "x.txt', "\\", "e\u0301.txt", "👩‍🔬.md"],
)
def test_any_string_can_be_an_id(index, doc_id):
    store = committed(index, article(doc_id, "one"), article("other.txt", "two"))
    assert sorted(ids(store)) == sorted([doc_id, "other.txt"])
    assert store.document(doc_id).doc_id == store.chunks_of(doc_id)[0].doc_id == doc_id
    [chunk_id] = lexical(store, "one").ids
    assert store.chunks([chunk_id])[0].doc_id == doc_id


def test_unknown_ids_are_not_found(index):
    store = committed(index, article("a.txt", "one"))
    for read in (store.document, store.source, store.chunks_of):
        for doc_id in ("a", "a.txt ", "", "b.txt"):
            with pytest.raises(rag.DocumentNotFound):
                read(doc_id)
    for chunk_id in ("a.txt", "a.txt#0-5", "a.txt#7-10#", "a.txt#07-10", "#7-10", ""):
        for read_all in (store.chunks, store.vectors):
            with pytest.raises(rag.DocumentNotFound):
                read_all([chunk_id])


def test_an_empty_store_finds_nothing(index):
    for store in (committed(index), committed(index, article("a.txt"))):
        assert not list(lexical(store, "one", phrases=[("one", "two")]).ids)
        assert not list(store.dense(vector_of("one"), ALL, Scope()).ids)
        assert not list(lexical(store, "one", required=(("one",),)).ids)
        assert store.document_frequency("one") == store.facts.chunks == 0
        assert list(store.terms_with("")) == []
        assert store.vectors([]).shape == (0, DIMENSION)


def test_opening_a_missing_index_fails(index):
    with pytest.raises(rag.IndexNotFound):
        index.open()


# ---------------------------------------------------------------- writing


def test_documents_neither_put_nor_deleted_are_carried_over(index):
    committed(index, article("a.txt", "one"), article("b.txt", "two"), article("c.txt", "three"))
    store = committed(index, article("b.txt", "two changed"), deleted=["c.txt"])
    assert ids(store) == ["a.txt", "b.txt"]
    assert holding(store, "changed") == ["b.txt"]
    assert not holding(store, "three")
    assert store.vectors([store.chunks_of("a.txt")[0].chunk_id])[0].tolist() == (
        vector_of("one").tolist()
    )


def test_the_last_call_on_a_document_counts(index):
    committed(index, article("a.txt", "one"), article("b.txt", "two"))
    with index.writer() as writer, closing(index.open()) as previous:
        writer.begin(previous)
        writer.put(article("a.txt", "first"))
        writer.put(article("a.txt", "second second"))
        writer.delete("b.txt")
        writer.put(article("b.txt", "back again"))
        writer.put(article("c.txt", "never"))
        writer.delete("c.txt")
        writer.delete("unknown.txt")
        writer.commit(CORPUS, RECIPE)
    store = index.open()
    assert ids(store) == ["a.txt", "b.txt"]
    assert (holding(store, "second"), holding(store, "back")) == (["a.txt"], ["b.txt"])
    assert [store.document_frequency(term) for term in ("one", "first", "never")] == [0, 0, 0]


def test_touching_a_document_changes_only_its_source(index):
    before = committed(index, article("a.txt", "one"))
    seen = SourceRecord(before.source("a.txt").sha256, 10, 99, "fix")
    with index.writer() as writer:
        writer.begin(before)
        writer.touch("a.txt", seen)
        with pytest.raises(rag.DocumentNotFound):
            writer.touch("b.txt", seen)
        writer.commit(CORPUS, RECIPE)
    store = index.open()
    assert store.sources() == {"a.txt": seen}
    assert (store.document("a.txt"), holding(store, "one")) == (before.document("a.txt"), ["a.txt"])


def test_a_member_of_a_container_comes_from_the_file_of_the_container(index):
    source = SourceRecord("ab", 9, 7, "", container="pack.zip", content="cd")
    store = committed(index, article("pack.zip/a.txt", "one", source=source))
    assert store.sources() == {"pack.zip/a.txt": source}
    assert store.source("pack.zip/a.txt").path == str(Path("articles", "pack.zip").absolute())


def test_what_could_not_be_read_is_kept_until_something_else_is_said(index):
    locked = SkippedSource(
        "a.pdf", "protected\n\ud800", SourceRecord("ab", 1, 2, "", copies=(SourceCopy("b.pdf", 3),))
    )
    before = committed(index, article("a.txt", "one"))
    assert list(before.skipped()) == []
    with index.writer() as writer:
        writer.begin(before)
        writer.skip([locked, SkippedSource("pipe", "not a regular file")])
        writer.commit(CORPUS, RECIPE)
    store = index.open()
    assert list(store.skipped()) == [locked, SkippedSource("pipe", "not a regular file")]
    assert list(committed(index, article("b.txt", "two")).skipped()) == list(store.skipped())
    assert locked.file == "a.pdf"


def test_a_commit_is_atomic_and_does_not_change_open_stores(index):
    first = committed(index, article("a.txt", "one"))
    with index.writer() as writer:
        writer.begin(first)
        writer.put(article("b.txt", "two"))
        writer.delete("a.txt")
        assert ids(index.open()) == ["a.txt"]
        facts = writer.commit(CORPUS, RECIPE)
    second = index.open()
    assert second.facts == facts
    assert second.facts.generation != first.facts.generation
    assert (ids(first), ids(second)) == (["a.txt"], ["b.txt"])
    assert (holding(first, "one", "two"), holding(second, "one", "two")) == (["a.txt"], ["b.txt"])
    assert second.facts.generation in second.footprint().generations
    assert second.footprint().bytes > 0


def test_a_writer_that_does_not_commit_changes_nothing(index):
    before = committed(index, article("a.txt", "one"))
    with index.writer() as writer:
        writer.begin(before)
        writer.put(article("b.txt", "two"))
    assert ids(index.open()) == ["a.txt"]
    with index.writer() as writer:
        writer.begin(before)
        writer.put(article("b.txt", "two"))
        writer.begin(None)  # starting again forgets it
        writer.commit(CORPUS, RECIPE)
    assert not ids(index.open())


def test_cached_vectors_are_known_in_the_next_build(index):
    texts, vectors = ["one", "two"], np.array([vector_of("one"), vector_of("two")])
    other = EmbedderInfo("other", "1" * 64, DIMENSION, 256, "mean", "", "")
    with index.writer() as writer:
        writer.begin(None)
        writer.cache(EMBEDDER).append(texts, vectors)
        writer.commit(CORPUS, RECIPE)
    with index.writer() as writer:
        cache = writer.cache(EMBEDDER)
        assert np.array_equal(cache.get(texts), vectors)
        assert cache.get(["three"]) == writer.cache(other).get(["one"]) == [None]
    with index.writer() as writer:
        writer.begin(None)
        writer.cache(EMBEDDER).rewrite(["two"], vectors[1:])
        writer.commit(CORPUS, RECIPE)
    with index.writer() as writer:
        one, two = writer.cache(EMBEDDER).get(texts)
        assert one is None
        assert np.array_equal(two, vectors[1])


# ---------------------------------------------------------------- searching


@pytest.fixture(scope="module", params=["memory", "local", MILVUS])
def searched(request, tmp_path_factory):
    """A store with a few articles; read-only."""
    return committed(
        KINDS[request.param](tmp_path_factory.mktemp("searched")),
        article("a/one.txt", "red blue red", "green", published="2024-01-31", publisher="Gazette"),
        article("a/two.txt", "blue red green", published="2024-02-01", publisher="Courier"),
        article("b/one.md", "blue", "blue red", published="2024-03-01"),
        article("b/two.md", "grey grey", publisher="gazette"),
    )


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["a/one.txt", "a/two.txt", "b/one.md", "b/two.md"]),
        ({"publisher": "GAZETTE"}, ["a/one.txt", "b/two.md"]),
        ({"path": "a/*"}, ["a/one.txt", "a/two.txt"]),
        ({"path": "*.md"}, ["b/one.md", "b/two.md"]),
        ({"since": "2024-02-01"}, ["a/two.txt", "b/one.md"]),
        ({"until": "2024-02-01"}, ["a/one.txt", "a/two.txt"]),
        ({"since": "2024-02", "until": "2024-02"}, ["a/two.txt"]),
        ({"since": "2024-02-02", "undated": True}, ["b/one.md", "b/two.md"]),
        ({"since": "2024-01-01", "publisher": "gazette"}, ["a/one.txt"]),
        ({"path": "c/*"}, []),
    ],
)
def test_filters_apply_to_both_searches(searched, filters, expected):
    filters = Filters(**filters)
    every = ("red", "blue", "green", "grey")
    assert holding(searched, *every, filters=filters) == expected
    found = searched.dense(vector_of("red"), ALL, Scope(filters)).ids
    assert sorted({document_of(each) for each in found}) == expected


@pytest.mark.parametrize(
    ("scope", "texts"),
    [
        ({"required": [[("red",)]]}, {"red blue red", "blue red green", "blue red"}),
        ({"required": [[("blue", "red")]]}, {"red blue red", "blue red green", "blue red"}),
        ({"required": [[("red", "blue")]]}, {"red blue red"}),
        ({"required": [[("red",)], [("green",)]]}, {"blue red green"}),
        ({"required": [[("grey",), ("blue", "red", "green")]]}, {"grey grey", "blue red green"}),
        ({"required": [[("nowhere",), ("red", "blue")]]}, {"red blue red"}),
        ({"required": [[("nowhere",)]]}, set()),
        ({"excluded": [("red",)]}, {"green", "blue", "grey grey"}),
        (
            {"excluded": [("red", "green"), ("grey",)]},
            {"red blue red", "green", "blue", "blue red"},
        ),
        (
            {"required": [[("blue",)]], "excluded": [("green",)]},
            {"red blue red", "blue", "blue red"},
        ),
    ],
)
def test_required_and_excluded_runs_apply_to_both_searches(searched, scope, texts):
    scope = Scope(
        required=tuple(map(tuple, scope.get("required", ()))),
        excluded=tuple(scope.get("excluded", ())),
    )
    for hits in (
        searched.lexical(("red", "blue", "green", "grey"), (), ALL, scope),
        searched.dense(vector_of("red"), ALL, scope),
    ):
        found = searched.chunks(hits.ids)
        assert {searched.document(c.doc_id).text[c.start : c.end] for c in found} == texts


def test_the_vocabulary_tells_how_many_chunks_have_a_phrase(searched):
    assert searched.phrase_frequency(("blue", "red")) == 3
    assert searched.phrase_frequency(("red", "blue")) == 1
    assert searched.phrase_frequency(("red", "nowhere")) == 0


def test_a_phrase_favours_chunks_that_contain_it(searched):
    plain, phrased = lexical(searched, "red"), lexical(searched, "red", phrases=[("red", "blue")])
    assert len(phrased.ids) == len(plain.ids)
    assert document_of(phrased.ids[0]) == "a/one.txt"
    assert phrased.scores[0] > max(plain.scores)
    assert list(lexical(searched, phrases=[("grey", "grey")]).ids) == ["b/two.md#7-16"]


def test_document_frequency_and_idf(searched):
    assert [searched.document_frequency(t) for t in ("red", "blue", "grey", "x")] == [3, 4, 1, 0]
    for term, n in (("red", 3), ("grey", 1), ("x", 0)):
        assert searched.idf(term) == pytest.approx(math.log(1 + (6 - n + 0.5) / (n + 0.5)))


def test_terms_are_found_by_their_beginning(searched):
    beginnings = {
        "": ["blue", "green", "grey", "red"],
        "gre": ["green", "grey"],
        "red": ["red"],
        "x": [],
    }
    assert {prefix: list(searched.terms_with(prefix)) for prefix in beginnings} == beginnings


def test_the_nearest_vector_comes_first_with_its_cosine(searched):
    hits = searched.dense(vector_of("blue red"), 2, Scope())
    assert hits.ids[0] == "b/one.md#13-21"
    assert hits.scores[0] == pytest.approx(1)
    assert len(hits.ids) == 2


def test_ties_are_in_corpus_order_and_a_shorter_list_is_a_prefix(index):
    names = [f"{number}.txt" for number in range(30)]
    store = committed(index, *(article(name, "same words", "other") for name in reversed(names)))
    for search in (
        lambda depth: lexical(store, "same", depth=depth),
        lambda depth: store.dense(vector_of("same words"), depth, Scope()),
    ):
        everything = search(ALL)
        assert [document_of(each) for each in everything.ids[:30]] == sorted(names)
        for depth in (1, 7, 30, 31):
            assert list(search(depth).ids) == list(everything.ids[:depth])


def test_a_chunk_has_the_same_key_in_every_list_and_keys_are_in_corpus_order(searched):
    """So lists can be fused without looking up ids."""
    keys = {}
    for hits in (
        lexical(searched, "red", "green"),
        lexical(searched, "blue", "grey"),
        searched.dense(vector_of("red"), ALL, Scope()),
    ):
        for key, chunk_id in zip(hits.ids.keys.tolist(), hits.ids, strict=True):
            assert keys.setdefault(key, chunk_id) == chunk_id
    in_order = [c.chunk_id for doc_id in ids(searched) for c in searched.chunks_of(doc_id)]
    assert [keys[key] for key in sorted(keys)] == in_order


# ---------------------------------------------------------------- any sequence of builds

NAMES = st.sampled_from(["a.txt", "b/c.txt", "b.txt", "ü#1.md"])
WORDS = st.sampled_from(["red", "blue", "green", "grey"])
PARAGRAPHS = st.lists(st.lists(WORDS, min_size=1, max_size=5).map(" ".join), max_size=3)
PUT = st.tuples(st.just("put"), NAMES, PARAGRAPHS)
STEPS = st.one_of(PUT, PUT, st.tuples(st.sampled_from(["delete", "touch"]), NAMES, st.none()))
BUILDS = st.lists(st.lists(STEPS, max_size=5), min_size=1, max_size=3)
RUNS = st.lists(WORDS, min_size=1, max_size=3).map(tuple)
QUERIES = st.tuples(
    st.lists(WORDS | st.just("nowhere"), max_size=3),
    st.lists(RUNS, max_size=2),
    st.builds(
        Scope,
        st.none(),
        st.lists(st.lists(RUNS, min_size=1, max_size=2).map(tuple), max_size=1).map(tuple),
        st.lists(RUNS, max_size=1).map(tuple),
    ),
)


def run(index, builds):
    """Run these builds; returns the documents at the end."""
    held = {}
    for number, steps in enumerate(builds):
        with index.writer() as writer:
            previous = opened_or_none(index)
            writer.begin(previous)
            known = dict(held)
            for (kind, name, paragraphs), stamp in zip(steps, count(100 * number), strict=False):
                if kind == "put":
                    held[name] = article(name, *paragraphs)
                    writer.put(held[name])
                elif kind == "delete":
                    held.pop(name, None)
                    writer.delete(name)
                elif name in known:
                    source = SourceRecord("touched", stamp, stamp, "")
                    held[name] = article(name, *texts_of(known[name]), source=source)
                    writer.touch(name, source)
            writer.commit(CORPUS, RECIPE)
            if previous:
                previous.close()
    return held


def texts_of(indexed):
    return [indexed.document.text[c.start : c.end] for c in indexed.chunks]


def everything(store):
    """Everything in a store, in a form that can be compared."""
    chunks = {doc_id: store.chunks_of(doc_id) for doc_id in ids(store)}
    return (
        list(store.documents()),
        store.sources(),
        [store.document(doc_id) for doc_id in chunks],
        chunks,
        store.vectors(c.chunk_id for own in chunks.values() for c in own).tolist(),
        (store.facts.documents, store.facts.chunks, store.facts.terms),
        {word: store.document_frequency(word) for word in ("red", "blue", "green", "grey")},
        list(store.terms_with("")),
    )


def scored(hits):
    return dict(zip(hits.ids, hits.scores.tolist(), strict=True))


def assert_searched_alike(one, other, queries):
    for terms, phrases, scope in queries:
        found = scored(one.lexical(terms, phrases, ALL, scope))
        assert scored(other.lexical(terms, phrases, ALL, scope)) == pytest.approx(found)
        nearest = scored(one.dense(vector_of(" ".join(terms)), ALL, scope))
        assert scored(other.dense(vector_of(" ".join(terms)), ALL, scope)) == pytest.approx(
            nearest, abs=1e-6
        )


def assert_builds_equal_a_fresh_one(index, builds, queries):
    expected = committed(MemoryIndex(), *run(index, builds).values())
    with closing(index.open()) as store:
        assert everything(store) == everything(expected)
        assert_searched_alike(store, expected, queries)


@pytest.mark.parametrize("kind", ["memory", "local"])
@given(builds=BUILDS, queries=st.lists(QUERIES, min_size=1, max_size=3))
def test_any_sequence_of_builds_equals_a_fresh_build_in_memory(
    tmp_path_factory, kind, builds, queries
):
    index = KINDS[kind](tmp_path_factory.mktemp("updated"))
    assert_builds_equal_a_fresh_one(index, builds, queries)


@needs_milvus
@settings(max_examples=settings.default.max_examples // 4)  # a build takes a tenth of a second
@given(builds=BUILDS, queries=st.lists(QUERIES, min_size=1, max_size=3))
def test_any_sequence_of_builds_on_milvus_equals_a_fresh_build_in_memory(
    tmp_path_factory, builds, queries
):
    index = Milvus(tmp_path_factory.mktemp("updated"))
    assert_builds_equal_a_fresh_one(index, builds, queries)
