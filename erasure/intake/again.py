"""What came back after the end of a case becomes a case of its own, under all the usual guards."""

from collections.abc import Sequence
from uuid import UUID

from erasure.errors import InputError, KeyMissingError
from erasure.follow_ups import deciding
from erasure.intake.stage import MOST_IDENTIFIERS, open_case
from erasure.models import Actor, ErasureCase, FollowUp
from erasure.register import own_identifier
from erasure.values import Channel, Identifier, IdentifierKind

NOBODY = (
    "Nothing is known any more by which the person could be searched for: open a new case with "
    "what the person gives, then dismiss this follow-up."
)


def take_up(follow_up_id: UUID, *, actor: Actor) -> ErasureCase:
    """Open a case about what came back. Identity, review and approval are decided anew in it.

    Raises:
        InputError: the search identifiers were destroyed, and no record's own id is known.
        StepError: the role or the state does not allow it.
    """
    with deciding(follow_up_id, actor, "FOLLOW_UP_TAKEN_UP") as row:
        if row.case is None:
            raise InputError("follow_up", NOBODY)
        case = open_case(
            channel=Channel.FOLLOW_UP, name=_name(row.case), identifiers=_known(row),
            received_at=row.raised_at, actor=actor, language=row.case.language,
            text=f"What came back after {row.case.reference} was completed.",
        )  # fmt: skip
        row.take_up(actor=actor, new_case=case)
    return case


def _name(case: ErasureCase) -> str:
    try:
        return case.subject.name
    except KeyMissingError:
        return ""


def _known(row: FollowUp) -> Sequence[Identifier]:
    """What the person gave first; without it, records' own ids out of the register."""
    case = row.case
    if case is None:
        return []
    rows = case.identifiers.confirmed().order_by("-given", "number")
    known = [each.as_value() for each in rows][:MOST_IDENTIFIERS]
    if any(who.kind != IdentifierKind.NAME for who in known):
        return known
    back = row.records.values_list("remote_index", flat=True)
    erased = case.erased_records.filter(remote_index__in=back)
    own = [own_identifier(each) for each in erased]
    found = [who for who in own if who is not None][:MOST_IDENTIFIERS]
    if not found:
        raise InputError("follow_up", NOBODY)
    return found
