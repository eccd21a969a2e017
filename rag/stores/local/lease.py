"""Leases: they keep a build from removing a generation that somebody reads.

Every generation has an empty file beside it, ``gen-000001.lock``. A reader holds a shared lock on it while
the generation is open; if the process dies, the operating system releases the lock. A build removes only
generations whose lock it can take exclusively. If files cannot be locked, readers are still safe: either
the system keeps the bytes of an open file that is removed, or it refuses to remove it.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rag.stores.local.cache import drop_caches
from rag.stores.local.disk import sync_folder
from rag.stores.local.manifest import drop_generation, generations, lease_file, read_manifest


class Lease:
    """A reader's shared lock on a generation, until it is released or garbage-collected.

    Take it before opening the generation; it is valid if ``CURRENT`` still names the generation
    afterwards. A forked process shares it. Does nothing if files cannot be locked.
    """

    def __init__(self, index: Path, generation: str) -> None:
        self.release: Callable[[], object] = lambda: None
        descriptor = _open(lease_file(index, generation), os.O_RDONLY)
        if descriptor is None:
            return
        if _lock(descriptor, shared=True):
            # Close, do not unlock: a forked process keeps its share.
            self.release = weakref.finalize(self, os.close, descriptor)
        else:  # a build is removing the generation
            os.close(descriptor)


def leased_generations(index: Path, current: str) -> tuple[str, ...]:
    """The generations, other than the current one, that readers have open."""
    others = (name for name in generations(index) if name != current)
    return tuple(name for name in others if not _is_unread(index, name))


def drop_unread(index: Path) -> None:
    """Remove old generations that nobody reads, old caches, and what killed builds left.

    Call under the build lock, after the build. What cannot be removed now is left for the next build.
    """
    manifest = read_manifest(index)
    leases = {path.stem for path in index.glob(lease_file(index, "gen-*").name)}
    old = sorted(leases.union(generations(index)) - {manifest.generation})
    with suppress(OSError):
        # The swap must be on the disk before old generations go; a killed build may not have synced it.
        sync_folder(index)
        for name in old:
            with suppress(OSError), _unread(index, name, os.O_RDWR) as unread:
                if unread:
                    drop_generation(index, name)
        drop_caches(index, manifest.embeddings.name)


def _is_unread(index: Path, generation: str) -> bool:
    with _unread(index, generation, os.O_RDONLY) as unread:
        return unread


@contextmanager
def _unread(index: Path, generation: str, access: int) -> Iterator[bool]:
    """Whether nobody reads a generation. If so, nobody can lease it inside this context."""
    descriptor = _open(lease_file(index, generation), access)
    if descriptor is None:
        yield True
        return
    try:
        yield _lock(descriptor, shared=False)
    finally:
        _unlock(descriptor)
        os.close(descriptor)


def _open(path: Path, access: int) -> int | None:
    """The descriptor of a lease file, or None if it cannot be opened."""
    try:
        return os.open(path, access | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None


if sys.platform == "win32":  # Windows refuses to remove a mapped file anyway

    def _lock(descriptor: int, *, shared: bool) -> bool:  # noqa: ARG001
        return True

    def _unlock(descriptor: int) -> None:
        pass

else:
    import fcntl

    def _lock(descriptor: int, *, shared: bool) -> bool:
        """Lock an open file, exclusively or shared; False if another lock prevents it."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        except OSError:  # this file system has no locks
            return True
        return True

    def _unlock(descriptor: int) -> None:
        """Release the lock even if a process forked in the meantime has the file open too."""
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
