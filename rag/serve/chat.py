"""OpenAI's chat API: any client of it can ask the articles.

The messages are the conversation: earlier ones are taken note of, so that a follow-up is understood, and
the last one is asked.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from rag.asking.conversation import Conversation
from rag.asking.markdown import Shown, prose, said, shown
from rag.errors import InvalidArgument, RagError
from rag.records import Answer, Passage
from rag.serve.addresses import address_of
from rag.serve.api import as_json
from rag.serve.failures import described
from rag.serve.jobs import asked_of, job_reply
from rag.serve.pool import Job
from rag.serve.schemas import Truth, Whole
from rag.serve.service import Service
from rag.serve.streaming import EVENTS, event, stream, to_json

MODEL: Final = "article-rag"
_REMEMBERED: Final = 16
"""Messages before the last that are taken note of."""


class Part(BaseModel):
    """A part of a message; only text counts."""

    type: str
    text: str | None = None


class Message(BaseModel):
    """A message; those of the system and of tools are passed over."""

    role: str
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """Its text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class StreamOptions(BaseModel):
    """Options of a stream."""

    include_usage: Truth | None = None


class Extras(BaseModel):
    """Options that OpenAI's API does not have."""

    sources: Truth = Field(False, description="Also send Open WebUI's source events in a stream.")


class ChatRequest(BaseModel):
    """A conversation. Fields for language models (temperature, tools, seed …) are accepted and ignored."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "model": MODEL,
                    "messages": [{"role": "user", "content": "Who runs REAlloys?"}],
                }
            ]
        },
    )

    messages: Annotated[list[Message], Field(min_length=1, max_length=10_000)]
    model: str = MODEL
    stream: Truth | None = None
    stream_options: StreamOptions | None = None
    n: Whole | None = None
    rag: Extras | None = None


class Choice(BaseModel):
    """The one choice."""

    index: int
    message: dict[str, JsonValue]
    finish_reason: Literal["stop"]


class ChatCompletion(BaseModel):
    """A reply; `rag` holds the whole answer with its citations."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: dict[str, int]
    rag: dict[str, JsonValue] | None = None


class ModelCard(BaseModel):
    """A model that can be asked."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelList(BaseModel):
    """All models."""

    object: Literal["list"]
    data: list[ModelCard]


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said, and the answer that it comes from; None for a job that asks nothing of the articles."""

    shown: Shown
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all chunks of one reply share."""

    model: str
    asked: str
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def around(self, kind: str, **rest: Any) -> dict[str, Any]:
        """The fields of every object, and these."""
        head = {"id": self.id, "object": kind, "created": self.created, "model": self.model}
        return head | rest

    def chunk(
        self, delta: dict[str, Any], finish: str | None = None, **rest: Any
    ) -> dict[str, Any]:
        """One chunk of a stream."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self.around("chat.completion.chunk", choices=[choice], **rest)

    def usage(self, text: str) -> dict[str, int]:
        """Words instead of tokens: no language model is at work."""
        asked, said_ = len(self.asked.split()), len(text.split())
        return {
            "prompt_tokens": asked,
            "completion_tokens": said_,
            "total_tokens": asked + said_,
        }


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/v1")
    started = int(time.time())

    @routes.get("/models", response_model=ModelList)
    async def models() -> Response:
        """The one model: the articles."""
        card = {"id": MODEL, "object": "model", "created": started, "owned_by": MODEL}
        return as_json(to_json({"object": "list", "data": [card]}))

    @routes.post(
        "/chat/completions",
        response_model=ChatCompletion,
        responses={200: {"content": EVENTS}},
    )
    async def chat_completions(asked: ChatRequest, request: Request) -> Response:
        """Answer the last message from the articles, in the light of those before it."""
        question = _question(asked)
        envelope = Envelope(asked.model, question)
        work = partial(_reply, service, asked.messages, question)
        if asked.stream:
            events = partial(_chunks, asked, envelope, request)
            return await stream(service.pool, request, work, events)
        reply = await service.do(request, lambda gone: work(gone, lambda _: None))
        return as_json(to_json(_completion(envelope, reply, request)))

    return routes


