"""A restored backup undoes erasures: they are found, and done again under every guard."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from erasure import clock, intake, register
from erasure.connectors.base import Presence, Seen
from erasure.discovery import discover
from erasure.discovery.people import record_index
from erasure.discovery.restored import Told, raise_undone, reread
from erasure.errors import BusyError
from erasure.execution import progress
from erasure.models import ErasedRecord, ErasureCase, FollowUp
from erasure.values import CaseState, Cause, Identifier, IdentifierKind, ItemState
from tests.discovery.fakes import record
from tests.factories import confirm_person, make_case, make_item, make_search
from tests.world import TO_THE_END, again, states

DAY = timedelta(days=1)
SINCE = date(2020, 1, 1)


@pytest.fixture
def erased(remote, connection):
    """Three records of a completed case; the remote side is asked what it still has."""
    case = make_case(CaseState.COMPLETE, email="ada@example.org", completed_at=clock.now())
    confirm_person(case)
    make_search(case, connection, "records")
    items = [
        make_item(case, connection, "records", ItemState.ERASED, verdict="VERIFIED_ABSENT",
                  ended_at=clock.now(), remote_index=record_index("system", record(f"r-{number}")))
        for number in range(3)
    ]  # fmt: skip
    register.note_erased(case, items)
    remote.there = {}
    remote.verify = lambda refs, who, names: (
        Presence(ref, remote.there.get(ref.remote_id, Seen.ABSENT)) for ref in refs
    )
    remote.sees = lambda control: True
    return case


def told(**given):
    return {register.ref_of(each.row).remote_id: each.told for each in reread(SINCE, **given)}


def test_register_holds_each_record_once_and_opens_with_its_own_key(erased):
    items = list(erased.items.select_related("connection"))
    register.note_erased(erased, items)
    assert ErasedRecord.objects.count() == 3
    erased.secrets.all().delete()
    assert {register.ref_of(row).remote_id for row in ErasedRecord.objects.all()} == {
        "r-0", "r-1", "r-2",
    }  # fmt: skip


def test_what_is_gone_beside_a_visible_control_is_gone(erased):
    assert told() == dict.fromkeys(("r-0", "r-1", "r-2"), Told.GONE)
    assert raise_undone(reread(SINCE)) == []


def test_only_what_was_erased_since_the_backup_is_read(erased, connection):
    assert reread(clock.now().date() + DAY) == []
    other = type(connection)(slug="other")
    assert reread(SINCE, other) == []


def test_absence_without_a_visible_control_is_not_told(erased, remote):
    remote.sees = lambda control: False
    assert set(told().values()) == {Told.UNKNOWN}


def test_system_that_does_not_answer_leaves_everything_unknown(erased, remote):
    def busy(refs, who, names):
        raise BusyError("POST /read answered 503")

    remote.verify = busy
    assert {each.why for each in reread(SINCE)} == {"Could not be read: POST /read answered 503"}
    made = raise_undone(reread(SINCE))
    assert [(row.cause, row.silent) for row in made] == [(Cause.RESTORE, ["system.records"])]
    assert raise_undone(reread(SINCE)) == []


def test_redacted_row_is_gone_only_while_somebody_knows_whom_it_must_not_name(erased, remote):
    remote.there = {"r-1": Seen.REDACTED}
    assert told()["r-1"] == Told.GONE
    erased.identifiers.all().delete()
    assert told()["r-1"] == Told.UNKNOWN


def test_attested_record_cannot_be_read_and_is_never_called_gone(erased):
    ErasedRecord.objects.filter(remote_index=record_index("system", record("r-0"))).update(
        verdict="ATTESTED"
    )
    assert told() == {"r-0": Told.UNKNOWN, "r-1": Told.GONE, "r-2": Told.GONE}


def run(*given):
    out = StringIO()
    call_command("replay_after_restore", "--since", SINCE.isoformat(), *given, stdout=out)
    return out.getvalue()


def test_command_opens_one_case_and_twice_opens_none(erased, remote):
    remote.there = {"r-0": Seen.PRESENT, "r-2": Seen.RECOVERABLE}
    assert "system.records" in run("--list")
    assert FollowUp.objects.count() == 0
    said = run("--connection", "system")
    case = ErasureCase.objects.exclude(pk=erased.pk).get()
    assert "2 back, 1 gone" in said
    assert f"case {case.reference} is opened." in said
    assert (case.channel, case.state, case.items.count()) == ("follow_up", "RECEIVED", 0)
    assert FollowUp.objects.get().records.count() == 2
    assert "is opened" not in run()
    assert ErasureCase.objects.count() == 2


def test_command_fails_while_something_cannot_be_told(erased, remote):
    remote.sees = lambda control: False
    with pytest.raises(CommandError, match="3 records cannot be told"):
        run()
    with pytest.raises(CommandError, match="There is no system nowhere"):
        run("--connection", "nowhere")
    with pytest.raises(CommandError, match="write the day as YYYY-MM-DD"):
        call_command("replay_after_restore", "--since", "yesterday")


def test_person_of_a_forgotten_inventory_is_searched_for_by_the_records_own_id(erased, remote):
    erased.identifiers.create(
        number=1, kind="external_contact", state="CONFIRMED", provenance="Found",
        value_sealed=b"", blind_index=register.blind("external_contact", "r-0"),
    )  # fmt: skip
    register.note_erased(erased, list(erased.items.select_related("connection")))
    erased.identifiers.all().delete()
    remote.there = {"r-0": Seen.PRESENT}
    run()
    case = ErasureCase.objects.exclude(pk=erased.pk).get()
    known = [row.as_value() for row in case.identifiers.all()]
    assert known == [Identifier(IdentifierKind.EXTERNAL_CONTACT, "r-0")]


def test_record_nothing_leads_to_any_more_stays_with_the_dpo(erased, remote):
    erased.identifiers.all().delete()
    remote.there = {"r-0": Seen.PRESENT}
    assert "Nothing is known any more by which the person could be searched for" in run()
    assert FollowUp.objects.get().state == "OPEN"


def test_case_under_way_goes_back_to_review_with_its_own_record(erased, remote):
    ErasureCase.objects.update(state=CaseState.EXECUTING)
    remote.there = {"r-1": Seen.PRESENT}
    run()
    assert FollowUp.objects.count() == 0
    assert erased.items.get(state=ItemState.PROPOSED).locator["remote_id"] == "r-1"
    assert progress(erased.pk).state == CaseState.DPO_REVIEW


def test_backup_of_a_whole_person_is_erased_again_in_a_case_of_its_own(world):
    case = world.live(world.executing("siobhan"), *TO_THE_END)
    world.answer(case)
    before = clock.now().date()
    run()
    assert FollowUp.objects.count() == 0
    assert world.app.comes_back("genesys", "siobhan", restore=True) > 3
    call_command("replay_after_restore", "--since", (before - DAY).isoformat(), stdout=StringIO())
    new = ErasureCase.objects.exclude(pk=case.pk).get()
    assert again(case).state == CaseState.COMPLETE
    intake.start(new.pk)
    assert discover(world.confirm(new).pk)
    new = world.live(world.approve(again(new)), *TO_THE_END)
    assert (set(states(new)), world.held("siobhan")) == ({"ERASED"}, {})
    assert new.log.filter(type="dispatch").exists()
    assert set(ErasedRecord.objects.values_list("case", flat=True)) == {case.pk, new.pk}
