"""The six languages of letters, from compiled catalogues; nothing is ever half translated."""

import gettext
from functools import cache
from pathlib import Path

from erasure.documents.letters import LANGUAGES, Speech

LOCALE = Path(__file__).parent / "locale"
SOURCE = "en"


class Strict(gettext.NullTranslations):
    """What a catalogue falls back to: a text it lacks is an error, not English."""

    def gettext(self, message: str) -> str:
        raise LookupError(f"No translation: {message[:40]}")

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        raise LookupError(f"No translation: {msgid1[:40]}")


@cache
def speech(language: str) -> Speech:
    """The speech of one of the six languages.

    Raises:
        LookupError: no such language.
    """
    if language not in LANGUAGES:
        raise LookupError("No letters in this language.")
    if language == SOURCE:
        return Speech(SOURCE, gettext.NullTranslations())
    catalogue = gettext.translation("letters", LOCALE, [language])
    catalogue.add_fallback(Strict())
    return Speech(language, catalogue)
