"""A letter in words: blocks of text, each knowing which element of the law it fulfils."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from erasure.documents.letters.facts import Authority, must
from erasure.errors import InputError
from erasure.values import LetterKind


class Element(StrEnum):
    """What the law, or a rule drawn from it, wants said in a letter."""

    REQUEST = "REQUEST"  # the reference and the date of receipt
    CONTACT = "CONTACT"  # the data protection officer
    ANSWER_BY = "ANSWER_BY"
    NEXT_STEPS = "NEXT_STEPS"
    NOTHING_CONFIRMED = "NOTHING_CONFIRMED"
    REASON = "REASON"
    OPTIONS = "OPTIONS"
    MASKING = "MASKING"
    DESTRUCTION = "DESTRUCTION"
    TIME = "TIME"  # the effect of a question on the time to answer
    REPLY_BY = "REPLY_BY"
    SILENCE = "SILENCE"
    NEW_DATE = "NEW_DATE"
    DONE = "DONE"
    RUNNING = "RUNNING"
    EXPECTED_END = "EXPECTED_END"
    ERASED = "ERASED"
    ERASED_ON = "ERASED_ON"
    BACKUPS = "BACKUPS"
    SUPPRESSION = "SUPPRESSION"
    RECIPIENTS = "RECIPIENTS"
    FILE = "FILE"  # how long the file of the request is kept
    HOLD_DATE = "HOLD_DATE"
    ARTICLE = "ARTICLE"
    CATEGORIES = "CATEGORIES"
    RESTRICTION = "RESTRICTION"
    FURTHER_LETTER = "FURTHER_LETTER"
    COMPLAINT = "COMPLAINT"  # to the supervisory authority, by name and address
    COURT = "COURT"  # judicial remedy
    NONE = ""  # a heading, a courtesy


E, K = Element, LetterKind
_ENDED = (E.ERASED, E.ERASED_ON, E.RECIPIENTS, E.FILE, E.COMPLAINT)
MANDATORY: dict[LetterKind, tuple[Element, ...]] = {
    K.ACKNOWLEDGEMENT: (E.ANSWER_BY, E.NEXT_STEPS, E.NOTHING_CONFIRMED),
    K.IDENTITY_REQUEST: (
        E.REASON, E.OPTIONS, E.MASKING, E.DESTRUCTION, E.TIME, E.REPLY_BY, E.SILENCE,
    ),
    K.EXTENSION: (E.REASON, E.NEW_DATE),
    K.INTERIM: (E.DONE, E.RUNNING, E.EXPECTED_END),
    K.COMPLETE: _ENDED,
    K.PARTIAL_HOLD: (
        *_ENDED, E.HOLD_DATE, E.ARTICLE, E.REASON, E.CATEGORIES, E.RESTRICTION,
        E.FURTHER_LETTER, E.COURT,
    ),
    K.REFUSAL: (E.ARTICLE, E.REASON, E.COMPLAINT, E.COURT),
    K.HOLD_RELEASED: _ENDED,
}  # fmt: skip


class Look(StrEnum):
    TEXT = "text"
    HEADING = "heading"
    POINT = "point"  # of a list
    STRONG = "strong"  # the sentence a letter is about


@dataclass(frozen=True, slots=True)
class Block:
    text: str
    element: Element = Element.NONE
    look: Look = Look.TEXT


@dataclass(frozen=True, slots=True)
class Written:
    """What is sent: complete in its own language, or it is none."""

    kind: LetterKind
    version: str  # of the template
    language: str
    reference: str
    written_on: date
    sender: str
    addressee: str
    dateline: str
    title: str
    subject: str  # of a mail; nothing personal
    paging: str  # "Page %(number)s of %(pages)s"
    attached: str  # what a mail says of its attachment
    blocks: tuple[Block, ...]
    also: tuple[Element, ...]  # mandatory in this very letter beside what its kind wants
    authority: Authority

    def __post_init__(self) -> None:
        said = {block.element for block in self.blocks if block.text.strip()}
        for element in (Element.REQUEST, Element.CONTACT, *MANDATORY[self.kind], *self.also):
            must(str(element), element in said, f"The letter lacks its {element} part.")
        complaint = "\n".join(b.text for b in self.blocks if b.element is Element.COMPLAINT)
        for part in (self.authority.name, self.authority.address):
            if complaint and part not in complaint:
                raise InputError(str(Element.COMPLAINT), "The letter must name the authority.")
        must("subject", self.subject, "A letter has a subject.")
        if any(not char.isprintable() for char in self.subject):
            raise InputError("subject", "A subject is one line.")
