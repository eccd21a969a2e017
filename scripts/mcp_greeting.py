"""Write rag/mcp/greeting.json: what the MCP server answers to the first requests of a host.

Run it when the tools or their descriptions change; a test compares the file with the server.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from rag.mcp.greeting import ANSWERS, LEGACY, MODERN, VERSION

FILE: Final = Path(__file__).parent.parent / "rag" / "mcp" / ANSWERS
LISTS: Final = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")
CLIENT: Final = {"name": "greeting", "version": "1"}
META: Final = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": CLIENT,
    "io.modelcontextprotocol/clientCapabilities": {},
}
SERVER: Final = """
from rag.mcp.articles import Articles
from rag.mcp.run import serve_stdio
serve_stdio(Articles())
"""
"""The server without the greeting."""


def answers() -> str:
    """The file's content, as the server itself answers."""
    legacy = _asked([_initialize(LEGACY[-1]), *map(_request, LISTS)])
    del legacy["initialize"]["protocolVersion"]
    modern = _asked([_request(each, META) for each in ("server/discover", *LISTS)])
    text = json.dumps({"legacy": legacy, "modern": modern}, ensure_ascii=False, indent=1) + "\n"
    return text.replace(f'"version": "{version("article-rag")}"', f'"version": "{VERSION}"')


def _initialize(protocol: str) -> dict[str, Any]:
    params = {"protocolVersion": protocol, "capabilities": {}, "clientInfo": CLIENT}
    return {"method": "initialize", "params": params}


def _request(method: str, meta: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"method": method, "params": {"_meta": meta} if meta else {}}


def _asked(requests: list[dict[str, Any]]) -> dict[str, Any]:
    """The result of each request, by its method."""
    results: dict[str, Any] = {}
    with subprocess.Popen(  # noqa: S603  # this project's own command
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin  # noqa: S101  # it is a pipe
        assert process.stdout  # noqa: S101  # the same
        for number, request in enumerate(requests):
            print(json.dumps({"jsonrpc": "2.0", "id": number} | request), file=process.stdin)
            process.stdin.flush()
            results[request["method"]] = json.loads(process.stdout.readline())["result"]
            if request["method"] == "initialize":
                ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
                print(json.dumps(ready), file=process.stdin)
    return results


if __name__ == "__main__":
    FILE.write_text(answers(), encoding="utf-8")
