"""Searched again after the end: what came back is told, what is silent is never called clean."""

from datetime import timedelta

import pytest

from erasure import clock, follow_ups, intake, register
from erasure.cases import refusals
from erasure.connectors.base import Found, Presence, Seen, Unanswered
from erasure.discovery.afterwards import cases_with_work, look_again, schedule
from erasure.discovery.people import record_index
from erasure.errors import InputError, StepError
from erasure.ledger.append import private_half
from erasure.models import (
    Actor,
    ErasureCase,
    FollowUp,
    LaterCheck,
    StaffNotice,
    SuppressionToken,
    SystemConnection,
)
from erasure.values import (
    CaseState,
    Cause,
    CheckResult,
    FollowUpState,
    Identifier,
    IdentifierKind,
    ItemState,
    Return,
    Role,
    Step,
)
from tests.discovery.fakes import busy, record
from tests.factories import confirm_person, make_case, make_item, make_search, make_user
from tests.world import again

EMAIL = "ada@example.org"
ADA = Identifier(IdentifierKind.EMAIL, EMAIL)
DAY = timedelta(days=1)


@pytest.fixture
def ended(remote, connection):
    """Completed a moment ago; one record was erased, one was said to be another's."""
    remote.verify = lambda refs, who, names: iter([Presence(refs[0], Seen.PRESENT)])
    case = make_case(CaseState.COMPLETE, email=EMAIL, completed_at=clock.now())
    confirm_person(case)
    make_search(case, connection, "records")
    for name, state, verdict in (("gone", ItemState.ERASED, "VERIFIED_ABSENT"),
                                 ("anothers", ItemState.EXCLUDED, "")):  # fmt: skip
        index = record_index(connection.slug, record(name))
        make_item(case, connection, "records", state, verdict=verdict, remote_index=index,
                  reason="Not the person." if not verdict else "")  # fmt: skip
    schedule(case.pk)
    return again(case)


def person(name="new", **given):
    """A contact with the person's address."""
    return Found("people", name, identifiers=(ADA,), names=("Ada Beispiel",), **given)


def on_day(number):
    clock.advance(number * DAY)


def test_schedule_is_made_once_with_a_token_for_each_address_and_none_for_a_name(ended):
    schedule(ended.pk)
    days = list(ended.checks.values_list("day", flat=True))
    assert days == [7, 30, 90]
    assert register.suppressed([ADA]) == {ADA}
    assert SuppressionToken.objects.count() == 1


def test_nothing_is_searched_before_its_day(ended, remote):
    on_day(6)
    assert (cases_with_work(), look_again(ended.pk), remote.looked) == ([], None, 0)


def test_check_that_finds_nothing_is_clean_and_raises_nothing(ended, remote):
    on_day(7)
    assert cases_with_work() == [ended.pk]
    assert look_again(ended.pk) is None
    check = ended.checks.get(day=7)
    assert (check.result, check.stores) == (
        CheckResult.CLEAN, {"system.people": "EMPTY", "system.records": "EMPTY"},
    )  # fmt: skip
    row = ended.log.latest("number")
    assert private_half(row) == {"actor": "system", "day": 7, "result": "CLEAN"}
    assert (look_again(ended.pk), cases_with_work()) == (None, [])


def test_contact_made_after_the_end_is_told_with_where_and_by_what(ended, remote):
    on_day(7)
    remote.people = [person(occurred_at=clock.now() - DAY)]
    made = look_again(ended.pk)
    assert (made.cause, made.state, ended.checks.get(day=7).result) == (
        Cause.CHECK, FollowUpState.OPEN, CheckResult.CAME_BACK,
    )  # fmt: skip
    [said] = follow_ups.sentences(made)
    assert said.startswith("Genesys system, People: 1 record made after the end of the case, on ")
    assert said.endswith("; found by e-mail address.")
    notice = StaffNotice.objects.get()
    assert (notice.role, EMAIL in notice.subject + notice.text) == (Role.DPO, False)
    assert said in notice.text


@pytest.mark.parametrize(
    ("found", "how"),
    [
        (record("gone"), Return.SAME),
        (record("unseen"), Return.UNDATED),
        (record("unseen", occurred_at=clock.now() - 900 * DAY), Return.OLDER),
    ],
)
def test_record_that_is_there_says_how_it_came_to_be(ended, remote, found, how):
    on_day(7)
    remote.records = [found]
    assert look_again(ended.pk).records.get().kind == how


@pytest.mark.parametrize("found", [record("anothers"), record("lead", certain=False)])
def test_records_of_others_and_leads_are_no_return(ended, remote, found):
    on_day(7)
    remote.records = [found]
    assert (look_again(ended.pk), ended.checks.get(day=7).result) == (None, CheckResult.CLEAN)


def test_row_that_was_redacted_and_is_met_again_is_read_and_is_no_return(ended, remote):
    on_day(7)
    remote.records = [record("gone")]
    remote.verify = lambda refs, who, names: iter([Presence(refs[0], Seen.REDACTED)])
    assert (look_again(ended.pk), ended.checks.get(day=7).result) == (None, CheckResult.CLEAN)


def test_record_a_person_has_been_told_of_is_not_told_again(ended, remote):
    on_day(7)
    remote.people = [person()]
    first = look_again(ended.pk)
    follow_ups.dismiss(first.pk, actor=officer(), reason="She became a customer again.")
    on_day(23)
    assert look_again(ended.pk) is None
    assert ended.checks.get(day=30).result == CheckResult.CAME_BACK
    remote.people = [person(), person("another")]
    on_day(60)
    assert look_again(ended.pk).records.count() == 1


