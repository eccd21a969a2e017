"""The small jobs that chat programs give to a model: titles, tags, follow-up questions, search queries.

They arrive as ordinary messages that begin "### Task:" and say which JSON they want. They are done by rule,
since the articles know nothing about them. One such message is no job: the template with which Open WebUI
wraps a question that has documents attached. There the question is asked.
"""

from __future__ import annotations

import json
import re
from typing import Final

TASK: Final = "### Task:"
LONGEST_TITLE: Final = 60
"""Characters."""

_WANTED: Final = re.compile(r"\{\s*\"(\w{1,40})\"\s*:\s*(\[)?")
_USER: Final = ("USER", "User", "user")
_CONTEXT_END: Final = "</context>"


def job_reply(message: str) -> str | None:
    """The reply to a job; None for a message that asks something of the articles.

    >>> job_reply('### Task: Suggest tags. JSON format: { "tags": ["one"] }')
    '{"tags": []}'
    >>> job_reply("Who runs REAlloys?")
    """
    if not message.lstrip().startswith(TASK) or asked_of(message) != message:
        return None
    wanted = _WANTED.search(message)
    if wanted is None:
        return ""
    name, is_list = wanted[1], wanted[2]
    value: object = [] if is_list else ""
    if name == "title":
        value = _title(message)
    return json.dumps({name: value}, ensure_ascii=False)


def asked_of(message: str) -> str:
    """The question in a message that a chat program wrapped in documents; else the message.

    >>> asked_of("### Task: Answer. <context>…</context>  Who runs it?")
    'Who runs it?'
    """
    if not message.lstrip().startswith(TASK):
        return message
    query, closed, _ = message.partition("<user_query>")[2].partition("</user_query>")
    question = (query if closed else message.rpartition(_CONTEXT_END)[2]).strip()
    return question if question and (closed or _CONTEXT_END in message) else message


def _title(message: str) -> str:
    """The first question of the conversation, cut at a word."""
    lines = (line.strip().partition(":") for line in message.splitlines())
    asked = (said for role, _, said in lines if role in _USER and said.strip())
    text = " ".join(next(asked, "").split())
    if len(text) <= LONGEST_TITLE:
        return text
    return text[:LONGEST_TITLE].rpartition(" ")[0] + "…"
