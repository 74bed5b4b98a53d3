"""What the person does with the link: it works once, and proves what it can prove."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from erasure.models import ErasureCase, IdentityDocument
from erasure.values import CaseState
from erasure.verification import (
    confirm,
    confirm_link,
    deny,
    link_of,
    record_answer,
    reject,
    upload,
    view_page,
    ways_of,
)
from tests.verification.given import (
    GROUND,
    NOON,
    SHOWN,
    lacks,
    now,
    picture,
    refused_by,
    states,
)

pytestmark = pytest.mark.django_db
LINK = {"method": "LINK_ON_FILE", "matched": ["email"], "reason": "The link was used.", **GROUND}


def test_upload_keeps_a_fresh_drawing_encrypted_and_uses_the_link_up(case, officer, asked_for_copy):
    token = asked_for_copy()
    upload(token, picture())
    row = IdentityDocument.objects.get()
    assert (row.case, row.page, states(case)) == (case, 1, ["ANSWERED"])
    shown = Image.open(BytesIO(view_page(row.pk, actor=officer)))
    assert (shown.format, shown.size) == ("JPEG", (40, 30))
    assert now(case).state == CaseState.VALIDATING
    assert b"\xff\xd8\xff" not in bytes(row.data_sealed)
    assert link_of(token) is None


def test_upload_bears_the_reference_across_the_page(case, officer, asked_for_copy):
    plain = BytesIO()
    Image.new("RGB", (800, 600), "white").save(plain, "PNG")
    upload(asked_for_copy(), plain.getvalue())
    page = view_page(IdentityDocument.objects.get().pk, actor=officer)
    darkest, _ = Image.open(BytesIO(page)).convert("L").getextrema()
    assert darkest < 200


def test_upload_by_a_used_link_is_refused_and_keeps_nothing(asked_for_copy):
    token = asked_for_copy()
    upload(token, picture())
    assert lacks(upload, token, picture()) == "link"
    assert IdentityDocument.objects.count() == 1


def test_upload_where_no_copy_was_asked_for_is_refused(case, asked):
    token = asked()
    assert lacks(upload, token, picture()) == "link"
    assert (IdentityDocument.objects.count(), states(case)) == (0, ["ASKED"])


def test_upload_of_what_is_no_picture_leaves_the_link(case, asked_for_copy):
    token = asked_for_copy()
    assert lacks(upload, token, b"no picture") == "document"
    assert (link_of(token).case, now(case).state) == (case, CaseState.AWAITING_IDENTITY)


def test_link_works_until_the_end_of_its_fourteen_days(case, asked_for_copy, at):
    at(NOON)
    token = asked_for_copy()
    at(NOON + timedelta(days=14))
    assert lacks(upload, token, picture()) == "link"
    at(NOON + timedelta(days=14, seconds=-1))
    assert upload(token, picture()).state == CaseState.VALIDATING


def test_link_of_a_case_that_no_longer_waits_is_refused_and_stays(case, officer, asked_for_copy):
    token = asked_for_copy()
    record_answer(case.pk, actor=officer)
    for act in (lambda: upload(token, picture()), lambda: deny(token)):
        assert lacks(act) == "link"
    assert (IdentityDocument.objects.count(), link_of(token).used_at) == (0, None)


# -- an address on file ------------------------------------------------------------------------


def test_link_on_file_used_by_its_reader_is_proof(case, officer, on_file, asked):
    row = on_file()
    token = asked(offered=["LINK_ON_FILE"], to=row.identifier_id)
    confirm_link(token)
    found = case.verifications.get()
    assert (found.on_file, found.state, now(case).state) == (row, "ANSWERED", "VALIDATING")
    assert (found.proven_at is not None, link_of(token)) == (True, None)
    confirm(case.pk, actor=officer, **LINK)
    assert (states(case), now(case).state) == (["CONFIRMED"], CaseState.DISCOVERY)


def test_link_on_file_denied_by_its_reader_proves_nothing(case, officer, on_file, asked):
    row = on_file()
    deny(asked(offered=["LINK_ON_FILE"], to=row.identifier_id))
    found = case.verifications.get()
    assert (found.denied_at is not None, found.proven_at, found.on_file) == (True, None, None)
    assert case.log.filter(facts__decision="IDENTITY_DENIED").count() == 1
    assert lacks(confirm, case.pk, actor=officer, **LINK) == "method"
    assert now(case).state == CaseState.VALIDATING


def test_link_without_that_way_confirms_nothing(case, asked):
    assert lacks(confirm_link, asked()) == "link"
    assert states(case) == ["ASKED"]


def test_ways_of_a_link_are_those_of_the_open_question(case, asked, officer):
    token = asked()
    link = link_of(token)
    assert ways_of(link) == ["CALL_BACK", "KNOWLEDGE"]
    record_answer(case.pk, actor=officer)
    assert ways_of(link) == []


# -- another way -------------------------------------------------------------------------------


def test_answer_another_way_is_recorded_with_its_time_and_lets_the_officer_go_on(
    case, officer, asked
):
    asked()
    record_answer(case.pk, actor=officer)
    row = case.verifications.get()
    assert (row.state, row.answered_at is not None) == ("ANSWERED", True)
    confirm(case.pk, actor=officer, **SHOWN)
    assert (states(case), now(case).state) == (["CONFIRMED"], CaseState.DISCOVERY)


def test_answer_after_a_rejection_while_the_person_was_asked_goes_back_to_assessment(
    case, officer, asked
):
    asked()
    reject(case.pk, actor=officer, reason="The call-back number did not answer.")
    record_answer(case.pk, actor=officer)
    assert (states(case), now(case).state) == (["REJECTED"], CaseState.VALIDATING)


def test_answer_without_a_question_or_a_role_is_refused(case, officer, second):
    assert refused_by(record_answer, case.pk, actor=officer) == "state"
    assert refused_by(record_answer, case.pk, actor=second) == "permission"
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DISCOVERY)
    assert refused_by(record_answer, case.pk, actor=officer) == "state"
