"""Letters to the person: facts in, words of one language out. No Django, no clock."""

from erasure.documents.letters.compose import VERSIONS, compose, subject
from erasure.documents.letters.facts import (
    Authority,
    Backup,
    Category,
    Gone,
    Head,
    Kept,
    Part,
    Portion,
)
from erasure.documents.letters.kinds import (
    Acknowledgement,
    Complete,
    Ending,
    Extension,
    HoldReleased,
    IdentityRequest,
    Interim,
    Letter,
    PartialHold,
    Refusal,
)
from erasure.documents.letters.speech import LANGUAGES, Catalogue, Speech
from erasure.documents.letters.written import MANDATORY, Block, Element, Look, Written

__all__ = [
    "LANGUAGES",
    "MANDATORY",
    "VERSIONS",
    "Acknowledgement",
    "Authority",
    "Backup",
    "Block",
    "Catalogue",
    "Category",
    "Complete",
    "Element",
    "Ending",
    "Extension",
    "Gone",
    "Head",
    "HoldReleased",
    "IdentityRequest",
    "Interim",
    "Kept",
    "Letter",
    "Look",
    "Part",
    "PartialHold",
    "Portion",
    "Refusal",
    "Speech",
    "Written",
    "compose",
    "subject",
]
