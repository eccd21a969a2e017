"""How a corpus folder differs from what is indexed, byte for byte: what a build has to do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.corpus.language import mostly_foreign
from rag.corpus.load import load
from rag.corpus.scan import Scan, read_source
from rag.corpus.sidecar import read_sidecar
from rag.errors import UnreadableFile
from rag.protocols import Progress
from rag.records import Document, Skipped
from rag.stores.local import LocalStore, SourceRecord


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the next generation: read anew, or kept from the last one by its number there."""

    source: SourceRecord
    document: Document | None
    kept: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a build has to do. Ids in corpus order."""

    documents: Mapping[str, Entry]
    """By id: all documents of the next generation."""
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    warnings: tuple[str, ...]
    touched: bool
    """Whether a file has its bytes but another time; unless that is noted, each question reads it."""

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.touched)


def compare(found: Scan, root: Path, last: LocalStore | None, progress: Progress) -> Changes:
    """Read every file; keep the documents whose bytes and correction are as before, load the rest."""
    corrections, sidecar_skips = read_sidecar(root)
    skipped = [*found.skipped, *sidecar_skips]
    known = last.sources() if last else {}
    numbers = {doc_id: number for number, doc_id in enumerate(known)}
    documents: dict[str, Entry] = {}
    added: list[str] = []
    changed: list[str] = []
    foreign, touched = 0, False
    for done, file in enumerate(found.files):
        progress("read", done, len(found.files))
        number = numbers.get(file.doc_id)
        correction = corrections.get(file.doc_id)
        try:
            data = read_source(file)
            source = SourceRecord(
                hashlib.sha256(data).hexdigest(),
                file.size,
                file.mtime_ns,
                correction.fingerprint if correction else "",
            )
            if number is not None and _same(known[file.doc_id], source):
                documents[file.doc_id] = Entry(source, None, number)
                touched = touched or known[file.doc_id] != source
                continue
            document = load(file.doc_id, str(file.path), data, correction)
        except UnreadableFile as error:
            skipped.append(Skipped(file.doc_id, error.message))
            continue
        documents[file.doc_id] = Entry(source, document)
        (added if number is None else changed).append(file.doc_id)
        foreign += mostly_foreign(document.text)
    progress("read", len(found.files), len(found.files))
    return Changes(
        documents=documents,
        added=tuple(added),
        changed=tuple(changed),
        removed=tuple(doc_id for doc_id in known if doc_id not in documents),
        skipped=tuple(skipped),
        warnings=_language_warning(foreign, len(added) + len(changed)),
        touched=touched,
    )


def _same(before: SourceRecord, now: SourceRecord) -> bool:
    return (before.sha256, before.correction) == (now.sha256, now.correction)


def _language_warning(foreign: int, read: int) -> tuple[str, ...]:
    if foreign * 2 <= read:
        return ()
    warning = (
        "most articles do not seem to be in English; the analyzer and the default model are English,"
        " so expect poorer results"
    )
    return (warning,)
