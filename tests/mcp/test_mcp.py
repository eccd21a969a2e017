"""The MCP server as hosts use it: as a child process or over HTTP, in both protocol generations."""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time

import httpx
import pytest
from mcp import MCPError
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

import rag
from rag.cli import run
from rag.mcp.articles import Articles
from rag.mcp.greeting import Greeter
from rag.mcp.run import http_application
from rag.mcp.server import server
from rag.serve.security import Access
from scripts import mcp_greeting
from tests.serve.traversal import payloads

pytestmark = pytest.mark.model

QUESTION = "What price floor was agreed with MP Materials?"
GENERATIONS = ["legacy", "auto"]


def child(index):
    """The server as a child process, with another working folder and little environment."""
    kept = {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME") if name in os.environ}
    root = os.path.dirname(os.path.dirname(rag.__file__))  # noqa: PTH120
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "rag", "mcp", "--index", str(index)],
        env=kept | {"PYTHONPATH": root},
        cwd="/",
    )


def talk(transport, mode, conversation):
    """Run a conversation with a server; ``transport`` is an address or a child process."""

    async def main():
        quiet = (
            stdio_client(transport, errlog=subprocess.DEVNULL)
            if not isinstance(transport, str)
            else None
        )
        async with Client(quiet or transport, mode=mode) as client:
            return await conversation(client)

    return asyncio.run(main())


@pytest.fixture(scope="module")
def url(seeds, serve):
    """The address of a server over HTTP."""
    with serve(http_application(Articles(open_=lambda: seeds), Access())) as address:
        yield f"{address}/mcp"


@pytest.fixture(scope="module")
def call(url):
    """Calls a tool over HTTP: its result."""
    return lambda name, **arguments: talk(url, "auto", lambda c: c.call_tool(name, arguments))


@pytest.mark.parametrize("mode", GENERATIONS)
def test_a_host_lists_the_tools_asks_and_verifies(seeds_index, mode):
    async def conversation(client):
        tools = (await client.list_tools()).tools
        asked = await client.call_tool("ask", {"question": QUESTION})
        checked = await client.call_tool("verify", {"answer": asked.structured_content})
        found = await client.call_tool("search", {"query": "price floor", "limit": 2})
        read = await client.call_tool("fetch", {"id": found.structured_content["results"][0]["id"]})
        state = await client.call_tool("status", {})
        article = await client.read_resource(found.structured_content["results"][0]["url"])
        return tools, asked, checked, found, read, state, article

    tools, asked, checked, found, read, state, article = talk(
        child(seeds_index), mode, conversation
    )
    assert [tool.name for tool in tools] == ["search", "fetch", "ask", "verify", "status"]
    for tool in tools:
        assert tool.title
        assert tool.description
        assert tool.output_schema["type"] == "object"
        hints = tool.annotations
        assert (hints.read_only_hint, hints.open_world_hint) == (True, False)
    for result in (asked, checked, found, read, state):
        assert not result.is_error
        assert json.loads(result.content[0].text) == result.structured_content
    assert asked.structured_content["answer"] == "$110/kg"
    assert asked.structured_content["text"].startswith("$110/kg")
    [citation] = asked.structured_content["citations"]
    links = [content for content in asked.content if content.type == "resource_link"]
    assert [link.name for link in links] == [citation["doc_id"]]
    assert checked.structured_content["ok"] is True
    assert len(found.structured_content["results"]) == 2
    assert found.structured_content["results"][0]["text"] in read.structured_content["text"]
    assert state.structured_content["documents"] == 5
    assert "price floor" in article.contents[0].text or "$110/kg" in article.contents[0].text


def test_results_have_the_shape_that_connectors_require(call):
    found = call("search", query="price floor").structured_content["results"]
    for each in found:
        assert {"id", "title", "url"} <= each.keys()
        assert all(isinstance(each[key], str) and each[key] for key in ("id", "title", "url"))
    assert len({each["id"] for each in found}) == len(found)
    fetched = call("fetch", id=found[0]["doc_id"]).structured_content
    assert list(fetched) == ["id", "title", "text", "url", "metadata"]


