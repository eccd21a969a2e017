"""What the reader is trained on: pairs whose labels are right, near misses that do not answer."""

import random
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from heads import Heads
from list_items import items_of, parts_of
from near_misses import NearMisses, stands
from parallels import Parallel, parallel
from reader_corpus import Asked, Corpus
from reader_data import OPEN, Maker, Pair
from reader_labels import Labels
from rewordings import as_typed
from stance_data import made_statement
from synonyms import Thesaurus
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import BertPreTokenizer
from yes_no import yes_no

TEXTS = (
    "Ann Lee founded the Ellmoor mill in 1901. It made paper. Bob Dow bought it in 1920 for 40 francs.",
    "Carl Orr opened the first bridge of Ellmoor in 1934. Eva Stone painted it.",
    "Dora Finch wrote a book about Upland in 1950. The town of Upland has 900 people.",
)
ENTITIES = (
    {"Ann Lee": "PERSON", "Ellmoor": "GPE", "1901": "DATE", "Bob Dow": "PERSON", "1920": "DATE"},
    {"Carl Orr": "PERSON", "Ellmoor": "GPE", "1934": "DATE", "Eva Stone": "PERSON"},
    {"Dora Finch": "PERSON", "Upland": "GPE", "1950": "DATE", "900": "CARDINAL"},
)
ASKED = (
    ("Who founded the Ellmoor mill in 1901?", 0, "Ann Lee"),
    ("When did Bob Dow buy the mill?", 0, "1920"),
    ("What did Carl Orr open in 1934?", 1, "the first bridge of Ellmoor"),
    ("When did Eva Stone paint the bridge?", 1, "1934"),
    ("What did Dora Finch write about Upland?", 2, "a book"),
)


