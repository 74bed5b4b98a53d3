from datetime import timedelta

import pytest

from erasure.sandbox import clock
from tests.sandbox.asking import (
    EVER,
    MARIA,
    MARIA_ANCESTOR,
    MARIA_IDENTIFIED,
    MARIA_SALES,
    talk,
)

QUERY = "/analytics/conversations/details/query"
JOBS = "/analytics/conversations/details/jobs"


def days(start, end=0):
    now = clock.now()
    return f"{(now - timedelta(days=start)).isoformat()}/{(now - timedelta(days=end)).isoformat()}"


def either(*pairs):
    predicates = [{"dimension": dimension, "value": value} for dimension, value in pairs]
    return [{"type": "or", "predicates": predicates}]


@pytest.fixture
def run(client, later):
    """Run a query job to its end and return its rows."""

    def job(**body):
        submitted = client.post(JOBS, {"interval": EVER, **body})
        assert submitted.status == 202
        later(seconds=1)
        path = f"{JOBS}/{submitted.json['jobId']}"
        assert client.get(path).json["state"] == "FULFILLED"
        return client.get(f"{path}/results").json.get("conversations", [])

    return job


def ids(rows):
    return {row["conversationId"] for row in rows}


def test_query_over_seven_days_is_400(client):
    assert client.post(QUERY, {"interval": days(8)}).status == 400


def test_query_from_before_35_days_is_400(client):
    assert client.post(QUERY, {"interval": days(36, 30)}).status == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"interval": "yesterday"},
        {"interval": "2026-01-02T00:00:00Z/2026-01-01T00:00:00Z"},
        {"segmentFilters": [{"predicates": []}]},
        {"segmentFilters": [{"type": "or", "predicates": [{"dimension": "shoe", "value": "x"}]}]},
        {"segmentFilters": [{"type": "or", "predicates": [{"dimension": "ani"}]}]},
        {"conversationFilters": [{"type": "or", "predicates": [{"dimension": "ani"}]}]},
        {"paging": {"pageSize": 101, "pageNumber": 1}},
        {"paging": {"pageSize": 100, "pageNumber": 101}},
    ],
)
def test_query_that_the_api_refuses_is_400(client, body):
    asked = body if "interval" in body or not body else {"interval": days(1), **body}
    assert client.post(QUERY, asked).status == 400


def test_query_finds_the_newest_call_by_its_prefixed_number(client):
    asked = {"interval": days(3), "segmentFilters": either(("ani", "tel:+441632960101"))}
    body = client.post(QUERY, asked).json
    assert (ids(body["conversations"]), body["totalHits"]) == ({talk(0)}, 1)


def test_query_by_the_bare_number_misses_what_is_stored_with_prefix(client):
    asked = {"interval": days(3), "segmentFilters": either(("ani", "+441632960101"))}
    assert client.post(QUERY, asked).json == {"totalHits": 0}  # no key "conversations"


def test_query_pages_do_not_overlap_unless_told_to(app, client):
    def page(number):
        paging = {"pageSize": 1, "pageNumber": number}
        asked = {"interval": days(13, 9), "order": "asc", "paging": paging}
        return client.post(QUERY, asked).json

    first, second = page(1), page(2)
    assert ids(first["conversations"]) != ids(second["conversations"])
    app.fault("pages-repeat", True)
    repeated = page(2)
    assert ids(repeated["conversations"]) == ids(first["conversations"])
    assert repeated["totalHits"] == first["totalHits"] + 1


def test_query_never_shows_attributes(client):
    rows = client.post(QUERY, {"interval": days(3)}).json["conversations"]
    assert not any("attributes" in part for row in rows for part in row["participants"])


def test_job_results_show_attributes_and_lag_a_day(run):
    rows = run(segmentFilters=either(("externalContactId", MARIA)))
    found = ids(rows)
    assert talk(1) in found
    assert talk(0) not in found  # 19 hours old
    assert rows[0]["participants"][0]["attributes"]["customer"] == "Maria Beispiel"


def test_job_by_numbers_needs_both_spellings(run):
    with_prefix = ids(run(segmentFilters=either(("ani", "tel:+441632960101"))))
    bare = ids(run(segmentFilters=either(("ani", "+441632960101"))))
    assert with_prefix == {talk(1), talk(10), talk(11)}
    assert bare == {talk(8)}


def test_job_by_contact_finds_ancestors_under_their_own_id(run):
    def by(dimension, key):
        return ids(run(segmentFilters=either((dimension, key))))

    assert talk(6) not in by("externalContactId", MARIA_SALES)
    assert by("externalContactId", MARIA_ANCESTOR) == {talk(6)}
    assert talk(6) in by("canonicalExternalContactId", MARIA_SALES)
    assert by("externalContactId", MARIA_IDENTIFIED) == {talk(7)}


