"""What every front door must say beside an answer: it stands in the record, for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.corpus.language import mostly_foreign
from rag.records import Citation, DocumentInfo, Filters, Passage, Staleness

if TYPE_CHECKING:
    from rag.asking.session import Session


def warnings(
    session: Session, text: str, passages: Sequence[Passage], citations: Sequence[Citation] = ()
) -> tuple[str, ...]:
    """What is to be said of the articles' folder, of what was typed, of the filters and of the sources.

    That no article is by a publisher shows only where no passage was found: there may be very many to
    look through.
    """
    found = [session.stale, _foreign(text)]
    if not passages:
        found.append(unknown_publisher(session.store.documents(), session.plan.filters))
    gone = dict.fromkeys(c.path for c in citations if c.state == "missing")
    found += [f"{path} cannot be read any more; it is quoted as it was indexed" for path in gone]
    return tuple(filter(None, found))


def stale(found: Staleness) -> str:
    """How the articles have changed since they were indexed; "" if they have not.

    >>> stale(Staleness("news", added=("a.txt",)))
    '1 new since the index was built; update it with: rag index'
    """
    if found.missing:
        return f"the articles' folder {found.corpus} is gone; answers come from the index"
    groups = {"new": found.added, "changed": found.changed, "removed": found.removed}
    changes = ", ".join(f"{len(ids)} {word}" for word, ids in groups.items() if ids)
    return f"{changes} since the index was built; update it with: rag index" if changes else ""


def _foreign(text: str) -> str:
    """The models are English."""
    if not mostly_foreign(text):
        return ""
    return "the question does not seem to be in English; expect poorer results"


def unknown_publisher(documents: Sequence[DocumentInfo], filters: Filters | None) -> str:
    """Which publishers there are, if a filter names one that no article is by; else ""."""
    if filters is None or filters.publisher is None:
        return ""
    known = {d.publisher for d in documents if d.publisher}
    if filters.publisher.casefold() in {name.casefold() for name in known}:
        return ""
    listed = ", ".join(sorted(known)) or "none"
    return f"no article is by {filters.publisher!r}; publishers are: {listed}"
