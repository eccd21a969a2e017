"""What an index has of each file. Every question asks for it, so nothing here reads an article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace

from rag.corpus.scan import is_below, places
from rag.corpus.sidecar import Correction
from rag.protocols import Store
from rag.records import SkippedSource, SourceRecord


class Known:
    """What an index has of each file: its documents, and what of it could not be read."""

    def __init__(self, store: Store | None) -> None:
        self.sources = store.sources() if store else {}
        self.skipped = tuple(store.skipped()) if store else ()
        self._documents: defaultdict[str, list[str]] = defaultdict(list)
        self._skipped: defaultdict[str, list[SkippedSource]] = defaultdict(list)
        self._copies: dict[str, SourceRecord] = {}
        """By file."""
        self._files: dict[str, str] = {}
        """The files of the copies of documents, by the ids of these copies."""
        for doc_id, source in self.sources.items():
            self._documents[source.container or doc_id].append(doc_id)
            for own, copy in zip(source.copies_of(doc_id), source.copies, strict=True):
                self._files[own] = copy.doc_id
                self._copies[copy.doc_id] = replace(source, mtime_ns=copy.mtime_ns)
        for each in self.skipped:
            self._skipped[each.file].append(each)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all documents, with those of their copies."""
        return (*self.sources, *self._files)

    def file(self, doc_id: str) -> str:
        """The file that a document, or a copy of one, is in."""
        source = self.sources.get(doc_id)
        return self._files[doc_id] if source is None else source.container or doc_id

    def is_indexed(self, file: str) -> bool:
        """Whether there are documents of a file, or of a copy of it."""
        return file in self._documents or file in self._copies

    def documents(self, file: str) -> Sequence[str]:
        """The documents of a file that is no copy."""
        return self._documents.get(file, ())

    def skipped_of(self, file: str) -> Sequence[SkippedSource]:
        """What of a file could not be read."""
        return self._skipped.get(file, ())

    def source(self, file: str) -> SourceRecord | None:
        """The record of a file or copy; None if the index knows nothing of it."""
        if documents := self.documents(file):
            return self.sources[documents[0]]
        if file in self._copies:
            return self._copies[file]
        return next((each.source for each in self.skipped_of(file) if each.source), None)

    def is_corrected(self, file: str, corrections: Mapping[str, Correction]) -> bool:
        """Whether the documents of a file have the same corrections as when they were indexed."""
        if file in self._copies:  # a copy with a correction would be no copy
            return not any(file in places(doc_id) for doc_id in corrections)
        return all(
            self.sources[doc_id].correction == fingerprint(corrections.get(doc_id))
            for doc_id in self.documents(file)
        )


def fingerprint(correction: Correction | None) -> str:
    """The fingerprint of a correction; "" for none."""
    return correction.fingerprint if correction else ""


def absent(
    known: Iterable[str], present: Container[str], unreachable: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The documents that are not present: those that are gone, and those that cannot be read now."""
    missing = [doc_id for doc_id in known if doc_id not in present]
    kept = [doc_id for doc_id in missing if is_below(doc_id, unreachable)]
    gone = set(missing).difference(kept)
    return tuple(doc_id for doc_id in missing if doc_id in gone), tuple(kept)
