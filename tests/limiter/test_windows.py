import os
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from erasure.errors import BusyError
from erasure.limiter import DatabaseWindow, Gate, Rate, RedisWindow, Slot, limiter_for
from erasure.limiter.windows import plain_url
from erasure.models import RateWindow
from tests.limiter.test_rate import fullest

CALLER = Path(__file__).with_name("caller.py")
ROOT = CALLER.parents[2]
SLOW = Rate(2)  # a call a minute


@pytest.fixture(params=["redis", pytest.param("database", marks=pytest.mark.django_db)])
def make(request):
    """Make a window of a fresh key, each time another object on the same state."""
    key = f"test:rate:{uuid.uuid4().hex[:12]}"
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        return lambda rate: RedisWindow(key, rate, url)
    return lambda rate: DatabaseWindow(key, rate)


def test_window_gives_the_burst_at_once_then_one_an_interval(make):
    rate = Rate(120, burst=4)
    delays = [make(rate).reserve().delay for _ in range(7)]
    assert delays[:4] == pytest.approx([0, 0, 0, 0], abs=0.001)
    assert delays[4:] == pytest.approx([rate.interval * n for n in (1, 2, 3)], abs=0.2)


def test_window_after_its_interval_is_free_again(make):
    rate = Rate(20, window=1.0)
    assert make(rate).reserve() == Slot(0)
    assert make(rate).reserve().delay > 0
    time.sleep(2.2 * rate.interval)
    assert make(rate).reserve() == Slot(0)


def test_window_when_blocked_reserves_nothing(make):
    make(SLOW).block(20)
    for _ in range(3):
        place = make(SLOW).reserve()
        assert place.blocked
        assert place.delay == pytest.approx(20, abs=0.5)


def test_window_keeps_the_longer_block(make):
    make(SLOW).block(20)
    make(SLOW).block(5)
    assert make(SLOW).blocked() == pytest.approx(20, abs=0.5)


def test_window_after_a_block_has_its_places_left(make):
    make(SLOW).block(0.1)
    assert make(SLOW).reserve().blocked
    time.sleep(0.12)
    assert make(SLOW).blocked() == 0
    assert make(SLOW).reserve() == Slot(0)
    assert make(SLOW).reserve().delay == pytest.approx(60, abs=0.5)


def test_window_blocked_between_calls_keeps_its_places(make):
    assert make(SLOW).reserve() == Slot(0)
    make(SLOW).block(0.1)
    time.sleep(0.12)
    assert make(SLOW).reserve().delay == pytest.approx(60, abs=0.5)


def test_window_without_limit_still_keeps_to_a_block(make):
    assert [make(Rate(0)).reserve() for _ in range(50)] == [Slot(0)] * 50
    make(Rate(0)).block(9)
    assert make(Rate(0)).reserve().blocked


@pytest.mark.django_db
def test_limiter_for_a_connection_without_redis_keeps_one_row():
    limiter = limiter_for("cloud-eu", 300, redis_url=None)
    limiter.wait()
    limiter.block(5)
    limiter_for("cloud-eu", 300, redis_url=None).block(1)
    row = RateWindow.objects.get()
    assert row.key == "erasure:rate:cloud-eu"
    assert row.blocked_until - time.time() == pytest.approx(5, abs=0.5)
    assert row.tat - time.time() == pytest.approx(60 / 292, abs=0.5)


def test_limiter_for_a_connection_with_redis_names_its_keys(redis_url):
    slug = f"cloud-{uuid.uuid4().hex[:8]}"
    limiter = limiter_for(slug, 300, redis_url=redis_url)
    limiter.wait()
    limiter.block(5)
    client = limiter.window.client
    assert set(client.keys(f"erasure:rate:{slug}*")) == {
        f"erasure:rate:{slug}".encode(),
        f"erasure:rate:{slug}:blocked".encode(),
    }
    assert 4_000 < client.pttl(f"erasure:rate:{slug}:blocked") <= 5_000


def test_redis_window_that_is_not_there_says_try_later(tmp_path):
    gate = Gate(RedisWindow("k", SLOW, f"unix://{tmp_path / 'none.sock'}"))
    with pytest.raises(BusyError):
        gate.wait()


@pytest.mark.django_db
def test_database_window_without_its_table_says_try_later():
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT here")
        cursor.execute(f"ALTER TABLE {RateWindow._meta.db_table} RENAME TO gone")
        with pytest.raises(BusyError) as busy:
            DatabaseWindow("k", SLOW).reserve()
        assert not isinstance(busy.value.__cause__, DatabaseError)
        cursor.execute("ROLLBACK TO SAVEPOINT here")


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("unix:///run/r.sock?db=1", "unix:///run/r.sock?db=1"),
        ("redis+socket:///run/r.sock", "unix:///run/r.sock"),
        ("redis+socket:///run/r.sock?virtual_host=2", "unix:///run/r.sock?db=2"),
        ("socket:///run/r.sock", "unix:///run/r.sock"),
    ],
)
def test_plain_url_reads_both_spellings(url, read):
    assert plain_url(url) == read


def test_redis_window_by_the_other_spelling_is_the_same(redis_url):
    key = f"test:rate:{uuid.uuid4().hex[:12]}"
    RedisWindow(key, SLOW, redis_url).block(9)
    other = redis_url.replace("unix://", "redis+socket://")
    assert RedisWindow(key, SLOW, other).blocked() == pytest.approx(9, abs=0.5)


@pytest.fixture(params=["redis", "database"])
def shared(request, tmp_path):
    """Environment and Redis URL under which two processes share their state."""
    env = dict(os.environ, PYTHONPATH=str(ROOT))
    if request.param == "redis":
        return env, request.getfixturevalue("redis_url")
    file = tmp_path / "rates.sqlite3"
    with sqlite3.connect(file) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute(
            f"CREATE TABLE {RateWindow._meta.db_table}"
            " (key varchar(80) PRIMARY KEY, tat real NOT NULL, blocked_until real NOT NULL)"
        )
    made.close()
    return env | {"DATABASE_URL": f"sqlite:///{file}"}, ""


def test_window_between_two_processes_holds_the_limit(shared):
    env, url = shared
    key = f"test:rate:{uuid.uuid4().hex[:12]}"
    command = [sys.executable, str(CALLER), key, "60", "1.0", "3", url]
    callers = [subprocess.Popen(command, env=env, stdin=-1, stdout=-1, text=True) for _ in range(2)]
    for each in callers:
        assert each.stdout.readline() == "ready\n"
    for each in callers:
        each.stdin.write("go\n")
        each.stdin.flush()
    shares = [[float(line) for line in each.communicate()[0].split()] for each in callers]
    # Each process may be stopped once between its permission and its look at the clock.
    assert fullest(sorted(shares[0] + shares[1]), 1.0) <= 60 + len(callers)
    assert len(shares[0] + shares[1]) >= 0.8 * 3 * 60
    assert min(map(len, shares)) >= 1
