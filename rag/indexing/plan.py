"""Chooses the kind of build from the user's request and the state of the index on disk."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rag.corpus.chunk import CHUNKER_ID
from rag.corpus.roots import corpus_of
from rag.errors import (
    CorpusNotFound,
    IndexCorrupt,
    IndexingError,
    IndexMismatch,
    IndexNotFound,
    StoreUnavailable,
)
from rag.files import home_expanded
from rag.models import canonical_model
from rag.protocols import Progress, StoredIndex
from rag.records import Corpus, IndexFacts
from rag.settings import Settings
from rag.stores.advice import mend, rebuild
from rag.stores.analyzer import ANALYZER_ID

DEFAULT_CORPUS: Final = "seeds"


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """The options of a build, as the user gave them."""

    corpus: str | Path | Sequence[str | Path] | None
    """The folders or files to read; None for those of the index."""
    model: str | None
    full: bool
    repair: bool
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Fresh:
    """Read and embed everything, as if there were no index."""

    model: str | None
    """The embedding model; None is the default."""
    named: bool = True
    """Whether the user named it; if not, an index did, and it is not downloaded."""


@dataclass(frozen=True, slots=True)
class Update:
    """Carry over what has not changed, and embed no text twice. A first build is an update of nothing."""

    model: str | None
    known: IndexFacts | None
    """The facts of the existing index, or None."""
    named: bool = True


@dataclass(frozen=True, slots=True)
class Repair:
    """Replace a damaged index: read everything again, but reuse intact vectors."""

    model: str | None
    damaged: tuple[str, ...]
    """The damaged files, relative to the index."""
    named: bool = True


BuildPlan = Fresh | Update | Repair


def choose_plan(
    request: BuildRequest,
    corpus: Corpus,
    index: StoredIndex,
    settings: Settings,
    progress: Progress,
) -> BuildPlan:
    """The plan for building an index from a corpus.

    Raises IndexMismatch if the index has another corpus, model, analyzer or chunker, and IndexCorrupt if
    it is damaged and the request is not for a repair.
    """
    named = request.model is not None
    if request.full:
        return Fresh(_model(request, _facts_or_none(index)), named)
    damaged = _damaged_files(index, progress) if request.repair else ()
    known = index.salvaged_facts() if damaged else _facts(index)
    if known is not None:
        _check_match(known, corpus, index, request, settings)
    model = _model(request, known)
    return Repair(model, damaged, named) if damaged else Update(model, known, named)


def named_paths(request: BuildRequest) -> list[Path]:
    """The folders and files in the request; [] if it names none."""
    named = request.corpus
    paths = [named] if isinstance(named, str | Path) else named or ()
    return [home_expanded(path) for path in paths if str(path)]


def corpus_to_read(request: BuildRequest, index: StoredIndex) -> Corpus:
    """The corpus in the request, else the one that the index was built from."""
    if named := named_paths(request):
        return corpus_of(named)
    if request.repair and (facts := index.salvaged_facts()):
        return facts.corpus
    try:
        return index.facts().corpus
    except IndexNotFound:
        pass
    except StoreUnavailable:
        raise
    except IndexingError as error:
        raise CorpusNotFound(
            f"{error.message}; so the folder of its articles is unknown",
            fix=(rebuild if request.full else mend)(index, "FOLDER"),
        ) from error
    if Path(DEFAULT_CORPUS).is_dir():
        return corpus_of([Path(DEFAULT_CORPUS)])
    raise CorpusNotFound(
        f"no folder of articles was named, and there is no folder {DEFAULT_CORPUS} here",
        fix="name one: rag index FOLDER",
    )


def _model(request: BuildRequest, known: IndexFacts | None) -> str | None:
    return request.model or (known.recipe.embedder.id if known else None)


def _facts(index: StoredIndex) -> IndexFacts | None:
    try:
        return index.facts()
    except IndexNotFound:
        return None


def _facts_or_none(index: StoredIndex) -> IndexFacts | None:
    """Like ``_facts``, but None for a broken index: it will be replaced anyway."""
    try:
        return _facts(index)
    except (IndexCorrupt, IndexMismatch):
        return None


def _damaged_files(index: StoredIndex, progress: Progress) -> tuple[str, ...]:
    """The damaged files of an index; empty if there is no index."""
    progress("check", 0, 1)
    try:
        damages = index.inspect().damages
    except IndexNotFound:
        damages = ()
    progress("check", 1, 1)
    return tuple(dict.fromkeys(damage.path for damage in damages))


def _check_match(
    known: IndexFacts,
    corpus: Corpus,
    index: StoredIndex,
    request: BuildRequest,
    settings: Settings,
) -> None:
    """Raise IndexMismatch if the index was built from another corpus or with other settings."""
    recipe, model = known.recipe, request.model
    if named_paths(request) and set(corpus.folders) != set(known.corpus.folders):
        named = " ".join(shlex.quote(root.path) for root in corpus.roots)
        raise IndexMismatch(
            f"{index.folder} was built from {', '.join(known.corpus.folders)}, not {corpus}",
            fix=f"{rebuild(index, named)}, or name another --index",
        )
    if model is not None and canonical_model(model) != recipe.embedder.id:
        raise IndexMismatch(
            f"{index.folder} was built with the model {recipe.embedder.id}, not {model}",
            fix=f"{rebuild(index)} --model {model}",
        )
    for name, stored, current in (
        ("analyzer", recipe.analyzer, ANALYZER_ID),
        ("chunker", recipe.chunker, CHUNKER_ID),
        ("chunk_chars", recipe.chunk_chars, settings.chunk_chars),
    ):
        if stored != current:
            raise IndexMismatch(
                f"{index.folder} was built with {name} {stored}, not {current}",
                fix=rebuild(index),
            )
