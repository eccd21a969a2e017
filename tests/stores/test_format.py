"""The format on disk is the one in index/README.md, byte for byte.

``golden/`` is an index in this format. If you must change the format, change FORMAT in
``rag/stores/local/manifest.py``, write the golden index again with
``python -m tests.stores.test_format``, and read the diff.
"""

import json
import re
import shutil
import struct
import tempfile
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

import rag
from rag import stores
from rag.corpus.roots import corpus_of
from rag.records import (
    Block,
    Document,
    EmbedderInfo,
    IndexedDocument,
    Recipe,
    SourceCopy,
    SourceRecord,
)
from rag.stores.analyzer import ANALYZER_ID, document_terms
from rag.stores.local.layout import chunk_of
from rag.stores.local.manifest import FORMAT, CorpusFolder

WRITER = "rag.stores.local.writer"
FOLDER = CorpusFolder("articles", "/articles", "../articles", "")
GOLDEN = Path(__file__).parent / "golden"
SPECIFICATION = Path(__file__).parents[2] / "index" / "README.md"
FINGERPRINT = "0123456789abcdef" * 4

TEXTS = {
    "a.txt": "Araxá mill\n\nIt made oxide.\n",
    "b/c.txt": "Mills\n\nTwo mills. 👩 Mill mill.\n\nMore oxide\n",
}
# Number of the document, start and end of the passage, start and end of its heading.
CHUNKS = [(0, 12, 26, -1, -1), (1, 7, 30, -1, -1), (1, 32, 42, 0, 5)]
VECTORS = [(0.6, 0.8, 0.0, 0.0), (0.0, 0.0, -1.0, 0.0), (0.5, -0.5, 0.5, -0.5)]


def write_golden(index):
    """Write the golden index with the product's own writer, from handmade records."""
    embedder = EmbedderInfo("tiny", "0" * 64, 4, 256, "mean", "", "")
    texts = list(TEXTS.values())
    passages = [texts[d][start:end] for d, start, end, _, _ in CHUNKS]
    with (
        stores.index_at(index).writer() as writer,
        patch(f"{WRITER}.fingerprint", lambda _: FINGERPRINT),
    ):
        writer.begin(None)
        writer.cache(embedder).append(passages, np.array(VECTORS, np.float32))
        for n, (doc_id, text) in enumerate(TEXTS.items()):
            own = [place for place, chunk in enumerate(CHUNKS) if chunk[0] == n]
            writer.put(
                IndexedDocument(
                    document(n, doc_id, text),
                    SourceRecord(
                        f"{n}" * 64,
                        100 + n,
                        1_700_000_000_000_000_000 + n,
                        "" if n else "fix",
                        copies=(SourceCopy("d.txt", 1_700_000_000_000_000_002),) * n,
                    ),
                    [chunk_of(doc_id, *CHUNKS[place][1:]) for place in own],
                    [document_terms([passages[place]], "en") for place in own],
                    np.array([VECTORS[place] for place in own], np.float32),
                )
            )
        with patch(f"{WRITER}.CorpusFolder.locate", lambda *_: FOLDER):
            writer.commit(
                corpus_of([Path("articles")]), Recipe(embedder, ANALYZER_ID, "blocks-2", 900)
            )


def document(n, doc_id, text):
    return Document(
        doc_id=doc_id,
        path="",
        text=text,
        title=text.split("\n", 1)[0],
        publisher=None if n else "Mill Gazette",
        published=None if n else "2024-05-03",
        url=None,
        blocks=(Block(0, 5 + 5 * (1 - n), "title"), Block(*CHUNKS[n][1:3], "paragraph")),
        published_text="May" if n else None,
        evidence={"title": "first line"},
        author="Ada Voss" if n else None,
        updated="2024-05-04" if n else None,
        notes=("only the part before the paywall",) if n else (),
    )


