"""A fake ``os`` that dies, fails or writes short at a chosen operation.

It counts every call that changes something. It also keeps an image of what is certain to be on the disk:
bytes as of the last fsync of their file, names as of the last fsync of their folder. So it can simulate a
power cut.
"""

import errno
import os
import random
import shutil
from pathlib import Path

import rag
from rag.stores.local.disk import hash_file
from rag.stores.local.manifest import read_manifest

KINDS = ("create", "write", "fsync", "truncate", "rename", "mkdir", "unlink", "rmdir")


class Died(BaseException):
    """The process has died. Nothing can catch this and go on: every later operation raises it too."""


class Disk:
    """``os`` for one build below ``root``.

    The process dies before operation number ``dies_at``; with ``torn``, in the middle of it if it is a
    write. Operation number ``fails_at`` fails with ``error``; with ``lasting``, so do all later ones that
    need space or permission. With ``short``, each write takes only a part of its data.
    """

    def __init__(
        self,
        root,
        *,
        dies_at=None,
        torn=False,
        fails_at=None,
        error=errno.EIO,
        lasting=False,
        short=False,
    ):
        self.root = root
        self.done = []  # (kind, path) of every operation, the failed ones too
        self.within = False  # whether an operation is under way
        self._dies_at, self._torn = dies_at, torn
        self._fails_at, self._error, self._lasting = fails_at, error, lasting
        self._short = short
        self._open = {}
        self._image = _Image(root)

    def __getattr__(self, name):
        return getattr(os, name)

    # ------------------------------------------------------------ the calls that change something

    def open(self, path, flags, mode=0o777):
        self._alive()
        path = Path(path)
        if flags & os.O_CREAT and not path.exists():
            descriptor = self._step("create", path, lambda: os.open(path, flags, mode))
            self._image.made(path)
        else:
            self.within = True
            descriptor = os.open(path, flags, mode)
            self.within = False
        self._open[descriptor] = path
        return descriptor

    def close(self, descriptor):
        self._open.pop(descriptor)
        os.close(descriptor)

    def write(self, descriptor, data):
        half = memoryview(data)[: len(data) // 2]

        def torn():
            os.write(descriptor, half)

        whole = memoryview(data)[: len(data) // 3 + 1] if self._short else data
        path = self._open[descriptor]
        return self._step("write", path, lambda: os.write(descriptor, whole), torn)

    def fsync(self, descriptor):
        path = self._open[descriptor]
        # No real call, which only takes time: the image records its effect.
        self._step("fsync", path, lambda: self._image.synced(path))

    def ftruncate(self, descriptor, size):
        self._step("truncate", self._open[descriptor], lambda: os.ftruncate(descriptor, size))

    def replace(self, path, target):
        self._step("rename", Path(path), lambda: Path(path).replace(target))
        self._image.renamed(Path(path), Path(target))

    def mkdir(self, path):
        self._step("mkdir", Path(path), Path(path).mkdir)
        self._image.made(Path(path))

    def unlink(self, path):
        self._alive()
        if not os.path.lexists(path):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        self._step("unlink", Path(path), Path(path).unlink)
        self._image.removed(Path(path))

    def rmdir(self, path):
        self._step("rmdir", Path(path), Path(path).rmdir)
        self._image.removed(Path(path))

    # ------------------------------------------------------------ faults

    def revive(self):
        """Start another process on the same disk, without faults."""
        self.done, self._dies_at, self._fails_at = [], None, None

    @property
    def dead(self):
        return self._dies_at is not None and len(self.done) > self._dies_at

    def _alive(self):
        if self.dead:
            raise Died

    def _step(self, kind, path, act, torn=None):
        self._alive()
        number = len(self.done)
        self.done.append((kind, path))
        if number == self._dies_at:
            if self._torn and torn:
                torn()
            raise Died
        if self._fails(number, kind):
            named = () if kind in ("write", "fsync", "truncate") else (str(path),)
            raise OSError(self._error, os.strerror(self._error), *named)
        self.within = True
        try:
            return act()
        finally:
            self.within = False

    def _fails(self, number, kind):
        if self._fails_at is None or number < self._fails_at:
            return False
        return number == self._fails_at or (self._lasting and kind in ("create", "write", "mkdir"))

    # ------------------------------------------------------------ power

    def cut_power(self, target, choose):
        """Write what a power cut leaves to ``target``; see ``_Image.left``."""
        self._image.left(target, choose)


class _Image:
    """What is certain to be on the disk, and what the system shows now."""

    def __init__(self, root):
        self.root = root
        self._now = {}  # path: identity of the file or folder that has this name now
        self._names = {}  # identity of a folder: {name: identity} as last synced
        self._bytes = {}  # identity of a file: bytes as last synced
        self._next = iter(range(1 << 30))
        for path in [root, *sorted(root.rglob("*"))]:
            self.made(path)
        for path in list(self._now):
            self.synced(path)

    def made(self, path):
        self._now[path] = next(self._next)
        if path.is_dir():
            self._names[self._now[path]] = {}

    def removed(self, path):
        del self._now[path]

    def renamed(self, path, target):
        self._now[target] = self._now.pop(path)

    def synced(self, path):
        if path.is_dir():
            self._names[self._now[path]] = self._entries(path)
        else:
            self._bytes[self._now[path]] = path.read_bytes()

    def _entries(self, folder):
        return {p.name: identity for p, identity in self._now.items() if p.parent == folder}

    def left(self, target, choose):
        """Write to ``target`` what a power cut leaves of the root.

        ``choose(synced, now)`` selects one of the two for every name and for the bytes of every file.
        """
        current = {
            identity: self._entries(path) if identity in self._names else path.read_bytes()
            for path, identity in self._now.items()
        }

        def write(identity, place):
            if identity not in self._names:
                synced = self._bytes.get(identity, b"")
                place.write_bytes(choose(synced, current.get(identity, synced)))
                return
            place.mkdir()
            synced = self._names[identity]
            now = current.get(identity, synced)
            for name in sorted({*synced, *now}):
                found = choose(synced.get(name), now.get(name))
                if found is not None:
                    write(found, place / name)

        shutil.rmtree(target, ignore_errors=True)
        write(self._now[self.root], target)


def all_lost(synced, now):
    """Only synced data reached the disk."""
    return synced


def names_kept(synced, now):
    """All names and all synced bytes reached the disk; the rest of each file is zeros."""
    if isinstance(synced, bytes):
        return synced[: len(now)] + bytes(max(0, len(now) - len(synced)))
    return now


def some_lost(seed):
    """A random mix of synced and current data."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    return lambda synced, now: rng.choice((synced, now))


def files(index):
    """The bytes of the files of an index, without the manifest; None if there is no index.

    Checks every hash, so that the files all belong to the current generation.
    """
    try:
        manifest = read_manifest(index)
    except rag.IndexNotFound:
        return None
    folder = index / manifest.generation
    assert {name: hash_file(folder / name) for name in manifest.files} == manifest.files
    return {name: (folder / name).read_bytes() for name in manifest.files}
