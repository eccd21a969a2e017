"""HTML: which files are pages, in which encoding, and which pages are not one whole article."""

import json

import pytest

from rag.corpus.load import load
from rag.errors import UnreadableFile
from rag.formats.base import choose
from rag.formats.html.page import Html
from tests.formats.html_pages import BATH, TITLE, page, paragraphs


def parsed(data):
    return Html().parse(data, "page.html")


# ---------------------------------------------------------------- content decides


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (page("<p>Text.</p>"), "a.html"),
        (page("<p>Text.</p>"), "A.HTM"),
        (page("<p>Text.</p>"), "a.txt"),
        (b"\xef\xbb\xbf \n<!-- saved -->\n<HTML><BODY>Text.</BODY></HTML>", "a.txt"),
        (b'<?xml version="1.0"?><!DOCTYPE html><html><body><p>Text.</p></body></html>', "a"),
        ("<html><p>Text.</p>".encode("utf-16"), "a.html"),
        ("<html><p>Text.</p>".encode("utf-16-be"), "a.html"),
        (b"<h1>Title</h1><p>Text.</p>", "a.html"),
    ],
)
def test_a_page_is_read_as_a_page(data, name):
    assert type(choose(data, name)) is Html
    assert Html().parse(data, name).text.endswith("Text.")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The tag <b> was taught to 48 readers. <html> begins a page.", "a.txt"),
        ("# <html>\n\nA page begins with this tag, and ends with another one.", "a.md"),
        ("<p>A note in Markdown may begin with a tag.</p>\n\nAnd go on.", "a.md"),
    ],
)
def test_a_text_that_speaks_of_tags_stays_a_text(text, name):
    assert type(choose(text.encode(), name)) is not Html


@pytest.mark.parametrize(
    "data", [b"", b"<html></html>", b"<html><body> \n</body></html>", b"<!doctype html><!-- x -->"]
)
def test_a_page_without_text_says_so(data):
    with pytest.raises(UnreadableFile):
        parsed(data)


# ---------------------------------------------------------------- encodings


def declared(text, label, encoding=None):
    head = f'<html><head><meta charset="{label}"></head><body><p>'
    return head.encode("ascii") + text.encode(encoding or label) + b"</p></body></html>"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (declared("„Süß“ – 2 €", "iso-8859-1", "cp1252"), "„Süß“ – 2 €"),
        (declared("„Süß“ – 2 €", "windows-1252"), "„Süß“ – 2 €"),
        (declared("Новый мост", "windows-1251"), "Новый мост"),
        (declared("Новый мост", "koi8-r"), "Новый мост"),
        (declared("镕江市新桥通车。", "gb2312", "gb18030"), "镕江市新桥通车。"),
        (declared("新しい橋が開通した。", "shift_jis", "cp932"), "新しい橋が開通した。"),
        (declared("새 다리가 열렸다.", "euc-kr", "cp949"), "새 다리가 열렸다."),
        (declared("新橋通車。", "big5"), "新橋通車。"),
        (declared("Łucja Brzęk", "iso-8859-1", "utf-8"), "Łucja Brzęk"),  # saved in UTF-8, declaration kept
        (declared("Łucja", "utf-8").replace(b"utf-8", b"no-such"), "Łucja"),
        (b"\xef\xbb\xbf" + declared("Łucja", "iso-8859-2", "utf-8"), "Łucja"),
        (b'<?xml version="1.0" encoding="iso-8859-15"?><html><p>L\xbdillet, 4 \xa4', "Lœillet, 4 €"),
        (b'<html><meta http-equiv="Content-Type" content="x; charset=windows-1250">\xa3ucja', "Łucja"),
        (b"<html>" + b"<script>var a;</script>" * 900 + declared("Łucja", "iso-8859-2")[6:], "Łucja"),
        (b"<html><p>one\0 two\x07 three</p></html>", "one two three"),
    ],
)  # fmt: skip
def test_the_encoding_is_found(data, text):
    assert parsed(data).text == text


# ---------------------------------------------------------------- not one whole article

WALL = '<div class="paywall-box"><p>This story is for subscribers. Try four weeks for one crown.</p></div>'
NOT_FREE = {"@type": "NewsArticle", "headline": TITLE, "isAccessibleForFree": False}


def ld(value):
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


@pytest.mark.parametrize(
    "data",
    [
        page(f"<h1>{TITLE}</h1><p>{BATH[0]}</p>{WALL}"),
        page(f"<h1>{TITLE}</h1><p>{BATH[0]}</p>", ld(NOT_FREE)),
        page(f"<h1>{TITLE}</h1><p>{BATH[0]}</p>", ld({**NOT_FREE, "isAccessibleForFree": "False"})),
        page(f"<h1>{TITLE}</h1><p>{BATH[0]}</p>", ld({
            "@type": "Article", "hasPart": {"@type": "WebPageElement", "isAccessibleForFree": False}})),
        page(f"<h1>{TITLE}</h1>{''.join(paragraphs(BATH * 6))}", ld({**NOT_FREE, "wordCount": 2000})),
    ],
)  # fmt: skip
def test_what_stands_before_a_paywall_is_read_and_noted(data):
    document = load("a.html", "a.html", data)
    assert BATH[0] in document.text
    assert "subscribers" not in document.text
    [note] = parsed(data).notes
    assert "before the paywall" in note


