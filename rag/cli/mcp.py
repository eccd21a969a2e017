"""``rag mcp``: the MCP server."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.app import (
    IndexesOption,
    JsonOption,
    LlmOption,
    ReaderOption,
    StoreOption,
    command,
    console,
    settings,
)
from rag.cli.console import safe_json
from rag.cli.serving import INTERRUPTED, AllowHostOption, HostOption, PortOption, listening
from rag.mcp.config import NAME, Host, command_line, config

if TYPE_CHECKING:
    from rag.settings import Settings


@command("mcp")
def mcp_command(
    http: Annotated[
        bool, typer.Option("--http", help="Serve Streamable HTTP instead of stdin and stdout.")
    ] = False,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8001,
    allow_host: AllowHostOption = None,
    print_config: Annotated[
        Host | None,
        typer.Option(
            "--print-config", help="Print what to write into a host's settings, and exit."
        ),
    ] = None,
    reader: ReaderOption = None,
    llm: LlmOption = None,
    index: IndexesOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Lend the articles to an assistant: an MCP server with search, fetch, ask, verify and status.

    A host starts it and talks to it on stdin and stdout. --http serves at /mcp instead, with the same token
    and checks as rag serve, and prints its address (with --json as {"address": …}).

    Examples: rag mcp --print-config claude  ·  rag mcp --http
    """
    loaded = settings(store=store, reader=reader, llm=llm)
    from rag.files import absolute

    if print_config:
        from rag.models.weights import canonical_model
        from rag.records import LOCAL
        from rag.settings import absolute_store

        folders = [str(absolute(each)) for each in index or [loaded.values.index]]
        options = [word for each in folders for word in ("--index", each)]
        if loaded.values.store != LOCAL:
            options += ["--store", absolute_store(loaded.values.store)]
        if reader:
            options += ["--reader", canonical_model(reader)]
        if llm:
            options += ["--llm", llm]
        _print_config(print_config, options)
        return
    if not http:
        from rag.mcp.greeting import greeting

        with greeting():
            _serve_stdio(index, loaded.values)
        return
    from rag.mcp.articles import Articles
    from rag.mcp.run import http_application
    from rag.serve.run import serve
    from rag.serve.security import Access

    access = Access.to(host, os.environ.get("RAG_TOKEN", ""), allow_host or ())
    app = http_application(Articles(index, loaded.values), access)
    if serve(app, host, port, lambda address: listening(f"{address}/mcp", as_json=json)):
        raise typer.Exit(INTERRUPTED)


def _serve_stdio(index: list[str] | None, values: Settings) -> None:
    from rag.mcp.start import fast_imports

    with fast_imports():
        from rag.mcp.articles import Articles
        from rag.mcp.run import serve_stdio
    serve_stdio(Articles(index, values))


def _print_config(host: Host, options: list[str]) -> None:
    console.out(safe_json(config(host, options)))
    if host is Host.claude:
        line = shlex.join(command_line(options))
        console.notice(f"for Claude Code: claude mcp add {NAME} -- {line}")
