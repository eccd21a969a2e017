"""Finds the passages nearest to a query, by words and by meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np

from rag.errors import InvalidArgument
from rag.protocols import Store
from rag.records import Filters, Fusion, Hits, Mode, Scope
from rag.search.fuse import Ranking, fuse
from rag.search.query import Query
from rag.text.tokens import clear, tokens

if TYPE_CHECKING:
    from rag.records.base import FloatArray

CANDIDATES = 500
"""How many passages of each list count. Fixed, so that ranks do not depend on ``k``."""
VERBATIM = 50
"""How many hits are looked through for the very words of a quoted phrase."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to search: which lists, how to fuse them, which passages to filter out.

    Raises InvalidArgument for an unknown mode or fusion.
    """

    mode: Mode = "hybrid"
    fusion: Fusion = "minmax"
    lexical_weight: float = 0.5
    filters: Filters | None = None
    rerank: bool = False

    def __post_init__(self) -> None:
        for name, value, choices in (
            ("mode", self.mode, get_args(Mode)),
            ("fusion", self.fusion, get_args(Fusion)),
        ):
            if value not in choices:
                raise InvalidArgument(f"{name}: {value!r} is not one of {', '.join(choices)}")


def retrieve(
    store: Store, query: Query, embed: Callable[[str], FloatArray], k: int, plan: Plan
) -> Ranking:
    """The ``k`` best passages that pass the query's and plan's filters, best first; or all there are.

    ``embed`` returns the query's unit vector of shape (dimension,). It is called only if the mode needs it.
    """
    scope = Scope(plan.filters, query.required, query.excluded)
    depth = max(CANDIDATES, k)
    lists: dict[str, Hits] = {}
    if plan.mode != "dense":
        lists["lexical"] = _verbatim_first(
            store, query, store.lexical(query.terms, query.phrases, depth, scope)
        )
    if plan.mode != "lexical":
        lists["dense"] = store.dense(embed(query.text), depth, scope)
    weights = {"lexical": plan.lexical_weight, "dense": 1 - plan.lexical_weight}
    return fuse(lists, weights, plan.fusion, CANDIDATES)[:k]


def _verbatim_first(store: Store, query: Query, hits: Hits) -> Hits:
    """Lexical hits; those with a quoted phrase as typed come before those with other forms of its words.

    A phrase is found by its stems, so that "separation plant" also finds "separate plants". Each of the
    first ``VERBATIM`` hits gains the best score for each phrase that it has as it was typed.
    """
    phrases = [phrase for typed in query.quoted if (phrase := _spaced(typed)).strip()]
    if not phrases or not len(hits.scores):
        return hits
    gains = np.zeros(len(hits.scores))
    for place, chunk in enumerate(store.chunks(hits.ids[:VERBATIM])):
        document = store.document(chunk.doc_id)
        parts = [document.title, document.text[chunk.start : chunk.end]]
        parts += [document.text[slice(*chunk.heading)]] if chunk.heading else []
        spaced = [_spaced(part) for part in parts]
        gains[place] = sum(any(phrase in part for part in spaced) for phrase in phrases)
    # In a tiny index, the best score may be 0.
    scores = hits.scores + max(float(hits.scores[0]), 1.0) * gains
    order = np.argsort(-scores, kind="stable")
    return Hits(hits.ids.of(hits.ids.keys[order]), scores[order])


def _spaced(text: str) -> str:
    """The words of a text in lower case, each between spaces."""
    found = (word for token in tokens(clear(text)) for word in token.words)
    return f" {' '.join(found).casefold()} "
