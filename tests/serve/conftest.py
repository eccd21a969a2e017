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


HARBOUR_PAGE = """<!doctype html><html lang="en"><head><title>Old harbour of Lindvik reopens</title>
<meta property="og:site_name" content="Harbour Gazette">
<meta property="article:published_time" content="2024-05-03">
<link rel="canonical" href="https://gazette.example/lindvik"></head><body><article>
<h1>Old harbour of Lindvik reopens</h1>
<p>The old harbour of Lindvik reopened on Friday, months after the January storm broke its outer wall.
Repairs cost 4.2 million kroner, half of it paid by the county.</p>
<h2>What was rebuilt</h2><ul><li>an outer wall of granite</li>
<li>a pier that is forty metres longer</li></ul>
<h2>Where the money went</h2><p>The port authority published its accounts on the same day.</p>
<table><tr><th>Work</th><th>Contractor</th></tr><tr><td>Outer wall</td><td>Berg &amp; Dahl</td></tr>
<tr><td>Pier</td><td>Nordlund Marine</td></tr></table>
<p>Harbour master Ingrid Solheim said the first ferry would call on Monday. She lives in Orvald.</p>
</article></body></html>"""
PAGES_OF_TRAINS = (
    "The council asked whether night trains could return. The line was closed for eleven years.",
    "A survey of 2,300 travellers found that two in three would take a night train. " * 12,
    "The berth of a night train costs 59 euros. Trains leave Orvald in the evening.",
)
HOSTILE = (
    "Wool <script>alert(1)</script> & \u202enoitcua\u202c <b>prices</b>\n\n"
    "Wool \"Weekly\" '<i>'\n1 May 2025\n\n"
    "The price of Kessel wool fell to 9 euros<img src=x onerror=alert(2)>\x1b[31m a kilogram."
    " ![map](http://tracker.example/a.png) {{ 7*7 }} {% raw %}\n"
)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory, embedder):
    """A folder of articles for the page, with its index: a web page, a PDF, Markdown, something hostile."""
    from fpdf import FPDF

    folder = tmp_path_factory.mktemp("shelf")
    articles = folder / "articles"
    articles.mkdir()
    (articles / "gazette.html").write_text(HARBOUR_PAGE, encoding="utf-8")
    (articles / "courier.md").write_text(
        "---\ntitle: Lindvik harbour bill rises\npublisher: Coast Courier\ndate: 2024-06-20\n---\n"
        "# Lindvik harbour bill rises\n\nRepairs of the old harbour of Lindvik cost 5.1 million kroner, the"
        " auditor found in June, because the outer wall needed deeper foundations.\n",
        encoding="utf-8",
    )
    (articles / "wool <&\"'>.txt").write_text(HOSTILE, encoding="utf-8")
    report = FPDF()
    for number, text in enumerate(PAGES_OF_TRAINS):
        report.add_page()
        if not number:
            report.set_font("Helvetica", "B", 24)
            report.multi_cell(0, 12, "Night trains return to the coast")
            report.ln(20)
        report.set_font("Helvetica", size=11)
        report.multi_cell(0, 6, text)
    report.output(str(articles / "trains.pdf"))
    rag.build(articles, folder / "index")
    return folder


@pytest.fixture(scope="session")
def shelf_retriever(shelf):
    with rag.Retriever.open(shelf / "index") as opened:
        yield opened


@pytest.fixture(scope="module")
def site(shelf_retriever, serve):
    """The address of a server with these articles."""
    with serve(application(Service(shelf_retriever), Access())) as where:
        yield where
