"""The write path: a folder of articles → an index.

Walk, hash, compare with what is indexed; read, chunk and embed what is new; hand it to a writer, which
carries over the rest and makes the whole current in one step.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag import stores
from rag.corpus.scan import Scan, scan
from rag.errors import CorpusEmpty, IndexNotWritten, InvalidArgument
from rag.indexing.builder import Builder
from rag.indexing.changes import Changes, compare
from rag.indexing.plan import BuildPlan, Repair, Update, Wish, choose, corpus_folder
from rag.protocols import Progress, Store, StoreWriter
from rag.records import BuildReport, IndexFacts, Skipped
from rag.settings import Settings


def build(
    corpus: str | Path | None = None,
    index: str | Path | None = None,
    *,
    model: str | None = None,
    full: bool = False,
    repair: bool = False,
    dry_run: bool = False,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Build or update an index; only what changed is read into it and embedded again.

    ``corpus`` None is the folder the index was built from, at first ``seeds``; ``index`` None is the
    settings' folder. ``model`` None keeps the index's model. ``full`` starts afresh. ``repair`` checks
    every byte first, and builds a damaged index again without embedding anew what is intact. ``dry_run``
    only reports. ``progress`` is called with a stage ("check", "read", "load model", "embed"), done and
    total.

    Raises CorpusNotFound, CorpusEmpty, IndexMismatch (another corpus, model, analyzer or chunker than
    the index has, without ``full``), IndexCorrupt, IndexLocked, IndexNotWritten (disk full, no
    permission), ModelNotFound, ModelRefused or InvalidArgument. Whatever is raised, the index is as it
    was.
    """
    settings = settings or Settings()
    given = Path(index or settings.index).expanduser()
    try:
        report = _build(
            Wish(corpus, model or settings.model, full, repair, dry_run),
            given.absolute(),
            settings,
            progress or (lambda *_: None),
        )
    except OSError as error:
        where = error.filename or given
        raise IndexNotWritten(
            f"{where}: {error.strerror or error}",
            fix="mend this and try again; nothing that was indexed is lost",
        ) from error
    return replace(report, index=str(given))


def _build(wish: Wish, index: Path, settings: Settings, progress: Progress) -> BuildReport:
    folder = corpus_folder(wish, index)
    _refuse_places(folder, index)
    build_once = _Build(wish, folder, scan(folder, exclude=index), index, settings, progress)
    if wish.dry_run:
        return build_once(None)
    with stores.writer(index) as writer:
        return build_once(writer)


@dataclass(frozen=True, slots=True)
class _Build:
    """One build, from the files that were found to the report."""

    wish: Wish
    folder: Path
    found: Scan
    index: Path
    settings: Settings
    progress: Progress
    begun: float = field(default_factory=time.perf_counter)

    def __call__(self, writer: StoreWriter | None) -> BuildReport:
        """Do it, or without a writer only find out what it would do."""
        plan = choose(self.wish, self.folder, self.index, self.settings, self.progress)
        with self._last(plan) as last:
            changes = compare(self.found, self.folder, last, self.progress)
            if last is not None and not changes:
                return self._report(plan, changes, last.facts)
            _refuse_emptiness(self.folder, changes)
            if writer is None:
                return self._report(plan, changes, None)
            builder = Builder(self.index, self.settings, plan, last, self.progress)
            facts, embedded = builder.build(changes, self.folder, writer)
            return self._report(plan, changes, facts, embedded)

    def _last(self, plan: BuildPlan) -> AbstractContextManager[Store | None]:
        """What the plan carries over from."""
        if isinstance(plan, Update) and plan.known is not None:
            return closing(stores.open_store(self.index))
        return nullcontext()

    def _report(
        self, plan: BuildPlan, changes: Changes, facts: IndexFacts | None, embedded: int = 0
    ) -> BuildReport:
        """What was done; ``facts`` are those of the index as it stands at the end."""
        return BuildReport(
            corpus=str(self.folder),
            index=str(self.index),
            generation=facts.generation if facts else "",
            added=changes.added,
            changed=changes.changed,
            removed=changes.removed,
            unchanged=changes.unchanged,
            skipped=changes.skipped,
            documents=changes.documents,
            chunks=facts.chunks if facts else 0,
            embedded=embedded,
            warnings=changes.warnings,
            repaired=plan.damaged if isinstance(plan, Repair) else (),
            dry_run=self.wish.dry_run,
            seconds=round(time.perf_counter() - self.begun, 3),
        )


def _refuse_places(folder: Path, index: Path) -> None:
    """Refuse an index that is no folder, or that would lie among the articles themselves."""
    if index.exists() and not index.is_dir():
        raise InvalidArgument(f"{index} is not a folder", fix="name another --index")
    if folder.resolve() == index.resolve():
        raise InvalidArgument(
            f"{folder} holds the articles; the index needs a folder of its own",
            fix="name another --index",
        )


def _refuse_emptiness(folder: Path, changes: Changes) -> None:
    if not changes.documents:
        raise CorpusEmpty(
            f"no article in {folder} can be indexed{_reasons(changes.skipped)}",
            fix="put .txt or .md articles there; an existing index is left as it was",
        )


def _reasons(skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return ": it holds none"
    first = f"{Path(skipped[0].path).name}: {skipped[0].reason}"
    more = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
    return f": {first}{more}"
