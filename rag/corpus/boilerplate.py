"""Marks what surrounds an article: disclaimers, forms, calls to subscribe, navigation.

An article may be about any of these, so no word alone condemns a paragraph. A rule looks either at
a whole short line, or at how a paragraph opens, or needs the paragraph to stand in the trailing
matter: after it, nothing but furniture follows.
"""

from __future__ import annotations

import re
from collections import Counter

from rag.english.datelines import is_dateline
from rag.records import Block
from rag.text.lines import is_title_case, word_count, word_set

CONTENT = frozenset(("paragraph", "list", "table"))
"""The kinds of block that passages are made of."""

_LINE_CHARS = 160
_LONGEST = (
    4000  # characters; no disclaimer or menu met so far is longer, and no furniture is a book
)
_CALL_WORDS = 20
_REPEATS = 3

# Whole lines that say nothing about the article, wherever they stand.
_FURNITURE = re.compile(
    r"(?:"
    r"(?:leave|post|write|add) a (?:reply|comment)|(?:no|\d+) comments?|comments? \(\d+\)|reply"
    r"|you must be logged in to .{3,40}|(?:log|sign) in to .{3,40}|log ?in|sign ?in"
    r"|share this(?: (?:article|story|post|page))?(?: (?:on|via|with) .{2,40})?"
    r"|share on .{2,40}|share:"
    r"|tweet|copy link|bookmark|follow us(?: on .{2,40})?|read (?:more|next|also)"
    r"|you (?:may|might) also (?:like|be interested in)"
    r"|please fill (?:out|in) the form(?: below)?|your (?:name|e-?mail)(?: address)?(?: \*)?"
    r"|required fields are marked.{0,10}"
    r"|(?:sign up|subscribe|register)(?: (?:now|today|here|free))?"
    r"|(?:sign up|subscribe|register) (?:for|to) (?:our|the|free|daily|weekly|email)\b"
    r"[^.]{0,60}"
    r"|(?:join|get) (?:our|the) (?:free |daily |weekly )?(?:newsletter|mailing list)\b[^.]{0,60}"
    r"|skip to (?:main )?content|advertisements?|sponsored content|story continues below.{0,20}"
    r"|continue reading(?: below)?|click here(?: (?:to|for) .{2,60})?|loading\.{0,3}|back to top"
    r"|accept(?: all)? cookies|all rights reserved|(?:previous|next) (?:article|post|story|page)"
    r")[.!:…→»> *]{0,4}",
    re.IGNORECASE,
)
# Lines that are furniture unless content stands right below: "Latest News" over a list of links is,
# over the week's news it is a heading.
_HEADS_FURNITURE = re.compile(
    r"(?:"
    r"(?:most|recently) (?:discussed|read|viewed|popular|shared|commented)"
    r"(?: (?:articles|stories))?"
    r"|(?:latest|top|more|trending|breaking) (?:news|articles|stories|posts|headlines)"
    r"|(?:related|recommended|similar|popular|recent)"
    r" (?:articles|stories|posts|news|reading|content)"
    r"|related|comments?|share|print|e-?mail|save|submit|send|menu|search|close|newsletters?"
    r"|about (?:the|this) (?:publisher|author|site|website|publication)|advertising|sponsored"
    r"|(?:privacy|cookie) (?:policy|settings|notice|preferences)"
    r"|terms (?:of (?:use|service)|and conditions)|disclosures?|disclaimers?|legal notice"
    r")[.!:…→»> *]{0,4}",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"(?:(?:image |photo |picture )?(?:source|credit)s?|photo(?:graph)?|image|picture)"
    r" ?(?:by|:) ?\S.{0,78}[^.!?…]",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"(?:copyright[ ,]{0,2})?(?:©|\(c\)) ?.{2,200}|copyright,? (?:19|20)\d\d\b.{0,160}"
    r"|(?:.{0,120}[.|,;\u2013—-] ?)?all rights reserved\.?"
    r"|.{0,120}(?:©|copyright).{0,80} all rights reserved\.?",
    re.IGNORECASE,
)
_COOKIES = re.compile(
    r"(?:we|our (?:web)?site|this (?:web)?site) (?:and our partners )?uses? cookies\b"
    r"|by (?:continuing to (?:use|browse)|using) (?:this|our) (?:web)?site",
    re.IGNORECASE,
)

