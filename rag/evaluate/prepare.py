"""Indexes the corpus of an evaluation set with the product itself, and caches the index.

Documents that come as records are first written to files, so that the whole path of a user's articles
is measured. Files and index are in the user's cache folder, named by their content and by the settings
that affect an index; ``rag cache clear`` removes them.
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
from rag.records import LOCAL, BuildReport
from rag.settings import Settings

_FORMAT = b"articles-1"  # change it together with the way documents are written


@dataclass(frozen=True, slots=True)
class Prepared:
    """An index of an evaluation corpus; ``ids`` maps each ``doc_id`` to the id in the set."""

    index: Path
    ids: Mapping[str, str]
    report: BuildReport


def prepared_index(
    documents: Sequence[SourceText],
    settings: Settings,
    progress: Progress | None = None,
    index: Path | None = None,
) -> Prepared:
    """The index of a set's documents; built unless the cache has it for this content and settings.

    ``index`` is a folder to use instead of the cache. Raises what ``rag.build`` raises.
    """
    home = cache_folder() / "evaluation" / _content(documents)
    articles = home / "articles"
    if not articles.is_dir():
        _store_articles(documents, articles)
    report = _build(articles, _cached(home, settings), index, settings, progress)
    return Prepared(Path(report.index), _ids(documents), report)


def corpus_index(
    folder: Path, settings: Settings, progress: Progress | None = None, index: Path | None = None
) -> Prepared:
    """An up-to-date index of a folder of articles; the user's own index does not change."""
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    cached = _cached(cache_folder() / "evaluation" / name, settings)
    report = _build(folder, cached, index, settings, progress)
    return Prepared(Path(report.index), {}, report)


def _build(
    articles: Path, cached: Path, index: Path | None, settings: Settings, progress: Progress | None
) -> BuildReport:
    if index is not None:
        return build(articles, index, settings=settings, progress=progress)
    try:
        return build(articles, cached, settings=settings, progress=progress)
    except IndexMismatch:  # another version of this package has built it
        return build(articles, cached, full=True, settings=settings, progress=progress)


def _content(documents: Iterable[SourceText]) -> str:
    digest = hashlib.sha256(_FORMAT)
    for document in documents:
        digest.update(json.dumps([document.title, document.text]).encode())
    return digest.hexdigest()[:16]


def _cached(home: Path, settings: Settings) -> Path:
    """The folder of an index in the cache. On a server, only the folder's name tells indexes apart."""
    name = _recipe(settings)
    return home / (name if settings.store == LOCAL else f"{name}-{home.name}")


def _recipe(settings: Settings) -> str:
    """A name for the settings that affect an index."""
    model = canonical_model(settings.model or DEFAULT_MODEL)
    parts = json.dumps([model, settings.precision, settings.chunk_chars])
    return f"index-{hashlib.sha256(parts.encode()).hexdigest()[:16]}"


def write_articles(documents: Sequence[SourceText], folder: Path) -> dict[str, str]:
    """Write one file per document, with titles in the sidecar; returns each file's document id."""
    with (folder / "metadata.jsonl").open("w", encoding="utf-8") as sidecar:
        for number, document in enumerate(documents):
            # A document without text is indexed by its title.
            text = document.text if document.text.strip() else document.title
            (folder / document_name(number)).write_bytes(text.encode("utf-8", "replace"))
            if title := " ".join(document.title.split()):
                line = {"path": document_name(number), "title": title}
                sidecar.write(json.dumps(line) + "\n")
    return _ids(documents)


def _ids(documents: Sequence[SourceText]) -> dict[str, str]:
    return {document_name(number): document.id for number, document in enumerate(documents)}


def _store_articles(documents: Sequence[SourceText], folder: Path) -> None:
    """Write the articles to a temporary folder, and rename it when it is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        write_articles(documents, temporary)
        with suppress(OSError):  # another process was first
            temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
