"""Tasks by hand on the pages: assignee, day, evidence in and out; and the interim letter."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from erasure import clock, handwork
from erasure.cases import line_of, save_line
from erasure.cases.line import hand_over
from erasure.models import (
    AccessRecord,
    Actor,
    DataItem,
    ErasureCase,
    SystemConnection,
    TaskDetail,
    TaskEvidence,
)
from erasure.values import CaseState, ItemState, Role
from tests.admin.conftest import SignIn
from tests.admin.page import Page
from tests.factories import make_case, make_connection, make_item, make_search, make_user

PDF = b"%PDF-1.7 invented"


@pytest.fixture
def archive(db: None) -> SystemConnection:
    return make_connection(
        "cellar", name="Paper archive", system="manual", base_url="", login_url="", client_id=""
    )


@pytest.fixture
def case(archive: SystemConnection) -> ErasureCase:
    made = make_case(CaseState.EXECUTING)
    make_search(made, archive, "records", "MANUAL")
    line = line_of(made, archive, "records", "Look into binder 7.")
    hand_over(line)
    line.log_number = 0
    save_line(line)
    return made


@pytest.fixture
def item(case: ErasureCase) -> DataItem:
    return case.items.select_related("connection").get()


def url(name: str, *parts: object) -> str:
    return reverse(f"admin:{name}", args=parts)


def case_page(case: ErasureCase) -> str:
    return url("erasure_erasurecase_change", case.pk)


def sent(data: bytes = PDF, name: str = "shredding.pdf") -> dict[str, object]:
    return {"file": SimpleUploadedFile(name, data, content_type="application/octet-stream")}


def test_case_page_lists_the_task_with_its_day(
    sign_in: SignIn, case: ErasureCase, item: DataItem
) -> None:
    shown = Page(sign_in(Role.OFFICER).get(case_page(case)))
    assert "Paper archive: Records kept by hand Nobody yet" in shown.said()
    assert "due in 14 days" in shown.said()
    assert shown.refused == []


def test_overdue_task_is_shown_in_the_danger_colour(
    sign_in: SignIn, case: ErasureCase, item: DataItem
) -> None:
    TaskDetail.objects.update(due_on=clock.now().date() - timedelta(days=3))
    answer = sign_in(Role.OFFICER).get(case_page(case))
    assert "Overdue: was due 3 days ago" in Page(answer).said()
    assert 'class="badge danger"' in answer.content.decode()


def test_record_page_changes_assignee_and_day(
    sign_in: SignIn, case: ErasureCase, item: DataItem
) -> None:
    officer = sign_in(Role.OFFICER)
    given = {"assignee": officer.user.pk, "due_on": "2030-01-02"}  # type: ignore[attr-defined]
    answer = officer.post(url("case_task", case.pk, item.pk), given, follow=True)
    assert "Recorded." in Page(answer).said()
    task = TaskDetail.objects.get()
    assert (task.assignee, task.due_on) == (officer.user, date(2030, 1, 2))  # type: ignore[attr-defined]
    assert case.log.filter(facts__decision="TASK_ASSIGNED").count() == 1


def test_task_is_offered_only_to_those_who_can_finish_it(
    sign_in: SignIn, case: ErasureCase, item: DataItem
) -> None:
    auditor = make_user(Role.AUDITOR)
    officer = sign_in(Role.OFFICER)
    given = {"assignee": auditor.pk, "due_on": "2030-01-02"}
    answer = officer.post(url("case_task", case.pk, item.pk), given, follow=True)
    assert "Choose a colleague from the list" in Page(answer).said()
    assert TaskDetail.objects.get().assignee is None


def test_evidence_goes_in_and_comes_out_with_a_record_of_the_look(
    sign_in: SignIn, case: ErasureCase, item: DataItem
) -> None:
    officer = sign_in(Role.OFFICER)
    answer = officer.post(url("case_evidence", case.pk, item.pk), sent(), follow=True)
    assert "The evidence is attached." in Page(answer).said()
    assert "shredding.pdf" in Page(answer).said()
    row = TaskEvidence.objects.get()
    auditor = sign_in(Role.AUDITOR)
    got = auditor.post(url("case_evidence_file", case.pk, row.pk))
    assert (got.content, got["Content-Type"]) == (PDF, "application/pdf")
    assert got["Content-Disposition"].startswith("attachment; ")
    assert "shredding" not in got["Content-Disposition"]
    looks = AccessRecord.objects.values_list("user", "what")
    assert list(looks) == [(auditor.user.pk, "evidence of a task")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Choose the file that shows what was done."),
        (sent(b"MZ\x90\x00"), "Attach a PDF, a PNG or JPEG picture, or plain text."),
        (sent(b"%PDF-" + b"x" * handwork.MAX_BYTES), "This file is larger than 10 MB."),
    ],
)
def test_file_that_is_not_taken_says_why(
    sign_in: SignIn, case: ErasureCase, item: DataItem, given: dict[str, object], said: str
) -> None:
    answer = sign_in(Role.OFFICER).post(
        url("case_evidence", case.pk, item.pk), given, follow=True
    )  # fmt: skip
    assert said in Page(answer).said()
    assert not TaskEvidence.objects.exists()


def test_done_on_the_page_needs_the_evidence_first(
    sign_in: SignIn, case: ErasureCase, item: DataItem
) -> None:
    officer = sign_in(Role.OFFICER)
    given = {"decision": "done", "reason": "Binder 7 was shredded."}
    answer = officer.post(url("case_record", case.pk, item.pk), given)
    assert "Attach the evidence first" in Page(answer).said()
    officer.post(url("case_evidence", case.pk, item.pk), sent())
    officer.post(url("case_record", case.pk, item.pk), given)
    ended = DataItem.objects.get(pk=item.pk)
    assert (ended.state, ended.verdict) == (ItemState.ERASED, "ATTESTED")
    shown = Page(officer.get(url("case_record", case.pk, item.pk)))
    assert "Attach the evidence" not in shown.said()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.LEGAL, Role.DPO, Role.CLERK])
def test_other_roles_neither_assign_nor_attach(
    sign_in: SignIn, case: ErasureCase, item: DataItem, role: Role
) -> None:
    staff = sign_in(role)
    task = {"assignee": "", "due_on": "2030-01-02"}
    assert staff.post(url("case_task", case.pk, item.pk), task).status_code == 403
    assert staff.post(url("case_evidence", case.pk, item.pk), sent()).status_code == 403
    assert not TaskEvidence.objects.exists()


@pytest.mark.parametrize("role", [Role.CLERK, Role.ADMINISTRATOR])
def test_evidence_is_not_given_to_roles_without_records(
    sign_in: SignIn, case: ErasureCase, item: DataItem, role: Role
) -> None:
    officer = Actor.of(make_user(Role.OFFICER))
    row = handwork.add_evidence(item.pk, "a.pdf", PDF, actor=officer)
    assert sign_in(role).post(url("case_evidence_file", case.pk, row.pk)).status_code == 403
    assert not AccessRecord.objects.exists()


def test_evidence_of_another_case_is_not_found(
    sign_in: SignIn, case: ErasureCase, item: DataItem
) -> None:
    officer = sign_in(Role.OFFICER)
    row = handwork.add_evidence(item.pk, "a.pdf", PDF, actor=Actor.of(officer.user))  # type: ignore[attr-defined]
    other = make_case(CaseState.EXECUTING)
    assert officer.post(url("case_evidence_file", other.pk, row.pk)).status_code == 404
    assert officer.get(url("case_evidence_file", case.pk, row.pk)).status_code == 405


def test_record_that_is_no_line_shows_no_task(
    sign_in: SignIn, genesys: SystemConnection, case: ErasureCase
) -> None:
    record = make_item(case, genesys, state=ItemState.FAILED, reason="403", log_number=1)
    officer = sign_in(Role.OFFICER)
    assert "Task by hand" not in Page(officer.get(url("case_record", case.pk, record.pk))).said()
    answer = officer.post(url("case_evidence", case.pk, record.pk), sent(), follow=True)
    assert "no task is open for it" in Page(answer).said()


# -- the interim letter -------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "due"), [(20, False), (35, True)])
def test_interim_letter_that_is_due_stands_on_the_case_page(
    sign_in: SignIn, genesys: SystemConnection, days: int, due: bool
) -> None:
    case = make_case(CaseState.AWAITING_VENDOR)
    until = case.received_at + timedelta(days=days)
    make_item(case, genesys, state=ItemState.REQUESTED, recoverable_until=until, log_number=0)
    said = Page(sign_in(Role.OFFICER).get(case_page(case))).said()
    text = "Send an interim letter: in Genesys Cloud EU a record remains recoverable until"
    assert (text in said) is due


# -- the connection's form ----------------------------------------------------------------------

MANUAL = {
    "slug": "cellar", "name": "Paper archive", "system": "manual", "enabled": "on",
    "region": "DE", "per_minute": "300", "width": "8", "options": '{"instructions": "Look."}',
}  # fmt: skip


def test_form_takes_a_manual_system_without_address_client_or_secret(sign_in: SignIn) -> None:
    staff = sign_in(Role.ADMINISTRATOR)
    answer = staff.post(reverse("admin:erasure_systemconnection_add"), MANUAL)
    assert answer.status_code == 302
    row = SystemConnection.objects.get()
    assert (row.system, row.base_url, row.client_id) == ("manual", "", "")


def test_form_of_any_other_kind_names_what_is_missing(sign_in: SignIn) -> None:
    staff = sign_in(Role.ADMINISTRATOR)
    given = {**MANUAL, "system": "salesforce"}
    answer = staff.post(reverse("admin:erasure_systemconnection_add"), given)
    assert answer.status_code == 200
    said = Page(answer).said()
    assert "Salesforce is called over the network and needs this." in said
    assert not SystemConnection.objects.exists()