def files(index):
    return {
        path.relative_to(index).as_posix(): path.read_bytes()
        for path in sorted(index.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def test_a_build_writes_the_golden_index_byte_for_byte(tmp_path):
    write_golden(tmp_path)
    written, golden = files(tmp_path), files(GOLDEN)
    assert written.keys() == golden.keys()
    for name in golden.keys() - {"CURRENT", "gen-000001/manifest.json"}:
        assert written[name] == golden[name], name
    # The manifest says when it was made, and CURRENT holds its hash.
    ours, theirs = (json.loads(f["gen-000001/manifest.json"]) for f in (written, golden))
    assert ours | {"created": ""} == theirs | {"created": ""}
    assert theirs["format"] == FORMAT
    assert re.fullmatch(rb"gen-000001 [0-9a-f]{64}\n", written["CURRENT"])


def test_the_golden_index_is_intact_and_has_the_right_contents():
    assert rag.check(GOLDEN).ok
    store = stores.open_store(GOLDEN)
    assert [store.document(doc_id).text for doc_id in TEXTS] == list(TEXTS.values())
    assert [d.doc_id for d in store.documents()] == list(TEXTS)
    assert store.document("a.txt").blocks[0] == Block(0, 10, "title")
    chunks = [chunk for doc_id in TEXTS for chunk in store.chunks_of(doc_id)]
    assert [(c.doc_id, c.start, c.end, c.heading) for c in chunks] == [
        ("a.txt", 12, 26, None),
        ("b/c.txt", 7, 30, None),
        ("b/c.txt", 32, 42, (0, 5)),
    ]
    assert np.allclose(store.vectors(chunk.chunk_id for chunk in chunks), VECTORS)


def test_postings_and_terms_are_as_specified():
    """Reads the files by the specification alone."""
    own = {path.name: path.read_bytes()[128:] for path in (GOLDEN / "gen-000001").glob("*.npy")}
    terms = (GOLDEN / "gen-000001" / "terms.txt").read_text(encoding="utf-8").splitlines()

    def numbers(name, code):
        return [n for (n,) in struct.iter_unpack(f"<{code}", own[name])]

    offsets = numbers("posting-offsets.npy", "q")
    chunks, counts = numbers("posting-chunks.npy", "i"), numbers("posting-counts.npy", "i")
    found = {
        term: list(zip(chunks[a:b], counts[a:b], strict=True))
        for term, a, b in zip(terms, offsets, offsets[1:], strict=False)
    }
    assert found == {
        "made": [(0, 1)],
        "mill": [(1, 3)],
        "oxid": [(0, 1), (2, 1)],
        "two": [(1, 1)],
    }
    lengths = numbers("lengths.npy", "i")
    assert lengths == [2, 4, 1]
    in_order = [terms[n] for n in numbers("sequence.npy", "i")]
    assert in_order == ["made", "oxid", "two", "mill", "mill", "mill", "oxid"]


@pytest.mark.parametrize("path", sorted(files(GOLDEN)), ids=str)
def test_the_specification_names_every_file(path):
    assert Path(path).name in SPECIFICATION.read_text(encoding="utf-8") or path.startswith(
        "embeddings/"
    )


@pytest.mark.parametrize("other", [FORMAT - 1, FORMAT + 1])
def test_older_and_newer_formats_are_refused_with_advice(tmp_path, other):
    from rag.stores.local.disk import hash_file

    index = Path(shutil.copytree(GOLDEN, tmp_path / "index"))
    manifest = index / "gen-000001" / "manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"format": {FORMAT}', f'"format": {other}'))
    (index / "CURRENT").write_text(f"gen-000001 {hash_file(manifest).sha256}\n")
    for attempt in (rag.Retriever.open, rag.check):
        with pytest.raises(rag.IndexMismatch, match=f"format {other}") as caught:
            attempt(index)
        assert "--full" in caught.value.fix


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        write_golden(Path(name))
        shutil.rmtree(GOLDEN, ignore_errors=True)
        shutil.copytree(name, GOLDEN, ignore=shutil.ignore_patterns("*.lock"))
