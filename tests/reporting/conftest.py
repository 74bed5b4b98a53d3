"""Cases whose dates are set by hand, at a moment that is set by hand."""

import time

import pytest

from erasure.values import CaseState, Channel
from tests.reporting.cases import case_of, moment

S = CaseState


@pytest.fixture(autouse=True)
def at(monkeypatch):
    """The tenth of April 2027, noon in UTC, unless a test says otherwise."""

    def set_to(text):
        monkeypatch.setattr(time, "time", lambda: moment(text).timestamp())

    set_to("2027-04-10T12:00")
    return set_to


@pytest.fixture
def march():
    """Received in February, due in March, but for the last three."""
    case_of(
        "2027-02-01T09:00", S.COMPLETE, answered="2027-02-20T09:00", completed="2027-03-01T09:00"
    )
    case_of(
        "2027-02-02T09:00", S.COMPLETE, answered="2027-03-02T22:30", completed="2027-03-04T09:00"
    )
    case_of(
        "2027-02-03T09:00", S.PARTIAL_HOLD, answered="2027-03-03T23:30",
        completed="2027-03-10T21:00",
    )  # fmt: skip
    case_of("2027-02-04T09:00", S.EXECUTING)
    case_of("2027-02-05T09:00", S.CLOSED, closed="2027-03-06T09:00", close_reason="WITHDRAWN")
    case_of(
        "2027-02-08T09:00", S.REFUSED, answered="2027-03-01T09:00", closed="2027-03-02T09:00",
        refusal_article="12(5)",
    )  # fmt: skip
    case_of("2027-02-28T23:00", channel=Channel.PHONE)
    case_of("2027-03-31T21:59", S.DISCOVERY, channel=Channel.PHONE)
    case_of("2027-03-31T22:00", S.RECEIVED)
