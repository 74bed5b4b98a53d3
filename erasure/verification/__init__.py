"""Is this the person? The least intrusive proof that is enough (Art. 12(6))."""

from erasure.verification.answer import (
    assured,
    confirm_link,
    deny,
    link_of,
    record_answer,
    upload,
    ways_of,
)
from erasure.verification.ask import (
    addresses_on_file,
    approve_copy,
    ask,
    propose_copy,
    refuse_copy,
)
from erasure.verification.decide import confirm, reject
from erasure.verification.documents import expire_documents, view_page
from erasure.verification.electronic import electronic_identity, require_same
from erasure.verification.on_file import ask_lookup, look_up, lookup_due
from erasure.verification.silence import (
    close_unidentified,
    due_closings,
    due_reminders,
    remind,
)

__all__ = [
    "addresses_on_file",
    "approve_copy",
    "ask",
    "ask_lookup",
    "assured",
    "close_unidentified",
    "confirm",
    "confirm_link",
    "deny",
    "due_closings",
    "due_reminders",
    "electronic_identity",
    "expire_documents",
    "link_of",
    "look_up",
    "lookup_due",
    "propose_copy",
    "record_answer",
    "refuse_copy",
    "reject",
    "remind",
    "require_same",
    "upload",
    "view_page",
    "ways_of",
]
