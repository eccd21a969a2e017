"""Hides the markup in a text, for everyone who reads it rather than quotes it.

A text is cited as it is written, with ``[`` and ``](https://…)``. To find sentences and answers in it, and
to show it to people, its markup must not count. ``masked`` replaces each character of markup by one that is
invisible, so all offsets stay; ``shown`` leaves the markup out.

The rules need no context: each delimiter is recognised by itself, in Markdown and in plain text alike, so
that a part of a text shows the same as in the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import Final

from rag.text.elements import BLOCKS, INLINE, any_of_names
from rag.text.tokens import visible

JOINER: Final = "\u2060"
"""Stands for a delimiter around text that is kept."""
GONE: Final = "\u2063"
"""Stands for what is left out as a whole: a picture, the number of a note, struck text."""

_ANY: Final = re.compile(r"[\[*_`~<&\\]|==|^>|data:|\n>|\{[#.%{]|:::", re.MULTILINE)
_URL: Final = r"[^()\s]{0,2000}+(?:\([^()\s]{0,500}+\)[^()\s]{0,500}+){0,3}+"
_TITLE: Final = r"(?:\s+(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'))?"
_TARGET: Final = rf"\((?=[^()\s]{{0,2000}}[/.#:%])<?{_URL}>?{_TITLE}\s?\)"
_IMAGE: Final = rf"!\[[^\[\]]{{0,1000}}\](?:{_TARGET}|\[[^\[\]]{{0,100}}\])"
_INLINE: Final = any_of_names(INLINE)
_BREAKING: Final = any_of_names(BLOCKS | {"audio", "br", "iframe", "img", "source", "video"})
_ATTRIBUTES: Final = r"(?:\s[^<>]{0,2000}+)?"

_WHOLE: Final = re.compile(
    rf"\[{_IMAGE}\]{_TARGET}|{_IMAGE}|!\[\[[^\[\]\n]{{0,300}}\]\]"
    r"|data:[a-z]{2,20}/[\w.+-]{1,60}[;,][\w=;,%+/.:@-]++"
    r"|<!--[^<>]{0,5000}+>(?<=-->)|~~(?=\S)[^~\n]{1,1000}~~"
    r"|<(?P<tag>del|s|strike|script|style)\b[^<>]{0,200}>[^<]{0,5000}+</(?P=tag)>"
    rf"|(?P<line></?{_BREAKING}\b{_ATTRIBUTES}/?>)"
    r"|\[\^[^\[\]\s]{1,40}\]:?|(?m:^)(?:>[ \t]?)+(?:\[![A-Za-z-]{2,20}\][+-]?)?|\[![A-Za-z-]{2,20}\][+-]?"
    r"|\{[#.][\w-][^{}\n]{0,100}\}|\{\{[<%][^{}\n]{0,300}[>%]\}\}|\{%[^{}\n]{0,300}%\}"
    r"|(?m:^):{3,}[^\n]{0,100}|(?m:(?<=^[-*+] ))\[[ xX]\] ",
    re.DOTALL | re.IGNORECASE,
)
_DELIMITERS: Final = re.compile(
    # links, by their beginning and by their end
    rf"\[(?=[^\[\]]{{1,1000}}(?:\[[^\[\]]{{0,100}}\][^\[\]]{{0,500}})?\]{_TARGET})|\]{_TARGET}"
    r"|\[(?=[^\[\]]{0,300}[^\W\d_]\]\[[^\[\]]{0,100}\])|(?<=[^\W\d_])\]\[[^\[\]]{0,100}\]"
    r"|\[\[(?:[^\[\]|\n]{1,300}\\?\|)?(?=[^\[\]\n])|\]\]"
    # emphasis and code
    r"|(?<![\w\\])\*{2,3}(?=\S)|(?<=[^\s\\])\*{2,3}(?!\d)|(?<![\w\\])__(?=\w)|(?<=[\w.!?)])__(?!\w)"
    r"|(?<![\w=])==(?=[^\s=])|(?<=[^\s=])==(?![\w=])"
    r"|(?<![\w*\\])\*(?=[^\s*][^*\n]{0,300}\*)|(?<=[^\s*\\])\*(?![\w*])"
    r"|(?<![\w\\])_(?=[^\s_][^_\n]{0,300}_)|(?<=[^\s_\\])_(?!\w)|`+"
    r"|\\(?=[\\`*_{}\[\]<>()#+.!|~$-])"
    rf"|</?{_INLINE}\b{_ATTRIBUTES}/?>",
    re.IGNORECASE,
)
_BROKEN: Final = re.compile(r"(?<=[^\W\d_])[-\u2010]\r?\n(?=[^\W\d_A-Z])")
ENTITY: Final = re.compile(r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,10}\d{0,2});")


@lru_cache(maxsize=64)
def masked(text: str) -> str:
    """The text with each character of markup replaced by an invisible one, so that all offsets stay.

    A word broken at a line's end is whole.

    >>> masked("the [pit](a.org/b) **fell**").translate({0x2060: "-"})
    'the -pit---------- --fell--'
    """
    return _BROKEN.sub(lambda match: JOINER * len(match.group()), unmarked(text))


def unmarked(text: str) -> str:
    """Like ``masked``, but a broken word keeps its hyphen, which may be its own, and the line's end."""
    if not _ANY.search(text):
        return text
    letters = list(text)
    for start, end, filler in _hidden(text):
        letters[start:end] = filler * (end - start) if len(filler) == 1 else filler
    return "".join(letters)


def shown(text: str) -> str:
    r"""The text as people see it, without markup, invisible characters and line ends within words.

    >>> shown("the [pit](https://a.org/b) costs ~~90~~ **95&nbsp;francs**[^1]")
    'the pit costs  95\xa0francs'
    """
    return visible(masked(text))


def _hidden(text: str) -> Iterator[tuple[int, int, str]]:
    """The offsets of markup, and what stands for it: one character, or a text of the same length."""
    for match in _DELIMITERS.finditer(text):
        yield *match.span(), JOINER
    for match in ENTITY.finditer(text):
        character = unescape(match.group())
        if character != match.group():
            yield *match.span(), character[:1] + JOINER * (len(match.group()) - 1)
    for match in _WHOLE.finditer(text):
        yield *match.span(), " " if match["line"] else GONE
