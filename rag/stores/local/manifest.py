"""The manifest of a generation, and ``CURRENT``, which names the current one.

``CURRENT`` is one line: generation name, space, SHA-256 of its manifest. Each generation is a folder. Its
``manifest.json`` records everything that affects results, and the size and SHA-256 of every other file. A
generation never changes once ``CURRENT`` names it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rag.errors import IndexCorrupt, IndexMismatch, IndexNotFound
from rag.records import Bm25Parameters, EmbedderInfo, IndexFacts, Recipe
from rag.stores.advice import mend, rebuild
from rag.stores.local.disk import FileRecord, remove_file, remove_folder, replace_file

FORMAT: Final = 3
CURRENT: Final = "CURRENT"
MANIFEST: Final = "manifest.json"

_CURRENT_LINE = re.compile(rb"(gen-[0-9]{6}) ([0-9a-f]{64})\n")
_GENERATION = re.compile(r"gen-([0-9]{6})")


@dataclass(frozen=True, slots=True)
class CorpusFolder:
    """The folder of the articles, in three forms, so that it is found even if folders move together."""

    given: str
    """As the user wrote it."""
    absolute: str
    relative: str
    """Relative to the index folder."""

    @classmethod
    def locate(cls, corpus: Path, index: Path) -> CorpusFolder:
        """Describe a corpus folder for an index in ``index``."""
        absolute = corpus.resolve()
        try:
            relative = os.path.relpath(absolute, index.resolve())
        except ValueError:  # another drive
            relative = str(absolute)
        return cls(str(corpus), str(absolute), relative)

    def resolve(self, index: Path) -> Path:
        """The absolute folder: by its path relative to the index if it exists there, else as built."""
        relative = (index / self.relative).resolve()
        return relative if relative.is_dir() else Path(self.absolute)

    def display(self, index: Path) -> Path:
        """The folder as results show it: as the user wrote it, if that is still the same folder."""
        folder, given = self.resolve(index), Path(self.given)
        return given if given.resolve() == folder else folder


@dataclass(frozen=True, slots=True)
class CacheRecord:
    """The embedding cache after a build: file name and size in bytes. Later builds may append to it."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class FirstPass:
    """How the first pass of dense search, on binary codes, selects passages for exact scoring."""

    candidates: int
    """How many passages it selects."""
    recall_at_10: float
    """Share of the ten best passages among the candidates, on the sample of the build."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of a generation."""

    generation: str
    created: str
    """ISO 8601 with a time zone."""
    corpus: CorpusFolder
    recipe: Recipe
    documents: int
    chunks: int
    terms: int
    first_pass: FirstPass | None
    """None if dense search compares all passages."""
    files: Mapping[str, FileRecord]
    embeddings: CacheRecord
    languages: tuple[str, ...]
    """Those of the documents: ISO 639-1 codes, sorted."""
    format: int = FORMAT

    def facts(self, index: Path) -> IndexFacts:
        """The facts of the index, if it is in this folder."""
        return IndexFacts(
            index=str(index),
            generation=self.generation,
            created=self.created,
            corpus=str(self.corpus.display(index)),
            folder=str(self.corpus.resolve(index)),
            recipe=self.recipe,
            documents=self.documents,
            chunks=self.chunks,
            terms=self.terms,
            languages=self.languages,
        )

    def to_bytes(self) -> bytes:
        """The content of the file: UTF-8 JSON with sorted keys."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes, path: Path) -> Manifest:
        """Parse a manifest; check its hash first.

        Raises IndexMismatch for another format, IndexCorrupt if it is not a manifest.
        """
        index = path.parent.parent
        try:
            raw: dict[str, Any] = json.loads(data)
            version = raw["format"]
            if version != FORMAT:
                raise IndexMismatch(
                    f"{path}: the index has format {version}, this version reads format {FORMAT}",
                    fix=rebuild(index, "FOLDER"),
                )
            recipe, first_pass = raw.pop("recipe"), raw.pop("first_pass")
            return cls(
                **raw
                | {
                    "corpus": CorpusFolder(**raw["corpus"]),
                    "recipe": Recipe(
                        **recipe
                        | {
                            "embedder": EmbedderInfo(**recipe["embedder"]),
                            "bm25": Bm25Parameters(**recipe["bm25"]),
                        }
                    ),
                    "first_pass": FirstPass(**first_pass) if first_pass else None,
                    "files": {name: FileRecord(**record) for name, record in raw["files"].items()},
                    "embeddings": CacheRecord(**raw["embeddings"]),
                    "languages": tuple(raw["languages"]),
                }
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IndexCorrupt(
                f"{path}: not a manifest ({error})", fix=mend(index, "FOLDER")
            ) from error


def read_current(index: Path) -> tuple[str, str]:
    """The name of the current generation and the SHA-256 of its manifest.

    Raises IndexNotFound if there is no index, IndexCorrupt if ``CURRENT`` is not in the right form.
    """
    path = index / CURRENT
    try:
        with path.open("rb") as file:
            data = file.read(4096)
    except (FileNotFoundError, NotADirectoryError):
        raise IndexNotFound(
            f"there is no index in {index}", fix="build one with: rag index FOLDER-OF-ARTICLES"
        ) from None
    except OSError as error:
        raise IndexCorrupt(f"{path}: {error.strerror}", fix=mend(index, "FOLDER")) from error
    match = _CURRENT_LINE.fullmatch(data)
    if match is None:
        raise IndexCorrupt(f"{path}: does not name a generation", fix=mend(index, "FOLDER"))
    return match[1].decode(), match[2].decode()


def read_manifest(index: Path) -> Manifest:
    """The manifest of the current generation, checked against the hash in ``CURRENT``.

    Raises IndexNotFound, IndexMismatch (another format) or IndexCorrupt.
    """
    generation, expected = read_current(index)
    data = _manifest_bytes(index, generation)
    path = index / generation / MANIFEST
    if hashlib.sha256(data).hexdigest() != expected:
        message = f"{path}: its hash is not the one in {CURRENT}"
        raise IndexCorrupt(message, fix=mend(index, "FOLDER"))
    return Manifest.from_bytes(data, path)


def newest_manifest(index: Path) -> Manifest | None:
    """The newest manifest that can be read, for an index that lost ``CURRENT``; None if there is none.

    Its hash cannot be checked.
    """
    for generation in reversed(generations(index)):
        try:
            data = _manifest_bytes(index, generation)
            return Manifest.from_bytes(data, index / generation / MANIFEST)
        except (IndexCorrupt, IndexMismatch):
            continue
    return None


def _manifest_bytes(index: Path, generation: str) -> bytes:
    path = index / generation / MANIFEST
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise IndexCorrupt(message, fix=mend(index, "FOLDER")) from error


def check_sizes(index: Path, manifest: Manifest) -> None:
    """Raise IndexCorrupt if a file of the generation is missing or has the wrong size."""
    for name, record in manifest.files.items():
        path = index / manifest.generation / name
        try:
            size = path.stat().st_size
        except OSError as error:
            raise IndexCorrupt(f"{path}: {error.strerror}", fix=mend(index)) from error
        if size != record.size:
            message = f"{path}: {size} bytes, should be {record.size}"
            raise IndexCorrupt(message, fix=mend(index))


def make_current(index: Path, generation: str, manifest_sha256: str) -> None:
    """Make a generation the current one, in one step."""
    replace_file(index / CURRENT, f"{generation} {manifest_sha256}\n".encode())


def generations(index: Path) -> list[str]:
    """The names of the generation folders, oldest first."""
    return sorted(p.name for p in index.iterdir() if _GENERATION.fullmatch(p.name) and p.is_dir())


def lease_file(index: Path, generation: str) -> Path:
    """The file that readers of a generation lock."""
    return index / f"{generation}.lock"


def drop_generation(index: Path, generation: str) -> None:
    """Remove a generation and its lease file, if they exist."""
    if (index / generation).is_dir():
        remove_folder(index / generation)
    remove_file(lease_file(index, generation))


def next_generation(index: Path) -> str:
    """A new name, which sorts after all others."""
    numbers = [int(name.removeprefix("gen-")) for name in generations(index)]
    return f"gen-{max(numbers, default=0) + 1:06}"
