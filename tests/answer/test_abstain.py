"""An abstention says in a sentence what is missing, and says nothing that is not so."""

import json
import re
from pathlib import Path

import pytest

import rag
from rag.answer.lacking import Lacking, mentioned, unknown_names, why_not
from rag.english.question import read_question
from rag.english.words import places
from rag.stores.analyzer import TextAnalyzer
from tests.profiles import some

SETS = Path(__file__).parents[2] / "evaluation"
ODD = [
    "When did the Titanic sink in the Atlantic?",
    "How much did the Titans of Lindvik cost?",
    "Did Gordon Brown strive for rare earths in 1987?",
    "who is the minister of kenya?",
    "What did Hiroshi Kubota tell Nintendo in 2019?",
    "Why was the refinery in Indianapolis closed?",
]


def named(question):
    return list(read_question(question, TextAnalyzer()).named)


def test_offices_and_first_words_are_not_names():
    assert named("Who is the CEO of Orvald Mills?") == ["Orvald Mills"]
    assert named("Why did I see Ann Lee's cat in 2020?") == ["Ann Lee"]


def test_the_reason_names_what_is_there_and_what_is_not(corpus, tmp_path):
    rag.build(corpus, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        near = retriever.ask("How many people does Ingrid Solheim employ?", min_confidence=1)
        assert "mention “Ingrid Solheim”, but no sentence answers well enough" in near.reason
        assert near.passages
        far = retriever.ask("Who wrote Hamlet?", min_confidence=1)
        assert "no passage of the articles mentions “Hamlet”" in far.reason
        plain = retriever.ask("Did the repairs cost anything?", min_confidence=1)
        assert "well enough" in plain.reason
        swapped = retriever.ask("What did the repairs of the harbour of Orvald cost?")
        assert swapped.answer is None
        assert "“Old harbour reopens after storm”, never mentions “Orvald”" in swapped.reason


def reasons(**changes):
    given = {
        "any_passages": True, "filtered": False, "narrowed": False, "unknown": [], "lacking": None,
        "known": [],
    }  # fmt: skip
    return why_not(0.01, 0.075, **given | changes)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"any_passages": False, "filtered": True}, "no article passes the filters"),
        ({"any_passages": False, "narrowed": True}, "marked +"),
        ({"any_passages": False}, "nothing in common|anything in common"),
        (
            {"unknown": ["Nintendo", "2019"]},
            "^no passage of the articles mentions “Nintendo” or “2019”$",
        ),
        (
            {"lacking": Lacking("Bees", ("Ann Lee",)), "known": ["Oslo"]},
            "^the article that comes nearest, “Bees”, never mentions “Ann Lee”$",
        ),
        ({"known": ["A", "B", "C"]}, "^the articles mention “A”, “B” and “C”, but no sentence"),
        ({}, r"^no sentence answers well enough \(confidence 0.010, 0.075 is needed\)$"),
    ],
)
def test_the_strongest_reason_is_given(given, said):
    assert re.search(said, reasons(**given))


def content(document):
    """The text of an article without its boilerplate, which is in no passage."""
    blocks = [block for block in document.blocks if block.kind != "boilerplate"]
    return "\n".join(document.text[block.start : block.end] for block in blocks)


def test_every_word_that_a_reason_quotes_is_there_or_is_not_there(seeds):
    questions = ODD + [
        json.loads(line)["question"]
        for name in ("seeds-2", "seeds-3")
        for line in some((SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines(), 3)
    ]
    articles = {info.title: seeds.document(info.doc_id) for info in seeds.documents()}
    everything = "\n".join(map(content, articles.values()))
    kinds = set()
    for question in questions:
        reason = seeds.ask(question, min_confidence=1).reason
        found = re.search(
            r"nearest, “(.*)”, never mentions|no passage of the articles mentions|mention", reason
        )
        if not found:
            continue
        kinds.add(found[0].partition(",")[0])
        for words in re.findall("“(.*?)”", reason[found.end() :]):
            if found[1]:
                assert not places(words, articles[found[1]].text, cased=False)
            elif found[0].startswith("no"):
                assert not places(words, everything, cased=False)
            else:
                assert places(words, everything, cased=False) or mentioned([words], [everything])
    assert len(kinds) == 3


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Bank of Japan raised rates.", ["Bank of Japan"]),
        ("The BoJ raised rates.", ["Bank of Japan"]),
        ("A bank in Japan raised rates.", []),
        ("The Bank of England raised rates.", []),
        ("A banker saw South Koreans.", ["South Korea"]),
        ("South Africa has a bank, North Korea one more.", []),
    ],
)
def test_only_names_in_the_article_are_mentioned(text, found):
    assert mentioned(named("What did the Bank of Japan tell South Korea?"), [text]) == found


def test_a_word_with_the_same_stem_is_another_word():
    assert TextAnalyzer()("Titanic") == TextAnalyzer()("Titan's")
    assert not places("Titanic", "Titan's orbit", cased=False)
    assert unknown_names(["Ann Lee", "Lee"], TextAnalyzer(), {"lee": 2}.get) == ["Ann Lee"]


def test_names_of_any_length_are_found():
    assert named("Who is " + "A" * 50_000) == ["A" * 50_000]
