"""A copy is recognized whatever stands around it; another report on the same matter is not a copy."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.articles import is_later_version, one_voice, same_article
from rag.answer.consensus import independent
from rag.records import Document
from rag.text.addresses import article_address, site
from rag.text.copies import copies, copies_among_many

REPORTS = Path(__file__).parent / "reports"
STORY, REPRINT, OTHER = (
    (REPORTS / name).read_text(encoding="utf-8")
    for name in ("fire-herald.txt", "fire-evening.txt", "fire-sentinel.txt")
)
PARAGRAPHS = STORY.split("\n\n")


@pytest.mark.parametrize(
    "copy",
    [
        REPRINT,
        "\n\n".join(["Another headline", *PARAGRAPHS[1:]]),
        "\n\n".join(PARAGRAPHS[1:3]),  # cut short
        "Subscribe now. About us. Read our terms.\n\n" * 5
        + STORY
        + "\n\nMore stories: a storm." * 9,
        STORY.upper().replace("\n\n", "\n"),
        STORY.replace("late on Monday", "on Monday night").replace("Forty", "Some 40"),
    ],
)
def test_a_copy_is_recognized_by_its_text(copy):
    assert copies([STORY, OTHER, copy]) == [0, 1, 0]
    assert copies([copy, STORY]) == [0, 0]


def test_reports_on_one_matter_are_not_copies():
    texts = [path.read_text(encoding="utf-8") for path in sorted(REPORTS.glob("*.txt"))]
    groups = copies(texts)
    assert len(set(groups)) == len(texts) - 2  # the fire and the bridge, each printed twice


def test_copies_of_a_copy_belong_together():
    half, rest = " ".join(f"w{n}" for n in range(40)), " ".join(f"v{n}" for n in range(40))
    assert copies([half, rest, f"{half} {rest}"]) == [0, 0, 0]


def test_the_numbers_do_not_depend_on_the_hash_seed():
    code = f"from rag.text.copies import copies; print(copies({[STORY, OTHER, REPRINT]!r}))"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        )
        assert done.stdout.strip() == "[0, 1, 0]"


@given(st.lists(st.text("ab c", max_size=30), max_size=5))
def test_every_text_is_in_the_group_of_its_equals(texts):
    groups = copies(texts)
    assert all(group <= n for n, group in enumerate(groups))
    for one, group in zip(texts, groups, strict=True):
        for other, its in zip(texts, groups, strict=True):
            assert one != other or group == its


def document(text="", publisher=None, url=None, title="A title", updated=None):
    return Document("a.txt", "a.txt", text, title, publisher, None, url, updated=updated)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["Post", "POST", "Echo", None]))))
def test_one_publisher_is_one_voice_and_so_are_copies(documents):
    same_text = [[text for text, _ in documents].index(text) for text, _ in documents]
    voices = independent(same_text, [document(publisher=name) for _, name in documents])
    for (text, publisher), voice in zip(documents, voices, strict=True):
        for (its_text, its_publisher), its_voice in zip(documents, voices, strict=True):
            one = publisher and its_publisher and publisher.lower() == its_publisher.lower()
            if text == its_text or one:
                assert voice == its_voice
    alone = [
        n
        for n, (text, name) in enumerate(documents)
        if name is None and [t for t, _ in documents].count(text) == 1
    ]
    assert all(voices.count(voices[n]) == 1 for n in alone)


# ---------------------------------------------------------------- many texts


def test_copies_among_many_are_those_of_all_pairs():
    stories = [path.read_text(encoding="utf-8") for path in sorted(REPORTS.glob("*.txt"))]
    reprints = ["\n\n".join(story.split("\n\n")[1:4]) for story in stories]
    texts = [*stories, *reprints, *stories[:3], "", "  ", "fog", "fog"]
    groups = copies_among_many(len(texts), texts.__getitem__)
    assert groups == copies(texts)
    assert len(set(groups)) == len(set(copies(stories))) + 2  # and "" and "fog"


def test_a_text_in_a_thousand_places_is_one_group_in_linear_time():
    rng = random.Random(17)  # noqa: S311
    words = [f"w{n}" for n in range(5_000)]
    notice = " ".join(rng.choices(words, k=40))  # all pages of a site end so
    texts = [" ".join(rng.choices(words, k=200)) + notice for _ in range(1_000)]
    texts += [f"{texts[0]} {n}" for n in range(1_000)]
    begun = time.process_time()
    groups = copies_among_many(len(texts), texts.__getitem__)
    assert time.process_time() - begun < 10
    assert groups[:1_000] == list(range(1_000))
    assert set(groups[1_000:]) == {0}


# ---------------------------------------------------------------- one article, one publisher

PEARS = "https://example.org/news/pears"


@pytest.mark.parametrize(
    "url",
    [
        "http://www.example.org/news/pears",
        "https://amp.example.org/news/pears/",
        "https://example.org/news/pears.html?utm_source=mail&fbclid=x#top",
        "https://example.org/amp/news/pears",
        "https://example.org/news/pears.amp.html",
        "https://EXAMPLE.org/news/pears?amp=1",
    ],
)
def test_the_variants_of_an_address_are_one_article(url):
    assert article_address(url) == article_address(PEARS) == "example.org/news/pears"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/news/apples",
        "https://example.net/news/pears",
        "https://example.org/news/pears?page=2",
        "https://example.org/",
        "ftp://example.org/news/pears",
        "https://[example/news",
        None,
    ],
)
def test_other_addresses_are_other_articles(url):
    assert article_address(url) != article_address(PEARS)


def test_pages_of_one_address_are_one_article_if_they_say_in_part_the_same():
    early = "Growers lost half of their pears. " + " ".join(f"a{n}" for n in range(60))
    late = "Growers lost half of their pears. " + " ".join(f"b{n}" for n in range(9))
    other = " ".join(f"c{n}" for n in range(60))
    pages = [document(early, url=PEARS, title="One"), document(late, url=PEARS, title="Two")]
    assert same_article(pages) == [0, 0]
    assert same_article([pages[0], document(other, url=PEARS, title="Three")]) == [0, 1]
    assert same_article([pages[0], document(other, url=PEARS, title="One")]) == [0, 0]
    assert same_article([document(early, url=None), document(late, url=None)]) == [0, 1]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("The Harbour Ledger", None), ("Harbour Ledger", None), True),
        (("harbourledger.example", None), ("The Harbour Ledger", None), True),
        (("BBC", "https://www.bbc.example/a"), ("BBC News", "https://bbc.example/b"), True),
        ((None, "https://ledger.example/a"), (None, "https://m.ledger.example/b"), True),
        (("Ledger", "https://ledger.example/a"), (None, "https://amp.ledger.example/b"), True),
        (("Reuters", "https://portal.example/a"), ("AFP", "https://portal.example/b"), False),
        (("Evening Post", None), ("Evening Herald", None), False),
        (("Harbour Ledger", None), ("Mountain Ledger", None), False),
        ((None, None), (None, None), False),
        ((None, "https://a.example/x"), (None, "https://b.example/x"), False),
    ],
)
def test_a_publisher_is_known_by_its_names_and_its_site(one, other, same):
    a, b = (document(publisher=name, url=url) for name, url in (one, other))
    assert one_voice(a, b) == one_voice(b, a) == same


def test_a_later_version_was_changed_later():
    first = document("x", "Ledger", title="Pears lost", updated=None)
    later = document("x", "Ledger", title="Pears lost", updated="2025-05-02")
    assert is_later_version(later, first)
    assert not is_later_version(first, later)
    assert not is_later_version(later, later)
    assert not is_later_version(document("x", "Post", title="Pears lost", updated="2025"), first)
    moved = document("y", url=PEARS, title="Half of all pears lost", updated="2025-05-02")
    assert is_later_version(moved, document("x", url=f"{PEARS}/amp", title="Pears lost"))
    assert site(PEARS) == "example.org"
