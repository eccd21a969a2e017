"""An update embeds only what changed, and its result equals that of a full build."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rag
from rag.stores import open_store
from rag.stores.local.manifest import generations


def contents(index):
    """Everything in an index, in a form that can be compared."""
    store = open_store(Path(index))
    postings = store.lexical_index.postings
    ids = [document.doc_id for document in store.documents()]
    return {
        "documents": [(d.doc_id, d.title, d.publisher, d.sha256) for d in store.documents()],
        "texts": [store.document(doc_id).text for doc_id in ids],
        "chunks": [store.chunks_of(doc_id) for doc_id in ids],
        "terms": list(postings.terms),
        "postings": [postings.offsets.tolist(), postings.chunks.tolist(), postings.counts.tolist()],
        "sequence": postings.sequence.tolist(),
        "vectors": np.array(store.dense_index.vectors),
    }


def assert_same(one, other):
    vectors, expected = one.pop("vectors"), other.pop("vectors")
    assert one == other
    assert (vectors * expected).sum(axis=1).min(initial=1) >= 0.9999  # bf16 depends on the batch


def written(index):
    """The bytes of the files of an index, without those that depend on time or embedding."""
    folder = index / (index / "CURRENT").read_text().split()[0]
    own = {"manifest.json", "vectors.npy"}
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in own}


def test_a_first_build_reports_every_article(corpus, tmp_path):
    report = rag.build(corpus, tmp_path / "index")
    assert report.added == ("bees.md", "harbour.txt", "trains.txt")
    assert (report.changed, report.removed, report.unchanged, report.skipped) == ((), (), 0, ())
    assert report.embedded == report.chunks > 0


def test_nothing_changed_writes_nothing(corpus, index):
    before = sorted((p, p.stat().st_mtime_ns) for p in index.rglob("*"))
    report = rag.build(corpus, index)
    assert (report.unchanged, report.embedded, report.generation) == (3, 0, "gen-000001")
    after = sorted((p, p.stat().st_mtime_ns) for p in index.rglob("*"))
    # The build touches only its lock file and the folder.
    kept = [entry for entry in before if entry[0] != index]
    assert [e for e in after if e[0].name not in ("build.lock", "index")] == [
        e for e in kept if e[0].name != "build.lock"
    ]


def test_touched_files_are_read_only_once(corpus, index, monkeypatch):
    """The index takes their new times, so that questions need not read them again."""
    for path in corpus.iterdir():
        os.utime(path, (1, 1))
    report = rag.build(corpus, index)
    assert (report.unchanged, report.embedded, report.generation) == (3, 0, "gen-000002")
    monkeypatch.setattr(
        "rag.indexing.status.source_state", lambda *_: pytest.fail("it was read again")
    )
    with rag.Retriever.open(index) as retriever:
        assert not retriever.staleness()
    assert rag.build(corpus, index).generation == "gen-000002"


def test_an_update_embeds_only_what_is_new_and_equals_a_full_build(corpus, index, tmp_path):
    (corpus / "trains.txt").unlink()
    (corpus / "bees.md").write_text(
        (corpus / "bees.md").read_text() + "\n## Next year\n\nMore hives.\n"
    )
    (corpus / "ferry.txt").write_text(
        "A new ferry\n\nThe ferry to Lindvik now sails four times a day.\n"
    )
    report = rag.build(corpus, index)
    assert (report.added, report.changed, report.removed) == (
        ("ferry.txt",),
        ("bees.md",),
        ("trains.txt",),
    )
    assert report.unchanged == 1
    assert report.embedded == 2  # the new section and the new article; the cache had the rest
    rag.build(corpus, tmp_path / "afresh")
    assert_same(contents(index), contents(tmp_path / "afresh"))


def test_a_renamed_article_is_not_embedded_again(corpus, index):
    (corpus / "trains.txt").rename(corpus / "rails.txt")
    report = rag.build(corpus, index)
    assert (report.added, report.removed, report.embedded) == (("rails.txt",), ("trains.txt",), 0)


def test_a_correction_in_the_sidecar_changes_the_document(corpus, index):
    (corpus / "metadata.jsonl").write_text(
        json.dumps({"path": "trains.txt", "publisher": "Coast Courier", "published": "2024-05-01"})
        + "\n"
    )
    assert rag.build(corpus, index).changed == ("trains.txt",)
    with rag.Retriever.open(index) as retriever:
        document = retriever.document("trains.txt")
    assert (document.publisher, document.published) == ("Coast Courier", "2024-05-01")


def test_a_dry_run_says_what_would_change_and_writes_nothing(corpus, index, tmp_path):
    (corpus / "trains.txt").unlink()
    report = rag.build(corpus, index, dry_run=True)
    assert (report.removed, report.dry_run) == (("trains.txt",), True)
    assert rag.build(corpus, tmp_path / "other", dry_run=True).added
    assert not (tmp_path / "other").exists()
    with rag.Retriever.open(index) as retriever:
        assert len(retriever.documents()) == 3


def test_without_a_corpus_the_one_indexed_before_is_updated(corpus, index):
    (corpus / "trains.txt").unlink()
    assert rag.build(index=index).removed == ("trains.txt",)


def test_the_index_may_lie_inside_the_corpus(corpus):
    rag.build(corpus, corpus / "index")
    assert rag.build(corpus, corpus / "index").unchanged == 3


def test_corpus_and_index_moved_together_are_found(corpus, index, tmp_path):
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    shutil.move(corpus, moved / "articles")
    shutil.move(index, moved / "index")
    assert rag.build(index=moved / "index").unchanged == 3


def test_bad_files_are_named_and_the_good_ones_indexed(corpus, tmp_path):
    (corpus / "bytes.txt").write_bytes(b"caf\xe9\0\1 without a coding")
    (corpus / "empty.txt").write_bytes(b"")
    (corpus / "scan.pdf").write_bytes(b"%PDF-1.7")
    report = rag.build(corpus, tmp_path / "index")
    assert len(report.added) == 3
    reasons = {Path(s.path).name: s.reason for s in report.skipped}
    assert set(reasons) == {"bytes.txt", "empty.txt", "scan.pdf"}
    assert all(reasons.values())


def test_the_articles_are_never_modified(corpus, tmp_path):
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in corpus.iterdir()}
    rag.build(corpus, tmp_path / "index")
    assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in corpus.iterdir()} == before


# ---------------------------------------------------------------- refusals lose nothing


def still_serves(index):
    with rag.Retriever.open(index) as retriever:
        return len(retriever.documents())


def test_a_missing_corpus_is_named(tmp_path):
    with pytest.raises(rag.CorpusNotFound, match="nowhere"):
        rag.build(tmp_path / "nowhere", tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_a_corpus_that_vanished_does_not_empty_the_index(corpus, index):
    shutil.rmtree(corpus)
    with pytest.raises(rag.CorpusNotFound):
        rag.build(index=index)
    assert still_serves(index) == 3


def test_an_empty_corpus_does_not_empty_the_index(corpus, index):
    for path in corpus.iterdir():
        path.unlink()
    with pytest.raises(rag.CorpusEmpty):
        rag.build(corpus, index)
    assert still_serves(index) == 3


def test_another_corpus_or_model_is_refused_without_full(corpus, index, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text("Another article\n\nIt says other things.\n")
    for call in ({"corpus": other}, {"corpus": corpus, "model": "some/other-model"}):
        with pytest.raises(rag.IndexMismatch) as caught:
            rag.build(index=index, **call)
        assert "--full" in caught.value.fix
    assert still_serves(index) == 3
    assert rag.build(other, index, full=True).added == ("a.txt",)
    assert still_serves(index) == 1


@pytest.mark.parametrize(
    ("field", "value"), [("analyzer", "klingon-1"), ("chunker", "other-9"), ("chunk_chars", 123)]
)
def test_an_index_of_another_recipe_is_refused_with_advice(index, corpus, field, value):
    rewrite_manifest(index, lambda m: m["recipe"].update({field: value}))
    with pytest.raises(rag.IndexMismatch, match=str(value)) as caught:
        rag.build(corpus, index)
    assert "rag index --full" in caught.value.fix
    rag.build(corpus, index, full=True)
    assert still_serves(index) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [("weights_sha256", "0" * 64), ("max_tokens", 7), ("pooling", "max"), ("query_prompt", "q: ")],
)
def test_vectors_of_two_embedders_are_never_mixed(index, corpus, field, value):
    rewrite_manifest(index, lambda m: m["recipe"]["embedder"].update({field: value}))
    (corpus / "ferry.txt").write_text("A new ferry\n\nThe ferry sails four times a day.\n")
    with rag.Retriever.open(index) as retriever:
        assert retriever.search("honey", mode="lexical")  # this needs no vectors
        with pytest.raises(rag.IndexMismatch, match=field) as searching:
            retriever.search("honey")
    with pytest.raises(rag.IndexMismatch) as building:
        rag.build(corpus, index)
    assert "--full" in searching.value.fix
    assert "--full" in building.value.fix
    rag.build(corpus, index, full=True)
    assert still_serves(index) == 4


def test_an_index_of_another_dimension_does_not_open(index):
    rewrite_manifest(index, lambda m: m["recipe"]["embedder"].update(dimension=385))
    with pytest.raises(rag.IndexCorrupt, match=r"vectors\.npy"):
        rag.Retriever.open(index)


def test_another_format_is_refused_and_a_full_build_replaces_it(index, corpus):
    rewrite_manifest(index, lambda m: m.update(format=99))
    for attempt in (lambda: rag.build(corpus, index), lambda: rag.Retriever.open(index)):
        with pytest.raises(rag.IndexMismatch, match="99") as caught:
            attempt()
        assert "rag index FOLDER --full" in caught.value.fix
    rag.build(corpus, index, full=True)
    assert still_serves(index) == 3


def rewrite_manifest(index, change):
    """Alter the manifest and its hash, as another version would have written them."""
    import hashlib

    current = index / "CURRENT"
    generation = current.read_text().split()[0]
    path = index / generation / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
    current.write_text(f"{generation} {hashlib.sha256(path.read_bytes()).hexdigest()}\n")


def test_an_error_names_the_other_builder(corpus, index):
    from rag.stores.local.lock import build_lock

    with build_lock(index), pytest.raises(rag.IndexLocked, match="process") as caught:
        rag.build(corpus, index)
    assert caught.value.fix
    rag.build(corpus, index)


def test_a_build_that_fails_half_way_leaves_the_old_index(corpus, index, monkeypatch):
    (corpus / "ferry.txt").write_text("A new ferry\n\nIt sails four times a day.\n")

    def full_disk(*_):
        raise OSError(28, "No space left on device", "vectors.npy")

    monkeypatch.setattr("rag.stores.local.generation.write_array", full_disk)
    with pytest.raises(rag.IndexNotWritten, match=r"vectors\.npy: No space left"):
        rag.build(corpus, index)
    monkeypatch.undo()
    assert still_serves(index) == 3
    assert generations(index) == ["gen-000001"]
    assert rag.build(corpus, index).added == ("ferry.txt",)


def test_an_interrupted_build_keeps_what_it_had_embedded(corpus, index, monkeypatch):
    (corpus / "ferry.txt").write_text("A new ferry\n\nIt sails four times a day.\n")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("rag.stores.local.writer.write_generation", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rag.build(corpus, index)
    monkeypatch.undo()
    report = rag.build(corpus, index)
    assert (report.added, report.embedded) == (("ferry.txt",), 0)


@pytest.mark.parametrize(
    "name", sorted(["CURRENT", "manifest.json", "documents.jsonl", "terms.txt"])
)
def test_opening_notices_a_damaged_file(index, name):
    path = index / name if name == "CURRENT" else index / "gen-000001" / name
    data = path.read_bytes()
    for damaged in (data[:-1], data[:5] + b"\x00" + data[6:], b""):
        path.write_bytes(damaged)
        with pytest.raises(rag.IndexCorrupt) as caught:
            rag.Retriever.open(index)
        assert "--repair" in caught.value.fix


def test_nothing_damaged_is_carried_over_into_a_new_generation(corpus, index):
    """An update first checks the hash of every file of the old generation."""
    (corpus / "ferry.txt").write_text("A new ferry\n\nIt sails four times a day.\n")
    for path in sorted((index / "gen-000001").iterdir()):
        data = path.read_bytes()
        if not data:  # nothing was skipped
            continue
        path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        with pytest.raises(rag.IndexCorrupt, match=path.name):
            rag.build(corpus, index)
        path.write_bytes(data)
    assert rag.build(corpus, index).added == ("ferry.txt",)


def test_a_full_build_asks_for_the_corpus_if_the_index_cannot_name_it(
    corpus, index, monkeypatch, tmp_path
):
    """It must not use a folder ./seeds that happens to exist."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text("Another article\n\nIt says other things.\n")
    monkeypatch.chdir(tmp_path)
    (index / "CURRENT").write_text("")
    with pytest.raises(rag.CorpusNotFound) as caught:
        rag.build(index=index, full=True)
    assert "rag index FOLDER --full" in caught.value.fix
    assert len(rag.build(corpus, index, full=True).added) == 3


