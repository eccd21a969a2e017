"""A Ray cluster, on which functions of this program run."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from rag.errors import OutOfResources, WorkersUnavailable
from rag.models.graph import first_line
from rag.settings import RAY_HERE

ATTEMPTS: Final = 3
"""How many workers may die at one piece of work."""
PATIENCE: Final = 300
"""Seconds that a piece of work may take, with the start of a worker and the loading of its model."""
_REACHED: Final = 10
"""Seconds in which a cluster must accept a connection; Ray itself waits for minutes."""
_CLIENT: Final = "ray://"
_CLIENT_PORT: Final = 10_001
_STORE_BYTES: Final = 200_000_000
"""Shared memory of a cluster on this machine, for files, texts and vectors under way."""


class Cluster:
    """The Ray cluster at an address, connected when it is first needed. ``close`` it in the end.

    If the program is already connected to a cluster, that one is used, and stays connected.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection: tuple[ModuleType, bool] | None = None
        self._remote: dict[Callable[..., Any], Any] = {}

    def start(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function of this program on a processor that is free; returns the task.

        The process that has run it keeps what it has loaded for the next. If it dies, another runs the
        function again. Raises WorkersUnavailable if there is no cluster.
        """
        if call not in self._remote:
            self._remote[call] = self._ray.remote(num_cpus=1, max_retries=ATTEMPTS - 1)(call)
        return self._remote[call].remote(*arguments)

    def result(self, task: Any) -> Any:
        """What the function of a task returned; waits for it.

        Raises WorkersUnavailable, or OutOfResources if worker after worker died of it.
        """
        errors = self._ray.exceptions
        try:
            return self._ray.get(task, timeout=PATIENCE)
        except errors.GetTimeoutError:
            raise self.unavailable(
                f"none gave a result within {PATIENCE} seconds",
                fix="look at what `ray status` says; each worker needs a processor that is free",
            ) from None
        except (errors.WorkerCrashedError, errors.OutOfMemoryError, errors.NodeDiedError) as error:
            raise too_many_died() from error
        except (errors.RayError, ConnectionError, ImportError) as error:
            cause = getattr(error, "cause", None) or error
            raise self.unavailable(
                f"one failed ({type(cause).__name__}: {first_line(cause)})",
                fix="install the same versions of article-rag and Ray on all machines",
            ) from error

    def unavailable(self, what: str, fix: str = "") -> WorkersUnavailable:
        """The error for workers that do not do what they should."""
        return WorkersUnavailable(f"workers of Ray at {self._address}: {what}", fix=fix)

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        if self._connection is not None and self._connection[1]:
            self._ray.shutdown()

    @property
    def _ray(self) -> ModuleType:
        """Ray, connected. Raises WorkersUnavailable."""
        if self._connection is None:
            self._connection = _connected(self._address)
        return self._connection[0]


def too_many_died() -> OutOfResources:
    """The error for a piece of work that ended worker after worker."""
    return OutOfResources(
        f"{ATTEMPTS} workers ended without a result",
        fix="index with fewer --workers; what was embedded so far is kept",
    )


def _connected(address: str) -> tuple[ModuleType, bool]:
    """Ray, connected, and whether this call did it. Raises WorkersUnavailable."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would report to its vendor
    if (
        address == RAY_HERE
    ):  # set before Ray is imported, or Ray would keep a token in the home folder
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
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
            "_system_config": {"worker_niceness": 0},  # the build waits for them
        }
    logging.getLogger("ray").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they warn of is raised too
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
    except (OSError, OverflowError) as error:
        raise WorkersUnavailable(
            f"no Ray cluster at {address}: {getattr(error, 'strerror', None) or error}",
            fix="start it there with: ray start --head; or check the address",
        ) from error
