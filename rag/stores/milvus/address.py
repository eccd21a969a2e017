"""Where an index on Milvus is: the server or folder that a setting names, and the index's name there."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rag.files import absolute
from rag.records import MILVUS

_PLAIN: Final = re.compile("[A-Za-z0-9_]+")
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Address:
    """One index on one Milvus."""

    store: str
    """The setting, which ``Settings`` has checked."""
    index: Path
    """The index folder. Its name is that of the index on the server."""

    @property
    def url(self) -> str:
        """What the setting names: the URL of a server, or the folder of milvus-lite."""
        return self.store.removeprefix(MILVUS)

    @property
    def folder(self) -> Path | None:
        """The folder of milvus-lite; None for a server."""
        return None if "://" in self.url else absolute(self.url)

    @property
    def name(self) -> str:
        """The name of the index there: letters, digits and underscores, the same on every machine.

        >>> Address("milvus+a.db", Path("/home/ada/index")).name
        'rag_index'
        >>> Address("milvus+a.db", Path("news 2024")).name
        'rag_news_2024_3d962bf7'
        """
        own = self.index.name or "index"
        if _PLAIN.fullmatch(own) and len(own) <= _LONGEST:
            return f"rag_{own}"
        plain = re.sub("[^A-Za-z0-9_]", "_", own)[:_LONGEST]
        return f"rag_{plain}_{zlib.crc32(own.encode('utf-8', 'surrogatepass')):08x}"
