"""Each method with what it must have; nothing of the proof outlives the decision."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from erasure import clock
from erasure.cases import move
from erasure.errors import KeyMissingError
from erasure.ledger.append import private_half
from erasure.models import (
    SYSTEM,
    AccessRecord,
    Actor,
    CaseSecret,
    ErasureCase,
    IdentityDocument,
    Verification,
)
from erasure.values import CaseState, Role, Step
from erasure.values import VerificationMethod as V
from erasure.verification import confirm, expire_documents, reject, view_page
from tests.factories import CALLED_BACK, make_user
from tests.verification.given import BY_COPY, GROUND, SHOWN, lacks, now, refused_by, states

pytestmark = pytest.mark.django_db
KNOWN = {
    "method": "KNOWLEDGE", "matched": ["customer_number", "recent_contact"], **GROUND,
    "reason": "Both answers were right.", "doubt": "A shared mailbox.",
}  # fmt: skip
LINK = {"method": "LINK_ON_FILE", "matched": ["email"], "reason": "It was used.", **GROUND}
CALLED = CALLED_BACK | GROUND
EID = SHOWN | {"method": "ELECTRONIC_ID", "matched": ["name"]}


# -- looking at it -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICER, Role.DPO])
def test_view_page_by_who_may_shows_it_and_records_the_look(case, proven, role):
    actor = Actor.of(make_user(role))
    assert Image.open(BytesIO(view_page(proven.pk, actor=actor))).size == (40, 30)
    record = AccessRecord.objects.get()
    assert (record.case, record.user, record.what) == (case, actor.user, "proof of identity")


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_view_page_by_another_role_is_refused(proven, role):
    actor = Actor.of(make_user(role))
    assert refused_by(view_page, proven.pk, actor=actor) == "permission"
    assert AccessRecord.objects.count() == 0


def test_view_page_moved_to_another_row_or_without_its_key_does_not_open(case, proven):
    dpo = Actor.of(make_user(Role.DPO))
    moved = IdentityDocument.objects.create(
        case=case, verification=proven.verification, page=2, data_sealed=bytes(proven.data_sealed)
    )
    with pytest.raises(KeyMissingError):
        view_page(moved.pk, actor=dpo)
    CaseSecret.objects.filter(case=case, purpose="documents").delete()
    with pytest.raises(KeyMissingError):
        view_page(proven.pk, actor=dpo)


# -- what each method must have ----------------------------------------------------------------


@pytest.mark.parametrize("given", [KNOWN, CALLED, SHOWN], ids=lambda given: given["method"])
def test_confirm_by_a_method_with_all_it_needs_starts_the_search(case, officer, given):
    confirm(case.pk, actor=officer, **given)
    row = case.verifications.get()
    assert (row.state, row.method, row.matched) == (
        "CONFIRMED", given["method"], list(given["matched"]),
    )  # fmt: skip
    assert now(case).state == CaseState.DISCOVERY


@pytest.mark.parametrize(
    ("given", "changed", "field"),
    [
        (SHOWN, {"method": "TRUST"}, "method"),
        (SHOWN, {"method": "PORTAL"}, "method"),
        (SHOWN, {"reason": " "}, "reason"),
        (SHOWN, {"matched": []}, "matched"),
        (SHOWN, {"matched": ["ada@example.org"]}, "matched"),
        (SHOWN, {"matched": ["address"]}, "matched"),
        (SHOWN, {"doubt": " "}, "doubt"),
        (SHOWN, {"document_type": ""}, "document_type"),
        (SHOWN, {"document_type": "LIBRARY_CARD"}, "document_type"),
        (SHOWN, {"document_country": "D"}, "document_country"),
        (SHOWN, {"document_country": "de"}, "document_country"),
        (SHOWN, {"grounds": []}, "grounds"),
        (SHOWN, {"grounds": ["17(3)(b)"]}, "grounds"),
        (SHOWN, {"ground_reason": ""}, "ground_reason"),
        (KNOWN, {"matched": ["name", "email", "recent_contact"]}, "matched"),
        (KNOWN, {"doubt": ""}, "doubt"),
        (CALLED, {"source": " "}, "source"),
        (CALLED, {"doubt": ""}, "doubt"),
        (LINK, {}, "method"),
        (EID, {}, "method"),
        (BY_COPY, {}, "method"),
    ],
)
def test_confirm_with_something_missing_names_the_field(case, officer, given, changed, field):
    before = (case.log.count(), states(case))
    assert lacks(confirm, case.pk, actor=officer, **given | changed) == field
    assert ((case.log.count(), states(case)), now(case).state) == (before, "VALIDATING")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"approved_by": None}, "method"),
        ({"document_type": ""}, "document_type"),
        ({"matched": ["address"]}, "matched"),
    ],
)
def test_confirm_by_a_copy_lacking_something_is_refused_and_keeps_the_proof(
    case, proven, officer, changed, field
):
    if "approved_by" in changed:
        Verification.objects.update(**changed)
        changed = {}
    assert lacks(confirm, case.pk, actor=officer, **BY_COPY | changed) == field
    assert (states(case), IdentityDocument.objects.count()) == (["ANSWERED"], 1)


def test_confirm_by_a_copy_approved_by_its_proposer_is_refused(case, proven, officer):
    Verification.objects.update(approved_by=officer.user)
    assert lacks(confirm, case.pk, actor=officer, **BY_COPY) == "method"


def test_confirm_by_a_copy_that_was_destroyed_meanwhile_is_refused(case, proven, officer):
    IdentityDocument.objects.all().delete()
    assert lacks(confirm, case.pk, actor=officer, **BY_COPY) == "method"


@pytest.mark.parametrize(
    ("told", "doubtful"),
    [
        ({}, False),
        ({"since": clock.now()}, True),
        ({"created": None, "since": None}, True),
        ({"agree": 0, "differ": 1}, True),
        ({"agree": 1, "differ": 1}, False),
    ],
    ids=["since before", "changed since", "undated", "another name", "also another name"],
)
def test_confirm_by_a_link_on_file_in_doubt_needs_a_reason(case, officer, on_file, told, doubtful):
    row = on_file(**told)
    Verification.objects.update(on_file=row, proven_at=clock.now())
    if doubtful:
        assert lacks(confirm, case.pk, actor=officer, **LINK) == "on_file_reason"
    confirm(case.pk, actor=officer, **LINK, on_file_reason="Seen in the history." * doubtful)
    assert states(case) == ["CONFIRMED"]


def test_confirm_by_a_link_to_an_address_newer_than_the_request_is_refused(case, officer, on_file):
    row = on_file(created=clock.now(), since=clock.now())
    Verification.objects.update(on_file=row, proven_at=clock.now())
    assert lacks(confirm, case.pk, actor=officer, **LINK, on_file_reason="Trust.") == "method"


def test_portal_session_is_confirmed_by_the_portal_alone(case, officer):
    row = case.verifications.get()
    given = {"how": V.PORTAL, "matched": ["customer_number"], "reason": "Signed in."}
    assert lacks(row.confirm, actor=officer, **given) == "method"
    row = case.verifications.get()
    row.confirm(actor=SYSTEM, **given)
    assert row.state == "CONFIRMED"


# -- the record and the destruction ------------------------------------------------------------


def test_confirm_keeps_the_record_and_destroys_the_proof(case, proven, officer, second):
    confirm(case.pk, actor=officer, **BY_COPY)
    row, after = case.verifications.get(), now(case)
    assert (row.state, row.method, row.matched) == ("CONFIRMED", "ID_COPY", ["name", "address"])
    assert (row.document_type, row.document_country) == ("PASSPORT", "DE")
    assert (row.decided_by, row.approved_by) == (officer.user, second.user)
    assert (after.state, after.grounds) == (CaseState.DISCOVERY, ["17(1)(b)"])
    assert after.ground_reason == "Consent was withdrawn."
    assert after.identity_verified_at is not None
    assert (IdentityDocument.objects.count(), row.purged_at is not None) == (0, True)
    said = [private_half(each) for each in case.log.filter(type="identity").order_by("number")]
    assert said == [
        {"method": "ID_COPY", "actor": officer.key},
        {"purged": "document", "actor": officer.key},
    ]


def test_confirm_without_a_proof_logs_no_purge(case, officer):
    confirm(case.pk, actor=officer, **SHOWN)
    assert case.log.filter(type="identity").count() == 1
    assert case.verifications.get().purged_at is None


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.OFFICER])
def test_confirm_by_another_role_is_refused_and_changes_nothing(case, proven, role):
    before = (states(case), case.log.count(), now(case).grounds)
    actor = Actor.of(make_user(role))
    assert refused_by(confirm, case.pk, actor=actor, **SHOWN) == "permission"
    assert (states(case), case.log.count(), now(case).grounds) == before
    assert IdentityDocument.objects.count() == 1


@pytest.mark.parametrize("state", [s for s in CaseState if s != CaseState.VALIDATING])
def test_confirm_in_any_other_state_is_refused(case, officer, state):
    ErasureCase.objects.filter(pk=case.pk).update(state=state)
    assert refused_by(confirm, case.pk, actor=officer, **SHOWN) == "state"
    assert states(case) == ["OPEN"]


def test_reject_destroys_the_proof_and_keeps_the_case(case, proven, officer):
    reject(case.pk, actor=officer, reason="Another person's card.")
    row = case.verifications.get()
    assert (row.state, row.reason) == ("REJECTED", "Another person's card.")
    assert (now(case).state, IdentityDocument.objects.count()) == (CaseState.VALIDATING, 0)
    decision, purge = case.log.order_by("-number")[:2][::-1]
    assert decision.facts == {"decision": "IDENTITY_REJECTED"}
    assert private_half(purge) == {"purged": "document", "actor": officer.key}
    assert refused_by(move, case.pk, Step.CONFIRM_IDENTITY, actor=officer) == "condition"


def test_reject_without_reason_role_or_question_is_refused(case, officer, second):
    assert lacks(reject, case.pk, actor=officer, reason=" ") == "reason"
    assert refused_by(reject, case.pk, actor=second, reason="x") == "permission"
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DISCOVERY)
    assert refused_by(reject, case.pk, actor=officer, reason="x") == "state"
    assert states(case) == ["OPEN"]


def test_expire_documents_destroys_proofs_after_thirty_days(case, proven):
    IdentityDocument.objects.update(uploaded_at=clock.now() - timedelta(days=30, seconds=-60))
    assert (expire_documents(), IdentityDocument.objects.count()) == (0, 1)
    IdentityDocument.objects.update(uploaded_at=clock.now() - timedelta(days=30, seconds=60))
    assert (expire_documents(), IdentityDocument.objects.count()) == (1, 0)
    assert private_half(case.log.latest("number")) == {"purged": "document", "actor": "system"}
    assert case.verifications.get().purged_at is not None
    assert (expire_documents(), states(case)) == (0, ["ANSWERED"])