_DISCLAIMER_LABEL = re.compile(
    r"[*_]{0,2}(?:general |legal |important |risk |investment |forward-looking )?"
    r"(?:disclaimers?|disclosures?|risk warning|important notice|safe harbou?r)"
    r"[*_]{0,2} ?[:.\u2013—-]",
    re.IGNORECASE,
)
_DISCLAIMER_HEADING = re.compile(r"(?:disclaimers?|disclosures?|legal notice)[:.]?", re.IGNORECASE)
# What disclaimers say. A labelled one says one of these, an unlabelled one at least two.
_DISCLAIMS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            r"\b(?:not|n't|nor)\b[^.]{0,60}"
            r"\b(?:financial|investment|legal|tax|medical|professional) advice"
        ),
        (
            r"\b(?:not|no)\b[^.]{0,30}"
            r"\b(?:guarantees?|warrant(?:y|ies|s)?|represent(?:ation)?s?)\b"
        ),
        r"\b(?:accuracy|completeness)\b[^.]{0,40}\b(?:of (?:the|this|any) |complete|accura|reliab)",
        r"\b(?:own|independent) (?:due diligence|research|judg[e]?ment)\b",
        r"\bconsult (?:an? |with |your |qualified )[^.]{0,40}(?:professional|advis[eo]r|expert)s?",
        r"\b(?:informational|information|educational) purposes?(?: only)?\b",
        (
            r"\b(?:assumes?|accepts?) no (?:responsibility|liability)\b"
            r"|\bnot (?:be )?(?:liable|responsible)\b"
        ),
        r"\bpast performance\b",
        r"\boffer\b[^.]{0,40}\bsolicitation\b|\bsolicitation\b[^.]{0,40}\b(?:buy|sell)",
        r"\b(?:do|does) not (?:necessarily )?reflect the (?:views|opinions?|position)",
        r"\b(?:licensed|qualified) (?:financial )?(?:advis[eo]r|professional)s?\b",
    )
]
_CALL = re.compile(
    r"(?:\A|[.!?]\s+)(?:(?:begin|start|claim|activate|try|get) (?:your|a|our) (?:\d+[- ]day )?"
    r"free (?:trial|copy|report|access)\b"
    r"|(?:sign up|subscribe|register|join) (?:now|today|here|for free)"
    r"(?:[.!]|\Z|[^.!?]{0,80}\b(?:our|your|newsletter|updates|alerts|inbox)\b)"
    r"|(?:sign up|subscribe|register) (?:for|to) our\b"
    r"|join (?:over )?[\d,]+\+? (?:subscribers|readers)"
    r"|click here to (?:subscribe|sign up|register|learn more)\b)",
    re.IGNORECASE,
)
_MENU_WORDS = word_set(
    "home about contact careers subscribe login advertise rss facebook twitter x linkedin help "
    "instagram youtube telegram whatsapp reddit pinterest faq sitemap privacy terms cookies "
    "newsletter print email share search menu"
)


def mark(text: str, blocks: list[Block], *, headings_are_marked: bool = False) -> list[Block]:
    """The blocks with furniture marked ``boilerplate``; offsets stay as they are.

    ``headings_are_marked`` says that the format marks headings itself (Markdown), so that a heading
    is one beyond doubt.
    """
    repeated = _repeated_lines(text, blocks)
    result = list(blocks)
    has_content = any(block.kind in CONTENT for block in blocks)
    trailing = has_content
    headless: list[int] = []  # headings of the trailing matter: they head nothing
    company = False  # whether a rule knows some other line of the trailing matter as furniture
    for number in range(len(blocks) - 1, -1, -1):
        block = blocks[number]
        if block.kind in ("title", "boilerplate"):
            continue
        above = blocks[number - 1] if number else None
        below = result[number + 1].kind if number + 1 < len(blocks) else ""
        kind = block.kind
        if _is_furniture(text, block, above, below, trailing=trailing, repeated=repeated):
            kind = "boilerplate"
            company = company or trailing
        elif kind == "heading" and not has_content and not headings_are_marked:
            kind = "paragraph"  # nothing else to find the document by
        elif kind == "heading" and trailing:
            headless.append(number)
        result[number] = Block(block.start, block.end, kind)
        trailing = trailing and kind in ("boilerplate", "heading")
    for number in headless:
        # Among furniture a titled line is furniture too. Without such company it is content: a list
        # of names, a closing line that lacks its full stop.
        block = blocks[number]
        titled = is_title_case(text[block.start : block.end])
        kind = "boilerplate" if headings_are_marked or (company and titled) else "paragraph"
        result[number] = Block(block.start, block.end, kind)
    return result


