"""The expected metadata, boilerplate and passages of the five seed articles."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.corpus.chunk import chunk
from rag.corpus.load import load
from rag.records import Document
from rag.text.units import unit_spans

SEEDS = Path(__file__).parents[2] / "seeds"

METADATA = {
    "000": (
        "US and Japan Strengthen Critical Mineral Supply Chain Through Strategic Partnership",
        "Deep News",
        None,
        "Oct 28",
    ),
    "001": (
        "U.S. Rare Earth Partnership with Japan: Strategic Alliance for Supply Security",
        "Discovery Alert",
        None,
        None,
    ),
    "002": (
        "US and Japan Secure Critical Minerals Supply with Rare Earths Agreement",
        "SuperMetalPrice",
        None,
        None,
    ),
    "003": (
        "Japan and US Chart Joint Critical Minerals Path Amid Supply Chain Diversification",
        "samarium.dev",
        "2026-03-18",
        "3/18/2026, 8:09:36 PM",
    ),
    "004": ("US, Japan sign rare earths deal", "Kallanish", "2025-10-31", "31 Oct 2025"),
}

# Line numbers of everything that is furniture, and of everything that is a heading.
FURNITURE = {
    "000": {3, 4, 24, 26, *range(28, 74)},
    "001": {184, 186, 188, 190, 192, 194, 196, 198, 200, 202, 204, 206, 208},
    "002": {21, 22},
    "003": {1, 2, 4, 5, 9, 11, 25, 28, 33, 38, 43, 48},
    "004": {1, 3, 27},
}
HEADINGS = {
    "000": {"Focus on High-Performance Magnetic Materials", "Energy Demand and Emerging Trends"},
    "001": {
        "What Are Rare Earth Elements and Their Strategic Importance?",
        "Key Rare Earth Elements and Their Primary Applications",
        "Key Partnership Components:",
        "Supply Chain Integration Stages:",
    },
    "002": {"Key Provisions of the Rare Earths Agreement", "SuperMetalPrice Commentary:"},
    "003": {
        "Arafura Rare Earths Advances Nolans Execution While Sector Faces Pricing Pressures",
        "BRE Stock Gains Momentum Amid Rising Rare Earth Demand and Geopolitical Tailwinds",
    },
    "004": set(),
}


def seed(number: str) -> Document:
    path = next(SEEDS.glob(f"{number}_*.txt"))
    return load(path.name, str(path), path.read_bytes())


def kind_at(document: Document, offset: int) -> str | None:
    return next((b.kind for b in document.blocks if b.start <= offset < b.end), None)


@pytest.mark.parametrize("number", METADATA)
def test_metadata(number: str) -> None:
    document = seed(number)
    found = (document.title, document.publisher, document.published, document.published_text)
    assert found == METADATA[number]
    assert document.url is None


@pytest.mark.parametrize("number", METADATA)
def test_evidence_names_the_right_line(number: str) -> None:
    document = seed(number)
    lines = document.text.split("\n")
    values = {
        "title": document.title,
        "publisher": document.publisher,
        "published": document.published_text,
    }
    evidence = dict(document.evidence)
    assert evidence.pop("encoding") == "utf-8"
    evidence.pop("author", None)
    assert set(evidence) == {name for name, value in values.items() if value}
    for name, where in evidence.items():
        line = lines[int(where.removeprefix("line ").split(":")[0]) - 1]
        assert str(values[name]) in line


@pytest.mark.parametrize("number", FURNITURE)
def test_exactly_the_boilerplate_is_marked(number: str) -> None:
    document = seed(number)
    marked = set()
    offset = 0
    for at, line in enumerate(document.text.split("\n"), 1):
        begin = offset + len(line) - len(line.lstrip())
        if line.strip() and kind_at(document, begin) == "boilerplate":
            marked.add(at)
        offset += len(line) + 1
    blank = {n for n, line in enumerate(document.text.split("\n"), 1) if not line.strip()}
    assert marked == FURNITURE[number] - blank


@pytest.mark.parametrize("number", METADATA)
def test_every_unit_is_in_one_passage_and_no_boilerplate_is(number: str) -> None:
    document = seed(number)
    chunks = chunk(document)
    for block in document.blocks:
        for start, end in unit_spans(document.text, block, block.start, block.end):
            holders = [c for c in chunks if c.start < end and start < c.end]
            if block.kind in ("paragraph", "list", "table"):
                assert len(holders) == 1, document.text[start:end]
                assert holders[0].start <= start
                assert end <= holders[0].end
            else:
                assert holders == [], document.text[start:end]


@pytest.mark.parametrize("number", METADATA)
def test_every_line_of_content_is_in_a_passage(number: str) -> None:
    document = seed(number)
    covered = bytearray(len(document.text))
    for block in document.blocks:
        covered[block.start : block.end] = b"\1" * (block.end - block.start)
    left = {c for c, seen in zip(document.text, covered, strict=True) if not seen}
    # "**" around run-in headings, and white space.
    assert {c for c in left if not c.isspace()} <= {"*"}


@pytest.mark.parametrize("number", HEADINGS)
def test_headings(number: str) -> None:
    document = seed(number)
    found = {document.text[b.start : b.end] for b in document.blocks if b.kind == "heading"}
    assert found >= HEADINGS[number]
    titles = [b for b in document.blocks if b.kind == "title"]
    assert [document.text[b.start : b.end] for b in titles] == [METADATA[number][0]]


def test_passages_have_the_heading_above_them() -> None:
    document = seed("002")
    headings = [c.heading and document.text[slice(*c.heading)] for c in chunk(document)]
    assert headings == [
        None,
        "Key Provisions of the Rare Earths Agreement",
        "Strategic Implications for Global Rare Earths Supply Chains",
        "SuperMetalPrice Commentary:",
    ]


def test_the_table_without_columns_is_one_block_in_one_passage() -> None:
    document = seed("001")
    (table,) = [b for b in document.blocks if b.kind == "table"]
    rows = unit_spans(document.text, table, table.start, table.end)
    texts = [document.text[start:end] for start, end in rows]
    assert texts[0] == "Element Primary Uses Strategic Importance"
    assert texts[-1].startswith("Scandium Aerospace alloys")
    assert len(texts) == 7
    assert sum(c.start <= table.start and table.end <= c.end for c in chunk(document)) == 1


def test_lists_are_split_into_items_without_markers() -> None:
    document = seed("001")
    bullets, stages = (
        [document.text[s:e] for s, e in unit_spans(document.text, b, b.start, b.end)]
        for b in document.blocks
        if b.kind == "list"
    )
    assert len(bullets) == 6
    assert bullets[0].startswith("Joint financing mechanisms")
    assert [item.split(":")[0] for item in stages] == [
        "Upstream Mining",
        "Midstream Processing",
        "Downstream Manufacturing",
        "End-User Integration",
    ]
