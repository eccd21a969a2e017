"""The words and marks of a text with their places, and the forms under which words are compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"\d[\d.,]*\d[^\W\d]*(?:/\d+)*"  # "45,000", "30GB", "2019/881"
    r"|\d{1,3}(?:\((?:\d{1,2}|[a-z])\))+"  # "6(3)(b)"
    r"|(?:[^\W\d_]\.){2,}(?!\w)|[A-Z]\.(?= [A-Z])"  # "U.S.", and the initial of "J. Smith"
    r"|\w+(?:[’'&./-]\w+)*"
    r"|[$€£C]{1,3}\$?\d[\d.,]*|[^\w\s]"
)

BRACKETED: Final = re.compile(r"\(([^()]*)\)")
_MARKS: Final = str.maketrans("", "", ".'’")
_OPENING: Final = "$€£¥\"“‘'("
_REACH: Final = 60


class Word(NamedTuple):
    """A word or mark, with its offsets in the text."""

    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        """In lower case, as the lexicon lists words; but "US", which is no pronoun, stays as it is."""
        return self.text if self.text == "US" else self.text.lower()

    @property
    def is_name(self) -> bool:
        """Whether it holds a capital or a digit; the first word of a sentence always has a capital."""
        return any(c.isupper() or c.isdecimal() for c in self.text)

    @property
    def is_mark(self) -> bool:
        """Whether it holds no letter and no digit."""
        return not any(map(str.isalnum, self.text))


def words(text: str) -> list[Word]:
    """The words and marks of a text, in order.

    >>> [word.text for word in words("Does the U.S. mine 45,000 t?")]
    ['Does', 'the', 'U.S.', 'mine', '45,000', 't', '?']
    """
    return [Word(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def without_possessive(word: str) -> str:
    """A word without the ending of a possessive: "Orvald" of "Orvald's"."""
    return word[:-2] if word.endswith(("'s", "’s")) else word


def plain_words(text: str) -> list[str]:
    """The words of a text, and "&", without dots, apostrophes and the ending of possessives.

    >>> plain_words("Orvald's U.S. mills, at Vale & Sons")
    ['Orvald', 'US', 'mills', 'at', 'Vale', '&', 'Sons']
    """
    kept = (word.text for word in words(text) if word.text == "&" or not word.is_mark)
    return [without_possessive(word).translate(_MARKS) for word in kept]


def word_before(text: str, start: int, skipped: Collection[str]) -> str:
    """The word before an offset, in lower case, or the one before that if it is skipped; "" at the start.

    >>> word_before("sold in the $40 range", 13, {"the"})
    'in'
    """
    before = text[max(0, start - _REACH) : start].rstrip(_OPENING).lower().replace("-", " ")
    *_, one, other = "", "", *before.split()
    return (one if other in skipped else other).lstrip(_OPENING)


def places(
    phrase: str, text: str, *, plural: bool = False, cased: bool = True
) -> list[tuple[int, int]]:
    """Where a text has a phrase as whole words; with ``plural``, also with a plural ending.

    >>> places("mill", "Mill by mill, two mills."), places("mill", "Mills", plural=True, cased=False)
    ([(8, 12)], [(0, 5)])
    """
    pattern = rf"(?<!\w){re.escape(phrase)}{'(?:e?s)?' if plural else ''}(?!\w)"
    return [match.span() for match in re.finditer(pattern, text, 0 if cased else re.IGNORECASE)]


def lower_words(text: str) -> list[str]:
    """Every run of letters and digits in lower case, so that compounds come apart.

    >>> lower_words("Who's on half-time?")
    ['who', 's', 'on', 'half', 'time']
    """
    return re.findall(r"[^\W_]+", text.lower())


def singular(word: str) -> str:
    """A noun without the ending of its plural, roughly.

    >>> singular("mines"), singular("companies"), singular("glass")
    ('mine', 'company', 'glass')
    """
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def letters_off(one: str, other: str, most: int) -> bool:
    """Whether at most ``most`` slips turn one word into the other.

    A slip is an extra, missing or wrong letter, or two swapped letters.

    >>> letters_off("casini", "cassini", 1), letters_off("ab", "ba", 1), letters_off("ab", "cd", 1)
    (True, True, False)
    """
    if abs(len(one) - len(other)) > most or len(set(one) ^ set(other)) > 2 * most:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        earlier, before, row = before, row, [n]
        for m, mark in enumerate(other, 1):
            slips = min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (letter != mark))
            if n > 1 and m > 1 and letter == other[m - 2] and mark == one[n - 2]:
                slips = min(slips, earlier[m - 2] + 1)
            row.append(slips)
        if min(row) > most:
            return False
    return row[-1] <= most


# ---------------------------------------------------------------- American spellings for British ones

_OUR: Final = (
    "arb|ard|arm|behavi|cand|clam|col|demean|enam|endeav|fav|ferv|flav|glam|harb|hon|hum|lab|neighb|od|"
    "parl|ranc|rig|rum|savi|sav|splend|succ|tum|val|vap|vig"
)
_RE: Final = "cent|theat|fib|lit|met|calib|sab|somb|spect|lust|meag|mit|manoeuv|sepulch"
_ALWAYS_ISE: Final = (
    "advert|adv|appra|chast|circumc|compr|comprom|conc|cru|dem|desp|dev|disgu|enterpr|exc|exerc|expert|"
    "franch|improv|inc|likew|merchand|otherw|parad|po|pra|prec|prem|prom|ra|repr|rev|r|superv|surm|"
    "surpr|sunr|telev|treat|w|no|bru"
)
_PAIRS: Final = dict(
    pair.split("/")
    for pair in (
        "^ageing/aging ^artefact/artifact ^caesi/cesi ^cheque/check ^counsell/counsel ^draught/draft"
        " ^grey/gray ^kerb/curb ^mould/mold ^moustache/mustache ^oed/ed ^oes/es ^pyjama/pajama"
        " ^sceptic/skeptic ^skilful/skillful ^smoulder/smolder ^storeys/stories ^storey/story ^tyre/tire "
        "^wilful/willful ^woollen/woolen ^yoghurt/yogurt aeroplane/airplane alumini/alumin anaesth/anesth "
        "archaeo/archeo foet/fet gynaec/gynec jewellery/jewelry licence/license manoeuv/maneuv paed/ped "
        "plough/plow rrhoea/rrhea sulph/sulf dgement/dgment"
    ).split()
)
"""Parts of words, those with "^" only at the beginning."""
_RULES: Final[tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...]] = (
    (rf"({_OUR})our", r"\1or"),
    (rf"({_RE})re(d?s?)$", r"\1er\2"),
    (r"^practis(?=e|ing)", "practic"),
    (rf"^(?!(?:{_ALWAYS_ISE})is)([a-z]{{3,}}i)s(e[drs]?|ers|ing)$", r"\1z\2"),
    (r"([a-z]{3}i)s(ations?(?:al)?)$", r"\1z\2"),
    (r"ly(s)(e[drs]?|ers|ing)$", r"lyz\2"),
    (r"(def|off|pret)ence(?=s?$|less)", r"\1ense"),
    (r"(catal|dial|anal|monol|prol|epil)ogue", r"\1og"),
    (r"([aeiou][a-z]*[bcdnv]el|[dfg]uel|dial)l(ed|ing|ers?)$", r"\1\2"),
    (r"^(re)?programme(?=s?$)", r"\1program"),
    (r"(?<=[b-df-hj-np-tv-z])aem", "em"),
    (r"dgement", "dgment"),
    ("|".join(_PAIRS), lambda it: _PAIRS.get(it.group()) or _PAIRS[f"^{it.group()}"]),
)
_ANY: Final = [*"our is ys ence ogue ll amme aem".split(), *(p.strip("^") for p in _PAIRS)]
"""A word with none of these, and no ending as in "centres", has the same American and British spelling."""
_COMPILED: Final = tuple((re.compile(pattern), new) for pattern, new in _RULES)


def american(word: str) -> str:
    """A word in lower case, in American spelling.

    >>> [american(word) for word in ("labour", "organised", "surprise", "kilometres", "modelling")]
    ['labor', 'organized', 'surprise', 'kilometers', 'modeling']
    """
    if not (any(part in word for part in _ANY) or word.rstrip("ds").endswith("re")):
        return word
    for pattern, new in _COMPILED:
        word = pattern.sub(new, word)
    return word