def is_furniture_line(line: str) -> bool:
    """Whether a whole line is furniture wherever it stands ("Share this article", "© 2025 …")."""
    return len(line) <= _LINE_CHARS and bool(
        _FURNITURE.fullmatch(line) or _COPYRIGHT.fullmatch(line)
    )


def _is_furniture(
    text: str,
    block: Block,
    above: Block | None,
    below: str,
    *,
    trailing: bool,
    repeated: frozenset[str],
) -> bool:
    """Whether one block is furniture, given its neighbour above and the settled kind below."""
    content = text[block.start : min(block.end, block.start + _LONGEST)]
    size = block.end - block.start
    if block.kind == "table":
        return False
    if block.kind == "list":
        return size <= _LONGEST and _is_menu(content)
    if (
        size <= _LINE_CHARS
        and "\n" not in content
        and (
            is_furniture_line(content)
            or (below not in CONTENT and _HEADS_FURNITURE.fullmatch(content))
            or (_CREDIT.fullmatch(content) and word_count(content) <= 8)
            or content in repeated
            # The date of a teaser, right under the teaser's title.
            or (above is not None and above.kind in ("heading", "title") and is_dateline(content))
        )
    ):
        return True
    if block.kind != "paragraph" or size > _LONGEST:
        return False
    return bool(
        _disclaims(text, content, above, trailing=trailing)
        or _COOKIES.match(content)
        or ((trailing or word_count(content) <= _CALL_WORDS) and _CALL.search(content))
        or (trailing and size <= 400 and _COPYRIGHT.fullmatch(content))
    )


def _disclaims(text: str, paragraph: str, above: Block | None, *, trailing: bool) -> bool:
    """Whether a paragraph is a disclaimer.

    It is labelled as one and says so; or it stands in the trailing matter and says so twice (once
    under a heading "Disclaimer"); or it stands elsewhere, under that heading, and says so thrice.
    """
    labelled = _DISCLAIMER_LABEL.match(paragraph) is not None
    headed = above is not None and bool(_DISCLAIMER_HEADING.fullmatch(text, above.start, above.end))
    if not (labelled or headed or trailing):
        return False
    enough = 1 if labelled or (headed and trailing) else 2 if trailing else 3
    return sum(1 for pattern in _DISCLAIMS if pattern.search(paragraph)) >= enough


def _repeated_lines(text: str, blocks: list[Block]) -> frozenset[str]:
    """Short sentences that recur ("Continue reading below."): furniture that needs no word list.

    Left out are headings (a section name recurs in every second report), questions, and what has
    two words ("Yes, sir." recurs in every interview).
    """
    paragraphs = [block for block in blocks if block.kind == "paragraph"]
    counts = Counter(text[b.start : b.end] for b in paragraphs if b.end - b.start <= 80)
    return frozenset(
        line
        for line, count in counts.items()
        if _REPEATS <= count <= len(paragraphs) / 2
        and 3 <= word_count(line) <= 8
        and line[-1] in ".!"
    )


def _is_menu(content: str) -> bool:
    items = [line.strip(" \t•*-\u2013·|\u00a0").lower() for line in content.splitlines()]
    known = sum(1 for item in items if item in _MENU_WORDS or _FURNITURE.fullmatch(item))
    return len(items) >= 2 and known >= 0.6 * len(items)
