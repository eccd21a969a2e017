"""Whatever is in place of the files of an index: no command hangs, crashes, or removes what is not its own.

``rag index --repair`` ends in a good index, or says which path to remove; then it ends in a good index.
"""

import hashlib
import json
import multiprocessing
import os
import re
import shutil
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import rag
from rag.records import EmbedderInfo
from tests.profiles import some

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here"),
]

PATIENCE = 20  # seconds; a command that opens a pipe waits for ever


class HashingEmbedder:
    """Vectors of length 1 from the hash of a text."""

    info = EmbedderInfo("hashing", "0" * 64, 8, 256, "none", "", "")

    def embed_documents(self, texts):
        digests = [hashlib.sha256(text.encode()).digest()[:8] for text in texts]
        vectors = np.array([[byte + 1 for byte in digest] for digest in digests], np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(autouse=True)
def _no_model(monkeypatch):
    monkeypatch.setattr("rag.indexing.builder.load_embedder", lambda *_, **__: HashingEmbedder())


@pytest.fixture(scope="module")
def intact(tmp_path_factory):
    folder = tmp_path_factory.mktemp("intact")
    (folder / "articles").mkdir()
    for number in range(3):
        (folder / "articles" / f"{number}.txt").write_text(
            f"Report {number}\n\nThe mill at Araxá made {number + 3} tons of oxide in {2020 + number}.\n"
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.indexing.builder.load_embedder", lambda *_, **__: HashingEmbedder())
        rag.build(folder / "articles", folder / "index")
    return folder


@pytest.fixture
def index(intact, tmp_path):
    for name in ("articles", "index"):
        shutil.copytree(intact / name, tmp_path / name)
    return tmp_path / "index"


# ---------------------------------------------------------------- what may be there


def gone(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def pipe(path):
    gone(path)
    os.mkfifo(path)


def folder(path):
    gone(path)
    path.mkdir()
    (path / "precious").write_text("mine")


def loop(path):
    gone(path)
    path.symlink_to(path.name)


def device(path):
    gone(path)
    path.symlink_to("/dev/zero")


def file(path):
    gone(path)
    path.write_text("mine")


THINGS = (pipe, folder, loop, device, file, gone)
PLACES = (
    "CURRENT",
    "CURRENT.new",
    "build.lock",
    "builder.lock",
    "embeddings",
    "embeddings/CACHE",
    "gen-000001",
    "gen-000001.lock",
    "gen-000001/manifest.json",
    "gen-000001/documents.jsonl",
    "gen-000001/texts.utf8",
    "gen-000001/vectors.npy",
    "gen-000001/terms.txt",
    "gen-000002",
    "gen-000002.lock",
)


def at(index, place):
    if place.endswith("CACHE"):
        return next((index / "embeddings").iterdir())
    return index / place


def renamed(index):
    """The current generation and its lease have another number; its manifest has the old one."""
    for end in ("", ".lock"):
        (index / f"gen-000001{end}").rename(index / f"gen-000007{end}")
    current = index / "CURRENT"
    current.write_text(current.read_text().replace("gen-000001", "gen-000007"))


def a_million(index):
    (index / "gen-1000000").mkdir()


def the_millionth(index):
    shutil.copytree(index / "gen-000001", index / "gen-1000000")
    signed(index, {"generation": "gen-1000000"}, "gen-1000000")


def the_last(index):
    (index / "gen-999999999999").mkdir()


def signed(index, changes=(), folder="gen-000001"):
    """Change the manifest, and make all hashes right again, as whoever made the index could."""
    here = index / folder
    manifest = json.loads((here / "manifest.json").read_text()) | dict(changes)
    for name in list(manifest["files"]):
        if (here / name).is_file():
            data = (here / name).read_bytes()
            manifest["files"][name] = {
                "size": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
    data = json.dumps(manifest).encode()
    (here / "manifest.json").write_bytes(data)
    (index / "CURRENT").write_text(f"{folder} {hashlib.sha256(data).hexdigest()}\n")


def no_codes(index):
    signed(index, {"first_pass": {"candidates": 10, "recall_at_10": 1.0}})


STATES = {
    f"{thing.__name__} for {place}": lambda index, thing=thing, place=place: thing(at(index, place))
    for thing, place in some(product(THINGS, PLACES), 2)  # 15 places: each has three of the things
} | {each.__name__: each for each in (renamed, a_million, the_millionth, the_last, no_codes)}


def manifest_with(name, value):
    return lambda index: signed(index, {name: value})


STATES |= {
    f"manifest with {name} {value!r}": manifest_with(name, value)
    for name, value in (
        ("documents", "x"),
        ("chunks", -1),
        ("chunks", 1 << 70),
        ("terms", None),
        ("corpus", {}),
        ("corpus", {"given": 5, "absolute": 5, "relative": 5}),
        ("files", {}),
        ("files", []),
        ("embeddings", {"name": "../../x", "size": 1}),
        ("created", 5),
        ("recipe", {}),
        ("first_pass", []),
        ("generation", "../x"),
    )
}


def document_with(name, value):
    def change(index):
        path = index / "gen-000001" / "documents.jsonl"
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        rows[1][name] = value
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        signed(index)

    return change


STATES |= {
    f"document with {name} {value!r}": document_with(name, value)
    for name, value in some(product((
        "doc_id", "sha256", "size", "mtime_ns", "correction", "title", "publisher", "published",
        "published_text", "url", "evidence", "locator", "text", "blocks", "chunks",
    ), (5, None, [0, 1e9])), 2)
}  # fmt: skip


# ---------------------------------------------------------------- the promises


def commands(index):
    """All commands that open an index, each with how it ended: a word, or an error of this package."""
    articles = index.parent / "articles"

    def search():
        with rag.Retriever.open(index) as retriever:
            retriever.search("tons of oxide", mode="lexical")
            [retriever.document(each.doc_id) for each in retriever.documents()]
            retriever.status()
            retriever.staleness()

    def repair():
        rag.build(articles, index, repair=True)
        assert rag.check(index).ok
        search()

    yield "search", search
    yield "check", lambda: rag.check(index)
    yield "update", lambda: rag.build(articles, index)
    yield "repair", repair


def outcomes(index):
    for name, command in commands(index):
        try:
            command()
        except rag.RagError as error:
            yield name, f"{error.message} / {error.fix}"
        except Exception as error:  # noqa: BLE001  # what is tested
            yield name, f"unexpected {error!r}"
        else:
            yield name, ""


def in_a_process(index):
    """The outcomes of the commands, in a process of their own, since they may hang."""
    receiver, sender = multiprocessing.Pipe(duplex=False)

    def work():
        for outcome in outcomes(index):
            sender.send(outcome)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    sender.close()
    found = {}
    while len(found) < 4:
        try:
            hangs = not receiver.poll(PATIENCE)
            name, how = ("hangs", f"after {list(found)}") if hangs else receiver.recv()
        except EOFError:
            break
        found[name] = how
        if hangs:
            break
    process.kill()
    process.join()
    return found


@pytest.mark.parametrize("state", STATES)
def test_nothing_hangs_or_crashes_and_a_repair_ends_well(index, state):
    STATES[state](index)
    found = in_a_process(index)
    assert list(found) == ["search", "check", "update", "repair"], found
    assert "unexpected" not in "".join(found.values()), found
    if found["repair"]:
        named = re.search(r"remove (/\S+)", found["repair"])
        assert named, found
        gone(Path(named[1]))
        assert in_a_process(index)["repair"] == ""


# ---------------------------------------------------------------- deletion


@pytest.mark.parametrize("name", ["gen-000000", "gen-000007", "gen-000001.old"])
@pytest.mark.parametrize("full", [False, True])
def test_a_build_removes_nothing_through_a_link(index, tmp_path, name, full):
    mine = tmp_path / "mine"
    mine.mkdir()
    for each in ("notes.txt", "texts.utf8", "manifest.json"):
        (mine / each).write_text("mine")
    (index / name).symlink_to(mine, target_is_directory=True)
    (tmp_path / "articles" / "new.txt").write_text("New\n\nA new mill opened in Lindvik in 2024.\n")
    rag.build(tmp_path / "articles", index, full=full)
    assert sorted(path.name for path in mine.iterdir()) == [
        "manifest.json",
        "notes.txt",
        "texts.utf8",
    ]
    assert rag.check(index).ok


def test_a_build_removes_nothing_from_a_cache_folder_that_is_a_link(index, tmp_path):
    mine = tmp_path / "mine"
    shutil.move(index / "embeddings", mine)
    (mine / f"{'a' * 16}-000001.cache").write_text("mine")
    (index / "embeddings").symlink_to(mine)
    rag.build(tmp_path / "articles", index, full=True)
    assert (mine / f"{'a' * 16}-000001.cache").read_text() == "mine"


def test_a_build_leaves_what_it_did_not_write_and_says_so(index, tmp_path, caplog):
    old = index / "gen-000001"
    (old / "notes.txt").write_text("mine")
    (old / "folder.npy").mkdir()
    rag.build(tmp_path / "articles", index, full=True)
    assert {path.name for path in old.iterdir()} == {"notes.txt", "folder.npy"}
    assert str(old) in caplog.text
    assert rag.check(index).ok


def test_a_manifest_cannot_name_files_elsewhere(index, tmp_path):
    (tmp_path / "mine").write_text("mine")
    signed(index, {"files": {"../../mine": {"size": 4, "sha256": "0" * 64}}})
    rag.build(tmp_path / "articles", index, full=True)
    assert (tmp_path / "mine").read_text() == "mine"


def test_what_a_killed_build_left_is_removed_although_it_has_no_manifest(index, tmp_path):
    left = index / "gen-000000"
    left.mkdir()
    (left / "texts.utf8").write_text("half")
    rag.build(tmp_path / "articles", index, full=True)
    assert not left.exists()


def test_a_cache_that_is_a_link_is_not_written_through(index, tmp_path):
    cache = at(index, "embeddings/CACHE")
    shutil.move(cache, tmp_path / "mine")
    cache.symlink_to(tmp_path / "mine")
    before = (tmp_path / "mine").read_bytes()
    (tmp_path / "articles" / "new.txt").write_text("New\n\nA new mill opened in Lindvik in 2024.\n")
    rag.build(tmp_path / "articles", index)
    assert (tmp_path / "mine").read_bytes() == before


@pytest.mark.parametrize("damage", [np.nan, np.inf, 0.0, 2.0])
@pytest.mark.parametrize("full", [False, True])
def test_vectors_of_a_damaged_model_are_never_published(index, tmp_path, monkeypatch, damage, full):
    class Damaged(HashingEmbedder):
        def embed_documents(self, texts):
            return super().embed_documents(texts) * np.float32(damage)

    monkeypatch.setattr("rag.indexing.builder.load_embedder", lambda *_, **__: Damaged())
    before = (index / "CURRENT").read_bytes()
    (tmp_path / "articles" / "new.txt").write_text("New\n\nA new mill opened in Lindvik in 2024.\n")
    with pytest.raises(rag.ModelRefused, match="not finite or not of length 1"):
        rag.build(tmp_path / "articles", index, full=full)
    assert (index / "CURRENT").read_bytes() == before
    assert rag.check(index).ok
