"""A language model behind an OpenAI-compatible endpoint. There is no default: the user names one."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rag.errors import GenerationFailed, InvalidSetting
from rag.records import Message

if TYPE_CHECKING:
    import httpx2

KEYS: Final = ("RAG_LLM_API_KEY", "OPENAI_API_KEY")
"""Environment variables for the API key; the first one set counts. The key is never shown or saved."""
TOKENS: Final = 400
"""Longest reply, in tokens."""
SECONDS: Final = 120.0
"""Longest reply, in seconds."""
TIMEOUT: Final = 60.0
"""Longest pause in a reply, in seconds."""
MOST_BYTES: Final = 2_000_000
"""Longest reply, in bytes: two hundred times one of ``TOKENS`` tokens, so there is room for reasoning."""
CONNECT: Final = 5.0
"""Longest wait for a connection, in seconds."""

_NONSENSE: Final = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
"""What the client raises for replies that are not in the protocol."""
_LOCAL: Final = ("127.", "localhost", "::1")


class Endpoint:
    """A language model at a base URL; see the ``Generator`` protocol. Thread-safe.

    Requests go only to this URL: redirects are not followed, nothing is retried, and for an address on
    this machine, no proxy is used. A reply that is compressed, longer than MOST_BYTES, or still arriving
    after ``seconds``, is cut off.
    """

    def __init__(self, model: str, base_url: str, seconds: float) -> None:
        """Does not connect. Raises InvalidSetting, or GenerationFailed if ``openai`` is missing."""
        self.model = model
        self.url = _check_url(base_url)
        try:
            import openai
        except ModuleNotFoundError as error:
            raise GenerationFailed(
                "language models need the openai package, which is not installed",
                fix='install it with: pip install "article-rag[llm]"',
            ) from error
        local = (urlsplit(self.url).hostname or "").startswith(_LOCAL)
        self._client = openai.OpenAI(
            base_url=self.url,
            api_key=next((os.environ[name] for name in KEYS if os.environ.get(name)), "none"),
            max_retries=0,
            default_headers={"Accept-Encoding": "identity"},
            http_client=openai.DefaultHttpxClient(
                follow_redirects=False,
                trust_env=not local,
                timeout=openai.Timeout(min(TIMEOUT, seconds), connect=CONNECT),
                event_hooks={"response": [partial(_bound, self.id, seconds)]},
            ),
        )

    @property
    def id(self) -> str:
        """The model's name and its base URL."""
        return f"{self.model} at {self.url}"

    def generate(self, messages: Sequence[Message]) -> Iterator[str]:
        """The reply, piece by piece as it arrives. Raises GenerationFailed."""
        import httpx2
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
                f"{self.id}: no answer in time",
                fix="check whether it is overloaded, or name another",
            ) from error
        except openai.APIConnectionError as error:
            raise GenerationFailed(
                f"{self.id}: it cannot be reached",
                fix="start the server, or set RAG_LLM_BASE_URL to its address",
            ) from error
        except (openai.OpenAIError, httpx2.HTTPError, *_NONSENSE) as error:
            raise GenerationFailed(f"{self.id}: its answer cannot be understood") from error


def _bound(name: str, seconds: float, response: httpx2.Response) -> None:
    """Bound what is read of a response, which may never end, or be small and unpack to gigabytes."""
    import httpx2

    class Bounded(httpx2.SyncByteStream):
        def __init__(self, stream: httpx2.SyncByteStream) -> None:
            self.stream = stream

        def __iter__(self) -> Iterator[bytes]:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise _refused(name, "its reply is compressed, which was not asked for")
            left, end = MOST_BYTES, time.monotonic() + seconds
            for piece in self.stream:
                left -= len(piece)
                if left < 0:
                    raise _refused(name, f"its reply is longer than {MOST_BYTES / 1e6:g} MB")
                if time.monotonic() > end:
                    raise _refused(name, f"its reply had not ended after {seconds:g} seconds")
                yield piece

        def close(self) -> None:
            self.stream.close()

    if isinstance(response.stream, httpx2.SyncByteStream):
        response.stream = Bounded(response.stream)


def _refused(name: str, why: str) -> GenerationFailed:
    return GenerationFailed(
        f"{name}: {why}", fix="see the log of the server, or name another model"
    )


@cache
def load_generator(model: str, base_url: str | None, seconds: float = SECONDS) -> Endpoint:
    """The language model with this name at this base URL. Raises InvalidSetting if there is no URL."""
    if not base_url:
        raise InvalidSetting(
            f"llm: the address of {model} is not set",
            fix="set RAG_LLM_BASE_URL, as in http://127.0.0.1:8080/v1; there is no default address",
        )
    return Endpoint(model, base_url, seconds)


def _check_url(base_url: str) -> str:
    """The base URL without a final slash. Raises InvalidSetting if it is no URL or has a password."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidSetting(
            f"llm_base_url: {base_url!r} is not an http or https address",
            fix="write it as http://127.0.0.1:8080/v1",
        )
    if parts.username or parts.password:
        raise InvalidSetting(
            "llm_base_url: it contains a user name or password", fix=f"put a key in {KEYS[0]}"
        )
    return base_url.rstrip("/")


def _advice(status: int) -> str:
    if status in (401, 403):
        return f"put the key in {' or '.join(KEYS)}"
    if status == 404:
        return "check the name of the model, and that the base URL ends as the server's does (/v1)"
    if 300 <= status < 400:
        return "it redirects to another address: name that address instead"
    return "see the log of the server"
