"""Answers that are cut off and say so: the store is unanswered, never empty, and blocks."""

import pytest

from erasure import clock
from erasure.cases import refusals
from erasure.connectors.genesys.stores import (
    CONTACTS,
    JOURNEYS,
    NOTES,
    ORPHANS,
    OUTBOUND,
    STORES,
    SUBJECTS,
    VOICEMAIL,
    WITHOUT_ROWS,
)
from erasure.discovery import discover
from erasure.discovery.discover import TRIES
from erasure.models import SYSTEM
from erasure.values import Step
from tests.mangling import altered
from tests.world import HOUR, again

ALL_ROWS = {store.name for store in STORES} - WITHOUT_ROWS
QUERY = "POST /api/v2/analytics/conversations/details/query"
CONTACT = "/api/v2/externalcontacts/contacts"


def more(field, number):
    """An answer that announces more than it shows."""
    return altered(lambda top: {**top, field: top.get(field, 0) + number})


PARTIAL = altered(lambda top: {**top, "partialResults": True})
CUT = [
    ("GET /api/v2/gdpr/subjects", more("total", 1), {SUBJECTS, OUTBOUND}),
    (f"GET {CONTACT}/{{contactId}}/notes", PARTIAL, {NOTES}),
    (f"GET {CONTACT}/{{contactId}}/notes", more("total", 1000), {NOTES}),
    ("GET /api/v2/orphanrecordings", more("total", 1), {ORPHANS}),
    ("GET /api/v2/voicemail/queues/{queueId}/messages", more("total", 1), {VOICEMAIL}),
    (QUERY, more("totalHits", 1), ALL_ROWS),
    (QUERY, more("totalHits", 10_000), ALL_ROWS),
]


def silent(world):
    """The stores that say nothing after the whole search; none of them may be passed over."""
    case = world.open("maria")
    for _ in range(TRIES):
        if discover(case.pk):
            break
        clock.advance(HOUR)
    case = again(case)
    found = {row.store for row in case.searches.filter(status="UNANSWERED")}
    assert bool(refusals(case, Step.APPROVE, SYSTEM)) is bool(found)
    return found


@pytest.mark.parametrize(("endpoint", "kind", "stores"), CUT)
def test_answer_that_is_cut_off_leaves_its_stores_unanswered(mangled_world, endpoint, kind, stores):
    world, mangler = mangled_world
    mangler.set(endpoint, kind)
    found = silent(world)
    assert mangler.seen[endpoint]
    assert found == stores


def test_cursor_that_expires_leaves_every_store_of_conversations_unanswered(mangled_world):
    world, _ = mangled_world
    world.genesys.options = world.genesys.options | {"results_size": 5}
    world.genesys.save()
    world.fault(genesys_expired_cursor=True)
    assert silent(world) == ALL_ROWS


def test_search_by_name_that_is_cut_off_only_gives_fewer_leads(mangled_world):
    world, mangler = mangled_world
    world.fault(genesys_partial_results=True)
    case = world.searched("maria")
    assert mangler.seen[f"GET {CONTACT}"]
    told = {row.store: row.status for row in case.searches.filter(connection=world.genesys)}
    assert (told[CONTACTS], told[JOURNEYS]) == ("FOUND", "FOUND")
