"""A system without an interface: from the connection to the attested end of its task."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from erasure import clock, handwork
from erasure.cases import overdue_sentence
from erasure.discovery import discover
from erasure.errors import InputError, KeyMissingError, StepError
from erasure.execution import progress
from erasure.ledger.append import private_half
from erasure.models import (
    AccessRecord,
    Actor,
    ErasureCase,
    SystemConnection,
    TaskDetail,
    TaskEvidence,
)
from erasure.review import approve, settle_by_hand
from erasure.systems import checked
from erasure.values import CaseState, ItemState, Role, StoreStatus
from tests.factories import confirm_person, make_case, make_connection, make_user
from tests.world import moving

__all__ = ["moving"]

PDF = b"%PDF-1.7 invented"
PNG = b"\x89PNG\r\n\x1a\n invented"
JPEG = b"\xff\xd8\xff invented"


@pytest.fixture
def cellar(moving, db):
    return make_manual()


def make_manual(**given):
    empty = {"base_url": "", "login_url": "", "client_id": ""}
    standard = {"name": "Paper archive", "system": "manual", "options": {"days": 10}}
    return make_connection("cellar", **{**empty, **standard, **given})


@pytest.fixture
def officer():
    return Actor.of(make_user(Role.OFFICER))


@pytest.fixture
def case(cellar):
    """Searched and in review, by the stage itself."""
    made = make_case(CaseState.DISCOVERY)
    confirm_person(made)
    assert discover(made.pk)
    return ErasureCase.objects.get(pk=made.pk)


@pytest.fixture
def item(case):
    return case.items.get()


@pytest.fixture
def working(case):
    """Approved: the task is all there is to do."""
    approve(case.pk, actor=Actor.of(make_user(Role.DPO)), digest=case.inventory_digest)
    return ErasureCase.objects.get(pk=case.pk)


def done(item, officer):
    return settle_by_hand(item.pk, "done", actor=officer, reason="Binder 7 was shredded.")


# -- the connection ---------------------------------------------------------------------------


def valid(**given):
    row = SystemConnection(**{"slug": "cellar", "name": "Archive", "system": "manual"} | given)
    try:
        row.full_clean()
    except ValidationError as why:
        return why.message_dict
    return {}


@pytest.mark.django_db
def test_connection_of_a_manual_system_needs_no_address_client_or_secret():
    assert valid() == {}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["genesys", "salesforce", "servicenow", "opendsr"])
def test_connection_of_any_other_kind_says_what_is_missing(kind):
    errors = valid(system=kind)
    assert sorted(errors) == ["base_url", "client_id", "login_url"]
    assert "Only a manual system has none." in errors["base_url"][0]


@pytest.mark.django_db
@pytest.mark.parametrize("days", [0, -1, 400, "14", 2.5, True])
def test_days_that_make_no_sense_are_refused(days):
    assert list(valid(options={"days": days})) == ["options"]


def test_test_of_the_connection_passes_without_a_call(cellar):
    lines, error = checked(cellar)
    assert ([line.ok for line in lines], error) == ([True], "")


# -- the task ---------------------------------------------------------------------------------


def test_discovery_makes_one_line_with_instructions_and_a_task(case, item):
    assert case.searches.get().status == StoreStatus.MANUAL
    assert (item.is_line, item.state) == (True, ItemState.MANUAL)
    assert item.reason.startswith("Look for the person by every confirmed identifier")
    assert item.task.due_on == clock.now().date() + timedelta(days=10)
    assert item.task.assignee is None


@pytest.mark.parametrize("options", [{}, {"days": "soon"}])
def test_task_without_days_is_due_in_a_fortnight(moving, db, options):
    make_manual(options=options)
    made = make_case(CaseState.DISCOVERY)
    confirm_person(made)
    discover(made.pk)
    assert made.items.get().task.due_on == clock.now().date() + timedelta(days=14)


def test_search_repeated_keeps_the_task_and_who_has_it(case, item, officer):
    handwork.assign(item.pk, assignee=officer.user, due_on=date(2030, 1, 2), actor=officer)
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DISCOVERY, due_at=None)
    discover(case.pk)
    task = TaskDetail.objects.get()
    assert (task.item_id, task.assignee, task.due_on) == (item.pk, officer.user, date(2030, 1, 2))


def test_done_without_evidence_is_refused_and_nothing_changes(working, item, officer):
    with pytest.raises(InputError) as why:
        done(item, officer)
    assert "Attach the evidence first" in str(why.value)
    assert working.items.get().state == ItemState.MANUAL
    assert not working.log.filter(type="outcome").exists()


def test_done_with_evidence_is_attested_and_never_verified(working, item, officer):
    handwork.add_evidence(item.pk, "shredding.pdf", PDF, actor=officer)
    done(item, officer)
    ended = working.items.get()
    assert (ended.state, ended.verdict) == (ItemState.ERASED, "ATTESTED")
    assert [row.facts["outcome"] for row in working.log.filter(type="outcome")] == ["ATTESTED"]


def test_evidence_of_an_earlier_round_does_not_count_for_a_new_one(working, item, officer):
    handwork.add_evidence(item.pk, "shredding.pdf", PDF, actor=officer)
    done(item, officer)
    clock.advance(timedelta(days=40))
    ErasureCase.objects.filter(pk=working.pk).update(state=CaseState.DISCOVERY, due_at=None)
    discover(working.pk)
    again = working.items.get()
    assert again.state == ItemState.MANUAL
    assert again.task.due_on == clock.now().date() + timedelta(days=10)
    ErasureCase.objects.filter(pk=working.pk).update(state=CaseState.EXECUTING)
    with pytest.raises(InputError):
        done(again, officer)


def test_task_can_be_exempted_without_evidence(working, item, officer):
    ended = settle_by_hand(
        item.pk, "exempt", actor=officer, reason="Tax law keeps the invoices.", article="17(3)(b)"
    )
    assert ended.state == ItemState.EXEMPT


def test_case_with_an_open_task_never_completes_and_names_what_is_overdue(working, item):
    said = progress(working.pk).waiting_for
    assert said.startswith("1 item needs a person. cellar.records: Look for the person")
    clock.advance(timedelta(days=11))
    seen = progress(working.pk)
    assert seen.state == CaseState.EXECUTING
    text = f"Overdue: record {item.place} (Paper archive), due "
    assert overdue_sentence(working).startswith(text)
    assert text in seen.waiting_for
    assert len(seen.waiting_for) <= 300


# -- the evidence -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        ("Geprüft am 3. März.\n".encode(), "text/plain"),
    ],
)
def test_evidence_is_judged_by_its_content(item, officer, data, kind):
    row = handwork.add_evidence(item.pk, "anything.exe", data, actor=officer)
    assert (row.kind, row.size) == (kind, len(data))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00\x03", "Attach a PDF"),
        (b"PK\x03\x04", "Attach a PDF"),
        (b"\xfe\xff\x00a", "Attach a PDF"),
        (b"%PDF-" + b"x" * handwork.MAX_BYTES, "larger than 10 MB"),
    ],
)
def test_evidence_of_another_kind_or_too_large_is_refused(item, officer, data, said):
    with pytest.raises(InputError, match=said):
        handwork.add_evidence(item.pk, "shredding.pdf", data, actor=officer)
    assert not TaskEvidence.objects.exists()


def test_evidence_rests_encrypted_and_each_look_is_on_record(case, item, officer):
    data = b"Shredded for ada@example.org"
    row = handwork.add_evidence(item.pk, "ada@example.org.txt", data, actor=officer)
    kept = TaskEvidence.objects.get()
    assert b"ada@" not in bytes(kept.data_sealed) + bytes(kept.name_sealed)
    read, again = handwork.read_evidence(row.pk, actor=officer)
    assert (read.name, again) == ("ada@example.org.txt", data)
    looks = AccessRecord.objects.values_list("case", "user", "what")
    assert list(looks) == [(case.pk, officer.user.pk, "evidence of a task")]


def test_evidence_after_the_key_is_destroyed_cannot_be_read(case, item, officer):
    row = handwork.add_evidence(item.pk, "a.pdf", PDF, actor=officer)
    case.secrets.filter(purpose="file").delete()
    with pytest.raises(KeyMissingError):
        handwork.read_evidence(row.pk, actor=officer)


def test_evidence_is_in_the_log_by_its_digest_and_not_by_its_name(case, item, officer):
    handwork.add_evidence(item.pk, "ada@example.org.pdf", PDF, actor=officer)
    last = case.log.filter(item__isnull=True).order_by("number").last()
    assert (last.type, last.facts) == ("decision", {"decision": "EVIDENCE_ADDED"})
    half = private_half(last)
    assert sorted(half) == ["actor", "item", "sha256"]
    assert "ada@" not in repr(half)


@pytest.mark.parametrize("name", ["../../etc/passwd", 'a";\r\nX: y.pdf', "", "C:\\x\\b.pdf"])
def test_name_of_a_file_steers_nothing(item, officer, name):
    row = handwork.add_evidence(item.pk, name, PDF, actor=officer)
    assert not set(row.name) & set('/\\"\r\n;:')
    assert row.name


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.LEGAL, Role.DPO, Role.CLERK])
def test_only_who_decides_on_records_attaches_and_assigns(item, role):
    actor = Actor.of(make_user(role))
    with pytest.raises(StepError):
        handwork.add_evidence(item.pk, "a.pdf", PDF, actor=actor)
    with pytest.raises(StepError):
        handwork.assign(item.pk, assignee=None, due_on=date(2030, 1, 2), actor=actor)


def test_task_is_not_given_to_somebody_who_cannot_finish_it(item, officer):
    with pytest.raises(InputError):
        handwork.assign(
            item.pk, assignee=make_user(Role.AUDITOR), due_on=date(2030, 1, 2), actor=officer
        )


def test_ended_task_takes_no_more_evidence(working, item, officer):
    handwork.add_evidence(item.pk, "a.pdf", PDF, actor=officer)
    done(item, officer)
    with pytest.raises(StepError):
        handwork.add_evidence(item.pk, "b.pdf", PDF, actor=officer)


# -- a system that is off or cannot sign in, at discovery ---------------------------------------


def test_mis_keyed_system_leaves_its_stores_unanswered_by_name(cellar):
    broken = make_connection("genesys-eu", name="Genesys EU", secret_env="NO_SUCH_SECRET")
    case = make_case(CaseState.DISCOVERY)
    confirm_person(case)
    discover(case.pk)
    searches = case.searches.filter(connection=broken)
    assert {row.status for row in searches} == {StoreStatus.UNANSWERED}
    assert {row.note for row in searches} == {
        "Genesys EU: the environment variable NO_SUCH_SECRET is not set."
    }
    seen = ErasureCase.objects.get(pk=case.pk)
    with pytest.raises(StepError):
        approve(seen.pk, actor=Actor.of(make_user(Role.DPO)), digest=seen.inventory_digest)


def test_system_disabled_after_the_search_leaves_its_stores_unanswered(case, cellar):
    SystemConnection.objects.filter(pk=cellar.pk).update(enabled=False)
    make_manual_second = make_connection(
        "cabinet", name="Cabinet", system="manual", base_url="", login_url="", client_id=""
    )
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DISCOVERY, due_at=None)
    discover(case.pk)
    rows = {row.connection.slug: row.status for row in case.searches.select_related("connection")}
    assert rows == {
        "cellar": StoreStatus.UNANSWERED, make_manual_second.slug: StoreStatus.MANUAL,
    }  # fmt: skip
    seen = ErasureCase.objects.get(pk=case.pk)
    with pytest.raises(StepError):
        approve(seen.pk, actor=Actor.of(make_user(Role.DPO)), digest=seen.inventory_digest)
