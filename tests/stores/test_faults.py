"""A build that stops or fails at any point leaves the old index or the new one, intact."""

import errno
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import rag
from rag.stores.local.manifest import read_manifest
from tests.profiles import LONG, some
from tests.stores.faults import KINDS, Died, Disk, all_lost, files, names_kept, some_lost

OLD = {
    "bees.md": "# City bees\n\nRooftop hives made 310 kilograms of honey.\n",
    "harbour.txt": "Harbour reopens\n\nThe harbour of Lindvik reopened on Friday.\n",
    "trains.txt": "Night trains return\n\nTickets to the coast cost 38 euros.\n",
    "noise.txt": "\0 no text",
}
ADDED = {"ferry.txt": "A new ferry\n\nIt sails four times a day.\n"}
CHANGED = {"harbour.txt": "Harbour closes\n\nThe harbour of Lindvik is closed again.\n"}
REMOVED = {name: text for name, text in OLD.items() if name != "bees.md"}


class CachingEmbedder:
    """The real embedder, but each text is embedded once and alone: no vector depends on the batch."""

    def __init__(self, embedder):
        self._embedder, self._vectors = embedder, {}
        self.info = embedder.info

    def embed_documents(self, texts):
        for text in texts:
            if text not in self._vectors:
                [self._vectors[text]] = self._embedder.embed_documents([text])
        return np.stack([self._vectors[text] for text in texts])


@pytest.fixture(scope="module", autouse=True)
def _embedded_once(embedder):
    caching = CachingEmbedder(embedder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.indexing.builder.load_embedder", lambda *_: caching)
        yield


@dataclass
class Work:
    """One kind of build, with the index before it and the index expected after it."""

    root: Path
    """Has ``articles``, the input of the build, and ``before``, the index before it."""
    full: bool
    old: dict[str, bytes] | None
    new: dict[str, bytes]

    def ready(self, folder):
        """Prepare a new folder for the build; returns the path of its index."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.root / "before", folder)
        return folder / "index"

    def build(self, index, disk=None):
        """Run the build, on a disk that may fail."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("rag.stores.local.disk.os", disk or Disk(index.parent))
            return rag.build(self.root / "articles", index, full=self.full)

    def operations(self, folder):
        """All disk operations of a build without faults: (kind, path) each."""
        disk = Disk(self.ready(folder).parent)
        self.build(folder / "index", disk)
        return disk.done

    def moments(self, folder):
        """The operations at which to stop it, with their numbers.

        All of them in `make test-long`; else some, and those around each renaming, which makes new files
        current.
        """
        numbered = list(enumerate(self.operations(folder)))
        chosen = {number for number, _ in some(numbered, 4)}
        for number, (kind, _) in numbered:
            if kind == "rename":
                chosen |= {number, number + 1}
        return [each for each in numbered if each[0] in chosen]

    def then_succeeds(self, index):
        """Check that the next build succeeds and leaves no files of the stopped one."""
        self.build(index)
        assert files(index) == self.new
        assert rag.check(index).ok
        generation = read_manifest(index).generation
        assert {path.name for path in index.iterdir()} == {
            "CURRENT",
            "build.lock",
            "embeddings",
            generation,
            f"{generation}.lock",
        }
        assert len(list((index / "embeddings").iterdir())) == 1


def write(articles, texts):
    shutil.rmtree(articles, ignore_errors=True)
    articles.mkdir(parents=True)
    for name, text in texts.items():
        (articles / name).write_text(text)


WORKS = {
    "first build": (None, OLD, False),
    "update": (OLD, OLD | ADDED | CHANGED, False),
    "removal": (OLD, REMOVED, False),
    "full build": (OLD, OLD | CHANGED, True),
}


@pytest.fixture
def place(tmp_path):
    """A folder in memory if possible, since the tests write and remove thousands of files."""
    memory = Path("/dev/shm")  # noqa: S108  # a folder of its own in there
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture(scope="module", params=WORKS)
def work(request, tmp_path_factory, _embedded_once):
    before, after, full = WORKS[request.param]
    root = tmp_path_factory.mktemp("work")
    (root / "before").mkdir()
    if before is not None:
        write(root / "articles", before)
        rag.build(root / "articles", root / "before" / "index")
    write(root / "articles", after)
    rag.build(root / "articles", root / "afresh")
    old = None if before is None else files(root / "before" / "index")
    return Work(root, full, old, files(root / "afresh"))


def test_every_change_of_an_index_goes_through_one_layer(work, place):
    """So the tests below miss no operation."""
    index = work.ready(place / "disk")
    disk = Disk(index.parent)
    strays = []
    watching = True
    changing = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "os.link"}

    def watch(event, arguments):
        if not watching or disk.within:
            return
        if event in changing or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            path = str(arguments[0])
            # The lock library opens lock files, which exist by then.
            if path.startswith(f"{index}/") and not path.endswith(".lock"):
                strays.append((event, path))

    sys.addaudithook(watch)  # cannot be removed again
    work.build(index, disk)
    watching = False
    assert not strays
    assert {kind for kind, _ in disk.done} <= set(KINDS)


