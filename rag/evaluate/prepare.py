"""An evaluation set's corpus, indexed by the product itself and kept for the next run.

Documents that come as records are written out as articles first, so that everything a user's articles
go through is measured too. They and their index lie in the user's cache folder, named by their content
and by the settings that change an index; ``rag cache clear`` removes them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexMismatch
from rag.evaluate.datasets import SourceText, document_name
from rag.indexing.indexer import build
from rag.models import DEFAULT_MODEL, cache_folder, canonical_model
from rag.protocols import Progress
from rag.records import BuildReport
from rag.settings import Settings

_FORMAT = b"articles-1"  # changes with how documents are written out


@dataclass(frozen=True, slots=True)
class Prepared:
    """An index of an evaluation corpus; ``ids`` gives the set's own id of each ``doc_id``."""

    index: Path
    ids: Mapping[str, str]
    report: BuildReport


def prepared_index(
    documents: Sequence[SourceText],
    settings: Settings,
    progress: Progress | None = None,
    index: Path | None = None,
) -> Prepared:
    """The index of a set's documents; built if this content has not been indexed so before.

    ``index`` keeps it there instead of in the cache folder. Raises what ``rag.build`` raises.
    """
    home = cache_folder() / "evaluation" / _content(documents)
    articles = home / "articles"
    if not articles.is_dir():
        _keep_articles(documents, articles)
    report = _built(articles, home / _recipe(settings), index, settings, progress)
    return Prepared(Path(report.index), _ids(documents), report)


def corpus_index(
    folder: Path, settings: Settings, progress: Progress | None = None, index: Path | None = None
) -> Prepared:
    """The index of a folder of articles, brought up to date; the user's own index is not touched."""
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    kept = cache_folder() / "evaluation" / name / _recipe(settings)
    report = _built(folder, kept, index, settings, progress)
    return Prepared(Path(report.index), {}, report)


def _built(
    articles: Path, kept: Path, named: Path | None, settings: Settings, progress: Progress | None
) -> BuildReport:
    if named is not None:
        return build(articles, named, settings=settings, progress=progress)
    try:
        return build(articles, kept, settings=settings, progress=progress)
    except IndexMismatch:  # by another version of this package
        return build(articles, kept, full=True, settings=settings, progress=progress)


def _content(documents: Iterable[SourceText]) -> str:
    digest = hashlib.sha256(_FORMAT)
    for document in documents:
        digest.update(json.dumps([document.title, document.text]).encode())
    return digest.hexdigest()[:16]


def _recipe(settings: Settings) -> str:
    """A name for what changes an index."""
    model = canonical_model(settings.model or DEFAULT_MODEL)
    parts = json.dumps([model, settings.precision, settings.chunk_chars])
    return f"index-{hashlib.sha256(parts.encode()).hexdigest()[:16]}"


def write_articles(documents: Sequence[SourceText], folder: Path) -> dict[str, str]:
    """Write one file a document, its title in the sidecar; gives each file's document id."""
    with (folder / "metadata.jsonl").open("w", encoding="utf-8") as sidecar:
        for number, document in enumerate(documents):
            # What has a title and nothing else can be found by it.
            text = document.text if document.text.strip() else document.title
            (folder / document_name(number)).write_bytes(text.encode("utf-8", "replace"))
            if title := " ".join(document.title.split()):
                line = {"path": document_name(number), "title": title}
                sidecar.write(json.dumps(line) + "\n")
    return _ids(documents)


def _ids(documents: Sequence[SourceText]) -> dict[str, str]:
    return {document_name(number): document.id for number, document in enumerate(documents)}


def _keep_articles(documents: Sequence[SourceText], folder: Path) -> None:
    """Write them aside and put them in place when they are complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        write_articles(documents, aside)
        with suppress(OSError):  # another process was first
            aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