def test_filters_narrow_a_search(call):
    everything = call("search", query="rare earths", limit=50).structured_content["results"]
    some = call("search", query="rare earths", limit=50, publisher="Kallanish").structured_content
    assert {each["publisher"] for each in some["results"]} == {"Kallanish"}
    assert len(everything) > len(some["results"])


def test_a_long_article_comes_in_pages(tmp_path, embedder, serve):
    folder = tmp_path / "articles"
    folder.mkdir()
    text = "The long river\n\n" + "\n\n".join(
        f"Kilometre {n} of the river is calm." for n in range(900)
    )
    (folder / "river.txt").write_text(text)
    rag.build(folder, tmp_path / "index")
    with (
        rag.Retriever.open(tmp_path / "index") as retriever,
        serve(http_application(Articles(open_=lambda: retriever), Access())) as address,
    ):

        async def read_all(client):
            pages, offset = [], 0
            while offset is not None:
                page = await client.call_tool("fetch", {"id": "river.txt", "offset": offset})
                pages.append(page.structured_content["text"])
                offset = page.structured_content["metadata"]["next"]
            beyond = await client.call_tool("fetch", {"id": "river.txt", "offset": 10**9})
            return pages, beyond.structured_content["text"]

        pages, beyond = talk(f"{address}/mcp", "auto", read_all)
    assert len(pages) > 1
    assert "".join(pages) == text
    assert beyond == ""


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("search", {}),
        ("search", {"query": ""}),
        ("search", {"query": "x", "limit": 0}),
        ("search", {"query": "x", "limit": 10**9}),
        ("search", {"query": "x", "since": "soon"}),
        ("search", {"query": "-only"}),
        ("ask", {"question": "  "}),
        ("ask", {"question": 7}),
        ("fetch", {"id": "nothing.txt"}),
        ("fetch", {"id": "../../../etc/passwd"}),
        ("fetch", {"id": "/etc/passwd"}),
        ("fetch", {"id": "../seeds#0-10"}),
        ("fetch", {"id": "002_1a75634502ebca40.txt", "offset": -1}),
        ("verify", {"answer": {}}),
        ("verify", {"answer": {"citations": [{"path": "/etc/passwd", "doc_id": "passwd"}]}}),
    ],
)
def test_wrong_input_is_told_to_the_model_so_that_it_can_try_again(call, tool, arguments):
    result = call(tool, **arguments)
    assert result.is_error
    told = result.content[0].text
    assert told
    assert not any(
        word in told
        for word in ("root:", "Traceback", "pydantic", "Error executing", "--save", "\n")
    )


def test_an_unknown_tool_and_an_unknown_article_are_errors_of_the_protocol(url):
    async def conversation(client):
        codes = []
        for attempt in (
            lambda: client.call_tool("delete", {}),
            lambda: client.read_resource("article://nothing.txt"),
            lambda: client.read_resource("article://..%2f..%2fetc%2fpasswd"),
            lambda: client.read_resource("file:///etc/passwd"),
        ):
            with pytest.raises(MCPError) as caught:
                await attempt()
            codes.append(caught.value.error.code)
        return codes

    assert talk(url, "auto", conversation) == [-32602] * 4


def test_nothing_outside_the_articles_is_ever_shown(tmp_path, embedder):
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.txt").write_text("Ferries\n\nThe ferry to Brunna sails at noon.\n")
    (tmp_path / "secret.txt").write_text("root:x:0:0 the secret outside")
    rag.build(tmp_path / "articles", tmp_path / "index")
    tried = payloads(tmp_path)

    async def attack():
        said = []
        async with Client(server(Articles([str(tmp_path / "index")]))) as client:
            for n, id_ in enumerate(tried):
                place = {"id": id_ if n % 2 else f"{id_}#0-9"}
                said.append(await client.call_tool("fetch", place))
                with pytest.raises(MCPError) as caught:
                    await client.read_resource(f"article://{id_}")
                said.append(caught.value)
            asked = await client.call_tool("ask", {"question": "When does the ferry sail?"})
            [citation] = asked.structured_content["citations"]
            forged = [citation | {"doc_id": id_, "path": id_} for id_ in tried]
            checked = await client.call_tool("verify", {"answer": {"citations": forged}})
            assert {c["state"] for c in checked.structured_content["citations"]} == {"missing"}
            return [*said, checked]

    said = asyncio.run(attack())
    assert len(said) > 2 * 200
    for result in said:
        assert "the secret outside" not in str(result)
        assert "root:" not in str(result)


