"""Order across systems: a source of contacts goes first, and nobody waits for ever."""

from datetime import timedelta

import pytest
from django.db.models import ProtectedError

from erasure import clock
from erasure.cases import interim_letter
from erasure.correspondence import record_answer
from erasure.errors import BusyError, StepError
from erasure.execution import connections_with_work, drain, progress
from erasure.execution.claim import claim, claimable
from erasure.execution.order import waits_for_source
from erasure.models import Actor, ControlRecord, DataItem, ErasureCase, SystemConnection
from erasure.review import settle_by_hand
from erasure.systems import connect
from erasure.values import CaseState, ItemState, Role, StoreStatus, System
from tests.execution.fakes import Remote, fresh, store
from tests.factories import make_case, make_connection, make_item, make_search, make_user
from tests.world import DAY, MINUTE, states

GOING = (ItemState.PLANNED, ItemState.RUNNING, ItemState.REQUESTED)


class Centre(Remote):
    """A contact centre: it copies its contacts from elsewhere."""

    stores = (store("contacts", contact_record=True), store("calls"))


class Crm(Remote):
    """Where contacts come from."""

    system = System.SALESFORCE
    stores = (store("people", contact_record=True), store("tickets"))


@pytest.fixture
def centre(monkeypatch, moving, db):
    return played(monkeypatch, Centre())


@pytest.fixture
def crm(monkeypatch, moving, db):
    return played(monkeypatch, Crm())


def played(monkeypatch, remote):
    monkeypatch.setitem(connect.CONNECTORS, remote.system, lambda account, limiter: remote)
    monkeypatch.setitem(connect._STORES, remote.system, remote.stores)
    return remote


@pytest.fixture
def to(centre):
    return make_connection("centre", name="Contact Centre", width=1, per_minute=0)


@pytest.fixture
def source(crm):
    return make_connection(
        "sales", name="Sales CRM", system="salesforce", width=1, per_minute=0, syncs_contacts=True
    )


@pytest.fixture
def case(to, source):
    made = make_case(CaseState.EXECUTING)
    for connection, names in ((to, ("contacts", "calls")), (source, ("people", "tickets"))):
        for name in names:
            planned(made, connection, name)
    return made


def planned(case, connection, name):
    make_search(case, connection, name, StoreStatus.FOUND)
    control = ControlRecord(case=case, connection=connection, store=name)
    control.remote_id = "somebody-else"
    control.save()
    return make_item(
        case, connection, name, ItemState.PLANNED, log_number=case.items.count()
    )  # fmt: skip


def ready(connection):
    return set(claimable(connection, clock.now()).values_list("store", flat=True))


def put(case, name, state, **columns):
    case.items.filter(store=name).update(state=state, **columns)


def work(case, *connections):
    for connection in connections:
        drain(connection.pk, clock.now() + MINUTE)
    return progress(case.pk)


def test_contacts_wait_for_the_source_and_everything_else_goes(case, to, source):
    assert (ready(to), ready(source)) == ({"calls"}, {"people", "tickets"})


def test_contacts_go_after_the_source_whatever_comes_first(case, to, source, centre, crm):
    calls = []
    centre.before = lambda refs: calls.append(("centre", refs[0].store))
    crm.before = lambda refs: calls.append(("crm", refs[0].store))
    for _ in range(3):
        work(case, to, source)
        clock.advance(timedelta(hours=1))
    assert states(case) == {ItemState.ERASED: 4}
    assert calls.index(("crm", "people")) < calls.index(("centre", "contacts"))
    assert calls[0] == ("centre", "calls")


@pytest.mark.parametrize("state", [*GOING, ItemState.FAILED, ItemState.MANUAL, ItemState.PROPOSED])
def test_contacts_wait_while_the_source_still_has_the_person(case, to, state):
    put(case, "people", state)
    assert "contacts" not in ready(to)


@pytest.mark.parametrize(
    ("state", "columns"),
    [
        (ItemState.ERASED, {"verdict": "VERIFIED_ABSENT"}),
        (ItemState.HELD, {"article": "17(3)(e)"}),
        (ItemState.EXEMPT, {"article": "17(3)(b)"}),
        (ItemState.EXCLUDED, {}),
        (ItemState.REQUESTED, {"recoverable_until": "2099-01-01T00:00:00Z"}),
    ],
)
def test_contacts_go_once_the_source_is_done_or_keeps_by_decision(case, to, state, columns):
    put(case, "people", state, **columns)
    assert "contacts" in ready(to)


