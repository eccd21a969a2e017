"""OpenAI's chat API, asked by OpenAI's own client."""

import json

import httpx
import pytest

from rag.serve.jobs import LONGEST_TITLE, asked_of, job_reply

openai = pytest.importorskip("openai", reason="the extra llm is not installed")
pytestmark = pytest.mark.model

QUESTION = "What did the repairs of the harbour cost?"
TITLE = """### Task:
Generate a concise, 3-5 word title with an emoji summarizing the chat history.
### Output:
JSON format: { "title": "your concise title here" }
### Chat History:
<chat_history>
USER: Who runs the harbour?
ASSISTANT: Ingrid Solheim
</chat_history>"""


@pytest.fixture(scope="module")
def chat(address):
    with openai.OpenAI(
        base_url=f"{address}/v1", api_key="none", http_client=httpx.Client(trust_env=False)
    ) as client:
        yield client


def say(chat, *texts, **options):
    """The completion for a conversation in which user and assistant take turns."""
    roles = ["user", "assistant"] * len(texts)
    messages = [{"role": r, "content": t} for r, t in zip(roles, texts, strict=False)]
    return chat.chat.completions.create(model="article-rag", messages=messages, **options)


def test_the_articles_are_the_one_model(chat):
    [model] = chat.models.list().data
    assert (model.id, model.object, model.owned_by) == ("article-rag", "model", "article-rag")


def test_a_question_is_answered_with_annotations_and_the_whole_answer(chat):
    completion = say(chat, QUESTION, temperature=0.2, seed=7, user="me", tools=[])
    [choice] = completion.choices
    content = choice.message.content
    assert content.startswith("4.2 million kroner\n\n> Repairs cost 4.2 million kroner. [1]")
    assert choice.finish_reason == "stop"
    [annotation] = choice.message.annotations
    cited = annotation.url_citation
    assert content[cited.start_index : cited.end_index] == "Repairs cost 4.2 million kroner. [1]"
    assert cited.title == "Old harbour reopens after storm"
    assert "/?open=harbour.txt&at=" in cited.url  # the page, open at the quote
    assert '<mark class="quote' in httpx.get(cited.url, trust_env=False).text
    assert completion.rag["answer"] == "4.2 million kroner"
    assert completion.usage.total_tokens == (
        completion.usage.prompt_tokens + completion.usage.completion_tokens
    )


def test_an_article_with_an_address_is_cited_by_it(chat):
    [choice] = say(chat, "How much honey did the rooftop hives produce?").choices
    assert choice.message.annotations[0].url_citation.url == "https://bees.example/rooftops"
    assert "](https://bees.example/rooftops#:~:text=" in choice.message.content


def test_an_abstention_says_why(chat):
    [choice] = say(chat, "Who won the chess final in Paris?").choices
    assert choice.message.content.startswith("The articles don't say: ")
    assert choice.message.annotations == []


def test_a_follow_up_is_understood_from_the_messages(chat):
    first = say(chat, "Who runs the harbour?").choices[0].message.content
    second = say(chat, "Who runs the harbour?", first, "What did she say about the pier?")
    assert second.rag["question"] == "What did Ingrid Solheim say about the pier?"
    assert "forty metres" in second.choices[0].message.content


def test_a_follow_up_is_understood_after_the_words_of_another_model(chat):
    reply = say(chat, "Who runs the harbour?", "Ingrid Solheim", "What did she say about the pier?")
    assert reply.rag["question"] == "What did Ingrid Solheim say about the pier?"


def test_parts_are_read_and_other_roles_are_passed_over(chat):
    parts = [{"type": "text", "text": "What did the repairs"}, {"type": "text", "text": "cost?"}]
    messages = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "tool", "content": "42", "tool_call_id": "a"},
        {"role": "user", "content": parts},
    ]
    reply = chat.chat.completions.create(model="any", messages=messages)
    assert reply.model == "any"
    assert "4.2 million" in reply.choices[0].message.content


def test_a_stream_adds_up_to_the_reply(chat):
    whole = say(chat, QUESTION).choices[0].message
    chunks = list(say(chat, QUESTION, stream=True, stream_options={"include_usage": True}))
    assert len({(c.id, c.created, c.model, c.object) for c in chunks}) == 1
    assert chunks[0].object == "chat.completion.chunk"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens > 0
    deltas = [c.choices[0] for c in chunks[:-1]]
    assert all(d.index == 0 for d in deltas)
    assert deltas[0].delta.role == "assistant"
    assert "".join(d.delta.content or "" for d in deltas) == whole.content
    assert [d.finish_reason for d in deltas] == [None] * (len(deltas) - 1) + ["stop"]
    [annotations] = [d.delta.annotations for d in deltas if hasattr(d.delta, "annotations")]
    assert annotations[0]["url_citation"]["title"] == whole.annotations[0].url_citation.title
    assert chunks[-2].rag["answer"] == "4.2 million kroner"


@pytest.fixture
def written(writes):
    writes(
        "Repairs cost 4.2 million kroner [1]. ",
        "The old harbour of Lindvik reopened on Friday [1].",
    )


