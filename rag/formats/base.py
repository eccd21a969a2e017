r'''The registry of formats and containers: it chooses what reads a file.

A format is a class with two methods, ``accepts`` and ``parse`` (``rag.protocols.Format``). A container is
a class with ``accepts`` and ``members`` (``rag.protocols.Container``): its files hold articles in other
formats. To add one, put the class in a file in ``rag/formats`` and list its file endings in ``BUILT_IN``
or ``CONTAINERS`` below. Or put it in your own package and declare an entry point for each ending::

    [project.entry-points."rag.formats"]
    lyric = "my_package:Lyrics"

    [project.entry-points."rag.containers"]
    album = "my_package:Album"

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

And a complete container:

    >>> from rag.records import Member
    >>> class Album:
    ...     """Songs in one file: "ALBUM", then each under a line with its name in brackets."""
    ...
    ...     def accepts(self, data, name):
    ...         return data.startswith(b"ALBUM\n")
    ...
    ...     def members(self, data, name):
    ...         for song in data.removeprefix(b"ALBUM\n").split(b"[")[1:]:
    ...             title, _, verses = song.partition(b"]\n")
    ...             yield Member(f"{title.decode()}.lyric", b"LYRICS\n" + verses)

The tool searches, quotes and cites the text that ``parse`` returns. All offsets refer to it, and
``rag verify`` parses the file again to check a quote, so the same bytes must always give the same text.
A format need not look for the title, byline or date in the text, nor for boilerplate, nor cut passages:
the packages above do that for all formats. A container need not make its members' names safe or unique,
nor look into containers inside it: ``rag.corpus.articles`` does that.

Content decides which format reads a file; the file ending only helps where the content cannot tell. The
first of these that accepts the content reads it:

1. A format of another package that is registered for the ending.
2. A format whose content shows what it is: a PDF, a Word file, a page, a mail, whatever the ending.
3. A container, if the ending is its own, or if there is no ending.
4. Markdown or plain text, if the ending is its own.
5. Any other format of another package.
6. Plain text, if there is no ending. So scripts, settings and logs are no articles, nor is a text that
   is named as a PDF.
'''

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from rag.errors import UnreadableFile
from rag.records import Extracted

if TYPE_CHECKING:
    from rag.protocols import Container, Format

BUILT_IN: Final = {
    ".doc": "rag.formats.docx:Docx",
    ".docx": "rag.formats.docx:Docx",
    ".eml": "rag.formats.mail:Mail",
    ".epub": "rag.formats.epub:Epub",
    ".htm": "rag.formats.html.page:Html",
    ".html": "rag.formats.html.page:Html",
    ".mht": "rag.formats.mail:Mhtml",
    ".mhtml": "rag.formats.mail:Mhtml",
    ".json": "rag.formats.records:Article",
    ".markdown": "rag.formats.markdown:Markdown",
    ".md": "rag.formats.markdown:Markdown",
    ".odt": "rag.formats.odt:Odt",
    ".pdf": "rag.formats.pdf.document:PdfFormat",
    ".txt": "rag.formats.plain:Plain",
    ".xhtml": "rag.formats.html.page:Html",
}
"""The class of the format for each file ending."""

TEXT: Final = (".md", ".markdown", ".txt")
"""The endings for which the content cannot tell, because any text fits; Plain's is the last."""

CONTAINERS: Final = {
    ".mbox": "rag.formats.mail:Mbox",
    ".zip": "rag.formats.archives:Zip",
    ".gz": "rag.formats.archives:Gzip",
    ".jsonl": "rag.formats.records:JsonLines",
    ".ndjson": "rag.formats.records:JsonLines",
    ".json": "rag.formats.records:Json",
    ".csv": "rag.formats.csv_rows:Table",
    ".tsv": "rag.formats.csv_rows:Table",
}
"""The class of the container for each file ending."""

FORMATS_GROUP: Final = "rag.formats"
CONTAINERS_GROUP: Final = "rag.containers"
"""The entry point groups in which other packages declare formats and containers."""

LARGEST_FILE: Final = 50_000_000
"""Bytes of an article: twenty times the longest novel. A larger file is a data dump."""
LARGEST_CONTAINER: Final = 200_000_000
"""Bytes of a container, packed or unpacked."""

_TEXT_MODULES: Final = frozenset(BUILT_IN[ending].partition(":")[0] for ending in TEXT)
_LONGEST_ENDING: Final = 12
_IN_ENDINGS: Final = frozenset(string.ascii_lowercase + string.digits + "_-")
_MAGIC: Final = (b"PK\3\4", b"%PDF-")
"""How the binary formats begin."""


@lru_cache
def ending_of(name: str) -> str:
    """The ending of a file name in lower case, with its dot; "" if it has none.

    >>> ending_of("news/Ferry.HTM"), ending_of("Minutes of 3. May"), ending_of(".txt")
    ('.htm', '', '')
    """
    ending = PurePath(name).suffix.lower()
    letters = ending[1:]
    is_ending = 0 < len(letters) <= _LONGEST_ENDING and _IN_ENDINGS.issuperset(letters)
    return ending if is_ending and not letters.isdigit() else ""


def is_supported(name: str) -> bool:
    """Whether a file with this name may be an article: it has a known ending, or none.

    A file with any other ending is one only if its content shows it. Looking up entry points takes 30 ms
    or more, so this happens only for endings that are not built in.
    """
    ending = ending_of(name)
    return (
        ending in BUILT_IN
        or ending in CONTAINERS
        or bool(PurePath(name).name and not ending)
        or ending in _plugins(FORMATS_GROUP)
        or ending in _plugins(CONTAINERS_GROUP)
    )


