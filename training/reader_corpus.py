"""Paragraphs, questions and, for each question, the paragraphs the product itself would find.

    python training/reader_corpus.py WORK SET.json[.xz] [SET.json[.xz] ...]

Each set is in SQuAD's JSON form, plain or compressed by xz. What is found is written to
``WORK/corpus.json``, for ``train_reader.py``: finding hard negatives takes minutes and need not be repeated
for each training.
"""

import argparse
import json
import lzma
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from reader_labels import Labels

import rag
from rag.evaluate import SourceText, prepared_index
from rag.models import load_embedder
from rag.records import Scope, document_of
from rag.search import CANDIDATES, Query, QuestionAnalyzer, parse
from rag.search.fuse import fuse
from rag.stores import open_store
from rag.stores.analyzer import TextAnalyzer

Paragraph = tuple[int, str, str]
"""Its article's number, its title or "", and its text."""

NEAR = 16  # paragraphs kept a question
HELD_OUT = 50  # the questions of one article in so many do not train
LARGE = 200  # paragraphs of an article that is none
TOGETHER = 512  # questions embedded at once
LEFT_OUT = ("New York City",)
"""Titles of articles that stand close to texts which are kept for judging."""
UNTITLED = ("reddit", "amazon", "fairytale", "qamr")
"""In the names of sets whose titles name a source, not a subject."""


@dataclass(frozen=True)
class Asked:
    """A question, its paragraph's number, the accepted answers with their places, and near misses."""

    text: str
    paragraph: int
    answers: tuple[tuple[str, int], ...]
    near: tuple[int, ...] = ()
    anywhere: bool = False
    """Whether the set does not say which of these places it means: any of them is right."""
    source: str = ""
    """The set it is from."""
    split: str = ""
    """The part of the set, where the set says so for each question."""


@dataclass(frozen=True)
class Corpus:
    """Paragraphs, and the questions about them."""

    paragraphs: tuple[Paragraph, ...]
    questions: tuple[Asked, ...]
    labels: Labels = field(default_factory=Labels)

    @classmethod
    def load(cls, path: Path) -> "Corpus":
        """What ``main`` wrote, with the labels beside it if ``label_entities.py`` wrote any."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        questions = tuple(
            Asked(
                q["text"],
                q["paragraph"],
                tuple((t, at) for t, at in q["answers"]),
                tuple(q["near"]),
                q["anywhere"],
                q["source"],
                q["split"],
            )
            for q in raw["questions"]
        )
        labels = Labels.load(
            path.with_name("labels.json"), [(q.paragraph, q.text) for q in questions]
        )
        paragraphs = tuple((n, title, text) for n, title, text in raw["paragraphs"])
        return cls(paragraphs, questions, labels)

    def parted(self) -> tuple["Corpus", tuple[Asked, ...]]:
        """All but the questions of every fiftieth article, to train on; and these, to choose by.

        Of an article that is a set of its own, such as all of Reddit, none is held out.
        """
        sizes = Counter(article for article, _, _ in self.paragraphs)
        taught: list[Asked] = []
        kept: list[Asked] = []
        for question in self.questions:
            article = self.paragraphs[question.paragraph][0]
            held = article % HELD_OUT == 0 and sizes[article] < LARGE
            (kept if held else taught).append(question)
        return replace(self, questions=tuple(taught)), tuple(kept)

    def beside(self, paths: Sequence[Path]) -> tuple["Corpus", tuple[Asked, ...]]:
        """The same with the paragraphs of more sets, and their questions, which are not among its own."""
        more = read_sets(paths)
        first, article = len(self.paragraphs), 1 + max(n for n, _, _ in self.paragraphs)
        paragraphs = [(n + article, title, text) for n, title, text in more.paragraphs]
        asked = tuple(replace(q, paragraph=q.paragraph + first) for q in more.questions)
        return replace(self, paragraphs=(*self.paragraphs, *paragraphs)), asked


def read_squad(path: Path) -> tuple[list[Paragraph], list[Asked]]:
    """A set's paragraphs, and the questions; one without answers has none there."""
    paragraphs: list[Paragraph] = []
    questions: list[Asked] = []
    source = path.name.partition(".")[0]
    for number, article in enumerate(_read(path)["data"]):
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                given = [] if qa.get("is_impossible") else qa["answers"]
                answers = tuple(
                    (a["text"], at)
                    for a in given
                    for at in a.get("all_starts", [a["answer_start"]])
                )
                asked = Asked(
                    qa["question"],
                    len(paragraphs),
                    answers,
                    anywhere=any("all_starts" in a for a in given),
                    source=source,
                    split=qa.get("split", ""),
                )
                questions.append(asked)
            title = article.get("title", "").replace("_", " ")
            paragraphs.append((number, title, paragraph["context"]))
    return paragraphs, questions


