"""Many readers beside one builder: none fails or sees a mix, and no generation in use is removed."""

import gc
import json
import logging
import math
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import rag
from rag.stores import open_store
from rag.stores.local.lock import HOLDER, build_lock
from rag.stores.local.manifest import generations
from tests.profiles import LONG
from tests.stores.faults import files

SWAPS = 50 if LONG else 6


def change(corpus, number):
    (corpus / "trains.txt").write_text(f"Trains\n\nNight trains run, for the {number}th time.\n")


# ---------------------------------------------------------------- R5: readers and swaps


READER = """
import json, pathlib, re, sys, time, rag
index, end = sys.argv[1], pathlib.Path(sys.argv[2])
seen = set()
with rag.Retriever.open(index) as retriever:
    print("ready", flush=True)
    while not end.exists():
        found = retriever.search_result("round", mode="lexical")
        rounds = {re.search("round ([0-9]+)", p.text)[1] for p in found.passages}
        seen.add((found.index.generation, len(found.passages), *sorted(rounds)))
        retriever.reload()
        time.sleep(0.02)
print(json.dumps(sorted(seen)))
"""


def test_thirty_two_readers_see_whole_generations_while_others_follow(tmp_path, embedder):
    corpus, index, end = tmp_path / "articles", tmp_path / "index", tmp_path / "end"
    corpus.mkdir()
    shown = {}

    def build(number):
        for name in "abc":
            (corpus / f"{name}.txt").write_text(f"Paper {name}\n\nThis is round {number}.\n")
        shown[rag.build(corpus, index).generation] = str(number)

    build(0)
    command = [sys.executable, "-c", READER, index, end]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    shared = [rag.Retriever.open(index) for _ in range(8)]
    stop = threading.Event()

    def read(number):
        seen, retriever, rng = set(), shared[number % 8], random.Random(number)  # noqa: S311
        while not stop.is_set():
            # Eight threads share a retriever: some reload while others search.
            mode = "hybrid" if rng.random() < 0.1 else "lexical"
            found = retriever.search_result("which round", mode=mode)
            rounds = {re.search("round ([0-9]+)", p.text)[1] for p in found.passages}
            seen.add((found.index.generation, len(found.passages), *sorted(rounds)))
            if rng.random() < 0.3:
                retriever.reload()
            time.sleep(rng.uniform(0, 0.4))  # leaves time for the builder
        return seen

    with ThreadPoolExecutor(32) as pool:
        readers = [pool.submit(read, number) for number in range(32)]
        try:
            for number in range(1, SWAPS + 1):
                build(number)
        finally:
            stop.set()
            end.touch()
    seen = set().union(*(reader.result() for reader in readers))
    for process in processes:
        seen |= {tuple(row) for row in json.loads(process.communicate()[0])}
        assert process.returncode == 0
    assert seen <= {(generation, 3, number) for generation, number in shown.items()}
    assert len(seen) > 3
    for retriever in shared:
        retriever.close()
    assert rag.build(corpus, index).generation == f"gen-{SWAPS + 1:06}"
    assert generations(index) == [f"gen-{SWAPS + 1:06}"]


class WaitingEmbedder:
    """An embedder that waits until the test lets it go on, so that a call lasts as long as needed."""

    def __init__(self, embedder):
        self._embedder, self.info = embedder, embedder.info
        self.called, self.may = threading.Event(), threading.Event()

    def embed_queries(self, texts):
        self.called.set()
        assert self.may.wait(60)
        return self._embedder.embed_queries(texts)

    def embed_documents(self, texts):
        self.called.set()
        assert self.may.wait(60)
        return self._embedder.embed_documents(texts)


