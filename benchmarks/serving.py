"""The server beside the Python API: throughput, many connections, many clients while the index is rebuilt.

    python -m benchmarks.serving [--only PART …] [--clients 32] [--questions 2000] [--connections 1000]

Everything is measured in one run, the server in a process of its own, over an index of the seeds. The parts
are ``throughput``, ``connections`` (idle and slow ones), ``burst`` (questions that come all at once) and
``swaps`` (questions while the index is rebuilt, until all are answered or --minutes are over).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psutil

import rag

ROOT = Path(__file__).parent.parent
PARTS = ("throughput", "connections", "burst", "swaps")
QUESTIONS = (
    "What price floor was agreed with MP Materials?",
    "Who runs REAlloys?",
    "How much rare earth oxide did the US produce last year?",
    "Where does Lynas separate its ore?",
    "Who is Japan's prime minister?",
)
TO_FILL = {"/v1/ask": "question", "/v1/search": "query"}
"""What each path calls the question."""


@contextmanager
def server(index: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A server's address and process."""
    command = [
        sys.executable,
        "-m",
        "rag",
        "serve",
        "--port",
        "0",
        "--quiet",
        "--index",
        str(index),
    ]
    with subprocess.Popen(  # noqa: S603  # this project's own command
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
            yield address, psutil.Process(process.pid)
        finally:
            process.terminate()


def throughput(index: Path, address: str, seconds: float) -> tuple[float, float]:
    """Questions a second by the Python API and by the server, with as many threads as processors.

    The two take turns, so that a busy machine slows both.
    """
    threads = os.cpu_count() or 1
    with rag.Retriever.open(index) as retriever, httpx.Client(base_url=address) as client:
        retriever.load_models()

        def direct(n: int) -> None:
            retriever.ask(QUESTIONS[n % len(QUESTIONS)]).to_dict()

        def served(n: int) -> None:
            asked = {"question": QUESTIONS[n % len(QUESTIONS)]}
            client.post("/v1/ask", json=asked, timeout=60).raise_for_status()

        rates: dict[str, list[float]] = {"direct": [], "served": []}
        with ThreadPoolExecutor(threads) as pool:
            for _ in range(5):
                for name, ask in (("direct", direct), ("served", served)):
                    done, begin = 0, time.perf_counter()
                    while time.perf_counter() - begin < seconds:
                        list(pool.map(ask, range(done, done + 2 * threads)))
                        done += 2 * threads
                    rates[name].append(done / (time.perf_counter() - begin))
        return statistics.median(rates["direct"]), statistics.median(rates["served"])


def swaps(corpus: Path, index: Path, address: str, options: argparse.Namespace) -> dict[str, float]:
    """Latencies of many clients' questions while the index is rebuilt; ``options`` are of ``main``."""
    latencies: list[float] = []
    generations: set[str] = set()
    failures: list[str] = []
    refused = 0
    lock = threading.Lock()
    clients, questions, seconds = options.clients, options.questions, 60 * options.minutes
    started = time.perf_counter()

    def ask(n: int) -> None:
        nonlocal refused
        asked = {TO_FILL[options.path]: QUESTIONS[n % len(QUESTIONS)]}
        while time.perf_counter() - started < seconds:
            begin = time.perf_counter()
            try:
                response = client.post(options.path, json=asked)
            except httpx.HTTPError as error:
                failures.append(repr(error))
                return
            spent = time.perf_counter() - begin
            with lock:
                if response.status_code == 200:
                    latencies.append(spent)
                    generations.add(response.json()["index"]["generation"])
                    return
                if response.status_code != 429:
                    failures.append(f"{response.status_code} {response.text[:200]}")
                    return
                refused += 1
            time.sleep(1)

    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    with (
        httpx.Client(base_url=address, timeout=300, limits=limits) as client,
        ThreadPoolExecutor(clients) as pool,
    ):
        asked = [pool.submit(ask, n) for n in range(questions)]
        for number in range(1, options.builds + 1):
            due = started + number * seconds / (options.builds + 1)
            if not wait(asked, timeout=max(0, due - time.perf_counter())).not_done:
                break
            (corpus / "more.txt").write_text(
                f"More news\n\nThis is version {number} of the news.\n"
            )
            rag.build(corpus, index)
            spent = time.perf_counter() - started
            print(f"  {len(latencies)} of {questions} answered, {spent:.0f} s", flush=True)
        for each in asked:
            each.result()
    cuts = statistics.quantiles(latencies, n=100)
    print(*failures[:5], sep="\n", end="\n" if failures else "")
    return {
        "answered": len(latencies),
        "failed": len(failures),
        "refused first": refused,
        "generations": len(generations),
        "p50 s": round(cuts[49], 3),
        "p99 s": round(cuts[98], 3),
        "seconds": round(time.perf_counter() - started),
    }


def burst(address: str, process: psutil.Process, count: int) -> dict[str, float]:
    """What becomes of questions that all arrive at once, how soon the refused know, and the memory."""
    body = json.dumps({"question": QUESTIONS[0]}).encode()
    head = "POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    sent = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    host, port = address.removeprefix("http://").split(":")
    most = before = process.memory_info().rss

    async def ask(ready: asyncio.Semaphore, go: asyncio.Event) -> tuple[int, float]:
        nonlocal most
        reader, writer = await asyncio.open_connection(host, int(port))
        ready.release()
        await go.wait()
        begin = time.perf_counter()
        writer.write(sent)
        status = int((await reader.readline()).split()[1])
        seconds = time.perf_counter() - begin
        most = max(most, process.memory_info().rss)
        writer.close()
        return status, seconds

    async def all_at_once() -> list[tuple[int, float]]:
        ready, go = asyncio.Semaphore(0), asyncio.Event()
        asking = [asyncio.create_task(ask(ready, go)) for _ in range(count)]
        for _ in asking:
            await ready.acquire()
        go.set()
        return await asyncio.gather(*asking)

    results = asyncio.run(all_at_once())
    refusals = sorted(seconds for status, seconds in results if status == 429)
    return {
        "answered": sum(status == 200 for status, _ in results),
        "refused": len(refusals),
        "median refusal s": round(statistics.median(refusals), 3) if refusals else 0.0,
        "slowest refusal s": round(refusals[-1], 3) if refusals else 0.0,
        "memory": round(most / before, 3),
    }


def connections(address: str, process: psutil.Process, count: int) -> dict[str, float]:
    """How soon the server answers, and its memory, while idle and slow clients hold connections."""
    host, port = address.removeprefix("http://").split(":")
    before = process.memory_info().rss
    with ExitStack() as stack:
        for n in range(count):
            held = stack.enter_context(socket.create_connection((host, int(port)), timeout=30))
            if n % 2:
                held.sendall(b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Le")
        begin = time.perf_counter()
        httpx.get(f"{address}/health", timeout=30).raise_for_status()
        seconds = time.perf_counter() - begin
        memory = process.memory_info().rss
    return {"health s": round(seconds, 3), "memory": round(memory / before, 3)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--questions", type=int, default=2_000)
    parser.add_argument("--path", choices=TO_FILL, default="/v1/ask", help="of the swaps")
    parser.add_argument("--builds", type=int, default=20, help="in --minutes, evenly spread")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus, index = Path(folder, "articles"), Path(folder, "index")
        corpus.mkdir()
        for seed in (ROOT / "seeds").glob("*.txt"):
            (corpus / seed.name).write_bytes(seed.read_bytes())
        rag.build(corpus, index)
        with server(index) as (address, process):
            if "throughput" in options.only:
                direct, served = throughput(index, address, options.seconds)
                share = served / direct
                print(f"asked directly {direct:.2f}/s, served {served:.2f}/s: {share:.2f}")
            if "connections" in options.only:
                print("connections", connections(address, process, options.connections))
            if "burst" in options.only:
                print("burst", burst(address, process, options.connections))
            if "swaps" in options.only:
                print("swaps", swaps(corpus, index, address, options))


if __name__ == "__main__":
    main()
