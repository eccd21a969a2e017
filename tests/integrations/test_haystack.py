"""The adapters for Haystack, in pipelines and in the hands of an agent."""

import asyncio

import pytest

import rag

pytest.importorskip("haystack", reason="the extra haystack is not installed")

from haystack import Document, Pipeline, component
from haystack.components.agents import Agent
from haystack.components.builders import PromptBuilder
from haystack.components.joiners import AnswerJoiner
from haystack.dataclasses import ChatMessage, ToolCall

from rag.integrations.haystack import AskTool, RagReader, RagRetriever, ask_tool

pytestmark = pytest.mark.model

QUESTION = "What did the repairs cost?"


def test_passages_come_as_documents(index):
    retriever = RagRetriever(index=str(index), top_k=2)
    found = retriever.run("harbour repairs")["documents"]
    with rag.Retriever.open(index) as plain:
        best = plain.search("harbour repairs", 2)
    assert [(d.id, d.content, d.score) for d in found] == [
        (p.chunk_id, p.text, p.score) for p in best
    ]
    assert found[0].meta["publisher"] == "Harbour Gazette"
    assert len(retriever.run("harbour repairs", top_k=1)["documents"]) == 1
    later = asyncio.run(retriever.run_async("harbour repairs"))["documents"]
    assert [each.id for each in later] == [each.id for each in found]


def condition(field, operator, value):
    return {"field": field, "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        (condition("meta.publisher", "==", "Rooftop News"), {"bees.txt"}),
        (condition("publisher", "==", "rooftop news"), {"bees.txt"}),
        (condition("meta.published", ">=", "2025-06-07"), {"bees.txt", "boats.txt"}),
        (condition("meta.published", ">", "2025-06-07"), {"boats.txt"}),
        (condition("meta.published", "<", "2025-06-07T10:00:00"), {"harbour.txt"}),
        (condition("meta.published", "==", "2025-07-09"), {"boats.txt"}),
        (condition("meta.published", "==", "2025-07"), {"boats.txt"}),
        (condition("meta.published", ">", "2025-06"), {"boats.txt"}),
        (condition("meta.published", "<", "2025"), {"harbour.txt"}),
        (condition("meta.doc_id", "==", "bees.txt"), {"bees.txt"}),
        (condition("meta.doc_id", "==", "*"), set()),
        (
            {
                "operator": "AND",
                "conditions": [
                    condition("meta.publisher", "==", "Harbour Gazette"),
                    condition("meta.published", ">=", "2024-01-01"),
                    condition("meta.published", ">=", "2025-01-01"),
                ],
            },
            {"boats.txt"},
        ),
    ],
)
def test_filters_are_applied(index, filters, documents):
    for retriever, named in [
        (RagRetriever(index=str(index), filters=filters), {}),
        (RagRetriever(index=str(index)), {"filters": filters}),
    ]:
        found = retriever.run("harbour honey boats", **named)["documents"]
        assert {each.meta["doc_id"] for each in found} == documents


@pytest.mark.parametrize(
    "filters",
    [
        condition("meta.publisher", "!=", "x"),
        condition("meta.publisher", "in", ["x"]),
        condition("meta.colour", "==", "red"),
        condition("meta.published", "==", "soon"),
        condition("meta.published", "not in", "2025-01-01"),
        {"operator": "OR", "conditions": [condition("publisher", "==", "x")]},
        {
            "operator": "AND",
            "conditions": [condition("publisher", "==", "x"), condition("publisher", "==", "y")],
        },
        {"nonsense": 1},
    ],
)
def test_what_the_index_cannot_filter_is_refused(index, filters):
    with pytest.raises(rag.InvalidFilter):
        RagRetriever(index=str(index)).run("x", filters=filters)
    with pytest.raises(rag.InvalidFilter):
        RagRetriever(index=str(index), filters=filters)


def test_the_reader_gives_answers_with_their_exact_places(index):
    reader = RagReader(index=str(index))
    [answer] = reader.run(QUESTION)["answers"]
    assert (answer.data, answer.query) == ("4.2 million kroner", QUESTION)
    assert 0 < answer.score <= 1
    where, within = answer.document_offset, answer.context_offset
    assert answer.document.content[where.start : where.end] == answer.data
    assert answer.context[within.start : within.end] == answer.data
    assert answer.document.meta["doc_id"] == "harbour.txt"
    assert answer.meta["citations"][0]["quote"] == answer.context
    assert asyncio.run(reader.run_async(QUESTION))["answers"][0].data == answer.data


def test_the_reader_gives_nothing_when_the_articles_do_not_say(index):
    assert RagReader(index=str(index)).run("Who won the chess final?") == {"answers": []}
    assert RagReader(index=str(index), min_confidence=1.0).run(QUESTION) == {"answers": []}


def test_both_work_in_a_pipeline_which_can_be_saved(index):
    pipeline = Pipeline()
    pipeline.add_component("retriever", RagRetriever(index=str(index), top_k=1))
    template = "{% for d in documents %}{{ d.content }}{% endfor %}"
    pipeline.add_component("prompt", PromptBuilder(template=template, required_variables="*"))
    pipeline.add_component("reader", RagReader(index=str(index)))
    pipeline.add_component("joiner", AnswerJoiner())
    pipeline.connect("retriever.documents", "prompt.documents")
    pipeline.connect("reader.answers", "joiner.answers")
    module = "rag.integrations.haystack"
    saved = Pipeline.from_dict(pipeline.to_dict(), allowed_modules=[module])
    for each in (pipeline, saved):
        result = each.run({"retriever": {"query": "honey"}, "reader": {"query": QUESTION}})
        assert "310 kilograms" in result["prompt"]["prompt"]
        assert result["joiner"]["answers"][0].data == "4.2 million kroner"


def test_an_open_retriever_is_taken_but_cannot_be_saved(index):
    with rag.Retriever.open(index) as plain:
        for component in (RagRetriever(index=plain), RagReader(index=plain)):
            with pytest.raises(rag.InvalidArgument):
                component.to_dict()
        assert isinstance(RagRetriever(index=plain).run("honey")["documents"][0], Document)


@component
class Model:
    """Calls the first tool that it is given, and then says what it heard."""

    @component.output_types(replies=list[ChatMessage])
    def run(self, messages: list[ChatMessage], tools: list | None = None) -> dict:
        heard = messages[-1].tool_call_result
        if heard:
            return {"replies": [ChatMessage.from_assistant(heard.result)]}
        call = ToolCall(tools[0].name, {"question": messages[-1].text})
        return {"replies": [ChatMessage.from_assistant(tool_calls=[call])]}


def test_the_cited_answer_is_a_tool_of_an_agent_which_can_be_saved(index):
    tool = ask_tool(index=str(index))
    saved = tool.to_dict()
    assert saved["type"] == "rag.integrations.haystack.AskTool"
    for each in (tool, AskTool.from_dict(saved)):
        agent = Agent(chat_generator=Model(), tools=[each])
        told = agent.run(messages=[ChatMessage.from_user(QUESTION)])["messages"]
        assert [message.role.value for message in told] == [
            "user",
            "assistant",
            "tool",
            "assistant",
        ]
        assert told[-1].text.startswith("4.2 million kroner")
