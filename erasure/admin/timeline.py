"""The story of a case in plain sentences, from its log."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max

from erasure.admin import words
from erasure.admin.found import store_titles
from erasure.documents.words import count, listed
from erasure.errors import KeyMissingError
from erasure.ledger.append import private_half
from erasure.models import DataItem, DeletionLogEntry, ErasureCase, actor_names
from erasure.values import Outcome, Step, VerificationMethod

MOST = 200
Half = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    who: str
    said: str
    reason: str = ""


OUTCOME = {
    Outcome.SUBMITTED: "handed to the vendor",
    Outcome.DELETED: "accepted for deletion, not yet read back",
    Outcome.ABSENT: "already gone when asked, not yet read back",
    Outcome.RECOVERABLE: "still recoverable at the vendor",
    Outcome.VERIFIED: "read back: gone",
    Outcome.ANONYMISED: "read back: anonymised",
    Outcome.ATTESTED: "attested",
    Outcome.HELD: "held back",
    Outcome.EXEMPT: "exempt",
    Outcome.FAILED: "ended in a failed attempt",
}
DECISION = {
    "IDENTIFIER_CONFIRMED": "confirmed an identifier as this person's",
    "IDENTIFIER_REJECTED": "rejected an identifier as somebody else's",
    "PACK_MADE": "made the pack for an authority",
    "RECIPIENT_NAMED": "named a recipient of the data",
    "RECIPIENT_TOLD": "told a recipient of the erasure",
    "RECIPIENT_ANSWERED": "recorded a recipient's answer",
    "RECIPIENT_LEFT_OUT": "left a recipient out, with a reason",
    "CONCERN_RECORDED": "recorded what was raised about the case",
    "CONCERN_CLOSED": "recorded how it ended",
    "ITEM_ERASE": "decided that a record is to be erased",
    "ITEM_EXCLUDE": "decided that a record is not this person's",
    "ITEM_EXEMPT": "exempted a record",
    "STORE_ERASE": "gave a store that is kept by default to a person, to be done by hand",
    "STORE_EXEMPT": "exempted what a whole store holds",
    "ITEM_RETRY": "had a failed record tried again",
    "ITEM_DONE": "had a record read back that was erased by other means",
    "TASK_ASSIGNED": "said who does a task by hand, and until when",
    "EVIDENCE_ADDED": "attached evidence to a task by hand",
    "IDENTITY_REJECTED": "rejected the proof of identity",
    "IDENTITY_DENIED": "said that the request is not theirs",
    "ON_FILE_ASKED": "had the systems asked what is on file of the request",
    "ID_COPY_PROPOSED": "proposed to ask for a copy of an identity document",
    "ID_COPY_APPROVED": "approved that a copy of an identity document is asked for",
    "ID_COPY_REFUSED": "refused to have a copy of an identity document asked for",
    "DEADLINE_MOVED": "moved the date by which the answer is due",
    "VENDOR_JOB_OVERDUE": "told the DPO of a vendor job that takes too long",
    "RECEIPT_CORRECTED": "corrected the date of receipt",
    "TIME_EXTENDED": "extended the time to answer, told to the person in time",
    "FOUND_AGAIN": "found erased records again after a backup was restored",
    "SEARCHED_AGAIN": "searched for the person again after the end",
    "FOLLOW_UP_RAISED": "raised a follow-up: something came back, or could not be searched",
    "FOLLOW_UP_DISMISSED": "dismissed a follow-up",
    "FOLLOW_UP_TAKEN_UP": "opened a new case about what came back",
    "LETTER_WRITTEN": "wrote a letter to the person",
    "LETTER_SENT": "recorded the dispatch of a letter to the person",
    "LETTER_FAILED": "gave up mailing a letter",
    "LETTER_RETURNED": "recorded that a letter came back",
    "LETTER_WITHDRAWN": "took back a letter that had not left",
    "MANUAL": "gave an unanswered store to a person, to be done by hand",
    "ATTESTED": "had an unanswered store attested",
}
PURGED = {
    "document": "destroyed the proof of identity",
    "documents": "destroyed the key of proofs of identity",
    "inventory": "destroyed the found records and search identifiers with their key",
    "file": "destroyed request, letters, decision and certificates with their key",
}
HELD = {
    "placed": "placed a hold that touches this case",
    "review": "put a hold of this case up for review",
    "released": "released a hold of this case",
}


def events(case: ErasureCase) -> list[Event]:
    """The newest last; the many attempts on single records stand in one line for each outcome."""
    newest = case.log.filter(item__isnull=True).order_by("-at", "-number")[:MOST]
    halves = [(row, _half(row)) for row in _without_echoes(list(newest)[::-1])]
    names = actor_names([half.get("actor", "") for _, half in halves])
    titles = store_titles()
    told = [_event(row, half, names, titles) for row, half in halves]
    return sorted([*told, *_of_records(case)], key=lambda event: event.at)


def _without_echoes(rows: list[DeletionLogEntry]) -> Iterator[DeletionLogEntry]:
    """Each decision freezes the inventory anew: the log has it, the story need not."""
    before = ""
    for row in rows:
        if (before, row.type) != ("decision", "inventory"):
            yield row
        before = row.type


def of_record(item: DataItem) -> list[Event]:
    """Every attempt and outcome of one record."""
    halves = [(row, _half(row)) for row in item.log.select_related("item").order_by("number")]
    names = actor_names([half.get("actor", "") for _, half in halves])
    titles = store_titles()
    return [_event(row, half, names, titles) for row, half in halves]


def sentence(row: DeletionLogEntry) -> str:
    """What the clear half of an entry says, without its private half."""
    said = SENTENCES.get(row.type, _unknown)(row.facts, {})
    return f"{said[0].upper()}{said[1:]}"


def _half(row: DeletionLogEntry) -> Half:
    try:
        return private_half(row)
    except KeyMissingError:  # shredded at the end of retention: the clear half remains
        return {}


def _event(
    row: DeletionLogEntry, half: Half, names: Mapping[str, str], titles: Mapping[str, str]
) -> Event:
    actor = str(half.get("actor", ""))
    who = {"system": "Erasure", "person": "The person", "": "Erasure"}.get(actor) or names.get(
        actor, "A colleague"
    )
    tell = SENTENCES.get(row.type, _unknown)
    facts = dict(row.facts)
    if facts.get("store"):
        facts["store"] = titles.get(facts["store"], facts["store"])
    return Event(row.at, who, tell(facts, half), _reason(row, half))


def _reason(row: DeletionLogEntry, half: Half) -> str:
    text = str(half.get("reason") or "")
    if row.facts.get("decision") in ("LETTER_SENT", "LETTER_WRITTEN"):
        return words.LETTER.get(text, text)  # type: ignore[call-overload]
    if row.type == "step" and row.facts.get("step") == Step.CLOSE:
        return words.CLOSE.get(text, text)  # type: ignore[call-overload]
    if row.type == "step" and row.facts.get("step") == Step.REFUSE:
        return f"Art. {text}"
    return text


def _opened(facts: Half, half: Half) -> str:
    return "recorded the request"


def _identity(facts: Half, half: Half) -> str:
    if half.get("purged"):
        return PURGED.get(half["purged"], "destroyed a part of the case at the end of retention")
    if "looked up" in half:
        return f"looked up {count(half['looked up'], 'address or number', 'addresses or numbers')}"
    method = str(half.get("method", ""))
    if method in list(VerificationMethod):
        said = words.METHOD[VerificationMethod(method)]
        return f"confirmed the identity: {said[0].lower()}{said[1:]}"
    return f"confirmed by {method}" if method else "recorded a decision on the identity"


def _step(facts: Half, half: Half) -> str:
    return words.STEP_TAKEN[Step(facts["step"])]


def _inventory(facts: Half, half: Half) -> str:
    found = f": {count(half['found'], 'record')} in " if "found" in half else " of "
    silent = len(facts["unanswered"])
    stores = count(len(facts["stores"]), "store")
    end = f"; {count(silent, 'store')} unanswered" if silent else "; every store answered"
    return f"froze the inventory{found}{stores}{end}"


def _decision(facts: Half, half: Half) -> str:
    said = DECISION.get(facts["decision"], facts["decision"].replace("_", " ").lower())
    return f"{said} ({facts['store']})" if facts.get("store") else said


def _hold(facts: Half, half: Half) -> str:
    return HELD[facts["action"]]


def _release(facts: Half, half: Half) -> str:
    said = f"released {count(facts['items'], 'record')} for erasure"
    grounds = [f"Art. {each}" for each in half.get("grounds", ())]
    return f"{said} on {listed(grounds)}" if grounds else said


def _dispatch(facts: Half, half: Half) -> str:
    return f"sent {count(facts['items'], 'record')} of {facts['store']} to be erased"


def _outcome(facts: Half, half: Half) -> str:
    said = OUTCOME[Outcome(facts["outcome"])]
    return f"{facts['store']}, attempt {facts['try']}: {said}"


def _certificate(facts: Half, half: Half) -> str:
    return f"issued certificate version {facts['version']}"


def _unknown(facts: Half, half: Half) -> str:
    return "recorded an event"


SENTENCES = {
    "opened": _opened,
    "identity": _identity,
    "step": _step,
    "inventory": _inventory,
    "decision": _decision,
    "hold": _hold,
    "release": _release,
    "dispatch": _dispatch,
    "outcome": _outcome,
    "certificate": _certificate,
}


def _of_records(case: ErasureCase) -> list[Event]:
    """``38 outcomes of records: read back: gone``, at the time of the last of them."""
    rows = case.log.filter(item__isnull=False, type="outcome").order_by()
    counted = rows.values("facts__outcome").annotate(how_many=Count("pk"), last=Max("at"))
    return [
        Event(
            row["last"],
            "",
            f"{count(row['how_many'], 'record')} {OUTCOME[Outcome(row['facts__outcome'])]}",
        )
        for row in counted
    ]
