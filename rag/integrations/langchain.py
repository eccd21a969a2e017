"""For LangChain: ``RagRetriever``, and ``ask_tool`` for agents.

>>> from rag.integrations.langchain import RagRetriever  # doctest: +SKIP
>>> RagRetriever(index="index", k=4).invoke("price floor")  # doctest: +SKIP
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from rag.asking.markdown import markdown
from rag.asking.retriever import Retriever
from rag.integrations.shared import (
    TOOL_DESCRIPTION,
    TOOL_NAME,
    Index,
    fields_of,
    filters_of,
    not_installed,
    opened,
)
from rag.records import Filters, Mode

try:
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
    from langchain_core.tools import BaseTool, StructuredTool
    from pydantic import PrivateAttr
except ImportError as error:
    raise not_installed("LangChain", "langchain") from error


class RagRetriever(BaseRetriever):
    """Passages as documents; their metadata are the fields of a passage.

    ``index`` is a path, several paths, or an open retriever. ``filters`` are ``rag.Filters`` or a mapping
    of their fields. Raises what opening an index raises.
    """

    index: Any = "index"
    k: int = 8
    mode: Mode = "hybrid"
    filters: Any = None
    _retriever: Retriever = PrivateAttr()
    _filters: Filters | None = PrivateAttr()

    def __init__(
        self,
        index: Index = "index",
        k: int = 8,
        mode: Mode = "hybrid",
        filters: Filters | Mapping[str, Any] | None = None,
        **named: Any,
    ) -> None:
        """``named`` are LangChain's own options, such as tags."""
        super().__init__(index=index, k=k, mode=mode, filters=filters, **named)
        self._retriever = opened(index)
        self._filters = filters_of(filters)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: Any = None,  # noqa: ARG002  # LangChain's; a search has no steps to report
        k: int | None = None,
        filters: Filters | Mapping[str, Any] | None = None,
    ) -> list[Document]:
        """The passages; what is given to ``invoke`` replaces the retriever's own ``k`` and ``filters``."""
        passages = self._retriever.search(
            query,
            self.k if k is None else k,
            mode=self.mode,
            filters=self._filters if filters is None else filters_of(filters),
        )
        return [
            Document(page_content=p.text, metadata=fields_of(p), id=p.chunk_id) for p in passages
        ]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: Any = None, **chosen: Any
    ) -> list[Document]:
        return await asyncio.to_thread(
            self._get_relevant_documents, query, run_manager=run_manager, **chosen
        )


def ask_tool(index: Index = "index") -> BaseTool:
    """The cited answer as a tool: its content is text for the model, its artifact the whole answer."""
    retriever = opened(index)

    def ask(question: str) -> tuple[str, dict[str, Any]]:
        answer = retriever.ask(question)
        return markdown(answer), answer.to_dict()

    async def ask_later(question: str) -> tuple[str, dict[str, Any]]:
        return await asyncio.to_thread(ask, question)

    return StructuredTool.from_function(
        ask,
        ask_later,
        name=TOOL_NAME,
        description=TOOL_DESCRIPTION,
        response_format="content_and_artifact",
    )
