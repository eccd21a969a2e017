"""What stands beside the article's sentences is never an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag
from rag.english.furniture import core, says_nothing
from tests.timing import assert_linear, repeated

NOTHING = [
    "By Ann Lee",
    "By Ann Lee and Bob Ray",
    "Written by Ann Lee, science reporter",
    "— Ann Lee, vet at the City Zoo",
    "-- Ann Lee",
    "&mdash; Ann Lee (vet)",
    "*Photo: Ann Lee*",
    "Picture by Ann Lee",
]
SOMETHING = [
    "By May 2005",
    "By Christmas the mill will be sold.",
    "By car",
    "— and so it was sold",
    "Ann Lee, vet",
    "It was made by Ann Lee.",
    "– Sony",
    "By Ann Lee's side stood the king",
]


@pytest.mark.parametrize("line", NOTHING)
def test_a_line_that_only_credits_somebody_says_nothing(line):
    assert says_nothing(line)


@pytest.mark.parametrize("line", SOMETHING)
def test_a_line_that_tells_something_does_not(line):
    assert not says_nothing(line)


@pytest.mark.parametrize(
    ("unit", "answer", "kept"),
    [
        ("VIENNA (Reuters) - Oil fell by a tenth.", "VIENNA", None),
        ("VIENNA, Austria (AP) -- Oil fell.", "VIENNA, Austria", None),
        ("NEW YORK — Oil fell.", "NEW YORK", None),
        ("St. Paul (Reuters) – Oil fell.", "St. Paul", None),
        ("NEW YORK &mdash; Oil fell.", "YORK &mdash; Oil", "Oil"),
        ("OPEC - the oil cartel - met.", "the oil cartel", "the oil cartel"),
        ("Oil fell in VIENNA - again.", "VIENNA", "VIENNA"),
        ("Amy Lee (D-Minn.) won.", "D-Minn", None),
        ("Amy Lee (D-Minn.) won.", "(D-Minn.)", None),
        ("Amy Lee (R, Texas) won.", "R, Texas", None),
        ("The grade D-minus is rare.", "D-minus", "D-minus"),
        ("It fell &mdash; by half &mdash; again.", "&mdash; by half &mdash;", "by half"),
        ("It fell&nbsp;again.", "&nbsp;", None),
        ("AT&T; Sony; both", "AT&T", "AT&T"),
    ],
)
def test_an_answer_loses_what_belongs_to_the_layout(unit, answer, kept):
    start = unit.index(answer)
    found = core(unit, start, start + len(answer))
    assert (found and unit[slice(*found)]) == kept


@given(st.text("AB (),-—&mdash;x.", max_size=40), st.data())
def test_what_is_kept_stands_inside_the_answer(unit, data):
    start = data.draw(st.integers(0, len(unit)))
    end = data.draw(st.integers(start, len(unit)))
    found = core(unit, start, end)
    assert found is None or start <= found[0] < found[1] <= end


def test_a_long_line_is_read_in_linear_time():
    def read(text):
        core(text, 0, len(text))
        says_nothing(text)

    for unit in ("A. ", "&amp; ", "By Ann Lee, ", "— A"):
        assert_linear(read, repeated(unit), 10_000)


def test_a_dateline_is_not_where_something_happened(tmp_path, embedder):
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "oil.txt").write_text(
        "Ministers agree on oil\n\nVIENNA (Reuters) - Oil ministers signed it in Lindvik on Friday.\n\n"
        "Signing took an hour.\n\n— Ann Lee, who signs for Orvald\n"
    )
    rag.build(folder, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        assert retriever.ask("Where did oil ministers sign it?").answer == "Lindvik"
        reporter = retriever.ask("Where was Reuters when ministers signed?", min_confidence=0)
        assert reporter.answer != "VIENNA"
        shown = [reporter, *reporter.alternatives]
        assert all("Ann Lee" not in other.answer for other in shown if other.confidence > 0.05)
