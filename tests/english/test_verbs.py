"""The forms of verbs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.english.verbs import (
    NOUNS_TOO,
    VERBS,
    forms,
    gerund,
    is_past,
    is_verb_form,
    participle,
    past,
    third_person,
)


@pytest.mark.parametrize(
    "verb_forms",
    [
        "write writes wrote written writing",
        "begin begins began begun beginning",
        "find finds found found finding",
        "found founds founded founded founding",
        "lie lies lay lain lying",
        "lay lays laid laid laying",
        "cut cuts cut cut cutting",
        "die dies died died dying",
        "carry carries carried carried carrying",
        "play plays played played playing",
        "stop stops stopped stopped stopping",
        "fix fixes fixed fixed fixing",
        "open opens opened opened opening",
        "offer offers offered offered offering",
        "prefer prefers preferred preferred preferring",
        "agree agrees agreed agreed agreeing",
        "argue argues argued argued arguing",
        "go goes went gone going",
        "have has had had having",
        "catch catches caught caught catching",
    ],
)
def test_a_verb_has_its_own_forms(verb_forms):
    verb, *found = verb_forms.split()
    assert found == [third_person(verb), past(verb), participle(verb), gerund(verb)]
    assert forms([verb]) == set(verb_forms.split())


@given(st.sampled_from(sorted(VERBS)))
def test_every_form_of_a_listed_verb_is_known(verb):
    assert all(map(is_verb_form, forms([verb])))
    assert is_past(past(verb))
    assert is_past(participle(verb))


def test_what_is_as_often_a_noun_is_a_verb():
    assert all(map(is_verb_form, NOUNS_TOO - {"contract"}))


@pytest.mark.parametrize("word", ["mayor", "the", "tons", "of", "", "happy"])
def test_other_words_are_no_verbs(word):
    assert not is_verb_form(word)
    assert not is_past(word)
