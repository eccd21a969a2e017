"""Forms of English verbs: what do, does and did leave to the verb itself."""

from __future__ import annotations

import re
from typing import Final

IRREGULAR: Final = dict(
    pair.split(":")
    for pair in (
        "become:became begin:began break:broke bring:brought build:built buy:bought choose:chose come:came"
        " cost:cost cut:cut draw:drew fall:fell find:found fly:flew get:got give:gave go:went grow:grew"
        " have:had hit:hit hold:held keep:kept know:knew lead:led leave:left lend:lent lose:lost make:made"
        " mean:meant meet:met pay:paid put:put quit:quit read:read rise:rose run:ran say:said see:saw"
        " sell:sold send:sent set:set shut:shut sit:sat speak:spoke spend:spent stand:stood steal:stole"
        " take:took teach:taught tell:told think:thought throw:threw understand:understood wear:wore"
        " win:won write:wrote"
    ).split()
)
"""The past of verbs that do not end in -ed."""


def past(verb: str) -> str:
    """The past of a verb.

    >>> past("carry"), past("sell"), past("move")
    ('carried', 'sold', 'moved')
    """
    if verb in IRREGULAR:
        return IRREGULAR[verb]
    stem = re.sub(r"(?<=[^aeiou])y$", "i", verb)
    return stem + ("d" if verb.endswith("e") else "ed")


def said_plainly(verb: str, auxiliary: str) -> str:
    """The form of a verb that says by itself what it says with do, does or did.

    >>> said_plainly("carry", "does"), said_plainly("sell", "did"), said_plainly("have", "does")
    ('carries', 'sold', 'has')
    """
    if auxiliary == "did":
        return past(verb)
    if auxiliary == "do":
        return verb
    stem = re.sub(r"(?<=[^aeiou])y$", "i", verb)
    sibilant = stem != verb or re.search(r"(?:s|sh|ch|x|z|o)$", verb)
    return "has" if verb == "have" else stem + ("es" if sibilant else "s")
