"""Dense search is exact in small indexes, and exact on candidates by binary codes in large ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.stores.local.dense import DenseIndex, binary_codes, quantize
from rag.stores.local.manifest import FirstPass


@pytest.fixture(scope="module")
def vectors():
    found = np.random.default_rng(7).normal(size=(300, 16)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture(params=["numpy", "faiss"])
def way(request, monkeypatch):
    """Both implementations; the number of passages decides which is used."""
    monkeypatch.setattr("rag.stores.local.dense._SMALL", 10**6 if request.param == "numpy" else 0)


@pytest.mark.parametrize("depth", [1, 10, 300, 1000])
@pytest.mark.usefixtures("way")
def test_results_equal_a_full_scan(vectors, depth):
    query = vectors[5] + vectors[9]
    hits = DenseIndex(vectors).search(query, depth)
    scores = vectors @ query
    assert hits.rows.tolist() == np.argsort(-scores, kind="stable")[:depth].tolist()
    assert np.allclose(hits.scores, scores[hits.rows], atol=1e-6)


@pytest.mark.usefixtures("way")
def test_a_mask_applies_before_ranking(vectors):
    allowed = np.zeros(300, bool)
    allowed[[3, 77, 140, 299]] = True
    hits = DenseIndex(vectors).search(vectors[0], 10, allowed)
    assert sorted(hits.rows.tolist()) == [3, 77, 140, 299]


def test_nothing_allowed_finds_nothing(vectors):
    assert not len(DenseIndex(vectors).search(vectors[0], 10, np.zeros(300, bool)).rows)


def test_equal_passages_keep_their_order(vectors):
    doubled = np.concatenate([vectors[:4], vectors[:4]])
    assert DenseIndex(doubled).search(vectors[2], 2).rows.tolist() == [2, 6]


@pytest.mark.parametrize("depth", [1, 30, 150, 400])
@pytest.mark.usefixtures("way")
def test_ties_go_to_the_first_passages(vectors, depth):
    """For any number of ties, at any depth, and with a mask too."""
    random = np.random.default_rng(3)
    which = random.integers(0, 4, 5_000)
    copies = vectors[which]
    order = np.argsort(-(vectors[:4] @ vectors[2])[which], kind="stable")
    assert DenseIndex(copies).search(vectors[2], depth).rows.tolist() == order[:depth].tolist()
    allowed = random.random(len(copies)) < 0.5
    expected = [i for i in order.tolist() if allowed[i]][:depth]
    assert DenseIndex(copies).search(vectors[2], depth, allowed).rows.tolist() == expected


def test_a_vector_of_another_model_is_refused(vectors):
    with pytest.raises(ValueError, match="16"):
        DenseIndex(vectors).search(vectors[0, :8], 10)


def test_the_callers_thread_setting_is_restored(vectors, monkeypatch):
    import faiss

    monkeypatch.setattr("rag.stores.local.dense._SMALL", 0)
    before = faiss.omp_get_max_threads()
    try:
        faiss.omp_set_num_threads(3)
        DenseIndex(vectors).search(vectors[0], 10)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)


# ---------------------------------------------------------------- among very many


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def scattered(count, seed=1):
    return unit(np.random.default_rng(seed).normal(size=(count, 256)))


def clustered(count, seed=1):
    random = np.random.default_rng(seed)
    return unit(
        random.normal(size=(40, 256))[random.integers(0, 40, count)]
        + 0.7 * random.normal(size=(count, 256))
    )


@pytest.fixture
def few(monkeypatch):
    """Makes a small index count as large."""
    monkeypatch.setattr("rag.stores.local.dense.EXACT", 1_000)
    monkeypatch.setattr("rag.stores.local.dense._CANDIDATES", 200)
    monkeypatch.setattr("rag.stores.local.dense._PER_RESULT", 2)


def overlap(one, other):
    return len(set(one.rows.tolist()) & set(other.rows.tolist())) / len(other.rows)


def test_the_measured_recall_holds_for_questions(few):
    vectors = clustered(8_000)
    signs, first_pass = quantize(vectors)
    assert first_pass.recall_at_10 >= 0.99
    index, exact = DenseIndex(vectors, signs, first_pass), DenseIndex(vectors)
    questions = unit(vectors[:100] + 0.8 * scattered(100, seed=9))
    found = [overlap(index.search(q, 10), exact.search(q, 10)) for q in questions]
    assert np.mean(found) >= 0.99
    assert len(index._nearest_codes(questions[0], np.arange(8_000), first_pass.candidates)) < 4_000


def test_up_to_the_limit_there_is_no_first_pass(few):
    assert quantize(scattered(1_000)) == (None, None)


def test_all_passages_are_compared_if_codes_say_too_little(few):
    """Scattered vectors are all far apart, and short codes cannot tell which are nearest."""
    assert quantize(scattered(2_000)) == (None, None)


def test_the_same_vectors_give_the_same_first_pass(few):
    one, other = quantize(clustered(2_000)), quantize(clustered(2_000))
    assert one[0].tobytes() == other[0].tobytes()
    assert one[1] == other[1]


def test_with_all_passages_as_candidates_nothing_is_missed(few):
    vectors = scattered(1_500)
    index = DenseIndex(vectors, binary_codes(vectors), FirstPass(1_500, 1.0))
    hits, expected = index.search(vectors[3], 20), DenseIndex(vectors).search(vectors[3], 20)
    assert hits.rows.tolist() == expected.rows.tolist()
    assert hits.scores.tolist() == expected.scores.tolist()


@given(st.integers(0, 2**32), st.integers(1, 2_500), st.sampled_from([0.01, 0.3, 0.6, 1.0]))
def test_any_codes_give_enough_results_with_exact_scores(seed, depth, share):
    """With any filter, and with altered codes."""
    random = np.random.default_rng(seed)
    vectors, question = scattered(2_000), scattered(1, seed=2)[0]
    signs = random.integers(0, 256, (2_000, 32)).astype(np.uint8)
    allowed = random.random(2_000) < share
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.stores.local.dense.EXACT", 1_000)
        patch.setattr("rag.stores.local.dense._PER_RESULT", 1)
        hits = DenseIndex(vectors, signs, FirstPass(100, 1.0)).search(question, depth, allowed)
    assert len(hits.rows) == min(depth, allowed.sum())
    assert allowed[hits.rows].all()
    assert hits.rows.tolist() == sorted(set(hits.rows.tolist()), key=hits.rows.tolist().index)
    assert np.allclose(hits.scores, vectors[hits.rows] @ question, atol=1e-6)
    assert (np.diff(hits.scores) <= 0).all()
    if allowed.sum() <= 1_000:  # few enough for exact search
        expected = DenseIndex(vectors).search(question, depth, allowed)
        assert hits.rows.tolist() == expected.rows.tolist()


def test_ties_go_to_the_first_passages_in_a_large_index_too(few):
    vectors = np.repeat(scattered(4), 500, axis=0)
    index = DenseIndex(vectors, binary_codes(vectors), FirstPass(200, 1.0))
    assert index.search(vectors[600], 30).rows.tolist() == list(range(500, 530))


@pytest.mark.parametrize("dimension", [1, 8, 13, 64, 100])
def test_codes_have_one_bit_per_dimension_the_first_in_the_highest_bit(dimension):
    vectors = np.random.default_rng(5).normal(size=(70, dimension)).astype(np.float32)
    bits = [
        int("".join(str(int(v > 0)) for v in row).ljust(-(-dimension // 8) * 8, "0"), 2)
        for row in vectors
    ]
    assert [int.from_bytes(row.tobytes(), "big") for row in binary_codes(vectors)] == bits
