"""YAML front matter: the metadata at the top of a Markdown file."""

from __future__ import annotations

import re
from typing import Final

import yaml

from rag.records import Stated
from rag.text.lines import LINE_END, line_starts

LONGEST: Final = 16_384
"""Characters. Real front matter has a dozen lines; anything longer is text between two rules."""

_KEYS: Final = {
    "title": ("title",),
    "publisher": ("publisher", "site", "site_name", "source", "publication"),
    "published": ("date", "published", "publish_date", "pubdate", "date_published", "updated"),
    "url": ("url", "link", "permalink"),
}
"""The keys for each field, most trusted first."""

_ENTRY: Final = re.compile(
    r"^[\w\"'][\w \"'-]*+:[ \t]*+(?P<opening>.?).*+(?:\n[ \t]++.*+)*+",
    re.MULTILINE,
)
_NOT_SCALAR: Final = frozenset(("", "[", "{", "&", "*", "!", "?"))
_LONGEST_ENTRY: Final = 1000


def front_matter(text: str) -> tuple[int, tuple[Stated, ...]]:
    """The offset at which front matter ends (0 if there is none), and the metadata in it."""
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
    # Two rules may also enclose the first paragraph of an article.
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
    """The top-level ``key: scalar`` pairs of a YAML mapping as strings, with keys in lower case.

    Each entry is parsed alone, so a malformed entry does not affect the others. A value that does not
    start as a scalar on the line of its key is skipped without parsing: PyYAML takes 11 s for 8,000
    opening brackets, and nested ones exhaust its stack at 500.
    """
    scalars: dict[str, str] = {}
    for match in _ENTRY.finditer(source):
        entry = match.group()
        if match["opening"] in _NOT_SCALAR or len(entry) > _LONGEST_ENTRY:
            continue
        try:
            # Nodes instead of values keep dates and numbers as written.
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
