"""For Haystack: ``RagRetriever``, ``RagReader`` in the place of an extractive reader, ``ask_tool``.

>>> from rag.integrations.haystack import RagReader  # doctest: +SKIP
>>> RagReader(index="index").run("Who runs REAlloys?")["answers"]  # doctest: +SKIP
"""

# No annotations from the future: the framework looks at the types of ``run``.
import asyncio
import datetime as dt
from pathlib import Path
from typing import Any, Final

from rag.asking.markdown import markdown
from rag.asking.retriever import Retriever
from rag.errors import InvalidArgument, InvalidFilter
from rag.integrations.shared import (
    TOOL_DESCRIPTION,
    TOOL_NAME,
    Index,
    fields_of,
    not_installed,
    opened,
)
from rag.records import Answer, Citation, Filters, Mode, Part, Passage

try:
    from haystack import Document, component, default_from_dict, default_to_dict
    from haystack.core.serialization import generate_qualified_class_name
    from haystack.dataclasses import ExtractedAnswer
    from haystack.tools import Tool
except ImportError as error:
    raise not_installed("Haystack", "haystack") from error

_ADVICE: Final = (
    "compare meta.publisher (==), meta.published (==, >, >=, <, <=) or meta.doc_id (==),"
    " and join the comparisons by AND"
)
_GLOB: Final = str.maketrans({"*": "[*]", "?": "[?]", "[": "[[]"})
_DAY: Final = dt.timedelta(days=1)


