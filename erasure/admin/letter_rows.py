"""The letters of a case as its page lists them."""

from dataclasses import dataclass

from erasure.admin import words
from erasure.admin.words import Badge
from erasure.models import ErasureCase, Letter
from erasure.values import LetterKind, LetterState


@dataclass(frozen=True, slots=True)
class Row:
    """One letter in the list of a case."""

    letter: Letter
    kind: str
    badge: Badge
    language: str


def rows(case: ErasureCase) -> list[Row]:
    found = case.letters.select_related("written_by").defer("text_sealed", "pdf_sealed")
    return [
        Row(
            each, words.LETTER[LetterKind(each.kind)], words.LETTER_STATE[LetterState(each.state)],
            words.LANGUAGE.get(each.language, each.language),
        )
        for each in found
    ]  # fmt: skip
