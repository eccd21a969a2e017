"""milvus-lite: a small Milvus on a folder, which a process serves to itself."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Any, Final

from rag.errors import StoreUnavailable

INSTALL: Final = "pip install 'article-rag[milvus]'"
"""What to do if one of the packages is missing."""


class Lite:
    """A folder that is open as long as anybody in this process needs it. Thread-safe.

    Raises StoreUnavailable if it cannot be opened, for instance while another process has it open.
    """

    _users: Final[Counter[Path]] = Counter()
    _lock: Final = threading.Lock()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        if folder.is_file():
            raise StoreUnavailable(
                f"{folder} is a file, and milvus-lite keeps an index in a folder",
                fix="name another one",
            )
        self._servers = _servers(folder)
        with self._lock:
            folder.parent.mkdir(parents=True, exist_ok=True)
            uri = self._servers.start_and_get_uri(str(folder))
            if uri is None:
                raise StoreUnavailable(
                    f"{folder} cannot be opened; perhaps another process has it open, and milvus-lite"
                    " allows only one",
                    fix=f"end that process, or let all use one server: milvus-lite server --data-dir"
                    f" {folder} --host 127.0.0.1, then --store milvus+http://127.0.0.1:19530",
                )
            self._users[folder] += 1
        self.uri = str(uri)

    def release(self) -> None:
        """Close it, if nobody else in this process has it open. Call this once."""
        with self._lock:
            self._users[self._folder] -= 1
            if not self._users[self._folder]:
                self._servers.release_server(str(self._folder))


def _servers(folder: Path) -> Any:
    try:
        from milvus_lite.server_manager import server_manager_instance
    except ImportError:
        message = f"{folder} needs milvus-lite, which is not installed"
        raise StoreUnavailable(message, fix=INSTALL) from None
    return server_manager_instance
