"""What an index of very many passages needs, from what a passage costs on this machine.

    python -m benchmarks.sizing [--data DIR --split test] [--write]

Builds an index of ten thousand passages for the bytes of each part, takes the speed of embedding from
docs/benchmarks.json, and multiplies. --write puts both tables into docs/scale.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from math import ceil
from pathlib import Path
from typing import Final
from unittest.mock import patch

import rag
from benchmarks.measure import OURS
from benchmarks.report import SCALE, Record, put_into, table_of
from benchmarks.texts import Recombined, load_collection, texts_of
from benchmarks.whole import PARAGRAPHS, Mixer
from rag.models import load_embedder

SIZES: Final = {"10 million": 10**7, "1 billion": 10**9, "50 billion": 5 * 10**10}
_ARTICLES: Final = 1_000
_BASE: Final = 64
"""Passages whose vectors are mixed, so that few need be embedded."""
_CORES: Final = 2
"""Of the machine of docs/benchmarks.json."""
PARTS: Final = {
    "vectors, fp32": ("vectors.npy",),
    "postings, for BM25": ("posting-*.npy", "lengths.npy", "terms.txt"),
    "terms in order, for phrases": ("sequence.npy",),
    "text": ("texts.utf8",),
    "documents, offsets": ("*",),
}
"""The files of a generation by what they hold; a file belongs to the first that names it."""

# Bytes of a vector of 384 dimensions in Milvus's indexes, by their published layouts.
_HNSW: Final = 1_536 + 265
"""Vector and graph (M 16): FAISS's graph of 200,000 vectors was measured, see docs/evaluation.md."""
_RABITQ: Final = 384 // 8 + 8
"""A bit for each dimension, and two factors."""
_REFINE: Final = 384
"""SQ8: a byte for each dimension."""
_DISK_MEMORY: Final = 1_536 // 8
"""PQ codes at Milvus's default budget, an eighth of the vectors."""
_DISK: Final = 2_048
"""Vector and 56 neighbours; two of them share a sector of 4 KB."""
_SPARSE: Final = 8
"""An index and a weight for each different term of a passage."""
_NODE: Final = 100e9
"""Bytes that a query node of 128 GB has for an index."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a passage costs."""

    bytes: Mapping[str, float]
    """Of the local index, by part."""
    terms: float
    """Different terms of a passage."""
    embedded: float
    """Passages a second that a core embeds."""


def measured(folder: Path | None, split: str) -> Costs:
    """The costs of passages recombined from a collection."""
    texts = Recombined(texts_of(load_collection(folder, split)))
    embedder = load_embedder()
    mixer = Mixer(embedder.info, embedder.embed_documents(texts.passages(_BASE)))
    with tempfile.TemporaryDirectory() as name:
        corpus, index = Path(name, "articles"), Path(name, "index")
        texts.write_articles(corpus, _ARTICLES, PARAGRAPHS)
        with patch("rag.indexing.builder.load_embedder", lambda *_: mixer):
            report = rag.build(corpus, index)
        found = dict.fromkeys(PARTS, 0.0)
        for path in (index / report.generation).iterdir():
            found[_part(path.name)] += path.stat().st_size / report.chunks
        postings = (index / report.generation / "posting-counts.npy").stat().st_size
    [speed] = [r for r in Record.saved().sections["embed"].rows if r.what == "passages embedded"]
    return Costs(found, postings / 4 / report.chunks, speed.values[OURS] / _CORES)


def _part(file: str) -> str:
    return next(part for part, names in PARTS.items() if any(fnmatch(file, n) for n in names))


def unit_table(costs: Costs) -> str:
    """The costs of a passage."""
    lines = [[part, f"{each:,.0f} bytes"] for part, each in costs.bytes.items()]
    lines.append(["local index", f"{sum(costs.bytes.values()):,.0f} bytes"])
    lines.append(["embedding on one core", f"{1000 / costs.embedded:.1f} ms"])
    return table_of(["of a passage", "measured"], lines)


def size_table(costs: Costs) -> str:
    """What each size needs; bytes in decimal units."""
    bytes_of = costs.bytes
    sparse = _SPARSE * costs.terms
    rows = {
        "text and documents, disk": (bytes_of["text"] + bytes_of["documents, offsets"], _size),
        "vectors, fp32": (bytes_of["vectors, fp32"], _size),
        "local index, disk": (sum(bytes_of.values()), _size),
        "sparse vectors, `SPARSE_INVERTED_INDEX`": (sparse, _size),
        "`HNSW`, memory": (_HNSW, _size),
        "`IVF_RABITQ`, memory": (_RABITQ, _size),
        "`IVF_RABITQ` with SQ8 to refine, memory": (_RABITQ + _REFINE, _size),
        "`DISKANN`, memory": (_DISK_MEMORY, _size),
        "`DISKANN`, NVMe": (_DISK, _size),
        "query nodes for one replica, `HNSW` and sparse in memory": (_HNSW + sparse, _nodes),
        "the same, `IVF_RABITQ`, sparse half in memory": (_RABITQ + sparse / 2, _nodes),
        "the same, `DISKANN`, sparse half in memory": (_DISK_MEMORY + sparse / 2, _nodes),
        "core hours to embed": (1 / costs.embedded / 3600, "{:,.0f}".format),
        "cores to embed it in a week": (1 / costs.embedded / (7 * 86_400), _whole),
    }
    lines = [
        [what, *(shown(each * size) for size in SIZES.values())]
        for what, (each, shown) in rows.items()
    ]
    return table_of(["", *SIZES], lines)


def _size(size: float) -> str:
    """A number of bytes.

    >>> _size(15.4e9), _size(2.2e12), _size(768e12)
    ('15 GB', '2.2 TB', '768 TB')
    """
    value, unit = (size / 1e12, "TB") if size >= 1e12 else (size / 1e9, "GB")
    return f"{value:,.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"


def _nodes(size: float) -> str:
    return _whole(size / _NODE)


def _whole(number: float) -> str:
    return f"{ceil(number):,}"


def main() -> None:
    """Measure, print both tables, and perhaps put them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--split", default="test")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scale.md")
    options = parser.parse_args()
    costs = measured(options.data, options.split)
    tables = {"units": unit_table(costs), "sizes": size_table(costs)}
    for name, text in tables.items():
        print(text)
        if options.write:
            put_into(SCALE, name, text)


if __name__ == "__main__":
    main()