def test_a_full_build_of_a_damaged_index_still_knows_its_corpus(corpus, index):
    """The manifest is intact, so the advice to run --full works as printed."""
    (index / "gen-000001" / "texts.utf8").write_bytes(b"")
    with pytest.raises(rag.IndexCorrupt, match=r"texts\.utf8") as caught:
        rag.build(index=index)
    assert "FOLDER" not in caught.value.fix
    assert len(rag.build(index=index, full=True).added) == 3
    assert still_serves(index) == 3


def test_advice_names_the_index(index, tmp_path):
    (index / "gen-000001" / "terms.txt").write_text("")
    with pytest.raises(rag.IndexCorrupt) as caught:
        rag.Retriever.open(index)
    assert f"--index {index}" in caught.value.fix


def test_a_successful_build_removes_what_killed_builds_left(corpus, index):
    left = [index / "gen-000002", index / "gen-000007.lock", index / "embeddings"]
    left[0].mkdir()
    (left[0] / "texts.utf8").write_bytes(b"half a te")
    left[1].touch()
    (left[2] / f"{'0' * 16}-000009.cache.new").touch()
    before = sorted(index.rglob("*"))
    assert rag.build(corpus, index, dry_run=True).unchanged == 3
    assert sorted(index.rglob("*")) == before
    assert rag.build(corpus, index).unchanged == 3
    assert generations(index) == ["gen-000001"]
    assert {path.name for path in index.rglob("*.lock")} == {"build.lock", "gen-000001.lock"}
    assert len(list((index / "embeddings").iterdir())) == 1