def _question(asked: ChatRequest) -> str:
    """The last message. Raises InvalidArgument if nothing is asked."""
    if asked.n not in (None, 1):
        raise InvalidArgument(f"n: {asked.n} replies are asked for, and there is only ever one")
    last = asked.messages[-1]
    if last.role != "user" or not last.text.strip():
        raise InvalidArgument("messages: the last one must be a question by the user")
    return last.text


def _reply(
    service: Service,
    messages: list[Message],
    last: str,
    abandoned: Callable[[], bool],
    tell: Callable[[str], None],
) -> Reply:
    """Answer the last message, or do the job that it asks for."""
    done = job_reply(last)
    if done is not None:
        return Reply(Shown(done, ()))
    conversation = Conversation(service.retriever, tell=tell, abandoned=abandoned)
    earlier = messages[:-1][-_REMEMBERED:]
    for question, answer in pairwise(earlier):
        if (question.role, answer.role) == ("user", "assistant"):
            conversation.recall(asked_of(question.text), *said(answer.text))
    answer_ = conversation.ask(asked_of(last)).answer
    service.metrics.count(answer_)
    return Reply(shown(answer_), answer_)


def _annotations(shown_: Shown, request: Request) -> list[dict[str, Any]]:
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": mark.start,
                "end_index": mark.end,
                "title": mark.citation.title,
                "url": address_of(mark.citation, request),
            },
        }
        for mark in shown_.marks
    ]


def _completion(envelope: Envelope, reply: Reply, request: Request) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": reply.shown.text,
        "refusal": None,
        "annotations": _annotations(reply.shown, request),
    }
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return envelope.around(
        "chat.completion",
        choices=[choice],
        usage=envelope.usage(reply.shown.text),
        rag=_rag(reply),
    )


def _rag(reply: Reply) -> dict[str, Any] | None:
    return reply.answer.to_dict() if reply.answer else None


async def _chunks(
    asked: ChatRequest,
    envelope: Envelope,
    request: Request,
    sentences: AsyncIterator[str],
    job: Job[Reply],
) -> AsyncIterator[bytes]:
    """The reply as chunks: sentences of a language model as they come, then what is left of the text."""
    first: dict[str, Any] = {"role": "assistant", "content": ""}
    written, sent = "", ""
    async for sentence in sentences:
        written = f"{written} {sentence}" if written else sentence
        text = prose(written)
        yield event(envelope.chunk(first | {"content": text[len(sent) :]}))
        sent, first = text, {}
    try:
        reply = await job.result()
    except Exception as error:  # it becomes the last chunk, or a refusal if it is the first
        if not sent and isinstance(error, RagError):
            raise
        yield event(described(error)[1])
        return
    text = reply.shown.text
    rest = text[len(sent) :] if text.startswith(sent) else f"\n\n{text}"
    yield event(envelope.chunk(first | {"content": rest}))
    if reply.shown.marks:
        yield event(envelope.chunk({"annotations": _annotations(reply.shown, request)}))
    if asked.rag and asked.rag.sources and reply.answer:
        for source in _sources(reply.answer, request):
            yield event(source)
    yield event(envelope.chunk({}, "stop", rag=_rag(reply)))
    if asked.stream_options and asked.stream_options.include_usage:
        usage = envelope.usage(text)
        yield event(envelope.around("chat.completion.chunk", choices=[], usage=usage))
    yield event("[DONE]")


def _sources(answer: Answer, request: Request) -> list[dict[str, Any]]:
    """The passages that hold the citations, as Open WebUI shows sources."""
    held: dict[str, Passage] = {}
    for citation in answer.citations:
        for passage in answer.passages:
            if passage.doc_id == citation.doc_id and passage.start <= citation.start < passage.end:
                held.setdefault(passage.chunk_id, passage)
    return [_source_event(passage, address_of(passage, request)) for passage in held.values()]


def _source_event(passage: Passage, url: str) -> dict[str, Any]:
    metadata = {"source": url, "name": passage.title, "url": url}
    data = {
        "source": {"name": passage.title, "id": passage.doc_id, "url": url},
        "document": [passage.text],
        "metadata": [metadata],
    }
    return {"event": {"type": "source", "data": data}}
