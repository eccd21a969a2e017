"""What a generation is: which rows of the shared collections are part of it, and what they add up to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from rag.errors import IndexCorrupt, IndexMismatch, IndexNotFound
from rag.records import Corpus, IndexFacts, Recipe, Root
from rag.stores.advice import mend, rebuild
from rag.stores.local.manifest import read_recipe, read_record
from rag.stores.milvus import codec
from rag.stores.milvus.connection import Connection
from rag.stores.milvus.expressions import all_of, among
from rag.stores.milvus.index import MilvusIndex
from rag.stores.milvus.schema import GENERATION, NOTHING, Name

FORMAT: Final = 1
MANIFEST, SKIPPED, TERMS = "manifest", "skipped", "terms"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of a generation."""

    number: int
    created: str
    """ISO 8601 with a time zone."""
    passages: str
    """The collection with its passages; ``shared`` is that with its documents."""
    shared: str
    builds: tuple[int, ...]
    """The builds whose rows are part of it, oldest first. Those of a build that failed are not."""
    gone: tuple[int, ...]
    """The numbers of the documents that this generation left out, whose rows the one before still has."""
    buried: tuple[int, ...]
    """Those that were left out earlier: the next build removes their rows."""
    next_document: int
    """The number of the next new document."""
    corpus: Corpus
    recipe: Recipe
    documents: int
    chunks: int
    terms: int
    length: int
    """The number of terms in all passages, with repeats."""
    weighed: float
    """The mean length that the term weights in the rows were computed with; scores are put right."""
    average_idf: float
    languages: Mapping[str, int]
    """How many documents are in each language."""
    blocks: tuple[str, ...]
    """The first term of each block of the vocabulary."""
    graph: bool
    """Whether a graph leads to the nearest vectors, or all are compared."""
    bytes: int
    """About what the rows take."""
    previous: str
    """The collection of the generation before; "" for the first."""
    format: int = FORMAT

    @property
    def mean_length(self) -> float:
        """Of all passages, in terms."""
        return self.length / self.chunks if self.length else 1.0

    def facts(self, index: MilvusIndex, generation: Name) -> IndexFacts:
        """The facts of the index."""
        return IndexFacts(
            index=str(index.folder),
            generation=generation.generation,
            created=self.created,
            corpus=self.corpus,
            recipe=self.recipe,
            documents=self.documents,
            chunks=self.chunks,
            terms=self.terms,
            languages=tuple(sorted(self.languages)),
            store=index.store,
        )

    def to_json(self) -> str:
        """The manifest as JSON."""
        return json.dumps(asdict(self) | {"corpus": [asdict(root) for root in self.corpus.roots]})

    @classmethod
    def from_json(cls, text: str, index: MilvusIndex) -> Manifest:
        """The inverse. Raises IndexMismatch for another format, IndexCorrupt for anything else."""
        try:
            raw: dict[str, Any] = json.loads(text)
            if raw["format"] != FORMAT:
                raise IndexMismatch(
                    f"{index.store}: the index has format {raw['format']}, not {FORMAT}",
                    fix=rebuild(index, "FOLDER"),
                )
            lists = {name: tuple(raw[name]) for name in ("builds", "gone", "buried", "blocks")}
            corpus = Corpus(tuple(read_record(Root, root) for root in raw["corpus"]))
            recipe = read_recipe(raw["recipe"])
            return read_record(cls, {**raw, **lists, "corpus": corpus, "recipe": recipe})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(index, f"no manifest ({error})", "FOLDER") from error


def damaged(index: MilvusIndex, what: str, corpus: str = "") -> IndexCorrupt:
    """The error for what cannot be true of an index that this program wrote."""
    return IndexCorrupt(f"{index.name} in {index.store}: {what}", fix=mend(index, corpus))


# ---------------------------------------------------------------- generations


def current(connection: Connection) -> Name:
    """The current generation. Raises IndexNotFound, or IndexMismatch if the alias is not ours."""
    index = connection.index
    target = connection.target()
    name = Name.parse(index.name, target)
    if name is None or name.kind != GENERATION:
        raise IndexMismatch(
            f"{index.name} in {index.store} is {target}, which no build of this program made",
            fix="name another --index",
        )
    return name


def current_or_none(connection: Connection) -> Name | None:
    """The current generation; None if there is no index."""
    try:
        return current(connection)
    except IndexNotFound:
        return None


def read_manifest(connection: Connection, generation: Name) -> Manifest:
    """The manifest of a generation. Raises IndexCorrupt, or IndexMismatch for another format."""
    connection.load(str(generation))
    text = read_pieces(connection, str(generation), f"name == '{MANIFEST}'").get(MANIFEST)
    if text is None:
        raise damaged(connection.index, f"{generation} has no manifest", "FOLDER")
    return Manifest.from_json(text, connection.index)


def piece_rows(name: str, text: str) -> list[dict[str, Any]]:
    """The rows of a GENERATION for one text."""
    return [
        {"id": f"{name}/{part}", "name": name, "part": part, "data": data, "nothing": NOTHING}
        for part, data in enumerate(codec.pieces(text))
    ]


def read_pieces(connection: Connection, collection: str, where: str) -> dict[str, str]:
    """The texts of a GENERATION for which an expression holds, by name. Raises IndexCorrupt."""
    parts: defaultdict[str, dict[int, str]] = defaultdict(dict)
    try:
        for row in connection.rows(collection, where, ("name", "part", "data")):
            parts[row["name"]][row["part"]] = row["data"]
    except IndexNotFound:
        raise damaged(connection.index, f"{collection} is gone") from None
    return {name: codec.joined(own) for name, own in parts.items()}


def visible(manifest: Manifest) -> str:
    """The expression for the rows that are part of a generation."""
    left_out = (*manifest.gone, *manifest.buried)
    rest = f"not ({among('document', left_out)})" if left_out else ""
    return all_of((among("build", manifest.builds), rest))
