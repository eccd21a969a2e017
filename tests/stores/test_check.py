"""`rag check` finds any damage to a file of an index, and opening a damaged index never crashes."""

import dataclasses
import json
import random
import shutil

import numpy as np
import pytest

import rag
from rag.stores.local import layout
from rag.stores.local.disk import FileRecord, hash_file
from rag.stores.local.manifest import MANIFEST, make_current, read_manifest
from tests.profiles import LONG, some

# Damaged versions of each kind of file: few in a normal run, many in the long one.
DAMAGES = 500 if LONG else 8


def files_of(index):
    return sorted(
        path for path in index.rglob("*") if path.is_file() and not path.name.endswith(".lock")
    )


def names():
    """Every kind of file in an index; a test below compares this list with a real index."""
    return [
        "CURRENT",
        "embeddings",
        "blocks.npy",
        "chunks.npy",
        "documents.jsonl",
        "lengths.npy",
        "manifest.json",
        "posting-chunks.npy",
        "skipped.jsonl",
        "posting-counts.npy",
        "posting-offsets.npy",
        "sequence.npy",
        "terms.txt",
        "texts.utf8",
        "vectors.npy",
    ]


def path_of(index, name):
    return next(p for p in files_of(index) if name in (p.name, p.parent.name))


@pytest.fixture(scope="module")
def intact(tmp_path_factory, embedder):
    """A small intact index, and its articles."""
    folder = tmp_path_factory.mktemp("intact")
    articles = folder / "articles"
    articles.mkdir()
    for number in range(4):
        (articles / f"{number}.txt").write_text(
            f"Report {number}\n\nThe mill at Araxá made {number + 3} tons of oxide. It runs on tides.\n"
            f"\nWorkers said the year {2020 + number} was dry.\n"
        )
    (articles / "noise.txt").write_bytes(b"\0\1")
    rag.build(articles, folder / "index")
    return folder


@pytest.fixture
def index(intact, tmp_path):
    shutil.copytree(intact / "articles", tmp_path / "articles")
    shutil.copytree(intact / "index", tmp_path / "index")
    return tmp_path / "index"


def test_an_intact_index_passes(index):
    report = rag.check(index)
    assert (report.ok, report.damages, report.fix) == (True, (), "")
    assert (report.generation, report.documents) == ("gen-000001", 4)
    assert report.files == len(read_manifest(index).files)


def test_the_list_names_every_file_of_an_index(index):
    assert {path_of(index, name) for name in names()} == set(files_of(index))


def test_the_index_of_the_seeds_passes(seeds_index):
    assert rag.check(seeds_index).ok


# ---------------------------------------------------------------- damage


def flipped(data, rng):
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def truncated(data, rng):
    return data[: rng.randrange(len(data))]


def zeroed(data, rng):
    begin = rng.randrange(len(data))
    while not any(data[begin : begin + 64]):
        begin = rng.randrange(len(data))
    return data[:begin] + bytes(len(data[begin : begin + 64])) + data[begin + 64 :]


def lengthened(data, rng):
    return data + rng.randbytes(rng.randint(1, 9))


def swapped(data, rng):
    """Two ranges change places."""
    size = rng.randint(1, max(1, len(data) // 4))
    one, two = rng.randrange(len(data) - size), rng.randrange(len(data) - size)
    changed = bytearray(data)
    changed[one : one + size], changed[two : two + size] = (
        data[two : two + size],
        data[one : one + size],
    )
    return bytes(changed)


def damaged(data, rng):
    """The bytes of a file, altered at random."""
    while True:
        kind = rng.choice((flipped, flipped, truncated, zeroed, lengthened, swapped))
        changed = kind(data, rng)
        if changed != data:
            return changed


@pytest.mark.parametrize("name", names())
def test_every_damage_is_found_and_opening_never_crashes(index, name):
    path, rng = path_of(index, name), random.Random(name)  # noqa: S311  # no secret
    whole = path.read_bytes()
    for _ in range(DAMAGES):
        changed = damaged(whole, rng)
        if name == "embeddings" and changed.startswith(whole):
            continue  # bytes after the records in the manifest are not damage
        path.write_bytes(changed)
        try:
            report = rag.check(index)
            assert not report.ok
            # A wrong hash in CURRENT and a wrong manifest look the same.
            named = (path.name, "manifest.json") if name == "CURRENT" else path.name
            assert report.damages[0].path.endswith(named)
            assert "rag index" in report.fix
        except rag.IndexMismatch:
            assert name == "manifest.json"
        served_or_refused(index)
    path.write_bytes(whole)
    assert rag.check(index).ok


def served_or_refused(index):
    """Damage that opening does not notice may change the results, but never causes another error."""
    try:
        with rag.Retriever.open(index) as retriever:
            retriever.search("tons of oxide in Araxá", mode="lexical")
            retriever.search("tons of oxide in Araxá", mode="dense")
    except (rag.IndexCorrupt, rag.IndexMismatch, rag.IndexNotFound):
        pass


@pytest.mark.parametrize("name", names())
def test_missing_and_swapped_files_are_found(index, name):
    path = path_of(index, name)
    whole = path.read_bytes()
    path.unlink()
    assert rag.check(index).damages[0].path.endswith(path.name)
    for other in some(files_of(index), 3):
        shutil.copyfile(other, path)
        assert not rag.check(index).ok, other
    path.mkdir() if not path.exists() else None
    path.write_bytes(whole)
    assert rag.check(index).ok


def test_a_missing_index_is_not_damage(tmp_path):
    with pytest.raises(rag.IndexNotFound):
        rag.check(tmp_path)


# ---------------------------------------------------------------- contents that contradict each other


def rewritten(index, name, change):
    """Alter an array or a file of lines and update its hash, as a bug in the build would."""
    manifest = read_manifest(index)
    folder = index / manifest.generation
    path = folder / name
    if name.endswith(".npy"):
        array = np.load(path)
        change(array)
        np.save(path, array)
    else:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        change(lines)
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    found = hash_file(path)
    files = dict(manifest.files) | {name: FileRecord(found.size, found.sha256)}
    (folder / MANIFEST).write_bytes(dataclasses.replace(manifest, files=files).to_bytes())
    make_current(index, manifest.generation, hash_file(folder / MANIFEST).sha256)


def assign(row, column, value):
    def change(array):
        array[row, column] = value

    return change


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (layout.CHUNKS, assign(0, 0, 1)),
        (layout.CHUNKS, assign(1, 1, -1)),
        (layout.CHUNKS, assign(1, 2, 10_000)),
        (layout.CHUNKS, assign(0, 3, 0)),
        (layout.VECTORS, assign(0, 0, 0.9)),
        (layout.VECTORS, assign(2, 5, np.nan)),
        (layout.POSTING_CHUNKS, lambda a: a.__setitem__(0, 999)),
        (layout.POSTING_CHUNKS, lambda a: a.__setitem__(slice(None), a[::-1].copy())),
        (layout.POSTING_COUNTS, lambda a: a.__setitem__(0, 7)),
        (layout.POSTING_OFFSETS, lambda a: a.__setitem__(1, 0)),
        (layout.LENGTHS, lambda a: a.__setitem__(0, 1)),
        (layout.SEQUENCE, assign(0, ..., 3)),
        (layout.SEQUENCE, assign(5, ..., -1)),
        (layout.DOCUMENTS, lambda rows: rows.reverse()),
        (layout.DOCUMENTS, lambda rows: rows[1].update(text=[0, 5])),
        (layout.DOCUMENTS, lambda rows: rows[0].update(blocks=[1, 2])),
        (layout.BLOCKS, assign(0, 1, 10_000)),
        (layout.BLOCKS, assign(1, 2, 9)),
        (layout.BLOCKS, lambda a: a.__setitem__(slice(0, 2), a[1::-1].copy())),
        (layout.DOCUMENTS, lambda rows: rows[0].update(chunks=[0, 99])),
        (layout.DOCUMENTS, lambda rows: rows[2].pop("title")),
    ],
)
def test_contradictions_are_found_even_if_all_hashes_agree(index, name, change):
    rewritten(index, name, change)
    report = rag.check(index)
    assert not report.ok
    served_or_refused(index)


