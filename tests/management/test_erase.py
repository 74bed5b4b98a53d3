"""A case worked from the terminal: the same guards, one sentence for each refusal."""

import io
import time
from collections import Counter
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from erasure import clock
from erasure.management.terminal import follow
from erasure.models import ErasureCase
from erasure.values import CaseState, Channel, Role
from tests.factories import PASSWORD, make_case, make_user
from tests.world import TO_THE_END, moving, served, sleep, world

__all__ = ["moving", "served", "world"]
IDENTITY = {
    "method": "call_back",
    "matched": "phone",
    "doubt": "The request came by telephone.",
    "source": "Genesys Cloud EU, since 2019",
    "reason": "Called back on the number on file.",
    "ground": "17(1)(b)",
    "ground_reason": "Consent withdrawn.",
}


@pytest.fixture(autouse=True)
def no_waiting(moving, monkeypatch):
    monkeypatch.setattr(follow, "time", SimpleNamespace(sleep=sleep, monotonic=time.monotonic))


@pytest.fixture
def staff(db, tmp_path):
    """An officer and a DPO, and the file with the password of both."""
    make_user(Role.OFFICER, name="olga")
    make_user(Role.DPO, name="dario")
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    return {"officer": "olga", "officer_password_file": path, "dpo_password_file": path}


@pytest.fixture
def person(tmp_path):
    path = tmp_path / "person"
    path.write_text("email: mona.vielfach@example.org\n\nname: Mona Vielfach\n")
    return path


def erase(**options):
    call_command("erase", inline=True, stderr=io.StringIO(), **options)


def the_case():
    return ErasureCase.objects.get()


def refused(**options):
    with pytest.raises(CommandError) as why:
        erase(**options)
    return str(why.value)


def test_case_without_an_approver_stops_with_its_inventory(world, staff, person, capsys):
    erase(from_file=person, **IDENTITY, **staff)
    case = the_case()
    assert (case.state, case.channel) == (CaseState.DPO_REVIEW, Channel.TERMINAL)
    assert case.subject.name == "Mona Vielfach"
    said = capsys.readouterr().out
    assert f"  {case.item_count} records, 0 held, 0 uncertain\n" in said
    assert said.splitlines()[-1] == (
        f"  {case.reference} is DPO_REVIEW. Somebody who did not prepare the case approves it: "
        "add --dpo."
    )


def test_approved_case_is_erased_to_where_only_the_vendor_works(world, staff, person):
    erase(from_file=person, dpo="dario", opinion="No objection.", yes=True, **IDENTITY, **staff)
    case = the_case()
    assert (case.state, case.approved_by.username) == (CaseState.AWAITING_VENDOR, "dario")
    assert Counter(row["store"] for row in world.app.holdings("many"))["evaluations"] == 0


def test_case_taken_up_again_goes_on_to_its_settled_end(world, staff, person, capsys):
    erase(from_file=person, dpo="dario", opinion="", yes=True, **IDENTITY, **staff)
    reference = the_case().reference
    for step in TO_THE_END:
        clock.advance(step)
        erase(case=reference)
    assert the_case().finished_execution()
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"  {reference} is AWAITING_VENDOR. Everything is settled: send the person the answer "
        "and record it in the admin."
    )


def test_officer_who_may_approve_as_well_cannot_approve_the_own_case(world, staff, person):
    make_user(Role.OFFICER, Role.DPO, name="both")
    erase(from_file=person, **IDENTITY, **staff | {"officer": "both"})
    case = the_case()
    why = refused(case=case.reference, dpo="both", opinion="", yes=True, **staff)
    assert why.startswith("You prepared this case: somebody else must approve it.")
    assert the_case().state == CaseState.DPO_REVIEW


