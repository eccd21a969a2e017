"""Boilerplate is marked; articles about the same topics are not."""

from __future__ import annotations

import pytest

from rag.corpus.load import load

TITLE = "Copper Mine Opens in Spring"
BODY = "The mine opened in spring, and it sold its first ore to the smelter next door."


def kind_of(line: str, *, before: str = BODY, after: str = "", name: str = "a.txt") -> str:
    text = "\n\n".join(part for part in (TITLE, BODY, before, line, after) if part)
    document = load(name, name, text.encode())
    start = text.index(line, len(TITLE))
    return next(b.kind for b in document.blocks if b.start <= start < b.end)


@pytest.mark.parametrize(
    "line",
    [
        "Leave a Reply",
        "Share this article on Facebook",
        "Subscribe to our newsletter",
        "Sign up for our free daily briefing",
        "You must be logged in to post a comment.",
        "Please Fill Out The Form Below",
        "Advertisement",
        "Story continues below advertisement",
        "© 2025 Example Media. All rights reserved.",
        "Copyright (c) 2024 Example Media",
        "We use cookies to improve your experience on this site.",
        "Photo: Jane Doe",
        "Disclaimer: This is not financial advice.",
        "Disclosure: The author holds shares. Do your own research before you invest in anything.",
        "Click here to subscribe",
        "Start your free trial today.",
    ],
)
@pytest.mark.parametrize("after", ["", BODY])
def test_boilerplate_anywhere(line: str, after: str) -> None:
    assert kind_of(line, after=after) == "boilerplate"


@pytest.mark.parametrize(
    "line",
    ["Most Discussed", "Latest News", "Related Articles", "About the Author", "Privacy Policy"],
)
def test_a_section_name_is_boilerplate_only_without_content_below(line: str) -> None:
    assert kind_of(line) == "boilerplate"
    assert kind_of(line, after=BODY) == "heading"


@pytest.mark.parametrize(
    "paragraph",
    [
        "Readers who subscribe to a newspaper pay more than they did ten years ago, a study says.",
        "The court found that copyright in the drawings had passed to the museum in 1998.",
        "A disclaimer on the firm's site says that it does not guarantee the accuracy of its data.",
        "“We use cookies”, the banner says, and most people click it away without reading a word.",
        "Join now or pay later, the union told its members before the vote on the new contract.",
        "Copyright law changed in 1998.",
        "All rights reserved for the state were sold, and the buyers were never named in public.",
        "Share prices fell, and comments from the bank did not help, nor did the latest news.",
        "The sign-up form asks for a name, an address and a date of birth, and nothing else at all.",
        "Subscribe, the poster said; nobody did, and within a year the paper had to close for good.",
        "Disclaimer: the word comes from Norman French and first meant to give up a legal claim.",
        "Sources: they are the best thing a reporter has, and the first thing she must protect.",
    ],
)
@pytest.mark.parametrize("after", ["", BODY])
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_content_that_only_mentions_boilerplate_stays(
    paragraph: str, after: str, name: str
) -> None:
    assert kind_of(paragraph, after=after, name=name) == "paragraph"


def test_an_unlabelled_disclaimer_needs_two_patterns_and_the_end_of_the_text() -> None:
    disclaimer = (
        "Example Media does not guarantee the accuracy of this text. It is not financial advice, "
        "and you should do your own research."
    )
    assert kind_of(disclaimer) == "boilerplate"
    assert kind_of(disclaimer, after=BODY) == "paragraph"
    assert kind_of(disclaimer, before="Disclosure") == "boilerplate"


def test_an_article_about_disclaimers_is_content() -> None:
    text = (
        "Why Disclaimers Fail\n\nMost sites carry a line that says nothing on them is advice, and "
        "few readers ever see it.\n\nWhat a Disclaimer Says\n\nIt usually says that the publisher "
        "does not guarantee accuracy, and sends people to a lawyer.\n\nWho Reads Them\n\nNearly "
        "nobody does, a survey of four hundred readers found in the spring."
    )
    document = load("a.txt", "a.txt", text.encode())
    kinds = [block.kind for block in document.blocks]
    assert kinds == ["title", "paragraph", *["heading", "paragraph"] * 2]


def test_headings_without_content_are_boilerplate_beside_boilerplate() -> None:
    assert kind_of("Trending Stuff From Partners", after="Share this article") == "boilerplate"
    assert kind_of("Trending Stuff From Partners") == "paragraph"
    assert kind_of("Trending Stuff From Partners", after=BODY) == "heading"


