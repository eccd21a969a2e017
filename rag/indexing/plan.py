"""What kind of build it will be, chosen once: from what was asked for and what is on the disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rag.corpus.chunk import CHUNKER_ID
from rag.errors import (
    CorpusNotFound,
    IndexCorrupt,
    IndexingError,
    IndexMismatch,
    IndexNotFound,
)
from rag.models import canonical_model
from rag.protocols import Progress
from rag.records import IndexFacts
from rag.settings import Settings
from rag.stores import inspect, read_facts, salvaged_facts
from rag.stores.advice import mend, rebuild
from rag.stores.analyzer import EnglishAnalyzer

DEFAULT_CORPUS: Final = "seeds"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for."""

    corpus: str | Path | None
    model: str | None
    full: bool
    repair: bool
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Fresh:
    """Read and embed everything anew, whatever there is."""

    model: str | None
    """The embedding model; None is the default."""


@dataclass(frozen=True, slots=True)
class Update:
    """Carry over what has not changed, and embed no text twice. The first build updates nothing."""

    model: str | None
    known: IndexFacts | None
    """What is updated; None where there is nothing yet."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Read everything anew into the place of a damaged index; vectors that are good are not made again."""

    model: str | None
    damaged: tuple[str, ...]
    """The damaged files, relative to the index."""


BuildPlan = Fresh | Update | Repair


def choose(
    wish: Wish, folder: Path, index: Path, settings: Settings, progress: Progress
) -> BuildPlan:
    """The plan for a build of an index from a corpus folder.

    Raises IndexMismatch where the index was built from another corpus, with another model, analyzer or
    chunker, and IndexCorrupt where it is damaged and no repair was asked for.
    """
    if wish.full:
        return Fresh(_model(wish, _known_or_lost(index)))
    damaged = _damaged(index, progress) if wish.repair else ()
    known = salvaged_facts(index) if damaged else _known(index)
    if known is not None:
        _refuse_mixture(known, folder, index, wish, settings)
    model = _model(wish, known)
    return Repair(model, damaged) if damaged else Update(model, known)


def corpus_folder(wish: Wish, index: Path) -> Path:
    """The folder to read: the one that was named, else the one that the index was built from."""
    if wish.corpus is not None and str(wish.corpus):
        return Path(wish.corpus).expanduser()
    if wish.repair and (salvaged := salvaged_facts(index)):
        return Path(salvaged.corpus)
    try:
        return Path(read_facts(index).corpus)
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


def _model(wish: Wish, known: IndexFacts | None) -> str | None:
    return wish.model or (known.recipe.embedder.id if known else None)


def _known(index: Path) -> IndexFacts | None:
    try:
        return read_facts(index)
    except IndexNotFound:
        return None


def _known_or_lost(index: Path) -> IndexFacts | None:
    """The same for an index that is replaced anyway: a broken one counts as none."""
    try:
        return _known(index)
    except (IndexCorrupt, IndexMismatch):
        return None


def _damaged(index: Path, progress: Progress) -> tuple[str, ...]:
    """The damaged files of an index; none of one that there is not."""
    progress("check", 0, 1)
    try:
        damages = inspect(index).damages
    except IndexNotFound:
        damages = ()
    progress("check", 1, 1)
    return tuple(dict.fromkeys(damage.path for damage in damages))


def _refuse_mixture(
    known: IndexFacts, folder: Path, index: Path, wish: Wish, settings: Settings
) -> None:
    """Refuse to update an index with anything other than what it was built with."""
    recipe, model = known.recipe, wish.model
    if wish.corpus is not None and folder.resolve() != Path(known.folder):
        raise IndexMismatch(
            f"{index} holds {known.folder}, not {folder}",
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
