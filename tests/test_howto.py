"""The examples of the how-to pages run, against a server over the seeds."""

import re
import subprocess
from pathlib import Path

import pytest

PAGES = Path(__file__).parent.parent / "docs" / "how-to"
WRITTEN = "http://127.0.0.1:8000"


def examples(page, language):
    """The blocks of a page in a language."""
    text = (PAGES / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def address(seeds, serve):
    from rag.serve.app import application
    from rag.serve.security import Access
    from rag.serve.service import Service

    with serve(application(Service(seeds), Access())) as where:
        yield where


def run_python(code, address, capsys):
    exec(compile(code.replace(WRITTEN, address), "example", "exec"), {})  # noqa: S102  # our own page
    return capsys.readouterr().out


@pytest.mark.model
def test_the_server_is_asked_with_curl(address):
    [commands] = examples("serve.md", "sh")
    done = subprocess.run(
        ["bash", "-euc", commands.replace(WRITTEN, address).replace("curl -s", "curl -sf")],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert '"answer":"$110/kg"' in done.stdout
    assert '"status":"ok"' in done.stdout


@pytest.mark.model
def test_the_server_is_asked_with_openais_client(address, capsys):
    pytest.importorskip("openai")
    [code] = examples("serve.md", "python")
    out = run_python(code, address, capsys)
    assert out.startswith("CEO Leonard Sternheim")
    assert "Japan" in out.splitlines()[-1]
