"""Whether two written names could be one person's. In doubt they are not."""

import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum

TITLE_WORDS = "dr prof ing mr mrs ms miss frau herr mme mlle madame monsieur"
NOBODY_WORDS = "anonymous anonym unknown unbekannt guest gast caller customer user"
TITLES = frozenset(TITLE_WORDS.split())
NOBODY = frozenset(NOBODY_WORDS.split())
WORD = re.compile(r"[^\W\d_]+")
UMLAUT = re.compile(r"(?<=[aou])e")
JOINED = re.compile(r"[&+/]|\b(?:and|und|et)\b")
INSIDE_A_WORD = re.compile(r"['’‘`´ʼʹ\u0640]")  # apostrophes, and the Arabic stretch
LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "a", "œ": "o", "ı": "i", "þ": "th"}
)


class Likeness(IntEnum):
    """How well two sets of names agree, from least to most."""

    UNKNOWN = 0  # one of them names nobody
    STRANGERS = 1
    WEAK = 2  # an initial, a surname alone, or two people in one name
    SAME = 3


def likeness(some: Iterable[str], others: Iterable[str]) -> Likeness:
    """The best agreement between a name of the one set and one of the other.

    A name that names nobody ("Anonymous", a number, an address) says nothing.
    """
    theirs = list(others)
    pairs = (alike(one, other) for one in some for other in theirs)
    return max(pairs, default=Likeness.UNKNOWN)


def strangers(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two sets of names belong to different people."""
    return likeness(some, others) is Likeness.STRANGERS


def alike(one: str, other: str) -> Likeness:
    """Two names. Of a longer one every word of the shorter must occur."""
    mine, theirs = words(one), words(other)
    if not mine or not theirs:
        return Likeness.UNKNOWN
    if spelled_apart(mine, theirs):
        return Likeness.SAME
    shorter, longer = sorted((frozenset(mine), frozenset(theirs)), key=len)
    if len(shorter) > 1 and shorter <= longer and not (joined(one) or joined(other)):
        return weak_if_short(shorter)
    fits = all(any(same_word(word, each) for each in longer) for word in shorter)
    return Likeness.WEAK if fits else Likeness.STRANGERS


def spelled_apart(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether two names differ by their spaces alone: "Anna Lena", "Annalena".

    Not with an initial in one: "Ada M." is not "Adam".
    """
    initials = any(len(word) == 1 and word.isascii() for word in (*mine, *theirs))
    return not initials and len(mine) != len(theirs) and "".join(mine) == "".join(theirs)


def weak_if_short(found: Iterable[str]) -> Likeness:
    """Two whole words make a name; an initial stands for many people."""
    whole = [word for word in found if len(word) > 1 or not word.isascii()]
    return Likeness.SAME if len(whole) > 1 else Likeness.WEAK


def joined(text: str) -> bool:
    """Two people in one name: "Ada & Bruno Beispiel"."""
    return bool(JOINED.search(text.casefold()))


def same_word(one: str, other: str) -> bool:
    if min(len(one), len(other)) == 1:
        return one[0] == other[0]
    return one == other


def words(text: str) -> tuple[str, ...]:
    """Without case, accents, apostrophes and titles; "ue" counts as "ü"."""
    if "@" in text:
        return ()
    spread = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(each for each in spread if not unicodedata.combining(each))
    whole = INSIDE_A_WORD.sub("", letters).translate(LETTERS)
    found = (UMLAUT.sub("", word) for word in WORD.findall(whole))
    return tuple(word for word in found if word not in TITLES | NOBODY)
