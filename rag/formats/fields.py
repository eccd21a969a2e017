"""The fields of a record that is an article.

Their names vary from source to source, so each is known by several.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

_NAMES: Final = {
    "text": (
        "text content body article articlebody articletext bodytext fulltext fullarticle maintext story"
        " contenttext contenthtml html bodyhtml markdown inhalt volltext texte contenu texto contenido"
        " leadparagraph description summary abstract snippet"
    ),
    "title": "title headline headlines webtitle heading titel überschrift titre título titulo titolo",
    "id": "id guid uid uuid articleid docid slug",
    "url": "url link permalink canonicalurl articleurl weburl href",
    "publisher": (
        "publisher source sourcename site sitename outlet publication publicationtitle pubtitle newspaper"
        " medianame quelle zeitung fuente fonte sourcedomain domain"
    ),
    "published": (
        "published publishedat publishedon publishedtime publisheddate publishdate datepublished"
        " datepublish publicationdate webpublicationdate firstpublished pubdate date datetime datum"
        " fecha created createdat timestamp"
    ),
    "updated": "updated updatedat datemodified modified modifiedat lastmodified",
    "author": "author authors byline creator autor autorin auteur",
    "language": "language lang",
}
"""The names of each field, the best first: in lower case, without "_", "-" and blanks."""
_ORDER: Final = {
    field: {name: place for place, name in enumerate(names.split())}
    for field, names in _NAMES.items()
}
_WRAPPERS: Final = (
    "source", "data", "attributes", "fields", "article", "document", "meta", "metadata",
)  # fmt: skip
"""The keys under which a record may hold more of its fields, written like their names."""
_OF_TEXT: Final = ("rendered", "text", "html", "content", "value")
_OF_OTHERS: Final = ("name", "title", "rendered", "value", "main", "original", "id")
"""The keys under which a field that is itself an object may hold its value."""
DEEPEST: Final = 2  # such keys inside each other
_DEEPER: Final = 100  # more than any field has names, so that an outer field comes first
_LONGEST_VALUE: Final = 2_000  # characters of a field besides the text

Row = Mapping[str, Any]


def known_columns(header: Iterable[str]) -> set[str]:
    """The fields that some names stand for."""
    return {field for name in header for field, names in _ORDER.items() if _key(name) in names}


def fields_of(record: Row) -> dict[str, tuple[str, str]]:
    """The fields of a record by our names for them: the record's name for each, and the value as text."""
    found: dict[str, tuple[int, str, str]] = {}
    wrapped = [(0, record)]
    for depth, row in wrapped:
        for key, value in row.items():
            plain, used = _key(key), False
            wraps = isinstance(value, dict) and plain in _WRAPPERS and depth < DEEPEST
            if wraps and "text" in known_columns(value):
                wrapped.append((depth + 1, value))
                continue
            for field, names in _ORDER.items():
                place = names.get(plain, len(names)) + depth * _DEEPER
                if plain not in names or (field in found and found[field][0] <= place):
                    continue
                if written := _written(field, value):
                    found[field], used = (place, key.strip(), written), True
            if wraps and not used:
                wrapped.append((depth + 1, value))
    return {field: found[field][1:] for field in _ORDER if field in found}


def _key(name: object) -> str:
    return re.sub(r"[\W_]+", "", str(name)[:100]).lower()


def _written(field: str, value: object) -> str:
    """A value as text; "" if it has none."""
    if isinstance(value, dict):  # "source": {"id": null, "name": "The Gazette"}
        keys = _OF_TEXT if field == "text" else _OF_OTHERS
        value = next((value[key] for key in keys if isinstance(value.get(key), str)), "")
    if field == "text":
        paragraphs = value if isinstance(value, list) else [value]
        text = "\n\n".join(each for each in paragraphs if isinstance(each, str))
        return _unicode(text) if text.strip() else ""
    if isinstance(value, list):
        return ", ".join(filter(None, (_written(field, each) for each in value[:20])))
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        moment = _moment(value) if field in ("published", "updated") else ""
        return moment or str(value)
    return " ".join(_unicode(value).split())[:_LONGEST_VALUE] if isinstance(value, str) else ""


def _unicode(text: str) -> str:
    """The text without halves of surrogate pairs, which JSON may hold and no encoding can write."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _moment(seconds: float) -> str:
    """The date of a time stamp in seconds or milliseconds; "" for any other number."""
    if seconds > 1e11:
        seconds /= 1_000
    if not 1e8 < seconds < 1e10:
        return ""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()
