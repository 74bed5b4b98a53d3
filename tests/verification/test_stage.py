"""Ask, take in proof, decide, destroy: nothing of the proof outlives the decision."""

import re
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO

import pytest
from django.core import mail
from PIL import Image

from erasure import clock
from erasure.cases import move
from erasure.crypto.cipher import seal
from erasure.errors import InputError, KeyMissingError, StepError
from erasure.ledger.append import private_half
from erasure.models import (
    AccessRecord,
    Actor,
    CaseSecret,
    ErasureCase,
    IdentityDocument,
    Verification,
    case_key,
)
from erasure.values import CaseState, Role, Step
from erasure.verification import (
    ask,
    confirm,
    expire_documents,
    link_of,
    reject,
    upload,
    view_page,
)
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db

NOON = datetime(2027, 6, 1, 10, tzinfo=UTC)
DECISION = {
    "method": "ID_COPY",
    "matched": ["name", "address"],
    "reason": "Name and address are those on file.",
    "grounds": ["17(1)(b)"],
    "ground_reason": "Consent was withdrawn.",
}


@pytest.fixture
def at(monkeypatch):
    def set_to(moment):
        monkeypatch.setattr(time, "time", lambda: moment.timestamp())

    return set_to


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    """The link leaves once its case is committed."""
    return partial(django_capture_on_commit_callbacks, execute=True)


@pytest.fixture
def officer():
    return Actor.of(make_user(Role.OFFICER))


@pytest.fixture
def case():
    return make_case(CaseState.VALIDATING, email="ada@example.org")


def picture(kind="PNG"):
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, kind)
    return out.getvalue()


def now(case):
    return ErasureCase.objects.get(pk=case.pk)


def asked(case, officer, commits):
    """Ask, and the token as the person gets it."""
    sent = len(mail.outbox)
    with commits():
        ask(case.pk, actor=officer, doubt="A shared mailbox.")
    (message,) = mail.outbox[sent:]
    return re.search(r"/identity/([\w-]+)/", message.body)[1]


def states(case):
    return list(case.verifications.order_by("opened_at").values_list("state", flat=True))


def refused_by(call, *args, **given):
    with pytest.raises(StepError) as refused:
        call(*args, **given)
    return refused.value.refused_by


# -- asking ----------------------------------------------------------------------------------


def test_ask_sends_one_link_and_records_the_doubt(case, officer, commits):
    token = asked(case, officer, commits)
    verification = case.verifications.get()
    assert (verification.state, verification.doubt) == ("ASKED", "A shared mailbox.")
    assert now(case).state == CaseState.AWAITING_IDENTITY
    (message,) = mail.outbox
    subject = f"Your request {case.reference}: please prove who you are"
    assert (message.to, message.subject) == (["ada@example.org"], subject)
    assert "ada" not in (message.subject + message.body).lower()
    assert link_of(token).case == case
    assert list(case.preparers.all()) == [officer.user]


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.OFFICER])
def test_ask_by_another_role_is_refused_and_sends_nothing(case, commits, role):
    actor = Actor.of(make_user(role))
    with commits():
        assert refused_by(ask, case.pk, actor=actor, doubt="A shared mailbox.") == "permission"
    assert (states(case), mail.outbox, case.links.count()) == (["OPEN"], [], 0)


def test_ask_without_a_doubt_or_an_address_names_what_is_missing(case, officer, commits):
    with pytest.raises(InputError) as refused:
        ask(case.pk, actor=officer, doubt=" ")
    assert refused.value.field == "doubt"
    case.identifiers.update(kind="phone")
    with commits(), pytest.raises(InputError) as refused:
        ask(case.pk, actor=officer, doubt="A shared mailbox.")
    assert (refused.value.field, now(case).state, mail.outbox) == ("email", "VALIDATING", [])


def test_ask_again_sends_a_new_link_and_stops_the_old_one(case, officer, commits):
    first = asked(case, officer, commits)
    move(case.pk, Step.IDENTITY_ANSWERED, actor=officer)
    second = asked(case, officer, commits)
    assert (link_of(first), link_of(second).case) == (None, case)
    assert states(case) == ["ASKED"]


def test_ask_while_a_proof_waits_for_a_decision_is_refused(case, officer, commits):
    upload(asked(case, officer, commits), picture())
    assert refused_by(ask, case.pk, actor=officer, doubt="A shared mailbox.") == "state"
    assert (states(case), now(case).state) == (["ANSWERED"], CaseState.VALIDATING)