@pytest.fixture
def no_collector():
    """Without the collector, only reference counts free objects: at once."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_a_generation_stays_until_the_last_call_on_it_ends(corpus, index, monkeypatch, embedder):
    waiting = WaitingEmbedder(embedder)
    monkeypatch.setattr("rag.asking.models.load_embedder", lambda *_: waiting)
    with rag.Retriever.open(index) as retriever, ThreadPoolExecutor(1) as pool:
        call = pool.submit(retriever.ask, "How much do tickets cost?")
        waiting.called.wait(60)
        change(corpus, 2)
        rag.build(corpus, index)
        assert retriever.reload()
        assert rag.build(corpus, index).unchanged == 3
        assert generations(index) == ["gen-000001", "gen-000002"]
        assert retriever.status().held == ("gen-000001",)
        waiting.may.set()
        answer = call.result()
        assert (answer.index.generation, answer.answer) == ("gen-000001", "38 euros")
        rag.build(corpus, index)
        assert generations(index) == ["gen-000002"]
        assert retriever.status().held == ()


@pytest.mark.usefixtures("no_collector")
def test_closing_or_deleting_a_retriever_releases_its_generation(corpus, index):
    closed, forgotten, kept = (rag.Retriever.open(index) for _ in range(3))
    for retriever in (closed, forgotten, kept):
        retriever.search("harbour")
        retriever.ask("How much do tickets cost?")
        retriever.document("bees.md")
        with pytest.raises(rag.DocumentNotFound):
            retriever.document("nothing")
    change(corpus, 2)
    closed.close()
    with pytest.raises(rag.UsageError, match="closed"):
        closed.search("harbour")
    del forgotten, retriever
    rag.build(corpus, index)
    assert generations(index) == ["gen-000001", "gen-000002"]
    kept.close()
    rag.build(corpus, index)
    assert generations(index) == ["gen-000002"]


def test_reading_writes_nothing_and_needs_no_lease(corpus, index):
    (index / "gen-000001.lock").unlink()
    before = {path: path.stat().st_mtime_ns for path in [index, *index.rglob("*")]}
    with rag.Retriever.open(index) as retriever:
        retriever.status()
        assert {path: path.stat().st_mtime_ns for path in [index, *index.rglob("*")]} == before
        change(corpus, 2)
        rag.build(corpus, index)
        assert generations(index) == ["gen-000002"]
        if os.name == "posix":  # files that are open stay readable
            assert retriever.search("harbour", mode="lexical")[0].doc_id == "harbour.txt"


def test_opening_follows_a_swap_before_the_lease(corpus, index, monkeypatch):
    from rag.stores.local import local

    lease, taken = local.Lease, []

    def late(*arguments):
        if not taken:
            taken.append(arguments)
            change(corpus, 2)
            rag.build(corpus, index)
        return lease(*arguments)

    monkeypatch.setattr(local, "Lease", late)
    store = open_store(index)
    assert store.facts.generation == "gen-000002"
    change(corpus, 3)
    rag.build(corpus, index)
    assert generations(index) == ["gen-000002", "gen-000003"]
    store.close()


def test_a_check_during_a_build_does_not_report_the_swap_as_damage(corpus, index, monkeypatch):
    from rag.stores.local import check

    altered, swaps = check._alterations, []

    def late(*arguments):
        if not swaps:
            swaps.append(arguments)
            change(corpus, 2)
            rag.build(corpus, index)
        return altered(*arguments)

    monkeypatch.setattr(check, "_alterations", late)
    report = rag.check(index)
    assert (report.ok, report.generation) == (True, "gen-000002")


HOLDING = """
import os, sys
from pathlib import Path
from rag.stores import open_store
store = open_store(Path(sys.argv[1]))
if sys.argv[2] == "fork" and os.fork():
    os._exit(0)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows neither forks nor removes what is open")
@pytest.mark.parametrize("how", ["alone", "fork"])
def test_a_reading_process_holds_its_generation_until_it_dies(corpus, index, how):
    """So does a process forked from it, after the parent has ended."""
    command = [sys.executable, "-c", HOLDING, index, how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout.readline() == b"ready\n"
        change(corpus, 2)
        rag.build(corpus, index)
        assert generations(index) == ["gen-000001", "gen-000002"]
        if how == "alone":
            reader.kill()
        reader.stdin.close()
        reader.stdout.read()  # until the last process ends
        reader.wait()
    rag.build(corpus, index)
    assert generations(index) == ["gen-000002"]


# ---------------------------------------------------------------- R6: builders


def test_one_of_many_building_threads_wins_and_the_errors_name_it(
    corpus, index, monkeypatch, embedder
):
    waiting = WaitingEmbedder(embedder)
    monkeypatch.setattr("rag.indexing.builder.load_embedder", lambda *_: waiting)
    change(corpus, 2)

    def build(_):
        try:
            return rag.build(corpus, index).changed
        except rag.IndexLocked as error:
            return error.message

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(build, 0)
        waiting.called.wait(60)
        others = list(pool.map(build, range(7)))
        waiting.may.set()
        assert first.result() == ("trains.txt",)
    for message in others:
        assert f"process {os.getpid()} on {socket.gethostname()}, started 20" in message
        assert "building since 20" in message


def test_processes_that_build_at_once_finish_or_name_the_builder(corpus, index):
    for number in range(40):
        (corpus / f"more{number}.txt").write_text(f"Article {number}\n\nIt says {number}.\n")
    command = [sys.executable, "-m", "rag", "index", corpus, "--index", index, "--json"]
    racing = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)
    ]
    codes = []
    for process in racing:
        out, _ = process.communicate()
        codes.append(process.returncode)
        if process.returncode:
            assert b"IndexLocked" in out
            assert re.search(rb"process [0-9]+ on |another process", out)
    assert 0 in codes
    assert set(codes) <= {0, 1}
    assert rag.build(corpus, index).unchanged == 43
    assert rag.check(index).ok


