"""Builds and updates an index from a folder of articles.

Scan and hash the folder, compare it with the index, then read, split and embed what is new. The store's
writer carries over the rest and makes the new snapshot current in one step.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.corpus.roots import overlaps
from rag.corpus.scan import Scan, is_below, scan_corpus
from rag.corpus.workers import Readers, Workers
from rag.errors import (
    CorpusEmpty,
    CorpusNotFound,
    IndexingError,
    IndexNotWritten,
    InvalidArgument,
)
from rag.files import NotAFile, absolute, home_expanded
from rag.indexing.builder import Builder
from rag.indexing.changes import Changes, Comparison
from rag.indexing.plan import (
    BuildPlan,
    BuildRequest,
    Repair,
    Update,
    choose_plan,
    corpus_to_read,
    named_paths,
)
from rag.models import DEFAULT_MODEL, canonical_model
from rag.protocols import Progress, Store, StoredIndex, StoreWriter
from rag.records import BuildReport, Corpus, IndexFacts, Skipped, SkippedSource
from rag.settings import Settings
from rag.stores import index_at


def build(
    corpus: str | Path | Sequence[str | Path] | None = None,
    index: str | Path | None = None,
    *,
    model: str | None = None,
    full: bool = False,
    repair: bool = False,
    dry_run: bool = False,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Build or update an index. Only new and changed articles are embedded.

    ``corpus`` is a folder of articles, or several; a single file will do too. None is what the index was
    built from, or ``seeds`` for a first build. With several, the id of a document begins with the name of
    its folder, and a folder inside another is read once, as part of it. ``index`` None is the folder in
    the settings. ``model`` None keeps the model of the index. ``full`` starts from nothing. ``repair``
    checks every byte first, and rebuilds a damaged index without embedding again what is intact.
    ``dry_run`` only reports. ``progress`` gets the stage ("check", "read", "load model", "embed"), done and
    total.

    Raises CorpusNotFound, CorpusEmpty, IndexMismatch (the index has another corpus, model, analyzer or
    chunker, and ``full`` is not set), IndexCorrupt, IndexLocked, IndexNotWritten (disk full, no
    permission), ModelNotFound, ModelRefused or InvalidArgument. If it raises, the index is unchanged.
    """
    settings = settings or Settings()
    folder = home_expanded(index or settings.index)
    try:
        report = _build(
            BuildRequest(corpus, model or settings.model, full, repair, dry_run),
            index_at(absolute(folder), settings.store),
            settings,
            progress or (lambda *_: None),
        )
    except OSError as error:
        where = error.filename or folder
        cure = f"remove {where}" if isinstance(error, NotAFile) else "fix this"
        raise IndexNotWritten(
            f"{where}: {error.strerror or error}",
            fix=f"{cure} and try again; nothing that was indexed is lost",
        ) from error
    return replace(report, index=str(folder))


def _build(
    request: BuildRequest, index: StoredIndex, settings: Settings, progress: Progress
) -> BuildReport:
    corpus = corpus_to_read(request, index)
    _check_folders(corpus, index.folder)
    scan = scan_corpus(corpus, exclude=index.folder)
    build_once = _Build(request, corpus, scan, index, settings, progress)
    if request.dry_run:
        return build_once(None)
    with index.writer() as writer:
        return build_once(writer)


