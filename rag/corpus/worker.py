"""A process that reads files which are not trusted, one after the other, within limits of memory.

Started by ``rag.corpus.workers``. It reads jobs from stdin, writes results to stdout, and ends when stdin
ends. It opens no file and no connection, and starts no program.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import psutil

from rag.corpus.frames import own_pipes, read_job, receive, result_message, send
from rag.corpus.load import Job, Loaded, load_all
from rag.records import Skipped

PATIENCE: Final = 3
"""How many times its limit of processor time a result may take by the clock, on a busy machine."""
MEGABYTE: Final = 1 << 20
_FORBIDDEN: Final = frozenset(
    (
        "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "os.system",
        "subprocess.Popen", "os.exec", "os.posix_spawn", "os.fork", "os.spawn",
    )
)  # fmt: skip


def main() -> None:
    """Read jobs until there are no more. The arguments: memory in MB, and seconds for one result."""
    memory, seconds = map(int, sys.argv[2:4])
    jobs, results = own_pipes()
    _limit(memory)
    sys.addaudithook(_forbid)
    own = psutil.Process()
    send(results, {"ready": True})
    while (message := receive(jobs)) is not None:
        job, begin, failure = read_job(message)
        del message
        for result in _timed(job, begin, failure, seconds):
            try:
                send(results, *result_message(result))
            except UnicodeEncodeError:
                path = result.document.doc_id if isinstance(result, Loaded) else job.file
                send(results, {"path": path, "reason": "holds characters that no text can have"})
        del job
        leaving = own.memory_info().rss > memory * MEGABYTE // 2
        send(results, {"end": True, "leaving": leaving})
        if leaving:  # the next file gets a new process, with all of its memory free
            return


def _timed(job: Job, begin: int, failure: str, seconds: int) -> Iterator[Loaded | Skipped]:
    """The results of a job. If one takes too long, the system ends this process, even if it is orphaned."""
    results = load_all(job, begin, failure)
    while True:
        _set_timers(seconds)
        result = next(results, None)
        _set_timers(0)
        if result is None:
            return
        yield result


def _set_timers(seconds: int) -> None:
    """Limit processor time; limit time by the clock, a little less strictly than the parent."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.alarm(seconds and PATIENCE * seconds + 5)


def _limit(memory: int) -> None:
    """Set the limits that this system supports."""
    try:
        import resource
    except ImportError:  # on Windows, where only time is limited
        return
    # Not the whole address space: a library maps far more than it uses.
    for kind, limit in (("RLIMIT_DATA", memory * MEGABYTE), ("RLIMIT_CORE", 0)):
        with suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, kind), (limit, limit))


def _forbid(event: str, _: Any) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(f"a reader of files must not do this: {event}")
