r'''The registry of formats: it chooses the format that reads a file.

A format is a class with two methods, ``accepts`` and ``parse`` (``rag.protocols.Format``). To add one,
put the class in a file in ``rag/formats`` and list its file endings in ``BUILT_IN`` below. Or put it in
your own package and declare an entry point for each ending::

    [project.entry-points."rag.formats"]
    lyric = "my_package:Lyrics"

A complete format:

    >>> from rag.records import Block, Extracted, Stated
    >>> class Lyrics:
    ...     """Songs: "LYRICS", the title, then one verse per line."""
    ...
    ...     def accepts(self, data, name):
    ...         return data.startswith(b"LYRICS\n")
    ...
    ...     def parse(self, data, name):
    ...         text = data.decode().removeprefix("LYRICS\n")
    ...         blocks, at = [], 0
    ...         for line in text.splitlines(keepends=True):
    ...             kind = "paragraph" if blocks else "title"
    ...             blocks.append(Block(at, at + len(line.rstrip()), kind))
    ...             at += len(line)
    ...         publisher = Stated("publisher", "The Songbook", "every song's")
    ...         return Extracted(text, tuple(blocks), found=(publisher,))

The tool searches, quotes and cites the text that ``parse`` returns. All offsets refer to it, and
``rag verify`` parses the file again to check a quote, so the same bytes must always give the same text.
A format need not look for the title, byline or date in the text, nor for boilerplate, nor cut passages:
the packages above do that for all formats.
'''

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from rag.errors import UnreadableFile
from rag.records import Extracted

if TYPE_CHECKING:
    from rag.protocols import Format

BUILT_IN: Final = {
    ".md": "rag.formats.markdown:Markdown",
    ".markdown": "rag.formats.markdown:Markdown",
    ".html": "rag.formats.html.page:Html",
    ".htm": "rag.formats.html.page:Html",
    ".xhtml": "rag.formats.html.page:Html",
    ".txt": "rag.formats.plain:Plain",
}
"""The class for each file ending. A format that accepts nearly anything comes last."""

GROUP: Final = "rag.formats"
"""The entry point group in which other packages declare formats."""


def is_supported(name: str) -> bool:
    """Whether a file with this name may be an article: whether a format is registered for its ending.

    Looking up entry points takes 30 ms or more, so this happens only for endings that are not built in.
    """
    ending = _ending(name)
    return ending in BUILT_IN or ending in _plugins()


def endings() -> tuple[str, ...]:
    """The supported file endings in lower case, each with its dot."""
    return tuple(dict.fromkeys((*BUILT_IN, *sorted(_plugins()))))


def formats() -> tuple[Format, ...]:
    """All formats; those from other packages come first."""
    return tuple(
        _format(value) for value in dict.fromkeys((*_plugins().values(), *BUILT_IN.values()))
    )


def choose(data: bytes, name: str) -> Format | None:
    """The format that accepts a file's content, or None. The format for its ending is tried first.

    Raises UnreadableFile if a format from another package fails to load.
    """
    return next((each for each in _candidates(name) if each.accepts(data, name)), None)


def parse(data: bytes, name: str) -> Extracted:
    """The text of a file, and the blocks and metadata that its format finds in it.

    Raises UnreadableFile, with the reason, if no format can read the file.
    """
    # If no format accepts the file, the one for its ending explains why.
    chosen = choose(data, name) or next(_candidates(name))
    try:
        return chosen.parse(data, name)
    except UnreadableFile:
        raise
    except Exception as error:  # a parser may raise anything on untrusted files
        format_name = type(chosen).__name__
        raise UnreadableFile(
            f"cannot be read as {format_name} ({type(error).__name__}: {error})"
        ) from error


def _candidates(name: str) -> Iterator[Format]:
    ending = _ending(name)
    for table in (_plugins(), BUILT_IN):
        if ending in table:
            yield _format(table[ending])
    yield from formats()


def _ending(name: str) -> str:
    return PurePath(name).suffix.lower()


@cache
def _plugins() -> dict[str, str]:
    """The format classes of other packages, by ending."""
    from importlib.metadata import entry_points

    return {f".{point.name.lower()}": point.value for point in entry_points(group=GROUP)}


@cache
def _format(value: str) -> Format:
    """An instance of the class that ``module:Class`` names."""
    module, _, name = value.partition(":")
    try:
        instance: Format = getattr(import_module(module), name)()
    except Exception as error:  # importing third-party code may raise anything
        raise UnreadableFile(
            f"the format {value} cannot be loaded ({type(error).__name__}: {error})",
            fix="repair or uninstall the package that provides it",
        ) from error
    return instance
