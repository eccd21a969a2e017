"""Files with the same bytes: one of them is read, the others are recorded as its copies."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rag.corpus.scan import SourceFile, places, read_source
from rag.errors import UnreadableFile
from rag.formats.base import ending_of
from rag.records import SourceCopy


@dataclass(frozen=True, slots=True)
class Distinct:
    """The files of a corpus without copies, in order of id, and the copies of each."""

    files: tuple[SourceFile, ...]
    copies: Mapping[str, tuple[SourceCopy, ...]]
    """By the id of the file that is read: the first id among the files with the same bytes."""

    def of(self, file: str) -> tuple[SourceCopy, ...]:
        """The copies of a file."""
        return self.copies.get(file, ())


def distinct(files: Sequence[SourceFile], corrected: Collection[str]) -> Distinct:
    """Find the files with equal bytes and endings; only files of one size are read.

    ``corrected`` are the ids that the sidecars name. A file that one of them names, or that holds a
    document that one of them names, stays by itself: its metadata may differ.
    """
    named = {place for doc_id in corrected for place in places(doc_id)}
    sizes: defaultdict[tuple[int, str], list[SourceFile]] = defaultdict(list)
    for file in files:
        if file.size and file.doc_id not in named:
            sizes[file.size, ending_of(file.path.name)].append(file)
    copies: dict[str, tuple[SourceCopy, ...]] = {}
    for own in sizes.values():
        if len(own) > 1:
            copies |= _copies(own)
    gone = {copy.doc_id for each in copies.values() for copy in each}
    return Distinct(tuple(file for file in files if file.doc_id not in gone), copies)


def _copies(files: Sequence[SourceFile]) -> dict[str, tuple[SourceCopy, ...]]:
    """The copies among files of one size."""
    same: defaultdict[bytes, list[SourceFile]] = defaultdict(list)
    for file in files:
        try:
            same[hashlib.sha256(read_source(file)).digest()].append(file)
        except UnreadableFile:
            continue  # when it is to be indexed, it is tried again, and the reason told
    return {
        first.doc_id: tuple(SourceCopy(file.doc_id, file.mtime_ns) for file in others)
        for first, *others in same.values()
        if others
    }
