"""Embeds on the workers of a Ray cluster; Ray itself gives a batch to another worker if one dies."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from rag.corpus.frames import Garbled, Message
from rag.errors import WorkersUnavailable
from rag.indexing.crew import ATTEMPTS, PATIENCE, too_many_died
from rag.indexing.crew_member import Assignment, answer, vectors_in
from rag.models.graph import first_line
from rag.settings import RAY_HERE

if TYPE_CHECKING:
    from rag.records.base import FloatArray

_REACHED: Final = 10
"""Seconds in which a cluster must accept a connection; Ray itself waits for minutes."""
_CLIENT: Final = "ray://"
_CLIENT_PORT: Final = 10_001
_STORE_BYTES: Final = 100_000_000
"""Shared memory of a cluster on this machine: texts and vectors under way take a few megabytes."""


class RayCrew:
    """A ``Crew`` of all processors that a Ray cluster has to spare, with a worker on each.

    A program that has already connected itself to a cluster uses that one.
    """

    def __init__(self, address: str, assignment: Assignment) -> None:
        self._address = address
        self._assignment = asdict(assignment)
        self._dimension = assignment.dimension
        self._cluster: tuple[ModuleType, bool] | None = None

    def embed(self, batches: Sequence[Sequence[str]]) -> Iterator[FloatArray]:
        """The vectors of each batch; the workers work ahead of who takes them."""
        if not batches:
            return
        if self._cluster is None:
            self._cluster = _connected(self._address)
        ray, _ = self._cluster
        # A batch is a task. The process that has run one keeps its model for the next.
        task = ray.remote(num_cpus=1, max_retries=ATTEMPTS - 1)(answer)
        tasks = [task.remote(self._assignment, list(batch)) for batch in batches]
        try:
            for batch, each in zip(batches, tasks, strict=True):
                yield vectors_in(self._answer(ray, each), batch, self._dimension)
        except Garbled as error:
            raise self._unavailable(f"one {error}") from error
        finally:
            for each in tasks:  # those that are done are not affected
                with suppress(Exception):
                    ray.cancel(each)

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        if self._cluster is not None and self._cluster[1]:
            self._cluster[0].shutdown()

    def _answer(self, ray: ModuleType, task: Any) -> Message:
        errors = ray.exceptions
        try:
            message: Message = ray.get(task, timeout=PATIENCE)
        except errors.GetTimeoutError:
            raise self._unavailable(
                f"none gave a result within {PATIENCE} seconds",
                fix="look at what `ray status` says; each worker needs a processor that is free",
            ) from None
        except (errors.WorkerCrashedError, errors.OutOfMemoryError, errors.NodeDiedError) as error:
            raise too_many_died() from error
        except (errors.RayError, ConnectionError, ImportError) as error:
            cause = getattr(error, "cause", None) or error
            raise self._unavailable(
                f"one failed ({type(cause).__name__}: {first_line(cause)})",
                fix="install the same versions of article-rag and Ray on all machines",
            ) from error
        return message

    def _unavailable(self, what: str, fix: str = "") -> WorkersUnavailable:
        return WorkersUnavailable(f"workers of Ray at {self._address}: {what}", fix=fix)


def _connected(address: str) -> tuple[ModuleType, bool]:
    """Ray, connected, and whether this call did it. Raises WorkersUnavailable."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would report to its vendor
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "error")
    try:
        import ray
    except ImportError:
        raise WorkersUnavailable(
            f"--workers {address} needs Ray, which is not installed",
            fix="install it with: pip install 'article-rag[ray]'; or write a number of processes",
        ) from None
    if ray.is_initialized():
        return ray, False
    _check_reachable(address)
    options: dict[str, Any] = {"log_to_driver": False}
    if address == RAY_HERE:
        options |= {
            "include_dashboard": False,
            "object_store_memory": _STORE_BYTES,
            "_node_ip_address": "127.0.0.1",  # nobody else can reach it
        }
    logging.getLogger("ray").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong is raised too
            ray.init(address, configure_logging=False, **options)
    except Exception as error:  # it raises whatever its parts raise
        raise WorkersUnavailable(
            f"Ray at {address} cannot be used: {' '.join(str(error).split())[:300]}",
            fix="see what `ray status` says there; both sides need the same Python, Ray, RAY_AUTH_MODE"
            " and RAY_AUTH_TOKEN",
        ) from error
    return ray, True


def _check_reachable(address: str) -> None:
    """Raise WorkersUnavailable if nothing listens there."""
    host, _, port = address.removeprefix(_CLIENT).rpartition(":")
    if not host and not address.startswith(_CLIENT):
        return  # "auto" and "local" are found by Ray
    place = (host, int(port)) if host else (port, _CLIENT_PORT)
    try:
        socket.create_connection(place, _REACHED).close()
    except OSError as error:
        raise WorkersUnavailable(
            f"no Ray cluster at {address}: {error.strerror or error}",
            fix="start it there with: ray start --head; or check the address",
        ) from error
