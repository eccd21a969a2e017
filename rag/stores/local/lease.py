"""Which generations are being read, so that a build removes none of those.

Beside every generation stands an empty file, ``gen-000001.lock``. A reader holds a shared lock on it for
as long as it has the generation open, and the operating system lets go of it if the process dies. A build
removes the generations whose lock it can have for itself. Where files cannot be locked, readers go
without: a system that lets an open file be removed keeps its bytes, and one that does not refuses.
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
    """A reader's hold on a generation, until it is released or collected; none if there can be none.

    Take it before the generation is opened; it is good if ``CURRENT`` names the generation afterwards.
    A forked process has a share in it, one that is started anew has none.
    """

    def __init__(self, index: Path, generation: str) -> None:
        self.release: Callable[[], object] = lambda: None
        descriptor = _opened(lease_file(index, generation), os.O_RDONLY)
        if descriptor is None:
            return
        if _lock(descriptor, shared=True):
            # Closed, not unlocked, so that a forked process keeps its share.
            self.release = weakref.finalize(self, os.close, descriptor)
        else:  # it is being removed
            os.close(descriptor)


def held(index: Path, current: str) -> tuple[str, ...]:
    """The generations besides the current one that readers hold."""
    others = (name for name in generations(index) if name != current)
    return tuple(name for name in others if not _is_unread(index, name))


def drop_unread(index: Path) -> None:
    """Remove what the current generation does not need and no reader holds; killed builds' remains too.

    Call under the build lock, when the build is done. What cannot be removed is left for the next one.
    """
    manifest = read_manifest(index)
    leases = {path.stem for path in index.glob(lease_file(index, "gen-*").name)}
    old = sorted(leases.union(generations(index)) - {manifest.generation})
    with suppress(OSError):
        # The swap must be on the disk before the old ones go; the build that made it may have been killed.
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
    """Whether no reader holds a generation; if so, none can take it until this is over."""
    descriptor = _opened(lease_file(index, generation), access)
    if descriptor is None:
        yield True
        return
    try:
        yield _lock(descriptor, shared=False)
    finally:
        _unlock(descriptor)
        os.close(descriptor)


def _opened(path: Path, access: int) -> int | None:
    """An open lease file; None if there is none, or none that may be opened."""
    try:
        return os.open(path, access | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None


if sys.platform == "win32":  # what is mapped there cannot be removed anyway

    def _lock(descriptor: int, *, shared: bool) -> bool:  # noqa: ARG001
        return True

    def _unlock(descriptor: int) -> None:
        pass

else:
    import fcntl

    def _lock(descriptor: int, *, shared: bool) -> bool:
        """Take the lock of an open file, for itself or shared; False if another's stands against it."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        except OSError:  # this file system has no locks
            return True
        return True

    def _unlock(descriptor: int) -> None:
        """Let go of it even if a process forked meanwhile has the file open too."""
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
