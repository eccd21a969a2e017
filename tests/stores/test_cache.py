"""The embedding cache returns what was added; damage costs time but never gives a wrong vector."""

import numpy as np
import pytest

from rag.stores.local.cache import EmbeddingCache, check_cache, drop_caches
from tests.stores.faults import Died, Disk, all_lost, names_kept, some_lost

TEXTS = ["one", "two", "three", ""]
VECTORS = np.arange(16, dtype=np.float32).reshape(4, 4)


@pytest.fixture
def folder(tmp_path):
    EmbeddingCache(tmp_path, "f" * 64, 4).append(TEXTS, VECTORS)
    return tmp_path


def reopen(folder):
    return EmbeddingCache(folder, "f" * 64, 4)


def damage(folder, state):
    return [each.what for each in check_cache(folder, state)]


def test_vectors_come_back_exactly(folder):
    found = reopen(folder).get([*TEXTS, "four"])
    assert np.array_equal(found[:4], VECTORS)
    assert found[4] is None


def test_an_append_keeps_earlier_records(folder):
    cache = reopen(folder)
    cache.append(["four"], VECTORS[:1])
    cache.append(["five"], VECTORS[1:2])
    assert len(reopen(folder)) == 6


def test_another_embedder_has_its_own_cache(folder):
    assert EmbeddingCache(folder, "e" * 64, 4).get(["one"]) == [None]


def test_the_last_record_of_a_text_counts(folder):
    reopen(folder).append(["two"], VECTORS[3:])
    [found] = reopen(folder).get(["two"])
    assert np.array_equal(found, VECTORS[3])


def test_a_rewritten_cache_has_only_the_new_records_and_the_old_file_stays_until_dropped(folder):
    cache = reopen(folder)
    old = cache.state
    cache.rewrite(TEXTS[:2], VECTORS[:2])
    assert len(reopen(folder)) == 2
    assert not damage(folder, old)
    drop_caches(folder, cache.state.name)
    assert damage(folder, old)
    assert not damage(folder, cache.state)
    assert np.array_equal(reopen(folder).get(TEXTS[:2]), VECTORS[:2])


def test_a_cache_is_wasteful_when_most_of_it_is_unused(folder):
    cache = reopen(folder)
    cache.append([f"text {n}" for n in range(1_100)], np.ones((1_100, 4), np.float32))
    assert cache.is_wasteful(10)
    assert not cache.is_wasteful(1_000)


def test_every_altered_byte_and_every_truncation_is_found(folder):
    cache = reopen(folder)
    path, state = cache.path, cache.state
    whole = path.read_bytes()
    assert not damage(folder, state)
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        assert damage(folder, state), place
        path.write_bytes(whole[:place])
        assert damage(folder, state), place
    path.unlink()
    assert damage(folder, state)


def test_a_cache_file_of_another_embedder_is_found(folder):
    other = EmbeddingCache(folder, "e" * 64, 4)
    other.append(TEXTS, VECTORS)
    cache = reopen(folder)
    cache.path.write_bytes(other.path.read_bytes())
    assert damage(folder, cache.state)
    assert reopen(folder).get(TEXTS) == [None] * 4


def test_records_newer_than_the_manifest_are_not_damage_even_if_torn(folder):
    cache = reopen(folder)
    state = cache.state
    cache.append(["four"], VECTORS[:1])
    assert not damage(folder, state)
    cache.path.write_bytes(cache.path.read_bytes()[:-1])
    assert not damage(folder, state)


def test_a_flipped_byte_never_gives_a_wrong_vector(folder):
    path = reopen(folder).path
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        for text, vector, right in zip(TEXTS, reopen(folder).get(TEXTS), VECTORS, strict=True):
            assert vector is None or np.array_equal(vector, right), (place, text)


def test_a_torn_tail_loses_one_record_and_is_cut_off(folder):
    path = reopen(folder).path
    path.write_bytes(path.read_bytes()[:-3])
    cache = reopen(folder)
    assert [vector is None for vector in cache.get(TEXTS)] == [False, False, False, True]
    cache.append([""], VECTORS[3:])
    assert np.array_equal(reopen(folder).get(TEXTS), VECTORS)


@pytest.mark.parametrize("fault", ["dies_at", "fails_at"])
@pytest.mark.parametrize("operation", range(3))  # truncate, write, fsync
def test_a_failed_append_loses_no_older_record(
    folder, tmp_path_factory, monkeypatch, operation, fault
):
    cut = tmp_path_factory.mktemp("power") / "cut"
    disk = Disk(folder, **{fault: operation}, torn=True)
    monkeypatch.setattr("rag.stores.local.disk.os", disk)
    cache = reopen(folder)
    with pytest.raises((Died, OSError)):
        cache.append(["four", "five", "six"], VECTORS[:3] + 1)
    monkeypatch.undo()
    for choose in (all_lost, names_kept, some_lost(0), some_lost(1)):
        disk.cut_power(cut, choose)
        assert np.array_equal(reopen(cut).get(TEXTS), VECTORS)
    cache = reopen(folder)
    assert np.array_equal(cache.get(TEXTS), VECTORS)
    cache.append(["seven"], VECTORS[:1] + 2)
    assert not damage(folder, cache.state)
    assert np.array_equal(reopen(folder).get([*TEXTS, "seven"])[4], VECTORS[0] + 2)
