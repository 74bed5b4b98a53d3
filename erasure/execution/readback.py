"""Look again. Only a read that could demonstrably see an item ends it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from erasure import clock
from erasure.cases import locked
from erasure.connectors.base import Connector, Control, Found, ItemRef, Presence, Seen, Store
from erasure.errors import ErasureError
from erasure.execution.claim import Batch, still_mine
from erasure.execution.settle import MOST_ATTEMPTS, Ended, write
from erasure.identity import spellings
from erasure.models import DataItem, ErasureCase
from erasure.register import note_erased
from erasure.values import Identifier, ItemState, Outcome, Verdict

FIRST_LOOK_AGAIN = timedelta(seconds=2)
LOOK_AGAIN_AT_MOST = timedelta(hours=6)
UNPROVEN = (
    "Not proven: the control record of this store is no longer visible to the credential. "
    "Restore its permissions and divisions; it is read again by itself."
)
NO_CONTROL = "Not proven: no control record of this store and division was found at discovery."
GRACE = timedelta(hours=1)  # added to a recycle bin's date before it is read again


@dataclass(frozen=True, slots=True)
class Looked:
    """What one read saw, or why it failed."""

    seen: tuple[Presence, ...] = ()
    failure: str = ""


Look = Callable[[Sequence[ItemRef]], Looked]


def looking(batch: Batch, connector: Connector) -> Look:
    """A read of some items of the batch. It touches no row, so threads may share it."""
    who, names = _person(ErasureCase.objects.get(pk=batch.case_id))

    def look(refs: Sequence[ItemRef]) -> Looked:
        try:
            return Looked(tuple(connector.verify(refs, who, names)))
        except ErasureError as why:
            return Looked(failure=f"Could not be read back: {why}")

    return look


def _person(case: ErasureCase) -> tuple[list[Identifier], list[str]]:
    who = [form for row in case.identifiers.once_confirmed() for form in spellings(row.as_value())]
    return who, case.known_names()


def together(looked: Sequence[Looked]) -> Looked:
    """The reads of one batch as one."""
    failures = [some.failure for some in looked if some.failure]
    seen = tuple(each for some in looked for each in some.seen)
    return Looked(seen, failures[0] if failures else "")


def controls_beside(batch: Batch, looked: Looked) -> list[Control]:
    """The control records of the divisions in which something was absent."""
    divisions = {each.ref.division for each in looked.seen if each.seen is Seen.ABSENT}
    case = ErasureCase.objects.get(pk=batch.case_id)
    rows = case.controls.filter(
        connection=batch.items[0].connection_id,
        store=batch.store.name,
        division__in=divisions,
    )
    return [Control(row.store, row.division, row.remote_id) for row in rows]


@dataclass(frozen=True, slots=True)
class Beside:
    """Whether the control record of a division is still seen, or why that is unknown."""

    division: str
    visible: bool = False
    failure: str = ""
    instead: Control | None = None  # chosen anew: the one from discovery is gone


def control_seen(connector: Connector, batch: Batch, control: Control) -> Beside:
    """Does the same credential still see somebody else's record?

    A control may itself have been erased since. Then another one of the same store and
    division proves the same; a lost permission or division leaves none to be chosen.
    """
    try:
        if connector.sees(control):
            return Beside(control.division, visible=True)
        for other in connector.controls(inventory(batch)):
            place = (other.store, other.division)
            fits = place == (control.store, control.division)
            if fits and other.remote_id != control.remote_id and connector.sees(other):
                return Beside(control.division, visible=True, instead=other)
    except ErasureError as why:
        return Beside(control.division, failure=f"Could not be read back: {why}")
    return Beside(control.division)


def inventory(batch: Batch) -> list[Found]:
    """The case's records in that system, as found: none of them may be a control."""
    case = ErasureCase.objects.get(pk=batch.case_id)
    who = tuple(row.as_value() for row in case.identifiers.once_confirmed())
    found = []
    for item in case.items.filter(connection=batch.items[0].connection_id):
        ref = item.ref()
        if ref.remote_id:
            found.append(
                Found(
                    ref.store, ref.remote_id, ref.parent_id, ref.division, ref.occurred_at,
                    facts=ref.facts, identifiers=who,
                )
            )  # fmt: skip
    return found


