"""Title, publisher, date and URL of articles other than the seeds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.corpus.load import load
from rag.corpus.sidecar import Correction
from rag.formats.front_matter import front_matter
from rag.records import Document
from rag.text.datelines import month_comes_first, read_dateline

TITLE = "Copper Mine Opens in Spring"
BODY = "The mine opened in spring, and it sold its first ore to the smelter next door."


def read(*parts: str, name: str = "dir/a.txt", correction: Correction | None = None) -> Document:
    return load(name, name, "\n\n".join(parts).encode(), correction)


@pytest.mark.parametrize(
    "above",
    [
        "Home > News > Mining",
        "News Room - Business/Economics",
        "Example\n\nexample.org\nall about metals",
        "Posted on 31 Oct 2025",
        "By Jane Doe",
        "- Home\n- About\n- Contact",
        "Home | News | Prices | About",
        "Home  About  Contact  Privacy",
        "Skip to content",
        "https://example.org/a",
        "FOR IMMEDIATE RELEASE",
        "Breaking News Today",
    ],
)
def test_the_title_is_the_first_line_that_reads_like_one(above: str) -> None:
    document = read(above, TITLE, BODY)
    assert document.title == TITLE
    assert document.evidence["title"].endswith("first title-like line")
    kinds = [block.kind for block in document.blocks]
    assert kinds[-2:] == ["title", "paragraph"]
    assert set(kinds[:-2]) == {"boilerplate"}


@pytest.mark.parametrize(
    "title",
    ["Dollar gains on bank speech", "Is Copper Back?", "‘We Won’", "Copper Falls in the U.S.", "Zinc",
     "10 Ways to Mine Copper", "Kupfer: neue Mine öffnet", "铜矿在春天开业"],
)  # fmt: skip
def test_first_lines_of_many_forms_are_titles(title: str) -> None:
    assert read(title, BODY).title == title


@pytest.mark.parametrize(
    "text", [BODY, f"{BODY}\n\n{TITLE}\n\n{BODY}", "and then it rained\n\n" + BODY, "3/18/2026"]
)
def test_the_file_name_replaces_a_missing_title(text: str) -> None:
    document = read(text)
    assert (document.title, document.evidence["title"]) == ("a", "file name")
    assert all(block.kind != "title" for block in document.blocks)


def test_labelled_lines() -> None:
    document = read(
        "Title: copper, again\nAuthor: Jane Doe\nPublisher: Metal Weekly\nDate: 3 March 2025\n"
        "URL: https://example.org/copper",
        BODY,
    )
    assert (document.title, document.publisher) == ("copper, again", "Metal Weekly")
    assert (document.published, document.url) == ("2025-03-03", "https://example.org/copper")
    assert document.author == "Jane Doe"
    assert [b.kind for b in document.blocks] == ["boilerplate", "paragraph"]
    document = read("Title: copper, again", "Source: Metal Weekly", BODY)
    assert (document.title, document.publisher) == ("copper, again", "Metal Weekly")
    assert [document.text[b.start : b.end] for b in document.blocks if b.kind == "title"] == [
        "copper, again"
    ]


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
@pytest.mark.parametrize(
    "front",
    [
        "---\ntitle: Ore: Why\nauthor: Ann Lee\ndate: {d}\nsite: Orbit\n---",
        "\n\n---\nTitle: 'Ore: Why'\nauthors: [Ann Lee]\npublishDate: {d}\npublisher: Orbit\n---",
        "<!-- x -->\n---\nheadline: Ore: Why\nauthor:\n  name: Ann Lee\ncreated: {d}\nsource: Orbit\n...",
        "---\ntitle: null\nog:title: Ore: Why\nauthors:\n- Ann Lee\npubDate: {d}\noutlet: Orbit\n---",
        '+++\ntitle = "Ore: Why"\nauthors = ["Ann Lee"]\ndate = {d}\nsite = "Orbit"\n+++',
        '{{"title": "Ore: Why", "author": {{"name": "Ann Lee"}}, "date": "{d}",\n"site": "Orbit"}}',
        "Title: Ore: Why\nAuthor: Ann Lee\nDate: {d}\nPublication: Orbit",
        "**Title:** Ore: Why\n**By:** Ann Lee\n**Published:** {d}\n**Source:** Orbit",
        "From: Ann Lee <a@b.org>\nSubject: Re: FW: Ore: Why\nDate: {d}\nPublisher: Orbit\nX-Y: a\n  b",
        "Von: Ann Lee <a@b.org>\nGesendet: {d}\nAn: Bo\nBetreff: AW: Ore: Why\nPublisher: Orbit",
        "From: Ann Lee <a@b.org>\nSubject: =?utf-8?q?Ore=3A_Why?=\nDate: {d}\nPublisher: Orbit",
        "---yaml\ntitle: Ore: Why\nauthor: Ann Lee\ndate: !!timestamp {d}\nsite: Orbit\n---",
        '---json\n{{"title": "Ore: Why", "author": "Ann Lee", "date": "{d}", "site": "Orbit"}}\n---',
        "+++\ntitle = Ore: Why\nauthor = Ann Lee\ntimestamp = {d}\nsite = Orbit\n+++",
        ":title: Ore: Why\n:author: Ann Lee\n:date: {d}\n:publisher: Orbit",
        "From: Bo <b@c.org>\nSubject: Fwd: Ore\nDate: 9 Dec 2025\n\n--- Forwarded message ---\n"  # noqa: ISC004
        "> From: Ann Lee <a@b.org>\n> Date: {d}\n> Subject: Ore: Why\n> Publisher: Orbit",
    ],
)
def test_metadata_at_the_top(front: str, name: str) -> None:
    document = read(front.format(d="2025-10-31"), BODY, name=name)
    found = (document.title, document.author, document.published, document.publisher)
    assert found == ("Ore: Why", "Ann Lee", "2025-10-31", "Orbit")
    assert [(b.kind, document.text[b.start : b.end]) for b in document.blocks][1:] == [
        ("paragraph", BODY)
    ]


@pytest.mark.parametrize(
    ("block", "title", "author", "published"),
    [
        ("% Ore: Why\n% Ann Lee\n% 31 October 2025", "Ore: Why", "Ann Lee", "2025-10-31"),
        ("% Ore:\n  Why\n% Ann Lee\n  Bo Ray\n%", "Ore: Why", "Ann Lee; Bo Ray", None),
        ("% Ore: Why\n%\n% 2025-10-31", "Ore: Why", None, "2025-10-31"),
        ("%\n% Ann Lee", "a", "Ann Lee", None),
    ],
)
def test_the_title_block_of_pandoc(block: str, title: str, author: str, published: str) -> None:
    document = read(block, BODY, name="a.md")
    assert (document.title, document.author, document.published) == (title, author, published)
    assert [each.kind for each in document.blocks] == ["boilerplate", "paragraph"]


@pytest.mark.parametrize(
    "title",
    [
        "*Bold* claims of ore",
        "!Important ore",
        "&more ore",
        "[Update] Ore found",
        "{Old} ore",
        "Ore is #1",
    ],
)
def test_a_title_may_begin_or_end_with_what_means_something_in_yaml(title: str) -> None:
    found = read(f"---\ntitle: {title}\ndate: 2025-10-31\n---", BODY, name="a.md")
    assert (found.title.split(), found.published) == (title.replace("*", "").split(), "2025-10-31")


@pytest.mark.parametrize("value", ["null", "~", "false", "N/A", "untitled", "''", "None", "-"])
def test_a_value_that_says_nothing(value: str) -> None:
    front = f"---\ntitle: {value}\npublisher: {value}\nauthor: {value}\ndate: {value}\n---"
    document = read(front, f"# {TITLE}", BODY, name="a.md")
    assert document.title == TITLE
    assert (document.publisher, document.author, document.published_text) == (None, None, None)


@pytest.mark.parametrize(
    "text",
    [
        f"Note: this is all.\nDate: unknown to us\n\n{BODY}",
        f"ANN LEE: We came.\nBO RAY: They did.\n\n{BODY}",
        f"Source: Orbit\nAn Ore Story for All\n\n{BODY}",
        f"---\nThe ore: it was sold in spring.\n---\n\n{BODY}",
        f'{{"a": 1}}\n\n{BODY}',
        f"{{{{ template }}}}\n\n{BODY}",
        f"% one\n% two\n% three\n% four\n\n{BODY}",
        f"%% a cell\n\n{BODY}",
        f"% of the ore was sold\nin spring.\n\n{BODY}",
    ],
)
def test_other_first_lines_are_no_metadata(text: str) -> None:
    assert front_matter(text) == (0, ())


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("2025-10-31T23:30:00-05:00", "2025-10-31"), ("2025-10-31 09:00:00 +0000 UTC", "2025-10-31"),
        ("20251031", "2025-10-31"), ("20251031T090000Z", "2025-10-31"), ("1761901200", "2025-10-31"),
        ("1761901200123", "2025-10-31"), ("D:20251031093000+01'00'", "2025-10-31"),
        ("Fri, 31 Oct 2025 09:00:00 +0000 (UTC)", "2025-10-31"), ("Oct 31 '25", "2025-10-31"),
        ("Fri Oct 31 09:00:00 UTC 2025", "2025-10-31"), ("31. Oktober 2025", "2025-10-31"),
        ("31 de octubre de 2025", "2025-10-31"), ("1er août 2025", "2025-08-01"),
        ("31-Oct-25", "2025-10-31"), ("2025年10月31日", "2025-10-31"), ("10/31/25", "2025-10-31"),
        ("Oct. 31st, 2025 at 9 a.m. ET", "2025-10-31"), ("on 31 October 2025 in Oslo", "2025-10-31"),
        ("2011", None), ("October 2025", None), ("3/4/2025", None), ("31 Feb 2025", None),
    ],
)  # fmt: skip
def test_stated_dates(written: str, published: str | None) -> None:
    document = read(f'---\ntitle: Ore\ndate: "{written}"\n---', BODY, name="a.md")
    assert (document.published, document.published_text is not None) == (published, True)


def test_a_whole_date_comes_before_a_part_of_one() -> None:
    document = read("---\ndate: 3/4/2025\n---", TITLE, "Posted 4 March 2025", BODY)
    assert document.published == "2025-03-04"
    document = read("---\ndate: 2025\nlastmod: 2025-12-01\n---", TITLE, BODY)
    assert (document.published, document.published_text) == (None, "2025")
    assert document.updated == "2025-12-01"


@pytest.mark.parametrize(
    "line",
    [
        "Oct 31, 2025 | Updated Nov 2, 2025", "Published 31 Oct 2025, last updated on 2 Nov 2025",
        "Updated 2 Nov 2025\n\nPublished 31 Oct 2025", "31 October 2025 (updated 2 November 2025)",
    ],
)  # fmt: skip
def test_the_last_update(line: str) -> None:
    document = read(TITLE, line, BODY)
    assert (document.published, document.updated) == ("2025-10-31", "2025-11-02")


@pytest.mark.parametrize(
    ("line", "author", "publisher"),
    [
        ("By Ann Lee", "Ann Lee", None), ("Written by Ann Lee and Bo Ray", "Ann Lee and Bo Ray", None),
        ("By Ann Lee, Reuters", "Ann Lee", "Reuters"), ("By Ann Lee in Oslo", "Ann Lee", None),
        ("By Ann Lee, Bo Ray and Cy Fox", "Ann Lee, Bo Ray and Cy Fox", None),
        ("By Ann Lee | Senior Reporter", "Ann Lee", None), ("By Reuters Staff", None, "Reuters"),
        ("Posted by Ann Lee on Oct 31, 2025", "Ann Lee", None),
        ("Posted by admin on 1 May 2025", None, None),
        ("By Metal Weekly | Oct 31, 2025", None, "Metal Weekly"), ("by the sea", None, None),
    ],
)  # fmt: skip
def test_bylines(line: str, author: str | None, publisher: str | None) -> None:
    document = read(TITLE, line, BODY)
    assert (document.author, document.publisher) == (author, publisher)


def test_a_stated_language_counts_only_where_it_is_plausible() -> None:
    def language(stated: str, body: str) -> str:
        return read(f"---\ntitle: T\nlang: {stated}\n---", body).language

    assert language("de-DE", BODY) == "en"
    assert (
        language("nb", "Gruva åpna i vår, og malmen ble solgt til smelteverket ved siden av.")
        == "nb"
    )
    assert (
        language("en", "Die Grube wurde im Frühjahr eröffnet, und das Erz ging an die Hütte.")
        == "de"
    )


@pytest.mark.parametrize(
    ("parts", "publisher"),
    [
        ((TITLE, f"OSLO, Nov 3 (Reuters) - {BODY}"), "Reuters"),
        ((TITLE, f"OSLO, Norway, 3 November 2025 (Xinhua) -- {BODY}"), "Xinhua"),
        ((TITLE, f"OSLO, Oct. 31, 2025 /PRNewswire/ -- {BODY}"), "PRNewswire"),
        ((TITLE, f"(Bloomberg) -- {BODY}"), "Bloomberg"),
        ((TITLE, f"OSLO (AP) — {BODY}"), "AP"),
        ((f"{TITLE} | Metal Weekly", BODY), "Metal Weekly"),
        ((f"{TITLE} - Reuters", "Oct 31 2025", BODY), "Reuters"),
        ((f"{TITLE} — mining.example.com", BODY), "mining.example.com"),
        ((TITLE, "Reuters", "Oct 31 2025", BODY), "Reuters"),
        ((TITLE, f"NEW DELHI: (PTI) {BODY}"), "PTI"),
        ((TITLE, f"NEW DELHI, Oct 31 (PTI) {BODY}"), "PTI"),
        ((TITLE, f"LAGOS (AFP): {BODY}"), "AFP"),
        ((TITLE, f"ŁÓDŹ, 3 maja (PAP) - {BODY}"), "PAP"),
        (
            (f"{TITLE}\nAgence France-Presse in Oslo\nFri 31 Oct 2025 09.30 GMT", BODY),
            "Agence France-Presse",
        ),
        ((TITLE, BODY, "Source: Metal Weekly"), "Metal Weekly"),
        ((TITLE, BODY, "© 2025 Metal Weekly. All rights reserved."), "Metal Weekly"),
        ((TITLE, BODY, "Copyright 2024 Example Media"), "Example Media"),
        ((TITLE, BODY, "Copyright (c) Example Media 2024. All Rights Reserved"), "Example Media"),
        ((TITLE, "Metal News", "Oct 28, 2025", BODY), "Metal News"),
        ((TITLE, "Metal News | Oct 28, 2025", BODY), "Metal News"),
        (("metals.example.org", TITLE, BODY), "metals.example.org"),
        ((TITLE, BODY[:-1] + ", Metalwire reports."), "Metalwire"),
        ((TITLE, BODY, "MetalPrice Commentary:", BODY), "MetalPrice"),
        (
            (TITLE, BODY, "Disclaimer: Metal Weekly does not guarantee the accuracy of this."),
            "Metal Weekly",
        ),
        (
            (TITLE, BODY, "Disclosure", "Metal Weekly does not guarantee the accuracy of this."),
            "Metal Weekly",
        ),
    ],
)
def test_publisher(parts: tuple[str, ...], publisher: str) -> None:
    assert read(*parts).publisher == publisher


@pytest.mark.parametrize(
    "parts",
    [
        (TITLE, "By Jane Doe", "Oct 28, 2025", BODY),
        (TITLE, "Jane Doe", "Oct 28, 2025", BODY),
        (TITLE, "Jane Doe | Oct 28, 2025", BODY),
        (TITLE, "Oct 28, 2025", "Mining", BODY),
        (TITLE, "World News", "Oct 28, 2025", BODY),
        (TITLE, BODY, "Expert Commentary:", BODY),
        (TITLE, BODY, "Market Commentary", BODY),
        (TITLE, BODY, "Source: company data", BODY),
        (TITLE, BODY, "Source: Metal Weekly", BODY),  # of a picture, in the middle
        (TITLE, BODY[:-1] + ", the paper reports."),
        (TITLE, BODY, "Disclaimer: This does not guarantee anything, and is not legal advice."),
        (TITLE, BODY, "The readme.md file"),
        (f"{TITLE} | Opinion", BODY),
        (f"{TITLE} - Minister", BODY),
        (f"{TITLE} – Jane Doe", BODY),
        (TITLE, f"MP Materials (the miner) - a firm - {BODY}"),
        (TITLE, f"Copper (Cu) is a metal. {BODY}"),
    ],
)
def test_no_publisher_is_better_than_a_wrong_one(parts: tuple[str, ...]) -> None:
    document = read(*parts)
    assert document.publisher is None
    assert "publisher" not in document.evidence


@pytest.mark.parametrize(
    ("line", "published", "written"),
    [
        ("2025-10-31", "2025-10-31", "2025-10-31"),
        ("2025-10-31T08:00:00Z", "2025-10-31", "2025-10-31T08:00:00Z"),
        ("31 Oct 2025", "2025-10-31", "31 Oct 2025"),
        ("October 31, 2025", "2025-10-31", "October 31, 2025"),
        ("Oct. 31st 2025", "2025-10-31", "Oct. 31st 2025"),
        ("31st of October 2025", "2025-10-31", "31st of October 2025"),
        ("10/31/2025, 8:09:36 PM", "2025-10-31", "10/31/2025, 8:09:36 PM"),
        ("2025/10/31", "2025-10-31", "2025/10/31"),
        ("31.10.2025", "2025-10-31", "31.10.2025"),
        ("31-Oct-2025", "2025-10-31", "31-Oct-2025"),
        ("5/5/2025", "2025-05-05", "5/5/2025"),
        ("2025年10月31日", "2025-10-31", "2025年10月31日"),
        (
            "Friday, October 31, 2025 at 5:04 PM EST",
            "2025-10-31",
            "October 31, 2025 at 5:04 PM EST",
        ),
        ("Posted on 31 Oct 2025", "2025-10-31", "31 Oct 2025"),
        ("Published: Oct 31, 2025 | 5 min read", "2025-10-31", "Oct 31, 2025"),
        ("By Jane Doe, Oct 31, 2025", "2025-10-31", "Oct 31, 2025"),
        ("Oct 28", None, "Oct 28"),
        ("October 2025", None, "October 2025"),
        ("3/4/2026", None, "3/4/2026"),
        ("Posted by admin on October 31, 2025", "2025-10-31", "October 31, 2025"),
        ("Oct 31, 2025 / 10:15 AM EDT", "2025-10-31", "Oct 31, 2025 / 10:15 AM EDT"),
        ("20251031", "2025-10-31", "20251031"),
        ("PUBLISHED: 10/31/2025 9:14 AM EDT", "2025-10-31", "10/31/2025 9:14 AM EDT"),
        ("Fri 31 Oct 2025 09.30 GMT", "2025-10-31", "31 Oct 2025 09.30 GMT"),
        ("Published October 31, 2025 at 9 a.m. ET", "2025-10-31", "October 31, 2025 at 9 a.m. ET"),
        ("31. Oktober 2025, 09:30", "2025-10-31", "31. Oktober 2025, 09:30"),
        ("10:15 AM EDT, Fri October 31, 2025", "2025-10-31", "October 31, 2025"),
        (
            "on Friday, October 31st, 2025 at 11:08 a.m.",
            "2025-10-31",
            "October 31st, 2025 at 11:08 a.m.",
        ),
        ("Ann Lee, 31 October 2025", "2025-10-31", "31 October 2025"),
        ("Oslo – 31 October 2025", "2025-10-31", "31 October 2025"),
        ("October 31, 2025 by Ann Lee", "2025-10-31", "October 31, 2025"),
        ("[31 October 2025]", "2025-10-31", "31 October 2025"),
        ("- October 31, 2025 -", "2025-10-31", "October 31, 2025"),
        ("4.3.2025", "2025-03-04", "4.3.2025"),
        (
            "Veröffentlicht am 31. Oktober 2025, 09:30 Uhr",
            "2025-10-31",
            "31. Oktober 2025, 09:30 Uhr",
        ),
        ("Publié le 31 octobre 2025 à 10h15", "2025-10-31", "31 octobre 2025 à 10h15"),
        ("Publicado el 31 de octubre de 2025", "2025-10-31", "31 de octubre de 2025"),
        ("Stand: 31.10.2025", "2025-10-31", "31.10.2025"),
        ("October 31, 2025 Friday", "2025-10-31", "October 31, 2025 Friday"),
        ("2025-Oct-31", "2025-10-31", "2025-Oct-31"),
        ("Anna Nowak, 31 października 2025", "2025-10-31", "31 października 2025"),
        ("piątek, 31 października 2025", "2025-10-31", "31 października 2025"),
        ("31. října 2025", "2025-10-31", "31. října 2025"),
        ("2025. október 31.", "2025-10-31", "2025. október 31."),
        ("2025 m. spalio 31 d.", "2025-10-31", "2025 m. spalio 31 d."),
        ("31 октября 2025 г.", "2025-10-31", "31 октября 2025 г."),
        ("31 Οκτωβρίου 2025", "2025-10-31", "31 Οκτωβρίου 2025"),
        ("31. lokakuuta 2025", "2025-10-31", "31. lokakuuta 2025"),
        ("31 Ekim 2025, 09:30", "2025-10-31", "31 Ekim 2025, 09:30"),
        ("31 d'octubre de 2025", "2025-10-31", "31 d'octubre de 2025"),
        ("Publié le vendredi 31 octobre 2025", "2025-10-31", "31 octobre 2025"),
        ("Le 31 octobre 2025 à 10h15", "2025-10-31", "31 octobre 2025 à 10h15"),
        ("den 31. oktober 2025", "2025-10-31", "31. oktober 2025"),
        ("Posted 0339 GMT (1139 HKT) October 31, 2025", "2025-10-31", "October 31, 2025"),
    ],
)
def test_datelines(line: str, published: str | None, written: str) -> None:
    document = read(TITLE, line, BODY)
    assert (document.published, document.published_text) == (published, written)
    assert document.evidence["published"].startswith("line 3: dateline")
    assert [block.kind for block in document.blocks] == ["title", "boilerplate", "paragraph"]


@pytest.mark.parametrize(
    "line",
    ["31 Feb 2025", "13/13/2025", "May 5 protests", "October 31, 2025, was a cold day.", "1/2",
     "Saturday, 26 February", "March of the Penguins 2005", "Version 1.2.2025.4", "2025", "Market 2025",
     "12345678", "20259931", "Mars 2025", "30 listopada 2025", "31 people 2025", "Hotel 31 October 2025"],
)  # fmt: skip
def test_lines_that_are_not_datelines(line: str) -> None:
    assert read_dateline(line) is None
    assert read(TITLE, line, BODY).published_text is None


@pytest.mark.parametrize(
    ("lead", "published"),
    [
        ("OSLO, Oct. 31, 2025 (GLOBE NEWSWIRE) -- Copper fell.", "2025-10-31"),
        ("NEW YORK, October 31, 2025 /PRNewswire/ -- Copper fell.", "2025-10-31"),
        ("LINDVIK, 31 October 2025 (Reuters) - Copper fell.", "2025-10-31"),
        ("OSLO, Norway, October 31, 2025 \u2013 Copper fell.", "2025-10-31"),
        ("OSLO, Oct 31 (Reuters) - Copper fell.", None),
        ("October 31, 2025, was the day on which copper fell.", None),
    ],
)
def test_a_lead_may_begin_with_the_place_and_the_date(lead: str, published: str | None) -> None:
    assert read("Copper falls again", f"{lead} {BODY}", BODY).published == published
    assert read("Copper falls again", "2 November 2025", f"{lead} {BODY}").published == "2025-11-02"


@pytest.mark.parametrize(
    "masthead", ["The Harbour Post", "The Lindvik Daily Gazette", "12 of 40 DOCUMENTS", "3 of 9"]
)
def test_a_newspaper_s_name_or_a_count_above_the_title_is_not_the_title(masthead: str) -> None:
    document = read(masthead, "Copper falls again", "By Ann Lee", "31 October 2025", BODY)
    assert document.title == "Copper falls again"
    assert (document.publisher == masthead) == masthead.startswith("The")


def test_a_newspaper_s_name_is_the_title_where_nothing_else_is() -> None:
    assert read("The Harbour Post", BODY).title == "The Harbour Post"


def test_dates_in_prose_are_not_the_publication_date() -> None:
    document = read(TITLE, f"On October 28, 2025, {BODY}", f"Until 3/18/2026. {BODY}")
    assert (document.published, document.published_text) == (None, None)


def test_another_date_in_the_document_resolves_an_ambiguous_one() -> None:
    assert read(TITLE, "3/4/2026", f"{BODY} It closes on 3/18/2026.").published == "2026-03-04"
    assert read(TITLE, "3/4/2026", f"{BODY} It closes on 18/3/2026.").published == "2026-04-03"
    mixed = f"{BODY} It opened on 3/18/2026 and closes on 18/3/2026."
    document = read(TITLE, "3/4/2026", mixed)
    assert document.published is None
    assert document.published_text == "3/4/2026"
    assert "day or month" in document.evidence["published"]
    assert month_comes_first("1/2/2025") is None


def test_the_publication_date_comes_before_the_last_update() -> None:
    document = read(TITLE, "Updated 5 Nov 2025", "Published 31 Oct 2025", BODY)
    assert document.published == "2025-10-31"
    assert read(TITLE, BODY, "Last updated: 5 Nov 2025").published == "2025-11-05"


def test_urls() -> None:
    assert read(TITLE, "https://example.org/a?b=1", BODY).url == "https://example.org/a?b=1"
    assert read("URL: HTTP://example.org", TITLE, BODY).url == "HTTP://example.org"
    for line in ("ftp://example.org/a", "javascript:alert(1)", "URL: file:///etc/passwd"):
        assert read(TITLE, line, BODY).url is None
    assert read(TITLE, BODY, f"See https://example.org for more. {BODY}").url is None


def test_a_correction_comes_before_everything() -> None:
    correction = Correction("New Title", "New House", "2024-01-02", "https://example.org/new")
    parts = (TITLE, "Metal News", "Oct 28, 2025", "https://example.org/old", BODY)
    document = read(*parts, correction=correction)
    assert (document.title, document.publisher) == ("New Title", "New House")
    assert (document.published, document.url) == ("2024-01-02", "https://example.org/new")
    assert document.published_text == "2024-01-02"
    assert set(document.evidence.values()) == {"metadata.jsonl", "utf-8"}
    assert document.text == read(*parts).text
    [title, *rest] = read(*parts).blocks
    assert document.blocks == (
        replace(title, kind="heading"),
        *rest,
    )  # it may still be searched for
    assert [block.kind for block in read(TITLE, correction=correction).blocks] == ["paragraph"]
    same = Correction(title=TITLE)
    assert read(TITLE, BODY, correction=same).blocks[0].kind == "title"


def test_a_correction_can_remove_or_keep_a_value() -> None:
    parts = (TITLE, "Metal News", "Oct 28, 2025", BODY)
    document = read(*parts, correction=Correction(publisher="", published="2025-10-28"))
    assert (document.title, document.publisher) == (TITLE, None)
    assert (document.published, document.published_text) == ("2025-10-28", "Oct 28, 2025")
