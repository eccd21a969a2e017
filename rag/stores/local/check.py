"""Integrity checks: every byte against its hash, then every number against the others.

Hashes find what happened to the files after they were written. If they agree, the contents are compared
too, by slow and simple code that shares nothing with search: so a bug in search or in the build cannot
hide itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.errors import IndexCorrupt, IndexMismatch, IndexNotFound
from rag.files import read_file
from rag.records import Chunk, Damage, Document, Inspection
from rag.stores.local import layout
from rag.stores.local.cache import check_cache
from rag.stores.local.disk import hash_file, map_array
from rag.stores.local.documents import (
    BLOCK_COLUMNS,
    Documents,
    Lines,
    StoredDocument,
    blocks_of,
    read_skipped,
)
from rag.stores.local.manifest import (
    CURRENT,
    MANIFEST,
    Manifest,
    generations,
    newest_manifest,
    read_current,
    read_manifest,
)
from rag.stores.local.opening import alteration_error

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import FloatArray

LENGTH_TOLERANCE: Final = 1e-3
"""How far a vector's length may be from 1: bf16 has three decimal digits."""

_BLOCK: Final = 16_384  # vectors to check at once


def inspect(index: Path) -> Inspection:
    """Check every byte of an index. A missing ``CURRENT`` is damage if there are generations.

    Raises IndexNotFound if there is no index, IndexMismatch for another format.
    """
    damages = tuple(_all_damage(index))
    manifest = salvaged_manifest(index)
    files = manifest.files.values() if manifest else ()
    return Inspection(
        damages=damages,
        facts=manifest.facts(index) if manifest else None,
        files=len(files),
        bytes=sum(record.size for record in files),
    )


def salvaged_manifest(index: Path) -> Manifest | None:
    """The best manifest that can be read, even if ``CURRENT`` is damaged; None if there is none."""
    try:
        return read_manifest(index)
    except (IndexCorrupt, IndexMismatch, IndexNotFound):
        return newest_manifest(index) if index.is_dir() else None


def intact_passages(index: Path) -> Iterator[tuple[Document, Chunk, FloatArray]]:
    """Every passage of an index with its document and vector, even if other files are damaged.

    Yields nothing if no manifest can be read. Raises IndexCorrupt if a file that these come from was
    altered.
    """
    manifest = salvaged_manifest(index)
    if manifest is None:
        return
    folder = index / manifest.generation
    for name in (layout.DOCUMENTS, layout.TEXTS, layout.CHUNKS, layout.VECTORS):
        try:
            intact = hash_file(folder / name) == manifest.files[name]
        except (OSError, KeyError):
            intact = False
        if not intact:
            raise alteration_error(folder / name)
    try:
        yield from _passages(folder, manifest)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise alteration_error(folder / layout.DOCUMENTS) from error


def _passages(folder: Path, manifest: Manifest) -> Iterator[tuple[Document, Chunk, FloatArray]]:
    texts = read_file(folder / layout.TEXTS)
    rows = map_array(folder / layout.CHUNKS, np.int64, (-1, len(layout.CHUNK_COLUMNS)))
    vectors = map_array(
        folder / layout.VECTORS, np.float32, (-1, manifest.recipe.embedder.dimension)
    )
    for stored in Documents(Lines(read_file(folder / layout.DOCUMENTS)), str):
        document = replace(stored.document, text=texts[slice(*stored.text)].decode())
        for number in range(*stored.chunks):
            yield (
                document,
                layout.chunk_of(document.doc_id, *rows[number, 1:].tolist()),
                vectors[number],
            )


def _all_damage(index: Path) -> list[Damage]:
    while True:
        before = _current_line(index)
        try:
            damages = list(_damage(index))
        except IndexNotFound:
            if not index.is_dir() or not generations(index):
                raise
            damages = [Damage(CURRENT, "is missing")]
        # If a build has replaced the generation in the meantime, missing files are not damage.
        if not damages or _current_line(index) == before:
            return damages


def _current_line(index: Path) -> bytes:
    try:
        return read_file(index / CURRENT, 4096)
    except OSError:
        return b""


def _damage(index: Path) -> Iterator[Damage]:
    """The damage to the current generation and the embedding cache."""
    try:
        generation, _ = read_current(index)
    except IndexCorrupt as error:
        yield _as_damage(error, CURRENT)
        return
    try:
        manifest = read_manifest(index)
    except IndexCorrupt as error:
        yield _as_damage(error, f"{generation}/{MANIFEST}")
        return
    alterations = list(_alterations(index, manifest))
    yield from alterations
    yield from check_cache(index, manifest.embeddings)
    if not alterations:
        for name, problem in _contradictions(index / generation, manifest):
            yield Damage(f"{generation}/{name}", problem)


def _as_damage(error: IndexCorrupt, path: str) -> Damage:
    return Damage(path, error.message.partition(": ")[2] or error.message)


def _alterations(index: Path, manifest: Manifest) -> Iterator[Damage]:
    """The files whose bytes differ from those that were written."""
    for name, record in manifest.files.items():
        path = index / manifest.generation / name
        shown = f"{manifest.generation}/{name}"
        try:
            now = hash_file(path)
        except OSError as error:
            yield Damage(shown, error.strerror or str(error))
            continue
        if now.size != record.size:
            yield Damage(shown, f"{now.size} bytes, should be {record.size}")
        elif now.sha256 != record.sha256:
            yield Damage(shown, "altered since it was written")