# ---------------------------------------------------------------- repair


def embedded_by_repair(index, articles=None):
    report = rag.build(articles, index, repair=True)
    assert rag.check(index).ok
    assert report.documents == 4
    return report.embedded


@pytest.mark.parametrize("name", names())
def test_a_damaged_file_is_replaced_without_embedding_anything(index, intact, name):
    path = path_of(index, name)
    data = path.read_bytes()
    path.write_bytes(data[:-7] + bytes([data[-7] ^ 1]) + data[-6:])
    found = rag.check(index)
    assert not found.ok
    # A damaged manifest may not be able to say where the articles are.
    articles = index.parent / "articles" if name == "manifest.json" else None
    assert embedded_by_repair(index, articles) == 0
    with rag.Retriever.open(index) as mended, rag.Retriever.open(intact / "index") as whole:
        for mode in ("lexical", "dense"):
            before = [(p.chunk_id, p.text) for p in whole.search("dry year", mode=mode)]
            assert [(p.chunk_id, p.text) for p in mended.search("dry year", mode=mode)] == before


def test_repair_embeds_only_what_cache_and_vectors_have_both_lost(index):
    path_of(index, "vectors.npy").write_bytes(b"")
    cache = path_of(index, "embeddings")
    chunks = rag.check(index).chunks
    cache.write_bytes(cache.read_bytes()[: cache.stat().st_size // 2])
    assert 0 < embedded_by_repair(index) < chunks


def test_repair_without_a_cache_uses_the_vectors(index):
    shutil.rmtree(index / "embeddings")
    path_of(index, "terms.txt").write_bytes(b"")
    assert embedded_by_repair(index) == 0
    assert path_of(index, "embeddings").exists()


def test_repair_reports_the_damage_and_indexes_changes(index, tmp_path):
    path_of(index, "texts.utf8").write_bytes(b"?")
    (tmp_path / "articles" / "new.txt").write_text("A new report\n\nThe mill has a new wheel.\n")
    report = rag.build(index=index, repair=True)
    assert report.repaired == ("gen-000001/texts.utf8",)
    assert (report.documents, report.embedded) == (5, 1)


def test_repairing_an_intact_index_is_an_update(index, tmp_path):
    assert rag.build(index=index, repair=True).unchanged == 4
    (tmp_path / "articles" / "0.txt").unlink()
    report = rag.build(index=index, repair=True)
    assert (report.removed, report.repaired, report.embedded) == (("0.txt",), (), 0)


def test_an_index_without_current_still_knows_its_articles_and_model(index):
    (index / "CURRENT").unlink()
    assert rag.check(index).damages[0].path == "CURRENT"
    assert embedded_by_repair(index) == 0


def test_repair_asks_for_the_articles_if_nothing_names_them(index, tmp_path):
    path_of(index, "manifest.json").write_bytes(b"{}")
    report = rag.check(index)
    assert "rag index FOLDER --repair" in report.fix
    with pytest.raises(rag.CorpusNotFound) as caught:
        rag.build(index=index, repair=True)
    assert "rag index FOLDER --repair" in caught.value.fix
    assert rag.build(tmp_path / "articles", index, repair=True).embedded == 0
    assert rag.check(index).ok
