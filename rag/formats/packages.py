"""Zip files that are one document, as Word files and e-books: checked before they are unpacked."""

from __future__ import annotations

import posixpath
from typing import Any, Final
from urllib.parse import unquote

from rag.errors import UnreadableFile
from rag.formats.archives import opened, unpacked
from rag.formats.base import LARGEST_CONTAINER, LARGEST_FILE

_ZIP: Final = b"PK\3\4"
_DECLARATIONS: Final = (b"<!DOCTYPE", b"<!ENTITY")


def part_names(data: bytes, needed: str) -> frozenset[str]:
    """The names of the files in a zip file; none if it is damaged, or holds no file ``needed``."""
    if needed.encode() not in data:  # names are not compressed
        return frozenset()
    try:
        return frozenset(Package(data).names)
    except UnreadableFile:
        return frozenset()


class Package:
    """A zip file that is one document.

    Raises UnreadableFile if its list of files is damaged or too long.
    """

    def __init__(self, data: bytes) -> None:
        if not data.startswith(_ZIP):
            raise UnreadableFile("damaged: it does not begin as a zip file")
        self._archive = opened(
            data, "made", damaged="damaged: it breaks off or its list of files is lost"
        )
        self._infos = {info.filename: info for info in self._archive.infolist()}
        self._left = LARGEST_CONTAINER

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts."""
        return tuple(self._infos)

    def read(self, name: str) -> bytes | None:
        """The bytes of a part, or None if there is none with this name.

        Raises UnreadableFile if it is damaged, protected or too large.
        """
        info = self._infos.get(name)
        if info is None:
            return None
        try:
            data = unpacked(self._archive, info, min(LARGEST_FILE, self._left))
        except UnreadableFile as error:
            raise UnreadableFile(f"{name}: {error.message}") from None
        self._left -= len(data)
        return data

    def xml(self, name: str) -> Any:
        """The root element of a part, or None if there is none with this name.

        Raises UnreadableFile if it is no XML, or declares entities.
        """
        from lxml import etree

        data = self.read(name)
        if data is None:
            return None
        if any(declaration in _ascii(data) for declaration in _DECLARATIONS):
            raise UnreadableFile(f"{name}: declares entities of its own; not read")
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
        try:
            return etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError):
            raise UnreadableFile(f"{name}: damaged") from None


def resolve(base: str, target: str) -> str:
    """The name of the part to which ``target`` leads, seen from the part ``base``."""
    target = unquote(target.partition("#")[0])
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), target))


def _ascii(data: bytes) -> bytes:
    """The same without NUL bytes, so that declarations are found in UTF-16 too."""
    return data.replace(b"\0", b"") if b"\0" in data[:1000] else data
