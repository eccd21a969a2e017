"""Too many at once, clients that leave, generations that change under the server's feet."""

import asyncio
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

import rag
from rag.serve.app import application
from rag.serve.pool import Pool
from rag.serve.security import Access
from rag.serve.service import Service

ASKED = {"question": "What did the repairs cost?"}


class Held:
    """A retriever whose questions take until they are let go, or until their client has left."""

    def __init__(self, retriever):
        self._retriever = retriever
        self.let_go = threading.Event()
        self.asked, self.abandoned = [], []

    def __getattr__(self, name):
        return getattr(self._retriever, name)

    def ask(self, question, *, abandoned, **options):
        self.asked.append(question)
        while not self.let_go.wait(0.01):
            if abandoned():
                self.abandoned.append(question)
                raise rag.Abandoned("gone")
        return self._retriever.ask(question, abandoned=abandoned, **options)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch):
    monkeypatch.setattr("rag.serve.service.EVERY", 0.05)


@pytest.fixture
def held(retriever):
    held = Held(retriever)
    yield held
    held.let_go.set()


def until(condition):
    end = time.monotonic() + 60  # on a busy machine
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.model
def test_when_the_queue_is_full_the_next_is_refused_at_once(held, serve):
    service = Service(held, Pool(threads=1, waiting=2))
    with (
        serve(application(service, Access())) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as client,
        ThreadPoolExecutor(3) as others,
    ):
        waiting = [others.submit(client.post, "/v1/ask", json=ASKED) for _ in range(3)]
        until(lambda: service.pool.taken == 3)
        for path, accept in [("/v1/ask", "application/json"), ("/v1/ask", "text/event-stream")]:
            refused = client.post(path, json=ASKED, headers={"Accept": accept})
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
            assert refused.json()["error"]["code"] == "rate_limit_exceeded"
        head = "POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\n\r\n"
        with socket.create_connection(("127.0.0.1", client.base_url.port)) as raw:
            raw.sendall(head.encode())  # and not yet the body
            assert raw.recv(12) == b"HTTP/1.1 429"
        assert client.get("/health").status_code == 200
        assert not any(each.done() for each in waiting)
        held.let_go.set()
        assert [each.result().status_code for each in waiting] == [200, 200, 200]
        until(lambda: service.pool.taken == 0)
        assert client.post("/v1/ask", json=ASKED).status_code == 200


@pytest.mark.model
def test_of_many_at_once_all_but_a_few_are_refused_while_those_are_answered(held, serve):
    service = Service(held, Pool(threads=1, waiting=2))

    async def ask_all(address):
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(
            base_url=address, trust_env=False, timeout=60, limits=limits
        ) as client:
            asking = [asyncio.ensure_future(client.post("/v1/ask", json=ASKED)) for _ in range(100)]
            while len(done := [each for each in asking if each.done()]) < 97:
                left = set(asking) - set(done)
                await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
            refused = [each.result().status_code for each in done]
            assert not held.let_go.is_set()
            held.let_go.set()
            return refused, [(await each).status_code for each in asking]

    with serve(application(service, Access())) as address:
        refused, everyone = asyncio.run(ask_all(address))
    assert refused == [429] * 97
    assert sorted(everyone) == [200] * 3 + [429] * 97


@pytest.mark.model
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_the_work_of_a_client_that_leaves_is_dropped(held, serve, accept):
    service = Service(held, Pool(threads=1, waiting=2))
    with serve(application(service, Access())) as address:

        async def ask(client, question):
            asked = {"question": question}
            await client.post("/v1/ask", json=asked, headers={"Accept": accept})

        async def both_leave():
            async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
                running = asyncio.create_task(ask(client, "running"))
                await asyncio.to_thread(until, lambda: held.asked)
                queued = asyncio.create_task(ask(client, "queued"))
                await asyncio.to_thread(until, lambda: service.pool.taken == 2)
                queued.cancel()
                await asyncio.to_thread(until, lambda: service.pool.taken == 1)
                running.cancel()
                await asyncio.to_thread(until, lambda: service.pool.taken == 0)

        asyncio.run(both_leave())
        assert held.abandoned == held.asked == ["running"]


@pytest.mark.model
def test_a_server_that_stops_lets_running_questions_end(held, serve):
    service = Service(held, Pool(threads=1, waiting=2))
    with ThreadPoolExecutor(1) as other:
        with serve(application(service, Access())) as address:
            running = other.submit(
                httpx.post, f"{address}/v1/ask", json=ASKED, timeout=60, trust_env=False
            )
            until(lambda: held.asked)
            threading.Timer(0.5, held.let_go.set).start()  # after the server was told to stop
        assert running.result().json()["answer"] == "4.2 million kroner"
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/health", trust_env=False)


@pytest.mark.model
def test_a_question_stops_between_two_stages_when_it_is_abandoned(retriever):
    stages = iter([False, False, True])
    with pytest.raises(rag.Abandoned):
        retriever.ask("What did the repairs cost?", abandoned=lambda: next(stages))
    with pytest.raises(rag.Abandoned):
        retriever.search_result("repairs", abandoned=lambda: True)


@pytest.mark.model
def test_a_new_generation_is_taken_up_while_many_ask(corpus, tmp_path, serve):
    rag.build(corpus, tmp_path / "index")
    errors, generations = [], set()
    with (
        rag.Retriever.open(tmp_path / "index") as retriever,
        serve(application(Service(retriever), Access())) as address,
        ThreadPoolExecutor(4) as clients,
    ):
        done = threading.Event()

        def ask():
            with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
                while not done.is_set():
                    response = client.post(
                        "/v1/search", json={"query": "harbour", "mode": "lexical"}
                    )
                    if response.status_code != 200:
                        errors.append(response.text)
                    else:
                        generations.add(response.json()["index"]["generation"])

        asking = [clients.submit(ask) for _ in range(4)]
        try:
            for number in range(3):
                (corpus / f"more{number}.txt").write_text(
                    f"Harbour news {number}\n\nThe harbour.\n"
                )
                generation = rag.build(corpus, tmp_path / "index").generation
                until(lambda name=generation: name in generations)
        finally:
            done.set()
        for each in asking:
            each.result()
    assert not errors


@pytest.mark.model
def test_a_generation_that_cannot_be_opened_leaves_the_old_one_serving(
    corpus, tmp_path, serve, caplog
):
    rag.build(corpus, tmp_path / "index")
    with (
        rag.Retriever.open(tmp_path / "index") as retriever,
        serve(application(Service(retriever), Access())) as address,
    ):
        (tmp_path / "index" / "CURRENT").write_text("nonsense")
        until(lambda: "the old index serves on" in caplog.text)
        found = httpx.post(f"{address}/v1/search", json={"query": "harbour"}, trust_env=False)
        assert found.json()["passages"]