# ---------------------------------------------------------------- R1: stopped anywhere


def test_a_build_that_dies_at_any_operation_leaves_the_old_index_or_the_new_one(work, place):
    seen = set()
    for number, (kind, _) in work.moments(place / "counted"):
        for torn in (False, True) if kind == "write" else (False,):
            index = work.ready(place / "disk")
            with pytest.raises(Died):
                work.build(index, Disk(index.parent, dies_at=number, torn=torn))
            left = files(index)
            assert left in (work.old, work.new), (number, kind, torn)
            seen.add("old" if left == work.old else "new")
            work.then_succeeds(index)
    assert seen == {"old", "new"}


def test_a_power_cut_at_any_operation_leaves_the_old_index_or_the_new_one(work, place):
    cuts = [all_lost, names_kept, *(some_lost(seed) for seed in range(8 if LONG else 2))]
    for turn, (number, (kind, _)) in enumerate(work.moments(place / "counted")):
        index = work.ready(place / "disk")
        disk = Disk(index.parent, dies_at=number, torn=True)
        with pytest.raises(Died):
            work.build(index, disk)
        for choose in cuts if LONG else [cuts[turn % len(cuts)]]:
            disk.cut_power(place / "cut", choose)
            assert files(place / "cut" / "index") in (work.old, work.new), (number, kind)
            work.then_succeeds(place / "cut" / "index")


def test_a_finished_build_survives_a_power_cut(work, place):
    index = work.ready(place / "disk")
    disk = Disk(index.parent)
    work.build(index, disk)
    for choose in (all_lost, names_kept, *(some_lost(seed) for seed in some(range(20), 4))):
        disk.cut_power(place / "cut", choose)
        assert files(place / "cut" / "index") == work.new


def test_the_parent_folders_of_a_new_index_survive_a_power_cut(work, place):
    (place / "disk").mkdir()
    index = place / "disk" / "some" / "where" / "index"
    disk = Disk(place / "disk")
    work.build(index, disk)
    disk.cut_power(place / "cut", all_lost)
    assert files(place / "cut" / "some" / "where" / "index") == work.new


def test_a_power_cut_after_a_build_that_follows_a_killed_one_loses_nothing(work, place):
    """The killed build left names that were not synced; the next build must not rely on them."""
    operations = work.operations(place / "counted")
    for number in some(range(1, len(operations)), 12):
        index = work.ready(place / "disk")
        disk = Disk(index.parent, dies_at=number)
        with pytest.raises(Died):
            work.build(index, disk)
        disk.revive()
        work.build(index, disk)
        for choose in (all_lost, some_lost(number)):
            disk.cut_power(place / "cut", choose)
            assert files(place / "cut" / "index") == work.new, number


# ---------------------------------------------------------------- R3: refused anywhere

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)


def failure(act):
    """The error of a build that cannot write, or None."""
    try:
        act()
    except rag.IndexNotWritten as error:
        return error
    return None


def test_a_failure_of_any_operation_names_the_path_and_keeps_the_old_index(work, place):
    for turn, (number, (kind, path)) in enumerate(work.moments(place / "counted")):
        for error in ERRORS if LONG else [ERRORS[turn % len(ERRORS)]]:
            index = work.ready(place / "disk")
            lasting = error != errno.EIO
            disk = Disk(index.parent, fails_at=number, error=error, lasting=lasting)
            where = place / "disk" / path.relative_to(place / "counted")
            refusal = failure(partial(work.build, index, disk))
            served = files(index)
            if refusal:
                assert refusal.message == f"{where}: {os.strerror(error)}"
                assert refusal.fix
                assert served in (work.old, work.new), (number, kind)
            else:  # the next build removes what this one could not
                assert kind in ("unlink", "rmdir", "fsync"), (number, kind)
                assert served == work.new
            if served is not None:
                with rag.Retriever.open(index) as retriever:
                    assert retriever.search("tickets to the coast", mode="lexical")
            work.then_succeeds(index)


def test_short_writes_are_continued(work, place):
    index = work.ready(place / "disk")
    disk = Disk(index.parent, short=True)
    work.build(index, disk)
    assert sum(kind == "write" for kind, _ in disk.done) > 50
    assert files(index) == work.new
    assert rag.check(index).ok
