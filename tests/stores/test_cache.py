"""The embedding cache: what went in comes out, and damage costs time, never a wrong vector."""

import numpy as np
import pytest

from rag.stores.local.cache import EmbeddingCache, check_cache, drop_caches
from tests.stores.faults import Died, Disk, all_lost, names_kept, some_lost

TEXTS = ["one", "two", "three", ""]
VECTORS = np.arange(16, dtype=np.float32).reshape(4, 4)


@pytest.fixture
def filled(tmp_path):
    EmbeddingCache(tmp_path, "f" * 64, 4).append(TEXTS, VECTORS)
    return tmp_path


def reopened(folder):
    return EmbeddingCache(folder, "f" * 64, 4)


def wrong(folder, state):
    return [damage.what for damage in check_cache(folder, state)]


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


def test_a_later_record_of_a_text_counts(filled):
    reopened(filled).append(["two"], VECTORS[3:])
    [found] = reopened(filled).get(["two"])
    assert np.array_equal(found, VECTORS[3])


def test_a_rewritten_cache_holds_what_is_wanted_and_the_old_file_stays_until_it_is_dropped(filled):
    cache = reopened(filled)
    old = cache.state
    cache.rewrite(TEXTS[:2], VECTORS[:2])
    assert len(reopened(filled)) == 2
    assert not wrong(filled, old)
    drop_caches(filled, cache.state.name)
    assert wrong(filled, old)
    assert not wrong(filled, cache.state)
    assert np.array_equal(reopened(filled).get(TEXTS[:2]), VECTORS[:2])


def test_a_cache_is_wasteful_when_most_of_it_is_of_no_use(filled):
    cache = reopened(filled)
    cache.append([f"text {n}" for n in range(1_100)], np.ones((1_100, 4), np.float32))
    assert cache.is_wasteful(10)
    assert not cache.is_wasteful(1_000)


def test_every_change_of_a_byte_and_every_loss_is_found(filled):
    cache = reopened(filled)
    path, state = cache.path, cache.state
    whole = path.read_bytes()
    assert not wrong(filled, state)
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        assert wrong(filled, state), place
        path.write_bytes(whole[:place])
        assert wrong(filled, state), place
    path.unlink()
    assert wrong(filled, state)


def test_the_cache_of_another_embedder_in_its_place_is_found(filled):
    other = EmbeddingCache(filled, "e" * 64, 4)
    other.append(TEXTS, VECTORS)
    cache = reopened(filled)
    cache.path.write_bytes(other.path.read_bytes())
    assert wrong(filled, cache.state)
    assert reopened(filled).get(TEXTS) == [None] * 4


def test_what_was_appended_after_the_manifest_is_no_damage_even_if_it_is_torn(filled):
    cache = reopened(filled)
    state = cache.state
    cache.append(["four"], VECTORS[:1])
    assert not wrong(filled, state)
    cache.path.write_bytes(cache.path.read_bytes()[:-1])
    assert not wrong(filled, state)


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


@pytest.mark.parametrize("fault", ["dies_at", "fails_at"])
@pytest.mark.parametrize("operation", range(3))  # truncate, write, fsync
def test_an_append_that_fails_anywhere_loses_nothing_older(
    filled, tmp_path_factory, monkeypatch, operation, fault
):
    cut = tmp_path_factory.mktemp("power") / "cut"
    disk = Disk(filled, **{fault: operation}, torn=True)
    monkeypatch.setattr("rag.stores.local.disk.os", disk)
    cache = reopened(filled)
    with pytest.raises((Died, OSError)):
        cache.append(["four", "five", "six"], VECTORS[:3] + 1)
    monkeypatch.undo()
    for choose in (all_lost, names_kept, some_lost(0), some_lost(1)):
        disk.cut_power(cut, choose)
        assert np.array_equal(reopened(cut).get(TEXTS), VECTORS)
    cache = reopened(filled)
    assert np.array_equal(cache.get(TEXTS), VECTORS)
    cache.append(["seven"], VECTORS[:1] + 2)
    assert not wrong(filled, cache.state)
    assert np.array_equal(reopened(filled).get([*TEXTS, "seven"])[4], VECTORS[0] + 2)
