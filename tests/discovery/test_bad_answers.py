"""A whole discovery with the answers of one endpoint mangled: silent, never empty.

Each endpoint meets two kinds of bad answer, so that all kinds come up over the table.
"""

from itertools import chain

import pytest

from erasure import clock
from erasure.cases import refusals
from erasure.connectors.genesys.stores import ATTRIBUTES as FREE
from erasure.connectors.genesys.stores import (
    CALIBRATIONS,
    CONTACTS,
    JOURNEYS,
    NOTES,
    ORPHANS,
    OUTBOUND,
    RECORDED,
    STORES,
    SUBJECTS,
    SUMMARIES,
    SURVEYS,
    TRANSCRIPTS,
    VOICEMAIL,
    WITHOUT_ROWS,
)
from erasure.discovery import discover
from erasure.discovery.discover import TRIES
from erasure.models import SYSTEM
from erasure.values import Step
from tests.mangling import KINDS
from tests.world import HOUR, again

ALL_ROWS = {store.name for store in STORES} - WITHOUT_ROWS
QUERY_JOBS = "/api/v2/analytics/conversations/details/jobs"
CONTACT = "/api/v2/externalcontacts/contacts"
TALK = "/api/v2/conversations/{conversationId}"
ROW = "/api/v2/outbound/contactlists/{contactListId}/contacts"
BY_CONTACT = {CONTACTS, NOTES, JOURNEYS}

READS = {
    "GET /api/v2/gdpr/subjects": {SUBJECTS, OUTBOUND},
    "POST /api/v2/externalcontacts/identifierlookup/contacts": BY_CONTACT,
    "POST /api/v2/externalcontacts/bulk/contacts/unresolved": BY_CONTACT,
    f"GET {CONTACT}/{{contactId}}": BY_CONTACT,
    f"GET {CONTACT}/{{contactId}}/notes": {NOTES},
    f"GET {CONTACT}/{{contactId}}/journey/sessions": {JOURNEYS},
    f"GET {QUERY_JOBS}/availability": ALL_ROWS,
    f"POST {QUERY_JOBS}": ALL_ROWS,
    f"GET {QUERY_JOBS}/{{jobId}}": ALL_ROWS,
    f"GET {QUERY_JOBS}/{{jobId}}/results": ALL_ROWS,
    "POST /api/v2/analytics/conversations/details/query": ALL_ROWS,
    f"GET {TALK}": {FREE},
    f"GET {TALK}/recordingmetadata": {*RECORDED},
    "POST /api/v2/recordings/deletionprotection": {*RECORDED},
    "GET /api/v2/speechandtextanalytics/conversations/{conversationId}": {TRANSCRIPTS},
    f"GET {TALK}/summaries": {SUMMARIES},
    "GET /api/v2/quality/conversations/{conversationId}/surveys": {SURVEYS},
    "GET /api/v2/quality/calibrations": {CALIBRATIONS},
    "GET /api/v2/orphanrecordings": {ORPHANS},
    "GET /api/v2/voicemail/queues/{queueId}/messages": {VOICEMAIL},
    f"GET {ROW}/{{contactId}}": {OUTBOUND},
    "POST /oauth/token": {store.name for store in STORES},
}
"""What each read may silence."""

NEVER = {
    f"GET {CONTACT}": "the search by name gives leads, and somebody else's record for a control",
    f"POST {ROW}/search": "it gives a control",
    "GET /api/v2/analytics/conversations/details": "it gives a control",
}
"""Reads that silence no store, and why."""

PLAIN = (  # no reading of these can be an answer
    "html", "truncated", "nothing", "null", "error told as success", "list of numbers",
    "deep nesting",
)  # fmt: skip
SUBTLE = tuple(kind for kind in KINDS if kind not in PLAIN)
FITS = {
    (f"GET {TALK}/recordingmetadata", "list for object"),
    ("GET /api/v2/quality/conversations/{conversationId}/surveys", "list for object"),
    ("POST /api/v2/recordings/deletionprotection", "list for object"),
    (f"GET {QUERY_JOBS}/{{jobId}}/results", "object for list"),
    ("POST /api/v2/analytics/conversations/details/query", "object for list"),
}
"""Pairs that are proper answers there: none of it."""

MOVED = {(f"GET {TALK}/recordingmetadata", "unknown words"): {*RECORDED}}
"""A recording of an unknown kind counts as a call: found elsewhere, never lost."""

EVERY = [
    (endpoint, kinds[number % len(kinds)])
    for number, endpoint in enumerate(chain(READS, NEVER))
    for kinds in (PLAIN, SUBTLE)
]
TABLE = sorted({*EVERY, *MOVED} - FITS)


@pytest.fixture(scope="module")
def undisturbed():
    """What a search with nothing in the way finds; filled by the first that asks."""
    return {}


def told(case):
    return {row.store: (row.status, row.total) for row in case.searches.all()}


def patiently(case):
    """As often as the sweep would ring."""
    for _ in range(TRIES):
        if discover(case.pk):
            break
        clock.advance(HOUR)
    return again(case)


def searched(world):
    world.genesys.options = world.genesys.options | {"job_wait_seconds": 0.3}
    world.genesys.save()
    return patiently(world.open("maria"))


def expected_of(mangled_world, undisturbed):
    """How every store answers when nothing is in the way."""
    world, mangler = mangled_world
    if not undisturbed:
        undisturbed.update(told(searched(world)))
        asked = {one for one in mangler.seen if one.split()[1].startswith(("/api/v2/", "/oauth"))}
        assert asked == {*READS, *NEVER}  # the table is whole
    return undisturbed


@pytest.mark.parametrize(("endpoint", "kind"), TABLE)
def test_store_whose_answer_is_none_is_silent_and_no_other_suffers(
    mangled_world, undisturbed, endpoint, kind
):
    world, mangler = mangled_world
    expected = expected_of(mangled_world, undisturbed)
    mangler.set(endpoint, kind)
    case = searched(world)
    mine = list(case.searches.filter(connection=world.genesys))
    silent = {row.store for row in mine if row.status == "UNANSWERED"}
    assert silent <= READS.get(endpoint, set())
    changed = {row.store for row in mine if (row.status, row.total) != expected[row.store]}
    assert changed - silent <= MOVED.get((endpoint, kind), set())
    if kind in PLAIN and endpoint in READS:
        assert silent
        assert refusals(case, Step.APPROVE, SYSTEM)
    notes = [row.note for row in mine if row.status == "UNANSWERED"]
    assert [note for note in notes if "/" not in note and ": " not in note] == []
    person = world.person("maria")
    known = [*person.identifiers(), person.last_name]
    assert [note for note in notes for value in known if value in note] == []
