"""Letters to the person, and the answer of Art. 12(3) and (4)."""

from erasure.correspondence.automatic import tell_closed, write_due
from erasure.correspondence.catalogues import speech
from erasure.correspondence.deliver import deliver, due
from erasure.correspondence.record import (
    came_back,
    post_instead,
    posted,
    record_answer,
    take_back,
    try_again,
)
from erasure.correspondence.rules import STATES, answer_kind, refuse_unless_due
from erasure.correspondence.words import Wanted, language_of, text_of
from erasure.correspondence.write import preview, send

__all__ = [
    "STATES",
    "Wanted",
    "answer_kind",
    "came_back",
    "deliver",
    "due",
    "language_of",
    "post_instead",
    "posted",
    "preview",
    "record_answer",
    "refuse_unless_due",
    "send",
    "speech",
    "take_back",
    "tell_closed",
    "text_of",
    "try_again",
    "write_due",
]