def _rng(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # a sample, not a secret


def _entities(text: str, names: dict[str, str]) -> tuple[tuple[int, int, str], ...]:
    return tuple(
        (text.index(name), text.index(name) + len(name), kind)
        for name, kind in names.items()
        if name in text
    )


@pytest.fixture(scope="module", params=[True, False], ids=["labels", "no labels"])
def maker(request: pytest.FixtureRequest) -> Maker:
    """Over three paragraphs of two articles, with and without labels."""
    questions = tuple(
        Asked(text, n, ((answer, TEXTS[n].index(answer)),), tuple({0, 1, 2} - {n}), source="made")
        for text, n, answer in ASKED
    )
    labels = Labels()
    if request.param:
        keys = [(q.paragraph, q.text) for q in questions]
        labels = Labels(
            tuple(_entities(text, names) for text, names in zip(TEXTS, ENTITIES, strict=True)),
            {(n, text): _entities(text, ENTITIES[n]) for n, text in keys},
            {
                (q.paragraph, q.text): ENTITIES[q.paragraph].get(q.answers[0][0], "")
                for q in questions
            },
        )
    corpus = Corpus(
        tuple((n // 2, "Mills", text) for n, text in enumerate(TEXTS)), questions, labels
    )
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))  # noqa: S106  # no password
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return Maker(corpus, tokenizer, 0.5)


def _pairs(maker: Maker, number: int = 400) -> list[Pair]:
    return [pair for group in islice(maker.groups(1), number) for pair in group]


def test_whatever_answers_is_inside_of_the_passage_and_in_a_sentence_that_answers(
    maker: Maker,
) -> None:
    pairs = _pairs(maker)
    assert any(pair.spans for pair in pairs)
    for pair in pairs:
        for first, last in (*pair.sentences, *pair.items, *(pair.spans or ())):
            assert pair.passage <= first <= last < len(pair.ids) - 1
        for i, j in pair.spans or ():
            assert any(first <= i and j <= last for first, last in pair.sentences)


def test_a_passage_without_an_answer_has_no_sentence_that_answers(maker: Maker) -> None:
    assert not any(
        pair.sentences for pair in _pairs(maker) if pair.spans == {} or pair.relevant is False
    )


def test_groups_follow_from_the_seed_and_the_place_alone(maker: Maker) -> None:
    assert list(islice(maker.groups(3), 12))[7:] == list(islice(maker.groups(3, 7), 5))


def test_half_of_the_groups_have_a_near_miss_or_ask_for_yes_or_no(maker: Maker) -> None:
    groups = list(islice(maker.groups(1), 400))
    missed = [g for g in groups if len({pair.group for pair in g}) > 1 or any(p.stance for p in g)]
    assert len(missed) > 100


def test_a_passage_that_decides_nothing_leaves_a_yes_or_no_question_open(maker: Maker) -> None:
    stances = Counter(
        (pair.stance, pair.relevant) for pair in _pairs(maker) if pair.stance is not None
    )
    assert stances
    assert all(stance == OPEN for stance, relevant in stances if not relevant)


def test_near_misses_hold_something_that_the_passage_does_not(maker: Maker) -> None:
    misses: NearMisses = maker.near_misses
    for seed in range(300):
        rng = _rng(seed)
        asked = rng.choice(maker.corpus.questions)
        miss = misses.made(asked, rng, titled=True)
        if miss is None:
            continue
        own = maker.corpus.paragraphs[asked.paragraph][2]
        assert (miss.question, miss.text) != (asked.text, own)
        for answer, at in miss.answers:
            assert miss.counterpart[at : at + len(answer)] == answer
        if miss.recipe.startswith("entity") and "same paragraph" not in miss.recipe:
            new = set(miss.question.rstrip("?").split()) - set(asked.text.rstrip("?").split())
            assert new
            assert not any(stands(word, own) for word in new)


def _parallels(maker: Maker) -> list[Parallel]:
    made = (
        parallel(maker.near_misses, asked, _rng(seed), titled=False)
        for asked in maker.corpus.questions
        for seed in range(60)
    )
    return [one for one in made if one]


def test_of_two_things_in_one_sentence_the_right_value_is_known(maker: Maker) -> None:
    made = _parallels(maker)
    assert bool(made) == bool(maker.corpus.labels.paragraphs)
    for one in made:
        ((answer, at),) = one.answers
        assert one.text[at : at + len(answer)] == answer
        third = set(one.about_third.split()) - set(one.question.split())
        assert not any(stands(word.strip("?"), one.text) for word in third)


def test_who_leads_something_is_learned_where_a_text_says_so_in_passing() -> None:
    texts = (
        "Ellmoor Mills CEO Ann Lee bought a ship.",
        "Eva Stone, the current president of the Upland Society, wrote a book.",
        "The Orr Bank merged with Dow Trust in 1930.",
    )
    entities = (
        {"Ellmoor Mills": "ORG", "Ann Lee": "PERSON"},
        {"Eva Stone": "PERSON", "Upland Society": "ORG"},
        {"Orr Bank": "ORG", "Dow Trust": "ORG"},
    )
    labels = Labels(
        tuple(_entities(text, names) for text, names in zip(texts, entities, strict=True))
    )
    heads = Heads(Corpus(tuple((n, "", text) for n, text in enumerate(texts)), (), labels))
    made = [one for seed in range(40) if (one := heads.made(_rng(seed)))]
    assert {one.answers[0][0] for one in made} == {"Ann Lee", "Eva Stone"}
    for one in made:
        ((answer, at),) = one.answers
        assert one.text[at : at + len(answer)] == answer
        led = "Ellmoor Mills" if answer == "Ann Lee" else "Upland Society"
        assert led in one.question
        assert led in one.miss
        assert answer not in one.miss


def test_wrong_answers_are_not_in_the_sentence_that_answers(maker: Maker) -> None:
    for seed in range(100):
        rng = _rng(seed)
        asked = rng.choice(maker.corpus.questions)
        wrong = maker.near_misses.wrong_answer(asked, rng)
        assert wrong is None or wrong not in asked.answers[0][0]
        statement, text, _ = made_statement(maker, asked, rng)
        assert statement
        assert text


@pytest.mark.parametrize(
    ("question", "answer", "before", "statement"),
    [
        ("Who founded the mill?", "Ann Lee", "", "Ann Lee founded the mill"),
        ("Who is the mayor of Ellmoor?", "Ann Lee", "", "Ann Lee is the mayor of Ellmoor"),
        ("When was the mill sold?", "1901", "sold in ", "the mill was sold in 1901"),
        ("In what year did the mill open?", "1901", "", "the mill opened in 1901"),
        ("How many people work there?", "40", "", None),
        ("How many people were injured?", "40", "", "40 people were injured"),
        ("What did Ann Lee write?", "a novel", "", "Ann Lee wrote a novel"),
        ("Why did the mill close?", "it burned", "", None),
        ("When was the mill sold?", "1901", "(", None),
    ],
)
def test_a_question_and_its_answer_make_a_statement(
    question: str, answer: str, before: str, statement: str | None
) -> None:
    made = yes_no(question, answer, before, _rng(0))
    assert (made and made.statement) == statement


@pytest.mark.parametrize(
    ("answer", "question", "items"),
    [
        ("ore, coal and salt", "What is mined?", ["ore", "coal", "salt"]),
        ("ore, coal, and salt.", "What is mined?", ["ore", "coal", "salt"]),
        ("Ann and Bob", "Who were the owners?", ["Ann", "Bob"]),
        ("Lewis and Clark", "Who came?", []),
        ("May 5, 1901 and 1902", "Which years?", []),
        ("Upland, Ellmoor", "Which towns?", []),
        ("by coal, ore and salt", "How?", []),
    ],
)
def test_an_enumeration_is_taken_apart(answer: str, question: str, items: list[str]) -> None:
    assert [answer[start:end] for start, end in parts_of(answer, question)] == items


def test_several_answers_are_items_only_where_the_set_means_parts() -> None:
    answers = [("Bob", 8), ("Ann", 0)]
    assert items_of(answers, "who", parts=True) == [("Ann", 0), ("Bob", 8)]
    assert items_of(answers, "who", parts=False) == []
    assert items_of([("Ann", 0), ("Ann Lee", 0)], "who", parts=True) == []


def test_questions_typed_from_memory_are_of_many_forms() -> None:
    asked = "When was the Ellmoor windmill founded?"
    typed = {as_typed(asked, "Mills", _rng(seed)) for seed in range(60)}
    assert len(typed) > 20
    assert all("founded" in t or "windmill" in t.lower() or "ellmoor" in t.lower() for t in typed)


WORDNET = {
    "index.noun": "illness n 1 1 @ 1 1 00000010\nsickness n 1 1 @ 1 1 00000010\n"
    "bank n 2 1 @ 2 2 00000020 00000030\ndepot n 1 0 1 0 00000020\nday n 1 0 1 1 00000040\n"
    "time n 1 0 1 1 00000040\n",
    "index.verb": "buy v 1 1 @ 1 1 00000050\npurchase v 1 1 @ 1 1 00000050\nrob v 1 0 1 0 00000060\n",
    "data.noun": "  1 A line of the licence.\n"
    "00000010 26 n 02 illness 0 sickness 0 000 | impaired health\n"
    "00000020 06 n 02 bank 0 depot 0 000 | a building\n00000030 17 n 01 bank 1 000 | of a river\n"
    "00000040 28 n 02 day 0 time 0 000 | a period\n",
    "data.verb": "00000050 40 v 02 buy 0 purchase 0 000 01 + 08 00 | obtain for money\n",
    "cntlist.rev": "illness%1:26:00:: 1 9\nsickness%1:26:00:: 1 4\nbank%1:06:00:: 1 5\n"
    "bank%1:17:00:: 2 5\ndepot%1:06:00:: 1 5\nday%1:28:00:: 1 90\ntime%1:28:00:: 1 90\n"
    "purchase%2:40:00:: 1 9\nbuy%2:40:00:: 1 30\n",
    "noun.exc": "",
    "verb.exc": "bought buy\n",
}


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("illness", ["sickness"]),
        ("illnesses", ["sicknesses"]),
        ("purchased", ["bought"]),
        ("purchasing", ["buying"]),
        ("bought", ["purchased"]),
        ("bank", []),  # two senses, used alike
        ("day", []),  # a period of time
        ("unheard", []),
    ],
)
def test_a_word_is_exchanged_for_its_main_sense_in_its_form(
    tmp_path: Path, word: str, others: list[str]
) -> None:
    for name, text in WORDNET.items():
        (tmp_path / name).write_text(text, "ascii")
    assert Thesaurus(tmp_path).others(word) == others
