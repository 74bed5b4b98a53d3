"""What came back, as staff see it and decide on it; and what of a case is destroyed when."""

from datetime import timedelta

import pytest
from django.urls import reverse

from erasure import clock
from erasure.connectors.base import Found
from erasure.discovery.returned import Returned, raise_follow_up
from erasure.ledger import sequencer
from erasure.models import ErasureCase, FollowUp, LaterCheck
from erasure.retention import purge
from erasure.values import CaseState, Cause, Identifier, IdentifierKind, Return, Role
from tests.admin.page import Page
from tests.factories import confirm_person, make_case, make_item, make_search

DAY = timedelta(days=1)


@pytest.fixture
def ended(genesys, settings, tmp_path):
    settings.DATA = tmp_path
    return make_case(
        CaseState.COMPLETE, email="ada@example.org", completed_at=clock.now() - 8 * DAY,
        answered_at=clock.now() - 8 * DAY,
    )  # fmt: skip


@pytest.fixture
def back(ended, genesys):
    """A contact that a sync made yesterday, with one silent store beside it."""
    who = Identifier(IdentifierKind.EMAIL, "ada@example.org")
    found = Found("external_contacts", "c-9", occurred_at=clock.now() - DAY, identifiers=(who,))
    from_sync = [Returned(genesys, found, Return.NEW)]
    return raise_follow_up(ended, Cause.CHECK, from_sync, silent=["genesys-eu.conversations"])


def url(name, *args):
    return reverse(f"admin:{name}", args=args)


def shown(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    page = Page(answer)
    assert page.refused == []
    return page


def test_case_page_says_what_is_destroyed_when(sign_in, ended):
    at = ended.completed_at
    LaterCheck.objects.create(case=ended, day=7, due_at=at, next_try=at, done_at=at,
                              result="CLEAN", stores={"a.b": "EMPTY", "c.d": "MANUAL"})  # fmt: skip
    LaterCheck.objects.create(case=ended, day=30, due_at=at + 30 * DAY, next_try=at)
    purge(ended.pk)
    said = shown(sign_in(Role.AUDITOR), url("erasure_erasurecase_change", ended.pk)).said()
    part = said[said.index("What is kept, and until when") :]
    assert "Proof of identity" in part
    assert "Destroyed" in part
    assert "Found records and search identifiers from " in part
    assert "7 days, " in part
    assert "Nothing found 1 store searched, 1 store that no interface can search" in part
    assert "30 days, " in part
    assert "To come" in part


def test_open_case_names_no_day(sign_in, in_review):
    said = shown(sign_in(Role.OFFICER), url("erasure_erasurecase_change", in_review.pk)).said()
    assert "What is kept, and until when" not in said


def test_case_page_leads_to_what_came_back(sign_in, ended, back):
    page = shown(sign_in(Role.OFFICER), url("erasure_erasurecase_change", ended.pk))
    assert "After the end something came back" in page.said()
    assert url("erasure_followup_change", back.pk) in page.links


def test_list_and_page_say_what_came_back_and_from_where(sign_in, back):
    client = sign_in(Role.DPO)
    assert "A search after the end 1 1 To be decided" in shown(
        client, url("erasure_followup_changelist")
    ).said()  # fmt: skip
    said = shown(client, url("erasure_followup_change", back.pk)).said()
    assert "Genesys Cloud EU, External contacts: 1 record made after the end of the case" in said
    assert "Could not be searched, so nothing is known of it: Genesys Cloud EU: " in said
    assert "ada@example.org" not in said
    assert "An officer opens a new case." in said


def test_officer_leaves_it_with_a_reason(sign_in, back):
    client = sign_in(Role.OFFICER)
    at = url("follow_up_decide", back.pk, "dismiss")
    assert "Nothing is erased." in shown(client, at).said()
    assert client.post(at, {"reason": ""}).status_code == 200
    assert FollowUp.objects.get().state == "OPEN"
    answer = client.post(at, {"reason": "She signed a new contract."}, follow=True)
    assert "Left as it is" in Page(answer).said()
    row = FollowUp.objects.get()
    assert (row.state, row.decided_by, row.reason) == (
        "DISMISSED", client.user, "She signed a new contract.",
    )  # fmt: skip


def test_officer_opens_a_new_case_and_is_led_to_it(sign_in, ended, back):
    client = sign_in(Role.OFFICER)
    at = url("follow_up_decide", back.pk, "take-up")
    assert "nothing is erased before that" in shown(client, at).said()
    answer = client.post(at)
    case = ErasureCase.objects.exclude(pk=ended.pk).get()
    assert answer.url == url("erasure_erasurecase_change", case.pk)
    assert FollowUp.objects.get().new_case == case
    answer = client.post(at)
    assert "it was decided on" in Page(answer).said()
    assert ErasureCase.objects.count() == 2


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.ADMINISTRATOR])
def test_other_roles_see_no_follow_up(sign_in, back, role):
    client = sign_in(role)
    for name, args in (("erasure_followup_changelist", ()), ("erasure_followup_change", (back.pk,)),
                       ("follow_up_decide", (back.pk, "dismiss"))):  # fmt: skip
        assert client.get(url(name, *args)).status_code == 403


def test_auditor_sees_and_decides_nothing(sign_in, back):
    client = sign_in(Role.AUDITOR)
    page = shown(client, url("erasure_followup_change", back.pk))
    assert not any("dismiss" in link or "take-up" in link for link in page.links)
    at = url("follow_up_decide", back.pk, "dismiss")
    assert "Your role does not allow" in Page(client.post(at, {"reason": "I say so."})).said()
    assert FollowUp.objects.get().state == "OPEN"


def test_worklist_has_what_came_back_for_those_who_decide(sign_in, back):
    for role, wanted in ((Role.OFFICER, True), (Role.DPO, True), (Role.LEGAL, False)):
        said = shown(sign_in(role), url("index")).said()
        assert ("Back after the end of a case" in said) is wanted


@pytest.mark.parametrize(
    ("days", "twice", "left"),
    [(200, False, {"file", "log"}), (1500, False, {"log"}), (1500, True, set())],
    ids=["inventory", "file", "log"],
)
def test_case_opens_at_every_stage_of_its_end(
    sign_in, genesys, settings, tmp_path, days, twice, left
):
    settings.DATA = tmp_path
    at = clock.now() - days * DAY
    case = make_case(CaseState.COMPLETE, completed_at=at, answered_at=at, received_at=at)
    confirm_person(case)
    make_search(case, genesys)
    item = make_item(case, genesys, state="ERASED", verdict="VERIFIED_ABSENT")
    for _ in range(1 + twice):
        sequencer.sequence()
        purge(case.pk)
    assert {row.purpose for row in case.secrets.all()} == left
    client = sign_in(Role.DPO, Role.OFFICER)
    client.post(url("case_reveal", case.pk), {"reason": "An authority asks."})
    case = ErasureCase.objects.get()
    said = shown(client, url("erasure_erasurecase_change", case.pk)).said()
    assert said.count("Destroyed") >= 4 - len(left)
    shown(client, url("case_record", case.pk, item.pk))
    for name in ("erasurecase", "certificate", "deletionlogentry", "accessrecord"):
        shown(client, url(f"erasure_{name}_changelist"))
    answer = client.post(url("case_discovery", case.pk, "pdf"), follow=True)
    assert "destroyed" in Page(answer).said()
