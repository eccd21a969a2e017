"""The write path: a folder of articles → an index.

Walk, hash, compare with the last generation; read, chunk and embed what is new; write a whole new
generation aside and swap it in. What has not changed is carried over from the last generation.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from rag.corpus.chunk import CHUNKER_ID
from rag.corpus.scan import Scan, scan
from rag.errors import (
    CorpusEmpty,
    CorpusNotFound,
    IndexCorrupt,
    IndexingError,
    IndexMismatch,
    IndexNotFound,
    IndexNotWritten,
    InvalidArgument,
)
from rag.indexing.builder import Builder
from rag.indexing.changes import Changes, compare
from rag.indexing.integrity import all_damages, salvaged_manifest, salvaged_vectors
from rag.models import canonical_model
from rag.protocols import Progress
from rag.records import BuildReport, Skipped
from rag.settings import Settings
from rag.stores.analyzer import EnglishAnalyzer
from rag.stores.local import (
    CorpusFolder,
    Manifest,
    build_lock,
    drop_unread,
    mend,
    open_store,
    read_manifest,
    rebuild,
    verify,
)

DEFAULT_CORPUS = "seeds"


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
            _Wish(corpus, model or settings.model, full, repair, dry_run),
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


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for."""

    corpus: str | Path | None
    model: str | None
    full: bool
    repair: bool
    dry_run: bool


def _build(wish: _Wish, index: Path, settings: Settings, progress: Progress) -> BuildReport:
    begun = time.perf_counter()
    folder = _corpus_folder(wish, index)
    _refuse_places(folder, index)
    found = scan(folder, exclude=index)
    if wish.dry_run:
        return _update(wish, folder, found, index, settings, progress, begun)
    with build_lock(index):
        report = _update(wish, folder, found, index, settings, progress, begun)
        drop_unread(index)
        return report


def _update(
    wish: _Wish,
    folder: Path,
    found: Scan,
    index: Path,
    settings: Settings,
    progress: Progress,
    begun: float,
) -> BuildReport:
    damaged = _damaged(index, progress) if wish.repair and not wish.full else ()
    known = salvaged_manifest(index) if damaged else _last_manifest(index, wish.full)
    if known is not None and not wish.full:
        _refuse_mixture(known, folder, index, wish, settings)
    afresh = known is None or wish.full or bool(damaged)
    with nullcontext() if afresh else closing(open_store(index)) as last:
        changes = compare(found, folder, last, progress)
        report = _Reporter(folder, index, changes, damaged, wish.dry_run, begun)
        if last is not None and not changes:
            return report(last.manifest)
        _refuse_emptiness(folder, changes)
        if wish.dry_run:
            return report(None)
        if last is not None:
            verify(last)
        wanted = wish.model or (known.recipe.embedder.id if known else None)
        salvaged = None
        if damaged:
            salvaged = salvaged_vectors(index, known) if known else {}
        builder = Builder(index, settings, wanted, last, wish.full, salvaged, progress)
        return report(*builder.build(changes, CorpusFolder.locate(folder, index)))


# ---------------------------------------------------------------- may it be done


def _damaged(index: Path, progress: Progress) -> tuple[str, ...]:
    """The damaged files of an index that shall be repaired; none of one that there is not."""
    progress("check", 0, 1)
    try:
        found = all_damages(index)
    except IndexNotFound:
        found = []
    progress("check", 1, 1)
    return tuple(dict.fromkeys(damage.path for damage in found))


def _corpus_folder(wish: _Wish, index: Path) -> Path:
    if wish.corpus is not None and str(wish.corpus):
        return Path(wish.corpus).expanduser()
    if wish.repair and (manifest := salvaged_manifest(index)):
        return manifest.corpus.shown(index)
    try:
        return read_manifest(index).corpus.shown(index)
    except IndexNotFound:
        pass
    except IndexingError as error:
        raise CorpusNotFound(
            f"{error.message}; so it cannot say which articles it holds",
            fix=(rebuild if wish.full else mend)(index, "FOLDER"),
        ) from error
    if Path(DEFAULT_CORPUS).is_dir():
        return Path(DEFAULT_CORPUS)
    raise CorpusNotFound(
        "no folder of articles was named, and there is no folder called seeds here",
        fix="name one: rag index FOLDER",
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


def _last_manifest(index: Path, full: bool) -> Manifest | None:
    """The current manifest, or None where there is none; with ``full`` a broken one counts as none."""
    try:
        return read_manifest(index)
    except IndexNotFound:
        return None
    except (IndexCorrupt, IndexMismatch):
        if full:
            return None
        raise


def _refuse_mixture(
    known: Manifest, folder: Path, index: Path, wish: _Wish, settings: Settings
) -> None:
    """Refuse to update an index with anything other than what it was built with."""
    recipe, model = known.recipe, wish.model
    if wish.corpus is not None and folder.resolve() != known.corpus.resolve(index):
        raise IndexMismatch(
            f"{index} holds {known.corpus.resolve(index)}, not {folder}",
            fix=f"{rebuild(index, str(folder))}, or name another --index",
        )
    if model is not None and canonical_model(model) != recipe.embedder.id:
        raise IndexMismatch(
            f"{index} was built with the model {recipe.embedder.id}, not {model}",
            fix=f"{rebuild(index)} --model {model}",
        )
    for name, stored, current in (
        ("analyzer", recipe.analyzer, EnglishAnalyzer.id),
        ("chunker", recipe.chunker, CHUNKER_ID),
        ("chunk_chars", recipe.chunk_chars, settings.chunk_chars),
    ):
        if stored != current:
            raise IndexMismatch(
                f"{index} was built with {name} {stored}, this is {name} {current}",
                fix=rebuild(index),
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


# ---------------------------------------------------------------- doing it


@dataclass(frozen=True, slots=True)
class _Reporter:
    """Makes the report of a build once it is known which generation stands at its end."""

    folder: Path
    index: Path
    changes: Changes
    repaired: tuple[str, ...]
    dry_run: bool
    begun: float

    def __call__(self, manifest: Manifest | None, embedded: int = 0) -> BuildReport:
        changes = self.changes
        return BuildReport(
            corpus=str(self.folder),
            index=str(self.index),
            generation=manifest.generation if manifest else "",
            added=changes.added,
            changed=changes.changed,
            removed=changes.removed,
            unchanged=len(changes.documents) - len(changes.added) - len(changes.changed),
            skipped=changes.skipped,
            documents=len(changes.documents),
            chunks=manifest.chunks if manifest else 0,
            embedded=embedded,
            warnings=changes.warnings,
            repaired=self.repaired,
            dry_run=self.dry_run,
            seconds=round(time.perf_counter() - self.begun, 3),
        )
