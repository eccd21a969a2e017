"""The differences between a corpus and its index, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from rag.corpus.load import Job, Loaded
from rag.corpus.scan import Scan, SourceFile, read_source
from rag.corpus.sidecar import Correction, read_sidecars
from rag.corpus.workers import LITTLE, Readers
from rag.errors import OutOfReach, UnreadableFile
from rag.formats.base import is_container
from rag.indexing.copies import Distinct, distinct
from rag.indexing.known import Known, absent, fingerprint
from rag.protocols import Progress, Store
from rag.records import Corpus, Document, Skipped, SkippedSource, SourceCopy, SourceRecord


@dataclass(frozen=True, slots=True)
class Changes:
    """The work of a build, everything in corpus order."""

    touched: Mapping[str, SourceRecord]
    """By id: documents whose own bytes are the same, in a file with a new time or other bytes elsewhere."""
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    """The number of documents that stay as they are, including touched ones."""
    skipped: tuple[SkippedSource, ...]
    kept: tuple[str, ...]
    """The indexed documents that cannot be read now, and stay as they were indexed."""
    unreachable: tuple[str, ...]
    """The folders and files that cannot be read now, as the beginnings of ids."""
    copies: int
    """The number of files with the bytes of another one."""
    foreign: int
    """How many of the documents that were read are not in English."""

    @property
    def read(self) -> int:
        """The number of documents that were read."""
        return len(self.added) + len(self.changed)

    @property
    def documents(self) -> int:
        """The number of documents after the build."""
        return self.unchanged + len(self.kept) + self.read


@dataclass(slots=True)
class Comparison:
    """The comparison of a corpus with its index, while it goes on.

    First ``survey`` finds out what must be read, then ``documents`` reads it, and in the end ``changes``
    says what was found.
    """

    scan: Scan
    corpus: Corpus
    last: Store | None
    progress: Progress
    known: Known = field(init=False)
    corrections: Mapping[str, Correction] = field(init=False)
    files: Distinct = field(init=False)
    unread: list[SourceFile] = field(default_factory=list)
    touched: dict[str, SourceRecord] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    skipped: list[SkippedSource] = field(default_factory=list)
    unreachable: set[str] = field(default_factory=set)
    foreign: int = 0

    def __post_init__(self) -> None:
        self.known = Known(self.last)
        self.unreachable.update(self.scan.unreachable)
        self.corrections, wrong = read_sidecars(self.corpus, {f.doc_id for f in self.scan.files})
        self.skipped += [SkippedSource(s.path, s.reason) for s in (*self.scan.skipped, *wrong)]
        self.files = distinct(self.scan.files, self.corrections)

    def survey(self) -> None:
        """Hash the files that the index knows, and put the others aside for reading."""
        for done, file in enumerate(self.files.files):
            self.progress("check files", done, len(self.files.files))
            before = self.known.source(file.doc_id)
            known = self.known.documents(file.doc_id) or self.known.skipped_of(file.doc_id)
            if before is None or not known:
                self.unread.append(file)
                continue
            data = self._data(file)
            if data is None:
                continue
            same = before.sha256 == hashlib.sha256(data).hexdigest()
            if same and self.known.is_corrected(file.doc_id, self.corrections):
                self._keep(file)
            else:
                self.unread.append(file)

    def _keep(self, file: SourceFile) -> None:
        """Take over all that the index has of a file whose bytes are the same."""
        for doc_id in self.known.documents(file.doc_id):
            self.unchanged.add(doc_id)
            now = _stamped(self.known.sources[doc_id], file, self.files.of(file.doc_id))
            if now != self.known.sources[doc_id]:
                self.touched[doc_id] = now
        for each in self.known.skipped_of(file.doc_id):
            source = each.source and _stamped(each.source, file, self.files.of(file.doc_id))
            self._skip(each.path, each.reason, source, file.doc_id)

    def documents(self, readers: Readers) -> Iterator[tuple[Document, SourceRecord]]:
        """The documents to index, in the order of their files."""
        total = len(self.unread)
        done = 0
        self.progress("read", done, total)
        files: dict[str, SourceRecord] = {}
        many = sum(file.size for file in self.unread) > LITTLE
        for job, result in readers.read(self._jobs(files), many):
            if result is None:
                done += 1
                files.pop(job.file)
                self.progress("read", done, total)
            elif isinstance(result, Skipped):
                self._skip(result.path, result.reason, files[job.file], job.file)
            elif read := self._read(result, files[job.file]):
                yield read

    def _jobs(self, files: dict[str, SourceRecord]) -> Iterator[Job]:
        """The files to read; ``files`` gets the record of each."""
        for file in self.unread:
            data = self._data(file)
            if data is None:
                continue
            own = file.doc_id + "/"
            wanted = (file.doc_id,) if not is_container(file.doc_id) else self.corrections
            files[file.doc_id] = SourceRecord(
                hashlib.sha256(data).hexdigest(),
                file.size,
                file.mtime_ns,
                "",
                container=file.doc_id,
                copies=self.files.of(file.doc_id),
            )
            corrections = {
                doc_id: self.corrections[doc_id]
                for doc_id in wanted
                if doc_id in self.corrections and (doc_id == file.doc_id or doc_id.startswith(own))
            }
            yield Job(file.doc_id, str(file.path), data, corrections)

    def _read(self, loaded: Loaded, file: SourceRecord) -> tuple[Document, SourceRecord] | None:
        """A document to index with its source; None if the index has it already."""
        document = loaded.document
        doc_id = document.doc_id
        source = replace(
            file,
            correction=fingerprint(self.corrections.get(doc_id)),
            container=file.container if loaded.content else "",
            content=loaded.content,
        )
        before = self.known.sources.get(doc_id)
        if before is None:
            self.added.append(doc_id)
        elif loaded.content and _is_same(before, source):
            self.unchanged.add(doc_id)
            self.touched[doc_id] = source
            return None
        else:
            self.changed.append(doc_id)
        self.foreign += document.language != "en"
        return document, source

    def _data(self, file: SourceFile) -> bytes | None:
        """The bytes of a file; None, with a reason noted, if it cannot be read."""
        try:
            return read_source(file)
        except UnreadableFile as error:
            stamp = SourceRecord("", file.size, file.mtime_ns, "", container=file.doc_id)
            self._skip(file.doc_id, error.message, stamp, file.doc_id)
            if isinstance(error, OutOfReach):
                self.unreachable.add(file.doc_id)
            return None

    def _skip(self, path: str, reason: str, source: SourceRecord | None, file: str) -> None:
        """Note what could not be read of a file, and so not of its copies."""
        self.skipped.append(SkippedSource(path, reason, source))
        member = path.removeprefix(file)
        for copy in self.files.of(file):
            stamp = source and replace(source, mtime_ns=copy.mtime_ns, container=copy.doc_id)
            self.skipped.append(SkippedSource(copy.doc_id + member, reason, stamp))

    @property
    def is_needed(self) -> bool:
        """Whether anything differs, as far as the survey can tell."""
        changes = self.changes()
        skipped = tuple(self.known.skipped) != changes.skipped
        return bool(self.unread or changes.removed or self.touched or skipped)

    def changes(self) -> Changes:
        """What was found."""
        present = self.unchanged.union(self.added, self.changed)
        removed, kept = absent(self.known.sources, present, self.unreachable)
        return Changes(
            touched=self.touched,
            added=tuple(sorted(self.added)),
            changed=tuple(sorted(self.changed)),
            removed=removed,
            unchanged=len(self.unchanged),
            skipped=tuple(sorted(self.skipped, key=lambda each: each.path)),
            kept=kept,
            unreachable=tuple(sorted(self.unreachable)),
            copies=sum(map(len, self.files.copies.values())),
            foreign=self.foreign,
        )


def _stamped(
    source: SourceRecord, file: SourceFile, copies: tuple[SourceCopy, ...]
) -> SourceRecord:
    return replace(source, size=file.size, mtime_ns=file.mtime_ns, copies=copies)


def _is_same(before: SourceRecord, now: SourceRecord) -> bool:
    return (before.content, before.correction) == (now.content, now.correction)
