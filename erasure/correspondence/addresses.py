"""Where a letter may go: to an address that was verified, or to nobody."""

from django.db.models import Exists, OuterRef, Q

from erasure.correspondence.gather import asked_now
from erasure.errors import StepError
from erasure.models import Contact, ErasureCase, IdentityEvidence, contact_of
from erasure.models.conditions import identity_confirmed
from erasure.values import IdentifierKind, IdentifierState, LetterKind

# These confirm nothing, and go to the address that was given to be written to.
CONFIRMS_NOTHING = (LetterKind.ACKNOWLEDGEMENT, LetterKind.IDENTITY_REQUEST)
UNVERIFIED = (
    "No e-mail address of the person is verified: print the letter and post it to an address "
    "that was on file before the request."
)
NO_ADDRESS = "No e-mail address was given: print the letter and post it."


def verified(case: ErasureCase) -> Contact | None:
    """The first address given that is known to be the person's; None if none is.

    The identity is confirmed, and the address either answered to a link sent there, or
    stood on the person's own records.
    """
    if not identity_confirmed(case):
        return None
    on_file = IdentityEvidence.objects.filter(
        identifier=OuterRef("pk"), state=IdentifierState.CONFIRMED
    )
    given = case.identifiers.confirmed().filter(kind=IdentifierKind.EMAIL, given=True)
    known = given.filter(Q(proven_at__isnull=False) | Exists(on_file)).order_by("number").first()
    if known is None:
        return None
    known.case = case  # its keys are loaded
    return Contact(known.value, known)


def address_for(case: ErasureCase, kind: LetterKind, *, unidentified: bool = False) -> Contact:
    """Where to mail a letter of this kind. ``unidentified``: it says that nobody could be told
    apart, so there is no verified address, and nothing of a person in it.

    Raises:
        StepError: there is no such address.
    """
    asked = asked_now(case) if kind == LetterKind.IDENTITY_REQUEST else None
    if asked and asked.sent_to:
        asked.sent_to.case = case  # its keys are loaded
        return Contact(asked.sent_to.value, asked.sent_to)
    if kind in CONFIRMS_NOTHING or unidentified:
        found, why = contact_of(case), NO_ADDRESS
    else:
        found, why = verified(case), UNVERIFIED
    if found is None:
        raise StepError("condition", why)
    return found
