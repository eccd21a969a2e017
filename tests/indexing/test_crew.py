"""Several workers embed as one process does, whatever happens to some of them."""

import os
import secrets
import signal
import socket
import sys
import tempfile
import threading
from contextlib import closing, suppress
from dataclasses import asdict, replace

import numpy as np
import psutil
import pytest

import rag
from rag.corpus.load import Job
from rag.corpus.workers import Workers
from rag.indexing import cluster, crew, crew_member, crew_ray, readers_ray
from rag.indexing.crew import crew_of
from rag.indexing.crew_member import Assignment, answer, vectors_in
from rag.indexing.embed import BATCH
from rag.models import load_embedder
from rag.settings import load_settings

pytestmark = pytest.mark.model

NO_RAY = "Ray is not installed: pip install 'article-rag[ray]'"
TEXTS = [f"Harbour {n} has {n % 7} piers and {'a ' * (n % 9)}crane." for n in range(300)]
BATCHES = [TEXTS[at : at + 20] for at in range(0, len(TEXTS), 20)]


@pytest.fixture(scope="module")
def ray_cluster():
    """A cluster of two processors on this machine, for all tests; the program is connected to it."""
    # Not the fixture's folder: the paths of sockets must be short.
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="ray") as folder:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))  # it writes none to the home folder
        ray = pytest.importorskip("ray", reason=NO_RAY)
        ray.init(
            "local",
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=80_000_000,
            log_to_driver=False,
            configure_logging=False,
            _node_ip_address="127.0.0.1",
            _temp_dir=folder,
            _system_config={"worker_niceness": 0},
        )
        yield ray
        ray.shutdown()


@pytest.fixture(params=[2, "auto"], ids=["processes", "ray"])
def workers(request):
    """The setting for two workers of each kind."""
    if request.param == "auto":
        request.getfixturevalue("ray_cluster")
    return request.param


@pytest.fixture
def model(small_model):
    return str(small_model)


@pytest.fixture
def assignment(model):
    return Assignment.like(load_embedder(model), model, "auto", named=True)


@pytest.fixture
def hired(workers, model, assignment):
    """A crew of two workers."""
    with closing(crew_of(workers, load_embedder(model), assignment)) as made:
        yield made
    if isinstance(workers, int):
        assert not running(workers)


def running(workers):
    """The processes that embed now."""
    sign = "rag.indexing.crew_member" if isinstance(workers, int) else "ray::"
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            line = " ".join(child.cmdline())
            if sign in line and "Agent" not in line:
                found.append(child)
    return found


def vectors_of_one(model):
    embedder = load_embedder(model)
    return np.concatenate([embedder.embed_documents(batch) for batch in BATCHES])


def test_two_workers_give_the_vectors_of_one_process_bit_by_bit(hired, workers, model):
    assert np.array_equal(np.concatenate(list(hired.embed(BATCHES))), vectors_of_one(model))
    assert list(hired.embed([])) == []
    assert len(running(workers)) == 2
    next(hired.embed(BATCHES))  # it is closed while it is at work


@pytest.mark.parametrize("workers", [2])
def test_workers_that_are_killed_cost_their_batches_and_nothing_is_lost_or_doubled(
    hired, workers, model
):
    next(hired.embed(BATCHES[:1]))
    victims = [child.pid for child in running(workers)]
    assert victims
    for pid in victims:  # so that they are at work when they are killed
        os.kill(pid, signal.SIGSTOP)
    killer = threading.Timer(0.5, lambda: [os.kill(pid, signal.SIGKILL) for pid in victims])
    killer.start()
    vectors = list(hired.embed(BATCHES))
    killer.join()
    assert np.array_equal(np.concatenate(vectors), vectors_of_one(model))


@pytest.fixture
def many(tmp_path):
    """A folder with an article of some twenty batches of passages."""
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "piers.txt").write_text(
        "Piers\n\n" + "\n\n".join(f"{text} Number {n} is old." for n, text in enumerate(TEXTS * 4))
    )
    return folder


def content(index):
    """The bytes of all files of the current generation, by name, but for what tells time."""
    generation = index / (index / "CURRENT").read_text().split()[0]
    files = [path for path in generation.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(generation)): path.read_bytes()
        for path in files
        if path.name != "manifest.json"
    }


def test_an_index_is_byte_for_byte_the_same_even_if_a_worker_is_killed_meanwhile(
    many, tmp_path, workers, model
):
    alone = rag.Settings(chunk_chars=100)
    one = rag.build(many, tmp_path / "one", model=model, settings=alone)
    assert one.embedded > 10 * BATCH
    killed = []

    def kill(stage, done, _):
        if stage == "embed" and done and not killed:
            killed.append(running(workers)[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    settings = rag.Settings(workers=workers, chunk_chars=100)
    two = rag.build(many, tmp_path / "two", model=model, settings=settings, progress=kill)
    assert killed
    assert (two.documents, two.chunks, two.embedded) == (one.documents, one.chunks, one.embedded)
    assert rag.check(tmp_path / "two").ok
    assert len(content(tmp_path / "one")) > 5
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_a_worker_of_another_version_refuses(workers, model, assignment):
    other = replace(assignment, version="0.0.1")
    with (
        closing(crew_of(workers, load_embedder(model), other)) as hired,
        pytest.raises(rag.WorkersUnavailable, match=r"0\.0\.1") as caught,
    ):
        list(hired.embed(BATCHES[:2]))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"embedder": {"id": "another", "dimension": 384}}, "not that of the build"),
        ({"model": "/nowhere/model"}, "/nowhere/model"),
        ({"computes": "fp8"}, "the build in fp8"),
    ],
)
def test_the_answer_of_a_worker_with_another_model_or_precision_is_a_refusal(
    assignment, changed, what
):
    message = answer(asdict(replace(assignment, **changed)), TEXTS[:2])
    with pytest.raises(rag.WorkersUnavailable, match=what):
        vectors_in(message, TEXTS[:2], assignment.dimension)


