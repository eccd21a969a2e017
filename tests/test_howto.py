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


@pytest.mark.model
@pytest.mark.parametrize(
    ("heading", "package", "printed"),
    [
        ("LangChain", "langchain_core", "Leonard Sternheim"),
        ("LlamaIndex", "llama_index.core", "Leonard Sternheim"),
        ("Haystack", "haystack", "CEO Leonard Sternheim"),
    ],
)
def test_the_frameworks_are_used_as_the_page_shows(
    heading, package, printed, seeds_index, tmp_path, monkeypatch, capsys
):
    pytest.importorskip(package)
    page = (PAGES / "frameworks.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)[1]
    monkeypatch.setenv("HAYSTACK_TELEMETRY_ENABLED", "False")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index").symlink_to(seeds_index)
    codes = re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert len(codes) == 2
    for code in codes:
        exec(compile(code, "example", "exec"), {})  # noqa: S102  # our own page
        assert printed in capsys.readouterr().out
    assert sum(1 for line in codes[0].splitlines() if line.strip()) <= 5
