"""What a question says about publication is a filter; answers show it, and given dates win."""

import datetime as dt
import json

import pytest

import rag
from rag.cli import run

AS_OF = "2026-03-20"


@pytest.mark.parametrize(
    "as_of", [AS_OF, dt.date(2026, 3, 20), dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)]
)
def test_articles_of_other_dates_are_not_read_and_those_without_are(seeds, as_of):
    answer = seeds.ask("According to articles since November, who leads Japan?", as_of=as_of)
    assert answer.inferred == rag.Filters(since="2025-11-01", undated=True)
    assert answer.filters == answer.inferred
    assert answer.inferred_from == "articles since November"
    published = {passage.published for passage in answer.passages}
    assert None in published
    assert "2025-10-31" not in published


def test_the_latest_means_30_days_up_to_the_newest_article_that_is_not_in_the_future(seeds):
    of_spring = seeds.ask("What is the latest on rare earths?", as_of="2026-12-31").filters
    assert (of_spring.since, of_spring.until) == ("2026-02-16", "2026-03-18")
    of_autumn = seeds.ask("What is the latest on rare earths?", as_of="2026-03-17").filters
    assert (of_autumn.since, of_autumn.until) == ("2025-10-01", "2025-10-31")


def test_a_time_that_belongs_to_the_fact_leaves_everything_to_be_read(seeds):
    answer = seeds.ask("How much rare earth oxide did the US produce last year?", as_of=AS_OF)
    assert answer.inferred is None
    assert not answer.filters
    assert "45,000 tonnes" in answer.answer


def test_the_search_leaves_out_the_words_about_publication(seeds):
    plain = seeds.ask("Who runs REAlloys?", filters=rag.Filters(since="2026-01-01", undated=True))
    worded = seeds.ask("According to articles since January, who runs REAlloys?", as_of=AS_OF)
    assert worded.question.startswith("According to")
    assert [p.chunk_id for p in worded.passages] == [p.chunk_id for p in plain.passages]
    assert worded.answer == plain.answer


@pytest.mark.parametrize(
    "given", [rag.Filters(since="2020-01-01"), rag.Filters(until="2026-01-01", undated=True)]
)
def test_given_dates_win(seeds, given):
    answer = seeds.ask("What do articles since March say of Japan?", filters=given, as_of=AS_OF)
    assert answer.inferred is None
    assert answer.filters == given


def test_other_given_filters_apply_too(seeds):
    given = rag.Filters(publisher="Kallanish", path="004*")
    answer = seeds.ask("What do articles since October say?", filters=given, as_of=AS_OF)
    assert answer.filters == rag.Filters("2025-10-01", None, "Kallanish", "004*", undated=True)
    assert {passage.publisher for passage in answer.passages} == {"Kallanish"}


def test_an_abstention_says_that_the_inferred_filter_left_nothing_to_read(seeds):
    answer = seeds.ask(
        "Who leads Japan, according to articles since 2026?",
        filters=rag.Filters(publisher="Kallanish"),
        as_of=AS_OF,
    )
    assert (answer.status, answer.passages) == ("abstained", ())
    assert answer.reason == ("no article passes the filters (“articles since 2026” is read as one)")


def test_a_search_infers_no_filter_from_its_query(seeds):
    found = seeds.search("articles since 2027 on rare earths", k=100)
    assert "2025-10-31" in {passage.published for passage in found}


def test_a_question_that_only_excludes_without_its_wording_keeps_it(seeds):
    answer = seeds.ask("According to articles since October, -China", as_of=AS_OF)
    assert answer.inferred
    assert answer.passages


@pytest.mark.parametrize("as_of", ["yesterday", "2026-02-30", 20260320])
def test_an_impossible_day_is_refused(seeds, as_of):
    with pytest.raises(rag.InvalidArgument, match="is not a date"):
        seeds.ask("Who leads Japan?", as_of=as_of)


def test_the_command_line_says_which_articles_were_read_and_why(seeds_index, capsys, tmp_path):
    question = "Who runs REAlloys, according to articles since October?"
    assert run(["ask", question, "--index", str(seeds_index), "--as-of", AS_OF]) == 0
    assert (
        "only articles since 2025-10-01 or without a date (from “articles since October”);"
        " change this with --since/--until"
    ) in capsys.readouterr().out
    assert run(["ask", question, "--index", str(seeds_index), "--as-of", "soon"]) == 2
    (tmp_path / "list.txt").write_text(f"{question}\nWho runs REAlloys?\n")
    capsys.readouterr()
    arguments = ["--questions", str(tmp_path / "list.txt"), "--as-of", "2024-12-31"]
    run(["ask", "--index", str(seeds_index), *arguments])
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["inferred"]["since"] == "2024-10-01"
    assert second["inferred"] is None