def test_an_offer_and_the_heading_above_it() -> None:
    offer = (
        "Our alerts tell investors about discoveries before the market knows of them. Begin your "
        "30-day free trial today at Example Alert and stay ahead of everybody else."
    )
    assert kind_of(offer) == "boilerplate"
    assert kind_of("Ready to Invest in Copper?", after=offer) == "boilerplate"
    assert kind_of(offer, after=BODY) == "paragraph"


def test_short_sentences_that_recur_are_boilerplate() -> None:
    line = "Continue reading the story below."
    text = "\n\n".join([TITLE, *[f"{BODY[:-1]} in year {n}.\n\n{line}" for n in range(4)], BODY])
    document = load("a.txt", "a.txt", text.encode())
    assert sum(block.kind == "boilerplate" for block in document.blocks) == 4
    # Headings recur in reports, and a text that only repeats one sentence is not boilerplate.
    report = "\n\n".join([TITLE, *[f"Key Facts\n\n{BODY[:-1]} in year {n}." for n in range(4)]])
    for text in (report, "\n\n".join([TITLE, *["The cat sat down."] * 9])):
        document = load("a.txt", "a.txt", text.encode())
        assert all(block.kind != "boilerplate" for block in document.blocks)


def test_teasers_with_sentences_are_content() -> None:
    text = (
        f"{TITLE}\n\n{BODY}\n\nRelated Articles\n\nZinc Smelter Closes After Forty Years\n"
        f"3/18/2026\n\n{BODY}"
    )
    document = load("a.txt", "a.txt", text.encode())
    assert [block.kind for block in document.blocks] == [
        "title", "paragraph", "boilerplate", "heading", "boilerplate", "paragraph"
    ]  # fmt: skip


BODY = (
    "The mine opened in spring, and it sold its first ore to the smelter next door. It may close."
)


@pytest.mark.parametrize(
    "tail",
    [
        "Unsubscribe | Manage preferences | View in browser",
        "You are receiving this email because you signed up at example.org.",
        "If you no longer wish to receive these mails, unsubscribe here.",
        "Most Read\n\n1. Bank cuts rates again\n2. Gold soars to new high",
        "Most read\n\nGold rises on weak dollar\nTin falls\nWhat it means\nZinc rises\nLead is flat",
        "About the author\n\nAnn Lee is a reporter at the Metal Weekly.",
        "Ann Lee covers energy from Oslo. She joined the paper in 2011.",
        "Leave a comment\n\nYour email address will not be published. Fields are marked *\n\nName *",
        "Save my name, email, and website in this browser for the next time I comment.\n\nPost Comment",
        "(Reporting by Ann Lee; Editing by Bo Ray)\n\nOur Standards: The Principles of Trust.",
        "Tags: copper, mining, Chile\n\n5 min read",
        "Privacy Policy · Terms of Use · Contact",
    ],
)  # fmt: skip
def test_what_stands_below_an_article(tail):
    document = load("a.txt", "a.txt", f"{TITLE}\n\nBy Ann Lee\n\n{BODY}\n\n{tail}".encode())
    content = [document.text[b.start : b.end] for b in document.blocks if b.kind != "boilerplate"]
    assert content == [TITLE, BODY]


@pytest.mark.parametrize(
    "line",
    ["Share on Facebook | Tweet | Copy link", "Share Tweet Share Email", "Accept all | Reject all",
     "ADVERTISEMENT - CONTINUE BELOW", "Listen to this article", "Story continues below advertisement"],
)  # fmt: skip
def test_what_stands_inside_an_article(line):
    document = load("a.txt", "a.txt", f"{TITLE}\n\n{BODY}\n\n{line}\n\n{BODY}".encode())
    kinds = [block.kind for block in document.blocks]
    assert kinds == ["title", "paragraph", "boilerplate", "paragraph"]


@pytest.mark.parametrize(
    "text",
    [
        f"{BODY}\n\nRelated articles\n\nGold fell on Monday. Tin rose.",
        "Latest News\n\n- Copper is up 5%\n- Zinc is down 3%",
        f"{BODY}\n\nAnn Lee, a farmer, said that it stinks.",
        f"{BODY}\n\nIts newsletter says how to sell it.",
        f"{BODY}\n\nFacebook shares fell by 5 %.",
    ],
)
def test_content_that_resembles_it(text):
    document = load("a.txt", "a.txt", f"{TITLE}\n\nBy Ann Leeds\n\n{text}".encode())
    assert [b.kind for b in document.blocks if b.kind == "boilerplate"] == ["boilerplate"]
