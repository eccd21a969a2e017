"""Files are read in child processes: whatever one does to its parser, the others are read."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import zipfile

import psutil
import pytest

import rag
from rag.corpus import workers as workers_module
from rag.corpus.load import Job
from rag.corpus.workers import Workers
from rag.formats import base
from rag.indexing import changes
from rag.records import Skipped
from tests.profiles import LONG

pytestmark = pytest.mark.slow

FORMAT = '''
import os, socket, subprocess, sys, time
from rag.errors import UnreadableFile
from rag.records import Block, Extracted

class Bad:
    """Does what the file says."""

    def accepts(self, data, name):
        return data.startswith(b"DO ")

    def parse(self, data, name):
        exec(data[3:].decode(), globals())
        return Extracted("the text", (Block(0, 8, "paragraph"),))
'''


@pytest.fixture(scope="module", autouse=True)
def _format(tmp_path_factory):
    """A package with a format that runs its files."""
    site = tmp_path_factory.mktemp("site")
    (site / "bad.py").write_text(FORMAT)
    information = site / "bad-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: bad\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[rag.formats]\nbad = bad:Bad\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        base._plugins.cache_clear()
        yield
    base._plugins.cache_clear()
    base._load.cache_clear()


def job(name, code):
    return Job(name, f"/corpus/{name}", code.encode() if code is not None else b"")


def read(workers, *jobs, many=False):
    """What is read of each file, or why it is not; in order."""
    return [
        (given.file, result.reason if isinstance(result, Skipped) else result.document.text)
        for given, result in workers.read(jobs, many)
        if result is not None
    ]


@pytest.fixture(scope="module")
def workers():
    with Workers(2, memory_mb=200) as running:
        yield running


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("os.abort()", r"makes its reader crash \(signal 6\)"),
        ("os._exit(3)", r"makes its reader crash \(exit code 3\)"),
        ("x = bytearray(10**9)", "needs more memory"),
        ("x = []\nwhile True: x.append('x' * 10**6 + str(len(x)))", "needs more memory"),
        ("def f(): f()\nf()", "nested too deeply"),
        ("raise UnreadableFile('locked')", "locked"),
        ("socket.create_connection(('127.0.0.1', 9))", "must not do this"),
        ("socket.getaddrinfo('example.org', 80)", "must not do this"),
        ("subprocess.run(['true'])", "must not do this"),
        ("os.system('true')", "must not do this"),
        ("raise SystemExit", "crash"),
    ],
)
def test_what_a_file_does_to_its_parser_costs_only_that_file(workers, code, reason):
    jobs = [job("a.bad", "DO pass"), job("b.bad", f"DO {code}"), job("c.bad", "DO pass")]
    [first, bad, last] = read(workers, *jobs)
    assert (first, last) == (("a.bad", "the text"), ("c.bad", "the text"))
    assert bad[0] == "b.bad"
    assert re.search(reason, bad[1])


def test_what_a_parser_prints_does_not_get_among_the_results(workers):
    code = "print('x' * 99); os.write(1, b'\\0' * 99); os.write(2, b'no'); sys.stdin.read()"
    assert read(workers, job("a.bad", f"DO {code}")) == [("a.bad", "the text")]


def test_only_the_failing_member_of_an_archive_is_lost(workers, tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for name, code in (
            ("a", "pass"),
            ("b", "os.abort()"),
            ("c", "pass"),
            ("d", "os._exit(3)"),
        ):
            archive.writestr(f"{name}.bad", f"DO {code}")
        archive.writestr("e.txt", "Plain words.")
    data = (tmp_path / "p.zip").read_bytes()
    results = [r for _, r in workers.read([Job("p.zip", "/p.zip", data)]) if r is not None]
    shown = {
        (r.path if isinstance(r, Skipped) else r.document.doc_id): isinstance(r, Skipped)
        for r in results
    }
    assert shown == {
        "p.zip/a.bad": False,
        "p.zip/b.bad": True,
        "p.zip/c.bad": False,
        "p.zip/d.bad": True,
        "p.zip/e.txt": False,
    }


def test_results_come_in_the_order_of_the_jobs_whoever_is_faster(workers):
    jobs = [job(f"{n:02}.bad", f"DO time.sleep({0.05 * (n % 3 == 0)})") for n in range(20)]
    jobs += [job(f"{n:02}.txt", "Words.") for n in range(20, 40)]
    jobs = [job for pair in zip(jobs[:20], jobs[20:], strict=True) for job in pair]
    expected = [(each.file, "the text" if each.file.endswith("bad") else "Words.") for each in jobs]
    assert read(workers, *jobs) == read(workers, *jobs, many=True) == expected


def test_plain_text_alone_starts_no_process():
    with Workers() as own:
        assert read(own, job("a.txt", "One."), job("b.md", "# Two"), job("c.txt", "")) == [
            ("a.txt", "One."),
            ("b.md", "# Two"),
            ("c.txt", "empty"),
        ]
        assert not own._children


@pytest.mark.parametrize(
    ("files", "processes"),
    [
        ({f"{n}.txt": f"The ferry to pier {n} sails at nine.\n" for n in range(150)}, 0),
        ({"long.txt": "The ferry sails at nine. " * 500}, 1),
        ({"short.txt": "The ferry sails at nine.", "page.html": "<p>It sails back at ten.</p>"}, 1),
    ],
    ids=["many short texts", "a long text", "a page"],
)
def test_a_build_starts_processes_only_for_much_text_and_for_other_formats(
    tmp_path, monkeypatch, files, processes
):
    started = []

    class Counted(workers_module._Child):
        def __init__(self, *limits):
            started.append(limits)
            super().__init__(*limits)

    monkeypatch.setattr(workers_module, "_Child", Counted)
    monkeypatch.setattr(changes, "LITTLE", 10_000)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    report = rag.build(tmp_path, tmp_path / "index", dry_run=True)
    assert len(report.added) == len(files)
    assert len(started) == processes


def test_reading_may_stop_at_any_time_and_leaves_no_process():
    with Workers(2, seconds=20) as own:
        results = own.read(
            job(f"{n}.bad", "DO time.sleep(20)" if n else "DO pass") for n in range(9)
        )
        next(results)
        children = [child.process.pid for child in own._children]
        begin = time.monotonic()
    assert time.monotonic() - begin < 5
    assert children
    assert not any(map(psutil.pid_exists, children))


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(
    ("how", "code", "seconds"),
    [
        (signal.SIGINT, "time.sleep(60)", 1),
        (signal.SIGKILL, "while True: pass", 12),
        *([(signal.SIGKILL, "time.sleep(60)", 12)] if LONG else []),
    ],
)
def test_ctrl_c_ends_everything_at_once_and_a_kill_leaves_no_orphan(how, code, seconds):
    folders = [each for each in sys.path if each]
    script = f"""
        import sys, time
        sys.path[:] = {folders!r}
        from rag.corpus.load import Job
        from rag.corpus.workers import Workers
        with Workers(1, seconds=1) as workers:
            jobs = [Job("a.bad", "", b"DO pass"), Job("b.bad", "", b"DO {code}")]
            for _, result in workers.read(jobs):
                print(*(child.process.pid for child in workers._children), flush=True)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    child = int(parent.stdout.readline())
    parent.send_signal(how)
    parent.stdout.close()
    assert parent.wait(10) != 0
    until = time.monotonic() + seconds
    while psutil.pid_exists(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_without_limits_of_memory_there_are_those_of_time(monkeypatch):
    monkeypatch.setattr(
        "rag.corpus.workers._START",
        "import json, sys; sys.path[:] = json.loads(sys.argv[1])\n"
        "import psutil; sys.modules['resource'] = None\n"
        "from rag.corpus.worker import main; main()",
    )
    jobs = [
        job("a.bad", "DO x = bytearray(10**8)"),
        job("b.bad", "DO time.sleep(9)"),
        job("c.bad", "DO while True: pass"),
        job("d.bad", "DO pass"),
    ]
    with Workers(1, seconds=2) as own:
        results = read(own, *jobs)
    late = "takes longer than 2 seconds to read"
    assert results == [
        ("a.bad", "the text"),
        ("b.bad", late),
        ("c.bad", late),
        ("d.bad", "the text"),
    ]
