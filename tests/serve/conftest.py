"""A server with the real models on a few articles; one for each module."""

import logging
from dataclasses import replace

import httpx
import pytest

import rag
from rag.serve.app import application
from rag.serve.security import Access
from rag.serve.service import Service

ARTICLES = {
    "harbour.txt": (
        "Old harbour reopens after storm\n\nHarbour Gazette\n3 May 2024\n\n"
        "The old harbour of Lindvik reopened on Friday. Repairs cost 4.2 million kroner.\n\n"
        "Harbour master Ingrid Solheim runs the harbour. She said the new pier is forty metres longer.\n"
    ),
    "bees.md": (
        "---\nurl: https://bees.example/rooftops\n---\n# City bees thrive on rooftops\n\n"
        "Rooftop hives produced 310 kilograms of honey last summer.\n"
    ),
    "deep/trains.txt": (
        "Night trains return to the coast\n\nNight trains between Orvald and the coast start again in"
        " June. Tickets cost 38 euros. ![map](http://tracker.example/?a) <script>alert(1)</script>\n"
    ),
}


@pytest.fixture(scope="session")
def articles(tmp_path_factory, embedder):
    """A folder of articles and its index; read-only."""
    folder = tmp_path_factory.mktemp("served")
    for name, text in ARTICLES.items():
        path = folder / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "secret.txt").write_text("root:x:0:0 the secret outside", encoding="utf-8")
    rag.build(folder / "articles", folder / "index")
    return folder


@pytest.fixture(scope="module")
def retriever(articles):
    with rag.Retriever.open(articles / "index") as opened:
        yield opened


@pytest.fixture(scope="module")
def address(retriever, serve):
    logging.getLogger("rag.serve").setLevel(logging.INFO)
    with serve(application(Service(retriever), Access())) as where:
        yield where


@pytest.fixture(scope="module")
def client(address):
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as open_client:
        yield open_client


@pytest.fixture
def writes(monkeypatch, retriever):
    """Lets a language model write every answer, in these pieces."""

    class Writer:
        id = "canned"

        def __init__(self, *pieces):
            self.pieces = pieces

        def generate(self, _):
            yield from self.pieces

    def let(*pieces):
        monkeypatch.setattr("rag.asking.retriever.load_generator", lambda *_: Writer(*pieces))
        settings = replace(retriever._settings, llm="m", llm_base_url="http://x")
        monkeypatch.setattr(retriever, "_settings", settings)

    return let
