"""For LlamaIndex: ``RagRetriever``, and ``ask_tool`` for agents.

>>> from rag.integrations.llama_index import RagRetriever  # doctest: +SKIP
>>> RagRetriever(index="index", k=4).retrieve("price floor")  # doctest: +SKIP
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final

from rag.asking.markdown import markdown
from rag.integrations.shared import (
    TOOL_DESCRIPTION,
    TOOL_NAME,
    Index,
    fields_of,
    filters_of,
    not_installed,
    opened,
)
from rag.records import Filters, Mode, Passage

try:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.schema import (
        NodeRelationship,
        NodeWithScore,
        QueryBundle,
        RelatedNodeInfo,
        TextNode,
    )
    from llama_index.core.tools import FunctionTool
except ImportError as error:
    raise not_installed("LlamaIndex", "llama-index") from error

_FOR_MODELS: Final = frozenset(("title", "publisher", "published", "heading"))
"""The fields that the framework puts before a text in a prompt."""


class RagRetriever(BaseRetriever):
    """Passages as nodes with scores; their offsets are those in the article's citable text.

    ``index`` is a path, several paths, or an open retriever. ``filters`` are ``rag.Filters`` or a mapping
    of their fields. Raises what opening an index raises.
    """

    def __init__(
        self,
        index: Index = "index",
        k: int = 8,
        mode: Mode = "hybrid",
        filters: Filters | Mapping[str, Any] | None = None,
        **named: Any,
    ) -> None:
        """``named`` are LlamaIndex's own options, such as a callback manager."""
        super().__init__(**named)
        self._retriever = opened(index)
        self._k, self._mode, self._filters = k, mode, filters_of(filters)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        passages = self._retriever.search(
            query_bundle.query_str, self._k, mode=self._mode, filters=self._filters
        )
        return [NodeWithScore(node=_node(passage), score=passage.score) for passage in passages]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


def ask_tool(index: Index = "index") -> FunctionTool:
    """The cited answer as a tool: its content is text for the model, its raw output the whole answer."""
    retriever = opened(index)

    def ask(question: str) -> dict[str, Any]:
        answer = retriever.ask(question)
        return {"text": markdown(answer), **answer.to_dict()}

    async def ask_later(question: str) -> dict[str, Any]:
        return await asyncio.to_thread(ask, question)

    return FunctionTool.from_defaults(
        ask,
        async_fn=ask_later,
        name=TOOL_NAME,
        description=TOOL_DESCRIPTION,
        callback=itemgetter("text"),
    )


def _node(passage: Passage) -> TextNode:
    fields = fields_of(passage)
    unseen = [name for name in fields if name not in _FOR_MODELS or fields[name] is None]
    return TextNode(
        id_=passage.chunk_id,
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata=fields,
        excluded_llm_metadata_keys=unseen,
        excluded_embed_metadata_keys=unseen,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=passage.doc_id)},
    )