@dataclass(frozen=True, slots=True)
class _Build:
    """One build, from the scan to the report."""

    request: BuildRequest
    corpus: Corpus
    scan: Scan
    index: StoredIndex
    settings: Settings
    progress: Progress
    started: float = field(default_factory=time.perf_counter)

    def __call__(self, writer: StoreWriter | None) -> BuildReport:
        """Run the build; without a writer, only report what it would do."""
        plan = choose_plan(self.request, self.corpus, self.index, self.settings, self.progress)
        with self._last(plan) as last, _readers(self.settings.workers) as readers:
            comparison = Comparison(self.scan, self.corpus, last, self.progress)
            comparison.survey()
            if last is not None and not comparison.is_needed:
                return self._report(plan, comparison.changes(), last.facts)

            def changes() -> Changes:
                found = comparison.changes()
                _check_not_empty(self.corpus, found)
                if last is None:
                    _check_none_lost(self.index, found)
                return found

            documents = comparison.documents(readers)
            if writer is None:
                deque(documents, maxlen=0)
                return self._report(plan, changes(), None)
            with closing(Builder(self.index, self.settings, plan, last, self.progress)) as builder:
                facts = builder.build(documents, changes, self.corpus, writer)
            return self._report(plan, comparison.changes(), facts, builder.embedded)

    def _last(self, plan: BuildPlan) -> AbstractContextManager[Store | None]:
        """The snapshot that the plan carries documents over from."""
        if isinstance(plan, Update) and plan.known is not None:
            return closing(self.index.open())
        return nullcontext()

    def _report(
        self, plan: BuildPlan, changes: Changes, facts: IndexFacts | None, embedded: int = 0
    ) -> BuildReport:
        """The report; ``facts`` describe the index after the build."""
        return BuildReport(
            corpus=str(self.corpus),
            index=str(self.index.folder),
            generation=facts.generation if facts else "",
            added=changes.added,
            changed=changes.changed,
            removed=changes.removed,
            unchanged=changes.unchanged,
            kept=changes.kept,
            skipped=tuple(Skipped(each.path, each.reason) for each in changes.skipped),
            documents=changes.documents,
            chunks=facts.chunks if facts else 0,
            embedded=embedded,
            warnings=(
                *overlaps(named_paths(self.request)),
                *_language_warning(changes, plan.model),
                *_kept_warning(changes.kept),
            ),
            repaired=plan.damaged if isinstance(plan, Repair) else (),
            dry_run=self.request.dry_run,
            seconds=round(time.perf_counter() - self.started, 3),
            folders=self.corpus.folders,
            copies=changes.copies,
            ignored=self.scan.ignored,
            store=self.index.store,
        )


@contextmanager
def _readers(workers: int | str) -> Iterator[Readers]:
    """Who reads the articles: as many processes as embed, at least the usual number; or Ray."""
    with Workers(workers if isinstance(workers, int) and workers > 1 else None) as here:
        if isinstance(workers, int):
            yield here
            return
        from rag.indexing.readers_ray import RayReaders

        with RayReaders(workers, here) as readers:
            yield readers


def _check_folders(corpus: Corpus, index: Path) -> None:
    """Raise InvalidArgument if the index is not a folder, or is the folder of the articles."""
    if index.exists() and not index.is_dir():
        raise InvalidArgument(f"{index} is not a folder", fix="name another --index")
    if str(index.resolve()) in corpus.folders:
        raise InvalidArgument(
            f"{index} holds the articles; the index needs a folder of its own",
            fix="name another --index",
        )


def _check_not_empty(corpus: Corpus, changes: Changes) -> None:
    if not changes.documents:
        raise CorpusEmpty(
            f"no article in {corpus} can be indexed{_reasons(changes.skipped)}",
            fix="put articles there (text, pages, PDF, Word, mail …); an existing index is unchanged",
        )


def _language_warning(changes: Changes, model: str | None) -> tuple[str, ...]:
    default = canonical_model(model or DEFAULT_MODEL) == DEFAULT_MODEL
    if not default or changes.foreign * 2 <= changes.read:
        return ()
    warning = (
        "most articles are not in English; they are found by their words, and hardly by their meaning,"
        " unless you name a multilingual model with --model"
    )
    return (warning,)


def _kept_warning(kept: Sequence[str]) -> tuple[str, ...]:
    if not kept:
        return ()
    some = ", ".join(kept[:3]) + (", …" if len(kept) > 3 else "")
    return (f"{len(kept)} indexed articles cannot be read now and are kept as they were: {some}",)


def _check_none_lost(index: StoredIndex, changes: Changes) -> None:
    """Raise CorpusNotFound if a build from nothing would lose indexed documents that cannot be read now."""
    if not changes.unreachable:
        return
    try:
        with closing(index.open()) as store:
            lost = [id_ for id_ in store.sources() if is_below(id_, changes.unreachable)]
    except IndexingError:
        return
    if lost:
        raise CorpusNotFound(
            f"{len(lost)} indexed articles cannot be read now, and this build would lose them:"
            f" {', '.join(changes.unreachable[:3])}",
            fix="make them readable, or remove them; the index is unchanged",
        )


def _reasons(skipped: Sequence[SkippedSource]) -> str:
    if not skipped:
        return ": it has none"
    first = f"{Path(skipped[0].path).name}: {skipped[0].reason}"
    more = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
    return f": {first}{more}"
