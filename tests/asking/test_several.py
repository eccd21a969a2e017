"""Several indexes are one to search and to ask."""

import json
import shutil

import pytest

import rag
from rag.cli import run

QUESTION = "How much honey did the hives produce?"


@pytest.fixture(scope="module")
def indexes(tmp_path_factory, embedder):
    """Two indexes called "index", of folders with equal file names."""
    texts = {
        "town": {
            "a.txt": "Old harbour reopens\n\nRepairs of the harbour cost 4.2 million kroner.\n",
            "b.txt": "Trains return\n\nNight trains to the coast start again in June.\n",
        },
        "country": {
            "a.txt": "City bees thrive\n\nRooftop hives produced 310 kilograms of honey last summer.\n",
            "c.txt": "Harbour of Orvald\n\nThe harbour of Orvald is closed. Its repairs go on.\n",
        },
    }
    folder = tmp_path_factory.mktemp("several")
    for name, articles in texts.items():
        (folder / name / "articles").mkdir(parents=True)
        for doc_id, text in articles.items():
            (folder / name / "articles" / doc_id).write_text(text)
        rag.build(folder / name / "articles", folder / name / "index")
    return [folder / "town" / "index", folder / "country" / "index"]


@pytest.fixture(scope="module")
def both(indexes):
    with rag.Retriever.open(indexes) as retriever:
        yield retriever


def test_passages_of_all_indexes_stand_in_one_ranking_that_one_index_gives_too(
    both, indexes, tmp_path
):
    for index in indexes:
        shutil.copytree(index.parent / "articles", tmp_path / "all" / index.parent.name)
    rag.build(tmp_path / "all", tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as single:
        for query in ("harbour repairs", "honey", "trains"):
            for mode in ("hybrid", "lexical", "dense"):
                mine = both.search(query, mode=mode)
                theirs = single.search(query, mode=mode)
                assert [p.doc_id for p in mine] == [p.doc_id for p in theirs]
                assert [p.score for p in mine] == pytest.approx([p.score for p in theirs], abs=1e-3)


def test_each_passage_names_its_index(both):
    found = {p.doc_id: p.index for p in both.search("harbour honey trains")}
    assert found == {
        "town/a.txt": "town",
        "town/b.txt": "town",
        "country/a.txt": "country",
        "country/c.txt": "country",
    }


def test_an_answer_cites_the_article_of_its_index_and_can_be_verified(both, indexes, tmp_path):
    answer = both.ask(QUESTION)
    [citation] = answer.citations
    assert (answer.answer, citation.doc_id) == ("310 kilograms", "country/a.txt")
    assert citation.path == str(indexes[1].parent / "articles" / "a.txt")
    document = both.document(citation.doc_id)
    assert document.text[citation.start : citation.end] == citation.quote
    assert set(answer.index.generation.split(", ")) == {"town: gen-000001", "country: gen-000001"}
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps(answer.to_dict()))
    assert rag.verify(saved, indexes).ok
    assert rag.verify(saved, tmp_path / "none").ok  # by the path that it names
    assert not rag.verify(saved, indexes[0]).ok


def test_an_index_that_cannot_be_opened_is_named_and_the_other_answers(indexes, tmp_path):
    lost = tmp_path / "lost"
    with rag.Retriever.open([lost, indexes[1]]) as retriever:
        answer = retriever.ask(QUESTION)
        assert answer.answer == "310 kilograms"
        [warning] = [w for w in answer.warnings if "lost" in w]
        assert "left out" in warning
        assert "there is no index" in warning
        assert retriever.search_result("honey").warnings == (warning,)
        assert not retriever.reload()
        shutil.copytree(indexes[0], lost)  # it is there now
        assert retriever.reload()
        assert {p.index for p in retriever.search("harbour honey")} == {"lost", "index"}
    with pytest.raises(rag.IndexNotFound):
        rag.Retriever.open([tmp_path / "no", tmp_path / "none"])


def test_a_new_generation_of_one_of_them_is_noticed(indexes, tmp_path):
    copies = [shutil.copytree(index, tmp_path / index.parent.name) for index in indexes]
    with rag.Retriever.open(copies) as retriever:
        assert not retriever.reload()
        articles = shutil.copytree(indexes[0].parent / "articles", tmp_path / "articles")
        (articles / "new.txt").write_text("Ferries sail\n\nThe ferry to Brunna sails at noon.\n")
        rag.build(articles, copies[0], full=True)
        assert retriever.reload()
        assert retriever.search("ferry", 1)[0].doc_id == "town/new.txt"


