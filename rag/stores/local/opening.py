"""Opening a generation: what its files must be before anything is read from them."""

from __future__ import annotations

import hashlib
import mmap
from pathlib import Path

import numpy as np

from rag.errors import IndexCorrupt
from rag.stores.advice import mend
from rag.stores.local import layout
from rag.stores.local.disk import hash_file, map_array
from rag.stores.local.documents import Lines, TextLines
from rag.stores.local.manifest import Manifest
from rag.stores.local.postings import Postings


def verify(index: Path, manifest: Manifest) -> None:
    """Hash every file of an open generation, before anything of it is carried over.

    Raises IndexCorrupt for the first whose content is not what the manifest says.
    """
    folder = index / manifest.generation
    for name, record in manifest.files.items():
        if hash_file(folder / name) != record:
            raise altered(folder / name)


def altered(path: Path) -> IndexCorrupt:
    """The error about a file of a generation that is not as it was written."""
    return IndexCorrupt(f"{path}: altered since it was written", fix=mend(path.parent.parent))


def checked_lines(folder: Path, manifest: Manifest, name: str) -> Lines:
    """The lines of a file whose hash is the manifest's."""
    path = folder / name
    data = map_bytes(path)
    if hashlib.sha256(data).hexdigest() != manifest.files[name].sha256:
        raise altered(path)
    return Lines(data)


def map_bytes(path: Path) -> mmap.mmap | bytes:
    """A file's bytes, memory-mapped."""
    with path.open("rb") as file:
        if path.stat().st_size == 0:  # an empty file cannot be mapped
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def open_postings(folder: Path, manifest: Manifest) -> Postings:
    """The postings of a generation, memory-mapped, if their parts fit each other."""
    offsets = map_array(folder / layout.POSTING_OFFSETS, np.int64, (manifest.terms + 1,))
    chunks = map_array(folder / layout.POSTING_CHUNKS, np.int32, (-1,))
    holding = np.diff(offsets)
    # Every term is held by some passage, and by no more than there are.
    if (
        offsets[0]
        or offsets[-1] != len(chunks)
        or not ((holding > 0) & (holding <= manifest.chunks)).all()
    ):
        raise altered(folder / layout.POSTING_OFFSETS)
    lengths = map_array(folder / layout.LENGTHS, np.int32, (manifest.chunks,))
    sequence = map_array(folder / layout.SEQUENCE, np.int32, (-1,))
    # A passage's terms are found by the lengths of those before it.
    if lengths.min(initial=0) < 0 or lengths.sum(dtype=np.int64) != len(sequence):
        raise altered(folder / layout.LENGTHS)
    return Postings(
        terms=TextLines(checked_lines(folder, manifest, layout.TERMS)),
        offsets=offsets,
        chunks=chunks,
        counts=map_array(folder / layout.POSTING_COUNTS, np.int32, chunks.shape),
        lengths=lengths,
        sequence=sequence,
    )
