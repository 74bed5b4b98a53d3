"""Saying things in one of six languages: sentences from a catalogue, dates and numbers here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
_MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August",
           "September", "October", "November", "December"),
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August",
           "September", "Oktober", "November", "Dezember"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
           "septembre", "octobre", "novembre", "décembre"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
           "septiembre", "octubre", "noviembre", "diciembre"),
    "it": ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
           "settembre", "ottobre", "novembre", "dicembre"),
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus",
           "september", "oktober", "november", "december"),
}  # fmt: skip
_PATTERNS = {"de": "{day}. {month} {year}", "es": "{day} de {month} de {year}"}
_FIRST = {"fr": "1er", "it": "1º"}  # the first of a month is an ordinal there
_THOUSANDS = {"en": ",", "fr": "\u202f", "es": "\u00a0"}  # else a full stop


class Catalogue(Protocol):
    """As ``gettext.GNUTranslations``: the texts of one language."""

    def gettext(self, message: str, /) -> str: ...

    def ngettext(self, msgid1: str, msgid2: str, n: int, /) -> str: ...


def mark(text: str) -> str:
    """A text of the catalogue that is said elsewhere."""
    return text


@dataclass(frozen=True, slots=True)
class Speech:
    """One language and its catalogue."""

    language: str
    catalogue: Catalogue

    def say(self, message: str, **given: object) -> str:
        return self.catalogue.gettext(message) % given

    def count(self, one: str, many: str, number: int) -> str:
        """A sentence with ``%(number)s`` in the plural form that the number wants."""
        said = self.catalogue.ngettext(one, many, number)
        return said % {"number": self.number(number)}

    def day(self, when: date) -> str:
        """``2 March 2027``, as the language writes it."""
        pattern = _PATTERNS.get(self.language, "{day} {month} {year}")
        number = _FIRST.get(self.language, "1") if when.day == 1 else str(when.day)
        month = _MONTHS[self.language][when.month - 1]
        return pattern.format(day=number, month=month, year=when.year)

    def number(self, number: int) -> str:
        if self.language == "es" and number < 10_000:  # four digits stay together there
            return str(number)
        return f"{number:,}".replace(",", _THOUSANDS.get(self.language, "."))
