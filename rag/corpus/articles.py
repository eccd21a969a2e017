"""Finds the articles in a file: the file itself or, if it is a container, its members.

Member names come from the file, so they become ids only here: inside the container, printable, unique.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from rag.corpus.junk import junk
from rag.errors import UnreadableFile
from rag.formats.base import is_promising, largest, reader_of, unreadable_as, unsupported
from rag.records import Member, Skipped

DEEPEST: Final = 4
"""How many containers may be inside each other."""
MOST_BYTES: Final = 2_000_000_000
"""The limit of all members of one file together."""
MOST_SKIPPED: Final = 1_000
"""How many skipped members of one file are named; further ones are only counted."""

_LONGEST_ID: Final = 1_000


@dataclass(frozen=True, slots=True)
class Article:
    """The bytes of one article; ``name`` tells its format."""

    doc_id: str
    name: str
    data: bytes
    is_member: bool = False


def articles(doc_id: str, data: bytes) -> Iterator[Article | Skipped]:
    """The articles in the file ``doc_id``, in its own order, and what cannot be read in it.

    A member's id is that of its container, "/", and its name. Raises UnreadableFile if the file is neither
    an article nor a container that can be opened.
    """
    opening = _Opening(doc_id)
    skipped = 0
    for each in opening.articles(Article(doc_id, doc_id, data), 0):
        if isinstance(each, Article):
            yield opening.unique(each) if each.is_member else each
            continue
        skipped += 1
        if skipped <= MOST_SKIPPED:
            yield each
    if skipped > MOST_SKIPPED:
        yield Skipped(doc_id, f"{skipped - MOST_SKIPPED} more of its members cannot be read")


class _Opening:
    """A file that is being opened: the ids and the number of bytes that it has given so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.ids: set[str] = set()
        self.repeats: dict[str, int] = {}
        self.bytes = 0

    def articles(self, article: Article, depth: int) -> Iterator[Article | Skipped]:
        """The articles in an article's bytes; ``depth`` containers are open."""
        reader: Any = reader_of(article.data, article.name)
        if not hasattr(reader, "members"):
            yield article
            return
        if depth == DEEPEST:
            raise UnreadableFile(f"more than {DEEPEST} archives inside each other")
        members = iter(reader.members(article.data, article.name))
        while True:
            try:
                member = next(members)
            except StopIteration:
                return
            except UnreadableFile:
                raise
            except Exception as error:  # a container may raise anything on untrusted files
                raise unreadable_as(reader, error) from error
            yield from self._member(article, member, depth)

    def _member(
        self, parent: Article, member: Member | Skipped, depth: int
    ) -> Iterator[Article | Skipped]:
        name = _printable(member.path if isinstance(member, Skipped) else member.name)
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
        if name.startswith(("/", "\\")) or ".." in parts:
            why = f"{name[:100]}: its name leads out of the archive"
            yield Skipped(parent.doc_id, why)
            return
        if any(map(junk, parts)):
            return  # junk is passed over quietly, as in a folder
        name = "/".join(parts)[:_LONGEST_ID]
        path = f"{parent.doc_id}/{name}" if name else parent.doc_id
        if isinstance(member, Skipped):
            yield Skipped(path, member.reason)
            return
        try:
            self._count(member, name)
            inner = Article(path, member.file or name or parent.name, member.data, is_member=True)
            yield from self.articles(inner, depth + 1)
        except UnreadableFile as error:
            yield Skipped(path, error.message)

    def _count(self, member: Member, name: str) -> None:
        """Raise UnreadableFile if a member is too large or unsupported, or the file unpacks to too much."""
        self.bytes += len(member.data)
        if self.bytes > MOST_BYTES:
            raise UnreadableFile("its archive unpacks to too much; not read")
        if name and not member.file and not is_promising(member.data[:4096], name):
            raise unsupported(name)
        if len(member.data) > largest(member.file or name):
            raise UnreadableFile(f"{len(member.data) / 1e6:.1f} MB, which is too large")

    def unique(self, article: Article) -> Article:
        """The article, with an id that no other has: two members may have one name."""
        doc_id = article.doc_id
        while doc_id in self.ids:
            number = self.repeats.get(article.doc_id, 1) + 1
            self.repeats[article.doc_id] = number
            doc_id = f"{article.doc_id}-{number}"
        self.ids.add(doc_id)
        return Article(doc_id, article.name, article.data, is_member=True)


def _printable(name: str) -> str:
    """A name without control characters and lone surrogates."""
    return "".join("_" if unicodedata.category(c) in ("Cc", "Cs") else c for c in name)
