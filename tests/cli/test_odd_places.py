"""The command line where something is missing: input, a home, a folder, descriptors, memory, sense."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rag.cli import run

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(sys.platform == "win32", reason="shells and limits of Unix"),
]


@pytest.fixture
def shell(seeds_index, tmp_path):
    """Runs a line of shell in an empty folder; ``rag`` works on the seeds' index."""

    def run(line, **environment):
        done = subprocess.run(
            ["bash", "-c", f'rag() {{ "$PYTHON" -m rag "$@"; }}; {line}'],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            timeout=120,
            env=os.environ
            | {"PYTHON": sys.executable, "RAG_INDEX": str(seeds_index)}
            | {name: value for name, value in environment.items() if value is not None},
        )
        assert "Traceback" not in done.stderr + done.stdout
        assert "unexpected" not in done.stderr + done.stdout
        return done

    return run


@pytest.fixture
def here(seeds_index, tmp_path, monkeypatch, capsys):
    """Gives what a command refused with 2 says, in this process and an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAG_INDEX", str(seeds_index))

    def refused(*arguments):
        code = run(list(arguments))
        out, error = capsys.readouterr()
        assert (code, out) == (2, "")
        assert "Traceback" not in error
        assert "unexpected" not in error
        return error

    return refused


@pytest.mark.parametrize("line", ["rag chat <&-", "rag ask --questions - <&-"])
def test_without_standard_input_there_is_nothing_to_answer(shell, line):
    done = shell(line)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5_000 + "]" * 5_000,
        "limit = " + "1" * 5_000,
        "limit = 3\n\xff",
        "limit = 1e999",
        'reader = ""',
        "a" * 3_000_000,
    ],
)
def test_a_senseless_settings_file_is_named(here, text):
    Path("rag.toml").write_text(text, encoding="latin-1")
    error = here("status")
    assert "rag.toml" in error or "reader" in error
    assert len(error) < 1_000


@pytest.mark.parametrize(
    "make",
    [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")],
    ids=["pipe", "folder", "device"],
)
def test_a_settings_file_that_is_no_file_is_refused(here, make):
    make(Path("rag.toml"))
    assert "not a file" in here("status")


@pytest.mark.parametrize("span", ["1:" + "9" * 5_000, "9" * 5_000 + ":1", ":" * 5_000])
def test_an_endless_span_is_refused_in_a_line(here, span):
    assert len(here("show", "000", "--at", span)) < 500


def test_an_empty_reader_is_no_model(here):
    assert "reader: the name is empty" in here("ask", "--reader", "", "Who runs REAlloys?")


def test_a_home_that_nobody_knows_is_named_where_it_is_needed(shell):
    done = shell("rag status --index '~nobody-of-that-name/index'")
    assert done.returncode == 2
    assert "home folder" in done.stderr
    assert shell('env -u XDG_CACHE_HOME HOME= "$PYTHON" -m rag status').returncode == 0


def test_a_working_folder_that_is_gone_is_named(shell, tmp_path):
    leave = 'mkdir gone; cd gone; rmdir "$PWD"'
    done = shell(f"{leave}; rag status --index index")
    assert done.returncode == 2
    assert "working folder is gone" in done.stderr
    assert shell(f"{leave}; rag status").returncode == 0  # the index has a whole path


@pytest.mark.parametrize("limit", [5, 12, 20])
def test_no_descriptors_left_is_no_damage(shell, limit):
    done = shell(f'ulimit -n {limit}; rag search --mode lexical "price floor"')
    assert "repair" not in done.stderr
    assert "None:" not in done.stderr
    if done.returncode:
        assert "Too many open files" in done.stderr or "ulimit" in done.stderr


@pytest.mark.parametrize("megabytes", [200, 700])
def test_no_memory_left_is_said_in_a_line(shell, megabytes):
    done = shell(f'ulimit -v {megabytes}000; rag ask "Who runs REAlloys?"')
    if done.returncode:
        assert "memory" in done.stderr
        assert len(done.stderr.splitlines()) < 6


def test_a_question_that_is_not_utf_8_fails_only_its_own_line(shell, tmp_path):
    lines = [b"Who runs REAlloys?", b"Who runs caf\xe9?", "What is\u2028a price floor?".encode()]
    (tmp_path / "questions").write_bytes(b"\r\n".join(lines))
    done = shell("rag ask --questions questions")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["error" in answer for answer in answers] == [False, True, False]
