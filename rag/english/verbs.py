"""The commonest English verbs and their forms."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from rag.english.lexicon import word_set

_IRREGULAR: Final = """
    become:became:become begin:began:begun break:broke:broken bring:brought build:built burn:burnt
    buy:bought catch:caught choose:chose:chosen come:came:come cost:cost cut:cut deal:dealt
    draw:drew:drawn drive:drove:driven eat:ate:eaten fall:fell:fallen feed:fed feel:felt fight:fought
    find:found fly:flew:flown forget:forgot:forgotten freeze:froze:frozen get:got give:gave:given
    go:went:gone grow:grew:grown have:had hear:heard hide:hid:hidden hit:hit hold:held keep:kept
    know:knew:known lay:laid lead:led learn:learnt leave:left lend:lent let:let lie:lay:lain lose:lost
    make:made mean:meant meet:met pay:paid put:put quit:quit read:read rise:rose:risen run:ran:run
    say:said see:saw:seen seek:sought sell:sold send:sent set:set show:showed:shown shut:shut
    sing:sang:sung sink:sank:sunk sit:sat sleep:slept speak:spoke:spoken spend:spent split:split
    spread:spread stand:stood steal:stole:stolen strike:struck swim:swam:swum take:took:taken
    teach:taught tear:tore:torn tell:told think:thought throw:threw:thrown understand:understood
    wake:woke:woken wear:wore:worn win:won withdraw:withdrew:withdrawn write:wrote:written
