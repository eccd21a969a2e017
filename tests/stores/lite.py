"""Indexes in milvus-lite. All tests have one file, which is kept open: opening one takes half a second."""

import tempfile
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest

from rag.stores.milvus.connection import Connection
from rag.stores.milvus.index import MilvusIndex

needs_milvus = pytest.mark.skipif(
    not (find_spec("pymilvus") and find_spec("milvus_lite")),
    reason="needs pip install 'article-rag[milvus]'",
)


class Milvus(MilvusIndex):
    """An empty index in milvus-lite."""

    count = count()

    def __init__(self, folder):
        super().__init__(folder / f"index{next(self.count)}", _kept())


@cache
def _kept():
    """The one store of all tests, which stays open."""
    home = tempfile.TemporaryDirectory()
    index = MilvusIndex(Path("kept"), f"milvus+{home.name}/milvus.db")
    _kept.open = (home, Connection(index, make=True))
    return index.store