def test_identity_answered_another_way_lets_the_officer_go_on(case, officer, commits):
    """The mail offers it: by telephone, letter or in person."""
    asked(case, officer, commits)
    move(case.pk, Step.IDENTITY_ANSWERED, actor=officer)
    confirm(case.pk, actor=officer, **DECISION | {"method": "CALL_BACK"})
    assert (states(case), now(case).state) == (["CONFIRMED"], CaseState.DISCOVERY)


# -- the proof -------------------------------------------------------------------------------


def test_upload_keeps_a_fresh_drawing_encrypted_and_uses_the_link_up(case, officer, commits):
    token = asked(case, officer, commits)
    upload(token, picture())
    row = IdentityDocument.objects.get()
    assert (row.case, row.page, states(case)) == (case, 1, ["ANSWERED"])
    shown = Image.open(BytesIO(view_page(row.pk, actor=officer)))
    assert (shown.format, shown.size) == ("JPEG", (40, 30))
    assert now(case).state == CaseState.VALIDATING
    assert bytes(row.data_sealed)[:3] != b"\xff\xd8\xff"
    assert b"\xff\xd8\xff" not in bytes(row.data_sealed)
    assert link_of(token) is None
    entries = [(row.type, row.facts.get("step")) for row in case.log.order_by("number")]
    assert entries == [("opened", None), ("step", "ask_identity"), ("step", "identity_answered")]
    assert case.preparers.count() == 1


def test_upload_by_a_used_link_is_refused_and_keeps_nothing(case, officer, commits):
    token = asked(case, officer, commits)
    upload(token, picture())
    with pytest.raises(InputError) as refused:
        upload(token, picture())
    assert (refused.value.field, IdentityDocument.objects.count()) == ("link", 1)


def test_upload_of_what_is_no_picture_leaves_the_link(case, officer, commits):
    token = asked(case, officer, commits)
    with pytest.raises(InputError) as refused:
        upload(token, b"no picture")
    assert refused.value.field == "document"
    assert (link_of(token).case, now(case).state) == (case, CaseState.AWAITING_IDENTITY)


def test_upload_works_until_the_end_of_its_fourteen_days(case, officer, commits, at):
    at(NOON)
    token = asked(case, officer, commits)
    at(NOON + timedelta(days=14))
    with pytest.raises(InputError):
        upload(token, picture())
    at(NOON + timedelta(days=14, seconds=-1))
    assert upload(token, picture()).state == CaseState.VALIDATING


def test_upload_when_the_case_no_longer_waits_is_refused_and_leaves_the_link(
    case, officer, commits
):
    token = asked(case, officer, commits)
    move(case.pk, Step.IDENTITY_ANSWERED, actor=officer)
    with pytest.raises(InputError) as refused:
        upload(token, picture())
    assert (refused.value.field, IdentityDocument.objects.count()) == ("link", 0)
    assert link_of(token).used_at is None


def test_upload_after_an_earlier_answer_was_rejected_is_taken(case, officer, commits):
    token = asked(case, officer, commits)
    reject(case.pk, actor=officer, reason="The call-back number did not answer.")
    upload(token, picture())
    assert states(case) == ["REJECTED", "ANSWERED"]


# -- looking at it ---------------------------------------------------------------------------


@pytest.fixture
def proven(case):
    """A page as ``upload`` keeps it, without the time its drawing takes."""
    case.verifications.update(state="ANSWERED", asked_at=clock.now(), answered_at=clock.now())
    row = IdentityDocument(case=case, verification=case.verifications.get(), page=1)
    aad = f"identitydocument.{row.pk}".encode()
    row.data_sealed = seal(case_key(case, "documents"), picture("JPEG"), aad)
    row.save(force_insert=True)
    return row


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


# -- deciding --------------------------------------------------------------------------------


def test_confirm_records_the_decision_destroys_the_proof_and_starts_the_search(
    case, proven, officer
):
    confirm(case.pk, actor=officer, **DECISION)
    verification, after = case.verifications.get(), now(case)
    assert (verification.state, verification.method) == ("CONFIRMED", "ID_COPY")
    assert (verification.matched, verification.decided_by) == (["name", "address"], officer.user)
    assert (after.state, after.grounds) == (CaseState.DISCOVERY, ["17(1)(b)"])
    assert after.ground_reason == "Consent was withdrawn."
    assert after.identity_verified_at is not None
    assert IdentityDocument.objects.count() == 0
    said = [private_half(row) for row in case.log.filter(type="identity").order_by("number")]
    assert said == [
        {"method": "ID_COPY", "actor": officer.key},
        {"purged": "document", "actor": officer.key},
    ]


