"""The lexical score is rank_bm25.BM25Okapi's, found faster; and it stays so through updates."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from rag.index.analyzer import EnglishAnalyzer
from rag.index.lexical import LexicalIndex
from rag.index.manifest import Bm25Parameters
from rag.index.postings import build_postings

words = st.sampled_from([f"w{i}" for i in range(12)])
passages = st.lists(st.lists(words, max_size=12), min_size=1, max_size=30)
queries = st.lists(words, min_size=1, max_size=5)


def index_of(texts):
    return LexicalIndex(build_postings(len(texts), enumerate(texts)), Bm25Parameters())


def oracle(texts):
    """BM25Okapi, or None where its own arithmetic breaks down (no words at all)."""
    return BM25Okapi(texts) if any(texts) else None


@given(passages, queries)
def test_scores_equal_bm25okapi_wherever_its_average_idf_is_positive(texts, query):
    definition = oracle(texts)
    if definition is None or definition.average_idf <= 0:
        return
    hits = index_of(texts).search(query, len(texts))
    expected = definition.get_scores(query)
    assert np.allclose(hits.scores, expected[hits.ids], atol=1e-5)


def test_scores_equal_bm25okapi_over_the_seeds(seeds):
    analyzer = EnglishAnalyzer()
    texts = []
    for info in seeds.documents():
        document = seeds.document(info.doc_id)
        texts += [analyzer(document.text[b.start : b.end]) for b in document.blocks]
    definition, index = BM25Okapi(texts), index_of(texts)
    for question in ("price floor for NdPr", "U.S. rare earth oxide 45,000 tonnes", "Japan Japan"):
        query = analyzer(question)
        expected = definition.get_scores(query)
        hits = index.search(query, len(texts))
        assert np.allclose(hits.scores, expected[hits.ids], atol=1e-5)
        assert set(np.flatnonzero(expected)) <= set(hits.ids.tolist())


@given(passages, queries, st.integers(1, 40))
def test_candidates_are_exactly_the_passages_that_hold_a_term(texts, query, depth):
    holding = [i for i, text in enumerate(texts) if set(text) & set(query)]
    hits = index_of(texts).search(query, depth)
    assert len(hits.ids) == min(depth, len(holding))
    assert set(hits.ids.tolist()) <= set(holding)
    assert np.isfinite(hits.scores).all()


@given(passages, queries)
def test_no_score_is_negative_however_small_the_corpus(texts, query):
    assert (index_of(texts).search(query, len(texts)).scores >= 0).all()


def test_in_a_corpus_of_one_passage_more_matching_words_score_more():
    index = index_of([["price", "floor", "price"]])
    one, two = (index.search(query, 1).scores[0] for query in (["floor"], ["floor", "price"]))
    assert 0 < one < two


@given(passages, queries, st.integers(1, 40))
def test_ranking_is_by_score_then_by_order_in_the_corpus(texts, query, depth):
    index = index_of(texts)
    everything = index.search(query, len(texts))
    pairs = list(zip((-everything.scores).tolist(), everything.ids.tolist(), strict=True))
    assert pairs == sorted(pairs)
    assert index.search(query, depth).ids.tolist() == everything.ids.tolist()[:depth]


@given(passages, queries, st.data())
def test_masked_search_equals_searching_everything_and_dropping_the_rest(texts, query, data):
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))))
    index = index_of(texts)
    everything = index.search(query, len(texts))
    masked = index.search(query, len(texts), allowed)
    assert masked.ids.tolist() == [i for i in everything.ids.tolist() if allowed[i]]


@given(passages, st.data())
def test_postings_updated_equal_postings_built_afresh(texts, data):
    """Any passages removed, any moved, any added in between."""
    survivors = data.draw(st.lists(st.sampled_from(range(len(texts))), unique=True).map(sorted))
    added = data.draw(passages)
    order = data.draw(st.permutations(["old"] * len(survivors) + ["new"] * len(added)))
    old, new = iter(survivors), iter(added)
    kept = np.full(len(texts), -1)
    fresh, additions = [], {}
    for number, kind in enumerate(order):
        if kind == "old":
            before = next(old)
            kept[before] = number
            fresh.append(texts[before])
        else:
            additions[number] = next(new)
            fresh.append(additions[number])
    before = build_postings(len(texts), enumerate(texts))
    updated = build_postings(len(fresh), additions.items(), before, kept)
    expected = build_postings(len(fresh), enumerate(fresh))
    assert list(updated.terms) == list(expected.terms)
    for name in ("offsets", "chunks", "counts", "lengths", "sequence"):
        assert getattr(updated, name).tolist() == getattr(expected, name).tolist(), name
        assert getattr(updated, name).dtype == getattr(expected, name).dtype, name