def _keep_controls(case: ErasureCase, batch: Batch, beside: Sequence[Beside]) -> None:
    for each in beside:
        if each.instead:
            row = case.controls.get(
                connection=batch.items[0].connection_id,
                store=each.instead.store,
                division=each.instead.division,
            )
            row.remote_id = each.instead.remote_id
            row.save()


def conclude(batch: Batch, looked: Looked, beside: Sequence[Beside]) -> None:
    """Write what was seen of a claimed batch. A control that could not be read voids it all."""
    seen, failure = looked.seen, looked.failure
    proven = {each.division for each in beside if each.visible}
    if unread := [each.failure for each in beside if each.failure]:
        seen, failure = (), unread[0]
    by_ref: dict[str, Presence] = {each.ref.remote_id: each for each in seen}
    now = clock.now()
    with locked(batch.case_id) as case:
        _keep_controls(case, batch, beside)
        ended: list[Ended] = []
        looked_at: list[DataItem] = []
        controls = set(
            case.controls.filter(
                connection=batch.items[0].connection_id, store=batch.store.name
            ).values_list("division", flat=True)
        )
        for item in still_mine(case, batch).values():
            if item.state != ItemState.REQUESTED:
                continue
            item.lease_owner, item.lease_until = "", None
            presence = by_ref.get(item.locator["remote_id"])
            if presence is None:
                _look_again(item, failure or "The connector gave no answer.", now)
            else:
                ended += _judge(item, batch.store, presence, proven, controls, now)
            looked_at.append(item)
        DataItem.objects.save_alike(looked_at)
        note_erased(case, [each for each in looked_at if each.state == ItemState.ERASED])
        write(case, ended)


def _judge(
    item: DataItem,
    store: Store,
    presence: Presence,
    proven: set[str],
    controls: set[str],
    now: datetime,
) -> list[Ended]:
    if presence.seen is Seen.REDACTED:
        item.erased(Verdict.ANONYMISED, now=now)
        return [Ended(item, Outcome.ANONYMISED, "read-back", presence.http_status)]
    if presence.seen is Seen.ATTESTED:
        item.erased(Verdict.ATTESTED, now=now)
        return [Ended(item, Outcome.ATTESTED, "status", presence.http_status)]
    if presence.seen is Seen.ABSENT:
        if item.division not in proven:
            _look_again(item, UNPROVEN if item.division in controls else NO_CONTROL, now)
            return []
        item.erased(Verdict.VERIFIED_ABSENT, now=now)
        return [Ended(item, Outcome.VERIFIED, "read-back", presence.http_status)]
    if presence.seen is Seen.RECOVERABLE:
        return _recoverable(item, presence)
    return _still_there(item, store, presence, now)


def _recoverable(item: DataItem, presence: Presence) -> list[Ended]:
    until = presence.recoverable_until
    if until is None:
        item.by_hand("It lies in a recycle bin without an end: empty it at the vendor.")
        return [Ended(item, Outcome.RECOVERABLE, "read-back", presence.http_status)]
    first = item.recoverable_until != until
    item.recoverable_until, item.next_try = until, max(until, clock.now()) + GRACE
    item.reason = "In the vendor's recycle bin: read again after it is emptied."
    return [Ended(item, Outcome.RECOVERABLE, "read-back", presence.http_status)] if first else []


def _still_there(item: DataItem, store: Store, presence: Presence, now: datetime) -> list[Ended]:
    """The vendor said gone, and it is not: wait, erase again, in the end give up loudly."""
    since, item.recoverable_until = item.requested_at or now, None
    if now - since < timedelta(hours=store.patience_hours):
        _look_again(item, "The vendor took it, but it is still there.", now)
        return []
    text = f"Still there {store.patience_hours} hours after the vendor said it was erased."
    if item.native or item.attempts >= min(3, MOST_ATTEMPTS):
        item.fail(text)
    else:
        item.again(None, text)
    return [Ended(item, Outcome.FAILED, "read-back", presence.http_status, text)]


def _look_again(item: DataItem, why: str, now: datetime) -> None:
    item.reads += 1
    wait = min(FIRST_LOOK_AGAIN * 2 ** min(item.reads - 1, 20), LOOK_AGAIN_AT_MOST)
    item.next_try, item.reason = now + wait, why[:300]