def test_stale_folders_are_named(indexes, tmp_path):
    copies = [shutil.copytree(index.parent, tmp_path / index.parent.name) for index in indexes]
    for folder in copies:
        rag.build(folder / "articles", folder / "index", full=True)
    (copies[1] / "articles" / "more.txt").write_text("More\n\nThere is more to read here now.\n")
    with rag.Retriever.open([folder / "index" for folder in copies]) as retriever:
        [warning] = retriever.search_result("harbour").warnings
        assert warning.startswith("country: 1 new")
        assert [status.documents for status in retriever.statuses()] == [2, 2]
        with pytest.raises(rag.UsageError):
            retriever.status()


def test_the_same_index_twice_is_one(indexes):
    with rag.Retriever.open([indexes[0], indexes[0]]) as retriever:
        assert [p.doc_id for p in retriever.search("trains", 1)] == ["b.txt"]


def test_the_command_line_takes_several(indexes, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    several = [word for index in indexes for word in ("--index", str(index))]
    assert run(["search", "honey", "-n", "1", *several]) == 0
    assert "in country" in capsys.readouterr().out
    assert run(["ask", QUESTION, "--json", "--save", "answer.json", *several]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["passages"][0]["index"] == "country"
    assert run(["verify", "answer.json", *several]) == 0
    assert run(["search", "x", "--path", "town/*", "--json", *several]) == 0
    capsys.readouterr()
    assert run(["search", "harbour", "--path", "town/*", "--json", *several]) == 0
    found = json.loads(capsys.readouterr().out)["passages"]
    assert {passage["index"] for passage in found} == {"town"}


def test_the_articles_of_several_are_listed_shown_and_their_states_told(indexes, capsys, tmp_path):
    several = [word for index in indexes for word in ("--index", str(index))]
    assert run(["list", "--json", *several]) == 0
    listed = [each["doc_id"] for each in json.loads(capsys.readouterr().out)["documents"]]
    assert listed == ["country/a.txt", "country/c.txt", "town/a.txt", "town/b.txt"]
    assert run(["show", "country/a", *several]) == 0
    assert "310 kilograms" in capsys.readouterr().out
    assert run(["status", "--json", *several]) == 0
    state = json.loads(capsys.readouterr().out)
    assert (state["ok"], state["left_out"]) == (True, [])
    named = [(each["name"], each["documents"]) for each in state["indexes"]]
    assert named == [("country", 2), ("town", 2)]
    assert run(["status", *several]) == 0
    assert capsys.readouterr().out.count("\nfolder    unchanged\n") == 2


def test_an_index_that_is_not_there_is_named_by_each_command(indexes, capsys, tmp_path):
    options = ["--index", str(tmp_path / "lost"), "--index", str(indexes[1])]
    for command, code in ((["list"], 0), (["show", "index/a"], 0), (["status"], 1)):
        assert run([*command, *options]) == code
        shown = capsys.readouterr()
        assert "lost is left out: there is no index" in shown.err
        assert shown.out
    assert run(["status", "--json", *options]) == 1
    state = json.loads(capsys.readouterr().out)
    assert not state["ok"]
    assert "lost" in state["left_out"][0]


def test_copies_are_found_across_indexes(indexes, capsys, tmp_path):
    for name in ("here", "there"):
        (tmp_path / name / "articles").mkdir(parents=True)
        for n, text in enumerate(("The ferry to Brunna sails at noon from the old pier.\n", name)):
            (tmp_path / name / "articles" / f"{n}.txt").write_text(f"Ferries of the week\n\n{text}")
        rag.build(tmp_path / name / "articles", tmp_path / name / "index")
    several = [
        word for name in ("here", "there") for word in ("--index", str(tmp_path / name / "index"))
    ]
    assert run(["list", "--copies", "--json", *several]) == 0
    [group] = json.loads(capsys.readouterr().out)["groups"]
    assert [each["doc_id"] for each in group["copies"]] == ["here/0.txt", "there/0.txt"]


def test_the_servers_take_several(indexes, serve):
    import httpx

    from rag.mcp.articles import Articles
    from rag.serve.app import application
    from rag.serve.security import Access
    from rag.serve.service import Service

    with (
        rag.Retriever.open(indexes) as retriever,
        serve(application(Service(retriever), Access())) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as client,
    ):
        answer = client.post("/v1/ask", json={"question": QUESTION}).json()
        [citation] = answer["citations"]
        assert citation["doc_id"] == "country/a.txt"
        document = client.get(f"/v1/documents/{citation['doc_id']}").json()
        assert document["text"][citation["start"] : citation["end"]] == citation["quote"]
    lent = Articles([str(index) for index in indexes]).retriever()
    assert [status.documents for status in lent.statuses()] == [2, 2]
    lent.close()
