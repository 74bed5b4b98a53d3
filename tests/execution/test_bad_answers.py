"""A whole execution with the answers of one endpoint mangled: nothing is called erased
that still stands, and the case waits with a reason."""

from collections import Counter
from dataclasses import replace

import pytest

from erasure import review
from erasure.connectors.genesys.stores import (
    ATTRIBUTES,
    CONTACTS,
    CONVERSATIONS,
    EVALUATIONS,
    NOTES,
    RECORDED,
    SUBJECTS,
    TRANSCRIPTS,
)
from erasure.values import ItemState
from tests.world import HOUR, MINUTE, TO_THE_END, again

TALK = "/api/v2/conversations/{conversationId}"
CONTACT = "/api/v2/externalcontacts/contacts/{contactId}"
EVALUATION = "/api/v2/quality/conversations/{conversationId}/evaluations/{evaluationId}"
JOBS = "/api/v2/recording/jobs"
NATIVE = {SUBJECTS, CONVERSATIONS, ATTRIBUTES}
WAITING = {*RECORDED, TRANSCRIPTS}  # what goes with the recordings

READS = {
    f"GET {CONTACT}/unresolved": {CONTACTS, SUBJECTS},  # it proves the sight of subjects
    f"GET {CONTACT}/notes": {NOTES},
    "GET /api/v2/gdpr/subjects": {SUBJECTS, CONTACTS},  # contacts go after subjects
    "POST /api/v2/gdpr/requests": {*NATIVE, CONTACTS},
    "GET /api/v2/gdpr/requests/{requestId}": {*NATIVE, CONTACTS},
    "GET /api/v2/analytics/conversations/details": {CONVERSATIONS},
    f"GET {TALK}": {ATTRIBUTES},
    f"GET {TALK}/recordingmetadata": WAITING,
    f"POST {JOBS}": WAITING,
    f"GET {JOBS}/{{jobId}}": WAITING,
    "GET /api/v2/speechandtextanalytics/conversations/{conversationId}": {TRANSCRIPTS},
    f"GET {EVALUATION}": {EVALUATIONS},
}
"""What each answer may keep from its end. All else of the case is erased."""

NEVER = {
    f"DELETE {CONTACT}": "its status is all that is read",
    f"DELETE {CONTACT}/notes/{{noteId}}": "its status is all that is read",
    f"DELETE {EVALUATION}": "it repeats the evaluation and is dropped unread",
    f"PUT {TALK}/recordings/{{recordingId}}": "its status is all that is read",
    f"PUT {JOBS}/{{jobId}}": "its status is all that is read",
}
"""Answers whose body is not read, and why."""

PLAIN = (  # no reading of these can be an answer
    "html", "truncated", "nothing", "null", "error told as success", "list of numbers",
    "deep nesting",
)  # fmt: skip
TABLE = [
    *((endpoint, PLAIN[number % len(PLAIN)]) for number, endpoint in enumerate(READS)),
    (f"GET {TALK}/recordingmetadata", "fields missing"),
    ("GET /api/v2/analytics/conversations/details", "null for a list"),
    (f"GET {JOBS}/{{jobId}}", "unknown words"),
    ("GET /api/v2/gdpr/requests/{requestId}", "unknown words"),
    *((endpoint, "html") for endpoint in NEVER),
]
HELD = {
    CONTACTS: "contacts",
    NOTES: "notes",
    CONVERSATIONS: "analytics",
    EVALUATIONS: "evaluations",
    TRANSCRIPTS: "transcripts",
    **dict.fromkeys(RECORDED, "recordings"),
}
"""How the sandbox's own record calls a store."""


def erased(case):
    return Counter(case.items.filter(state=ItemState.ERASED).values_list("store", flat=True))


@pytest.mark.parametrize(("endpoint", "kind"), TABLE)
def test_item_whose_answer_is_none_is_not_called_erased(mangled_world, endpoint, kind):
    world, mangler = mangled_world
    case = world.executing("held")
    others = world.rows(but="held")
    mangler.set(endpoint, kind)
    case = world.live(case, MINUTE, *TO_THE_END)
    assert mangler.seen[endpoint]
    open_ones = case.items.exclude(state=ItemState.ERASED).exclude(state=ItemState.MANUAL)
    silenced = set(open_ones.values_list("store", flat=True))
    assert silenced <= READS.get(endpoint, set())
    if kind in PLAIN and endpoint in READS:
        assert silenced
    if open_ones.exists():
        assert case.state in ("EXECUTING", "AWAITING_VENDOR")
        assert case.waiting_for
    still = {row["store"] for row in world.app.holdings("held") if row["system"] == "genesys"}
    told = {HELD[store] for store in set(erased(case)) - silenced if store in HELD}
    assert told & still == set()
    assert world.rows(but="held") == others
    person = world.person("held")
    reasons = [item.reason for item in case.items.all()] + [case.waiting_for]
    known = [*person.identifiers(), person.last_name]
    assert [text for text in reasons for value in known if value in text] == []


@pytest.mark.parametrize(
    "endpoint", [f"GET {TALK}/recordingmetadata", "POST /api/v2/gdpr/requests"]
)
def test_case_ends_well_once_the_answers_are_right_again(mangled_world, endpoint):
    world, mangler = mangled_world
    case = world.executing("held")
    mangler.set(endpoint, "html")
    case = world.live(case, MINUTE, HOUR)
    mangler.set()
    for item in case.items.filter(state=ItemState.FAILED):
        review.settle_by_hand(item.pk, "retry", actor=world.officer, reason="")
    case = world.live(again(case), *TO_THE_END)
    assert set(case.items.values_list("state", flat=True)) <= {"ERASED", "MANUAL"}
    assert world.calls("POST", "/gdpr/requests") <= 2


def test_sign_ins_the_vendor_has_had_enough_of_are_waited_for(world):
    """The token endpoint answers a burst with 400, and every token dies at once."""
    case = world.executing("held")
    desk = world.org.desk
    desk.options = replace(desk.options, token_burst=0)
    desk.tokens.clear()
    case = world.live(case, MINUTE)
    assert case.items.filter(state=ItemState.FAILED).count() == 0
    assert len(world.org.gdpr_requests) == 0
    desk.options = replace(desk.options, token_burst=30)
    case = world.live(case, MINUTE, HOUR, *TO_THE_END)
    assert set(case.items.values_list("state", flat=True)) <= {"ERASED", "MANUAL"}
