"""The best of many scores are those that a full sort puts first."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.records import Bm25Parameters
from rag.stores.local.lexical import LexicalIndex
from rag.stores.local.postings import Postings
from rag.stores.local.ranking import best, lower_bound

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(0, 3_000)
DEPTHS = st.integers(1, 300)


def some_scores(random, size, kinds):
    """Few distinct values, so that there are many ties; some are zero or negative."""
    return random.integers(-kinds, kinds + 1, size) / 4


@given(SEEDS, SIZES, DEPTHS, st.sampled_from([1, 5, 1_000]), st.booleans())
def test_best_equals_a_full_sort(seed, size, depth, kinds, narrow):
    random = np.random.default_rng(seed)
    scores = some_scores(random, size, kinds).astype(np.float32 if narrow else np.float64)
    ids = np.flatnonzero(random.random(2 * size + 1) < 0.5)[:size]
    scores = scores[: len(ids)]
    hits = best(ids, scores, depth)
    order = np.argsort(-scores, kind="stable")[:depth]
    assert hits.rows.tolist() == ids[order].tolist()
    assert hits.scores.tolist() == scores[order].tolist()
    assert (hits.rows.dtype, hits.scores.dtype) == (np.int64, np.float64)


@given(SEEDS, SIZES, DEPTHS)
def test_enough_scores_reach_the_lower_bound(seed, size, depth):
    scores = some_scores(np.random.default_rng(seed), size, 50)
    assert (scores >= lower_bound(scores, depth)).sum() >= min(depth, size)


def test_few_more_scores_reach_the_lower_bound_than_needed():
    scores = np.random.default_rng(0).normal(size=100_000)
    assert (scores >= lower_bound(scores, 200)).sum() < 300


@given(SEEDS, SIZES.filter(bool), DEPTHS, st.sampled_from([-0.5, 0.0, 0.25]), st.booleans())
def test_lexical_search_equals_a_full_sort(seed, size, depth, epsilon, masked):
    """Terms in more than half of the passages have negative, zero or small weights."""
    random = np.random.default_rng(seed)
    shares = (0.9, 0.7, 0.5, 0.1, 0.01, 0.01)
    index = random_index(random, size, shares, Bm25Parameters(epsilon=epsilon))
    query = [str(n) for n in random.integers(0, len(shares) + 1, 5)]  # repeated ones, unknown ones
    allowed = random.random(size) < 0.3 if masked else None
    hits = index.search(query, depth, allowed)
    expected = slowly(index, query, allowed)
    assert hits.rows.tolist() == [i for i, _ in expected[:depth]]
    assert np.allclose(hits.scores, [score for _, score in expected[:depth]])


def random_index(random, size, shares, parameters):
    holding = [np.flatnonzero(random.random(size) < share) for share in shares]
    names = [str(n) for n, chunks in enumerate(holding) if len(chunks)]
    chunks = [c.astype(np.int32) for c in holding if len(c)]
    counts = [random.integers(1, 3, len(c)).astype(np.int32) for c in chunks]
    none = np.empty(0, np.int32)
    return LexicalIndex(
        Postings(
            terms=names,
            offsets=np.cumsum([0, *map(len, chunks)]),
            chunks=np.concatenate([none, *chunks]),
            counts=np.concatenate([none, *counts]),
            lengths=random.integers(6, 9, size).astype(np.int32),
            sequence=none,
        ),
        parameters,
    )


def slowly(index, query, allowed):
    """The rows and scores of all allowed passages with a term, computed one by one, best first."""
    postings, p = index.postings, index.parameters
    scores = {}
    for term, times in Counter(query).items():
        if term not in postings.terms:
            continue
        number = postings.terms.index(term)
        for at in range(postings.offsets[number], postings.offsets[number + 1]):
            chunk, count = int(postings.chunks[at]), int(postings.counts[at])
            length = postings.lengths[chunk] / postings.lengths.mean()
            gain = count * (p.k1 + 1) / (count + p.k1 * (1 - p.b + p.b * length))
            scores[chunk] = scores.get(chunk, 0) + times * float(index._idf[number] * gain)
    found = [(i, s) for i, s in scores.items() if allowed is None or allowed[i]]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))
