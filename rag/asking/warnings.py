"""Warnings about an index, a question or its sources. Answers and search results carry them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rag.models import DEFAULT_MODEL
from rag.records import Citation, DocumentInfo, Filters, Passage, Staleness
from rag.search import Respelling
from rag.stores import failures_of

if TYPE_CHECKING:
    from rag.asking.session import Session


def warnings(
    session: Session,
    passages: Sequence[Passage],
    citations: Sequence[Citation] = (),
    notes: Iterable[str] = (),
) -> tuple[str, ...]:
    """Warnings about the articles' folder, the filters and missing sources; ``notes`` concern the question.

    The publisher filter is checked only if no passage was found: an index may have very many documents.
    """
    messages = [session.stale, *failures_of(session.store), *notes]
    if not passages:
        messages.append(unknown_publisher(session.store.documents(), session.plan.filters))
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
    messages = (
        [f"{changes} since the index was built; update it with: rag index"] if changes else []
    )
    if staleness.unreachable:
        count = len(staleness.unreachable)
        messages.append(
            f"{count} of the articles cannot be read now; answers about them come from the index"
        )
    return "; ".join(messages)


def respelling_notes(respellings: Iterable[Respelling]) -> Iterator[str]:
    """The names that were searched for in place of those that were typed."""
    for respelling in respellings:
        yield f"searched for “{respelling.meant}” in place of “{respelling.typed}”"


def foreign_note(session: Session, *, foreign: bool) -> Iterator[str]:
    """What someone who asks in another language should know: the default model knows only English."""
    if foreign and session.store.facts.recipe.embedder.id == DEFAULT_MODEL:
        yield (
            "the question is not in English, and this index was built with an English model: articles are"
            " found by the question's words, hardly by its meaning"
        )


def unknown_publisher(documents: Sequence[DocumentInfo], filters: Filters | None) -> str:
    """A warning with the known publishers if a filter names an unknown one; else ""."""
    if filters is None or filters.publisher is None:
        return ""
    known = {d.publisher for d in documents if d.publisher}
    if filters.publisher.casefold() in {name.casefold() for name in known}:
        return ""
    listed = ", ".join(sorted(known)) or "none"
    return f"no article is by {filters.publisher!r}; publishers are: {listed}"
