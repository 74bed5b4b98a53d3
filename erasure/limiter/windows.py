"""The three places where the state of a connection can lie.

The arithmetic is that of ``rate.py`` in each; only Redis and the database hold
across processes. Times are read where the state lies, so hosts need not agree.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import redis
from django.db import DatabaseError, connections

from erasure.errors import BusyError
from erasure.limiter.rate import Rate, Slot, slot
from erasure.models.rates import RateWindow

MICRO = 1_000_000
REDIS_TIMEOUT = 5.0  # seconds
CELERY_SOCKETS = ("redis+socket://", "socket://")

# KEYS: tat, blocked until. ARGV: interval, tolerance. All in microseconds.
# Returns the delay; below 0: blocked for so long, nothing reserved.
RESERVE = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local blocked = tonumber(redis.call('GET', KEYS[2]) or 0)
if blocked > now then return now - blocked end
local interval = tonumber(ARGV[1])
if interval == 0 then return 0 end
local tat = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local after = tat + interval
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
return math.max(0, tat - tonumber(ARGV[2]) - now)
"""

# KEYS: blocked until. ARGV: length. Returns the microseconds left.
BLOCK = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local before = tonumber(redis.call('GET', KEYS[1]) or 0)
local ends = math.max(before, now + tonumber(ARGV[1]))
if ends <= now then return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', ends), 'PX', math.ceil((ends - now) / 1000))
return ends - now
"""

NOW = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "(EXTRACT(EPOCH FROM statement_timestamp())::double precision)",
}
GREATEST = {"sqlite": "MAX", "postgresql": "GREATEST"}


class ProcessWindow:
    """For a single process: four of them would make four times the limit."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self.clock = clock
        self.tat = 0.0
        self.blocked_until = 0.0
        self.lock = threading.Lock()

    def reserve(self) -> Slot:
        with self.lock:
            now = self.clock()
            before = max(self.tat, now)
            place = slot(now, before, self.blocked_until, self.rate)
            if not place.blocked:
                self.tat = before + self.rate.interval
            return place

    def blocked(self) -> float:
        with self.lock:
            return max(0.0, self.blocked_until - self.clock())

    def block(self, seconds: float) -> None:
        with self.lock:
            self.blocked_until = max(self.blocked_until, self.clock() + seconds)


class RedisWindow:
    """One script call for each reservation; time is that of Redis."""

    def __init__(self, key: str, rate: Rate, url: str) -> None:
        self.key = key
        self.rate = rate
        self.client = client_for(plain_url(url))

    def reserve(self) -> Slot:
        times = micro(self.rate.interval), micro(self.rate.tolerance)
        left = self.run(RESERVE, [self.key, self.blocked_key], times)
        return Slot(abs(left), blocked=left < 0)

    def blocked(self) -> float:
        return self.run(BLOCK, [self.blocked_key], [0])

    def block(self, seconds: float) -> None:
        self.run(BLOCK, [self.blocked_key], [micro(seconds)])

    @property
    def blocked_key(self) -> str:
        return f"{self.key}:blocked"

    def run(self, script: str, keys: Sequence[str], times: Sequence[int]) -> float:
        """Seconds the script returned."""
        try:
            return float(self.client.register_script(script)(keys=keys, args=times)) / MICRO
        except redis.RedisError:
            raise BusyError("The rate limiter cannot reach Redis.") from None


class DatabaseWindow:
    """One row, moved on by one statement; time is that of the database's host.

    SQLite 3.35 or PostgreSQL. Call it with no transaction open: the row stays
    locked until the end of one.
    """

    def __init__(self, key: str, rate: Rate, using: str = "default") -> None:
        self.key = key
        self.rate = rate
        self.using = using

    def reserve(self) -> Slot:
        if not self.rate.limit:
            left = self.blocked()
            return Slot(left, blocked=left > 0)
        interval = self.rate.interval
        now, tat, blocked_until = self.run(
            "INSERT INTO {table} AS place (key, tat, blocked_until) "
            "VALUES (%s, {now} + %s, 0) "
            "ON CONFLICT (key) DO UPDATE SET tat = CASE "
            "WHEN place.blocked_until > {now} THEN place.tat "
            "ELSE {greatest}(place.tat, {now}) + %s END "
            "RETURNING {now}, tat, blocked_until",
            [self.key, interval, interval],
        )
        return slot(now, tat - interval, blocked_until, self.rate)

    def blocked(self) -> float:
        now, blocked_until = self.run(
            "SELECT {now}, COALESCE((SELECT blocked_until FROM {table} WHERE key = %s), 0)",
            [self.key],
        )
        return max(0.0, blocked_until - now)

    def block(self, seconds: float) -> None:
        self.run(
            "INSERT INTO {table} AS place (key, tat, blocked_until) "
            "VALUES (%s, 0, {now} + %s) "
            "ON CONFLICT (key) DO UPDATE SET "
            "blocked_until = {greatest}(place.blocked_until, excluded.blocked_until) "
            "RETURNING blocked_until",
            [self.key, seconds],
        )

    def run(self, statement: str, values: Sequence[str | float]) -> tuple[float, ...]:
        """The one row a statement returns."""
        vendor = connections[self.using].vendor
        sql = statement.format(
            table=RateWindow._meta.db_table, now=NOW[vendor], greatest=GREATEST[vendor]
        )
        try:
            with borrowed(self.using) as connection, connection.cursor() as cursor:
                cursor.execute(sql, values)
                return tuple(cursor.fetchone())
        except DatabaseError:
            raise BusyError("The rate limiter cannot reach the database.") from None


@contextmanager
def borrowed(using: str) -> Iterator[Any]:
    """A connection, left as it was found: threads of a pool would keep theirs open."""
    connection = connections[using]
    was_open = connection.connection is not None
    try:
        yield connection
    finally:
        if not was_open:
            connection.close()


@lru_cache(maxsize=8)
def client_for(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT
    )


def plain_url(url: str) -> str:
    """Celery's spelling of a socket, as the client reads it: ``unix:///path?db=0``."""
    for scheme in CELERY_SOCKETS:
        if url.startswith(scheme):
            return f"unix://{url.removeprefix(scheme)}".replace("virtual_host=", "db=")
    return url


def micro(seconds: float) -> int:
    return round(seconds * MICRO)
