"""The one place that talks to Milvus: a few calls, and what their failures mean.

If the server cannot be reached, a call is made again, after 10 ms at first and 3 s at most, until its time
is up; pymilvus does that. Rows are upserted by their ids, so a call that was made twice does no harm.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from rag.errors import IndexNotFound, StoreUnavailable
from rag.stores.advice import build
from rag.stores.milvus.index import MilvusIndex
from rag.stores.milvus.lite import INSTALL, Lite

if TYPE_CHECKING:
    from pymilvus import MilvusClient

TOKEN: Final = "RAG_STORE_TOKEN"  # noqa: S105  # the name of a variable
"""``USER:PASSWORD`` or an API key, from the environment; never shown, never saved."""
MOST: Final = 16_384
"""Results that Milvus gives for one query."""
_CONNECT, _READ, _WRITE, _BUILD = 10.0, 30.0, 120.0, 3_600.0  # seconds
_NEVER: Final = 2**31 - 1  # milliseconds
_BATCH: Final = 1_000
_THIS_MACHINE: Final = ("127.0.0.1", "localhost", "::1")
_NOT_FOUND: Final = (100, 4)  # of a collection or alias, and the same of older servers
_REFUSED: Final = (1400, 1401)  # not authenticated, no permission

Row = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Match:
    """One result of a search; a higher score is better."""

    score: float
    row: Row


class Connection:
    """An open connection to the Milvus of one index. Thread-safe.

    Raises StoreUnavailable if there is no server, if it refuses, or if milvus-lite cannot be opened;
    IndexNotFound if there is no folder of milvus-lite, unless one is to be made.
    """

    def __init__(self, index: MilvusIndex, *, make: bool = False) -> None:
        self.index = index
        if index.lite_folder and not (make or index.lite_folder.exists()):
            raise self._no_index()
        client = _client_of(index)
        self._lite = Lite(index.lite_folder) if index.lite_folder else None
        # At its first search, milvus-lite makes its index of terms: a minute for 100,000 passages.
        self._patience = _BUILD if self._lite else _READ
        uri = self._lite.uri if self._lite else index.url
        # A server elsewhere answers at once or is not there; milvus-lite is a child that has just begun.
        connect = _WRITE if self._lite else _CONNECT
        # gRPC would ask the proxy in http_proxy even for this machine itself.
        options = {"grpc.enable_http_proxy": int(urlsplit(uri).hostname not in _THIS_MACHINE)}
        if (
            self._lite
        ):  # it needs no keepalive, and ends a connection that sends one every ten seconds
            options["grpc.keepalive_time_ms"] = _NEVER
        try:
            self._client = self._call(
                client, uri, token=_token(), timeout=connect, grpc_options=options
            )
        except BaseException:
            self._release()
            raise

    def close(self) -> None:
        """Close the connection, and with the last one of this process the folder of milvus-lite."""
        try:
            self._client.close()
        finally:
            self._release()

    # ------------------------------------------------------------ collections

    def target(self) -> str:
        """The collection that the alias of the index names. Raises IndexNotFound if there is none."""
        name = self.index.name
        return str(
            self._call(self._client.describe_alias, name, timeout=self._patience)["collection_name"]
        )

    def switch(self, collection: str, *, first: bool) -> None:
        """Make the alias of the index name this collection, in one step."""
        change = self._client.create_alias if first else self._client.alter_alias
        try:
            self._call(change, collection, self.index.name, timeout=_WRITE)
        except StoreUnavailable:
            with suppress(IndexNotFound):
                if self.target() == collection:  # only the answer was lost
                    return
            raise

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

    def _meaning(self, error: BaseException) -> IndexNotFound | StoreUnavailable:
        if _code(error) in _NOT_FOUND:
            return self._no_index()
        # At the first call, pymilvus says "cannot connect" whatever the reason.
        refusal = next(filter(_is_refusal, _causes(error)), None)
        if refusal:
            return StoreUnavailable(
                f"{self.index.store} refuses: {_said(refusal)}",
                fix=f"put USER:PASSWORD or an API key into {TOKEN}",
            )
        return StoreUnavailable(
            f"{self.index.store}: {_said(error)}", fix="see that Milvus runs there, and try again"
        )

    def _no_index(self) -> IndexNotFound:
        return IndexNotFound(
            f"there is no index {self.index.folder.name!r} in {self.index.store}",
            fix=build(self.index),
        )


def _client_of(index: MilvusIndex) -> Callable[..., MilvusClient]:
    """The client of pymilvus. Raises StoreUnavailable if it is not installed."""
    known = set(os.environ)
    try:
        from pymilvus import MilvusClient
    except ImportError:
        message = f"{index.store} needs pymilvus, which is not installed"
        raise StoreUnavailable(message, fix=INSTALL) from None
    for added in set(os.environ) - known:  # its import reads a file .env, which is not ours to read
        del os.environ[added]
    # What it logs is raised anyway.
    for name in ("pymilvus", "pymilvus.milvus_client", "milvus_lite", "grpc"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    client: Callable[..., MilvusClient] = MilvusClient
    return client


def _token() -> str:
    return os.environ.get(TOKEN, "")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, the one that it was raised from, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:  # pymilvus raises some from themselves
        yield error
        seen.add(id(error))
        error = error.__cause__


def _is_refusal(error: BaseException) -> bool:
    import grpc

    denied = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
    return _code(error) in (*_REFUSED, *denied)


def _code(error: BaseException) -> object:
    """The number that Milvus gives an error, or the status of a call."""
    code = getattr(error, "code", None)
    return code() if callable(code) else code


def _said(error: BaseException) -> str:
    """What an error says, in one line, without the password."""
    details = getattr(error, "details", None)
    said = getattr(error, "message", "") or (details() if callable(details) else str(error))
    line = (str(said).strip() or type(error).__name__).splitlines()[0][:300]
    for secret in (_token(), _token().partition(":")[2]):
        line = line.replace(secret, "…") if secret else line
    return line
