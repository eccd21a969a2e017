r'''The registry of formats: which one reads a file.

A format is a class with two methods, ``accepts`` and ``parse`` (``rag.protocols.Format``). Adding one
takes no more than this: put the class into a file of ``rag/formats`` and its endings into ``BUILT_IN``
below, or into a package of your own and enter it there, once for each ending::

    [project.entry-points."rag.formats"]
    lyric = "my_package:Lyrics"

The whole of such a format:

    >>> from rag.records import Block, Extracted, Stated
    >>> class Lyrics:
    ...     """Songs: "LYRICS", the title, then one verse a line."""
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
    ...         found = (Stated("publisher", "The Songbook", "every song's"),)
    ...         return Extracted(text, tuple(blocks), found=found)

The text that ``parse`` returns is what is searched, quoted and cited: offsets count in it, and
``rag verify`` parses again to check a quote. So the same data must give the same text. Title, byline
and date within the text, furniture and passages are found by the rooms above, for every format alike.
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
    ".txt": "rag.formats.plain:Plain",
}
"""The class for each ending. One that reads nearly anything stands last."""

GROUP: Final = "rag.formats"
"""The group of entry points that formats of other packages are entered in."""


def can_be(name: str) -> bool:
    """Whether a file of this name may be an article: whether a format is entered for its ending.

    Entry points are looked up only for an ending that is not built in; that takes 30 ms and more.
    """
    ending = _ending(name)
    return ending in BUILT_IN or ending in _entered()


def endings() -> tuple[str, ...]:
    """The endings of all files that can be read, in small letters, each with its dot."""
    return tuple(dict.fromkeys((*BUILT_IN, *sorted(_entered()))))


def formats() -> tuple[Format, ...]:
    """All formats, those of other packages first."""
    return tuple(
        _format(value) for value in dict.fromkeys((*_entered().values(), *BUILT_IN.values()))
    )


def choose(data: bytes, name: str) -> Format | None:
    """The format of a file, told by its content; None if there is none that accepts it.

    The one that its name points to is asked first.

    Raises UnreadableFile if a format of another package cannot be loaded.
    """
    return next((each for each in _candidates(name) if each.accepts(data, name)), None)


def parse(data: bytes, name: str) -> Extracted:
    """The text of a file and what its format finds in it.

    Raises UnreadableFile with the reason if that cannot be had.
    """
    # Where nothing accepts the file, the format that its name points to says why.
    chosen = choose(data, name) or next(_candidates(name))
    try:
        return chosen.parse(data, name)
    except UnreadableFile:
        raise
    except Exception as error:  # parsers of files from anywhere raise what they like
        what = type(chosen).__name__
        raise UnreadableFile(
            f"cannot be read as {what} ({type(error).__name__}: {error})"
        ) from error


def _candidates(name: str) -> Iterator[Format]:
    ending = _ending(name)
    for table in (_entered(), BUILT_IN):
        if ending in table:
            yield _format(table[ending])
    yield from formats()


def _ending(name: str) -> str:
    return PurePath(name).suffix.lower()


@cache
def _entered() -> dict[str, str]:
    """The classes that other packages enter, by ending."""
    from importlib.metadata import entry_points

    return {f".{point.name.lower()}": point.value for point in entry_points(group=GROUP)}


@cache
def _format(value: str) -> Format:
    """The format that ``module:Class`` names."""
    module, _, name = value.partition(":")
    try:
        made: Format = getattr(import_module(module), name)()
    except Exception as error:  # whatever importing somebody's code may raise
        raise UnreadableFile(
            f"the format {value} cannot be loaded ({type(error).__name__}: {error})",
            fix="repair or uninstall the package that brings it",
        ) from error
    return made
