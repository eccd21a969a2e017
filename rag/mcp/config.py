"""What to write into the settings of a host, so that it starts this server."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

NAME: Final = "articles"


class Host(StrEnum):
    """Programs that start MCP servers."""

    claude = "claude"
    cursor = "cursor"
    vscode = "vscode"


def command_line(options: list[str]) -> list[str]:
    """The command that starts this server from any folder, with any PATH."""
    script = Path(sys.executable).with_name("rag")
    program = [str(script)] if script.exists() else [sys.executable, "-m", "rag"]
    return [*program, "mcp", *options]


def config(host: Host, options: list[str]) -> dict[str, Any]:
    """The JSON for a host: Claude Desktop and Cursor read "mcpServers", VS Code "servers"."""
    program, *arguments = command_line(options)
    entry = {"command": program, "args": arguments}
    if host is Host.vscode:
        return {"servers": {NAME: {"type": "stdio", **entry}}}
    return {"mcpServers": {NAME: entry}}
