"""The embedding cache: what went in comes out, and damage costs time, never a wrong vector."""

import numpy as np
import pytest

from rag.index.cache import EmbeddingCache

TEXTS = ["one", "two", "three", ""]
VECTORS = np.arange(16, dtype=np.float32).reshape(4, 4)


@pytest.fixture
def filled(tmp_path):
    EmbeddingCache(tmp_path, "f" * 64, 4).append(TEXTS, VECTORS)
    return tmp_path


def reopened(folder, **options):
    return EmbeddingCache(folder, "f" * 64, 4, **options)


def test_vectors_come_back_exactly(filled):
    found = reopened(filled).get([*TEXTS, "four"])
    assert np.array_equal(found[:4], VECTORS)
    assert found[4] is None


def test_later_appends_are_added(filled):
    cache = reopened(filled)
    cache.append(["four"], VECTORS[:1])
    cache.append(["five"], VECTORS[1:2])
    assert len(reopened(filled)) == 6


def test_another_embedder_sees_nothing_of_it(filled):
    assert EmbeddingCache(filled, "e" * 64, 4).get(["one"]) == [None]


def test_fresh_drops_what_was_there(filled):
    assert len(reopened(filled, fresh=True)) == 0


def test_a_flipped_byte_anywhere_never_gives_a_wrong_vector(filled):
    path = reopened(filled).path
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        for text, vector, right in zip(TEXTS, reopened(filled).get(TEXTS), VECTORS, strict=True):
            assert vector is None or np.array_equal(vector, right), (place, text)


def test_a_torn_tail_loses_one_record_and_is_cut_off(filled):
    path = reopened(filled).path
    path.write_bytes(path.read_bytes()[:-3])
    cache = reopened(filled)
    assert [vector is None for vector in cache.get(TEXTS)] == [False, False, False, True]
    cache.append([""], VECTORS[3:])
    assert np.array_equal(reopened(filled).get(TEXTS), VECTORS)