@component
class RagRetriever:
    """Passages as documents; their meta are the fields of a passage.

    ``index`` is a path, several paths, or an open retriever. ``filters`` are Haystack's, and those that
    are passed to ``run`` replace them. Raises what opening an index raises, and InvalidFilter for a filter
    that the index cannot apply.
    """

    def __init__(
        self,
        index: Index = "index",
        top_k: int = 8,
        mode: Mode = "hybrid",
        filters: dict[str, Any] | None = None,
    ) -> None:
        self.index, self.top_k, self.mode, self.filters = index, top_k, mode, filters
        _filters(filters)
        self._retriever = opened(index)

    @component.output_types(documents=list[Document])
    def run(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None
    ) -> dict[str, Any]:
        """The ``top_k`` best passages: ``{"documents": [...]}``."""
        passages = self._retriever.search(
            query,
            self.top_k if top_k is None else top_k,
            mode=self.mode,
            filters=_filters(self.filters if filters is None else filters),
        )
        return {"documents": [_passage(passage) for passage in passages]}

    @component.output_types(documents=list[Document])
    async def run_async(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None
    ) -> dict[str, Any]:
        """The same, for asynchronous pipelines."""
        return await asyncio.to_thread(self.run, query, filters, top_k)

    def to_dict(self) -> dict[str, Any]:
        """The component for a saved pipeline."""
        return default_to_dict(
            self,
            index=_plain(self.index),
            top_k=self.top_k,
            mode=self.mode,
            filters=self.filters,
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "RagRetriever":
        """The component from a saved pipeline."""
        return default_from_dict(cls, data)


@component
class RagReader:
    """The answer with its exact place; it searches by itself, so it needs no retriever before it.

    ``index`` is a path, several paths, or an open retriever. Raises what opening an index raises.
    """

    def __init__(self, index: Index = "index", min_confidence: float | None = None) -> None:
        self.index, self.min_confidence = index, min_confidence
        self._retriever = opened(index)

    @component.output_types(answers=list[ExtractedAnswer])
    def run(self, query: str) -> dict[str, Any]:
        """``{"answers": [...]}``, one for each part of the answer; none if the articles don't say."""
        answer = self._retriever.ask(query, min_confidence=self.min_confidence)
        return {"answers": [self._extracted(answer, part) for part in answer.parts]}

    @component.output_types(answers=list[ExtractedAnswer])
    async def run_async(self, query: str) -> dict[str, Any]:
        """The same, for asynchronous pipelines."""
        return await asyncio.to_thread(self.run, query)

    def to_dict(self) -> dict[str, Any]:
        """The component for a saved pipeline."""
        return default_to_dict(self, index=_plain(self.index), min_confidence=self.min_confidence)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "RagReader":
        """The component from a saved pipeline."""
        return default_from_dict(cls, data)

    def _extracted(self, answer: Answer, part: Part) -> ExtractedAnswer:
        cited = [c for c in answer.citations if c.n in part.citations]
        first = cited[0]
        return ExtractedAnswer(
            query=answer.question,
            score=answer.confidence,
            data=part.text,
            document=self._document(first),
            context=first.quote,
            document_offset=ExtractedAnswer.Span(first.answer_start, first.answer_end),
            context_offset=ExtractedAnswer.Span(
                first.answer_start - first.start, first.answer_end - first.start
            ),
            meta={
                "citations": [citation.to_dict() for citation in cited],
                "certainty": answer.certainty,
                "warnings": list(answer.warnings),
            },
        )

    def _document(self, citation: Citation) -> Document:
        document = self._retriever.document(citation.doc_id)
        names = ("doc_id", "path", "title", "publisher", "published", "url")
        return Document(
            id=citation.doc_id,
            content=document.text,
            meta={name: getattr(document, name) for name in names},
        )


class AskTool(Tool):
    """The cited answer as a tool, as text for the model to read."""

    def __init__(self, index: Index = "index") -> None:
        self.index = index
        retriever = opened(index)
        super().__init__(
            name=TOOL_NAME,
            description=TOOL_DESCRIPTION,
            parameters={
                "type": "object",
                "properties": {"question": {"type": "string"}},
                "required": ["question"],
            },
            function=lambda question: markdown(retriever.ask(question)),
        )

    def to_dict(self) -> dict[str, Any]:
        """The tool for a saved agent."""
        return {
            "type": generate_qualified_class_name(type(self)),
            "data": {"index": _plain(self.index)},
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "AskTool":
        """The tool from a saved agent."""
        return cls(**data["data"])


def ask_tool(index: Index = "index") -> AskTool:
    """The cited answer as a tool for agents."""
    return AskTool(index)


def _passage(passage: Passage) -> Document:
    return Document(
        id=passage.chunk_id, content=passage.text, meta=fields_of(passage), score=passage.score
    )


def _plain(index: Index) -> str | list[str]:
    """The index for a saved pipeline. Raises InvalidArgument for an open retriever."""
    if isinstance(index, Retriever):
        raise InvalidArgument(
            "an open retriever cannot be saved with a pipeline", fix="give the path of its index"
        )
    return str(index) if isinstance(index, str | Path) else [str(each) for each in index]


# ---------------------------------------------------------------- filters


def _filters(tree: dict[str, Any] | None) -> Filters | None:
    """Haystack's filters as ours. Raises InvalidFilter for what the index cannot apply."""
    if not tree:
        return None
    chosen: dict[str, Any] = {}
    stricter = {"since": max, "until": min}
    for name, value in _conditions(tree):
        known = chosen.get(name, value)
        if name not in stricter and known != value:
            raise InvalidFilter(f"no article has two values of {name}", fix=_ADVICE)
        chosen[name] = stricter[name](known, value) if name in stricter else value
    return Filters(**chosen)


def _conditions(tree: dict[str, Any]) -> list[tuple[str, str]]:
    """The conditions that all hold, each as a field of ``Filters`` and its value."""
    operator = tree.get("operator")
    if "conditions" in tree:
        if operator != "AND":
            raise InvalidFilter(f"{operator} is not known to the index", fix=_ADVICE)
        return [each for condition in tree["conditions"] for each in _conditions(condition)]
    field, value = str(tree.get("field")).removeprefix("meta."), tree.get("value")
    if field == "published":
        return _dates(str(operator), value)
    if operator == "==" and isinstance(value, str) and field in ("publisher", "doc_id"):
        return [("publisher", value)] if field == "publisher" else [("path", _exactly(value))]
    raise InvalidFilter(f"{field} {operator} is not known to the index", fix=_ADVICE)


def _dates(operator: str, value: object) -> list[tuple[str, str]]:
    written = str(value)[: len("YYYY-MM-DD")]
    period = Filters(since=written, until=written)
    first, last = (dt.date.fromisoformat(str(day)) for day in (period.since, period.until))
    bounds = {
        "==": (("since", first), ("until", last)),
        ">=": (("since", first),),
        ">": (("since", last + _DAY),),
        "<=": (("until", last),),
        "<": (("until", first - _DAY),),
    }
    if operator not in bounds:
        raise InvalidFilter(f"published {operator} is not known to the index", fix=_ADVICE)
    return [(name, bound.isoformat()) for name, bound in bounds[operator]]


def _exactly(doc_id: str) -> str:
    """A glob that only this id matches."""
    return doc_id.translate(_GLOB)
