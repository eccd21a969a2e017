"""Makes the command line start fast: only the command to run is imported, and ``--help`` imports none.

Typer converts arguments with pydantic, whose import takes longer than everything else that the command
line needs. The classes here convert simple values without it.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from enum import StrEnum
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

COMMANDS: dict[str, tuple[str, str]] = {
    "index": ("indexing", "Build or update the index of a folder of articles."),
    "check": ("indexing", "Check every byte, offset and vector of the index."),
    "search": ("commands", "Find the passages nearest to a query."),
    "ask": (
        "commands",
        "Answer a question in the articles' own words with sources, or say that they don't.",
    ),
    "list": ("commands", "List the documents: id, date, publisher, title."),
    "show": ("commands", "Show the citable text of one document."),
    "status": (
        "commands",
        "Show what is indexed, with which model, the size, and whether the articles have changed.",
    ),
    "chat": (
        "chat",
        'Ask one question after another; follow-ups like "why?" or "and Lynas?" are understood.',
    ),
    "serve": (
        "serving",
        "Serve a web page, search and answers over HTTP, also to clients of OpenAI's API.",
    ),
    "mcp": (
        "mcp",
        "Lend the articles to an assistant: an MCP server with search, fetch, ask, verify and status.",
    ),
    "verify": (
        "verifying",
        "Check every citation of saved answers against the current articles.",
    ),
    "cache": (
        "caching",
        "Manage the cache that all indexes share: compiled models, evaluation sets.",
    ),
    "eval": ("evaluation", "Measure retrieval and answers."),
}
"""The module and one-line description of each command, in the order of ``rag --help``."""

BUILT: dict[str, typer.Typer] = {}
"""An application for each command or group that the imported modules have registered."""


class LightCommand(TyperCommand):
    """A command that converts simple values without pydantic."""

    def get_params(self, ctx: Any) -> list[Any]:
        """All parameters, each with a light converter."""
        return _with_converters(super().get_params(ctx))


class LightGroup(TyperGroup):
    """A group of commands that converts simple values without pydantic."""

    def get_params(self, ctx: Any) -> list[Any]:
        """All parameters, each with a light converter."""
        return _with_converters(super().get_params(ctx))


class LazyGroup(LightGroup):
    """The group of all commands; each is imported on first use."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self.commands = _Commands()

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # click's signature
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


class _Commands(MutableMapping[str, Any]):
    """The commands by name."""

    def __init__(self) -> None:
        self._ready: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._ready:
            import_module(f"rag.cli.{COMMANDS[name][0]}")
            self._ready[name] = get_command(BUILT[name])
        return self._ready[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._ready[name] = command

    def __delitem__(self, name: str) -> None:
        del self._ready[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _with_converters(parameters: Sequence[Any]) -> list[Any]:
    for parameter in parameters:
        # Typer creates its own converter on first use unless this attribute is set.
        if getattr(parameter, "_runtime_param", "") is None:
            parameter._runtime_param = _Converter()  # noqa: SLF001  # typer has no public hook
    return list(parameters)


class _Converter:
    """Converts strings, integers and enum members; leaves all other values to typer's converter."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The converted value of a parameter; raises typer's errors for an invalid one."""
        kind = param.type_descriptor.annotation
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if kind is str and isinstance(value, str):
            return value
        if kind == list[str] and isinstance(value, (list, tuple)):
            return list(value)
        if kind is int and not param.type_descriptor.is_ranged and str(value).isdecimal():
            return int(value)
        if isinstance(kind, type) and issubclass(kind, StrEnum) and value in list(kind):
            return kind(value)
        param._runtime_param = None  # noqa: SLF001  # so that typer creates its own converter
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)
