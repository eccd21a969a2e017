"""Copies are listed in groups, count as one voice, and a correction takes the place of what it corrects."""

import json

import pytest

import rag
from rag.cli import run

STORY = (
    "Lindvik pays {} million crowns for the ferry Brunna, the harbour board said on Monday. The ship was"
    " built in the yard of Drennick. It carries 240 passengers and 62 cars, and will sail from June, four"
    " times a day. The old ferry goes to the breakers in the autumn."
)
OTHER = (
    "A ship is bought\n\nLindvik pays 38 million crowns for Brunna, the ferry, Ada Voss has learned from"
    " the council. Fares will not rise before next year, and the crossing takes half an hour.\n"
)


def page(title, text, **found):
    head = "".join(f"{name}: {value}\n" for name, value in found.items())
    return f"---\ntitle: {title}\n{head}---\n\n{text}\n"


ARTICLES = {
    "a/ferry.md": page("A ferry for Lindvik", STORY.format(38), publisher="Ledger"),
    "b/amp.md": page(
        "A ferry for Lindvik",
        "Subscribe now.\n\n" + STORY.format(38)[:150],
        url="https://ledger.example/amp/ferry",
    ),
    "b/page.md": page(
        "A ferry for Lindvik", STORY.format(38), url="https://ledger.example/ferry?utm_source=x"
    ),
    "b/wire.md": page(
        "Lindvik gets its ferry", STORY.format(38) + " More on this tomorrow.", publisher="Post"
    ),
    "other.txt": OTHER,
}


@pytest.fixture
def retriever(tmp_path, embedder):
    for name, text in ARTICLES.items():
        path = tmp_path / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    rag.build(tmp_path / "articles", tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as opened:
        yield opened


def test_copies_are_listed_in_groups_each_with_its_likeness(retriever, tmp_path, capsys):
    [group] = retriever.copies()
    assert {copy.doc_id: copy.likeness for copy in group.copies} == {
        "a/ferry.md": "first",
        "b/amp.md": "near copy",
        "b/page.md": "same text",
        "b/wire.md": "near copy",
    }
    index = ["--index", str(tmp_path / "index")]
    assert run(["list", "--copies", *index]) == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("a/ferry.md  A ferry for Lindvik — Ledger")
    assert [line.split("  ")[1].strip() for line in others] == [
        "near copy",
        "same text",
        "near copy",
    ]
    assert run(["list", "--copies", "--json", *index]) == 0
    assert json.loads(capsys.readouterr().out) == {"groups": [group.to_dict()]}


def test_copies_are_one_voice(retriever):
    answer = retriever.ask("How much does Lindvik pay for the ferry Brunna?")
    assert "38" in answer.answer
    assert answer.support == 2  # the four copies, and the article that is no copy
    assert len(answer.passages) > 2
    assert answer.disagreement == ()


def test_an_index_without_copies_lists_none(tmp_path, embedder, capsys):
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/other.txt").write_text(OTHER)
    rag.build(tmp_path / "articles", tmp_path / "index")
    assert run(["list", "--copies", "--index", str(tmp_path / "index")]) == 0
    assert capsys.readouterr().out == "no article is a copy of another\n"


@pytest.mark.parametrize("names", [("a.md", "b.md"), ("b.md", "a.md")])
@pytest.mark.parametrize("amounts", [(38, 41), (41, 38)])
def test_a_correction_takes_the_place_of_what_it_corrects(tmp_path, embedder, names, amounts):
    (tmp_path / "articles").mkdir()
    dates = {"published": "2025-05-06", "publisher": "Ledger"}
    for name, amount, updated in zip(names, amounts, ("2025-05-06", "2025-05-08"), strict=True):
        text = page("A ferry for Lindvik", STORY.format(amount), updated=updated, **dates)
        (tmp_path / "articles" / name).write_text(text)
    rag.build(tmp_path / "articles", tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        [group] = retriever.copies()
        answer = retriever.ask("How much does Lindvik pay for the ferry Brunna?")
    assert [copy.likeness for copy in group.copies] == ["first", "corrected version"]
    assert group.copies[1].updated == "2025-05-08"
    assert str(amounts[1]) in answer.answer
    assert answer.citations[0].doc_id == names[1]
    assert answer.disagreement == ()
    assert answer.support == 1