def test_an_answer_tells_what_the_articles_do_not_say(call):
    result = call("ask", question="How do I bake sourdough bread?")
    assert not result.is_error
    assert result.structured_content["status"] == "abstained"
    assert result.structured_content["text"].startswith("The articles don't say")


def test_a_new_generation_is_taken_up(tmp_path, embedder):
    (tmp_path / "articles").mkdir()
    article = tmp_path / "articles" / "a.txt"
    article.write_text("Ferries\n\nThe ferry to Brunna sails at noon.\n")
    rag.build(tmp_path / "articles", tmp_path / "index")

    async def before_and_after():
        async with Client(server(Articles([str(tmp_path / "index")]))) as client:
            before = await client.call_tool("fetch", {"id": "a.txt"})
            article.write_text("Ferries\n\nThe ferry to Brunna sails at six.\n")
            rag.build(tmp_path / "articles", tmp_path / "index")
            after = await client.call_tool("fetch", {"id": "a.txt"})
            return before.structured_content["text"], after.structured_content["text"]

    before, after = asyncio.run(before_and_after())
    assert "noon" in before
    assert "six" in after


class Held:
    """A retriever whose questions take until their client has left."""

    def __init__(self):
        self.asked, self.abandoned = threading.Event(), threading.Event()

    def reload(self):
        return False

    def ask(self, _, *, abandoned, **__):
        self.asked.set()
        while not abandoned():
            time.sleep(0.01)
        self.abandoned.set()
        raise rag.Abandoned("gone")


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
def test_the_work_for_a_host_that_leaves_is_dropped(serve, version):
    held = Held()
    call = {"name": "ask", "arguments": {"question": QUESTION}}
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": version}
    if version > "2026":
        prefix = "io.modelcontextprotocol/"
        client = {"name": "test", "version": "1"}
        call["_meta"] = {f"{prefix}protocolVersion": version, f"{prefix}clientInfo": client,
                         f"{prefix}clientCapabilities": {}}  # fmt: skip
        headers |= {"Mcp-Method": "tools/call", "Mcp-Name": "ask"}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}

    async def leave(address):
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            asking = asyncio.create_task(client.post(f"{address}/mcp", json=body, headers=headers))
            assert await asyncio.to_thread(held.asked.wait, 60)
            asking.cancel()
            assert await asyncio.to_thread(held.abandoned.wait, 60)

    with serve(http_application(Articles(open_=lambda: held), Access())) as address:
        asyncio.run(leave(address))


# ---------------------------------------------------------------- stdin and stdout


def lines(index, *messages, answers, environment=None):
    """What the server prints until it has answered so often, and how it ends when stdin ends then."""
    parameters = child(index)
    with subprocess.Popen(
        [parameters.command, *parameters.args],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, cwd="/", env=parameters.env | (environment or {}),
    ) as process:  # fmt: skip
        for message in messages:
            process.stdin.write(message if isinstance(message, str) else json.dumps(message) + "\n")
        process.stdin.flush()
        printed = [process.stdout.readline() for _ in range(answers)]
        rest, errors = process.communicate(timeout=60)
        return process.returncode, [*printed, *rest.splitlines()], errors


