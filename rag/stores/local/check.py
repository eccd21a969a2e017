"""Integrity: every byte against its hash, and then every number against what it stands for.

Hashes find what happened to the files after they were written. Where they agree, the contents are held
against each other too, slowly and plainly, without the code that reads them when a question is asked:
so a fault of that code, or of the build, does not hide itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.errors import IndexCorrupt, IndexMismatch, IndexNotFound
from rag.records import Chunk, Damage, Document, Inspection
from rag.stores.local import layout
from rag.stores.local.cache import check_cache
from rag.stores.local.disk import hash_file, map_array
from rag.stores.local.documents import BLOCK_COLUMNS, Documents, Lines, StoredDocument, blocks_of
from rag.stores.local.manifest import (
    CURRENT,
    MANIFEST,
    Manifest,
    generations,
    newest_manifest,
    read_current,
    read_manifest,
)
from rag.stores.local.opening import altered

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import FloatArray

LENGTH_TOLERANCE: Final = 1e-3
"""By how much a vector's length may differ from 1: bf16 has three decimal digits."""

_BLOCK: Final = 16_384  # vectors looked at at once


def inspect(index: Path) -> Inspection:
    """Look at every byte of an index; a lost ``CURRENT`` is damage if there are generations.

    Raises IndexNotFound where there is no index, IndexMismatch for one of another format.
    """
    found = tuple(_all_damages(index))
    manifest = salvaged_manifest(index)
    files = manifest.files.values() if manifest else ()
    return Inspection(
        damages=found,
        facts=manifest.facts(index) if manifest else None,
        files=len(files),
        bytes=sum(record.size for record in files),
    )


def salvaged_manifest(index: Path) -> Manifest | None:
    """The manifest that says how an index was made, even if ``CURRENT`` is damaged; None without one."""
    try:
        return read_manifest(index)
    except (IndexCorrupt, IndexMismatch, IndexNotFound):
        return newest_manifest(index) if index.is_dir() else None


def intact_passages(index: Path) -> Iterator[tuple[Document, Chunk, FloatArray]]:
    """Every passage of an index with its document and vector, though other files may be damaged.

    None where nothing says how the index was made. Raises IndexCorrupt if any file that these come from
    is not as it was written.
    """
    manifest = salvaged_manifest(index)
    if manifest is None:
        return
    folder = index / manifest.generation
    for name in (layout.DOCUMENTS, layout.TEXTS, layout.CHUNKS, layout.VECTORS):
        try:
            whole = hash_file(folder / name) == manifest.files[name]
        except (OSError, KeyError):
            whole = False
        if not whole:
            raise altered(folder / name)
    texts = (folder / layout.TEXTS).read_bytes()
    rows = map_array(folder / layout.CHUNKS, np.int64, (-1, len(layout.CHUNK_COLUMNS)))
    vectors = map_array(
        folder / layout.VECTORS, np.float32, (-1, manifest.recipe.embedder.dimension)
    )
    for stored in Documents(Lines((folder / layout.DOCUMENTS).read_bytes()), ""):
        document = replace(stored.document, text=texts[slice(*stored.text)].decode())
        for number in range(*stored.chunks):
            yield (
                document,
                layout.chunk_of(document.doc_id, *rows[number, 1:].tolist()),
                vectors[number],
            )


def _all_damages(index: Path) -> list[Damage]:
    while True:
        before = _pointer(index)
        try:
            found = list(damages(index))
        except IndexNotFound:
            if not index.is_dir() or not generations(index):
                raise
            found = [Damage(CURRENT, "is gone")]
        # What a build has replaced meanwhile may be gone without being damaged.
        if not found or _pointer(index) == before:
            return found


def _pointer(index: Path) -> bytes:
    try:
        return (index / CURRENT).read_bytes()
    except OSError:
        return b""


def damages(index: Path) -> Iterator[Damage]:
    """Everything that is wrong with the current generation and the embedding cache.

    Raises IndexNotFound where there is no index, IndexMismatch for one of another format.
    """
    try:
        generation, _ = read_current(index)
    except IndexCorrupt as error:
        yield _told(error, CURRENT)
        return
    try:
        manifest = read_manifest(index)
    except IndexCorrupt as error:
        yield _told(error, f"{generation}/{MANIFEST}")
        return
    altered = list(_altered(index, manifest))
    yield from altered
    yield from check_cache(index, manifest.embeddings)
    if not altered:
        for name, what in _contradictions(index / generation, manifest):
            yield Damage(f"{generation}/{name}", what)


def _told(error: IndexCorrupt, path: str) -> Damage:
    return Damage(path, error.message.partition(": ")[2] or error.message)


def _altered(index: Path, manifest: Manifest) -> Iterator[Damage]:
    """The files that are not the bytes that were written."""
    for name, record in manifest.files.items():
        path = index / manifest.generation / name
        shown = f"{manifest.generation}/{name}"
        try:
            found = hash_file(path)
        except OSError as error:
            yield Damage(shown, error.strerror or str(error))
            continue
        if found.size != record.size:
            yield Damage(shown, f"{found.size} bytes, should be {record.size}")
        elif found.sha256 != record.sha256:
            yield Damage(shown, "altered since it was written")