@pytest.mark.parametrize(
    "data",
    [
        page(f"<h1>{TITLE}</h1><p>{BATH[0]}</p>"),
        page(f"<h1>{TITLE}</h1><p>{BATH[0]}</p>", ld({**NOT_FREE, "isAccessibleForFree": True})),
        page(f"<h1>{TITLE}</h1>{''.join(paragraphs(BATH))}", ld({**NOT_FREE, "wordCount": 60})),
        page(
            f"<h1>{TITLE}</h1><div class='paywall'>{''.join(paragraphs(BATH * 8))}</div>",
            ld(NOT_FREE),
        ),
        page(f"<h1>{TITLE}</h1><p>{BATH[0]}</p><div class='paywall-login'>Log out</div>"),
    ],
)
def test_a_whole_article_has_no_note(data):
    assert parsed(data).notes == ()


TEASERS = [
    ("Heath fire put out", "It took 60 people two days."),
    ("Bakers in dispute", "A union asks for 4 per cent."),
    ("Choir seeks basses", "Rehearsals are on Mondays."),
    ("Snow on the pass", "Drivers need chains."),
    ("Mill for sale", "The price is not named."),
]


@pytest.mark.parametrize(
    "card",
    [
        '<article class="teaser"><h2><a href="/{0}">{1}</a></h2><p>{2}</p></article>',
        '<div class="card"><a href="/{0}"><h3>{1}</h3><p>{2}</p></a></div>',
        '<li class="stream-item"><h3><a href="/{0}">{1}</a></h3><p>{2}</p></li>',
    ],
)
def test_a_page_of_teasers_says_that_it_is_no_article(card):
    cards = "".join(card.format(number, *teaser) for number, teaser in enumerate(TEASERS))
    extracted = parsed(page(f"<main><h1>News of the day</h1><div>{cards}</div></main>"))
    assert len(extracted.notes) == 1
    assert "not an article" in extracted.notes[0]
    for title, line in TEASERS:
        assert title in extracted.text
        assert line in extracted.text


def test_teasers_below_an_article_do_not_make_it_a_page_of_teasers():
    cards = "".join(
        f'<div class="card"><h3><a href="/{n}">{title}</a></h3></div>'
        for n, (title, _) in enumerate(TEASERS)
    )
    extracted = parsed(
        page(f"<main><h1>{TITLE}</h1>{''.join(paragraphs(BATH))}</main><div>{cards}</div>")
    )
    assert extracted.notes == ()
    assert "Heath fire" not in extracted.text


UPDATES = [
    ("2025-02-11T18:20:00+01:00", "Mayor thanks helpers", "350 people helped."),
    ("2025-02-11T15:45:00+01:00", "Peak at 6.82 metres", "The water falls again."),
    ("2025-02-11T09:05:00+01:00", "Market under water", "It stands 40 centimetres high."),
]
LIVE = {"@type": "LiveBlogPosting", "headline": TITLE, "datePublished": UPDATES[-1][0]}


@pytest.mark.parametrize(
    "data",
    [
        page(f"<main><h1>{TITLE}</h1><p>{BATH[0]}</p>" + "".join(
            f'<div class="entry"><time datetime="{when}">x</time><h2>{title}</h2><p>{line}</p></div>'
            for when, title, line in UPDATES) + "</main>", ld(LIVE)),
        page(f"<main><h1>{TITLE}</h1><p>{BATH[0]}</p>" + "".join(
            f'<div class="live-update"><h3>{title}</h3><p>{line}</p><time datetime="{when}">x</time></div>'
            for when, title, line in UPDATES) + "</main>"),
        page(f"<main><h1>{TITLE}</h1><p>{BATH[0]}</p></main>", ld({**LIVE, "liveBlogUpdate": [
            {"@type": "BlogPosting", "headline": title, "datePublished": when, "articleBody": line}
            for when, title, line in UPDATES]})),
    ],
    ids=["declared", "named", "in a script only"],
)  # fmt: skip
def test_each_update_of_a_live_blog_is_a_block_with_its_time(data):
    extracted = parsed(data)
    blocks = [(extracted.text[b.start : b.end], b.kind) for b in extracted.blocks]
    assert blocks[0] == (TITLE, "title")
    for when, title, line in UPDATES:
        heading = (f"{when[:10]} {when[11:16]}: {title}", "heading")
        assert blocks[blocks.index(heading) + 1] == (line, "paragraph")
