"""Where an index on Milvus is: the server or file that a setting names, and the index's name there."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from rag.errors import InvalidSetting
from rag.files import absolute

PREFIX: Final = "milvus+"
_LITE: Final = ".db"
"""How the name of a folder of milvus-lite ends; pymilvus takes no other."""
_SERVERS: Final = ("http", "https")
_PLAIN: Final = re.compile("[A-Za-z0-9_]+")
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Address:
    """One index on one Milvus. Raises InvalidSetting for a ``store`` that cannot be one."""

    store: str
    """The setting: ``milvus+http://HOST:PORT``, or ``milvus+FILE.db`` for milvus-lite."""
    index: Path
    """The index folder. Its name is that of the index on the server."""

    def __post_init__(self) -> None:
        target, server = self.target, urlsplit(self.target)
        if server.username is not None or server.password is not None:
            raise InvalidSetting(
                "store: the address holds a name or a password, and addresses are shown",
                fix="put USER:PASSWORD into RAG_STORE_TOKEN",
            )
        if not (server.scheme in _SERVERS and server.netloc) and not target.endswith(_LITE):
            raise InvalidSetting(
                f"store: {self.store!r} names neither a server nor a file of milvus-lite",
                fix=f"write {PREFIX}http://HOST:19530 or {PREFIX}FILE{_LITE}",
            )

    @property
    def target(self) -> str:
        """The setting without its prefix."""
        return self.store.removeprefix(PREFIX)

    @property
    def folder(self) -> Path | None:
        """The folder of milvus-lite; None for a server."""
        return None if self.target.startswith(("http://", "https://")) else absolute(self.target)

    @property
    def uri(self) -> str:
        """What pymilvus opens."""
        return str(self.folder or self.target)

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