def test_store_that_does_not_answer_is_asked_again_and_in_the_end_told_as_unknown(ended, remote):
    remote.silent = [busy()]
    on_day(7)
    for _ in range(2):
        assert look_again(ended.pk) is None
        assert ended.checks.get(day=7).done_at is None
        on_day(1)
    made = look_again(ended.pk)
    assert (made.silent, made.records.count()) == (["system.records"], 0)
    assert follow_ups.sentences(made) == [
        "Could not be searched, so nothing is known of it: Genesys system: Records."
    ]
    assert ended.checks.get(day=7).result == CheckResult.UNANSWERED
    assert cases_with_work() == []


def test_silent_store_is_named_beside_what_came_back_elsewhere(ended, remote):
    remote.silent, remote.people = [Unanswered("records", "missing permission")], [person()]
    on_day(7)
    assert look_again(ended.pk).silent == ["system.records"]
    on_day(1)
    remote.silent = []
    assert look_again(ended.pk) is None
    assert ended.checks.get(day=7).result == CheckResult.CAME_BACK
    assert FollowUp.objects.count() == 1


def test_system_that_was_disabled_is_unknown_not_clean(ended, remote):
    SystemConnection.objects.update(enabled=False)
    for wait in (7, 1, 1):
        on_day(wait)
        made = look_again(ended.pk)
    assert made.silent == ["system.records"]


def test_checks_that_were_missed_are_made_up_by_the_last_one_due(ended, remote):
    on_day(40)
    assert look_again(ended.pk) is None
    assert [(c.day, c.result) for c in ended.checks.all()] == [
        (7, "CLEAN"), (30, "CLEAN"), (90, ""),
    ]  # fmt: skip
    assert remote.looked == 1


def test_search_identifiers_that_are_gone_leave_the_check_unanswered(ended, remote):
    ended.identifiers.all().delete()
    on_day(7)
    assert look_again(ended.pk) is None
    assert (ended.checks.get(day=7).result, remote.looked) == (CheckResult.UNANSWERED, 0)


def test_two_workers_search_once(ended, remote):
    on_day(7)
    remote.during = lambda: (setattr(remote, "during", lambda: None), look_again(ended.pk))
    look_again(ended.pk)
    assert remote.looked == 1


def officer():
    return Actor.of(make_user(Role.OFFICER))


def test_taking_up_opens_a_case_under_all_the_usual_guards(ended, remote):
    on_day(7)
    remote.people = [person()]
    made, actor = look_again(ended.pk), officer()
    case = intake.take_up(made.pk, actor=actor)
    assert (case.channel, case.received_at) == ("follow_up", made.raised_at)
    assert [row.value for row in case.identifiers.all()] == [EMAIL]
    made = FollowUp.objects.get()
    assert (made.state, made.new_case, made.decided_by) == ("TAKEN_UP", case, actor.user)
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DPO_REVIEW)
    assert "The identity of the person is not confirmed." in refusals(
        again(case), Step.APPROVE, Actor.of(make_user(Role.DPO))
    )
    on_day(23)
    assert look_again(ended.pk) is None  # the new case sees to it


def test_decision_needs_role_reason_and_an_open_follow_up(ended, remote):
    on_day(7)
    remote.people = [person()]
    made, actor = look_again(ended.pk), officer()
    with pytest.raises(InputError, match="Say why"):
        follow_ups.dismiss(made.pk, actor=actor, reason=" ")
    with pytest.raises(StepError, match="Your role"):
        follow_ups.dismiss(made.pk, actor=Actor.of(make_user(Role.LEGAL)), reason="No.")
    follow_ups.dismiss(made.pk, actor=actor, reason="A customer again.")
    with pytest.raises(StepError, match="it was decided on"):
        intake.take_up(made.pk, actor=actor)
    assert ErasureCase.objects.count() == 1
    row = ended.log.latest("number")
    assert (row.facts["decision"], private_half(row)["reason"]) == (
        "FOLLOW_UP_DISMISSED", "A customer again.",
    )  # fmt: skip


def test_taking_up_without_anything_to_search_by_asks_for_a_new_case(ended, remote):
    on_day(7)
    remote.people = [person()]
    made = look_again(ended.pk)
    ended.identifiers.all().delete()
    with pytest.raises(InputError, match="open a new case"):
        intake.take_up(made.pk, actor=officer())
    assert FollowUp.objects.get().state == FollowUpState.OPEN


def test_whole_case_stays_clean_until_a_sync_writes_the_person_anew(world):
    case = world.live(world.executing("siobhan"), timedelta(hours=4), timedelta(hours=9))
    world.answer(case)
    schedule(case.pk)
    on_day(7)
    assert look_again(case.pk) is None
    assert LaterCheck.objects.get(day=7).result == CheckResult.CLEAN
    assert world.app.comes_back("genesys", "siobhan") == 1
    on_day(23)
    made = look_again(case.pk)
    rows = set(made.records.values_list("connection__slug", "store", "kind"))
    assert rows == {
        ("genesys-eu", "external_contacts", Return.NEW),
        ("genesys-eu", "gdpr_subjects", Return.UNDATED),
    }
    assert again(case).state == CaseState.COMPLETE
