"""American spellings for British ones, so that a word is found by either."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from rag.english.lexicon import any_of, word_set

_OUR: Final = any_of(
    word_set(
        "arb ard arm behavi cand clam col demean enam endeav fav ferv glam harb hon hum lab neighb od parl"
        " ranc rig rum savi sav splend succ tum val vap vig"
    )
)
_RE: Final = any_of(
    word_set("cent theat fib lit met calib sab somb spect lust meag mit manoeuv sepulch")
)
_ALWAYS_ISE: Final = any_of(
    word_set(
        "advert adv appra chast circumc compr comprom conc cru dem desp dev disgu enterpr exc exerc expert"
        " franch improv inc likew merchand otherw parad po pra prec prem prom ra repr rev r superv surm"
        " surpr sunr telev treat w no bru"
    )
)
_RULES: Final[tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...]] = (
    (rf"({_OUR})our", r"\1or"),
    (rf"({_RE})re(d?s?)$", r"\1er\2"),
    (r"^practis(?=e|ing)", "practic"),
    (rf"^(?!(?:{_ALWAYS_ISE})is)([a-z]{{3,}}i)s(e[drs]?|ers|ing)$", r"\1z\2"),
    (r"([a-z]{3}i)s(ations?(?:al)?)$", r"\1z\2"),
    (r"ly(s)(e[drs]?|ers|ing)$", r"lyz\2"),
    (r"(def|off|pret)ence(?=s?$|less)", r"\1ense"),
    (r"licence(?=[sd]?$)", "license"),
    (r"(catal|dial|anal|monol|prol|epil)ogue", r"\1og"),
    (r"([aeiou][a-z]*[bcdnv]el|[dfg]uel)l(ed|ing|ers?)$", r"\1\2"),
    (r"^(re)?programme(?=s?$)", r"\1program"),
    (r"alumini", "alumin"),
    (r"sulph", "sulf"),
    (r"^grey", "gray"),
    (r"^tyre", "tire"),
    (r"plough", "plow"),
    (r"^mould", "mold"),
    (r"jewellery", "jewelry"),
    (r"^artefact", "artifact"),
    (r"^sceptic", "skeptic"),
    (r"manoeuv", "maneuv"),
    (r"aeroplane", "airplane"),
    (r"^ageing", "aging"),
    (r"(?<=[b-df-hj-np-tv-z])aem", "em"),
    (r"paed", "ped"),
    (r"anaesth", "anesth"),
    (r"gynaec", "gynec"),
    (r"^oe(?=[ds])", "e"),
    (r"foet", "fet"),
    (r"rrhoea", "rrhea"),
)
_ANY: Final = re.compile(
    "our|yre|re[ds]*$|is|ys|ence|ogue|ll|amme|alumini|lph|grey|ould|ough|ae|oe|sce|age|art"
)
"""A word without one of these is spelled alike on both sides."""
_COMPILED: Final = tuple((re.compile(pattern), new) for pattern, new in _RULES)


def american(word: str) -> str:
    """A word in lower case, in American spelling.

    >>> [american(word) for word in ("labour", "organised", "surprise", "kilometres", "modelling")]
    ['labor', 'organized', 'surprise', 'kilometers', 'modeling']
    """
    if not _ANY.search(word):
        return word
    for pattern, new in _COMPILED:
        word = pattern.sub(new, word)
    return word
