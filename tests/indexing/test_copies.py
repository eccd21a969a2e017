"""Files with the same bytes are indexed once, under the first id, and no update loses one of them."""

import json
import random
import shutil
import zipfile

import pytest

import rag
from rag.cli import run

SWANS = "Swans on Lake Ommeld\n\nThe wardens ringed 14 swans on Lake Ommeld on Sunday.\n"
GEESE = "Geese on Lake Ommeld\n\nThe wardens ringed 25 geese on Lake Ommeld on Friday.\n"


@pytest.fixture
def folder(tmp_path, embedder):
    write(tmp_path / "articles", {"a/swans.txt": SWANS, "b/copy.txt": SWANS, "c.txt": GEESE})
    return tmp_path


def write(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def build(folder, index="index", **options):
    return rag.build(folder / "articles", folder / index, **options)


def listed(folder, index="index"):
    with rag.Retriever.open(folder / index) as retriever:
        return {each.doc_id: each.copies for each in retriever.documents()}


def stale(folder):
    with rag.Retriever.open(folder / "index") as retriever:
        return retriever.staleness()


def test_a_file_in_two_places_is_one_document_with_both_ids(folder, capsys):
    report = build(folder)
    assert (report.documents, report.copies) == (2, 1)
    assert listed(folder) == {"a/swans.txt": ("b/copy.txt",), "c.txt": ()}
    assert not stale(folder)
    with rag.Retriever.open(folder / "index") as retriever:
        answer = retriever.ask("How many swans did the wardens ring on Lake Ommeld?")
        assert retriever.document("b/copy.txt") == retriever.document("a/swans.txt")
        assert retriever.document("b/").doc_id == "a/swans.txt"
        found = retriever.search("swans", filters=rag.Filters(path="b/*"))
    assert answer.support == 1
    assert answer.citations[0].copies == ("b/copy.txt",)
    assert [passage.doc_id for passage in found] == ["a/swans.txt"]
    (folder / "answer.json").write_text(json.dumps(answer.to_dict()))
    assert rag.verify(folder / "answer.json", folder / "index").ok
    index = ["--index", str(folder / "index")]
    assert run(["list", *index]) == 0
    assert "(also b/copy.txt)" in capsys.readouterr().out
    assert run(["list", "--copies", *index]) == 0
    assert "same bytes  b/copy.txt" in capsys.readouterr().out
    assert run(["ask", "How many swans did the wardens ring on Lake Ommeld?", *index]) == 0
    assert "a/swans.txt:3  (also b/copy.txt)" in capsys.readouterr().out


def test_without_the_first_the_article_is_not_lost(folder):
    build(folder)
    (folder / "articles/a/swans.txt").unlink()
    assert stale(folder).removed == ("a/swans.txt",)
    report = build(folder)
    assert (report.added, report.removed, report.embedded) == (("b/copy.txt",), ("a/swans.txt",), 0)
    assert listed(folder) == {"b/copy.txt": (), "c.txt": ()}
    assert not stale(folder)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("b/copy.txt", None, {"a/swans.txt": (), "c.txt": ()}),
        ("b/copy.txt", GEESE, {"a/swans.txt": (), "b/copy.txt": ("c.txt",)}),
        ("0.txt", SWANS, {"0.txt": ("a/swans.txt", "b/copy.txt"), "c.txt": ()}),
        ("z.txt", SWANS, {"a/swans.txt": ("b/copy.txt", "z.txt"), "c.txt": ()}),
        ("a/swans.txt", GEESE, {"a/swans.txt": ("c.txt",), "b/copy.txt": ()}),
        ("z.md", SWANS, {"a/swans.txt": ("b/copy.txt",), "c.txt": (), "z.md": ()}),
        (
            "metadata.jsonl",
            '{"path": "b/copy.txt", "publisher": "Post"}',
            {"a/swans.txt": (), "b/copy.txt": (), "c.txt": ()},
        ),
    ],
)
def test_any_change_is_noticed_and_gives_what_a_full_build_gives(folder, name, text, expected):
    build(folder)
    path = folder / "articles" / name
    path.unlink() if text is None else path.write_text(text)
    assert stale(folder)
    build(folder)
    assert listed(folder) == expected
    assert not stale(folder)
    build(folder, "full")
    assert contents(folder / "index") == contents(folder / "full")


def contents(index):
    generation = (index / "CURRENT").read_text().split()[0]
    files = (index / generation).iterdir()
    return {path.name: path.read_bytes() for path in files if path.name != "manifest.json"}


def test_any_sequence_of_changes_gives_what_a_full_build_gives(folder):
    rng = random.Random(5)  # noqa: S311
    texts = [SWANS, GEESE, SWANS.replace("Sunday", "Monday")]
    for _ in range(6):
        for _ in range(3):
            path = folder / "articles" / f"{rng.choice('abcd')}.txt"
            if path.exists() and rng.random() < 0.4:
                path.unlink()
            else:
                path.write_text(rng.choice(texts))
        build(folder)
        assert not stale(folder)
    build(folder, "full")
    assert contents(folder / "index") == contents(folder / "full")


def test_every_copy_of_an_unreadable_file_has_its_line(folder):
    for name in ("x.txt", "y.txt"):
        (folder / "articles" / name).write_bytes(b"\0\1\2" * 40)
    report = build(folder)
    assert [entry.path for entry in report.skipped] == ["x.txt", "y.txt"]


def test_an_archive_in_two_places_is_read_once(folder):
    shutil.rmtree(folder / "articles")
    for name in ("x.zip", "sub/y.zip"):
        (folder / "articles" / name).parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(folder / "articles" / name, "w") as archive:
            archive.writestr(zipfile.ZipInfo("swans.txt"), SWANS)
            archive.writestr(zipfile.ZipInfo("geese.txt"), GEESE)
    build(folder)
    assert listed(folder) == {
        "sub/y.zip/geese.txt": ("x.zip/geese.txt",),
        "sub/y.zip/swans.txt": ("x.zip/swans.txt",),
    }
    assert not stale(folder)
    with rag.Retriever.open(folder / "index") as retriever:
        answer = retriever.ask("How many swans did the wardens ring on Lake Ommeld?")
        assert retriever.document("x.zip/swans.txt").doc_id == "sub/y.zip/swans.txt"
    assert answer.citations[0].state == "current"
    assert answer.warnings == ()


def test_a_whole_folder_may_stand_twice(folder):
    shutil.copytree(folder / "articles", folder / "articles/backup")
    report = build(folder)
    assert (report.documents, report.copies) == (2, 4)
