"""A whole case over Genesys Cloud, Salesforce and ServiceNow, and what makes it wait there."""

import pytest

from erasure.cases import move, refusals
from erasure.connectors.servicenow.stores import BY_NAME
from erasure.discovery import discover
from erasure.execution.readback import NO_CONTROL
from erasure.models.conditions import every_store_answered
from erasure.proof import canonical
from erasure.review import settle_by_hand
from erasure.values import Step, StoreStatus
from tests.world import DAY, OPTIONS, TO_THE_END, World, again, no_naps, states

DESK = "service-desk"
CASES = "sn_customerservice_case"
TRACES = {"audit", "history", "deletion_copies"}
REFUSED = "answered 403: the access rules do not allow it"
PAST_THE_ROLLBACK = (*TO_THE_END, 11 * DAY, DAY)


class Desk(World):
    """The world, and a service desk whose administrator lets us delete audit rows."""

    def __init__(self, app, url):
        super().__init__(app, url)
        self.vendor = app.wires["servicenow"].vendor
        known = self.vendor.credentials()
        self.desk = self.connect(
            DESK, "servicenow", known["client_id"], known["client_secret"],
            options={"outside_copies": "none"},
        )  # fmt: skip
        self.fault(servicenow_audit_open=True)

    def rows(self, *, but):
        records = self.vendor.instance.of_any()
        return super().rows(but=but) + sorted(repr(row) for row in records if row.owner != but)

    def at_the_desk(self, case, *stores):
        rows = case.items.filter(connection=self.desk)
        return rows.filter(store__in=stores) if stores else rows

    def silent(self, case):
        return case.searches.filter(connection=self.desk, status=StoreStatus.UNANSWERED)

    def rediscovered(self, case):
        move(case.pk, Step.REDISCOVER, actor=self.officer)
        assert discover(case.pk)
        return again(case)

    def retried(self, case):
        """The officer has every failed record tried again; how the case ends."""
        for item in case.items.filter(state="FAILED"):
            settle_by_hand(item.pk, "retry", actor=self.officer, reason="")
        case = self.live(again(case), *PAST_THE_ROLLBACK)
        return self.answer(case).state

    def left(self, key):
        """What the instance truly holds of a person, by store."""
        return {row["store"] for row in self.vendor.holdings(key)}


@pytest.fixture
def desk(served, moving, monkeypatch, db):
    no_naps(monkeypatch)
    served.app.reset("demo", OPTIONS | {"servicenow": {"holds": True}})
    return Desk(served.app, served.url)


def test_person_is_erased_in_every_system_proven_and_nobody_else_is_touched(desk):
    others = desk.rows(but="maria")
    there = desk.left("maria")
    case = desk.live(desk.executing("maria"), *PAST_THE_ROLLBACK)
    assert {row.state for row in desk.at_the_desk(case)} == {"ERASED"}
    assert {row.verdict for row in desk.at_the_desk(case)} == {"VERIFIED_ABSENT"}
    assert {row.store for row in desk.at_the_desk(case)} == there | {"deletion_copies"}
    assert set(states(case)) == {"ERASED"}
    assert desk.held("maria") == {}
    assert desk.rows(but="maria") == others
    case = desk.answer(case)
    assert case.state == "COMPLETE"
    ended = canonical.decode(bytes(desk.certify(case).document))["summary"]["by_store"]
    assert {f"{DESK}.{name}" for name in there} <= set(ended)
    assert {word for line in ended if line.startswith(DESK) for word in ended[line]} == {"VERIFIED"}


def test_every_table_with_rows_of_the_person_has_rows_of_somebody_who_stays(desk):
    shared = {name for one in desk.app.people if one.bystander for name in desk.left(one.key)}
    for one in desk.app.people:
        assert desk.left(one.key) - {"watch_lists"} <= shared


def test_absence_beside_nobody_elses_row_is_unproven_and_the_case_says_so(desk):
    records = desk.vendor.instance.records
    for own in [r.id for r in records.values() if r.table == "ar_sys_email" and r.owner != "maria"]:
        del records[own]
    case = desk.live(desk.executing("maria"), *PAST_THE_ROLLBACK)
    [item] = case.items.exclude(state="ERASED")
    assert (item.store, item.state) == ("archived_emails", "REQUESTED")
    assert case.waiting_for == f"{DESK}.archived_emails: {NO_CONTROL}"
    assert case.finished_execution() is False


def test_closed_audit_is_for_an_administrator_and_ends_once_it_is_open(desk):
    desk.fault(servicenow_audit_open=False)
    case = desk.live(desk.executing("maria"), *PAST_THE_ROLLBACK)
    left = case.items.exclude(state="ERASED")
    assert {(item.store, item.state) for item in left} == {(name, "FAILED") for name in TRACES}
    for store, table in (("audit", "sys_audit"), ("deletion_copies", "sys_audit_delete")):
        assert all(f"delete the rows of {table} " in one.reason for one in left.filter(store=store))
    assert desk.left("maria") == TRACES
    desk.fault(servicenow_audit_open=True)
    assert desk.retried(case) == "COMPLETE"
    assert desk.held("maria") == {}


@pytest.mark.parametrize("table", [CASES, "incident", "all"])
def test_table_that_refuses_the_search_is_unanswered_and_nothing_is_released(desk, table):
    desk.fault(servicenow_servicenow_403=table)
    case = desk.searched("maria")
    silent = {row.store: row.note for row in desk.silent(case)}
    name = "users" if table == "all" else {CASES: "cases", "incident": "incidents"}[table]
    told = BY_NAME[name].table
    assert silent[name] == f"{told} could not be searched: GET {told} {REFUSED}"
    assert "interactions" not in silent or table == "all"
    assert every_store_answered.refusal in refusals(case, Step.APPROVE, desk.dpo)
    desk.fault(servicenow_servicenow_403="")
    case = desk.rediscovered(case)
    assert every_store_answered.refusal not in refusals(case, Step.APPROVE, desk.dpo)
    assert list(desk.silent(case)) == []


def test_table_that_refuses_during_erasure_fails_with_its_traces_and_the_rest_ends(desk):
    case = desk.executing("maria")
    desk.fault(servicenow_servicenow_403=True)
    case = desk.live(case, *PAST_THE_ROLLBACK)
    left = case.items.exclude(state="ERASED")
    assert {(item.store, item.state) for item in left} == {
        (name, "FAILED") for name in ("cases", *TRACES)
    }
    assert case.waiting_for.startswith(f"8 items need a person. {DESK}.cases: DELETE {CASES}")
    assert {item.reason for item in left.filter(store="cases")} == {f"DELETE {CASES} {REFUSED}"}
    assert desk.left("maria") == {"cases", "audit", "history"}
    desk.fault(servicenow_servicenow_403="")
    assert desk.retried(case) == "COMPLETE"
    assert desk.held("maria") == {}


def test_instance_that_refuses_everything_loses_no_item_and_others_end(desk):
    case = desk.executing("maria")
    desk.fault(servicenow_servicenow_403="all")
    case = desk.live(case, *PAST_THE_ROLLBACK)
    assert {item.state for item in desk.at_the_desk(case)} == {"FAILED"}
    assert set(states(case)) == {"ERASED", "FAILED"}
    assert {row.partition(".")[0] for row in desk.held("maria")} == {"servicenow"}