def test_a_model_that_kills_every_worker_is_given_up(hired, workers, monkeypatch):
    if isinstance(workers, int):
        monkeypatch.setattr(crew, "_START", "raise SystemExit(1)")
    else:
        monkeypatch.setattr(crew_ray, "answer", lambda *_: os._exit(1))
    with pytest.raises(rag.RagError, match="ended without a result"):
        list(hired.embed(BATCHES[:1]))


def test_a_worker_that_never_answers_is_not_waited_for_for_ever(hired, workers, monkeypatch):
    if isinstance(workers, int):
        monkeypatch.setattr(crew, "_START", "import time; time.sleep(1000)")
        monkeypatch.setattr(crew, "PATIENCE", 0.1)
    else:
        monkeypatch.setattr(crew_ray, "answer", lambda *_: threading.Event().wait(1000))
        monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(rag.RagError, match=r"ended without a result|gave a result within"):
        list(hired.embed(BATCHES[:1]))


def test_the_answer_to_other_texts_is_not_taken(assignment):
    message = answer(asdict(assignment), TEXTS[:2])
    assert vectors_in(message, TEXTS[:2], assignment.dimension).shape == (2, assignment.dimension)
    with pytest.raises(crew_member.Garbled):
        vectors_in(message, TEXTS[1:3], assignment.dimension)


FILES = {
    "page.html": "<html><title>Page</title><body><h1>Page</h1>" + "<p>The pier is old.</p>" * 9,
    "plain.txt": "Plain\n\nThe harbour is deep.\n",
    "lines.jsonl": '{"title": "One", "text": "First pier."}\n{"title": "Two", "text": "Second."}\n',
    "broken.pdf": "%PDF-1.7\nnothing follows",
    "table.csv": "title,text\nOne,The crane is red.\n",
}


def test_articles_read_on_a_cluster_are_those_read_here(ray_cluster, tmp_path):
    jobs = [Job(name, str(tmp_path / name), text.encode()) for name, text in FILES.items()] * 3
    with Workers(1) as here, readers_ray.RayReaders("auto", here) as there:
        for many in (False, True):
            assert list(there.read(jobs, many)) == list(here.read(jobs, many))
        assert next(there.read(jobs))  # and not the others


def test_a_cluster_of_another_version_reads_nothing(ray_cluster, monkeypatch, tmp_path):
    monkeypatch.setattr(readers_ray, "version", lambda _: "0.0.1")
    job = Job("page.html", str(tmp_path), FILES["page.html"].encode())
    with (
        Workers(1) as here,
        readers_ray.RayReaders("auto", here) as there,
        pytest.raises(rag.WorkersUnavailable, match=r"0\.0\.1"),
    ):
        list(there.read([job]))


def unused_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_a_cluster_that_cannot_be_reached_is_named_at_once(
    corpus, tmp_path, model, scheme, monkeypatch
):
    address = f"{scheme}127.0.0.1:{unused_port()}"
    ray = pytest.importorskip("ray", reason=NO_RAY)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)  # other tests may have done that
    settings = rag.Settings(workers=address)
    with pytest.raises(rag.WorkersUnavailable, match=address):
        rag.build(corpus, tmp_path / "new", model=model, settings=settings)
    assert not (tmp_path / "new" / "CURRENT").exists()


def test_without_ray_the_extra_that_brings_it_is_named(corpus, tmp_path, model, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    settings = rag.Settings(workers="ray://127.0.0.1:10001")
    with pytest.raises(rag.WorkersUnavailable, match="not installed") as caught:
        rag.build(corpus, tmp_path / "new", model=model, settings=settings)
    assert "article-rag[ray]" in caught.value.fix


@pytest.mark.parametrize(
    "workers", [0, 257, -1, True, 1.5, "", "2", "head", "http://head:1", "a b:1"]
)
def test_what_is_neither_a_number_of_processes_nor_an_address_is_no_setting(workers):
    with pytest.raises(rag.InvalidSetting, match="workers"):
        rag.Settings(workers=workers)


@pytest.mark.parametrize(
    "workers", [1, 256, "auto", "local", "ray://head:10001", "ray://head", "10.0.0.7:6379"]
)
def test_workers_may_be_set_in_every_place(tmp_path, workers):
    value = f'"{workers}"' if isinstance(workers, str) else workers
    (tmp_path / "rag.toml").write_text(f"workers = {value}\n")
    assert load_settings(tmp_path, {}).values.workers == workers
    assert load_settings(None, {"RAG_WORKERS": str(workers)}).values.workers == workers