def test_records_of_the_source_beside_its_contacts_are_not_waited_for(case, to):
    put(case, "people", ItemState.ERASED, verdict="VERIFIED_ABSENT")
    put(case, "tickets", ItemState.FAILED)
    assert "contacts" in ready(to)


def test_source_that_marks_no_store_is_waited_for_whole(case, to, crm, monkeypatch):
    monkeypatch.setitem(connect._STORES, System.SALESFORCE, (store("people"), store("tickets")))
    put(case, "people", ItemState.ERASED, verdict="VERIFIED_ABSENT")
    assert "contacts" not in ready(to)


@pytest.mark.parametrize("change", [{"syncs_contacts": False}, {"enabled": False}])
def test_system_that_does_not_sync_or_is_off_is_not_waited_for(case, to, source, change):
    SystemConnection.objects.filter(pk=source.pk).update(**change)
    assert "contacts" in ready(to)


def test_contacts_do_not_wait_for_another_case(case, to, source):
    other = make_case(CaseState.EXECUTING)
    mine = planned(other, to, "contacts")
    rows = claimable(to, clock.now()).filter(store="contacts")
    assert [row.pk for row in rows] == [mine.pk]


def test_two_sources_never_wait_for_each_other(case, to, source):
    SystemConnection.objects.filter(pk=to.pk).update(syncs_contacts=True)
    to.refresh_from_db()
    assert ready(to) == {"contacts", "calls"}  # "centre" comes before "sales"
    assert ready(source) == {"tickets"}
    put(case, "contacts", ItemState.ERASED, verdict="VERIFIED_ABSENT")
    assert ready(source) == {"people", "tickets"}


@pytest.mark.parametrize("slugs", [("a", "b", "c"), ("c", "a", "b"), ("b", "c", "a")])
def test_of_three_sources_one_may_always_go(centre, slugs):
    case = make_case(CaseState.EXECUTING)
    rows = [make_connection(slug, syncs_contacts=True, per_minute=0) for slug in slugs]
    for row in rows:
        planned(case, row, "contacts")
    served = []
    while case.items.filter(state=ItemState.PLANNED).exists():
        (row,) = [row for row in rows if ready(row)]
        case.items.filter(connection=row).update(state=ItemState.ERASED, verdict="VERIFIED_ABSENT")
        served.append(row.slug)
    assert served == ["a", "b", "c"]


def test_waiting_for_the_source_is_said_with_both_names(case, to, source):
    put(case, "calls", ItemState.ERASED, verdict="VERIFIED_ABSENT")
    put(case, "tickets", ItemState.ERASED, verdict="VERIFIED_ABSENT")
    put(case, "people", ItemState.REQUESTED, reads=1)
    text = (
        "Contact Centre: Contacts wait for Sales CRM, which would create the contact again."
    )  # fmt: skip
    assert waits_for_source(case) == text
    moved = progress(case.pk)
    assert moved.state == CaseState.AWAITING_VENDOR
    assert progress(case.pk).waiting_for == text


def test_failed_contact_of_the_source_is_said_and_settled_by_a_person(case, to, source):
    put(case, "people", ItemState.FAILED, reason="Refused: 403.")
    seen = progress(case.pk)
    failed = case.items.get(store="people")
    assert seen.waiting_for == (
        f"1 item needs a person. {failed.line}: Refused: 403. "
        "Contact Centre: Contacts wait for Sales CRM, which "
        f"would create the contact again; record {failed.place} failed there."
    )
    officer = Actor.of(make_user(Role.OFFICER))
    settle_by_hand(
        failed.pk, "exempt", actor=officer, reason="Needed for a claim.", article="17(3)(e)"
    )
    assert "contacts" in ready(to)
    assert waits_for_source(case) == ""


def test_long_reason_never_hides_what_waits(case, to, source):
    put(case, "people", ItemState.MANUAL, reason="x" * 300)
    said = progress(case.pk).waiting_for
    assert len(said) <= 300
    assert said.endswith("is with a person there.")


# -- a system that is off, gone or mis-keyed in mid-case ------------------------------------


