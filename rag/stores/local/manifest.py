"""The manifest of a generation, and ``CURRENT``, which names the current one.

``CURRENT`` is one line: generation name, space, SHA-256 of its manifest. Each generation is a folder. Its
``manifest.json`` records everything that affects results, and the size and SHA-256 of every other file. A
generation never changes once ``CURRENT`` names it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rag.errors import IndexCorrupt, IndexMismatch, IndexNotFound
from rag.files import NotAFile, is_folder, read_file
from rag.records import Bm25Parameters, Corpus, EmbedderInfo, IndexFacts, Recipe, Root
from rag.stores.advice import mend, rebuild
from rag.stores.local.disk import FileRecord, remove_file, remove_files, replace_file
from rag.stores.local.index import LocalIndex
from rag.stores.local.layout import ALWAYS, SIGNS

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    AnyRecord = TypeVar("AnyRecord", bound=DataclassInstance)

logger = logging.getLogger(__name__)

FORMAT: Final = 4
CURRENT: Final = "CURRENT"
MANIFEST: Final = "manifest.json"

_GENERATION = re.compile("gen-(?:[0-9]{6}|[1-9][0-9]{6,11})")
_TYPES: Final[dict[str, tuple[type, ...]]] = {"str": (str,), "int": (int,), "float": (int, float)}


@dataclass(frozen=True, slots=True)
class CorpusFolder:
    """A root of the corpus, in three forms, so that it is found even if folders move together."""

    given: str
    """As the user wrote it."""
    absolute: str
    relative: str
    """Relative to the index folder."""
    label: str

    @classmethod
    def locate(cls, root: Root, index: Path) -> CorpusFolder:
        """Describe a root for an index in ``index``."""
        absolute = Path(root.absolute)
        try:
            relative = os.path.relpath(absolute, index.resolve())
        except ValueError:  # another drive
            relative = str(absolute)
        return cls(root.path, str(absolute), relative, root.label)

    def resolve(self, index: Path) -> Path:
        """The absolute folder: by its path relative to the index if it exists there, else where it was."""
        relative = (index / self.relative).resolve()
        return relative if relative.exists() else Path(self.absolute)

    def root(self, index: Path) -> Root:
        """The root as results show it: as the user wrote it, if that still leads there."""
        folder, given = self.resolve(index), Path(self.given)
        return Root(str(given if given.resolve() == folder else folder), str(folder), self.label)


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
    corpus: tuple[CorpusFolder, ...]
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
            corpus=Corpus(tuple(folder.root(index) for folder in self.corpus)),
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
                    fix=rebuild(LocalIndex(index), "FOLDER"),
                )
            first_pass = raw["first_pass"]
            manifest = read_record(
                cls,
                raw
                | {
                    "corpus": tuple(read_record(CorpusFolder, folder) for folder in raw["corpus"]),
                    "recipe": read_recipe(raw["recipe"]),
                    "first_pass": None
                    if first_pass is None
                    else read_record(FirstPass, first_pass),
                    "files": {n: read_record(FileRecord, r) for n, r in raw["files"].items()},
                    "embeddings": read_record(CacheRecord, raw["embeddings"]),
                    "languages": tuple(raw["languages"]),
                },
            )
            manifest.check_names(path.parent.name)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise IndexCorrupt(
                f"{path}: not a manifest ({error})", fix=mend(LocalIndex(index), "FOLDER")
            ) from error
        return manifest

    def check_names(self, folder: str) -> None:
        """Raise ValueError unless it describes a generation in this folder, by the names of its files.

        They become paths, so no other name is believed.
        """
        if self.generation != folder:
            raise ValueError(f"it describes {self.generation}")
        expected = ALWAYS | {SIGNS} if self.first_pass else ALWAYS
        if odd := expected ^ set(self.files):
            raise ValueError(f"it lists the wrong files: {', '.join(sorted(odd))}")
        if os.path.basename(self.embeddings.name) != self.embeddings.name:  # noqa: PTH119  # no path
            raise ValueError(f"{self.embeddings.name} is no name of a cache")
        labels = [folder.label for folder in self.corpus]
        if not labels or len(set(labels)) < len(labels) or ("" in labels and len(labels) > 1):
            raise ValueError("the labels of the folders are not unique")
        if self.recipe.embedder.dimension < 1:
            raise ValueError("vectors without dimensions")


def read_record(cls: type[AnyRecord], raw: dict[str, Any]) -> AnyRecord:
    """A dataclass from its fields. Raises TypeError or ValueError for a field of another type."""
    for field in fields(cls):
        kinds = _TYPES.get(str(field.type))
        value = raw.get(field.name)
        if kinds and field.name in raw and type(value) not in kinds:  # a boolean is an int
            raise TypeError(f"{field.name} is {value!r}")
        if type(value) is int and not 0 <= value < 1 << 62:
            raise ValueError(f"{field.name} is {value}")
    return cls(**raw)


def read_recipe(raw: dict[str, Any]) -> Recipe:
    """A recipe from its fields. Raises KeyError, TypeError or ValueError for anything else."""
    parts = {
        "embedder": read_record(EmbedderInfo, raw["embedder"]),
        "bm25": read_record(Bm25Parameters, raw["bm25"]),
    }
    return read_record(Recipe, raw | parts)


def read_current(index: Path) -> tuple[str, str]:
    """The name of the current generation and the SHA-256 of its manifest.

    Raises IndexNotFound if there is no index, IndexCorrupt if ``CURRENT`` is not in the right form.
    """
    path = index / CURRENT
    try:
        data = read_file(path, 4096)
    except (FileNotFoundError, NotADirectoryError):
        raise IndexNotFound(
            f"there is no index in {index}", fix="build one with: rag index FOLDER-OF-ARTICLES"
        ) from None
    except OSError as error:
        raise IndexCorrupt(
            f"{path}: {error.strerror}", fix=mend(LocalIndex(index), "FOLDER")
        ) from error
    name, _, digest = data.decode("latin-1").removesuffix("\n").partition(" ")
    is_digest = len(digest) == 64 and frozenset("0123456789abcdef").issuperset(digest)
    if not (is_digest and data.endswith(b"\n") and _GENERATION.fullmatch(name)):
        raise IndexCorrupt(
            f"{path}: does not name a generation", fix=mend(LocalIndex(index), "FOLDER")
        )
    return name, digest


def read_manifest(index: Path) -> Manifest:
    """The manifest of the current generation, checked against the hash in ``CURRENT``.

    Raises IndexNotFound, IndexMismatch (another format) or IndexCorrupt.
    """
    generation, expected = read_current(index)
    data = _manifest_bytes(index, generation)
    path = index / generation / MANIFEST
    if hashlib.sha256(data).hexdigest() != expected:
        message = f"{path}: its hash is not the one in {CURRENT}"
        raise IndexCorrupt(message, fix=mend(LocalIndex(index), "FOLDER"))
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
        return read_file(path)
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise IndexCorrupt(message, fix=mend(LocalIndex(index), "FOLDER")) from error


def check_sizes(index: Path, manifest: Manifest) -> None:
    """Raise IndexCorrupt if a file of the generation is missing or has the wrong size."""
    for name, record in manifest.files.items():
        path = index / manifest.generation / name
        try:
            size = path.stat().st_size
        except OSError as error:
            raise IndexCorrupt(f"{path}: {error.strerror}", fix=mend(LocalIndex(index))) from error
        if size != record.size:
            message = f"{path}: {size} bytes, should be {record.size}"
            raise IndexCorrupt(message, fix=mend(LocalIndex(index)))


def make_current(index: Path, generation: str, manifest_sha256: str) -> None:
    """Make a generation the current one, in one step."""
    replace_file(index / CURRENT, f"{generation} {manifest_sha256}\n".encode())


def generations(index: Path) -> list[str]:
    """The names of the generation folders, oldest first. A link is none of them."""
    names = [p.name for p in index.iterdir() if _GENERATION.fullmatch(p.name) and is_folder(p)]
    return sorted(names, key=_number)


def _number(generation: str) -> int:
    return int(generation.removeprefix("gen-"))


def lease_file(index: Path, generation: str) -> Path:
    """The file that readers of a generation lock."""
    return index / f"{generation}.lock"


def drop_generation(index: Path, generation: str) -> None:
    """Remove the files of a generation and its lease file, if they exist.

    Only the files that its manifest lists are removed or, if a killed build left no manifest, those that
    a build writes. Anything else stays, and so does the folder, which a warning names.
    """
    folder = index / generation
    # The manifest goes last: if this is interrupted, the next build still knows what to remove.
    if not remove_files(folder, _listed(index, generation), last=MANIFEST):
        logger.warning("%s holds files that no build wrote; they are left alone", folder)
    remove_file(lease_file(index, generation))


def _listed(index: Path, generation: str) -> set[str]:
    """The names of a generation's files, by its own manifest, which may be of another format."""
    try:
        names = [str(name) for name in json.loads(_manifest_bytes(index, generation))["files"]]
    except (IndexCorrupt, ValueError, KeyError, TypeError, RecursionError):
        return {*ALWAYS, SIGNS}
    return {name for name in names if os.path.basename(name) == name}  # noqa: PTH119  # no path


def next_generation(index: Path) -> str:
    """A new name, which sorts after all others.

    Raises OSError if the highest number is taken.
    """
    number = max(map(_number, generations(index)), default=0) + 1
    name = f"gen-{number:06}"
    if not _GENERATION.fullmatch(name):
        highest = index / f"gen-{number - 1:06}"
        raise NotAFile(
            errno.EEXIST, "has the highest number that a generation can have", str(highest)
        )
    return name
