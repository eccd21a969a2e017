"""``rag serve`` as a process: it says where it listens, and stops in order."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest

from rag.cli import run


@contextmanager
def started(*options, **variables):
    process = subprocess.Popen(
        [sys.executable, "-m", "rag", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | variables,
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_prints_its_address_serves_and_ends_at_a_signal(seeds_index, sent, code):
    options = ("--index", str(seeds_index), "--json")
    with started(*options, RAG_TOKEN="word") as (process, printed):  # noqa: S106
        address = json.loads(printed)["address"]
        assert address.startswith("http://127.0.0.1:")
        assert httpx.get(f"{address}/health", trust_env=False).status_code == 401
        asked = httpx.post(
            f"{address}/v1/ask",
            json={"question": "What price floor was agreed with MP Materials?"},
            headers={"Authorization": "Bearer word"},
            trust_env=False,
            timeout=60,
        )
        assert asked.json()["answer"] == "$110/kg"
        process.send_signal(sent)
        out, errors = process.communicate(timeout=30)
    assert (process.returncode, out) == (code, "")
    assert " ask 200 " in errors
    assert "warning" not in errors
    assert "price floor" not in errors


def test_others_are_not_served_without_a_token(seeds_index, capsys):
    assert run(["serve", "--host", "0.0.0.0", "--index", str(seeds_index)]) == 2  # noqa: S104
    assert "RAG_TOKEN" in capsys.readouterr().err


@pytest.mark.model
def test_a_port_that_is_taken_and_an_index_that_is_not_there_are_said(
    seeds_index, tmp_path, capsys
):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert run(["serve", "--port", port, "--index", str(seeds_index)]) == 1
    assert "--port" in capsys.readouterr().err
    assert run(["serve", "--json", "--index", str(tmp_path / "none")]) == 1
    assert "there is no index" in json.loads(capsys.readouterr().out)["error"]["message"]