def test_source_disabled_in_mid_case_keeps_the_case_open_by_name(case, to, source):
    SystemConnection.objects.filter(pk=source.pk).update(enabled=False)
    for _ in range(3):
        work(case, to, source)
        clock.advance(timedelta(hours=1))
    assert states(case) == {ItemState.ERASED: 2, ItemState.PLANNED: 2}
    seen = progress(case.pk)
    assert seen.state == CaseState.EXECUTING
    assert seen.waiting_for == "Sales CRM is disabled: its items wait until it is enabled again."


def test_system_mis_keyed_in_mid_case_keeps_the_case_open_by_name(case, to, source, crm):
    SystemConnection.objects.filter(pk=source.pk).update(secret_env="NO_SUCH_SECRET")
    work(case, to, source)
    work(case, to, source)
    seen = progress(case.pk)
    assert crm.sent == []
    assert seen.state == CaseState.EXECUTING
    assert seen.waiting_for == (
        "Sales CRM: the environment variable NO_SUCH_SECRET is not set."
    )  # fmt: skip
    assert case.items.get(store="contacts").state == ItemState.PLANNED


def test_system_with_items_cannot_be_deleted(case, source):
    with pytest.raises(ProtectedError):
        source.delete()
    assert case.items.filter(connection=source).count() == 2


def test_case_with_items_of_a_disabled_system_cannot_be_answered(case, to, source):
    SystemConnection.objects.filter(pk=source.pk).update(enabled=False)
    work(case, to)
    officer = Actor.of(make_user(Role.OFFICER))
    with pytest.raises(StepError):
        record_answer(
            case.pk, actor=officer, kind="COMPLETE", text="All gone.", channel="letter",
            dispatched_at=clock.now(), proof="Registered letter 1.",
        )  # fmt: skip


def test_dead_system_never_delays_the_items_of_another(case, to, source, centre, crm):
    SystemConnection.objects.filter(pk=source.pk).update(syncs_contacts=False)

    def dead(refs):
        raise BusyError("POST /: no answer", retry_after=30)

    crm.before = dead
    assert set(connections_with_work()) == {to.pk, source.pk}
    for _ in range(3):
        work(case, source, to)
        clock.advance(timedelta(minutes=10))
    there = case.items.filter(connection=to)
    assert {item.state for item in there} == {ItemState.ERASED}
    assert crm.sent == []
    assert {item.state for item in case.items.filter(connection=source)} == {ItemState.PLANNED}
    assert ErasureCase.objects.get(pk=case.pk).state != CaseState.COMPLETE


# -- the recycle bin and the interim letter ---------------------------------------------------


@pytest.mark.parametrize(("days", "due"), [(24, False), (26, True), (40, True)])
def test_interim_letter_is_due_when_the_bin_outlasts_day_25(case, source, days, due):
    put(
        case, "people", ItemState.REQUESTED,
        recoverable_until=case.received_at + days * DAY, reads=1,
    )  # fmt: skip
    said = interim_letter(case)
    assert bool(said) is due
    if due:
        assert said.startswith("Send an interim letter: in Sales CRM a record remains recoverable")


def test_interim_letter_that_was_sent_is_not_asked_for_again(case, source):
    until = case.received_at + 30 * DAY
    put(case, "people", ItemState.REQUESTED, recoverable_until=until, reads=1)
    assert "Send an interim letter" in interim_letter(case)
    officer = Actor.of(make_user(Role.OFFICER))
    record_answer(
        case.pk, actor=officer, kind="INTERIM", text="It takes longer.", channel="letter",
        dispatched_at=clock.now(), proof="Registered letter 1.",
    )  # fmt: skip
    assert interim_letter(case) == ""


def test_interim_letter_stands_in_what_the_case_waits_for(case, to, source):
    for name in ("contacts", "calls", "tickets"):
        put(case, name, ItemState.ERASED, verdict="VERIFIED_ABSENT")
    put(
        case, "people", ItemState.REQUESTED, reads=1, reason="In the vendor's recycle bin.",
        recoverable_until=case.received_at + 30 * DAY,
    )  # fmt: skip
    progress(case.pk)
    said = progress(case.pk).waiting_for
    assert said.startswith("sales.people: In the vendor's recycle bin. Send an interim letter: ")


def test_claim_of_a_waiting_contact_takes_nothing(case, to, source):
    put(case, "calls", ItemState.ERASED, verdict="VERIFIED_ABSENT")
    assert claim(to) is None
    contact = DataItem.objects.get(case=case, store="contacts")
    assert (fresh(contact).state, contact.attempts) == (ItemState.PLANNED, 0)
