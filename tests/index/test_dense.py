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
