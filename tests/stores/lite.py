"""Indexes in milvus-lite. All tests have one file, which is kept open: opening one takes half a second."""

import tempfile
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest

from rag import stores
from rag.stores.milvus.address import Address
from rag.stores.milvus.connection import Connection

needs_milvus = pytest.mark.skipif(
    not (find_spec("pymilvus") and find_spec("milvus_lite")),
    reason="needs pip install 'article-rag[milvus]'",
)


class Milvus:
    """An empty index in milvus-lite."""

    file: Path | None = None
    count = count()

    def __init__(self, folder):
        if self.file is None:
            home = tempfile.TemporaryDirectory()
            Milvus.file = Path(home.name, "milvus.db")
            Milvus.kept = (home, Connection(Address(self.store, Path("kept")), make=True))
        self.folder = folder / f"index{next(self.count)}"
        self.address = Address(self.store, self.folder)
        self.open = partial(stores.open_store, self.folder, self.store)
        self.writer = partial(stores.writer, self.folder, self.store)

    @property
    def store(self):
        return f"milvus+{self.file}"