def is_container(name: str) -> bool:
    """Whether a file with this name holds articles in other formats."""
    ending = ending_of(name)
    return ending in CONTAINERS or (
        ending not in BUILT_IN and bool(ending) and ending in _plugins(CONTAINERS_GROUP)
    )


def largest(name: str) -> int:
    """The most bytes that a file with this name may have."""
    return LARGEST_CONTAINER if is_container(name) else LARGEST_FILE


def is_promising(head: bytes, name: str) -> bool:
    """Whether a file is worth reading, by its name or else by its first bytes (at least 1,024)."""
    return is_supported(name) or b"\0" not in head or any(magic in head for magic in _MAGIC)


def unsupported(name: str) -> UnreadableFile:
    """The error for a file that no format reads."""
    ending = ending_of(name)
    return UnreadableFile(f"unsupported format {ending}" if ending else "not an article")


def endings() -> tuple[str, ...]:
    """The supported file endings in lower case, each with its dot."""
    others = sorted({**_plugins(FORMATS_GROUP), **_plugins(CONTAINERS_GROUP)})
    return tuple(dict.fromkeys((*BUILT_IN, *CONTAINERS, *others)))


def formats() -> tuple[Format, ...]:
    """All formats; those from other packages come first."""
    values = (*_plugins(FORMATS_GROUP).values(), *BUILT_IN.values())
    return tuple(_load(value) for value in dict.fromkeys(values))


def choose(data: bytes, name: str) -> Format | Container | None:
    """What reads a file with this content and name, or None.

    Raises UnreadableFile if a format from another package fails to load.
    """
    return next((each for each in _candidates(ending_of(name)) if each.accepts(data, name)), None)


def is_text(data: bytes, name: str) -> bool:
    """Whether a file is plain text or Markdown, which our own code reads, and no library."""
    return type(choose(data, name) or _own(name)).__module__ in _TEXT_MODULES


def reader_of(data: bytes, name: str) -> Format | Container:
    """What reads a file; if nothing accepts it, the format of its ending, which will say why.

    Raises UnreadableFile if there is neither.
    """
    reader = choose(data, name) or _own(name)
    if reader is None:
        raise unsupported(name)
    return reader


def parse(data: bytes, name: str) -> Extracted:
    """The text of a file, and the blocks and metadata that its format finds in it.

    Raises UnreadableFile, with the reason, if no format can read the file.
    """
    reader: Any = reader_of(data, name)
    if not hasattr(reader, "parse"):
        raise UnreadableFile("holds articles, and is not one itself")
    try:
        extracted: Extracted = reader.parse(data, name)
    except UnreadableFile:
        raise
    except Exception as error:  # a parser may raise anything on untrusted files
        raise unreadable_as(reader, error) from error
    return extracted


def unreadable_as(reader: object, error: Exception) -> UnreadableFile:
    """The error for a file that makes its format or container fail."""
    match error:
        case MemoryError():
            what = "it needs more memory than a file may have"
        case RecursionError():
            what = "it is nested too deeply"
        case _:
            message = " ".join(str(error).split())[:200]
            what = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return UnreadableFile(f"cannot be read as {type(reader).__name__} ({what})")


def _candidates(ending: str) -> Iterator[Any]:
    """The formats and containers to ask, in the order that the module's docstring says."""
    return map(_load, _values(ending))


@cache
def _values(ending: str) -> tuple[str, ...]:
    """The classes of ``_candidates``, as ``module:Class``."""
    plugins = _plugins(FORMATS_GROUP)
    telling = {each: value for each, value in BUILT_IN.items() if each not in TEXT}
    values = [table[ending] for table in (plugins, telling) if ending in table]
    values += telling.values()
    for table in (_plugins(CONTAINERS_GROUP), CONTAINERS):
        values += [table[ending]] if ending in table else [] if ending else table.values()
    text = [BUILT_IN[each] for each in (ending, *TEXT) if each in BUILT_IN]
    values += [*text, *plugins.values()] if ending in TEXT else plugins.values()
    if not ending:
        values += text
    return tuple(dict.fromkeys(values))


def _own(name: str) -> Format | Container | None:
    """The format or container for the ending of a name."""
    ending = ending_of(name)
    tables = (_plugins(FORMATS_GROUP), BUILT_IN, _plugins(CONTAINERS_GROUP), CONTAINERS)
    value = next((table[ending] for table in tables if ending in table), None)
    if value is None and not ending:
        value = BUILT_IN[TEXT[-1]]
    return None if value is None else _load(value)


@cache
def _plugins(group: str) -> Mapping[str, str]:
    """The classes that other packages declare in an entry point group, by ending."""
    from importlib.metadata import entry_points

    return {f".{point.name.lower()}": point.value for point in entry_points(group=group)}


@cache
def _load(value: str) -> Any:
    """An instance of the class that ``module:Class`` names."""
    module, _, name = value.partition(":")
    try:
        return getattr(import_module(module), name)()
    except Exception as error:  # importing third-party code may raise anything
        raise UnreadableFile(
            f"the format {value} cannot be loaded ({type(error).__name__}: {error})",
            fix="repair or uninstall the package that provides it",
        ) from error
