"""Texts for the benchmarks: collections in BEIR layout, and any amount of realistic text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.measure import ROOT
from rag.evaluate import RetrievalSet, SourceText, read_beir, read_questions

if TYPE_CHECKING:
    import numpy.typing as npt

    Rows = npt.NDArray[np.int64]

STRETCH: Final = 8
"""Words per stretch: long enough to be realistic, short enough that no two passages are alike."""

PASSAGE: Final = 16
"""Stretches per passage: 128 words, about 170 tokens of news English."""

PARAGRAPH: Final = 12
"""Stretches per paragraph of an article, so that each paragraph becomes one passage."""


def load_collection(folder: Path | None, split: str) -> RetrievalSet:
    """A collection in BEIR layout; None is the seeds with their questions.

    Raises DatasetInvalid, naming the file and the line.
    """
    if folder is not None:
        return read_beir(folder, split)
    questions = read_questions(ROOT / "evaluation" / "seeds.jsonl").questions
    documents = tuple(
        SourceText(path.name, "", path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "seeds").glob("*.txt"))
    )
    sourced = {question.id: question for question in questions if question.sources}
    return RetrievalSet(
        "seeds",
        split,
        documents,
        {name: question.text for name, question in sourced.items()},
        {name: dict.fromkeys(question.sources, 1) for name, question in sourced.items()},
    )


def texts_of(collection: RetrievalSet) -> list[str]:
    """The title and text of each document as one string."""
    return [f"{document.title}\n{document.text}".strip() for document in collection.documents]


# ---------------------------------------------------------------- any amount of text


class Recombined:
    """Makes passages of random stretches of real articles, so that word frequencies are realistic.

    A draw is rows of stretch numbers, so that terms can be computed without analyzing all the text.
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
        """The stretch numbers of ``count`` passages: int64 (count, length)."""
        return self._random.integers(0, len(self.stretches), (count, length))

    def text(self, row: Sequence[int] | Rows) -> str:
        """The text of one row of a draw."""
        return " ".join(self.stretches[number] for number in row)

    def passages(self, count: int, length: int = PASSAGE) -> list[str]:
        """``count`` passages of ``length`` stretches."""
        return [self.text(row) for row in self.draw(count, length)]

    def write_articles(
        self, folder: Path, count: int, paragraphs: int, length: int = PARAGRAPH
    ) -> None:
        """Write ``count`` articles, one file each: a title, and paragraphs of ``length`` stretches."""
        folder.mkdir(parents=True)
        for number in range(count):
            title, *body = [self.passages(1, 1)[0], *self.passages(paragraphs, length)]
            text = "\n\n".join((title, *(f"{paragraph}." for paragraph in body)))
            (folder / f"{number:06}.txt").write_text(text + "\n", encoding="utf-8")


def mixed_vectors(base: npt.NDArray[np.float32], count: int, seed: int = 0) -> Any:
    """Realistic unit vectors, each between two of ``base``, with noise: float32 (count, dimension).

    Unlike those of random vectors, their cosines are distributed like those of real passages.
    """
    random = np.random.default_rng(seed)
    pairs = random.integers(0, len(base), (2, count))
    share = random.random((count, 1), np.float32)
    vectors = share * base[pairs[0]] + (1 - share) * base[pairs[1]]
    vectors += random.standard_normal(vectors.shape, np.float32) * np.float32(0.02)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
