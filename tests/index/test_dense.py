"""Dense search is exact."""

import numpy as np
import pytest

from rag.index.dense import DenseIndex


@pytest.fixture(scope="module")
def vectors():
    found = np.random.default_rng(7).normal(size=(300, 16)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.mark.parametrize("depth", [1, 10, 300, 1000])
def test_equals_a_full_scan(vectors, depth):
    query = vectors[5] + vectors[9]
    hits = DenseIndex(vectors).search(query, depth)
    scores = vectors @ query
    assert hits.ids.tolist() == np.argsort(-scores, kind="stable")[:depth].tolist()
    assert np.allclose(hits.scores, scores[hits.ids], atol=1e-6)


def test_a_mask_acts_before_ranking(vectors):
    allowed = np.zeros(300, bool)
    allowed[[3, 77, 140, 299]] = True
    hits = DenseIndex(vectors).search(vectors[0], 10, allowed)
    assert sorted(hits.ids.tolist()) == [3, 77, 140, 299]


def test_nothing_allowed_finds_nothing(vectors):
    assert not len(DenseIndex(vectors).search(vectors[0], 10, np.zeros(300, bool)).ids)


def test_equal_passages_keep_their_order(vectors):
    doubled = np.concatenate([vectors[:4], vectors[:4]])
    assert DenseIndex(doubled).search(vectors[2], 2).ids.tolist() == [2, 6]


@pytest.mark.parametrize("depth", [1, 30, 150, 400])
def test_of_equal_passages_the_first_are_found(vectors, depth):
    """However many there are, at whichever depth the list ends, under a mask too."""
    random = np.random.default_rng(3)
    which = random.integers(0, 4, 5_000)
    copies = vectors[which]
    order = np.argsort(-(vectors[:4] @ vectors[2])[which], kind="stable")
    assert DenseIndex(copies).search(vectors[2], depth).ids.tolist() == order[:depth].tolist()
    allowed = random.random(len(copies)) < 0.5
    expected = [i for i in order.tolist() if allowed[i]][:depth]
    assert DenseIndex(copies).search(vectors[2], depth, allowed).ids.tolist() == expected


def test_a_vector_of_another_model_is_refused(vectors):
    with pytest.raises(ValueError, match="16"):
        DenseIndex(vectors).search(vectors[0, :8], 10)


def test_the_callers_threads_are_left_as_they_were(vectors):
    import faiss

    before = faiss.omp_get_max_threads()
    try:
        faiss.omp_set_num_threads(3)
        DenseIndex(vectors).search(vectors[0], 10)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)
