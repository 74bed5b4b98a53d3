"""The way of a case's own data to its end; the log and what was handed out stay true."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from erasure import clock, register, reporting
from erasure.cases import concerns, refusals
from erasure.deadlines.retention import Stage
from erasure.errors import KeyMissingError
from erasure.evidence import write_trust
from erasure.ledger import sequencer
from erasure.ledger.append import private_half
from erasure.ledger.trusted import own_trust
from erasure.ledger.verify import verify
from erasure.models import (
    Actor,
    CaseSecret,
    Certificate,
    Concern,
    DeletionLogEntry,
    LogEntry,
    blind,
    case_key,
)
from erasure.proof import canonical, report
from erasure.proof.verify import State
from erasure.retention import due_cases, plan_of, purge, today
from erasure.values import CaseState, HoldState, Identifier, IdentifierKind, Role, Step
from tests.factories import make_case, make_hold, make_user
from tests.retention.conftest import checked, later
from tests.world import again

DAY = timedelta(days=1)


def log_verifies():
    """L1 to L9; that nobody anchored the log for three years (L6) is the clock's doing."""
    found = [one for one in verify(own_trust()).findings if one.id != "L6"]
    assert [one.text for one in found if one.state is not State.PASSED] == []
    assert len(found) == 8


def to_the_end(case):
    """Every stage on its day."""
    done = [purge(case.pk)]
    checked(case)
    later(days=90)
    done.append(purge(case.pk))
    later(days=3 * 366)
    done.append(purge(case.pk))
    sequencer.sequence()
    return [*done, purge(case.pk)]


def test_purge_destroys_one_key_after_the_other_each_on_its_day(simple):
    assert purge(simple.pk) == [Stage.DOCUMENTS]
    checked(simple)
    later(days=89)
    assert (purge(simple.pk), due_cases()) == ([], [])
    later(days=1)
    assert due_cases() == [simple.pk]
    assert purge(simple.pk) == [Stage.INVENTORY]
    assert {row.purpose for row in simple.secrets.all()} == {"file", "log"}
    later(days=3 * 366 - 91)
    assert purge(simple.pk) == [Stage.FILE]
    assert plan_of(again(simple))[-1].waits.startswith("An entry of the case is not in the log")
    sequencer.sequence()
    assert purge(simple.pk) == [Stage.LOG]
    assert (purge(simple.pk), due_cases()) == ([], [])
    assert CaseSecret.objects.count() == 0


def test_purge_logs_each_destruction_and_ends_with_the_index_of_the_first_entry(simple):
    opened = simple.log.get(type="opened").log_index
    purge(simple.pk)
    sequencer.sequence()
    row = simple.log.latest("number")
    assert (row.type, private_half(row)) == (
        "identity", {"purged": "documents", "actor": "system"},
    )  # fmt: skip
    to_the_end(simple)
    sequencer.sequence()
    last = canonical.decode(bytes(LogEntry.objects.latest("seq").bytes))
    assert (last["type"], last["ref"]) == ("purged", opened)
    assert "tag" not in last


def test_inventory_is_gone_while_the_case_file_still_reads(simple):
    purge(simple.pk)
    checked(simple)
    later(days=90)
    purge(simple.pk)
    case = again(simple)
    assert (case.identifiers.count(), case.evidence.count(), case.controls.count()) == (0, 0, 0)
    assert case.items.exclude(locator_sealed=b"").count() == 0
    with pytest.raises(KeyMissingError):
        _ = case.items.first().locator
    assert (case.letters.get().text, case.request) == ("Your record was erased", "Please forget me")
    assert private_half(case.log.get(type="opened"))["case"] == case.reference


def test_monthly_report_counts_a_destroyed_case_as_before(simple):
    months = {(at.year, at.month) for at in (simple.received_at, simple.completed_at)}
    later(days=1)

    def figures():
        return [
            [figure for figure in reporting.monthly(*month).figures() if not figure.now]
            for month in sorted(months)
        ]

    later(days=62)  # the months are over
    before = figures()
    clock.advance(3 * DAY)
    to_the_end(simple)
    assert figures() == before
    assert sum(each.value for row in before for each in row if each.key == "completed") == 1


