"""Two organisations in one case: found in both, and everything kept apart."""

from erasure import clock, execution, protection
from erasure.models import VendorProtection
from erasure.systems import connector_for
from erasure.values import HoldScope
from tests.execution.test_holds import place
from tests.world import GENESYS, MINUTE, moving, served, world

__all__ = ["moving", "served", "world"]


def second(world):
    return world.connect("genesys-us", "genesys", options=GENESYS, **world.clients["executor"])


def test_person_is_searched_in_every_organisation(world):
    other = second(world)
    case = world.searched("held")
    found = {
        row.pk: sorted(case.items.filter(connection=row).values_list("store", flat=True))
        for row in (world.genesys, other)
    }
    assert found[world.genesys.pk]
    assert found[world.genesys.pk] == found[other.pk]
    talks = case.items.filter(store="conversations")
    assert len(set(talks.values_list("parent_index", flat=True))) == talks.count()
    assert case.controls.filter(connection=other).exists()


def test_each_organisation_has_its_own_connector_and_limiter(world):
    one, other = connector_for(world.genesys), connector_for(second(world))
    assert one is not other
    assert one.http._limiter is not other.http._limiter


def test_hold_in_one_organisation_is_mirrored_there_alone(world):
    other = second(world)
    case = world.searched("held")
    item = case.items.filter(connection=world.genesys).exclude(parent_index="").first()
    key = item.locator["parent_id"]
    place(world.legal, HoldScope.CONVERSATION, conversations=[(world.genesys, key)])
    assert {row.connection for row in VendorProtection.objects.all()} == {world.genesys}
    assert not case.items.filter(connection=other, state="HELD").exists()
    protection.protect(case.pk)


def test_organisation_that_is_switched_off_keeps_its_items_waiting(world):
    other = second(world)
    case = world.executing("held")
    other.enabled = False
    other.save()
    execution.drain(other.pk, clock.now() + MINUTE)
    assert not case.items.filter(connection=other).exclude(state__in=WAITING).exists()


WAITING = ("PLANNED", "MANUAL", "EXCLUDED", "EXEMPT")
