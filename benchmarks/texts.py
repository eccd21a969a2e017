"""What is searched: collections in BEIR layout, and real text in any amount."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.measure import ROOT

if TYPE_CHECKING:
    import numpy.typing as npt

    Rows = npt.NDArray[np.int64]

STRETCH: Final = 8
"""Words of a stretch: long enough to read as text, short enough that no two passages are alike."""

PASSAGE: Final = 16
"""Stretches of a passage: 128 words are about 170 tokens of news English."""

PARAGRAPH: Final = 12
"""Stretches of an article's paragraph: of such a length that each becomes one passage."""


class BadData(Exception):  # its message is all a user needs
    """A collection that cannot be used; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, and queries with the documents that are relevant to them."""

    name: str
    documents: Mapping[str, tuple[str, str]]
    """By id: title and text."""
    queries: Mapping[str, str]
    """By id; only those that have a relevant document."""
    relevant: Mapping[str, Mapping[str, int]]
    """By query: the grade of each judged document."""

    def texts(self) -> list[str]:
        """Title and text of each document in one."""
        return [f"{title}\n{text}".strip() for title, text in self.documents.values()]


def load_collection(folder: Path | None, split: str) -> Collection:
    """A folder in BEIR layout; None is the seeds with the questions about them.

    Raises BadData, naming the file and the line.
    """
    if folder is None:
        return _seeds()
    documents = {
        _text(row, "_id", place): (row.get("title") or "", _text(row, "text", place))
        for row, place in _rows(folder / "corpus.jsonl")
    }
    texts = {
        _text(row, "_id", place): _text(row, "text", place)
        for row, place in _rows(folder / "queries.jsonl")
    }
    relevant: dict[str, dict[str, int]] = {}
    qrels = folder / "qrels" / f"{split}.tsv"
    for number, line in enumerate(_lines(qrels), 1):
        fields = line.split("\t")
        if number == 1 and fields[-1] == "score":
            continue
        try:
            query, document, grade = fields
            relevant.setdefault(query, {})[document] = int(grade)
        except ValueError:
            raise BadData(f"{qrels}:{number}: not query, document and grade") from None
        if query not in texts or document not in documents:
            raise BadData(f"{qrels}:{number}: unknown query or document")
    judged = {query: texts[query] for query, grades in relevant.items() if any(grades.values())}
    if not judged:
        raise BadData(f"{qrels}: no query has a relevant document")
    return Collection(folder.name, documents, judged, relevant)


def _seeds() -> Collection:
    documents = {
        path.name: ("", path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "seeds").glob("*.txt"))
    }
    questions = ROOT / "evaluation" / "seeds.jsonl"
    rows = [row for row, _ in _rows(questions) if row["sources"]]
    return Collection(
        "seeds",
        documents,
        {row["id"]: row["question"] for row in rows},
        {row["id"]: dict.fromkeys(row["sources"], 1) for row in rows},
    )


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{path}: {error}") from error


def _rows(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Each line's object, and its place for messages."""
    for number, line in enumerate(_lines(path), 1):
        place = f"{path}:{number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadData(f"{place}: {error}") from error
        if not isinstance(row, dict):
            raise BadData(f"{place}: not a JSON object")
        yield row, place


def _text(row: Mapping[str, Any], name: str, place: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise BadData(f"{place}: no {name}")
    return value


# ---------------------------------------------------------------- text in any amount


class Recombined:
    """Stretches of real articles, drawn at random into passages: real words in real numbers.

    A drawing is rows of stretch numbers, so that terms can be made of them without reading all text.
    """

    def __init__(self, texts: Iterable[str], seed: int = 0) -> None:
        words = [text.split() for text in texts]
        self.stretches = [
            " ".join(article[at : at + STRETCH])
            for article in words
            for at in range(0, len(article), STRETCH)
        ]
        self._random = np.random.default_rng(seed)

    def draw(self, count: int, length: int = PASSAGE) -> Rows:
        """Numbers of the stretches of ``count`` passages: int64 (count, length)."""
        return self._random.integers(0, len(self.stretches), (count, length))

    def text(self, row: Sequence[int] | Rows) -> str:
        """The text of one row of a drawing."""
        return " ".join(self.stretches[number] for number in row)

    def passages(self, count: int, length: int = PASSAGE) -> list[str]:
        """``count`` passages of ``length`` stretches."""
        return [self.text(row) for row in self.draw(count, length)]

    def write_articles(
        self, folder: Path, count: int, paragraphs: int, length: int = PARAGRAPH
    ) -> None:
        """``count`` articles with a title and paragraphs of ``length`` stretches, one file each."""
        folder.mkdir(parents=True)
        for number in range(count):
            title, *body = [self.passages(1, 1)[0], *self.passages(paragraphs, length)]
            text = "\n\n".join((title, *(f"{paragraph}." for paragraph in body)))
            (folder / f"{number:06}.txt").write_text(text + "\n", encoding="utf-8")


def mixed_vectors(base: npt.NDArray[np.float32], count: int, seed: int = 0) -> Any:
    """Unit vectors as articles have them: each between two of ``base``, with noise; (count, dimension).

    Their cosines spread as those of real passages do, which random vectors' do not.
    """
    random = np.random.default_rng(seed)
    pairs = random.integers(0, len(base), (2, count))
    share = random.random((count, 1), np.float32)
    vectors = share * base[pairs[0]] + (1 - share) * base[pairs[1]]
    vectors += random.standard_normal(vectors.shape, np.float32) * np.float32(0.02)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
