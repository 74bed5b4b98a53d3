"""Whether two written names could be one person's. In doubt they are not."""

import re
import unicodedata
from collections.abc import Iterable

TITLE_WORDS = "dr prof ing mr mrs ms miss frau herr mme mlle madame monsieur"
NOBODY_WORDS = "anonymous anonym unknown unbekannt guest gast caller customer user"
TITLES = frozenset(TITLE_WORDS.split())
NOBODY = frozenset(NOBODY_WORDS.split())
WORD = re.compile(r"[^\W\d_]+")
UMLAUT = re.compile(r"(?<=[aou])e")


def strangers(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two sets of names belong to different people.

    A name that names nobody ("Anonymous", a number, an address) says nothing.
    """
    mine, theirs = naming(some), naming(others)
    return bool(mine and theirs) and not namesakes(some, others)


def namesakes(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether a name of the one set could be a spelling of one of the other."""
    return any(fit(one, other) for one in naming(some) for other in naming(others))


def naming(names: Iterable[str]) -> list[frozenset[str]]:
    return [found for found in map(words, names) if found]


def fit(one: frozenset[str], other: frozenset[str]) -> bool:
    """Every word of the shorter name is in the longer one; "A." stands for "Ada"."""
    shorter, longer = sorted((one, other), key=len)
    return all(any(same_word(word, each) for each in longer) for word in shorter)


def same_word(one: str, other: str) -> bool:
    if min(len(one), len(other)) == 1:
        return one[0] == other[0]
    return one == other


def words(text: str) -> frozenset[str]:
    """Without case, accents, order and titles; "ue" counts as "ü"."""
    if "@" in text:
        return frozenset()
    spread = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(each for each in spread if not unicodedata.combining(each))
    found = frozenset(UMLAUT.sub("", word) for word in WORD.findall(letters))
    return found - TITLES - NOBODY
