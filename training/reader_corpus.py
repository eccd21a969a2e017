"""Paragraphs, questions and, for each question, the paragraphs the product itself would find.

    python training/reader_corpus.py WORK SET.json [SET.json ...]

Each set is in SQuAD's JSON form. What is found is written to ``WORK/corpus.json``, for
``train_reader.py``: finding hard negatives takes minutes and need not be repeated for each training.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import rag
from rag.evaluate import SourceText, prepared_index

Paragraph = tuple[int, str, str]
"""Its article's number, its title or "", and its text."""

NEAR = 16  # paragraphs kept a question


@dataclass(frozen=True)
class Asked:
    """A question, its paragraph's number, the accepted answers with their places, and near misses."""

    text: str
    paragraph: int
    answers: tuple[tuple[str, int], ...]
    near: tuple[int, ...] = ()


@dataclass(frozen=True)
class Corpus:
    """Paragraphs, and the questions about them."""

    paragraphs: tuple[Paragraph, ...]
    questions: tuple[Asked, ...]

    @classmethod
    def load(cls, path: Path) -> "Corpus":
        """What ``main`` wrote."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        questions = (
            Asked(
                q["text"],
                q["paragraph"],
                tuple((t, at) for t, at in q["answers"]),
                tuple(q["near"]),
            )
            for q in raw["questions"]
        )
        return cls(
            tuple((n, title, text) for n, title, text in raw["paragraphs"]), tuple(questions)
        )


def read_squad(path: Path) -> tuple[list[Paragraph], list[Asked]]:
    """A set's paragraphs, and the questions; one without answers has none there."""
    paragraphs: list[Paragraph] = []
    questions: list[Asked] = []
    for number, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answers = tuple((a["text"], a["answer_start"]) for a in qa["answers"])
                if qa.get("is_impossible"):
                    answers = ()
                questions.append(Asked(qa["question"], len(paragraphs), answers))
            title = article.get("title", "").replace("_", " ")
            paragraphs.append((number, title, paragraph["context"]))
    return paragraphs, questions


def opened(paragraphs: Sequence[Paragraph]) -> rag.Retriever:
    """An index of the paragraphs, one document each; ``document_name`` of its number is its id."""
    documents = [SourceText(str(n), title, text) for n, (_, title, text) in enumerate(paragraphs)]
    return rag.Retriever.open(prepared_index(documents, rag.Settings()).index)


def read_sets(paths: list[Path]) -> Corpus:
    """All sets as one corpus. A title that names the set, not a subject, is left out."""
    paragraphs: list[Paragraph] = []
    questions: list[Asked] = []
    articles = 0
    for path in paths:
        own, asked = read_squad(path)
        shifted = "shifts" in path.name and "wiki" not in path.name
        questions += [replace(q, paragraph=q.paragraph + len(paragraphs)) for q in asked]
        paragraphs += [(n + articles, "" if shifted else title, text) for n, title, text in own]
        articles = paragraphs[-1][0] + 1
    return Corpus(tuple(paragraphs), tuple(questions))


def with_near(corpus: Corpus) -> Iterator[Asked]:
    """Each question with the paragraphs that hybrid search finds for it, its own left out."""
    retriever = opened(corpus.paragraphs)
    for question in corpus.questions:
        found = [int(p.doc_id[:-4]) for p in retriever.search(question.text, NEAR + 4)]
        near = [number for number in dict.fromkeys(found) if number != question.paragraph]
        yield replace(question, near=tuple(near[:NEAR]))


def main() -> None:
    """Read the sets, search for each question, write what was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("work", type=Path, help="folder for what is found")
    parser.add_argument("sets", nargs="+", type=Path, help="SQuAD JSON files to train on")
    arguments = parser.parse_args()
    corpus = read_sets(arguments.sets)
    found = Corpus(corpus.paragraphs, tuple(with_near(corpus)))
    arguments.work.mkdir(parents=True, exist_ok=True)
    (arguments.work / "corpus.json").write_text(json.dumps(asdict(found)), encoding="utf-8")
    print(f"{len(found.paragraphs)} paragraphs, {len(found.questions)} questions")


if __name__ == "__main__":
    main()
