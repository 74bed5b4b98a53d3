"""Recording jobs nobody will start: ours, READY and old, and no others."""

import pytest

from tests.connectors.given import BASE, ago, stamp, with_token

JOBS = f"{BASE}/api/v2/recording/jobs"


def job(key, state="READY", **age):
    return {"id": key, "state": state, "dateCreated": stamp(ago(**age))}


def listed(replies, *jobs):
    with_token(replies)
    return replies.get(f"{JOBS}", json={"entities": list(jobs)})


def test_forgotten_job_is_cancelled_and_only_ours_are_listed(replies, genesys):
    asked = listed(replies, job("j-1", hours=2), job("j-2", hours=2), job("j-3", minutes=30))
    replies.delete(f"{JOBS}/j-1", status=204)
    assert genesys.tidy({"j-2"}) == 1
    assert "showOnlyMyJobs=true" in asked.calls[0].request.url


@pytest.mark.parametrize(
    "kept",
    [
        job("j-1", "PROCESSING", hours=2),
        {"id": "j-1", "state": "READY"},
        {"state": "READY", "dateCreated": stamp(ago(hours=2))},
    ],
)
def test_job_that_runs_or_cannot_be_told_apart_is_left(replies, genesys, kept):
    listed(replies, kept)
    assert genesys.tidy(set()) == 0
