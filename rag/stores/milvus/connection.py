"""The one place that talks to Milvus: a few calls, and what their failures mean.

pymilvus tries a call that fails for want of the server again, after 10 ms at first and 3 s at most, until
its time is up. Rows are upserted by their ids, so a call that was made twice does no harm.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rag.errors import IndexNotFound, StoreUnavailable
from rag.stores.milvus.address import Address

if TYPE_CHECKING:
    from pymilvus import MilvusClient

TOKEN: Final = "RAG_STORE_TOKEN"  # noqa: S105  # the name of a variable
"""``USER:PASSWORD`` or an API key, from the environment; never shown, never saved."""
MOST: Final = 16_384
"""Results that Milvus gives for one query."""
_CONNECT, _READ, _WRITE, _BUILD = 10.0, 30.0, 120.0, 3_600.0  # seconds
_BATCH: Final = 1_000
_NOT_FOUND: Final = (100, 4)  # of a collection or alias, and the same of older servers
_REFUSALS: Final = ("auth", "permission", "privilege", "credential", "api key")

Row = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Match:
    """One result of a search; a higher score is better."""

    score: float
    row: Row


class Connection:
    """An open connection to the Milvus of one index. Thread-safe.

    Raises StoreUnavailable if there is no server, if it refuses, or if a file of milvus-lite is in use.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._lite = _Lite.of(address)
        # At its first search, milvus-lite makes its index of terms: a minute for 100,000 passages.
        self._patience = _BUILD if self._lite else _READ
        try:
            self._client = self._open()
        except BaseException:
            self._release()
            raise

    def close(self) -> None:
        """Close the connection, and with the last one of this process the file of milvus-lite."""
        self._call(self._client.close)
        self._release()

    # ------------------------------------------------------------ collections

    def target(self) -> str:
        """The collection that the alias of the index names. Raises IndexNotFound if there is none."""
        name = self.address.name
        return str(
            self._call(self._client.describe_alias, name, timeout=self._patience)["collection_name"]
        )

    def switch(self, collection: str, *, first: bool) -> None:
        """Make the alias of the index name this collection, in one step."""
        change = self._client.create_alias if first else self._client.alter_alias
        self._call(change, collection, self.address.name, timeout=_WRITE)

    def collections(self) -> list[str]:
        """All collections of the server."""
        return list(self._call(self._client.list_collections, timeout=self._patience))

    def has(self, collection: str) -> bool:
        """Whether a collection exists."""
        return bool(self._call(self._client.has_collection, collection, timeout=self._patience))

    def create(self, collection: str, fields: Sequence[Row], indexes: Sequence[Row]) -> None:
        """Make a collection with these fields and indexes, and load it."""
        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        for field in fields:
            schema.add_field(**field)
        parameters = self._client.prepare_index_params()
        for index in indexes:
            parameters.add_index(**index)
        self._call(
            self._client.create_collection,
            collection,
            schema=schema,
            consistency_level="Strong",
            timeout=_WRITE,
        )
        # Nothing to wait for: there are no rows yet.
        create = self._client.create_index
        self._call(create, collection, parameters, timeout=_WRITE, sync=False)
        self.load(collection)

    def load(self, collection: str) -> None:
        """Make a collection ready for searches, if it is not."""
        self._call(self._client.load_collection, collection, timeout=_WRITE)

    def reindex(self, collection: str, index: Row) -> None:
        """Give a field another index; meanwhile nobody can search the collection."""
        field = index["field_name"]
        parameters = self._client.prepare_index_params()
        parameters.add_index(**index)
        self._call(self._client.release_collection, collection, timeout=_WRITE)
        for name in self._call(self._client.list_indexes, collection, field_name=field):
            self._call(self._client.drop_index, collection, name, timeout=_WRITE)
        self._call(self._client.create_index, collection, parameters, timeout=_BUILD)
        self.load(collection)

    def drop(self, collection: str) -> None:
        """Remove a collection, if it exists."""
        self._call(self._client.drop_collection, collection, timeout=_WRITE)

    # ------------------------------------------------------------ rows

    def upsert(self, collection: str, rows: Sequence[Row]) -> None:
        """Write rows; one with an id that is there replaces it."""
        if rows:
            self._call(self._client.upsert, collection, list(rows), timeout=_WRITE)

    def delete(self, collection: str, where: str) -> None:
        """Remove the rows for which an expression holds."""
        self._call(self._client.delete, collection, filter=where, timeout=_WRITE)

    def count(self, collection: str, where: str) -> int:
        """How many rows an expression holds for."""
        [row] = self._call(
            self._client.query,
            collection,
            filter=where,
            output_fields=["count(*)"],
            consistency_level="Strong",
            timeout=self._patience,
        )
        return int(row["count(*)"])

    def rows(
        self, collection: str, where: str, fields: Sequence[str], consistency: str = "Strong"
    ) -> Iterator[Row]:
        """All rows for which an expression holds, in no order that means anything."""
        options = {
            "filter": where,
            "output_fields": list(fields),
            "consistency_level": consistency,
            "timeout": self._patience,
        }
        # An iterator takes several calls before its first row.
        found = self._call(self._client.query, collection, limit=_BATCH, **options)
        if len(found) < _BATCH:
            yield from found
            return
        pages = self._call(self._client.query_iterator, collection, batch_size=_BATCH, **options)
        try:
            while page := self._call(pages.next):
                yield from page
        finally:
            pages.close()

    def search(
        self,
        collection: str,
        field: str,
        vector: object,
        limit: int,
        where: str,
        fields: Sequence[str],
        consistency: str,
        effort: Row,
    ) -> list[Match]:
        """The ``limit`` rows with the largest inner product with a vector, best first."""
        [hits] = self._call(
            self._client.search,
            collection,
            data=[vector],
            anns_field=field,
            limit=limit,
            filter=where,
            output_fields=list(fields),
            search_params={"metric_type": "IP", "params": dict(effort)},
            consistency_level=consistency,
            timeout=self._patience,
        )
        return [Match(float(hit["distance"]), hit["entity"]) for hit in hits]

    # ------------------------------------------------------------ inside

    def _open(self) -> MilvusClient:
        from pymilvus import MilvusClient

        quiet()
        uri = self._lite.uri if self._lite else self.address.uri
        return self._call(MilvusClient, uri, token=os.environ.get(TOKEN, ""), timeout=_CONNECT)

    def _release(self) -> None:
        if self._lite:
            self._lite.release()
            self._lite = None

    def _call(self, function: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """Call pymilvus. Raises IndexNotFound for what does not exist, else StoreUnavailable."""
        import grpc
        from pymilvus.exceptions import MilvusException

        try:
            return function(*arguments, **options)
        except (MilvusException, grpc.RpcError, grpc.FutureTimeoutError, ValueError) as error:
            raise self._meaning(error) from error

    def _meaning(self, error: Exception) -> IndexNotFound | StoreUnavailable:
        line = _said(error)
        if getattr(error, "code", None) in _NOT_FOUND:
            return IndexNotFound(
                f"there is no index {self.address.index.name!r} in {self.address.store}",
                fix=f"build one with: rag index FOLDER-OF-ARTICLES --store {self.address.store}",
            )
        # At the first call, pymilvus says "cannot connect" whatever the reason.
        if any(word in f"{line} {error.__cause__}".lower() for word in _REFUSALS):
            return StoreUnavailable(
                f"{self.address.store} refuses: {_said(error.__cause__ or error)}",
                fix=f"put USER:PASSWORD or an API key into {TOKEN}",
            )
        return StoreUnavailable(
            f"{self.address.store}: {line}", fix="see that Milvus runs there, and try again"
        )


def _said(error: BaseException) -> str:
    """What an error says, in one line."""
    details = getattr(error, "details", None)
    said = getattr(error, "message", "") or (details() if callable(details) else str(error))
    return (str(said).strip() or type(error).__name__).splitlines()[0][:300]


class _Lite:
    """The milvus-lite of a folder, which this process serves to itself as long as anybody needs it."""

    _users: Final[Counter[Path]] = Counter()
    _lock: Final = threading.Lock()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with self._lock:
            uri = _lite_servers(folder).start_and_get_uri(str(folder))
            if uri is None:
                raise StoreUnavailable(
                    f"{folder} cannot be opened; perhaps another process has it open, and milvus-lite"
                    " allows only one",
                    fix=f"end that process, or let all use one server: milvus-lite server --data-dir"
                    f" {folder} --host 127.0.0.1, then --store milvus+http://127.0.0.1:19530",
                )
            self._users[folder] += 1
        self.uri = str(uri)

    @classmethod
    def of(cls, address: Address) -> _Lite | None:
        return cls(address.folder) if address.folder else None

    def release(self) -> None:
        with self._lock:
            self._users[self._folder] -= 1
            if not self._users[self._folder]:
                _lite_servers(self._folder).release_server(str(self._folder))


def _lite_servers(folder: Path) -> Any:
    try:
        from milvus_lite.server_manager import server_manager_instance
    except ImportError:
        raise StoreUnavailable(
            f"{folder} needs milvus-lite, which is not installed",
            fix="pip install 'article-rag[milvus]'",
        ) from None
    quiet()
    folder.parent.mkdir(parents=True, exist_ok=True)
    return server_manager_instance


def quiet() -> None:
    """Keep the packages from logging what is raised anyway, with its traceback."""
    for name in ("pymilvus", "milvus_lite", "grpc"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
