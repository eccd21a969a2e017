"""Paragraphs, questions and, for each question, the paragraphs the product itself would find.

    python training/reader_corpus.py WORK SET.json [SET.json ...]

Each set is in SQuAD's JSON form. What is found is written to ``WORK/corpus.json``, for
``train_reader.py``: finding hard negatives takes minutes and need not be repeated for each training.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import rag

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
    """Paragraphs as (article's number, title or "", text), and the questions about them."""

    paragraphs: tuple[tuple[int, str, str], ...]
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


@dataclass(frozen=True)
class Question:
    """A question, the paragraph that answers it and the accepted answers with their places there."""

    text: str
    paragraph: int
    answers: tuple[tuple[str, int], ...]


def read_squad(path: Path) -> tuple[list[tuple[int, str, str]], list[Question]]:
    """Paragraphs as (article number, its title, text), and the questions."""
    paragraphs: list[tuple[int, str, str]] = []
    questions: list[Question] = []
    for number, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answers = tuple((a["text"], a["answer_start"]) for a in qa["answers"])
                if qa.get("is_impossible"):
                    answers = ()
                questions.append(Question(qa["question"], len(paragraphs), answers))
            title = article.get("title", "").replace("_", " ")
            paragraphs.append((number, title, paragraph["context"]))
    return paragraphs, questions


def write_corpus(paragraphs: list[tuple[int, str, str]], folder: Path) -> None:
    """One article a paragraph, named by article and paragraph so that a filter can tell them apart."""
    with (folder / "metadata.jsonl").open("w", encoding="utf-8") as sidecar:
        for number, (_, title, text) in enumerate(paragraphs):
            (folder / f"{number:05}.txt").write_text(text, encoding="utf-8", newline="")
            if title:
                sidecar.write(json.dumps({"path": f"{number:05}.txt", "title": title}) + "\n")


def read_sets(paths: list[Path]) -> Corpus:
    """All sets as one corpus. A title that names the set, not a subject, is left out."""
    paragraphs: list[tuple[int, str, str]] = []
    questions: list[Asked] = []
    articles = 0
    for path in paths:
        own, asked = read_squad(path)
        shifted = "shifts" in path.name and "wiki" not in path.name
        questions += [Asked(q.text, q.paragraph + len(paragraphs), q.answers) for q in asked]
        paragraphs += [(n + articles, "" if shifted else title, text) for n, title, text in own]
        articles = paragraphs[-1][0] + 1
    return Corpus(tuple(paragraphs), tuple(questions))


def with_near(corpus: Corpus) -> Iterator[Asked]:
    """Each question with the paragraphs that hybrid search finds for it, its own left out."""
    with tempfile.TemporaryDirectory() as name:
        folder, index = Path(name) / "corpus", Path(name) / "index"
        folder.mkdir()
        write_corpus(list(corpus.paragraphs), folder)
        rag.build(folder, index)
        retriever = rag.Retriever.open(index)
        for question in corpus.questions:
            found = [int(p.doc_id[:5]) for p in retriever.search(question.text, NEAR + 4)]
            near = [number for number in dict.fromkeys(found) if number != question.paragraph]
            yield Asked(question.text, question.paragraph, question.answers, tuple(near[:NEAR]))


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
