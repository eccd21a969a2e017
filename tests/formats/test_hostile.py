"""Damaged and harmful files cost one line each, and nothing else."""

import random
from pathlib import Path

import pytest

import rag
from tests.formats import hostile
from tests.formats.samples import MEMBERS, WRITERS
from tests.profiles import LONG

COUNT = 500 if LONG else len(hostile.FILES)
WORDS = "harbour pier crane ferry lantern anchor rope keel mast sail".split()


def make_good(folder, count):
    """Write good articles in every format; returns the ids of their documents."""
    rng = random.Random(1)  # noqa: S311
    ids = []
    for number in range(count):
        ending = list(WRITERS)[number % len(WRITERS)]
        name = f"good-{number}.{ending}"
        prose = [
            f"The {rng.choice(WORDS)} of Lindvik was sold with the {rng.choice(WORDS)} for {number} crowns."
            for _ in range(3)
        ]
        (folder / name).write_bytes(WRITERS[ending](f"Sale number {number} at Lindvik", prose))
        ids.append(name + MEMBERS.get(ending, ""))
    return ids


@pytest.fixture(scope="module")
def built(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("hostile")
    good = make_good(folder, COUNT if LONG else len(WRITERS))
    bad = hostile.make(folder, COUNT) + hostile.make_special(folder)
    index = tmp_path_factory.mktemp("index")
    report = rag.build(folder, index)
    with rag.Retriever.open(index) as retriever:
        documents = [
            doc_id for each in retriever.documents() for doc_id in (each.doc_id, *each.copies)
        ]
    return report, documents, good, bad, Path(index)


pytestmark = pytest.mark.model


def file_of(doc_id, names):
    return next((name for name in names if doc_id == name or doc_id.startswith(f"{name}/")), None)


def test_every_good_article_is_indexed(built):
    _, documents, good, _, _ = built
    assert [doc_id for doc_id in good if doc_id not in documents] == []


def test_every_bad_file_is_read_in_part_or_skipped_with_a_reason(built):
    report, documents, _, bad, _ = built
    skipped = {file_of(each.path, bad) for each in report.skipped}
    read = {file_of(doc_id, bad) for doc_id in documents}
    assert [name for name in bad if name not in skipped | read] == []


def test_nothing_but_bad_files_is_skipped(built):
    report, _, _, bad, _ = built
    assert [each for each in report.skipped if file_of(each.path, bad) is None] == []


def test_a_reason_is_one_clear_line(built):
    report, *_ = built
    for each in report.skipped:
        assert each.reason.isprintable()
        assert 4 < len(each.reason) < 300
        assert "Traceback" not in each.reason


def test_a_file_outside_the_corpus_is_never_read(built):
    *_, index = built
    with rag.Retriever.open(index) as retriever:
        texts = [retriever.document(each.doc_id).text for each in retriever.documents()]
    secret = Path("/etc/passwd").read_text().splitlines()[0]
    assert not any(secret in text for text in texts)