def cells():
    """Every cell of the database as bytes: what a dump of its tables would hold."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            for row in cursor.fetchall():
                for cell in row:
                    yield (
                        bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
                    )


def traces(case, person):
    """Whatever leads to the person: words, keyed indexes, ciphertexts and wrapped keys."""
    words = [person.name, *person.identifiers(), case.reference]
    found = {word.encode() for word in words}
    found |= {row.blind_index.encode() for row in case.identifiers.all()}
    found |= {bytes(row.wrapped) for row in case.secrets.all()}
    found |= {bytes(case.request_sealed), bytes(case.subject.name_sealed)}
    for item in case.items.all():
        found |= {item.remote_index.encode(), item.parent_index.encode()}
        found |= {bytes(item.locator_sealed), item.locator["remote_id"].encode()}
    for rows, column in (
        (case.identifiers, "value_sealed"), (case.letters, "text_sealed"),
        (case.log, "private_sealed"), (case.jobs, "remote_id_sealed"),
        (case.controls, "remote_id_sealed"), (case.certificates, "pdf"),
    ):  # fmt: skip
        found |= {bytes(value) for value in rows.values_list(column, flat=True)}
    return {each for each in found if len(each) > 5}


def test_whole_case_leaves_nothing_that_leads_to_the_person_and_its_certificate_verifies(
    world, complete, tmp_path
):
    planted = traces(complete, world.person("siobhan"))
    there = list(cells())
    assert sum(any(each in cell for cell in there) for each in planted) > len(planted) / 2
    log_verifies()
    issued = Certificate.objects.get()
    trust = write_trust(tmp_path)
    assert to_the_end(complete) == [[stage] for stage in Stage]
    later(days=1)
    log_verifies()
    register.forget_old(today())
    left = list(cells())
    assert [each for each in planted if any(each in cell for cell in left)] == []
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert [each for each in planted if any(each in data for data in files)] == []
    pdf = tmp_path / "certificate.pdf"
    pdf.write_bytes(bytes(issued.pdf))
    assert report.main([str(pdf), "--trust", str(trust)]) == 0
    kept = Certificate.objects.get()
    assert (kept.public_id, kept.sha256) == (issued.public_id, issued.sha256)
    assert bytes(kept.pdf) + bytes(kept.document) == b""


def test_what_is_left_are_dates_and_outcomes(simple):
    items, sent = simple.items.count(), simple.letters.get().dispatched_at
    to_the_end(simple)
    case = again(simple)
    assert case.reference.startswith("purged-")
    assert (case.state, case.items.count()) == (CaseState.COMPLETE, items)
    assert set(case.items.values_list("state", flat=True)) == {"ERASED"}
    assert case.letters.get().dispatched_at == sent
    assert DeletionLogEntry.objects.count() == 0
    assert case.preparers.count() == 0
    with pytest.raises(KeyMissingError):
        case_key(case, "log")


@pytest.mark.parametrize(
    "state", [state for state in CaseState if state not in ("COMPLETE", "REFUSED", "CLOSED")]
)
def test_case_that_has_not_ended_is_never_touched(moving, db, state):
    long_ago = clock.now() - 3650 * DAY
    case = make_case(state, completed_at=long_ago, closed_at=long_ago)
    sequencer.sequence()
    assert (purge(case.pk), due_cases()) == ([], [])
    with pytest.raises(CommandError, match="nothing of it may be destroyed"):
        call_command("purge", case=case.reference)
    assert case.secrets.count() == 4


def test_closed_case_loses_its_inventory_after_thirty_days_without_a_search(moving, db):
    case = make_case(CaseState.CLOSED, closed_at=clock.now(), close_reason="WITHDRAWN")
    sequencer.sequence()
    assert purge(case.pk) == [Stage.DOCUMENTS]
    later(days=30)
    assert (due_cases(), purge(case.pk)) == ([case.pk], [Stage.INVENTORY])


def test_certificate_that_is_due_comes_first(moving, db):
    case = make_case(CaseState.COMPLETE, completed_at=clock.now(), certificate_due=True)
    sequencer.sequence()
    assert purge(case.pk) == []
    assert plan_of(case)[0].waits == "The certificate is not issued yet."


def test_search_that_is_still_out_delays_the_inventory_for_its_grace_alone(moving, db):
    case = make_case(CaseState.COMPLETE, completed_at=clock.now())
    sequencer.sequence()
    purge(case.pk)
    later(days=119)
    assert purge(case.pk) == []
    assert plan_of(case)[1].waits == "The last search after the end is still out."
    later(days=1)
    assert purge(case.pk) == [Stage.INVENTORY]


def test_hold_on_the_person_keeps_the_case_itself(moving, db):
    case = make_case(CaseState.CLOSED, closed_at=clock.now(), email="ada@example.org")
    hold = make_hold(make_user(Role.LEGAL))
    hold.targets.create(index=blind(IdentifierKind.EMAIL, "ada@example.org"))
    sequencer.sequence()
    purge(case.pk)
    later(days=400)
    assert purge(case.pk) == []
    assert plan_of(case)[1].waits == f"The hold {hold.reference} covers this person."
    type(hold).objects.update(state=HoldState.RELEASED)
    assert purge(case.pk) == [Stage.INVENTORY]


def test_open_complaint_keeps_the_file_and_its_note_goes_with_it(simple):
    dpo = Actor.of(make_user(Role.DPO))
    row = concerns.record_concern(simple.pk, kind="COMPLAINT", raised_at=clock.now(),
                                  note="Ada Beispiel", actor=dpo)  # fmt: skip
    to_the_end(simple)
    assert {each.purpose for each in simple.secrets.all()} == {"file", "log"}
    assert plan_of(again(simple))[-2].waits == (
        "A complaint or a question of an authority about it is open."
    )
    concerns.close_concern(row.pk, outcome="ANSWERED", article="", closed_at=clock.now(),
                           actor=dpo)  # fmt: skip
    sequencer.sequence()
    assert purge(simple.pk) == [Stage.FILE]
    left = Concern.objects.get()
    assert (bytes(left.note_sealed), left.recorded_by, left.kind, left.outcome) == (
        b"", None, "COMPLAINT", "ANSWERED",
    )  # fmt: skip


def test_reopening_is_refused_once_the_person_is_forgotten(moving, db):
    dpo = Actor.of(make_user(Role.DPO))
    case = make_case(CaseState.CLOSED, closed_at=clock.now())
    assert refusals(case, Step.REOPEN, dpo) == []
    sequencer.sequence()
    later(days=30)
    purge(case.pk)
    assert refusals(again(case), Step.REOPEN, dpo) == [
        "What the case knew of the person has been destroyed at the end of retention: open a new "
        "case."
    ]


def test_command_says_what_is_destroyed_when_and_dry_run_destroys_nothing(moving, db):
    case = make_case(CaseState.CLOSED, closed_at=clock.now())
    sequencer.sequence()
    said = StringIO()
    call_command("purge", "--dry-run", stdout=said)
    assert (case.secrets.count(), "its day has come" in said.getvalue()) == (4, True)
    said = StringIO()
    call_command("purge", "--case", case.reference, stdout=said)
    assert case.secrets.count() == 3
    assert "Proof of identity                            destroyed" in said.getvalue()
    with pytest.raises(CommandError, match="There is no case"):
        call_command("purge", "--case", "ER-1")


def test_every_period_of_its_own_ends_register_and_tokens(simple):
    assert simple.erased_records.count() == simple.items.count()
    who = Identifier(IdentifierKind.EMAIL, simple.identifiers.filter(kind="email")[0].value)
    register.suppress(simple, today())
    assert register.suppressed([who]) == {who}
    assert register.forget_old(today() + 365 * DAY)[0] == 0
    assert register.forget_old(today() + 367 * DAY)[0] == simple.items.count()
    assert register.suppressed([who]) == {who}
    register.forget_old(today() + 1097 * DAY)
    assert register.suppressed([who]) == set()
