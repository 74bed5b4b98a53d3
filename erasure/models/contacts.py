"""The address somebody gave to be written to, and whether what went there came back."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from erasure import clock
from erasure.models.arrivals import Representative
from erasure.models.subjects import SubjectIdentifier

if TYPE_CHECKING:
    from erasure.models.cases import ErasureCase


@dataclass(frozen=True, slots=True)
class Contact:
    """``identifier``: where the address is the person's own; None for a representative."""

    address: str = field(repr=False)
    identifier: SubjectIdentifier | None = None


def contact_of(case: "ErasureCase") -> Contact | None:
    """Who asks: the representative, or the person at the first address given."""
    agent = Representative.objects.filter(case=case).first()
    if agent is not None:
        agent.case = case  # its keys are loaded
        if agent.email:
            return Contact(agent.email)
    row = case.identifiers.first_address()
    if row is None:
        return None
    row.case = case
    return Contact(row.value, row)


def prove(row: SubjectIdentifier | None) -> None:
    """A link sent to this address came back: whoever asks reads what goes there."""
    if row is not None and row.proven_at is None:
        row.proven_at = clock.now()
        row.save(update_fields=["proven_at"])