def _contradictions(folder: Path, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """The problems in contents that are as they were written: file and message."""
    try:
        documents = list(Documents(Lines(read_file(folder / layout.DOCUMENTS)), str))
        chunks = map_array(folder / layout.CHUNKS, np.int64, (-1, len(layout.CHUNK_COLUMNS)))
        yield from _documents(folder, documents, chunks, manifest)
        yield from _skipped(folder)
        yield from _vectors(folder, manifest)
        yield from _postings(folder, manifest)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        yield "", f"cannot be read ({error})"


def _documents(
    folder: Path,
    documents: list[StoredDocument],
    chunks: npt.NDArray[np.int64],
    manifest: Manifest,
) -> Iterator[tuple[str, str]]:
    """Check that the text, blocks and passages of every document lie where they should."""
    ids = [stored.document.doc_id for stored in documents]
    if len(ids) != manifest.documents or ids != sorted(set(ids)):
        yield layout.DOCUMENTS, "documents are missing, repeated or out of order"
    if len(chunks) != manifest.chunks:
        yield layout.CHUNKS, f"{len(chunks)} rows for {manifest.chunks} passages"
        return
    labels = {root.label for root in manifest.corpus}
    if "" not in labels and not labels.issuperset(doc_id.partition("/")[0] for doc_id in ids):
        yield layout.DOCUMENTS, "a document belongs to no folder of the corpus"
    texts = read_file(folder / layout.TEXTS)
    blocks = map_array(folder / layout.BLOCKS, np.int32, (-1, len(BLOCK_COLUMNS)))
    at = (0, 0, 0)
    for number, stored in enumerate(documents):
        name = stored.document.doc_id
        if (stored.text[0], stored.blocks[0], stored.chunks[0]) != at:
            yield layout.DOCUMENTS, f"{name}: does not begin where the document before it ends"
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


def _skipped(folder: Path) -> Iterator[tuple[str, str]]:
    """Check that the records of what was not read are in the order of their paths."""
    paths = [each.path for each in read_skipped(read_file(folder / layout.SKIPPED))]
    if paths != sorted(paths):
        yield layout.SKIPPED, "what was not read is out of order"


def _vectors(folder: Path, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Check that every vector has length 1, and that its binary code belongs to it."""
    count, dimension = manifest.chunks, manifest.recipe.embedder.dimension
    vectors = map_array(folder / layout.VECTORS, np.float32, (count, dimension))
    codes = None
    if manifest.first_pass is not None:
        codes = map_array(folder / layout.SIGNS, np.uint8, (count, -(-dimension // 8)))
    bad_vectors = bad_codes = 0
    for begin in range(0, count, _BLOCK):
        block = vectors[begin : begin + _BLOCK].astype(np.float64)
        lengths = np.sqrt((block * block).sum(axis=1))
        right = np.abs(lengths - 1) <= LENGTH_TOLERANCE  # False for NaN
        bad_vectors += int((~right).sum())
        if codes is not None:
            same = codes[begin : begin + _BLOCK] == np.packbits(block > 0, axis=1)
            bad_codes += int((~same.all(axis=1)).sum())
    if bad_vectors:
        yield layout.VECTORS, f"{bad_vectors} vectors do not have length 1"
    if bad_codes:
        yield layout.SIGNS, f"{bad_codes} binary codes do not belong to their vectors"


def _postings(folder: Path, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Check that terms and passages are in order, and that counts, lengths and sequence agree."""
    terms = [line.decode() for line in read_file(folder / layout.TERMS).splitlines()]
    offsets = map_array(folder / layout.POSTING_OFFSETS, np.int64, (-1,))
    chunks = map_array(folder / layout.POSTING_CHUNKS, np.int32, (-1,))
    counts = map_array(folder / layout.POSTING_COUNTS, np.int32, (-1,))
    lengths = map_array(folder / layout.LENGTHS, np.int32, (-1,))
    if terms != sorted(set(terms)):
        yield layout.TERMS, "terms are repeated or out of order"
    frequencies = np.diff(offsets)
    if len(offsets) != len(terms) + 1 or offsets[0] or (frequencies < 1).any():
        yield layout.POSTING_OFFSETS, "a term has no passages, or offsets are out of order"
        return
    if offsets[-1] != len(chunks) or chunks.shape != counts.shape:
        yield layout.POSTING_OFFSETS, "the terms do not cover all postings"
        return
    if len(lengths) != manifest.chunks:
        yield layout.LENGTHS, f"{len(lengths)} lengths for {manifest.chunks} passages"
        return
    term_of = np.repeat(np.arange(len(terms)), frequencies)
    same = term_of[1:] == term_of[:-1]
    ascending = chunks[1:] > chunks[:-1]
    if ((chunks < 0) | (chunks >= manifest.chunks)).any() or (same & ~ascending).any():
        yield layout.POSTING_CHUNKS, "passages do not exist or are out of order"
        return
    if (np.bincount(chunks, counts, manifest.chunks) != lengths).any() or (counts < 1).any():
        yield layout.POSTING_COUNTS, "the term counts of a passage do not add up to its length"
        return
    sequence = map_array(folder / layout.SEQUENCE, np.int32, (int(lengths.sum(dtype=np.int64)),))
    sequence = np.where(sequence < 0, ~sequence, sequence)  # where a part of a passage begins
    passage_of = np.repeat(np.arange(manifest.chunks), lengths)
    keys, often = np.unique(sequence.astype(np.int64) << 32 | passage_of, return_counts=True)
    if not np.array_equal(keys, term_of << 32 | chunks) or not np.array_equal(often, counts):
        yield layout.SEQUENCE, "the terms differ from those of the postings"
