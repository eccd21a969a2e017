"""A language model behind an OpenAI-compatible endpoint that the user named. There is no default one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from rag.errors import GenerationFailed, InvalidSetting
from rag.records import Message

KEYS: Final = ("RAG_LLM_API_KEY", "OPENAI_API_KEY")
"""Environment variables that may hold a key, the first that is set counts. It is never shown or kept."""
TOKENS: Final = 400
"""Most tokens of a reply."""
TIMEOUT: Final = 60.0
"""Seconds without a word after which a reply is given up."""
CONNECT: Final = 5.0
"""Seconds after which an endpoint that cannot be reached is."""

_LOCAL: Final = ("127.", "localhost", "::1")


class Endpoint:
    """A model by its name at a base URL; see the ``Generator`` protocol. Safe to use from many threads.

    Nothing but this URL is ever asked: redirects are not followed, nothing is tried again, and a proxy
    of the environment is not used for this machine's own addresses.
    """

    def __init__(self, model: str, base_url: str) -> None:
        """Nothing is connected to yet. Raises InvalidSetting, and GenerationFailed without the client."""
        self.model = model
        self.url = checked_url(base_url)
        try:
            import openai
        except ModuleNotFoundError as error:
            raise GenerationFailed(
                "language models are asked through the openai package, which is not installed",
                fix='install it with: pip install "article-rag[llm]"',
            ) from error
        local = (urlsplit(self.url).hostname or "").startswith(_LOCAL)
        self._client = openai.OpenAI(
            base_url=self.url,
            api_key=next((os.environ[name] for name in KEYS if os.environ.get(name)), "none"),
            max_retries=0,
            http_client=openai.DefaultHttpxClient(
                follow_redirects=False,
                trust_env=not local,
                timeout=openai.Timeout(TIMEOUT, connect=CONNECT),
            ),
        )

    @property
    def id(self) -> str:
        """The model's name and where it runs."""
        return f"{self.model} at {self.url}"

    def generate(self, messages: Sequence[Message]) -> Iterator[str]:
        """The reply in pieces, as they come. Raises GenerationFailed."""
        import openai

        try:
            with self._client.chat.completions.create(
                model=self.model,
                messages=[{"role": m.role, "content": m.content} for m in messages],
                max_tokens=TOKENS,
                temperature=0,
                stream=True,
            ) as stream:
                for event in stream:
                    if event.choices and event.choices[0].delta.content:
                        yield event.choices[0].delta.content
        except openai.APIStatusError as error:
            raise GenerationFailed(
                f"{self.id}: it answered {error.status_code}", fix=_advice(error.status_code)
            ) from error
        except openai.APITimeoutError as error:
            raise GenerationFailed(
                f"{self.id}: no answer in time", fix="see whether it is overloaded, or name another"
            ) from error
        except openai.APIConnectionError as error:
            raise GenerationFailed(
                f"{self.id}: it cannot be reached",
                fix="start the server, or set RAG_LLM_BASE_URL to where it runs",
            ) from error
        except openai.OpenAIError as error:
            raise GenerationFailed(f"{self.id}: its answer cannot be understood") from error


@cache
def load_generator(model: str, base_url: str | None) -> Endpoint:
    """The language model of this name at this base URL. Raises InvalidSetting without one."""
    if not base_url:
        raise InvalidSetting(
            f"llm: it is not said where {model} runs",
            fix="set RAG_LLM_BASE_URL, as in http://127.0.0.1:8080/v1; there is no default address",
        )
    return Endpoint(model, base_url)


def checked_url(base_url: str) -> str:
    """A base URL as it is used. Raises InvalidSetting for one that is none, or that holds a password."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidSetting(
            f"llm_base_url: {base_url!r} is not an http or https address",
            fix="write it as http://127.0.0.1:8080/v1",
        )
    if parts.username or parts.password:
        raise InvalidSetting(
            "llm_base_url: it holds a user's name or password", fix=f"put a key in {KEYS[0]}"
        )
    return base_url.rstrip("/")


def _advice(status: int) -> str:
    if status in (401, 403):
        return f"put the key in {' or '.join(KEYS)}"
    if status == 404:
        return "see that the model's name is right, and that the base URL ends as the server's does (/v1)"
    if 300 <= status < 400:
        return "it redirects elsewhere, which is not followed: name the address it leads to"
    return "see the server's own log"
