"""The adapters for LangChain, in a chain and in the hands of an agent."""

import asyncio

import pytest

import rag

pytest.importorskip("langchain_core", reason="the extra langchain is not installed")

from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough

from rag.integrations.langchain import RagRetriever, ask_tool

pytestmark = pytest.mark.model


def test_passages_come_as_documents(index):
    retriever = RagRetriever(index=index, k=2)
    found = retriever.invoke("harbour repairs")
    assert all(isinstance(each, Document) for each in found)
    assert len(found) == 2
    with rag.Retriever.open(index) as plain:
        best = plain.search("harbour repairs", 2)[0]
        text = plain.document(best.doc_id).text
    first = found[0]
    assert (first.id, first.page_content) == (best.chunk_id, best.text)
    assert text[first.metadata["start"] : first.metadata["end"]] == first.page_content
    assert first.metadata["publisher"] == "Harbour Gazette"
    assert "text" not in first.metadata
    assert asyncio.run(retriever.ainvoke("harbour repairs")) == found


@pytest.mark.parametrize("filters", [rag.Filters(since="2025-01-01"), {"since": "2025-01-01"}])
def test_filters_and_mode_are_applied(index, filters):
    found = RagRetriever(index=index, mode="lexical", filters=filters).invoke("harbour")
    assert [each.metadata["doc_id"] for each in found] == ["boats.txt"]
    with pytest.raises(rag.InvalidFilter, match="colour"):
        RagRetriever(index=index, filters={"colour": "red"})


def test_a_call_may_choose_how_many_and_which(index):
    retriever = RagRetriever(index=index, k=3)
    assert len(retriever.invoke("harbour")) > 1
    assert len(retriever.invoke("harbour", k=1)) == 1
    chosen = {"filters": {"since": "2025-01-01"}, "k": 2}
    for found in (
        retriever.invoke("harbour", **chosen),
        asyncio.run(retriever.ainvoke("harbour", **chosen)),
    ):
        assert {each.metadata["doc_id"] for each in found} == {"boats.txt", "bees.txt"}
    with pytest.raises(TypeError):
        retriever.invoke("harbour", limit=1)


def test_several_indexes_and_an_open_retriever_are_taken(index):
    with rag.Retriever.open(index) as plain:
        assert RagRetriever(index=plain).invoke("honey")[0].metadata["doc_id"] == "bees.txt"
    several = RagRetriever(index=[index, index.parent / "none"])
    assert several.invoke("honey")[0].metadata["index"] == "index"
    with pytest.raises(rag.IndexNotFound):
        RagRetriever(index=index.parent / "none")


def test_it_works_in_a_chain(index):
    prompt = ChatPromptTemplate.from_template("{context}\n\n{question}")
    model = FakeListChatModel(responses=["310 kilograms"])
    seen = []

    def joined(documents):
        seen.extend(documents)
        return "\n".join(each.page_content for each in documents)

    chain = (
        {"context": RagRetriever(index=index, k=1) | joined, "question": RunnablePassthrough()}
        | prompt
        | model
        | StrOutputParser()
    )
    assert chain.invoke("How much honey?") == "310 kilograms"
    assert seen[0].metadata["doc_id"] == "bees.txt"


def test_the_cited_answer_is_a_tool(index):
    tool = ask_tool(index=index)
    assert tool.name == "ask_articles"
    assert list(tool.args) == ["question"]
    text = tool.invoke({"question": "What did the repairs cost?"})
    assert text.startswith("4.2 million kroner")
    assert asyncio.run(tool.ainvoke({"question": "What did the repairs cost?"})) == text
    call = {"name": "ask_articles", "args": {"question": "What did the repairs cost?"},
            "id": "1", "type": "tool_call"}  # fmt: skip
    message = tool.invoke(call)
    assert message.content == text
    assert message.artifact["citations"][0]["doc_id"] == "harbour.txt"
