"""The differences between a corpus and its index, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass

from rag.corpus.load import load
from rag.corpus.scan import Scan, is_below, read_source
from rag.corpus.sidecar import read_sidecars
from rag.errors import OutOfReach, UnreadableFile
from rag.protocols import Progress, Store
from rag.records import Corpus, Document, Skipped, SourceRecord


@dataclass(frozen=True, slots=True)
class Changes:
    """The work of a build, everything in corpus order."""

    read: tuple[tuple[Document, SourceRecord], ...]
    """The documents that are new or have changed."""
    touched: Mapping[str, SourceRecord]
    """By id: files with the same bytes but a new time. Without an update, each question rereads them."""
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    """The number of documents that stay as they are, including touched ones."""
    skipped: tuple[Skipped, ...]
    kept: tuple[str, ...]
    """The indexed documents that cannot be read now, and stay as they were indexed."""
    unreachable: tuple[str, ...]
    """The folders and files that cannot be read now, as the beginnings of ids."""

    def __bool__(self) -> bool:
        return bool(self.read or self.removed or self.touched)

    @property
    def documents(self) -> int:
        """The number of documents after the build."""
        return self.unchanged + len(self.kept) + len(self.read)


def compare(scan: Scan, corpus: Corpus, last: Store | None, progress: Progress) -> Changes:
    """Read every file, and load the documents whose bytes or corrections have changed."""
    corrections, sidecar_skips = read_sidecars(corpus, {file.doc_id for file in scan.files})
    skipped = [*scan.skipped, *sidecar_skips]
    known = last.sources() if last else {}
    read: list[tuple[Document, SourceRecord]] = []
    touched: dict[str, SourceRecord] = {}
    unchanged: set[str] = set()
    unreachable = set(scan.unreachable)
    for done, file in enumerate(scan.files):
        progress("read", done, len(scan.files))
        before = known.get(file.doc_id)
        correction = corrections.get(file.doc_id)
        try:
            data = read_source(file)
            source = SourceRecord(
                hashlib.sha256(data).hexdigest(),
                file.size,
                file.mtime_ns,
                correction.fingerprint if correction else "",
            )
            if before is not None and _is_unchanged(before, source):
                unchanged.add(file.doc_id)
                if before != source:
                    touched[file.doc_id] = source
                continue
            document = load(file.doc_id, str(file.path), data, correction)
        except UnreadableFile as error:
            skipped.append(Skipped(file.doc_id, error.message))
            if isinstance(error, OutOfReach):
                unreachable.add(file.doc_id)
            continue
        read.append((document, source))
    progress("read", len(scan.files), len(scan.files))
    ids = [document.doc_id for document, _ in read]
    present = unchanged.union(ids)
    removed, kept = absent(known, present, unreachable)
    return Changes(
        read=tuple(read),
        touched=touched,
        added=tuple(doc_id for doc_id in ids if doc_id not in known),
        changed=tuple(doc_id for doc_id in ids if doc_id in known),
        removed=removed,
        unchanged=len(unchanged),
        skipped=tuple(skipped),
        kept=kept,
        unreachable=tuple(sorted(unreachable)),
    )


def absent(
    known: Iterable[str], present: Container[str], unreachable: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The documents that are not present: those that are gone, and those that cannot be read now."""
    missing = [doc_id for doc_id in known if doc_id not in present]
    kept = [doc_id for doc_id in missing if is_below(doc_id, unreachable)]
    gone = set(missing).difference(kept)
    return tuple(doc_id for doc_id in missing if doc_id in gone), tuple(kept)


def _is_unchanged(before: SourceRecord, now: SourceRecord) -> bool:
    return (before.sha256, before.correction) == (now.sha256, now.correction)
