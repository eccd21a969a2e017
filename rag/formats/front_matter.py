"""The metadata at the top of a text file.

YAML, TOML or JSON front matter, the title block of Pandoc, or lines as mails have them.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any, Final

import yaml

from rag.records import Stated
from rag.records.document import LINE_END
from rag.text.lines import each_line_start

LONGEST: Final = 16_384
"""Characters. Real front matter has a dozen lines; anything longer is text between two rules."""

_FIELDS: Final = {
    "title": r"(?:og)?title|headline|subject|betreff|sujet|objet|asunto|assunto|oggetto|onderwerp|temat"
    r"|ämne|emne",
    "publisher": r"publisher|(?:og)?sitename|site|website|source(?:name)?|publication|outlet|newspaper"
    r"|journal",
    "published": r"(?:article|og|dc)?(?:date|time)?(?:first|original(?:ly)?)?(?:date|time|post(?:ed)?|sent"
    r"|issued?|released?|pub(?:lish(?:ed)?|lication)?)(?:date|datetime|time|at|on)*"
    r"|(?:date)?(?:creat(?:ed|ion)|written|added|saved|clipped)(?:date|time|at|on)*"
    r"|timestamp|yearpublished|datum|data|gesendet|envoyé(?:le)?|fecha|enviado(?:el|em)?|inviato(?:il)?|verzonden|wysłano|skickat|sendt",
    "updated": r"(?:article)?(?:date)?(?:last)?(?:updated?|mod(?:ified)?|revised|edited)"
    r"(?:date|time|at|on)*",
    "author": r"(?:article)?(?:authors?(?:name)?|by|byline|writers?|creators?|from|von|van|de|da|od|från"
    r"|fra)",
    "url": r"url|link|permalink|canonical(?:url)?|(?:source|original|og)(?:url|link)|source|website|site",
    "language": r"lang|language|locale",
}
"""The keys for each field, in letters only."""
_FIELD: Final = {field: re.compile(keys) for field, keys in _FIELDS.items()}
_LATER: Final = ("creat", "written", "added", "saved", "clipped")
"""What follows "date" in keys whose dates tell less than others when an article was published."""

_TITLE_BLOCK: Final = ("title", "author", "date")

_RULES: Final = ("+++", ";;;")
_RULED: Final = "-_=*"
"""The characters that draw rules in mails; around front matter, only the first does."""
_LONGEST_ANNOUNCEMENT: Final = 60
_ENTRY: Final = re.compile(
    r"^(?P<key>[\w\"'][\w .:\"'-]{0,60}?)[ \t]*(?::(?=\s|\Z)|=)[ \t]*+"
    r"(?P<value>.*+(?:\n(?:[ \t]++|- ).*+)*+)",
    re.MULTILINE,
)
_OF_MAIL: Final = frozenset(
    "from to subject date sent von betreff sujet objet asunto oggetto".split()
)
_SENDERS: Final = frozenset("from von van de da od från fra".split())
_BEFORE_SUBJECT: Final = re.compile(
    r"(?:(?P<answer>re|aw|sv|vs|antw|odp|ynt|res|r|ref)|(?P<forward>fwd?|wg|vb|tr|rv|enc|i|vl|doorst|pd))"
    r"(?:\[\d+\]|\(\d+\))?\s*[:\uff1a]\s*|\[[^\[\]]{1,40}\]\s*",
    re.IGNORECASE,
)
"""What mail programs and mailing lists put before a subject."""
_ADDRESS: Final = re.compile(r"\s*<[^<>]*>|\s*\([^()]*@[^()]*\)|\s*\[mailto:[^\]]*\]")
_NOT_SCALAR: Final = frozenset("[{&*!?")
_QUOTES: Final = frozenset("\"'")
_TEXT: Final = re.compile(r"(?:[*&!]\w[^\[\]{}\n]*|\[[^\[\]{}]+\]|\{[^\[\]{}]+\}) [^\[\]{}\n]+")
_LONGEST_ENTRY: Final = 1000


def front_matter(text: str) -> tuple[int, tuple[Stated, ...]]:
    """The offset at which front matter ends (0 if there is none), and the metadata in it.

    Blank lines and a comment may stand before it.
    """
    start = _text_from(text, 0)
    if text.startswith("<!--", start) and (end := text.find("-->", start, LONGEST)) > 0:
        start = _text_from(text, end + len("-->"))
    for kind in (_between_rules, _json, _title_block):
        end, values = kind(text, start)
        if end:
            return end, tuple(_stated(values, "front matter"))
    return head_lines(text, start)


def _text_from(text: str, at: int) -> int:
    """The offset of what follows the white space at an offset."""
    return at + len(text[at : at + LONGEST]) - len(text[at : at + LONGEST].lstrip())


def head_lines(text: str, start: int) -> tuple[int, tuple[Stated, ...]]:
    """The end of a head of ``Key: value`` lines at ``start``, as mails have it, and the metadata in it.

    The end is 0 if there is none. The head of a forwarded mail inside comes first, since that is the mail
    which people mean to keep.
    """
    end, values = _lines_of_head(text, start)
    if not end:
        return 0, ()
    inner, forwarded = _lines_of_head(text, end)
    found = [*_stated(forwarded, "head line"), *_stated(values, "head line")]
    return inner or end, tuple(found)


def _lines(text: str, start: int) -> Iterator[tuple[int, str]]:
    """The lines of a head that may begin at an offset, each with where it begins."""
    starts = each_line_start(text, start, start + LONGEST)
    for at, following in pairwise(chain(starts, (len(text),))):
        yield at, text[at:following].rstrip()


def _lines_of_head(text: str, start: int) -> tuple[int, list[tuple[str, str]]]:
    """The end of a head, and its keys and values in order; (0, []) if none begins at ``start``."""
    values: list[tuple[str, str]] = []
    end = 0
    opened = False
    for at, line in _lines(text, start):
        bare = line.strip("> \t")
        if not bare and values:
            break
        if not bare or (not values and not opened and _opens(bare)):
            opened = opened or bool(bare)
        elif entry := _head_line(line):
            values.append(entry)
        elif values and line[0] in " \t":
            values[-1] = (values[-1][0], f"{values[-1][1]} {bare}")
        else:
            return 0, []
        end = at + len(line)
    known = {field for key, _ in values for field in fields_of(key)} - {"language"}
    mail = {key.lower() for key, _ in values} & _OF_MAIL
    if len(values) < 2 or len(known) < 2 or not (mail or "title" in known or "published" in known):
        return 0, []
    return end, values


def _opens(line: str) -> bool:
    """Whether a line stands above the head of a mail that is forwarded or stored."""
    first, _, behind = line.partition(" ")
    stored = first == "From" and "@" in behind.partition(" ")[0]
    announces = line.strip(_RULED) and is_ruled(line)
    return bool(announces or stored) or line.lower() == "begin forwarded message:"


def is_ruled(line: str) -> bool:
    """Whether a line is a rule, perhaps with words in it: "----- Original message -----"."""
    words = line.strip(_RULED)
    is_drawn = len(line) - len(words) >= 6 and not (line[:3] + line[-3:]).strip(_RULED)
    return is_drawn and len(words) <= _LONGEST_ANNOUNCEMENT


def key_and_value(line: str) -> tuple[str, str] | None:
    """The parts of a line like "Key: value", which may be quoted, listed or emphasized; None for another.

    >>> key_and_value("> **Sent:** May 3"), key_and_value("at 5: nothing")
    (('Sent', ' May 3'), ('at 5', ' nothing'))
    """
    key, colon, value = line.lstrip("> \t\u00a0*_-:").partition(":")
    key = key.rstrip("*_ \t\u00a0")
    return (key, value.lstrip(":*_").rstrip()) if colon and key[:1].isalpha() else None


def _head_line(line: str) -> tuple[str, str] | None:
    """The key, of one or two words, and the value of a line of a head."""
    entry = None if line[0] in " \t" else key_and_value(line)
    if entry is None or (entry[1] and entry[1][0] not in " \t"):
        return None
    words = entry[0].split(" ")
    is_key = len(words) <= 2 and all(word.replace("-", "").isalpha() for word in words)
    return (entry[0], entry[1].strip()) if is_key else None


def _between_rules(text: str, start: int) -> tuple[int, list[tuple[str, str]]]:
    opened = LINE_END.search(text, start, start + LONGEST)
    rule = _rule(text[start : opened.start()]) if opened else ""
    if not rule:
        return 0, []
    _, *starts = each_line_start(text, start, start + LONGEST)
    for at in starts:
        end = next((match.start() for match in LINE_END.finditer(text, at)), len(text))
        if text[at:end].rstrip() in (rule, "..." if rule == "---" else None):
            inside = LINE_END.sub("\n", text[starts[0] : at])
            break
    else:
        return 0, []
    # Two rules may also enclose the first paragraph of an article.
    first, _, _ = inside.lstrip().partition("\n")
    entry = _ENTRY.match(first)
    if first and first[0] not in "#{" and not (entry and _is_key(entry["key"])):
        return 0, []
    if first[:1] == "{":
        _, values = _json(inside.strip(), 0)
        return (end, values) if values else (0, [])
    return end, list((_toml(inside) if rule == "+++" else front_scalars(inside)).items())


def _rule(line: str) -> str:
    """The rule that a line draws above front matter, which may name the language below; or ""."""
    rule = line.rstrip(" \t")
    for language in ("yaml", "toml", "json"):
        rule = rule.removesuffix(language)
    return rule if rule in _RULES or (len(rule) >= 3 and not rule.strip("-")) else ""


def _json(text: str, start: int) -> tuple[int, list[tuple[str, str]]]:
    if text[start : start + 1] != "{":
        return 0, []
    try:
        values, end = json.JSONDecoder().raw_decode(text[: start + LONGEST], start)
    except (ValueError, RecursionError):
        return 0, []
    found = _texts(values)
    alone = end == len(text) or text[end] in "\r\n"
    return (end, list(found.items())) if alone and any(map(fields_of, found)) else (0, [])


def _title_block(text: str, start: int) -> tuple[int, list[tuple[str, str]]]:
    """Lines that begin with "%", as Pandoc reads them: the title, the authors, the date."""
    values: list[str] = []
    end = start
    for at, line in _lines(text, start):
        if not line:
            break
        if line[0] == "%":
            values.append(line[1:].strip())
        elif values and line[0] in " \t":  # another author stands on another line
            values[-1] += ("; " if len(values) == 2 else " ") + line.strip()
        else:
            return 0, []
        end = at + len(line)
    known = len(values) <= len(_TITLE_BLOCK) and any(values) and text[start : start + 2] != "%%"
    return (end, list(zip(_TITLE_BLOCK, values, strict=False))) if known else (0, [])


def _toml(source: str) -> dict[str, str]:
    try:
        return _texts(tomllib.loads(source))
    except (tomllib.TOMLDecodeError, RecursionError):
        return front_scalars(source)


def _texts(values: dict[str, Any]) -> dict[str, str]:
    """The values that are texts, numbers, dates, lists of these, or have a name."""
    found = {}
    for key, value in values.items():
        items = value if isinstance(value, list) else [value]
        items = [item.get("name") if isinstance(item, dict) else item for item in items]
        found[key] = ", ".join(str(item) for item in items if item and not isinstance(item, list))
    return found


def _stated(values: list[tuple[str, str]], evidence: str) -> Iterator[Stated]:
    """The fields among keys and values; a date that tells less comes after the others."""
    senders: list[str] = []
    for key, value in sorted(values, key=lambda item: _says_less(item[0])):
        for field in fields_of(key):
            clean = _decoded(value.strip())
            if field == "url" and "://" not in clean:
                continue
            if field == "title" and _letters(key) in _OF_MAIL:
                clean, _ = bare_subject(clean)
            elif field == "author":
                clean = _ADDRESS.sub("", clean).strip(" \"'") or clean
                senders += [clean] if _letters(key) in _SENDERS else []
            if clean:
                yield Stated(field, clean, evidence)
    for name in senders:  # of a mail, if it names no publisher
        yield Stated("publisher", name, evidence)


def _says_less(key: str) -> bool:
    return _letters(key).removeprefix("date").startswith(_LATER)


def bare_subject(written: str) -> tuple[str, bool]:
    """A subject without "Re:" and "Fwd:", and whether the mail is a forward.

    >>> bare_subject("Fwd: [desk] Low water"), bare_subject("AW: WG: Low water")
    (('Low water', True), ('Low water', False))
    """
    subject = " ".join(written.split())
    is_forward = is_answer = False
    while (match := _BEFORE_SUBJECT.match(subject)) and match.end() < len(subject):
        is_forward = is_forward or (not is_answer and match["forward"] is not None)
        is_answer = is_answer or match["answer"] is not None
        subject = subject[match.end() :]
    return subject, is_forward


def _decoded(value: str) -> str:
    """A value without the encoding that mails give to letters beyond ASCII: "=?utf-8?q?f=C3=BCr?="."""
    if "=?" not in value:
        return value
    from email.errors import HeaderParseError
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def fields_of(key: str) -> list[str]:
    """The fields of metadata that a key names.

    >>> fields_of("Gesendet"), fields_of("Source"), fields_of("Cc")
    (['published'], ['publisher', 'url'], [])
    """
    letters = _letters(key)
    return [field for field, keys in _FIELD.items() if keys.fullmatch(letters)]


def _is_key(key: str) -> bool:
    return len(key.split()) == 1 or bool(fields_of(key))


def _letters(key: str) -> str:
    return re.sub(r"[\W\d_]", "", key).lower()


def front_scalars(source: str) -> dict[str, str]:
    """The top-level entries of a YAML mapping as strings, with keys in lower case.

    Each entry is parsed alone, so a malformed entry does not affect the others; if it is not YAML, it
    counts as written. The items of a list are joined by commas. Nothing but scalars is parsed as YAML:
    PyYAML takes 11 s for 8,000 opening brackets, and nested ones exhaust its stack at 500.
    """
    scalars: dict[str, str] = {}
    for match in _ENTRY.finditer(source):
        value = _value(f"{match['key']}: {match['value']}", match["value"].strip())
        if value.strip(" ~"):
            scalars.setdefault(match["key"].strip("\"' ").lower(), value.strip())
    return scalars


def _value(entry: str, written: str) -> str:
    if len(entry) > _LONGEST_ENTRY:
        return ""
    written = written.removeprefix("!!timestamp ").removeprefix("!!str ")
    # "title: *Bold* claims", "title: We are #1" are what people write, and not what YAML reads.
    as_written = _unquoted(written.partition("\n")[0])
    has_number_sign = any(word[0] == "#" and word[1:2].isalnum() for word in written.split()[1:])
    if _TEXT.fullmatch(written) or (written[:1] not in _QUOTES and has_number_sign):
        return as_written
    if written[:1] in _NOT_SCALAR:
        return _items(written)
    try:
        # Nodes instead of values keep dates and numbers as written.
        node = yaml.compose(entry, Loader=yaml.SafeLoader)
        return (
            ", ".join(_scalars(node.value[0][1]))
            if isinstance(node, yaml.MappingNode)
            else as_written
        )
    except (yaml.YAMLError, ValueError, RecursionError):
        return as_written


def _scalars(node: yaml.Node) -> Iterator[str]:
    """The text of a node, those of a list, or the name in a mapping."""
    if isinstance(node, yaml.ScalarNode):
        yield str(node.value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _scalars(each)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "name":
                yield from _scalars(value)


def _items(written: str) -> str:
    """The items of a list in brackets; "" for anything else that is no scalar."""
    if not re.fullmatch(r"\[[^\[\]{}]*\]", written):
        return ""
    return ", ".join(filter(None, map(_unquoted, written[1:-1].split(","))))


def _unquoted(written: str) -> str:
    written = "".join(filter(str.isprintable, " ".join(written.split())))
    quoted = len(written) > 1 and written[0] == written[-1] and written[0] in "\"'"
    return written[1:-1] if quoted else written
