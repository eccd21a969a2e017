"""``rag serve``: the HTTP server."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import Annotated

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
from rag.cli.commands import open_retriever
from rag.cli.console import safe_json

INTERRUPTED = 130
"""Exit code after Ctrl-C."""

HostOption = Annotated[
    str,
    typer.Option("--host", metavar="ADDRESS", help="Where to listen; non-local needs RAG_TOKEN."),
]
PortOption = Annotated[int, typer.Option("--port", metavar="N", help="Port; 0 takes any free one.")]
AllowHostOption = Annotated[
    list[str] | None,
    typer.Option("--allow-host", metavar="NAME", help="Another name of this server; repeatable."),
]


@command("serve")
def serve_command(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    allow_host: AllowHostOption = None,
    root_path: Annotated[
        str, typer.Option("--root-path", metavar="PATH", help="Path of this server behind a proxy.")
    ] = "",
    reader: ReaderOption = None,
    llm: LlmOption = None,
    index: IndexesOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Serve a web page, search and answers over HTTP, also to clients of OpenAI's API.

    Prints its address once it listens (with --json as {"address": …}): open it in a browser. A new
    generation of the index is used as soon as it is there. With RAG_TOKEN set, every request must carry it
    (Authorization: Bearer TOKEN; the page asks for it); without it, only this machine can be served.
    /openapi.json describes the API.

    Examples: rag serve  ·  rag serve --port 0  ·  RAG_TOKEN=… rag serve --host 0.0.0.0
    """
    loaded = settings(store=store, reader=reader, llm=llm)
    from rag.serve.app import application
    from rag.serve.run import serve
    from rag.serve.security import Access
    from rag.serve.service import Service

    access = Access.to(host, os.environ.get("RAG_TOKEN", ""), allow_host or ())
    with open_retriever(loaded, index) as retriever:
        retriever.load_models()
        app = application(Service(retriever), access, root_path)
        interrupted = serve(app, host, port, partial(listening, as_json=json))
    if interrupted:
        raise typer.Exit(INTERRUPTED)


def listening(address: str, *, as_json: bool) -> None:
    """Print where a server listens."""
    console.out(safe_json({"address": address}, indent=None) if as_json else address)
    sys.stdout.flush()
    console.notice("Ctrl-C stops the server")