LOCKING = """
import sys
from pathlib import Path
from rag.stores.local.lock import build_lock
with build_lock(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_the_lock_of_a_killed_builder_is_recovered(corpus, index):
    command = [sys.executable, "-c", LOCKING, index]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as builder:
        assert builder.stdout.readline() == b"ready\n"
        with pytest.raises(rag.IndexLocked, match=f"process {builder.pid} on "):
            rag.build(corpus, index)
        builder.kill()
    assert (index / HOLDER).exists()
    assert rag.build(corpus, index).unchanged == 3
    assert not (index / HOLDER).exists()


FOREIGN = (
    "process 4711 on otherhost, started 2026-01-02T03:04:05+00:00,"
    " building since 2026-01-02T03:04:06+00:00\n"
)


def test_a_lock_of_another_host_is_named_and_never_broken(corpus, index):
    (index / HOLDER).write_text(FOREIGN)
    change(corpus, 2)
    with pytest.raises(
        rag.IndexLocked, match=r"process 4711 on otherhost, .* since 2026"
    ) as caught:
        rag.build(corpus, index)
    assert str(index / HOLDER) in caught.value.fix
    assert (index / HOLDER).read_text() == FOREIGN
    assert rag.build(corpus, index, dry_run=True).changed
    with rag.Retriever.open(index) as retriever:
        assert retriever.search("harbour")
    (index / HOLDER).unlink()
    assert rag.build(corpus, index).changed


@pytest.mark.parametrize(
    "damaged",
    [b"", b"\xff\xfe", FOREIGN[:-1].encode(), b"\0" * 100_000, b"process -1 on x\n", b"[" * 5_000],
)
def test_a_damaged_builder_file_does_no_harm(corpus, index, damaged):
    (index / HOLDER).write_bytes(damaged)
    assert rag.build(corpus, index).unchanged == 3
    with build_lock(index):
        (index / HOLDER).write_bytes(damaged)
        with pytest.raises(rag.IndexLocked, match="by another process"):
            rag.build(corpus, index)


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
def test_a_builder_file_that_is_not_a_regular_file_does_no_harm(corpus, index):
    os.mkfifo(index / HOLDER)
    assert rag.build(corpus, index).unchanged == 3
    (index / HOLDER).symlink_to("nowhere")
    assert rag.build(corpus, index).unchanged == 3
    (index / HOLDER).mkdir()
    with pytest.raises(rag.IndexNotWritten, match=re.escape(str(index / HOLDER))):
        rag.build(corpus, index)


# ---------------------------------------------------------------- R2: killed


class Killing:
    """Runs builds in processes of their own, and kills them at random moments."""

    def __init__(self, corpus, index, rng):
        self.corpus, self.index, self.rng = corpus, index, rng
        self.seconds = {}  # by starting point: how long the last full build took from there

    def edit(self, number):
        """Update and remove articles in turn."""
        if number % 2:
            (self.corpus / f"added{number - 1}.txt").unlink()
        else:
            change(self.corpus, number)
            (self.corpus / f"added{number}.txt").write_text(
                f"Report {number}\n\nIt says {number}.\n"
            )

    def build(self, since=None):
        """Kill it within its usual time ``since`` "begun" or "writing"; False if it was faster."""
        command = [sys.executable, "-m", "rag", "index", self.corpus, "--index", self.index, "-q"]
        present, holder = set(generations(self.index)), self.index / HOLDER
        with subprocess.Popen(command) as process:
            moments = {"begun": self._until(process, holder.exists)}
            if since != "begun":
                moments["writing"] = self._until(
                    process, lambda: set(generations(self.index)) - present
                )
            end = math.inf
            if since:
                end = moments[since] + self.rng.uniform(0, self.seconds[since])
            done = self._until(process, lambda: time.perf_counter() >= end or not holder.exists())
            if done >= end:
                process.kill()
            else:
                self.seconds |= {moment: done - begun for moment, begun in moments.items()}
            process.wait()
        return process.returncode == -signal.SIGKILL

    @staticmethod
    def _until(process, ready):
        while not ready() and process.poll() is None:
            time.sleep(0.0002)
        return time.perf_counter()


def alike(found, expected):
    """Whether two indexes are equal; vectors may differ slightly, since they depend on the batch."""
    if found is None or expected is None:
        return found is expected
    if {n: b for n, b in found.items() if n != "vectors.npy"} != {
        n: b for n, b in expected.items() if n != "vectors.npy"
    }:
        return False
    one, other = (np.frombuffer(f["vectors.npy"][128:], np.float32) for f in (found, expected))
    return one.shape == other.shape and bool(np.allclose(one, other, atol=0.01))


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_a_killed_build_leaves_the_old_index_or_the_new_one(corpus, index, tmp_path):
    """Kills half of the builds near the end, while they write the new generation."""
    rng, wanted = random.Random(2), 200 if LONG else 4  # noqa: S311  # no secret
    work, kills = Killing(corpus, index, rng), Counter()
    work.edit(0)
    work.build()
    number = 0
    while kills.total() < wanted:
        number += 1
        old = files(index)
        work.edit(number)
        since = "writing" if number % 4 < 2 else "begun"
        killed = work.build(since)
        left = files(index)
        rag.build(corpus, index)
        new = files(index)
        assert alike(left, old) or alike(left, new), (number, since)
        assert rag.check(index).ok
        rag.build(corpus, tmp_path / "afresh")
        assert alike(new, files(tmp_path / "afresh")), (number, since)
        if killed:
            kills[since, "old" if alike(left, old) else "new"] += 1
    if LONG:
        assert set(kills) == {(s, w) for s in ("begun", "writing") for w in ("old", "new")}, kills
    logging.getLogger(__name__).info("%d builds, killed: %s", number, dict(kills))
