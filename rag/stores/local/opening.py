"""Opens the files of a generation, with the checks that come before reading."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from rag.errors import IndexCorrupt
from rag.stores.advice import mend
from rag.stores.local import layout
from rag.stores.local.disk import hash_file, map_array, map_bytes
from rag.stores.local.documents import Lines, TextLines
from rag.stores.local.index import LocalIndex
from rag.stores.local.manifest import Manifest
from rag.stores.local.postings import Postings


def verify(index: Path, manifest: Manifest) -> None:
    """Check the hash of every file of a generation, before a build carries anything over.

    Raises IndexCorrupt at the first file that differs from the manifest.
    """
    folder = index / manifest.generation
    for name, record in manifest.files.items():
        if hash_file(folder / name) != record:
            raise alteration_error(folder / name)


def alteration_error(path: Path) -> IndexCorrupt:
    """The error for a file of a generation that was altered."""
    return IndexCorrupt(
        f"{path}: altered since it was written", fix=mend(LocalIndex(path.parent.parent))
    )


def read_lines(folder: Path, manifest: Manifest, name: str) -> Lines:
    """The lines of a file. Raises IndexCorrupt if its hash is not the one in the manifest."""
    path = folder / name
    data = map_bytes(path)
    if hashlib.sha256(data).hexdigest() != manifest.files[name].sha256:
        raise alteration_error(path)
    return Lines(data)


def open_postings(folder: Path, manifest: Manifest) -> Postings:
    """The postings of a generation, memory-mapped. Raises IndexCorrupt if the files do not match."""
    offsets = map_array(folder / layout.POSTING_OFFSETS, np.int64, (manifest.terms + 1,))
    chunks = map_array(folder / layout.POSTING_CHUNKS, np.int32, (-1,))
    frequencies = np.diff(offsets)
    if (
        offsets[0]
        or offsets[-1] != len(chunks)
        or not ((frequencies > 0) & (frequencies <= manifest.chunks)).all()
    ):
        raise alteration_error(folder / layout.POSTING_OFFSETS)
    lengths = map_array(folder / layout.LENGTHS, np.int32, (manifest.chunks,))
    sequence = map_array(folder / layout.SEQUENCE, np.int32, (-1,))
    if lengths.min(initial=0) < 0 or lengths.sum(dtype=np.int64) != len(sequence):
        raise alteration_error(folder / layout.LENGTHS)
    return Postings(
        terms=TextLines(read_lines(folder, manifest, layout.TERMS)),
        offsets=offsets,
        chunks=chunks,
        counts=map_array(folder / layout.POSTING_COUNTS, np.int32, chunks.shape),
        lengths=lengths,
        sequence=sequence,
    )
