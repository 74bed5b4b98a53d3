"""Letters nobody has to think of: the acknowledgement, the question, the notice of closing."""

from uuid import UUID

from erasure.correspondence.catalogues import speech
from erasure.correspondence.gather import asked_now
from erasure.correspondence.words import Wanted, language_of
from erasure.correspondence.write import send
from erasure.documents.letters.facts import UNIDENTIFIED
from erasure.documents.letters.terms import UNANSWERED
from erasure.errors import InputError, StepError
from erasure.models import SYSTEM, ErasureCase, Letter, Verification
from erasure.models.cases import BEFORE_EXECUTION
from erasure.values import CaseState, Channel, CloseReason, LetterKind, LetterState

K = LetterKind
NOT_BY_US = (Channel.OPENDSR, Channel.FOLLOW_UP)  # the controller writes; nobody asked


def write_due(case_id: UUID) -> Letter | None:
    """Write the letter that a case calls for by itself, if one is missing. Safe to call twice."""
    case = ErasureCase.objects.get(pk=case_id)
    wanted = _wanted(case)
    if wanted is None:
        return None
    try:
        letter = send(case_id, wanted, actor=SYSTEM)
    except (InputError, StepError):  # no address, or somebody was first: the case page says it
        return None
    if wanted.kind == K.IDENTITY_REQUEST:
        Verification.objects.filter(case=case_id, letter_due=True).update(letter_due=False)
    return letter


def _wanted(case: ErasureCase) -> Wanted | None:
    asked = asked_now(case)
    if case.state == CaseState.AWAITING_IDENTITY and asked and asked.letter_due:
        return Wanted(K.IDENTITY_REQUEST)
    if case.channel in NOT_BY_US:
        return None
    if case.state in BEFORE_EXECUTION and case.requester_confirmed_at and not _has(
        case, K.ACKNOWLEDGEMENT
    ):  # fmt: skip
        return Wanted(K.ACKNOWLEDGEMENT)
    return None


def _has(case: ErasureCase, kind: LetterKind) -> bool:
    return case.letters.filter(kind=kind).exclude(state=LetterState.WITHDRAWN).exists()


def tell_closed(case_id: UUID) -> Letter | None:
    """The notice of Art. 12(4) of a case that was closed because nobody could be identified."""
    case = ErasureCase.objects.get(pk=case_id)
    unidentified = case.state == CaseState.CLOSED and case.close_reason == CloseReason.UNIDENTIFIED
    if not unidentified or _has(case, K.REFUSAL):
        return None
    reason = speech(language_of(case)).say(UNANSWERED)
    try:
        return send(case_id, Wanted(K.REFUSAL, reason, UNIDENTIFIED), actor=SYSTEM)
    except (InputError, StepError):
        return None
