"""A letter of a case in words: the one way from rows to text, for preview and outbox alike."""

import re
import unicodedata
from dataclasses import dataclass

from django.conf import settings

from erasure.correspondence.catalogues import SOURCE, speech
from erasure.correspondence.gather import gather
from erasure.documents.letter import as_text, render_letter
from erasure.documents.letters import LANGUAGES, Written, compose
from erasure.documents.text import clean
from erasure.errors import InputError
from erasure.models import ErasureCase
from erasure.values import LetterKind

LINK = "[[link]]"  # stands in the kept text; the link itself is made when the mail leaves
MOST_REASON = 2000
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person chooses of a letter: its kind, the reason in words, and the way it goes."""

    kind: LetterKind
    reason: str = ""
    article: str = ""
    by_post: bool = False


def language_of(case: ErasureCase) -> str:
    """The language of the request if letters speak it, else that of the service."""
    for code in (case.language, settings.SERVICE_LANGUAGE):
        short = code.partition("-")[0].lower()
        if short in LANGUAGES:
            return short
    return SOURCE


def words(case: ErasureCase, wanted: Wanted, *, named: bool) -> Written:
    """The letter as it would leave now.

    Raises:
        InputError: names the mandatory element that is missing, or what is wrong in the reason.
        StepError: the law of the case knows no such letter.
    """
    link = "" if wanted.by_post else LINK
    facts = gather(
        case, wanted.kind, reason=clean_reason(wanted.reason), article=wanted.article,
        named=named, link=link,
    )  # fmt: skip
    return compose(facts, speech(language_of(case)))


def text_of(written: Written, *, by_post: bool) -> str:
    """What stands in the mail, or on the paper."""
    text = as_text(written)
    return text if by_post else f"{text}\n\n{written.attached}"


def pdf_of(case: ErasureCase, wanted: Wanted, *, named: bool) -> bytes:
    """The letter as a file; a link that works once stands in the mail alone."""
    on_paper = Wanted(wanted.kind, wanted.reason, wanted.article, by_post=True)
    return render_letter(words(case, on_paper, named=named))


def clean_reason(text: str) -> str:
    """The officer's words: lines without control or invisible characters.

    Raises:
        InputError: too long, or somebody's e-mail address stands in them.
    """
    lines = (clean(line).strip() for line in unicodedata.normalize("NFC", text).splitlines())
    reason = "\n".join(line for line in lines if line)
    if len(reason) > MOST_REASON:
        raise InputError("reason", f"The reason is longer than {MOST_REASON} characters.")
    if ADDRESS.search(reason):
        raise InputError("reason", "Take the e-mail address out of the reason.")
    return reason
