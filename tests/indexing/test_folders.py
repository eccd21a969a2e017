"""One index of several folders: ids, updates, sidecars, staleness and verification."""

import json

import pytest

import rag
from rag.cli import run

PLACES = {"north": "Orvald", "south": "Lindvik", "east": "Marrow"}


def text_of(place):
    return f"Ferries of {place}\n\nThe harbour of {place} has {len(place)} ferries this summer.\n"


@pytest.fixture
def folders(tmp_path, embedder, monkeypatch):
    """Three folders, each with an article; the working folder holds them."""
    for name, place in PLACES.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "ferry.txt").write_text(text_of(place))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ids(index="index"):
    with rag.Retriever.open(index) as retriever:
        return {each.doc_id: each.path for each in retriever.documents()}


def test_the_articles_of_all_folders_are_found_and_cited_by_their_paths(folders):
    report = rag.build(["south", "north"], "index")
    assert report.added == ("north/ferry.txt", "south/ferry.txt")
    assert report.corpus == "north, south"
    assert report.folders == (str(folders / "north"), str(folders / "south"))
    with rag.Retriever.open("index") as retriever:
        answer = retriever.ask("How many ferries has the harbour of Lindvik?")
        assert retriever.document("south/").path == "south/ferry.txt"
    assert answer.answer == "7 ferries" or "7" in answer.answer
    assert (answer.citations[0].doc_id, answer.citations[0].path) == (
        "south/ferry.txt",
        "south/ferry.txt",
    )
    assert answer.citations[0].state == "current"
    (folders / "answer.json").write_text(json.dumps(answer.to_dict()))
    assert rag.verify("answer.json", "index").ok
    assert rag.verify("answer.json", "no-index").ok
    (folders / "south/ferry.txt").write_text("Another text.\n")
    assert rag.verify("answer.json", "index").citations[0].citation.state == "changed"


def test_an_update_without_arguments_reads_them_all(folders):
    rag.build(["north", "south"], "index")
    (folders / "south/late.txt").write_text("A late article of the south.\n")
    (folders / "north/ferry.txt").unlink()
    (folders / "north/new.txt").write_text("A new article of the north.\n")
    with rag.Retriever.open("index") as retriever:
        stale = retriever.staleness()
    assert stale.added == ("north/new.txt", "south/late.txt")
    assert stale.removed == ("north/ferry.txt",)
    report = rag.build(index="index")
    assert report.added == stale.added
    assert report.removed == stale.removed
    assert list(ids()) == ["north/new.txt", "south/ferry.txt", "south/late.txt"]


def test_the_same_folders_in_any_order_are_the_same_corpus(folders):
    rag.build(["north", "south"], "index")
    assert rag.build(["south/", folders / "north", "north"], "index").unchanged == 2


@pytest.mark.parametrize("others", [["north"], ["north", "east"], ["north", "south", "east"]])
def test_other_folders_are_refused_without_full(folders, others):
    rag.build(["north", "south"], "index")
    with pytest.raises(rag.IndexMismatch, match="was built from") as caught:
        rag.build(others, "index")
    assert f"rag index {' '.join(sorted(others))} --full" in caught.value.fix
    rag.build(others, "index", full=True)
    expected = {f"{name}/ferry.txt" for name in others} if len(others) > 1 else {"ferry.txt"}
    assert set(ids()) == expected


def test_each_folder_has_its_own_corrections(folders):
    line = {"path": "ferry.txt", "title": "The title of {}"}
    for name in ("north", "south"):
        named = json.dumps(line).replace("{}", name)
        (folders / name / "metadata.jsonl").write_text(named + '\n{"path": "gone.txt"}\n')
    report = rag.build(["north", "south"], "index")
    assert [s.path for s in report.skipped] == ["north/metadata.jsonl", "south/metadata.jsonl"]
    with rag.Retriever.open("index") as retriever:
        assert [each.title for each in retriever.documents()] == [
            "The title of north",
            "The title of south",
        ]
        (folders / "south/metadata.jsonl").write_text("")
        assert retriever.staleness().changed == ("south/ferry.txt",)


def test_a_folder_that_is_gone_is_named_and_nothing_is_lost(folders):
    rag.build(["north", "south"], "index")
    (folders / "south").rename(folders / "away")
    with rag.Retriever.open("index") as retriever:
        stale = retriever.staleness()
        assert (stale.missing, stale.corpus) == (True, str(folders / "south"))
    with pytest.raises(rag.CorpusNotFound, match="south"):
        rag.build(index="index")
    assert len(ids()) == 2


def test_folders_that_move_with_their_index_are_found(folders):
    (folders / "all").mkdir()
    for name in ("north", "south"):
        (folders / name).rename(folders / "all" / name)
    rag.build(["all/north", "all/south"], "all/index")
    (folders / "all").rename(folders / "moved")
    assert rag.build(index="moved/index").unchanged == 2
    assert set(ids("moved/index").values()) == {
        str(folders / "moved" / name / "ferry.txt") for name in ("north", "south")
    }


def test_the_index_is_no_folder_of_articles(folders):
    with pytest.raises(rag.InvalidArgument, match="a folder of its own"):
        rag.build(["north", "index"], "index")


def test_the_command_line_takes_folders_and_files(folders, capsys):
    (folders / "notes.txt").write_text("Notes on the harbour of Orvald.\n")
    (folders / "north/Thumbs.db").write_text("")
    assert run(["index", "north", "notes.txt", "north/ferry.txt"]) == 0
    out, err = capsys.readouterr()
    assert "2 articles from north, notes.txt" in out
    assert "north/ferry.txt lies in north and is read once" in err
    assert "1 left by another program" in err
    assert run(["status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert [root["label"] for root in status["roots"]] == ["north", "notes.txt"]
    assert status["stale"]["ignored"] == {"left by another program": 1}
    assert ids() == {"north/ferry.txt": "north/ferry.txt", "notes.txt": "notes.txt"}
    assert run(["check"]) == 0


def test_a_document_is_shown_whatever_its_name(folders, capsys):
    names = ["-n.txt", "a\nb.txt", "a: b.txt", "Gro\u0308sse.txt", "c#1?.txt"]
    for number, name in enumerate(names):
        (folders / "east" / name).write_text(f"Article {number} of the east.\n")
    assert run(["index", "east"]) == 0
    for number, name in enumerate([*names[:3], "Gr\u00f6sse.txt", names[4]]):
        capsys.readouterr()
        assert run(["show", "--", name]) == 0
        assert capsys.readouterr().out == f"Article {number} of the east.\n\n"
    assert run(["show", "-n.txt"]) == 2
    assert "rag show -- -n.txt" in capsys.readouterr().err


def test_what_could_not_be_read_is_told_by_index_status_and_json(folders, capsys):
    for number in range(13):
        (folders / f"north/{number:02}.txt").write_bytes(b"\0\1\2" * (number + 9))
    assert run(["index", "north"]) == 0
    told = capsys.readouterr().err.splitlines()
    assert sum(line.startswith("skipped 0") for line in told) == 10
    assert "… and 3 more (all of them with --json)" in told
    assert run(["status"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line for line in shown if line.startswith(("skipped", "…"))] == [
        line for line in told if line.startswith(("skipped", "…"))
    ]
    assert run(["status", "--json"]) == 0
    skipped = json.loads(capsys.readouterr().out)["skipped"]
    assert [each["path"] for each in skipped] == [f"{number:02}.txt" for number in range(13)]
    assert all(each["reason"] for each in skipped)
