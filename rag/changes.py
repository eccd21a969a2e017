"""How a corpus folder differs from what is indexed: by bytes for a build, by a glance for a question."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rag import answer as answering
from rag import corpus as articles
from rag.errors import CorpusNotFound, UnreadableFile
from rag.index import LocalStore, SourceRecord
from rag.protocols import Progress
from rag.types import Document, Skipped, Staleness


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

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def compare(
    found: articles.Scan, root: Path, last: LocalStore | None, progress: Progress
) -> Changes:
    """Read every file; keep the documents whose bytes and correction are as before, load the rest."""
    corrections, sidecar_skips = articles.read_sidecar(root)
    skipped = [*found.skipped, *sidecar_skips]
    documents: dict[str, Entry] = {}
    added: list[str] = []
    changed: list[str] = []
    foreign = 0
    for done, file in enumerate(found.files):
        progress("read", done, len(found.files))
        number = last.number(file.doc_id) if last else None
        correction = corrections.get(file.doc_id)
        try:
            data = articles.read_source(file)
            source = SourceRecord(
                hashlib.sha256(data).hexdigest(),
                file.size,
                file.mtime_ns,
                correction.fingerprint if correction else "",
            )
            if last and number is not None and _same(last.source(number), source):
                documents[file.doc_id] = Entry(source, None, number)
                continue
            document = articles.load(file.doc_id, str(file.path), data, correction)
        except UnreadableFile as error:
            skipped.append(Skipped(file.doc_id, error.message))
            continue
        documents[file.doc_id] = Entry(source, document)
        (added if number is None else changed).append(file.doc_id)
        foreign += articles.mostly_foreign(document.text)
    progress("read", len(found.files), len(found.files))
    return Changes(
        documents=documents,
        added=tuple(added),
        changed=tuple(changed),
        removed=tuple(i.doc_id for i in last.documents() if i.doc_id not in documents)
        if last
        else (),
        skipped=tuple(skipped),
        warnings=_language_warning(foreign, len(added) + len(changed)),
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


def staleness(store: LocalStore) -> Staleness:
    """How the corpus folder differs from an open index; sizes and times first, bytes only if in doubt."""
    try:
        found = articles.scan(store.folder, exclude=store.index)
        corrections, _ = articles.read_sidecar(store.folder)
    except CorpusNotFound:
        return Staleness(str(store.folder), missing=True)
    present = {file.doc_id for file in found.files}
    added: list[str] = []
    changed: list[str] = []
    for file in found.files:
        number = store.number(file.doc_id)
        if number is None:
            if _is_text(file):
                added.append(file.doc_id)
            continue
        source = store.source(number)
        correction = corrections.get(file.doc_id)
        if source.correction != (correction.fingerprint if correction else ""):
            changed.append(file.doc_id)
            continue
        as_before = (source.size, source.mtime_ns) == (file.size, file.mtime_ns)
        if not as_before and answering.source_state(file.path, source.sha256) != "current":
            changed.append(file.doc_id)
    return Staleness(
        corpus=str(store.folder),
        added=tuple(added),
        changed=tuple(changed),
        removed=tuple(i.doc_id for i in store.documents() if i.doc_id not in present),
    )


def _is_text(file: articles.SourceFile) -> bool:
    """Whether a file that the index does not know could be indexed; one that could not is no news."""
    try:
        articles.decode(articles.read_source(file))
    except UnreadableFile:
        return False
    return True