def test_what_a_language_model_writes_is_streamed_sentence_by_sentence(chat, written):
    chunks = list(say(chat, QUESTION, stream=True))
    pieces = [c.choices[0].delta.content for c in chunks if c.choices[0].delta.content]
    assert pieces[:2] == [
        "Repairs cost 4.2 million kroner [1].",
        " The old harbour of Lindvik reopened on Friday [2].",
    ]
    whole = say(chat, QUESTION).choices[0].message
    assert "".join(pieces) == whole.content
    spans = [a.url_citation for a in whole.annotations]
    assert [whole.content[s.start_index : s.end_index] for s in spans] == [
        "Repairs cost 4.2 million kroner [1]",
        "The old harbour of Lindvik reopened on Friday [2]",
    ]


def test_sources_for_open_webui_come_only_when_asked_for(client):
    asked = {"messages": [{"role": "user", "content": QUESTION}], "stream": True}
    plain = client.post("/v1/chat/completions", json=asked).text
    assert '"event"' not in plain
    assert plain.endswith("data: [DONE]\n\n")
    rich = client.post("/v1/chat/completions", json=asked | {"rag": {"sources": True}}).text
    [event] = [
        json.loads(line[6:]) for line in rich.split("\n") if line.startswith('data: {"event"')
    ]
    data = event["event"]["data"]
    assert event["event"]["type"] == "source"
    assert "4.2 million kroner" in data["document"][0]
    assert data["source"]["url"] == data["metadata"][0]["url"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"messages": []}, 422),
        ({"messages": "hello"}, 422),
        ({}, 422),
        ({"messages": [{"role": "assistant", "content": "hello"}]}, 400),
        ({"messages": [{"role": "user", "content": "  "}]}, 400),
        ({"messages": [{"role": "user", "content": None}]}, 400),
        ({"messages": [{"role": "user", "content": "-x"}], "n": 2}, 400),
        ({"messages": [{"role": "user", "content": "-only"}]}, 400),
    ],
)
def test_what_cannot_be_answered_is_refused_in_openais_form(client, sent, status, stream):
    response = client.post("/v1/chat/completions", json=sent | {"stream": stream})
    assert response.status_code == status
    assert {"message", "type", "param", "code"} <= response.json()["error"].keys()


def test_text_of_articles_becomes_no_image_link_or_html(chat):
    content = say(chat, "What do tickets for the night trains cost?").choices[0].message.content
    assert "38 euros" in content
    whole = say(chat, "Summarise the news about night trains").choices[0].message.content
    for text in (content, whole):
        assert "![map](" not in text
        assert "<script" not in text.replace("\\<", "")


# ---------------------------------------------------------------- jobs of chat programs


def test_a_job_is_done_by_rule(chat):
    reply = say(chat, "Who runs the harbour?", "Ingrid Solheim", TITLE)
    assert json.loads(reply.choices[0].message.content) == {"title": "Who runs the harbour?"}
    assert reply.rag is None
    streamed = list(say(chat, TITLE, stream=True))
    assert "harbour" in "".join(c.choices[0].delta.content or "" for c in streamed)


@pytest.mark.parametrize(
    ("output", "reply"),
    [
        ('{ "tags": ["tag1", "tag2"] }', {"tags": []}),
        ('{ "follow_ups": ["Question 1?"] }', {"follow_ups": []}),
        ('{"queries": ["one"]}', {"queries": []}),
        ('{ "text": "<text>" }', {"text": ""}),
        ('{\n  "prompt": "a picture of"\n}', {"prompt": ""}),
        ('{ "title": "…" }', {"title": ""}),
    ],
)
def test_each_job_gets_the_json_that_it_asks_for(output, reply):
    assert json.loads(job_reply(f"### Task:\nDo this.\n### Output:\n{output}")) == reply


def test_a_job_without_json_gets_nothing_to_show():
    assert not job_reply("### Task:\nReflect and answer with one emoji.")


def test_a_long_title_ends_at_a_word():
    title = json.loads(job_reply(TITLE.replace("Who runs", "Who " + "really " * 30)))["title"]
    assert len(title) <= LONGEST_TITLE + 1
    assert title.endswith("really…")


@pytest.mark.parametrize(
    "message",
    [
        '### Task:\nRespond to the query.\n<context>\n{"x": 1}\n</context>\n\nWho runs the harbour?',
        "### Task:\nRespond.\n<context>a</context>\n<user_query>\nWho runs the harbour?\n</user_query>",
        "Who runs the harbour?",
    ],
)  # fmt: skip
def test_a_question_with_documents_around_it_is_asked(message):
    assert job_reply(message) is None
    assert asked_of(message) == "Who runs the harbour?"


# ---------------------------------------------------------------- web search


def test_open_webui_can_search_the_articles_as_if_they_were_the_web(client):
    found = client.post("/v1/web-search", json={"query": "harbour honey", "count": 2}).json()
    assert len(found) == 2
    assert all(list(each) == ["link", "title", "snippet"] for each in found)
    by_title = {each["title"]: each for each in found}
    assert by_title["City bees thrive on rooftops"]["link"] == "https://bees.example/rooftops"
    harbour = by_title["Old harbour reopens after storm — Harbour Gazette"]
    assert client.get(harbour["link"]).status_code == 200
    assert client.post("/v1/web-search", json={"query": "", "count": 2}).status_code == 422
