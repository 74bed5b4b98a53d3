"""Who is asking? The request beside the proof, what speaks against it, and the decision."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from django.forms import Form
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from erasure import verification
from erasure.admin import access, words
from erasure.admin.base import page, require
from erasure.admin.case_page import case_context
from erasure.admin.identity_forms import under_way
from erasure.admin.steps import BY_SLUG, acts_for, objections
from erasure.admin.words import Badge
from erasure.documents.words import count
from erasure.models import ErasureCase, OnFile, Verification
from erasure.values import IdentifierKind, StoreStatus
from erasure.values import VerificationMethod as V

BESIDE = ("look_up", "ask_identity", "identity_answered", "propose_copy", "approve_copy",
          "refuse_copy", "reject_identity")  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileRow:
    """What one system knows of one address or number of the request."""

    number: int
    kind: str
    value: str
    system: str
    badge: Badge
    since: str
    names: str
    differ: bool


@dataclass(frozen=True, slots=True)
class Rung:
    """One method, and where it stands in this case."""

    method: str
    badge: Badge
    said: str


@require_safe
def proof(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """For the two roles that may see proof. Each page of it that is shown is a look on record."""
    require(request, "view_proof")
    case = access.case_of(request, case_id)
    form = BY_SLUG["confirm_identity"].form()
    form.fit(case)
    return decision(request, case, form, 200)


@require_safe
def proof_page(request: HttpRequest, case_id: UUID, document_id: UUID) -> HttpResponseBase:
    """One page of the proof, decrypted on its way and kept nowhere."""
    case = access.case_of(request, case_id)
    row = get_object_or_404(case.documents.defer("data_sealed"), pk=document_id)
    require(request, "view_proof")
    data = verification.view_page(row.pk, actor=access.actor_of(request))
    return FileResponse(BytesIO(data), content_type="image/jpeg")


def decision(request: HttpRequest, case: ErasureCase, form: Form, status: int) -> TemplateResponse:
    """The page with its form; without one for who may look and not decide."""
    act, actor, row = BY_SLUG["confirm_identity"], access.actor_of(request), under_way(case)
    acts = acts_for(case, actor)
    return page(
        request, "identity_decision.html", status=status,
        **case_context(request, case) | {"title": "Who is asking?", "others": [], "dangers": []},
        act=act, form=form, allowed=act in acts, refusals=objections(act, case, actor),
        row=row, pages=case.documents.defer("data_sealed"), on_file=list(file_rows(request, case)),
        looking=verification.lookup_due(case.pk), ladder=list(ladder(case, row)),
        beside=[each for each in acts if each.slug in BESIDE],
    )  # fmt: skip


def file_rows(request: HttpRequest, case: ErasureCase) -> Iterator[FileRow]:
    clear = access.revealed_until(request, case) is not None
    for row in case.on_file.select_related("identifier", "connection"):
        row.case = row.identifier.case = case  # its keys are loaded
        yield FileRow(
            row.identifier.number + 1,
            words.KIND[IdentifierKind(row.identifier.kind)],
            access.shown(row.identifier, clear=clear),
            row.connection.name,
            _badge(row),
            words.day(words.local_day(row.since)) if row.since else "",
            _names(row),
            bool(row.differ),
        )


def _badge(row: OnFile) -> Badge:
    if row.status == StoreStatus.UNANSWERED:
        return Badge(f"No answer: {row.note}", "danger")
    return words.STANDING[row.standing]


def _names(row: OnFile) -> str:
    """``2 records agree, 1 differs``."""
    told = [
        (row.agree, "agrees", "agree"), (row.differ, "differs", "differ"),
        (row.unclear, "is unclear", "are unclear"),
    ]  # fmt: skip
    return ", ".join(
        f"{count(n, 'record')} {one if n == 1 else more}" for n, one, more in told if n
    )


def ladder(case: ErasureCase, row: Verification | None) -> Iterator[Rung]:
    """Every method in the law's order."""
    usable = case.on_file.all().usable()
    for method in V:
        badge, said = _rung(method, row, usable)
        if badge.tone == "plain" and row and method in row.offered:
            badge = Badge("Asked", "waiting")
        yield Rung(words.METHOD[method], badge, said)


OPEN, CLOSED, CAME = Badge("Possible"), Badge("Not possible"), Badge("It came", "good")


def _rung(method: V, row: Verification | None, usable: Sequence[OnFile]) -> tuple[Badge, str]:
    if method is V.PORTAL:
        return CLOSED, "The request did not come from a signed-in session."
    if method is V.LINK_ON_FILE:
        return _link(row, [one for one in usable if one.identifier.kind == IdentifierKind.EMAIL])
    if method is V.CALL_BACK:
        mine = [one for one in usable if one.identifier.kind == IdentifierKind.PHONE]
        systems = ", ".join(sorted({one.connection.name for one in mine}))
        return OPEN, f"A number of the request is on file in {systems}." if mine else ANY_NUMBER
    if method is V.KNOWLEDGE:
        return OPEN, "Two answers that only the person knows, not intrusive ones."
    if method is V.ELECTRONIC_ID:
        if row and row.provider:
            return CAME, f"{row.provider}, {words.moment(row.proven_at)}"
        known = verification.electronic_identity()
        return (OPEN, known.provider) if known else (CLOSED, "None is connected.")
    if method is V.ID_SHOWN:
        return OPEN, "Looked at, in person or by video; nothing is kept."
    return _copy(row)


ANY_NUMBER = "On a number that a system had before the request; not one given in it."


def _link(row: Verification | None, usable: Sequence[OnFile]) -> tuple[Badge, str]:
    if row and row.denied_at:
        return Badge("Denied", "danger"), "Who reads mail there says the request is not theirs."
    if row and row.proven_at and row.on_file:
        said = f"{row.on_file.connection.name}, used {words.moment(row.proven_at)}"
        return CAME, f"{said}. {row.on_file.doubt}".strip()
    if usable:
        systems = ", ".join(sorted({one.connection.name for one in usable}))
        return OPEN, f"An address of the request is on file in {systems}."
    if row and row.looked_up_at:
        return CLOSED, "No address of the request was on file before it."
    return Badge("Not looked up yet", "waiting"), "Look up what is on file."


def _copy(row: Verification | None) -> tuple[Badge, str]:
    if row and row.copy_approved:
        here = row.pages.count()
        return (CAME, count(here, "page")) if here else (OPEN, "Approved by a second person.")
    if row and row.copy_to_approve:
        return Badge("To be approved", "waiting"), f"Proposed: {row.copy_reason}"
    return Badge("Last resort"), "Needs a written reason and the approval of a second person."
