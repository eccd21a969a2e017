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
from rag.protocols import Progress, Store
from rag.records import Document, Skipped, SourceRecord


@dataclass(frozen=True, slots=True)
class Changes:
    """What a build has to do. Everything in corpus order."""

    read: tuple[tuple[Document, SourceRecord], ...]
    """The documents that are new or have changed."""
    touched: Mapping[str, SourceRecord]
    """By id: files with the same bytes but another time; unless that is noted, each question reads them."""
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    """How many documents stay as they are, the touched ones among them."""
    skipped: tuple[Skipped, ...]
    warnings: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.read or self.removed or self.touched)

    @property
    def documents(self) -> int:
        """How many there will be."""
        return self.unchanged + len(self.read)


def compare(found: Scan, root: Path, last: Store | None, progress: Progress) -> Changes:
    """Read every file; keep the documents whose bytes and correction are as before, load the rest."""
    corrections, sidecar_skips = read_sidecar(root)
    skipped = [*found.skipped, *sidecar_skips]
    known = last.sources() if last else {}
    read: list[tuple[Document, SourceRecord]] = []
    touched: dict[str, SourceRecord] = {}
    same: set[str] = set()
    foreign = 0
    for done, file in enumerate(found.files):
        progress("read", done, len(found.files))
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
            if before is not None and _same(before, source):
                same.add(file.doc_id)
                if before != source:
                    touched[file.doc_id] = source
                continue
            document = load(file.doc_id, str(file.path), data, correction)
        except UnreadableFile as error:
            skipped.append(Skipped(file.doc_id, error.message))
            continue
        read.append((document, source))
        foreign += mostly_foreign(document.text)
    progress("read", len(found.files), len(found.files))
    anew = [document.doc_id for document, _ in read]
    present = same.union(anew)
    return Changes(
        read=tuple(read),
        touched=touched,
        added=tuple(doc_id for doc_id in anew if doc_id not in known),
        changed=tuple(doc_id for doc_id in anew if doc_id in known),
        removed=tuple(doc_id for doc_id in known if doc_id not in present),
        unchanged=len(same),
        skipped=tuple(skipped),
        warnings=_language_warning(foreign, len(anew)),
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