@pytest.mark.parametrize(
    ("dimension", "value", "found"),
    [
        ("addressFrom", "maria.beispiel@example.org", {2}),
        ("addressFrom", "+447700900101", {4}),
        ("callbackNumber", "+441632960101", {5}),
        ("addressFrom", "m.beispiel@example.com", {3, 12}),
        ("addressFrom", "MARIAB@example.net", {7}),
    ],
)
def test_job_by_address_finds_each_medium(run, dimension, value, found):
    rows = run(segmentFilters=either((dimension, value)))
    assert ids(rows) == {talk(number) for number in found}


def test_job_with_and_wants_both_on_one_session(run):
    both = {
        "type": "and",
        "predicates": [
            {"dimension": "externalContactId", "value": MARIA},
            {"dimension": "mediaType", "value": "email"},
        ],
    }
    assert ids(run(segmentFilters=[both])) == {talk(2)}


def test_job_with_clauses_and_exists(run):
    filters = [
        {
            "type": "and",
            "predicates": [{"dimension": "externalContactId", "value": MARIA}],
            "clauses": [
                {
                    "type": "or",
                    "predicates": [{"dimension": "outboundContactId", "operator": "exists"}],
                }
            ],
        }
    ]
    assert ids(run(segmentFilters=filters)) == {talk(5)}


def test_job_by_conversation_id_and_division(client, run):
    division = client.get(f"/externalcontacts/contacts/{MARIA_SALES}").json["division"]["id"]
    wanted = [talk(1), talk(3), talk(8)]
    named = either(*[("conversationId", key) for key in wanted])
    assert ids(run(conversationFilters=named)) == set(wanted)
    of_sales = [*named, *either(("divisionId", division))]
    assert ids(run(conversationFilters=of_sales)) == {talk(3), talk(8)}


def test_job_states_and_cursor(client, later):
    job = client.post(JOBS, {"interval": EVER}).json["jobId"]
    path = f"{JOBS}/{job}"
    assert client.get(path).json["state"] == "QUEUED"
    assert client.get(f"{path}/results").status == 400
    later(seconds=0.2)
    assert client.get(path).json["state"] == "PENDING"
    later(seconds=0.2)
    found, cursor, pages = [], "", 0
    while pages == 0 or cursor:
        query = {"cursor": cursor} if cursor else {}
        body = client.get(f"{path}/results", pageSize=20, **query).json
        found += [row["conversationId"] for row in body["conversations"]]
        cursor, pages = body.get("cursor", ""), pages + 1
    assert len(found) == len(set(found))
    assert pages == -(-len(found) // 20)
    assert client.get(f"{path}/results", cursor="made-up").status == 400


def test_job_with_no_rows_has_no_conversations_key(client, later):
    asked = {"interval": EVER, "segmentFilters": either(("ani", "tel:+440000"))}
    job = client.post(JOBS, asked).json["jobId"]
    later(seconds=1)
    assert sorted(client.get(f"{JOBS}/{job}/results").json) == ["dataAvailabilityDate"]


def test_job_that_fails_says_so(app, client, later):
    app.fault("query-job-fails", True)
    job = client.post(JOBS, {"interval": EVER}).json["jobId"]
    later(seconds=1)
    assert client.get(f"{JOBS}/{job}").json["state"] == "FAILED"


def test_cancelling_a_job_deletes_no_data(client, stores):
    before = stores()
    job = client.post(JOBS, {"interval": EVER}).json["jobId"]
    assert client.delete(f"{JOBS}/{job}").status == 204
    assert client.get(f"{JOBS}/{job}").json["state"] == "CANCELLED"
    assert stores() == before


def test_details_by_ids_give_those_that_exist(client):
    path = "/analytics/conversations/details"
    rows = client.get(path, id=[talk(0), talk(1), "none"]).json["conversations"]
    assert ids(rows) == {talk(0), talk(1)}
    assert client.get(path, id=["none"]).json == {}


def test_details_of_one_carry_divisions_and_evaluations(client):
    row = client.get(f"/analytics/conversations/{talk(8)}/details").json
    assert len(row["divisionIds"]) == 2
    row = client.get(f"/analytics/conversations/{talk(1)}/details").json
    assert [one["evaluationStatus"] for one in row["evaluations"]] == ["Finished"]


def test_lost_division_hides_its_conversations(app, client, run):
    app.fault("division-lost", "Sales")
    assert client.get(f"/analytics/conversations/{talk(3)}/details").status == 404
    assert client.get(f"/analytics/conversations/{talk(8)}/details").status == 200  # also Home
    assert ids(run(segmentFilters=either(("externalContactId", MARIA_SALES)))) == set()


def test_seeded_conversations_span_seven_years(run):
    starts = sorted(row["conversationStart"] for row in run())
    now = clock.now()
    assert starts[0] < (now - timedelta(days=6.5 * 365)).isoformat()
    assert starts[-1] > (now - timedelta(days=15)).isoformat()
