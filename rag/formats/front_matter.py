"""YAML front matter: what a Markdown file says of itself in front of its text."""

from __future__ import annotations

import re
from typing import Final

import yaml

from rag.records import Stated

LONGEST: Final = 16_384
"""Characters. Front matter is a dozen lines; beyond this it is text that happens to be fenced."""

_KEYS: Final = {
    "title": ("title",),
    "publisher": ("publisher", "site", "site_name", "source", "publication"),
    "published": ("date", "published", "publish_date", "pubdate", "date_published", "updated"),
    "url": ("url", "link", "permalink"),
}
"""Under which keys each field stands, the most trusted first."""

_FENCED: Final = re.compile(
    r"---[ \t]*\r?\n(?P<inside>(?=\s*+(?:[\w-]+[ \t]*:|#|---|\.\.\.)).*?)^(?:---|\.\.\.)[ \t]*\r?$",
    re.MULTILINE | re.DOTALL,
)
"""A first paragraph between two rules looks the same, but does not begin with a key."""
_ENTRY: Final = re.compile(
    r"^[\w\"'][\w \"'-]*+:[ \t]*+(?P<opening>[^\r\n]?)[^\r\n]*+(?:\r?\n[ \t]++[^\r\n]*+)*+",
    re.MULTILINE,
)
_NOT_SCALAR: Final = frozenset(("", "[", "{", "&", "*", "!", "?"))
_LONGEST_ENTRY: Final = 1000


def front_matter(text: str) -> tuple[int, tuple[Stated, ...]]:
    """Where the front matter of a text ends, 0 if it has none, and what it states."""
    match = _FENCED.match(text, 0, LONGEST)
    if not match:
        return 0, ()
    scalars = front_scalars(match["inside"])
    return match.end(), tuple(
        Stated(field, scalars[key], "front matter")
        for field, keys in _KEYS.items()
        for key in keys
        if key in scalars
    )


def front_scalars(source: str) -> dict[str, str]:
    """The top-level ``key: scalar`` pairs of a YAML mapping, as strings, keys in small letters.

    Entries are parsed one by one, so a malformed one costs only itself. What does not begin as a
    scalar in the line of its key is passed over unparsed: PyYAML takes 11 s for 8,000 opening
    brackets, and runs out of stack on 500.
    """
    scalars: dict[str, str] = {}
    for match in _ENTRY.finditer(source):
        entry = match.group()
        if match["opening"] in _NOT_SCALAR or len(entry) > _LONGEST_ENTRY:
            continue
        try:
            # Nodes, not values: a date or a number stays as it is written.
            node = yaml.compose(entry, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, ValueError):
            continue
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            if (
                isinstance(key, yaml.ScalarNode)
                and isinstance(value, yaml.ScalarNode)
                and value.value.strip(" ~")
            ):
                scalars.setdefault(key.value.lower(), value.value.strip())
    return scalars