def test_approval_that_nobody_typed_erases_nothing(world, staff, person):
    erase(from_file=person, **IDENTITY, **staff)
    before = world.held("many")
    case = the_case()
    why = refused(case=case.reference, dpo="dario", opinion="", **staff)
    assert why == f"Not approved. Go on with --case {case.reference}."
    assert (the_case().state, world.held("many")) == (CaseState.DPO_REVIEW, before)


def test_wrong_password_opens_no_case(world, staff, person, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("guess")
    staff["officer_password_file"] = wrong
    assert refused(from_file=person, **IDENTITY, **staff) == "olga could not be signed in."
    assert not ErasureCase.objects.exists()


def test_person_without_a_staff_login_cannot_act(world, staff, person):
    user = make_user(Role.OFFICER, name="left")
    user.is_staff = False
    user.save()
    why = refused(from_file=person, **IDENTITY, **staff | {"officer": "left"})
    assert why == "left could not be signed in."


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"method": None}, "Verified by (PORTAL, LINK_ON_FILE, CALL_BACK, KNOWLEDGE, "
         "ELECTRONIC_ID, ID_SHOWN, ID_COPY): give --method."),
        ({"method": "guess"}, "Verified by: choose one of PORTAL, LINK_ON_FILE, CALL_BACK, "
         "KNOWLEDGE, ELECTRONIC_ID, ID_SHOWN, ID_COPY."),
        ({"reason": " "}, "What convinced you: give --reason."),
        ({"ground_reason": None}, "Why the ground applies: give --ground-reason."),
    ],
)  # fmt: skip
def test_identity_that_is_not_decided_searches_nothing(world, staff, person, changed, sentence):
    assert refused(from_file=person, **IDENTITY | changed, **staff) == sentence
    case = the_case()
    assert (case.state, case.searches.exists()) == (CaseState.VALIDATING, False)
    assert world.app.requests() == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("mail: ada@example.org", "Line 1 must begin with email:, phone: or name:"),
        ("ada@example.org", "Line 1 must begin with email:, phone: or name:"),
        ("name: Ada Beispiel",
         "Give at least one e-mail address or phone number to search for."),
    ],
)  # fmt: skip
def test_file_that_cannot_be_read_opens_no_case(staff, tmp_path, line, sentence):
    path = tmp_path / "person"
    path.write_text(line)
    assert refused(from_file=path, **IDENTITY, **staff) == sentence
    assert not ErasureCase.objects.exists()


def test_file_that_is_not_there_is_one_sentence(staff, tmp_path):
    path = tmp_path / "absent"
    assert refused(from_file=path, **IDENTITY, **staff) == f"The file {path} cannot be read."


def test_date_of_receipt_that_is_no_date_is_one_sentence(staff, person):
    why = refused(from_file=person, received="yesterday", **IDENTITY, **staff)
    assert why == "--received: give a date such as 2026-11-23."


def test_unknown_reference_is_one_sentence(db):
    assert refused(case="ER-2026-000000") == "There is no case ER-2026-000000."


def test_personal_values_among_the_options_bring_a_warning(world, staff):
    told = io.StringIO()
    with pytest.raises(CommandError):
        call_command("erase", email=["nobody@example.org"], stderr=told, **staff)
    assert told.getvalue().strip() == (
        "Options can be read in the process list: prefer --from-file or the questions."
    )


def test_search_that_no_worker_takes_up_says_how_to_go_on(db, staff):
    case = make_case(CaseState.DISCOVERY)
    with pytest.raises(CommandError) as why:
        call_command("erase", case=case.reference, patience=0, **staff)
    assert str(why.value) == (
        f"{case.reference} is still DISCOVERY. No worker has taken the case up: start the "
        f"services (make run) or add --inline, then go on with --case {case.reference}."
    )


def test_case_that_is_over_says_that_nothing_is_left(db, capsys):
    case = make_case(CaseState.CLOSED)
    erase(case=case.reference)
    assert capsys.readouterr().out.strip() == (
        f"{case.reference} is CLOSED. Nothing is left to do here."
    )