def _contradictions(folder: Path, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Where contents that are as they were written cannot be right: file and what."""
    try:
        documents = list(Documents(Lines((folder / layout.DOCUMENTS).read_bytes()), ""))
        chunks = map_array(folder / layout.CHUNKS, np.int64, (-1, len(layout.CHUNK_COLUMNS)))
        yield from _documents(folder, documents, chunks, manifest)
        yield from _vectors(folder, manifest)
        yield from _postings(folder, manifest)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        yield "", f"cannot be read ({error})"


def _documents(
    folder: Path,
    documents: list[StoredDocument],
    chunks: npt.NDArray[np.int64],
    manifest: Manifest,
) -> Iterator[tuple[str, str]]:
    """Every document's text, blocks and passages lie where they should."""
    ids = [stored.document.doc_id for stored in documents]
    if len(ids) != manifest.documents or ids != sorted(set(ids)):
        yield layout.DOCUMENTS, "the documents are not all there, once each and in order"
    if len(chunks) != manifest.chunks:
        yield layout.CHUNKS, f"{len(chunks)} rows for {manifest.chunks} passages"
        return
    texts = (folder / layout.TEXTS).read_bytes()
    blocks = map_array(folder / layout.BLOCKS, np.int32, (-1, len(BLOCK_COLUMNS)))
    at = (0, 0, 0)
    for number, stored in enumerate(documents):
        name = stored.document.doc_id
        if (stored.text[0], stored.blocks[0], stored.chunks[0]) != at:
            yield layout.DOCUMENTS, f"{name}: does not begin where the one before it ends"
        at = (stored.text[1], stored.blocks[1], stored.chunks[1])
        length = len(texts[slice(*stored.text)].decode())
        try:
            spans = blocks_of(blocks[slice(*stored.blocks)], length)
        except ValueError as error:
            yield layout.BLOCKS, f"{name}: {error}"
            continue
        bounds = [bound for block in spans for bound in (block.start, block.end)]
        if bounds != sorted(bounds):
            yield layout.BLOCKS, f"{name}: blocks out of order"
        own = chunks[slice(*stored.chunks)]
        within = (own[:, 1] >= 0) & (own[:, 1] < own[:, 2]) & (own[:, 2] <= length)
        headed = (own[:, 3] >= 0) & (own[:, 3] < own[:, 4]) & (own[:, 4] <= length)
        bare = (own[:, 3:] == -1).all(axis=1)
        if not ((own[:, 0] == number) & within & (headed | bare)).all():
            yield layout.CHUNKS, f"{name}: passages outside its text"
    if at != (len(texts), len(blocks), len(chunks)):
        yield layout.DOCUMENTS, "the documents do not cover all texts, blocks and passages"


def _vectors(folder: Path, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Every vector has length 1, and the signs that are kept of it."""
    count, dimension = manifest.chunks, manifest.recipe.embedder.dimension
    vectors = map_array(folder / layout.VECTORS, np.float32, (count, dimension))
    signs = None
    if manifest.first_pass is not None:
        signs = map_array(folder / layout.SIGNS, np.uint8, (count, -(-dimension // 8)))
    bad = unlike = 0
    for begin in range(0, count, _BLOCK):
        block = vectors[begin : begin + _BLOCK].astype(np.float64)
        lengths = np.sqrt((block * block).sum(axis=1))
        bad += int(
            (~(np.abs(lengths - 1) <= LENGTH_TOLERANCE)).sum()
        )  # what is no number is bad too
        if signs is not None:
            same = signs[begin : begin + _BLOCK] == np.packbits(block > 0, axis=1)
            unlike += int((~same.all(axis=1)).sum())
    if bad:
        yield layout.VECTORS, f"{bad} vectors are not of length 1"
    if unlike:
        yield layout.SIGNS, f"{unlike} are not the signs of their vectors"


def _postings(folder: Path, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Every term stands in order, held by passages that there are, in order, and as often as these say."""
    terms = [line.decode() for line in (folder / layout.TERMS).read_bytes().splitlines()]
    offsets = map_array(folder / layout.POSTING_OFFSETS, np.int64, (-1,))
    chunks = map_array(folder / layout.POSTING_CHUNKS, np.int32, (-1,))
    counts = map_array(folder / layout.POSTING_COUNTS, np.int32, (-1,))
    lengths = map_array(folder / layout.LENGTHS, np.int32, (-1,))
    if terms != sorted(set(terms)):
        yield layout.TERMS, "the terms are not in order, once each"
    holding = np.diff(offsets)
    if len(offsets) != len(terms) + 1 or offsets[0] or (holding < 1).any():
        yield layout.POSTING_OFFSETS, "a term without passages, or offsets out of order"
        return
    if offsets[-1] != len(chunks) or chunks.shape != counts.shape:
        yield layout.POSTING_OFFSETS, "the terms do not cover all postings"
        return
    if len(lengths) != manifest.chunks:
        yield layout.LENGTHS, f"{len(lengths)} lengths for {manifest.chunks} passages"
        return
    term_of = np.repeat(np.arange(len(terms)), holding)
    same = term_of[1:] == term_of[:-1]
    ascending = chunks[1:] > chunks[:-1]
    if ((chunks < 0) | (chunks >= manifest.chunks)).any() or (same & ~ascending).any():
        yield layout.POSTING_CHUNKS, "passages that there are not, or out of order"
        return
    if (np.bincount(chunks, counts, manifest.chunks) != lengths).any() or (counts < 1).any():
        yield layout.POSTING_COUNTS, "the terms of a passage do not add up to its length"
        return
    sequence = map_array(folder / layout.SEQUENCE, np.int32, (int(lengths.sum(dtype=np.int64)),))
    passage_of = np.repeat(np.arange(manifest.chunks), lengths)
    found, often = np.unique(sequence.astype(np.int64) << 32 | passage_of, return_counts=True)
    if not np.array_equal(found, term_of << 32 | chunks) or not np.array_equal(often, counts):
        yield layout.SEQUENCE, "not the terms that the postings say"
