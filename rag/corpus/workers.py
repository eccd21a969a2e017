"""Reads files in child processes, because a file can make its parser hang, crash or eat all memory.

A child reads one file at a time. If it takes too long for an article, needs too much memory or dies, that
costs one article, which is skipped with the reason; another child goes on with the next one. Plain text
and Markdown are read by our own code, so a little of them is read right here.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Protocol, Self, cast

import rag
from rag.corpus.frames import Garbled, job_message, read_result, receive, send
from rag.corpus.load import Job, Loaded, load_all
from rag.corpus.worker import PATIENCE
from rag.formats.base import is_container, is_text
from rag.records import Skipped

MEMORY_MB: Final = 512
SECONDS: Final = 30
"""Processor time that the reading of one article may take."""

LITTLE: Final = 2_000_000
"""Bytes of plain text that are read here in about the time that the processes take to start: a second."""

_AHEAD: Final = 64  # files to hand out before they are needed
_AHEAD_BYTES: Final = 64_000_000
_RESULTS: Final = 64  # of one file that may wait to be taken
_FAILURES: Final = 20  # of one file, after which the rest of it is given up
_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from rag.corpus.worker import main; main()"
)
_KEPT_ENVIRONMENT: Final = (
    "PATH",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "LANG",
    "COVERAGE_",
    "COV_",
)
_START_SECONDS: Final = 120
_TICK: Final = 0.1

Result = Loaded | Skipped | None
"""None follows the last result of a file."""


class Readers(Protocol):
    """Read files."""

    def read(self, jobs: Iterable[Job], many: bool = False) -> Iterator[tuple[Job, Result]]:
        """The results of each job, in the order of the jobs; after the last of a job comes None.

        ``many`` says that there is so much to read that text is worth reading elsewhere too. Jobs are taken
        from the iterable a little before they are needed.
        """


class _Failed(Exception):
    """A child has not given a result; the message is the reason for the user."""


class _Child:
    """One process, and the time by which it must say something."""

    def __init__(self, memory: int, seconds: int) -> None:
        self.deadline = float("inf")
        self.overdue = False
        self._ready = False
        self._seconds = seconds
        folders = [each for each in sys.path if Path(each).is_absolute()]
        folders.append(str(Path(rag.__file__).parent.parent))
        environment = {
            key: value for key, value in os.environ.items() if key.startswith(_KEPT_ENVIRONMENT)
        }
        # The same bytes must give the same text, even if a library depends on the order of a set.
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        self.process = subprocess.Popen(  # noqa: S603  # this program's own code
            [
                sys.executable,
                "-P",
                "-s",
                "-c",
                _START,
                json.dumps(folders),
                str(memory),
                str(seconds),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment | one_thread | {"PYTHONHASHSEED": "0"},
        )
        self._jobs, self._answers = cast(
            "tuple[IO[bytes], IO[bytes]]", (self.process.stdin, self.process.stdout)
        )

    def results(self, job: Job, begin: int, failure: str) -> Iterator[Loaded | Skipped]:
        """The results of a job. Raises _Failed. The child may have ended afterwards: see ``alive``."""
        try:
            if not self._ready:  # a busy system takes its time to start it
                self._start_clock(_START_SECONDS)
                self._ready = receive(self._answers) is not None
            self._start_clock(PATIENCE * self._seconds)
            send(self._jobs, *job_message(job, begin, failure))
            while True:
                message = receive(self._answers)
                self.deadline = float("inf")
                if message is None:
                    raise self._death()
                if isinstance(message[0], dict) and "end" in message[0]:
                    if message[0].get("leaving"):
                        self.kill()
                    return
                yield read_result(message)
                self._start_clock(PATIENCE * self._seconds)
        except Garbled as error:
            raise _Failed(f"cannot be read: its reader {error}") from None
        except OSError:
            raise self._death() from None

    def _start_clock(self, seconds: int) -> None:
        self.deadline = time.monotonic() + seconds

    def _death(self) -> _Failed:
        self.kill()
        code = self.process.returncode
        if self.overdue or code == -getattr(signal, "SIGPROF", 0) != 0:
            return _Failed(f"takes longer than {self._seconds} seconds to read")
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return _Failed(f"makes its reader crash ({how})")

    @property
    def alive(self) -> bool:
        """Whether it can take another job."""
        return self.process.poll() is None

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.wait()
        for stream in (self._jobs, self._answers):
            with suppress(OSError):  # what was not written is lost with the process
                stream.close()


@dataclass(slots=True)
class _Task:
    job: Job
    results: queue.Queue[Result] = field(default_factory=lambda: queue.Queue(_RESULTS))


class Workers:
    """Child processes that read files; they are started when they are first needed.

    If ``processes`` is None, there is one for each processor, at most four. Use this as a context: at the
    end, and on any exception, all children end at once.
    """

    def __init__(
        self, processes: int | None = None, *, memory_mb: int = MEMORY_MB, seconds: int = SECONDS
    ) -> None:
        self._processes = processes or min(processors(), 4)
        self._limits = memory_mb, seconds
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._clock: threading.Thread | None = None
        self._children: set[_Child] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all children."""
        self._closed.set()
        for _ in self._threads:
            self._tasks.put(None)
        with self._lock:
            children = list(self._children)
        for child in children:
            child.process.kill()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        if self._clock is not None:
            self._clock.join()

    def read(self, jobs: Iterable[Job], many: bool = False) -> Iterator[tuple[Job, Result]]:
        """The results of each job, in the order of the jobs; after the last of a job comes None.

        ``many`` says that there is so much to read that text is worth reading in the children too. Jobs
        are taken from the iterable a little before they are needed.
        """
        coming = iter(jobs)
        waiting: deque[_Task | Job] = deque()
        held = 0
        more = True
        while more or waiting:
            while more and len(waiting) < _AHEAD and held < _AHEAD_BYTES:
                job = next(coming, None)
                if job is None:
                    more = False
                    break
                held += len(job.data)
                here = not many and is_text(job.data, job.file)
                waiting.append(job if here else self._submit(job))
            if not waiting:
                return
            first = waiting.popleft()
            if isinstance(first, Job):
                job = first
                for result in load_all(job):
                    yield job, result
            else:
                job = first.job
                while (given := first.results.get()) is not None:
                    yield job, given
            held -= len(job.data)
            yield job, None

    # ------------------------------------------------------------ inside

    def _submit(self, job: Job) -> _Task:
        if self._clock is None:
            self._clock = threading.Thread(
                target=self._watch, name="rag-reading-clock", daemon=True
            )
            self._clock.start()
        if len(self._threads) < self._processes:
            thread = threading.Thread(target=self._serve, name="rag-reading", daemon=True)
            self._threads.append(thread)
            thread.start()
        task = _Task(job)
        self._tasks.put(task)
        return task

    def _watch(self) -> None:
        """Kill each child whose time is up."""
        while not self._closed.wait(_TICK):
            now = time.monotonic()
            with self._lock:
                late = [child for child in self._children if child.deadline < now]
            for child in late:
                child.overdue = True
                child.process.kill()

    def _serve(self) -> None:
        """Work on tasks, with one child at a time."""
        child: _Child | None = None
        try:
            while (task := self._tasks.get()) is not None and not self._closed.is_set():
                try:
                    child = self._run(task, child)
                except Exception as error:  # noqa: BLE001  # nobody may wait for results that never come
                    self._put(task, Skipped(task.job.file, f"cannot be read ({error})"))
                    self._put(task, None)
                    self._drop(child)
                    child = None
        finally:
            self._drop(child)

    def _run(self, task: _Task, child: _Child | None) -> _Child | None:
        """Read one file; returns the child for the next one."""
        begin, failure = 0, ""
        for _ in range(_FAILURES):
            before = begin
            try:
                child = child if child is not None and child.alive else self._replace(child)
                for result in child.results(task.job, begin, failure):
                    failure = ""
                    begin += 1
                    if not self._put(task, result):
                        return child
            except (_Failed, OSError) as error:
                self._drop(child)
                child = None
                # The next child passes over the member at which this one failed.
                if (failure and begin == before) or not is_container(task.job.file):
                    self._put(task, Skipped(task.job.file, str(error)))
                    break
                failure = str(error)
            else:
                break
        else:
            self._put(task, Skipped(task.job.file, f"the rest of it {failure}"))
        self._put(task, None)
        return child

    def _replace(self, child: _Child | None) -> _Child:
        self._drop(child)
        with self._lock:
            if self._closed.is_set():
                raise _Failed("closed")
            new = _Child(*self._limits)
            self._children.add(new)
        return new

    def _drop(self, child: _Child | None) -> None:
        if child is not None:
            child.kill()
            with self._lock:
                self._children.discard(child)

    def _put(self, task: _Task, result: Result) -> bool:
        """Hand out a result; False if nobody waits for it any more."""
        while not self._closed.is_set():
            try:
                task.results.put(result, timeout=_TICK)
            except queue.Full:
                continue
            return True
        return False


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
