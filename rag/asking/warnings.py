"""Warnings about an index, a question or its sources. Answers and search results carry them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.corpus.language import mostly_foreign
from rag.records import Citation, DocumentInfo, Filters, Passage, Staleness
from rag.search import Respelling

if TYPE_CHECKING:
    from rag.asking.session import Session


def warnings(
    session: Session,
    text: str,
    passages: Sequence[Passage],
    citations: Sequence[Citation] = (),
    respellings: Sequence[Respelling] = (),
) -> tuple[str, ...]:
    """Warnings about the articles' folder, the language and names of ``text``, filters, missing sources.

    The publisher filter is checked only if no passage was found: an index may have very many documents.
    """
    messages = [session.stale, _foreign(text)]
    if not passages:
        messages.append(unknown_publisher(session.store.documents(), session.plan.filters))
    messages += [f"searched for “{r.meant}” in place of “{r.typed}”" for r in respellings]
    missing = dict.fromkeys(c.path for c in citations if c.state == "missing")
    messages += [
        f"{path} cannot be read any more; it is quoted as it was indexed" for path in missing
    ]
    return tuple(filter(None, messages))


def stale(staleness: Staleness) -> str:
    """How the articles have changed since the index was built; "" if they have not.

    >>> stale(Staleness("news", added=("a.txt",)))
    '1 new since the index was built; update it with: rag index'
    """
    if staleness.missing:
        return f"the articles' folder {staleness.corpus} is gone; answers come from the index"
    groups = {
        "new": staleness.added,
        "changed": staleness.changed,
        "removed": staleness.removed,
    }
    changes = ", ".join(f"{len(ids)} {word}" for word, ids in groups.items() if ids)
    told = [f"{changes} since the index was built; update it with: rag index"] if changes else []
    if staleness.unreachable:
        count = len(staleness.unreachable)
        told.append(f"{count} of the articles cannot be read now; they are answered from the index")
    return "; ".join(told)


def _foreign(text: str) -> str:
    """A warning about a text that is not English, since the models are; else ""."""
    if not mostly_foreign(text):
        return ""
    return "the question does not seem to be in English; expect poorer results"


def unknown_publisher(documents: Sequence[DocumentInfo], filters: Filters | None) -> str:
    """A warning with the known publishers if a filter names an unknown one; else ""."""
    if filters is None or filters.publisher is None:
        return ""
    known = {d.publisher for d in documents if d.publisher}
    if filters.publisher.casefold() in {name.casefold() for name in known}:
        return ""
    listed = ", ".join(sorted(known)) or "none"
    return f"no article is by {filters.publisher!r}; publishers are: {listed}"
