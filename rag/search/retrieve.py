"""Finds the passages nearest to a query, by words and by meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from rag.errors import InvalidArgument
from rag.protocols import Store
from rag.records import Filters, Fusion, Hits, Mode, Scope
from rag.search.fuse import Ranking, fuse
from rag.search.query import Query

if TYPE_CHECKING:
    from rag.records.base import FloatArray

CANDIDATES = 500
"""How many passages of each list count. Fixed, so that ranks do not depend on ``k``."""


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
        lists["lexical"] = store.lexical(query.terms, query.phrases, depth, scope)
    if plan.mode != "lexical":
        lists["dense"] = store.dense(embed(query.text), depth, scope)
    weights = {"lexical": plan.lexical_weight, "dense": 1 - plan.lexical_weight}
    return fuse(lists, weights, plan.fusion, CANDIDATES)[:k]
