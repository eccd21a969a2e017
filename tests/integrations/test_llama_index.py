"""The adapters for LlamaIndex, in a query engine and in the hands of an agent."""

import asyncio

import pytest

import rag

pytest.importorskip("llama_index.core", reason="the extra llama-index is not installed")

from llama_index.core import get_response_synthesizer
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode

from rag.integrations.llama_index import RagRetriever, ask_tool

pytestmark = pytest.mark.model


def test_passages_come_as_nodes_with_scores_and_offsets(index):
    retriever = RagRetriever(index=index, k=2)
    found = retriever.retrieve("harbour repairs")
    with rag.Retriever.open(index) as plain:
        best = plain.search("harbour repairs", 2)
        text = plain.document(best[0].doc_id).text
    assert [each.node.node_id for each in found] == [passage.chunk_id for passage in best]
    assert [each.score for each in found] == [passage.score for passage in best]
    node = found[0].node
    assert text[node.start_char_idx : node.end_char_idx] == node.text
    assert node.ref_doc_id == "harbour.txt"
    assert node.metadata["publisher"] == "Harbour Gazette"
    seen = node.get_content(MetadataMode.LLM)
    assert "Harbour Gazette" in seen
    assert "contributions" not in seen
    later = asyncio.run(retriever.aretrieve("harbour repairs"))
    assert [each.node.node_id for each in later] == [each.node.node_id for each in found]


def test_filters_and_mode_are_applied(index):
    found = RagRetriever(index=index, mode="lexical", filters={"since": "2025-01-01"})
    assert [each.node.ref_doc_id for each in found.retrieve("harbour")] == ["boats.txt"]


def test_it_works_in_a_query_engine(index):
    engine = RetrieverQueryEngine(
        RagRetriever(index=index, k=1), get_response_synthesizer(llm=MockLLM())
    )
    response = engine.query("How much honey?")
    assert [each.node.ref_doc_id for each in response.source_nodes] == ["bees.txt"]
    assert "310 kilograms" in str(response)  # the mock repeats its prompt


def test_the_cited_answer_is_a_tool(index):
    tool = ask_tool(index=index)
    assert tool.metadata.name == "ask_articles"
    output = tool.call(question="What did the repairs cost?")
    text = output.content
    assert text.startswith("4.2 million kroner")
    assert output.raw_output["citations"][0]["doc_id"] == "harbour.txt"
    assert asyncio.run(tool.acall(question="What did the repairs cost?")).content == text
