from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from erasure.documents import words


def test_day_is_written_out():
    assert words.day(date(2027, 3, 2)) == "2 Mar 2027"


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        (UTC, "2 Mar 2027, 14:05 UTC"),
        (timezone(timedelta(hours=-3, minutes=-30)), "2 Mar 2027, 14:05 UTC-03:30"),
    ],
)
def test_moment_says_its_zone(zone, written):
    assert words.moment(datetime(2027, 3, 2, 14, 5, tzinfo=zone)) == written


@pytest.mark.parametrize(
    ("recorded", "written"),
    [
        (None, "not yet"),
        ("2027-03-02", "2 Mar 2027"),
        ("2027-03-02T14:05:09Z", "2 Mar 2027, 14:05 UTC"),
        ("on request", "on request"),
    ],
)
def test_written_of_a_record_is_plain(recorded, written):
    assert words.written(recorded) == written


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 items"), (1, "1 item"), (10_000, "10,000 items")]
)
def test_count_agrees_with_its_number(number, text):
    assert words.count(number, "item") == text


@pytest.mark.parametrize(
    ("parts", "text"), [([], "none"), (["a"], "a"), (["a", "b"], "a and b"), ("abc", "a, b and c")]
)
def test_listed_reads_as_a_sentence(parts, text):
    assert words.listed(parts) == text


def test_article_unknown_stands_alone():
    assert words.article("99") == "Art. 99"


def test_role_not_recorded_says_so():
    assert words.role(None) == "none recorded"