def _read(path: Path) -> Any:
    if path.suffix == ".xz":
        with lzma.open(path, "rt", encoding="utf-8") as file:
            return json.load(file)
    return json.loads(path.read_text(encoding="utf-8"))


def indexed(paragraphs: Sequence[Paragraph]) -> Path:
    """An index of the paragraphs, one document each; ``document_name`` of its number is its id."""
    documents = [SourceText(str(n), title, text) for n, (_, title, text) in enumerate(paragraphs)]
    return prepared_index(documents, rag.Settings()).index


def opened(paragraphs: Sequence[Paragraph]) -> rag.Retriever:
    """The same, opened."""
    return rag.Retriever.open(indexed(paragraphs))


def read_sets(paths: Sequence[Path]) -> Corpus:
    """What is to be trained on of all sets, as one corpus.

    Questions that a set keeps for choosing and testing are left out, with ``LEFT_OUT``; and titles that
    name a source, not a subject.
    """
    paragraphs: list[Paragraph] = []
    questions: list[Asked] = []
    articles = 0
    for path in paths:
        own, asked = read_squad(path)
        kept = [
            q for q in asked if q.split in {"", "train"} and own[q.paragraph][1] not in LEFT_OUT
        ]
        untitled = any(name in path.name for name in UNTITLED)
        numbers: dict[int, int] = {}  # only paragraphs that a question needs
        for question in kept:
            if question.paragraph not in numbers:
                numbers[question.paragraph] = len(paragraphs)
                number, title, text = own[question.paragraph]
                paragraphs.append((number + articles, "" if untitled else title, text))
            questions.append(replace(question, paragraph=numbers[question.paragraph]))
        articles += own[-1][0] + 1
    return Corpus(tuple(paragraphs), tuple(questions))


def with_near(corpus: Corpus) -> Iterator[Asked]:
    """Each question with the paragraphs that hybrid search finds for it, without its own.

    The search is that of ``rag.Retriever.search``; questions are embedded many at once.
    """
    store, embedder = open_store(indexed(corpus.paragraphs)), load_embedder()
    analyzer = QuestionAnalyzer(TextAnalyzer(), store)
    half = rag.Settings().lexical_weight
    weights = {"lexical": half, "dense": 1 - half}
    for begin in range(0, len(corpus.questions), TOGETHER):
        some = corpus.questions[begin : begin + TOGETHER]
        queries = [_query(question.text, analyzer) for question in some]
        vectors = embedder.embed_queries([query.text for query in queries])
        for question, query, vector in zip(some, queries, vectors, strict=True):
            lists = {
                "lexical": store.lexical(query.terms, query.phrases, CANDIDATES, Scope()),
                "dense": store.dense(vector, CANDIDATES, Scope()),
            }
            ranked = fuse(lists, weights, "minmax", CANDIDATES)[: NEAR + 8]
            numbers = (int(document_of(each.chunk_id).partition(".")[0]) for each in ranked)
            near = dict.fromkeys(numbers)
            near.pop(question.paragraph, None)
            yield replace(question, near=tuple(near)[:NEAR])


def _query(text: str, analyzer: QuestionAnalyzer) -> Query:
    """The question as the product reads it; as it stands, where that is nothing to look for."""
    try:
        return parse(text, analyzer)
    except rag.InvalidArgument:
        return Query(text, tuple(analyzer(text)))


def main() -> None:
    """Read the sets, search for each question, write what was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("work", type=Path, help="folder for what is found")
    parser.add_argument(
        "sets", nargs="+", type=Path, help="SQuAD JSON files to train on, or .json.xz"
    )
    arguments = parser.parse_args()
    corpus = read_sets(arguments.sets)
    found = Corpus(corpus.paragraphs, tuple(with_near(corpus)))
    arguments.work.mkdir(parents=True, exist_ok=True)
    (arguments.work / "corpus.json").write_text(json.dumps(asdict(found)), encoding="utf-8")
    print(f"{len(found.paragraphs)} paragraphs, {len(found.questions)} questions")


if __name__ == "__main__":
    main()
