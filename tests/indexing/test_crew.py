"""Several processes embed as one does, whatever happens to some of them."""

import threading
from contextlib import suppress

import numpy as np
import psutil
import pytest

import rag
from rag.indexing import crew
from rag.indexing.crew import Crew
from rag.models import load_embedder

pytestmark = pytest.mark.model

TEXTS = [f"Harbour {n} has {n % 7} piers and {'a ' * (n % 9)}crane." for n in range(150)]


def members():
    """The processes that embed now."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "rag.indexing.crew_member" in " ".join(child.cmdline()):
                found.append(child)
    return found


@pytest.fixture
def model(small_model):
    return str(small_model)


@pytest.fixture
def team(model):
    embedder = load_embedder(model)
    made = Crew(embedder, model, "auto", True, 2)
    yield made
    made.close()
    assert not members()


def test_two_processes_give_the_vectors_of_one_in_the_order_of_the_texts(team, model):
    expected = load_embedder(model).embed_documents(TEXTS)
    assert np.allclose(
        team.embed_documents(TEXTS), expected, atol=1e-2
    )  # batches differ in padding
    assert team.embed_documents([]).shape == (0, team.info.dimension)
    assert len(members()) == 2
    repeated = team.embed_documents([TEXTS[3], "other", TEXTS[3]])
    assert np.array_equal(repeated[0], repeated[2])


def test_a_process_that_is_killed_costs_its_block_and_nothing_is_lost_or_doubled(team, model):
    expected = load_embedder(model).embed_documents(TEXTS)
    team.embed_documents(TEXTS[:1])  # the processes are there
    killed = []

    def kill():
        for child in members()[:1]:
            child.kill()
            killed.append(child.pid)

    killer = threading.Thread(target=kill)
    killer.start()
    vectors = team.embed_documents(TEXTS)
    killer.join()
    assert killed
    assert vectors.shape == expected.shape
    assert np.allclose(vectors, expected, atol=1e-2)
    for child in members():  # now all of them, while they wait
        child.kill()
    assert np.allclose(team.embed_documents(TEXTS[:40]), expected[:40], atol=1e-2)


def test_a_model_that_kills_every_process_is_given_up(team, monkeypatch):
    monkeypatch.setattr(crew, "_START", "raise SystemExit(1)")
    with pytest.raises(rag.RagError, match="ended without a result"):
        team.embed_documents(TEXTS[:3])


def test_a_build_with_several_processes_is_that_of_one(corpus, tmp_path, model):
    one = rag.build(corpus, tmp_path / "one", model=model)
    two = rag.build(corpus, tmp_path / "two", model=model, settings=rag.Settings(workers=2))
    assert (two.documents, two.chunks, two.embedded) == (one.documents, one.chunks, one.embedded)
    assert rag.check(tmp_path / "two").ok
    with (
        rag.Retriever.open(tmp_path / "one") as first,
        rag.Retriever.open(tmp_path / "two") as second,
    ):
        for query in ("the harbour", "honey"):
            found = [[p.chunk_id for p in r.search(query, 3)] for r in (first, second)]
            assert found[0] == found[1]
    assert not members()


@pytest.mark.parametrize("workers", [0, 257, -1])
def test_an_impossible_number_of_processes_is_no_setting(workers):
    with pytest.raises(rag.InvalidSetting, match="workers"):
        rag.Settings(workers=workers)
