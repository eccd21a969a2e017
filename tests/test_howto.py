"""The examples of the how-to pages run, against a server over the seeds."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "how-to"
SEEDS = ROOT / "seeds"
WRITTEN = "http://127.0.0.1:8000"
MODEL = "http://127.0.0.1:8080"
"""Where the pages say that a language model runs."""


def examples(page, language, heading=None):
    """The blocks of a page, or of what stands under one heading of it, in a language."""
    text = (PAGES / page).read_text(encoding="utf-8")
    if heading is not None:
        text = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def address(seeds, serve):
    from rag.serve.app import application
    from rag.serve.security import Access
    from rag.serve.service import Service

    with serve(application(Service(seeds), Access())) as where:
        yield where


def run_python(code, names=None):
    """Run an example; ``names`` are what it may use, and what it makes."""
    exec(compile(code, "example", "exec"), {} if names is None else names)  # noqa: S102  # our own page


def run_shell(commands, **variables):
    """What some commands print."""
    return subprocess.run(
        ["bash", "-euc", commands],
        capture_output=True, text=True, check=True, timeout=120, env=os.environ | variables,
    ).stdout  # fmt: skip


def command(folder, name, *lines):
    """Put a command into a folder, which may then stand on the path."""
    script = folder / name
    script.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    script.chmod(0o755)
    return script


@pytest.mark.model
def test_the_server_is_asked_with_curl(address):
    [commands] = examples("serve.md", "sh", "Search and ask")
    out = run_shell(commands.replace(WRITTEN, address).replace("curl -s", "curl -sf"))
    assert '"answer":"$110/kg"' in out
    assert '"status":"ok"' in out


@pytest.mark.model
def test_the_server_is_asked_with_llm(address, tmp_path):
    pytest.importorskip("llm")
    [commands] = examples("serve.md", "sh", "From any client of OpenAI's API")
    command(tmp_path, "llm", f'exec "{sys.executable}" -m llm "$@"')
    out = run_shell(
        commands.replace(WRITTEN, address),
        PATH=f"{tmp_path}:{os.environ['PATH']}",
        LLM_USER_PATH=str(tmp_path),
        LLM_LOAD_PLUGINS="",
    )
    assert out.startswith("article-rag\nLeonard Sternheim")


@pytest.mark.model
def test_the_server_is_asked_with_openais_client(address, capsys):
    pytest.importorskip("openai")
    [code] = examples("serve.md", "python")
    run_python(code.replace(WRITTEN, address))
    out = capsys.readouterr().out
    assert out.startswith("Leonard Sternheim")
    assert "Japan" in out.splitlines()[-1]


@pytest.mark.model
def test_the_mcp_server_is_asked_with_the_official_client(seeds_index, tmp_path):
    [code] = examples("mcp.md", "python")
    # On the path, as an installation puts it there; what it prints for a host starts this very script.
    server = {"command": str(tmp_path / "rag"), "args": ["mcp"]}
    config = json.dumps({"mcpServers": {"articles": server}})
    command(
        tmp_path, "rag",
        f"case \"$*\" in *--print-config*) echo '{config}'; exit;; esac",
        f'export PYTHONPATH="{ROOT}"',
        f'exec "{sys.executable}" -m rag "$@" --index "{seeds_index}"',
    )  # fmt: skip
    (tmp_path / "example.py").write_text(code)
    out = run_shell(
        f'"{sys.executable}" "{tmp_path}/example.py"', PATH=f"{tmp_path}:{os.environ['PATH']}"
    )
    assert out.startswith("Leonard Sternheim")


@pytest.fixture
def endpoint(serve):
    """The address of a language model that repeats what it is asked."""
    app = FastAPI()

    @app.post("/v1/chat/completions")
    def repeat(asked: dict):
        message = {"role": "assistant", "content": asked["messages"][-1]["content"]}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        head = {"id": "1", "object": "chat.completion", "created": 0, "model": "any"}
        return head | {"choices": [choice]}

    with serve(app) as where:
        yield where


@pytest.mark.model
@pytest.mark.parametrize(
    ("heading", "packages", "blocks"),
    [
        ("LangChain", ["langchain_core", "langchain_openai"], 4),
        ("LlamaIndex", ["llama_index.core"], 2),
        ("Haystack", ["haystack"], 2),
    ],
)
def test_the_frameworks_are_used_as_the_page_shows(
    heading, packages, blocks, seeds_index, address, endpoint, tmp_path, monkeypatch, capsys
):
    for package in packages:
        pytest.importorskip(package)
    monkeypatch.setenv("HAYSTACK_TELEMETRY_ENABLED", "False")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index").symlink_to(seeds_index)
    codes = examples("frameworks.md", "python", heading)
    assert len(codes) == blocks
    for code in (codes[0], codes[-1]):  # passages or an answer, and the tool for agents
        assert sum(1 for line in code.splitlines() if line.strip()) <= 5
    names = {}  # an example may go on from the one before
    for code in codes:
        run_python(code.replace(WRITTEN, address).replace(MODEL, endpoint), names)
        assert "Leonard Sternheim" in capsys.readouterr().out


@pytest.mark.model
def test_a_bot_answers_in_slack_and_telegram(seeds_index, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index").symlink_to(seeds_index)
    [code] = examples("chatbot.md", "python", "In Slack or Telegram")
    bot = {}
    run_python(code, bot)
    first = bot["on_slack_message"]({"channel": "C1", "ts": "1.0", "text": "Who runs REAlloys?"})
    assert (first["channel"], first["thread_ts"]) == ("C1", "1.0")
    assert first["markdown_text"].startswith("Leonard Sternheim")
    told = {"chat": {"id": 7}, "text": "What did he say about Japan?"}
    stranger = bot["on_telegram_update"]({"message": told})
    assert stranger["chat_id"] == 7
    assert "Sternheim stated" not in stranger["text"]  # nobody was spoken of in that chat
    follow_up = {"channel": "C1", "ts": "2.0", "thread_ts": "1.0", "text": told["text"]}
    assert "Japan" in bot["on_slack_message"](follow_up)["markdown_text"]
    bot["retriever"].close()


@pytest.mark.model
def test_the_python_api_answers_in_fifteen_lines(tmp_path, monkeypatch, capsys, embedder):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seeds").mkdir()
    shutil.copy(next(SEEDS.glob("002_*")), tmp_path / "seeds")
    [code] = examples("chatbot.md", "python", "Search, ask, and read around a quote")
    assert len(code.splitlines()) <= 15
    run_python(code)
    out = capsys.readouterr().out
    assert out.startswith("$110/kg")
    assert "[1] " in out


def test_the_chatbot_page_shows_the_example_that_is_tested():
    assert '\n--8<-- "examples/chatbot.py"\n' in (PAGES / "chatbot.md").read_text(encoding="utf-8")
