"""Who may talk to the server, and what nobody can make it do."""

import socket
from contextlib import closing
from itertools import product
from urllib.parse import quote

import httpx
import pytest
from starlette.datastructures import Headers

import rag
from rag.serve import run, security
from rag.serve.app import application
from rag.serve.security import Access
from rag.serve.service import Service
from tests.serve.traversal import payloads

TOKEN = "a-long-random-word"  # noqa: S105  # of this test

HOSTS = {
    "localhost": True, "localhost:8000": True, "127.0.0.1": True, "127.0.0.1:1": True, "[::1]:8000": True,
    "LOCALHOST:8000": True, "evil.example": False, "evil.example:8000": False,
    "localhost.evil.example": False, "evil.example#localhost": False,
    "localhost@evil.example": False, "localhost:8000@evil.example": False,
    "": False, "localhost.": False, "127.0.0.1.nip.example": False, "0.0.0.0:8000": False, "[::2]": False,
    "localhost:port": False, "localhost, evil.example": False, "2130706433": False, "127.1": False,
}  # fmt: skip
ORIGINS = {
    None: True, "http://localhost:8000": True, "http://127.0.0.1": True, "https://localhost": True,
    "http://[::1]:3000": True, "null": False, "": False, "http://evil.example": False,
    "http://localhost.evil.example": False, "http://evil.example:8000": False, "file://": False,
    "http://localhost@evil.example": False, "chrome-extension://abc": False, "localhost": False,
    "http://localhost:8000/": False, "ftp://localhost": False,
    "http://evil.example http://localhost": False,
}  # fmt: skip
TOKENS = {
    f"Bearer {TOKEN}": True, f"bearer {TOKEN}": True, None: False, "": False, "Bearer": False,
    "Bearer ": False,
    "Bearer wrong": False, TOKEN: False, f"Basic {TOKEN}": False, f"Bearer {TOKEN}x": False,
    f"Bearer {TOKEN[:-1]}": False, f"Bearer {TOKEN} {TOKEN}": False, "Bearer \xff": False,
}  # fmt: skip


def refused(access, host="localhost", origin=None, token=None):
    sent = {"host": host, "origin": origin, "authorization": token}
    raw = [
        (name.encode(), value.encode("latin-1"))
        for name, value in sent.items()
        if value is not None
    ]
    answer = access.refuses(Headers(raw=raw))
    return answer[0] if answer else None


def test_only_known_names_and_pages_pass():
    for host, origin in product(HOSTS, ORIGINS):
        expected = None if HOSTS[host] and ORIGINS[origin] else 403 if HOSTS[host] else 421
        assert refused(Access(), host, origin) == expected, (host, origin)


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_must_be_right(token):
    assert refused(Access(token=TOKEN), token=token) == (None if TOKENS[token] else 401)


@pytest.mark.parametrize("token", ["Bearer ", "Bearer anything", "Basic x"])
def test_without_a_token_none_is_looked_at(token):
    assert refused(Access(), token=token) is None


def test_two_of_a_header_do_not_pass():
    for name, value in [("host", "localhost"), ("authorization", f"Bearer {TOKEN}")]:
        headers = {"host": ["localhost"], "authorization": [f"Bearer {TOKEN}"]}
        headers[name].append(value)
        raw = [(n.encode(), v.encode()) for n, values in headers.items() for v in values]
        assert Access(token=TOKEN).refuses(Headers(raw=raw))
    raw = [
        (b"host", b"localhost"),
        (b"origin", b"http://localhost"),
        (b"origin", b"http://evil.example"),
    ]
    assert Access().refuses(Headers(raw=raw))


def test_others_can_reach_the_server_only_with_a_token():
    for host in ("0.0.0.0", "::", "192.168.1.7", "example.org"):  # noqa: S104  # not bound
        with pytest.raises(rag.UsageError, match="no token"):
            Access.to(host)
        assert refused(Access.to(host, TOKEN)) == 401
    known = Access.to("192.168.1.7", TOKEN, ["News.example"])
    right = f"Bearer {TOKEN}"
    for host in ("192.168.1.7:8000", "news.example", "localhost"):
        assert refused(known, host, f"https://{host}", right) is None
    assert refused(known, "10.0.0.1", None, right) == 421
    everywhere = Access.to("0.0.0.0", TOKEN)  # noqa: S104
    assert refused(everywhere, "10.0.0.1:8000", None, right) is None
    assert refused(everywhere, "evil.example", None, right) == 421


# ---------------------------------------------------------------- over the wire


@pytest.fixture(scope="module")
def guarded(retriever, serve):
    """A client of a server that demands a token."""
    with (
        serve(application(Service(retriever), Access(token=TOKEN))) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as client,
    ):
        yield client


@pytest.mark.model
@pytest.mark.parametrize(
    "path", ["/health", "/metrics", "/openapi.json", "/v1/models", "/v1/documents/harbour.txt", "/"]
)
def test_no_path_is_open_without_the_token(guarded, path):
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.get(path).status_code == 401
    assert guarded.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert guarded.get(path, headers=right | {"Host": "evil.example"}).status_code == 421
    assert guarded.get(path, headers=right | {"Origin": "null"}).status_code == 403
    passed = guarded.get(path, headers=right | {"Origin": "http://localhost:3000"})
    assert passed.status_code == 200
    assert not any(name.startswith("access-control") for name in passed.headers)


@pytest.mark.model
def test_nothing_outside_the_articles_is_ever_shown(client, address, articles):
    host, port = address.removeprefix("http://").split(":")
    tried = payloads(articles)
    assert len(tried) > 200
    with closing(socket.create_connection((host, int(port)))) as raw:
        reader = raw.makefile("rb")
        for path in tried:
            for form in (path, quote(path, safe="")):
                target = "".join(c if 32 < ord(c) < 127 else quote(c) for c in form)
                raw.sendall(
                    f"GET /v1/documents/{target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
                )
                status = int(reader.readline().split()[1])
                headers = dict(
                    line.decode().rstrip().lower().split(": ", 1)
                    for line in iter(reader.readline, b"\r\n")
                )
                body = reader.read(int(headers["content-length"])).decode()
                assert status in (400, 404, 422), form
                assert "the secret outside" not in body
                assert "root:" not in body


@pytest.mark.model
def test_a_body_must_be_short(client):
    for body in (b"x" * 1_100_000, iter([b"x" * 600_000] * 2)):
        response = client.post(
            "/v1/ask", content=body, headers={"Content-Type": "application/json"}
        )
        assert response.status_code == 413
        assert "longer" in response.json()["error"]["message"]


def slowly(address, *pieces):
    """What the server says to a client that sends these pieces and then nothing."""
    host, port = address.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=10)) as raw:
        for piece in pieces:
            raw.sendall(piece)
        return raw.recv(10_000)


@pytest.mark.model
@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([b""], b"400"),
        ([b"GET /health HT"], b"400"),
        ([b"GET /health HTTP/1.1\r\nHost: local"], b"400"),
        ([b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"], b"408"),
    ],
)  # fmt: skip
def test_a_slow_client_is_sent_away(retriever, serve, monkeypatch, pieces, status):
    monkeypatch.setattr(run, "HEADER_SECONDS", 0.2)
    monkeypatch.setattr(security, "BODY_SECONDS", 0.2)
    with serve(application(Service(retriever), Access())) as address:
        assert slowly(address, *pieces).split()[1] == status
        assert httpx.get(f"{address}/health", trust_env=False).status_code == 200
