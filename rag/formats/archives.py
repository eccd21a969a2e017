"""Archives: zip, and gzip of one file. Everything is unpacked in memory, and checked before."""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import PurePath
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from rag.errors import UnreadableFile
from rag.formats.base import LARGEST_CONTAINER, LARGEST_FILE, largest
from rag.records import Member, Skipped

MOST_MEMBERS: Final = 20_000
"""Files in one archive."""

_WORTH_CHECKING: Final = 10_000_000  # bytes: what unpacks to less does no harm at any ratio
_RATIO: Final = 200  # text compresses 3 to 10 times; a bomb, a thousand times

_ZIP: Final = (b"PK\3\4", b"PK\5\6")
_ENTRY: Final = b"PK\1\2"  # begins an entry in the list of files
_GZIP: Final = b"\x1f\x8b"
_BLOCK: Final = 1 << 20

_ENCRYPTED: Final = 0x1
_UTF8: Final = 0x800
_UNICODE_PATH: Final = 0x7075  # the extra field in which Info-ZIP stores a name in UTF-8


class Zip:
    """A zip archive. Its members are the files in it, folders included in their names."""

    def accepts(self, data: bytes, name: str) -> bool:  # noqa: ARG002
        """Whether ``data`` begins as a zip archive."""
        return data.startswith(_ZIP)

    def members(self, data: bytes, name: str) -> Iterator[Member | Skipped]:
        """The files that can be unpacked; the others are skipped, each with its reason."""
        if not self.accepts(data, name):
            raise UnreadableFile("not a zip archive")
        archive = opened(
            data, "an archive", damaged="a damaged zip archive: its list of files is lost"
        )
        with archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            for info in files:
                name = _name(info)
                try:
                    yield Member(name, unpacked(archive, info, largest(name)))
                except UnreadableFile as error:
                    yield Skipped(name, error.message)


def opened(data: bytes, what: str, *, damaged: str) -> ZipFile:
    """A zip file. Raises UnreadableFile, with the reason ``damaged`` if it cannot be opened.

    If it has too many files, the reason begins with ``what``.
    """
    if data.count(_ENTRY) > MOST_MEMBERS:
        raise UnreadableFile(f"{what} of more than {MOST_MEMBERS:,} files; not unpacked")
    try:
        return ZipFile(BytesIO(data))
    except (BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError):
        raise UnreadableFile(damaged) from None


def unpacked(archive: ZipFile, info: ZipInfo, limit: int) -> bytes:
    """The bytes of a file in an archive. Raises UnreadableFile with the reason."""
    if info.flag_bits & _ENCRYPTED:
        raise UnreadableFile("protected with a password")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnreadableFile("a link inside an archive is not followed")
    if info.file_size > limit:
        raise UnreadableFile(
            f"{info.file_size / 1e6:.1f} MB, over the limit of {limit / 1e6:.0f} MB"
        )
    if info.file_size > _WORTH_CHECKING and info.file_size > _RATIO * info.compress_size:
        raise UnreadableFile(_bomb(info.file_size, info.compress_size))
    try:
        with archive.open(info) as file:
            return file.read(info.file_size)
    except NotImplementedError:
        raise UnreadableFile("compressed by a method that is not supported") from None
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, struct.error):
        raise UnreadableFile("damaged inside its archive") from None


def _bomb(size: int, packed: int) -> str:
    return f"would unpack to {size / 1e6:,.0f} MB from {packed / 1e6:,.1f} MB; not unpacked"


def _name(info: ZipInfo) -> str:
    """The name of a file as its author wrote it.

    An archive that does not say that its names are UTF-8 often holds UTF-8 all the same. Otherwise they
    are in code page 437, as ``zipfile`` assumes.
    """
    raw = info.orig_filename
    if not info.flag_bits & _UTF8:
        stored = raw.encode("cp437", "replace")
        with suppress(UnicodeDecodeError):
            raw = _unicode_path(info.extra, zlib.crc32(stored)) or stored.decode()
    return raw.partition("\0")[0].replace("\\", "/")


def _unicode_path(extra: bytes, checksum: int) -> str:
    """The name in an extra field, if that field belongs to the name with this checksum; else ""."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and field[1:5] == struct.pack("<I", checksum):
            return field[5:].decode()
    return ""


class Gzip:
    """One file, compressed. It keeps the name of the archive."""

    def accepts(self, data: bytes, name: str) -> bool:  # noqa: ARG002
        """Whether ``data`` begins as gzip."""
        return data.startswith(_GZIP)

    def members(self, data: bytes, name: str) -> Iterator[Member | Skipped]:
        """The file; if the archive breaks off, the file as far as it goes, and then why."""
        if not self.accepts(data, name):
            raise UnreadableFile("not a gzip file")
        inner = PurePath(name).stem if PurePath(name).suffix.lower() == ".gz" else name
        limit = (
            LARGEST_CONTAINER if inner != name and largest(inner) != LARGEST_FILE else LARGEST_FILE
        )
        unpacked, whole = _gunzip(data, limit)
        if unpacked:
            yield Member("", unpacked, file=inner)
        if not whole:
            what = "what stands before was read" if unpacked else "nothing could be read"
            yield Skipped("", f"a damaged gzip file: it breaks off; {what}")


def _gunzip(data: bytes, limit: int) -> tuple[bytes, bool]:
    """The unpacked bytes, and whether they are all. Raises UnreadableFile if they are too many or wrong."""
    pieces: list[bytes] = []
    size, rest = 0, data
    while rest.startswith(_GZIP):  # several may follow each other
        unpacker = zlib.decompressobj(wbits=31)
        try:
            while not unpacker.eof:
                piece = unpacker.decompress(rest, _BLOCK)
                rest = unpacker.unconsumed_tail
                if not piece and not rest:
                    break
                pieces.append(piece)
                size += len(piece)
                if size > limit or size > max(_WORTH_CHECKING, _RATIO * len(data)):
                    raise UnreadableFile(
                        f"would unpack to more than {size / 1e6:,.0f} MB; not unpacked"
                    )
        except zlib.error:
            raise UnreadableFile("a damaged gzip file: its checksum is wrong") from None
        if not unpacker.eof:
            return b"".join(pieces), False
        rest = unpacker.unused_data
    return b"".join(pieces), True
