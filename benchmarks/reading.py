"""How long it takes to read a folder of articles, without embedding.

    python -m benchmarks.reading FOLDER

Every file is read, its text extracted, furniture marked, metadata found and passages cut, as in a build: in
child processes, and for comparison all in this one. Also says which files took longest.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from rag.corpus.chunk import chunk
from rag.corpus.load import Job, Loaded, load_all
from rag.corpus.scan import Scan, read_source, scan
from rag.corpus.workers import LITTLE, Result, Workers
from rag.errors import UnreadableFile

_SLOWEST: Final = 5


def main() -> None:
    """Read a folder in both ways and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of articles")
    parser.add_argument("--rounds", type=int, default=1, help="how often; the fastest counts")
    options = parser.parse_args()
    found = scan(options.folder)
    print(f"{len(found.files)} files, {len(found.skipped)} skipped by their kind")
    for name, read in (("in child processes", _in_children), ("in one process", _here)):
        print(f"{name:<20}{min(_timed(read, found) for _ in range(options.rounds)):8.2f} s")
    for seconds, file in sorted(_alone(found), reverse=True)[:_SLOWEST]:
        print(f"{'':<20}{seconds:8.2f} s  {file}")


def _timed(read: Callable[[Scan], Iterator[Result]], found: Scan) -> float:
    begin = time.perf_counter()
    documents = passages = skipped = 0
    for result in read(found):
        if isinstance(result, Loaded):
            documents += 1
            passages += len(chunk(result.document))
        elif result is not None:
            skipped += 1
    spent = time.perf_counter() - begin
    print(f"  {documents} documents, {passages} passages, {skipped} not read")
    return spent


def _jobs(found: Scan) -> Iterator[Job]:
    for file in found.files:
        try:
            yield Job(file.doc_id, str(file.path), read_source(file))
        except UnreadableFile:
            continue


def _in_children(found: Scan) -> Iterator[Result]:
    many = sum(file.size for file in found.files) > LITTLE
    with Workers() as workers:
        for _, result in workers.read(_jobs(found), many):
            yield result


def _here(found: Scan) -> Iterator[Result]:
    for job in _jobs(found):
        yield from load_all(job)


def _alone(found: Scan) -> Iterator[tuple[float, str]]:
    for job in _jobs(found):
        begin = time.perf_counter()
        list(load_all(job))
        yield time.perf_counter() - begin, job.file


if __name__ == "__main__":
    main()
