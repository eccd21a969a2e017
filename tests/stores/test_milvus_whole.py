"""The whole tool with an index on Milvus: everything above the store is the same."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

import httpx
import pytest

import rag
from rag.cli import run
from tests.stores.lite import Milvus, needs_milvus

pytestmark = needs_milvus

QUESTIONS = (
    "What did the repairs of the old harbour cost?",
    "Who is the harbour master?",
    "How much honey did rooftop hives produce?",
    "What do tickets to the coast cost?",
    "Who won the chess championship?",
    '"night trains" -honey',
)


def told(retriever):
    """What a retriever says, apart from times and the name of its generation."""
    answers = [retriever.ask(question).to_dict() for question in QUESTIONS]
    found = [retriever.search(question, 5) for question in QUESTIONS]
    for answer in answers:
        del answer["timings_ms"], answer["index"]
    scores = [[passage.score for passage in passages] for passages in found]
    return answers, [[p.chunk_id for p in passages] for passages in found], scores


def change(corpus):
    (corpus / "harbour.txt").write_text(
        (corpus / "harbour.txt").read_text().replace("4.2 million", "5.1 million")
    )
    (corpus / "bees.md").unlink()
    (corpus / "ferry.txt").write_text("Ferry\n\nThe ferry to Lindvik costs 12 euros since May.\n")


def test_answers_and_searches_are_those_of_the_local_store_after_every_build(corpus, tmp_path):
    index = Milvus(tmp_path)
    there = rag.Settings(store=index.store)
    for step in (lambda: None, lambda: change(corpus)):
        step()
        local, remote = (
            rag.build(corpus, index.folder, settings=settings)
            for settings in (rag.Settings(), there)
        )
        assert replace(remote, generation="", seconds=0, embedded=0) == (
            replace(local, generation="", seconds=0, embedded=0, store=index.store)
        )
        assert remote.embedded == 0  # the folder has the vectors of the local build
        assert rag.check(index.folder, settings=there).ok
        assert rag.check(index.folder).ok
        with (
            rag.Retriever.open(index.folder) as one,
            rag.Retriever.open(index.folder, settings=there) as other,
        ):
            (answers, ids, scores), (same, same_ids, same_scores) = told(one), told(other)
            assert same_ids == ids
            for expected, own in zip(scores, same_scores, strict=True):
                assert own == pytest.approx(expected, abs=1e-5)
            keys = ("status", "answer", "reason", "citations", "parts", "warnings")
            for expected, own in zip(answers, same, strict=True):
                assert {k: own[k] for k in keys} == {k: expected[k] for k in keys}
                assert own["confidence"] == pytest.approx(expected["confidence"], abs=1e-5)


def test_a_repair_replaces_a_damaged_index_and_embeds_nothing_that_is_whole(corpus, tmp_path):
    index = Milvus(tmp_path)
    there = rag.Settings(store=index.store)
    rag.build(corpus, index.folder, settings=there)
    with closing(index.open()) as store:
        store.connection.delete(store.manifest.shared, "document == 0 and content == 1")
    for file in (index.folder / "embeddings").iterdir():
        file.unlink()
    assert not rag.check(index.folder, settings=there).ok
    with (
        pytest.raises(rag.IndexCorrupt),
        rag.Retriever.open(index.folder, settings=there) as retriever,
    ):
        retriever.document("bees.md")
    report = rag.build(index=index.folder, repair=True, settings=there)
    assert report.repaired
    assert 0 < report.embedded < report.chunks  # those of the one document
    assert rag.check(index.folder, settings=there).ok


@pytest.mark.model
def test_every_command_takes_the_store_from_option_environment_or_file(
    corpus, tmp_path, monkeypatch, capsys
):
    index = Milvus(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rag.toml").write_text(f'index = "{index.folder.name}"\nstore = "{index.store}"\n')
    assert run(["index", str(corpus)]) == 0
    assert run(["status", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out.partition("\n")[2])
    assert shown["store"] == index.store
    assert shown["settings"]["store"]["from"].endswith("rag.toml")
    for command in (["check"], ["list"], ["search", "honey"], ["show", "bees.md"]):
        assert run([*command]) == 0
    assert run(["ask", "Who is the harbour master?", "--save", "answer.json"]) == 0
    assert run(["verify", "answer.json"]) == 0
    monkeypatch.setenv("RAG_STORE", "local")
    assert run(["list"]) == 1  # there is nothing in the folder itself
    assert run(["list", "--store", index.store]) == 0
    assert "there is no index" in capsys.readouterr().err


# ---------------------------------------------------------------- several servers


@contextmanager
def process(*command, **variables):
    """A program of this environment, killed in the end."""
    running = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | variables,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


@contextmanager
def milvus_server(folder):
    """The address of a server for several processes."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ("milvus_lite", "server", "--data-dir", str(folder), "--host", "127.0.0.1")
    with process(*command, "--port", str(port)):
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"milvus+http://127.0.0.1:{port}"


@pytest.mark.model
def test_two_servers_on_one_milvus_answer_alike_and_take_up_a_new_generation(corpus, tmp_path):
    question = {"question": "What did the repairs of the old harbour cost?"}

    def ask(address):
        answer = httpx.post(f"{address}/v1/ask", json=question, trust_env=False, timeout=60).json()
        return answer["answer"], answer["index"]["generation"]

    with ExitStack() as stack:
        store = stack.enter_context(milvus_server(tmp_path / "milvus.db"))
        built = rag.build(corpus, tmp_path / "news", settings=rag.Settings(store=store))
        servers = []
        for number in range(2):
            # No folder is shared: only its name tells which index is meant.
            place = str(tmp_path / f"machine {number}" / "news")
            serving = ("rag", "serve", "--port", "0", "--index", place)
            servers.append(stack.enter_context(process(*serving, RAG_STORE=store)))
        addresses = [server.stdout.readline().strip() for server in servers]
        assert [ask(each) for each in addresses] == [("4.2 million kroner", built.generation)] * 2
        change(corpus)
        updated = rag.build(index=tmp_path / "news", settings=rag.Settings(store=store))
        expected = ("5.1 million kroner", updated.generation)
        waiting = set(addresses)
        for _ in range(200):
            waiting = {each for each in waiting if ask(each) != expected}
            if not waiting:
                break
            time.sleep(0.1)
        assert not waiting