HELLO = {
    "jsonrpc": "2.0", "id": 0, "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {},
               "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def test_stdout_carries_protocol_messages_only_whatever_goes_wrong(tmp_path):
    ask = {"name": "ask", "arguments": {"question": "x"}}
    code, printed, errors = lines(
        tmp_path / "no-index", HELLO, READY,
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": ask},
        "this is no JSON\n",
        {"jsonrpc": "2.0", "id": 2, "method": "no/such/method"},
        answers=3,
        environment={"RAG_NONSENSE": "1"},
    )  # fmt: skip
    messages = [json.loads(line) for line in printed]
    assert code == 0
    assert all(message["jsonrpc"] == "2.0" for message in messages)
    by_id = {message.get("id"): message for message in messages}
    assert by_id[0]["result"]["serverInfo"]["name"] == "article-rag"
    assert by_id[2]["error"]["code"] == -32601
    assert "RAG_NONSENSE" in errors
    failed = by_id[1]["result"]
    assert failed["isError"]
    assert "there is no index" in failed["content"][0]["text"]


def test_listing_the_tools_imports_only_what_it_needs():
    code = """
import asyncio, sys
from rag.mcp.start import fast_imports
with fast_imports():
    from rag.mcp.articles import Articles
    from rag.mcp.server import server
assert len(asyncio.run(server(Articles()).list_tools())) == 5
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "openvino", "torch", "faiss", "rag.asking", "fastapi"}
    assert not heavy & {*done.stdout.split()}


# ---------------------------------------------------------------- the greeting

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def asks(number, method, **params):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def test_the_greeting_says_what_the_server_says():
    assert mcp_greeting.FILE.read_text(encoding="utf-8") == mcp_greeting.answers()


@pytest.mark.parametrize(
    "opening",
    [
        [HELLO, READY, asks(1, "tools/list"), asks("b", "resources/templates/list")],
        [asks(0, "server/discover", _meta=META), asks("b", "tools/list", _meta=META)],
    ],
    ids=GENERATIONS,
)
def test_what_was_answered_before_the_server_ran_is_answered_once(tmp_path, opening):
    meta = {} if opening[0] is HELLO else {"_meta": META}
    call = asks("call", "tools/call", name="status", arguments={}, **meta)
    again = asks("again", "tools/list", **meta)
    asked = [each["id"] for each in (*opening, call, again) if "id" in each]
    code, printed, _ = lines(tmp_path / "no-index", *opening, call, again, answers=len(asked))
    messages = [json.loads(line) for line in printed]
    assert code == 0
    assert sorted(str(each["id"]) for each in messages) == sorted(map(str, asked))
    assert [each["id"] for each in messages][: len(asked) - 2] == asked[:-2]
    by_id = {each["id"]: each["result"] for each in messages}
    assert by_id["call"]["isError"]  # this one the server itself answered
    assert len(by_id["again"]["tools"]) == 5


def test_it_ends_when_it_is_interrupted_though_the_host_says_nothing(tmp_path):
    parameters = child(tmp_path / "no-index")
    with subprocess.Popen(
        [parameters.command, *parameters.args],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, cwd="/", env=parameters.env,
    ) as process:  # fmt: skip
        for message in (HELLO, READY, asks(1, "ping")):
            process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
        assert [json.loads(process.stdout.readline())["id"] for _ in range(2)] == [0, 1]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


def greeted(*messages):
    """The ids that are answered before the server is there."""
    host, server = io.BytesIO(), io.BytesIO()
    sent = b"".join(json.dumps(each).encode() + b"\n" for each in messages)
    server.close = lambda: None
    Greeter(host).listen(io.BytesIO(sent), server)
    assert server.getvalue() == sent
    return [json.loads(line)["id"] for line in host.getvalue().splitlines()]


def test_only_what_is_sure_is_answered_before_the_server_is_there():
    old = HELLO | {"params": HELLO["params"] | {"protocolVersion": "1999-01-01"}}
    unnamed = HELLO | {"params": HELLO["params"] | {"clientInfo": {}}}
    tools, ping = asks(1, "tools/list"), asks(2, "ping")
    assert greeted(HELLO, READY, tools) == [0, 1]
    # A host that did not wait for the answer begins anew in the older way; the server tells it not to.
    discover = asks("first", "server/discover", _meta=META)
    assert greeted(discover, HELLO, READY, tools) == ["first"]
    assert greeted(discover, READY, asks(2, "tools/list", _meta=META)) == ["first"]
    for messages in (
        [old, READY, tools], [unnamed, READY, tools], [tools], [ping, HELLO, READY, tools],
        [[HELLO], HELLO], [HELLO | {"id": None}, HELLO], [HELLO | {"jsonrpc": "1.0"}], ["x"], [7],
        [asks(1, "tools/list", _meta=META | {"io.modelcontextprotocol/protocolVersion": "2"})],
        [asks(1, "tools/list", _meta={})], [asks(1, "initialize", _meta=META)],
    ):  # fmt: skip
        assert greeted(*messages) == []
    for last in (
        [tools], [READY, ping, tools], [READY, asks(1, "tools/list", cursor="x")], [HELLO],
        [READY, asks(1, "tools/call", name="ask")],
    ):  # fmt: skip
        assert greeted(HELLO, *last) == [0]


# ---------------------------------------------------------------- HTTP


@pytest.mark.parametrize("mode", GENERATIONS)
def test_both_generations_of_the_protocol_are_served_over_http(url, mode):
    async def conversation(client):
        return (await client.list_tools()).tools, await client.call_tool(
            "ask", {"question": QUESTION}
        )

    tools, asked = talk(url, mode, conversation)
    assert len(tools) == 5
    assert asked.structured_content["answer"] == "$110/kg"


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {"Host": "evil.example"}, 421),
        ("POST", {"Origin": "http://evil.example"}, 403),
        ("POST", {"Origin": "null"}, 403),
        ("GET", {"Accept": "text/event-stream"}, 405),
        ("DELETE", {}, 405),
        ("POST", {"Content-Type": "text/plain"}, 400),
        ("POST", {"Authorization": "Bearer"}, 200),
    ],
)
def test_names_pages_and_methods_are_checked(url, method, headers, status):
    plain = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    body = json.dumps(HELLO) if method == "POST" else None
    response = httpx.request(
        method, url, content=body, headers=plain | headers, trust_env=False, timeout=60
    )
    assert response.status_code == status


def test_a_token_is_demanded(seeds, serve):
    articles = Articles(open_=lambda: seeds)
    plain = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    with serve(http_application(articles, Access(token="word"))) as address:  # noqa: S106  # of this test
        for token, status in [("word", 200), ("", 401), ("wrong", 401)]:
            response = httpx.post(
                f"{address}/mcp", json=HELLO, trust_env=False, timeout=60,
                headers=plain | {"Authorization": f"Bearer {token}".strip()},
            )  # fmt: skip
            assert response.status_code == status


# ---------------------------------------------------------------- settings of hosts


@pytest.mark.parametrize(
    ("host", "place"), [("claude", "mcpServers"), ("cursor", "mcpServers"), ("vscode", "servers")]
)
def test_what_is_printed_for_a_host_starts_the_server_from_anywhere(
    seeds_index, tmp_path, monkeypatch, capsys, host, place
):
    monkeypatch.chdir(seeds_index.parent)
    monkeypatch.setenv("RAG_STORE", "milvus+news.db")
    reader = os.path.relpath(tmp_path, seeds_index.parent)
    options = ["--index", seeds_index.name, "--reader", reader, "--llm", "small"]
    assert run(["mcp", "--print-config", host, *options]) == 0
    printed = capsys.readouterr()
    [entry] = json.loads(printed.out)[place].values()
    assert os.path.isabs(entry["command"])  # noqa: PTH117
    assert str(seeds_index) in entry["args"]
    assert f"milvus+{seeds_index.parent}/news.db" in entry["args"]
    assert str(tmp_path) in entry["args"]
    assert entry["args"][-2:] == ["--llm", "small"]
    assert ("claude mcp add" in printed.err) == (host == "claude")
    if host == "vscode":
        assert entry["type"] == "stdio"