"""
IRREGULAR: Final = {
    verb: (past, participle or past)
    for verb, past, participle in ((*entry.split(":"), "")[:3] for entry in _IRREGULAR.split())
}
"""Verb → its past and its past participle, if they do not end in -ed."""
SAYING: Final = word_set("""
    acknowledge add admit advise agree announce argue ask assert believe call claim comment complain
    conclude confirm consider criticise criticize declare deny describe emphasise emphasize estimate
    explain express indicate insist maintain mention note pledge praise predict promise propose quote
    recall recommend remark reply report respond reveal say speak state stress suggest teach tell think
    threaten urge view vow warn write
    """)
"""Verbs of saying."""
VERBS: Final = (
    SAYING
    | (IRREGULAR.keys() - word_set("have catch feed freeze hide hit lend quit shut split spread"))
    | word_set("""
        accept achieve acquire act adopt affect aim allow answer appear apply appoint approve arrive
        attend avoid beat belong blame borrow carry cause change charge close collect combine compare
        compete complete consist contain continue contribute control cover create decide decline defeat
        deliver demand depend design destroy develop die differ discover discuss dominate drop earn
        employ enable end enter establish expand expect export extend face fail fill finish fit fix
        flow follow form found gain generate govern handle happen hate help hire hope import improve
        include increase intend introduce invent invest involve join kill lack land launch like live
        look love manage manufacture measure mine move need notice number obtain occur offer open
        operate oppose order own perform pick pioneer plan play possess prefer prepare prevent process
        produce promote protect provide publish pull push raise reach receive record recover reduce
        refer refine reject release rely remain remove replace represent require resign result return
        seem separate serve share sign solve start stay stop store study succeed suffer supply support
        suspect talk test trade train transport travel treat try turn use visit vote wait walk want
        waste watch weigh wish work
        """)
)
"""Verbs that often follow in a question, without words that are more often nouns."""
NOUNS_TOO: Final = word_set("""
    answer call cause change claim comment contract cost cover demand drop end fall fight fix flow hold
    hope increase land launch lead measure mine need note number offer order pay plan play pledge
    praise produce process quote raise reach recall record release remark reply report result return
    rise run share show stand start state stay stop store stress strike study supply support test trade
    transport travel urge use view visit vote wait walk waste watch work
    """)
"""Verbs that are nouns as often; the next word decides."""
_STRESSED_LAST: Final = word_set(
    "admit begin commit control equip forget occur omit permit prefer refer regret submit transfer"
)
_PAST: Final = frozenset(form for forms in IRREGULAR.values() for form in forms) | {"born", "done"}


def past(verb: str) -> str:
    """The past of a verb.

    >>> past("carry"), past("sell"), past("move"), past("stop")
    ('carried', 'sold', 'moved', 'stopped')
    """
    return IRREGULAR[verb][0] if verb in IRREGULAR else _regular(verb)


def participle(verb: str) -> str:
    """The past participle of a verb.

    >>> participle("write"), participle("open")
    ('written', 'opened')
    """
    return IRREGULAR[verb][1] if verb in IRREGULAR else _regular(verb)


def third_person(verb: str) -> str:
    """The form of a verb after "it".

    >>> third_person("carry"), third_person("have"), third_person("employ")
    ('carries', 'has', 'employs')
    """
    stem = re.sub(r"(?<=[^aeiou])y$", "i", verb)
    sibilant = stem != verb or re.search(r"(?:s|sh|ch|x|z|o)$", verb)
    return "has" if verb == "have" else stem + ("es" if sibilant else "s")


def gerund(verb: str) -> str:
    """The form of a verb in -ing.

    >>> gerund("make"), gerund("stop"), gerund("lie")
    ('making', 'stopping', 'lying')
    """
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    stem = re.sub(r"(?<=[^aeoy])e$", "", verb)
    return (stem if stem != verb else _doubled(verb)) + "ing"


def forms(verbs: Iterable[str]) -> frozenset[str]:
    """All forms of verbs.

    >>> sorted(forms(["write"]))
    ['write', 'writes', 'writing', 'written', 'wrote']
    """
    return frozenset(
        form
        for verb in verbs
        for form in (verb, third_person(verb), past(verb), participle(verb), gerund(verb))
    )


def lemma(form: str) -> str:
    """The verb of a form; an unknown form is its own verb.

    >>> lemma("sold"), lemma("produced"), lemma("tweet")
    ('sell', 'produce', 'tweet')
    """
    return _LEMMAS.get(form, form)


def without_auxiliary(verb: str, auxiliary: str) -> str:
    """The single verb form that says the same as a verb with do, does or did.

    >>> without_auxiliary("carry", "does"), without_auxiliary("sell", "did")
    ('carries', 'sold')
    """
    if auxiliary == "did":
        return past(verb)
    return third_person(verb) if auxiliary == "does" else verb


def is_past(word: str) -> bool:
    """Whether a word in lower case may be a past or a past participle.

    >>> is_past("founded"), is_past("written"), is_past("writes")
    (True, True, False)
    """
    return word in _PAST or word.endswith("ed")


def is_verb_form(word: str) -> bool:
    """Whether a word in lower case may be a form of a verb."""
    stems = (word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("ies") + "y")
    return (
        any(stem in VERBS for stem in stems)
        or is_past(word)
        or word.endswith("ing")
        or (word.endswith(("ise", "ize")) and len(word) > 7)
    )


def _regular(verb: str) -> str:
    stem = re.sub(r"(?<=[^aeiou])y$", "i", verb)
    return verb + "d" if verb.endswith("e") else _doubled(stem) + "ed"


def _doubled(stem: str) -> str:
    """A verb with its last letter doubled where -ed and -ing double it: stop, admit."""
    short = re.fullmatch(r"(?:[^aeiou]*|qu)[aeiou][bdfgklmnprtvz]", stem)
    return stem + stem[-1] if short or stem in _STRESSED_LAST else stem


_LEMMAS: Final = {
    **{form: verb for verb in sorted(VERBS | IRREGULAR.keys()) for form in forms([verb])},
    **{verb: verb for verb in VERBS | IRREGULAR.keys()},
}

_NOT_NOW: Final = word_set("formerly once previously until will won't")


def is_not_now(text: str) -> bool:
    """Whether a text ends in a clause about the past or the time to come, by words that say only that.

    >>> is_not_now("The mill once employed"), is_not_now("It will grow, and employs")
    (True, False)
    """
    *_, last = text.lower().replace(" and ", ", ").replace(";", ",").split(",")
    said = last.split()
    return not _NOT_NOW.isdisjoint(said) or "used to" in last