def test_confirm_without_a_proof_logs_no_purge(case, officer):
    confirm(case.pk, actor=officer, **DECISION | {"method": "PORTAL"})
    assert case.log.filter(type="identity").count() == 1


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.OFFICER])
def test_confirm_by_another_role_is_refused_and_changes_nothing(case, proven, role):
    before = (states(case), case.log.count(), now(case).grounds)
    assert refused_by(confirm, case.pk, actor=Actor.of(make_user(role)), **DECISION) == "permission"
    assert (states(case), case.log.count(), now(case).grounds) == before
    assert IdentityDocument.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"method": "TRUST"}, "method"),
        ({"reason": " "}, "reason"),
        ({"grounds": []}, "grounds"),
        ({"grounds": ["17(3)(b)"]}, "grounds"),
        ({"ground_reason": ""}, "ground_reason"),
    ],
)
def test_confirm_with_something_missing_names_the_field(case, proven, officer, given, field):
    with pytest.raises(InputError) as refused:
        confirm(case.pk, actor=officer, **DECISION | given)
    assert (refused.value.field, states(case)) == (field, ["ANSWERED"])
    assert IdentityDocument.objects.count() == 1


@pytest.mark.parametrize("state", [s for s in CaseState if s != CaseState.VALIDATING])
def test_confirm_in_any_other_state_is_refused(case, officer, state):
    ErasureCase.objects.filter(pk=case.pk).update(state=state)
    assert refused_by(confirm, case.pk, actor=officer, **DECISION) == "state"
    assert states(case) == ["OPEN"]


def test_reject_destroys_the_proof_and_keeps_the_case(case, proven, officer):
    reject(case.pk, actor=officer, reason="Another person's card.")
    verification = case.verifications.get()
    assert (verification.state, verification.reason) == ("REJECTED", "Another person's card.")
    assert (now(case).state, IdentityDocument.objects.count()) == (CaseState.VALIDATING, 0)
    decision, purge = case.log.order_by("-number")[:2][::-1]
    assert decision.facts == {"decision": "IDENTITY_REJECTED"}
    assert private_half(purge) == {"purged": "document", "actor": officer.key}
    assert refused_by(move, case.pk, Step.CONFIRM_IDENTITY, actor=officer) == "condition"


def test_reject_then_ask_again_begins_a_new_verification(case, proven, officer, commits):
    reject(case.pk, actor=officer, reason="Not readable.")
    asked(case, officer, commits)
    assert states(case) == ["REJECTED", "ASKED"]


def test_reject_without_reason_role_or_question_is_refused(case, officer):
    with pytest.raises(InputError) as refused:
        reject(case.pk, actor=officer, reason=" ")
    assert refused.value.field == "reason"
    assert refused_by(reject, case.pk, actor=Actor.of(make_user(Role.DPO)), reason="x") == (
        "permission"
    )
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DISCOVERY)
    assert refused_by(reject, case.pk, actor=officer, reason="x") == "state"
    assert states(case) == ["OPEN"]


# -- proofs nobody decided on ----------------------------------------------------------------


def test_expire_documents_destroys_proofs_after_thirty_days(case, proven):
    IdentityDocument.objects.update(uploaded_at=clock.now() - timedelta(days=30, seconds=-60))
    assert (expire_documents(), IdentityDocument.objects.count()) == (0, 1)
    IdentityDocument.objects.update(uploaded_at=clock.now() - timedelta(days=30, seconds=60))
    assert (expire_documents(), IdentityDocument.objects.count()) == (1, 0)
    assert private_half(case.log.latest("number")) == {"purged": "document", "actor": "system"}
    assert (expire_documents(), states(case)) == (0, ["ANSWERED"])


@pytest.mark.parametrize(
    ("step", "possible"),
    [
        ("ask", {"OPEN", "ASKED"}),
        ("answer", {"OPEN", "ASKED"}),
        ("confirm", {"OPEN", "ASKED", "ANSWERED"}),
        ("reject", {"OPEN", "ASKED", "ANSWERED"}),
        ("expire", {"OPEN", "ASKED"}),
    ],
)
def test_verification_takes_a_step_from_these_states_alone(case, step, possible):
    found = set()
    for state in ("OPEN", "ASKED", "ANSWERED", "CONFIRMED", "REJECTED", "EXPIRED"):
        Verification.objects.update(state=state)
        transition = getattr(Verification.objects.get(), step)
        if transition._django_fsm.has_transition(state):
            found.add(state)
    assert found == possible
