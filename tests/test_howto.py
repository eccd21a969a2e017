"""The examples of the how-to pages run, against a server over the seeds."""

import json
import os
import re
import subprocess
import sys
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


@pytest.mark.model
def test_the_mcp_server_is_asked_with_the_official_client(seeds_index, tmp_path):
    [code] = examples("mcp.md", "python")
    # On the path, as an installation puts it there; what it prints for a host starts this very script.
    tool = tmp_path / "rag"
    config = json.dumps({"mcpServers": {"articles": {"command": str(tool), "args": ["mcp"]}}})
    tool.write_text(
        "#!/bin/sh\n"
        f"case \"$*\" in *--print-config*) echo '{config}'; exit;; esac\n"
        f'export PYTHONPATH="{PAGES.parent.parent}"\n'
        f'exec "{sys.executable}" -m rag "$@" --index "{seeds_index}"\n'
    )
    tool.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, timeout=120,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.stdout.startswith("CEO Leonard Sternheim")