def test_an_index_inside_the_corpus_is_not_indexed(corpus, tmp_path):
    rag.build(corpus, corpus / "one")
    assert rag.build(corpus, corpus / "two").documents == 3
    with pytest.raises(rag.InvalidArgument, match="folder of its own"):
        rag.build(corpus, corpus)


def test_a_failed_first_build_leaves_nothing_behind(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(rag.CorpusEmpty):
        rag.build(tmp_path / "empty", tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_a_retriever_stays_with_its_index_when_the_working_folder_changes(
    corpus, index, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "y" / "index").mkdir(parents=True)
    with rag.Retriever.open("index") as retriever:
        monkeypatch.chdir(tmp_path / "y")
        assert not retriever.reload()
        assert not retriever.staleness()
        assert retriever.status().documents == 3
        assert retriever.ask("How much do tickets cost?").citations[0].state == "current"


def test_paths_are_the_named_corpus_joined_with_the_id(corpus, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(corpus)
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(("articles", "./articles", "link", str(corpus))):
        rag.build(name, f"index{number}")
        with rag.Retriever.open(f"index{number}") as retriever:
            assert retriever.documents()[0].path == str(Path(name) / "bees.md")


def test_opening_notices_a_truncated_array(index):
    for path in sorted((index / "gen-000001").glob("*.npy")):
        data = path.read_bytes()
        path.write_bytes(data[:-8])
        with pytest.raises(rag.IndexCorrupt, match=path.name):
            rag.Retriever.open(index)
        path.write_bytes(data)
    assert still_serves(index) == 3


def test_readers_keep_the_generation_they_opened_until_they_reload(corpus, index):
    with rag.Retriever.open(index) as retriever:
        before = retriever.search("night trains")[0].text
        (corpus / "trains.txt").write_text(
            "Night trains are cancelled\n\nThe night trains are gone.\n"
        )
        rag.build(corpus, index)
        (corpus / "bees.md").unlink()
        rag.build(corpus, index)
        assert retriever.search("night trains")[0].text == before
        assert retriever.reload()
        assert "gone" in retriever.search("night trains")[0].text
        assert not retriever.reload()
    assert generations(index) == ["gen-000001", "gen-000003"]  # nobody read the second
    rag.build(corpus, index)
    assert generations(index) == ["gen-000003"]


# ---------------------------------------------------------------- any sequence of edits

NAMES_OF_ARTICLES = ("a.txt", "b.txt", "deep/c.md", "d.txt")
NAMES = st.sampled_from(NAMES_OF_ARTICLES)
TEXTS = st.sampled_from(
    [
        "Harbour reopens\n\nThe harbour is open. Boats came back.\n",
        "Harbour reopens\n\nThe harbour is closed again.\n",
        "# Bees\n\nBees like parks.\n\n## Honey\n\nThere were 310 kilograms.\n",
        "Just one line about trains",
        "Just one line about trains\r\n\r\nand about trains, trains, trains \U0001f682 an\u0303os\r\n",
        "Honey\n\n| Year | Honey |\n|---|---|\n| 2023 | 310 kg |\n| 2024 | 290 kg |\n",
        "Share This Article\n",
    ]
)
# A file is written, removed (None), or moved to another's place.
EDITS = st.lists(st.tuples(NAMES, TEXTS | st.none() | NAMES), min_size=1, max_size=4)


@given(st.lists(EDITS, min_size=1, max_size=3))
@settings(max_examples=min(settings().max_examples, 1_000))  # each builds three times or so
def test_any_sequence_of_updates_equals_one_full_build(tmp_path_factory, embedder, rounds):
    folder = tmp_path_factory.mktemp("edits")
    corpus = folder / "articles"
    (corpus / "deep").mkdir(parents=True)
    (corpus / "keep.txt").write_text("An article that stays\n\nIt says the same all along.\n")
    for edits in rounds:
        for name, text in edits:
            if text is None:
                (corpus / name).unlink(missing_ok=True)
            elif text in NAMES_OF_ARTICLES and (corpus / text).is_file():
                (corpus / text).rename(corpus / name)
            elif text not in NAMES_OF_ARTICLES:
                (corpus / name).write_bytes(text.encode())
        rag.build(corpus, folder / "updated")
    rag.build(corpus, folder / "afresh")
    assert_same(contents(folder / "updated"), contents(folder / "afresh"))
    assert written(folder / "updated") == written(folder / "afresh")


def test_a_cache_full_of_removed_texts_is_rewritten(corpus, index, monkeypatch):
    monkeypatch.setattr("rag.stores.local.cache._ALLOWANCE", 0)
    for turn in range(5):
        (corpus / "trains.txt").write_text(f"Night trains\n\nTickets cost {turn} euros.\n")
        rag.build(corpus, index)
    assert rag.check(index).ok
    [cache] = (index / "embeddings").iterdir()
    assert not cache.name.endswith("-000001.cache")
    shutil.rmtree(index / "gen-000006")  # vectors and all: what the cache has need not be embedded
    assert rag.build(corpus, index, repair=True).embedded == 0
