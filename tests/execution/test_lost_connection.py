"""A connection that is disabled, deleted or mis-keyed in mid-case: the case waits, visibly."""

import pytest
from django.db.models import ProtectedError

from erasure.cases import move, refusals
from erasure.discovery import discover
from erasure.errors import StepError
from erasure.review import settle_by_hand
from erasure.values import Step
from tests.world import DAY, TO_THE_END, again, states

LATER = (*TO_THE_END, DAY, DAY)


def of(case, connection):
    return case.items.filter(connection=connection)


def enable(connection, on):
    connection.enabled = on
    connection.save()


def rekey(connection, secret):
    connection.set_secret(secret)
    connection.save()


def secret_of(world):
    return world.app.wires["salesforce"].vendor.credentials()["client_secret"]


def test_wrong_secret_before_the_search_leaves_every_store_of_it_unanswered(world):
    case = world.open("held")
    rekey(world.crm, "wrong")
    assert discover(case.pk)
    silent = case.searches.filter(status="UNANSWERED")
    said = case.searches.filter(connection=world.crm).exclude(store="copies_outside")
    assert {row.connection for row in silent} == {world.crm}
    assert silent.count() == said.count()
    assert all(row.note for row in silent)
    assert any("unanswered" in why for why in refusals(again(case), Step.APPROVE, world.dpo))
    rekey(world.crm, secret_of(world))
    move(case.pk, Step.REDISCOVER, actor=world.officer)
    assert discover(case.pk)
    assert not case.searches.filter(status="UNANSWERED").exists()


def test_connection_disabled_in_review_cannot_be_approved_away(world):
    case = world.answered(world.searched("held"))
    enable(world.crm, False)
    refused = refusals(case, Step.APPROVE, world.dpo)
    if not refused:
        case = world.live(world.approve(case), *LATER)
        assert of(case, world.crm).filter(state="PLANNED").exists()
    assert again(case).completed_at is None
    assert any(line.startswith("salesforce.") for line in world.held("held"))


def test_connection_disabled_while_erasing_waits_and_goes_on_when_enabled(world):
    case = world.executing("held")
    enable(world.crm, False)
    case = world.live(case, *LATER)
    assert set(of(case, world.genesys).values_list("state", flat=True)) == {"ERASED"}
    assert set(of(case, world.crm).values_list("state", flat=True)) == {"PLANNED"}
    assert case.waiting_for.startswith("The crm is disabled: its items wait")
    with pytest.raises(StepError, match="Items are still open"):
        world.answer(case)
    enable(world.crm, True)
    case = world.live(case, *LATER)
    assert set(states(case)) == {"ERASED"}
    assert world.answer(case).state == "COMPLETE"


@pytest.mark.parametrize("how", ["secret", "organisation"])
def test_mis_keyed_connection_fails_with_its_reason_and_touches_nothing(world, how):
    case = world.executing("held")
    before = {line: n for line, n in world.held("held").items() if line.startswith("salesforce.")}
    if how == "secret":
        rekey(world.crm, "wrong")
    else:
        world.crm.organisation_id = "00D000000000WRONGX"
        world.crm.save()
    case = world.live(case, *LATER)
    assert set(of(case, world.genesys).values_list("state", flat=True)) == {"ERASED"}
    assert set(of(case, world.crm).values_list("state", flat=True)) == {"FAILED"}
    assert "crm." in case.waiting_for
    assert world.held("held") == before
    rekey(world.crm, secret_of(world))
    world.crm.organisation_id = ""
    world.crm.save()
    for item in of(case, world.crm):
        settle_by_hand(item.pk, "retry", actor=world.officer, reason="")
    case = world.live(again(case), *LATER)
    assert world.answer(case).state == "COMPLETE"


def test_connection_with_records_cannot_be_deleted(world):
    world.executing("held")
    with pytest.raises(ProtectedError):
        world.crm.delete()
