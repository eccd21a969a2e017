"""A question → the passages nearest to it, by words and by meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from rag.errors import InvalidArgument
from rag.protocols import Analyzer, Store
from rag.search.filters import allowed_documents
from rag.search.fuse import Fused, fuse
from rag.types import Filters, Fusion, Hits, Mode

if TYPE_CHECKING:
    from rag.types import FloatArray

CANDIDATES = 500
"""How deep each list counts. Fixed, so that ranks do not depend on how many passages are asked for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to search: which lists, how they are fused, what may be returned.

    Raises InvalidArgument for a mode or fusion that there is not.
    """

    mode: Mode = "hybrid"
    fusion: Fusion = "minmax"
    lexical_weight: float = 0.5
    filters: Filters | None = None
    rerank: bool = False

    def __post_init__(self) -> None:
        for name, value, known in (
            ("mode", self.mode, get_args(Mode)),
            ("fusion", self.fusion, get_args(Fusion)),
        ):
            if value not in known:
                raise InvalidArgument(f"{name}: {value!r} is not one of {', '.join(known)}")


def retrieve(
    store: Store,
    analyzer: Analyzer,
    embed: Callable[[str], FloatArray],
    query: str,
    k: int,
    plan: Plan,
) -> list[Fused]:
    """The ``k`` best passages that pass the filters, best first; fewer only if fewer match.

    ``embed`` gives the query's unit vector (dimension,); it is called only if the mode needs it.
    """
    allowed = allowed_documents(plan.filters, store.documents())
    depth = max(CANDIDATES, k)
    lists: dict[str, Hits] = {}
    if plan.mode != "dense":
        lists["lexical"] = store.lexical(analyzer(query), depth, allowed)
    if plan.mode != "lexical":
        lists["dense"] = store.dense(embed(query), depth, allowed)
    weights = {"lexical": plan.lexical_weight, "dense": 1 - plan.lexical_weight}
    return fuse(lists, weights, plan.fusion, CANDIDATES)[:k]
