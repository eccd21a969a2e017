"""Several stores as one: what is found in them together is what one index of everything finds."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import rag
from rag.records import (
    Block,
    Chunk,
    Corpus,
    Document,
    EmbedderInfo,
    Filters,
    IndexedDocument,
    Recipe,
    Root,
    Scope,
    SourceRecord,
    chunk_id_of,
)
from rag.stores import index_at
from rag.stores.labels import names_of
from rag.stores.memory import MemoryIndex
from rag.stores.united import UnitedStore, united

DIMENSION = 8
RECIPE = Recipe(
    EmbedderInfo("tiny", "0" * 64, DIMENSION, 256, "mean", "", ""), "spaces", "paragraphs", 900
)
ALL = 1_000
WORDS = st.sampled_from(["red", "blue", "green", "grey"])
RUNS = st.lists(WORDS, min_size=1, max_size=3).map(tuple)
ARTICLES = st.dictionaries(
    st.sampled_from(["a.txt", "b/c.txt", "b.txt", "ü#1.md"]),
    st.lists(st.lists(WORDS, min_size=1, max_size=5).map(" ".join), max_size=3),
    max_size=4,
)
QUERIES = st.tuples(
    st.lists(WORDS | st.just("nowhere"), max_size=3),
    st.lists(RUNS, max_size=2),
    st.builds(
        Scope,
        st.sampled_from([None, Filters(path="*.md"), Filters(publisher="gazette")]),
        st.lists(st.lists(RUNS, min_size=1, max_size=2).map(tuple), max_size=1).map(tuple),
        st.lists(RUNS, max_size=1).map(tuple),
    ),
)


def vector_of(text):
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    vector = np.random.default_rng(seed).normal(size=DIMENSION)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def article(doc_id, paragraphs):
    """A document whose chunks are its paragraphs, and whose terms are its words."""
    text, spans = "Title", []
    for paragraph in paragraphs:
        spans.append((len(text) + 2, len(text) + 2 + len(paragraph)))
        text += f"\n\n{paragraph}"
    return IndexedDocument(
        Document(
            doc_id=doc_id, path="", text=text, title="Title", published=None, url=None,
            publisher="Gazette" if len(paragraphs) % 2 else None,
            blocks=(Block(0, 5, "title"), *(Block(*span, "paragraph") for span in spans)),
        ),
        SourceRecord(hashlib.sha256(text.encode()).hexdigest(), len(text), 7, ""),
        [Chunk(chunk_id_of(doc_id, *span), doc_id, *span) for span in spans],
        [paragraph.split() for paragraph in paragraphs],
        np.array([vector_of(p) for p in paragraphs], np.float32).reshape(-1, DIMENSION),
    )  # fmt: skip


def stored(folder, articles, *, local=True, labels=("",)):
    """A store of these articles, on disk or in memory."""
    index = index_at(folder) if local else MemoryIndex()
    corpus = Corpus(tuple(Root(f"/{label or 'x'}", f"/{label or 'x'}", label) for label in labels))
    with index.writer() as opened:
        opened.begin(None)
        for doc_id, paragraphs in articles.items():
            opened.put(article(doc_id, paragraphs))
        opened.commit(corpus, RECIPE)
    return index.open()


def found(hits):
    return dict(zip(hits.ids, hits.scores.tolist(), strict=True))


@given(
    one=ARTICLES,
    other=ARTICLES,
    local=st.booleans(),
    queries=st.lists(QUERIES, min_size=1, max_size=3),
)
@example(  # the idfs of the four words add up to 0, or to nearly 0 in another order
    one={
        "a.txt": ["red", "grey", "blue green grey"],
        "b/c.txt": ["red blue green", "red blue grey"],
        "b.txt": ["green", "grey", "red blue grey"],
    },
    other={"a.txt": ["blue green", "blue green grey", "grey"]},
    local=False,
    queries=[(["red"], [], Scope())],
)
def test_several_stores_find_what_one_store_of_all_finds(
    tmp_path_factory, one, other, local, queries
):
    folder = tmp_path_factory.mktemp("united")
    parts = {
        "one": stored(folder / "1", one, local=local),
        "b": stored(folder / "2", other, local=False),
    }
    together = UnitedStore(parts)
    every = {f"one/{i}": p for i, p in one.items()} | {f"b/{i}": p for i, p in other.items()}
    whole = stored(folder / "3", every, local=False, labels=("b", "one"))

    def same_path(info):
        return replace(info, path="")

    assert list(map(same_path, together.documents())) == list(map(same_path, whole.documents()))
    assert together.sources() == whole.sources()
    for doc_id in every:
        assert same_path(together.document(doc_id)) == same_path(whole.document(doc_id))
        assert together.chunks_of(doc_id) == whole.chunks_of(doc_id)
        assert together.source(doc_id).sha256 == whole.source(doc_id).sha256
    ids = [chunk.chunk_id for doc_id in every for chunk in whole.chunks_of(doc_id)]
    assert together.chunks(ids) == whole.chunks(ids)
    assert together.vectors(ids).tolist() == whole.vectors(ids).tolist()
    assert (together.facts.documents, together.facts.chunks) == (len(every), whole.facts.chunks)
    assert list(together.terms_with("")) == list(whole.terms_with(""))
    assert together.length() == whole.length()
    for term in ("red", "nowhere"):
        assert together.idf(term) == pytest.approx(whole.idf(term))
    for terms, phrases, scope in queries:
        pairs = [
            (s.lexical(terms, phrases, ALL, scope), s.dense(vector_of(" ".join(terms)), ALL, scope))
            for s in (together, whole)
        ]
        for mine, theirs in zip(*pairs, strict=True):
            assert found(mine) == pytest.approx(found(theirs), abs=1e-6)
            shorter = together.lexical(terms, phrases, 2, scope)
            assert list(shorter.ids) == list(pairs[0][0].ids)[:2]
    together.close()


def test_keys_are_in_corpus_order_and_alike_in_every_list(tmp_path):
    parts = {
        name: stored(tmp_path / name, {"a.txt": ["red blue", "red"], "b.txt": ["red"]})
        for name in ("one", "other")
    }
    store = UnitedStore(parts)
    keys = {}
    for hits in (
        store.lexical(["red"], (), ALL, Scope()),
        store.dense(vector_of("red"), ALL, Scope()),
    ):
        for key, chunk_id in zip(hits.ids.keys.tolist(), hits.ids, strict=True):
            assert keys.setdefault(key, chunk_id) == chunk_id
    in_order = [c.chunk_id for d in store.documents() for c in store.chunks_of(d.doc_id)]
    assert [keys[key] for key in sorted(keys)] == in_order


def test_a_path_may_begin_with_the_name_of_an_index_or_is_meant_within_each(tmp_path):
    store = UnitedStore(
        {name: stored(tmp_path / name, {"a.txt": ["red"], "b.txt": ["red"]}) for name in ("x", "y")}
    )

    def documents(path):
        hits = store.lexical(["red"], (), ALL, Scope(Filters(path=path)))
        return sorted(store.chunks([each])[0].doc_id for each in hits.ids)

    assert documents("a.txt") == ["x/a.txt", "y/a.txt"]
    assert documents("y/*") == ["y/a.txt", "y/b.txt"]
    assert documents("x/b.txt") == ["x/b.txt"]
    assert documents("z/*") == []


def test_an_index_of_several_folders_keeps_their_labels(tmp_path):
    several = stored(
        tmp_path / "1", {"new/a.txt": ["red"], "old/a.txt": ["red"]}, labels=("new", "old")
    )
    store = UnitedStore({"news": several, "other": stored(tmp_path / "2", {"a.txt": ["red"]})})
    ids = [info.doc_id for info in store.documents()]
    assert ids == ["news:new/a.txt", "news:old/a.txt", "other/a.txt"]
    assert [store.index_of(doc_id) for doc_id in ids] == ["news", "news", "other"]
    assert [str(store.facts.corpus.file(doc_id)) for doc_id in ids] == [
        "/new/a.txt",
        "/old/a.txt",
        "/x/a.txt",
    ]


def test_unknown_ids_are_not_found(tmp_path):
    store = UnitedStore({"x": stored(tmp_path / "1", {"a.txt": ["red"]})})
    for doc_id in ("a.txt", "y/a.txt", "x", "x/", "", "xx/a.txt", "x/b.txt"):
        with pytest.raises(rag.DocumentNotFound):
            store.document(doc_id)


def test_a_store_that_cannot_be_opened_is_named_and_the_others_serve(tmp_path):
    good = stored(tmp_path / "1", {"a.txt": ["red"]})

    def open_(number):
        if number != 1:
            raise rag.IndexNotFound("nothing there", fix="build it")
        return good

    store = united(["lost", "good"], open_)
    assert list(store.parts) == ["good"]
    assert store.failures == ("the index lost is left out: nothing there (build it)",)
    with pytest.raises(rag.IndexNotFound):
        united(["lost"], open_)


def test_indexes_whose_scores_cannot_be_compared_are_not_mixed(tmp_path):
    one, other = (stored(tmp_path / name, {"a.txt": ["red"]}, local=False) for name in "12")
    strange = replace(RECIPE, embedder=replace(RECIPE.embedder, id="strange"))
    other = replace(other, facts=replace(other.facts, recipe=strange))
    store = united(["one", "other"], [one, other].__getitem__)
    assert list(store.parts) == ["one"]
    assert "built with strange, the others with tiny" in store.failures[0]


class Damaged:
    """A store that turns out to be damaged when it is searched."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    def dense(self, *_):
        raise rag.IndexCorrupt("a file was altered", fix="repair it")


def test_a_part_that_turns_out_to_be_damaged_is_left_out_from_then_on(tmp_path):
    one, other = (stored(tmp_path / name, {"a.txt": ["red"]}) for name in "12")
    store = UnitedStore({"one": one, "other": Damaged(other)})
    hits = store.dense(vector_of("red"), ALL, Scope())
    assert list(hits.ids) == ["one/a.txt#7-10"]
    assert store.failures == ("the index other is left out: a file was altered (repair it)",)
    assert [info.doc_id for info in store.documents()] == ["one/a.txt"]
    assert store.facts.documents == 1
    with pytest.raises(rag.DocumentNotFound):
        store.document("other/a.txt")
    alone = UnitedStore({"other": Damaged(other)})
    with pytest.raises(rag.IndexCorrupt):
        alone.dense(vector_of("red"), ALL, Scope())


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["/a/news", "/b/reports"], ("news", "reports")),
        (["/a/index", "/b/index"], ("a", "b")),
        (["/a/index", "/a/index"], ("a", "a-2")),
        (["/index", "/b/index"], ("index", "b")),
        (["/", "/x:y"], ("index", "x-y")),
    ],
)
def test_indexes_are_named_by_their_folders(paths, names):
    assert names_of([Path(path) for path in paths]) == names
