"""YAML front matter: what a Markdown file says of itself in front of its text."""

from __future__ import annotations

import re
from typing import Final

import yaml

from rag.records import Stated
from rag.text.lines import LINE_END, line_starts

LONGEST: Final = 16_384
"""Characters. Front matter is a dozen lines; beyond this it is text that happens to be fenced."""

_KEYS: Final = {
    "title": ("title",),
    "publisher": ("publisher", "site", "site_name", "source", "publication"),
    "published": ("date", "published", "publish_date", "pubdate", "date_published", "updated"),
    "url": ("url", "link", "permalink"),
}
"""Under which keys each field stands, the most trusted first."""

_ENTRY: Final = re.compile(
    r"^[\w\"'][\w \"'-]*+:[ \t]*+(?P<opening>.?).*+(?:\n[ \t]++.*+)*+",
    re.MULTILINE,
)
_NOT_SCALAR: Final = frozenset(("", "[", "{", "&", "*", "!", "?"))
_LONGEST_ENTRY: Final = 1000


def front_matter(text: str) -> tuple[int, tuple[Stated, ...]]:
    """Where the front matter of a text ends, 0 if it has none, and what it states."""
    opening, *starts = line_starts(text[:LONGEST])
    if not starts or text[opening : starts[0]].rstrip() != "---":
        return 0, ()
    for start in starts:
        end = next((match.start() for match in LINE_END.finditer(text, start)), len(text))
        if text[start:end].rstrip() in ("---", "..."):
            inside = LINE_END.sub("\n", text[starts[0] : start])
            break
    else:
        return 0, ()
    # Between two rules may also stand the first paragraph of an article.
    first, _, _ = inside.lstrip().partition("\n")
    key, colon, _ = first.partition(":")
    if first and first[0] != "#" and not (colon and len(key.split()) == 1):
        return 0, ()
    scalars = front_scalars(inside)
    return end, tuple(
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
