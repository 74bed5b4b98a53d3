"""Uses that are counted, and one that is given back."""

from uuid import uuid4

import pytest
import redis
from django.core.cache import cache

from erasure.limiter.uses import HOUR, _key, allowed, give_back


@pytest.fixture(autouse=True)
def _empty():
    cache.clear()


@pytest.fixture
def server(settings, redis_url):
    """Redis is the cache; returns what gives this test's keys and their seconds left."""
    prefix = f"test-{uuid4()}"
    backend = "django.core.cache.backends.redis.RedisCache"
    place = {"BACKEND": backend, "LOCATION": redis_url, "KEY_PREFIX": prefix}
    settings.CACHES = {"default": place}
    client = redis.Redis.from_url(redis_url)
    yield lambda: {key: client.ttl(key) for key in client.scan_iter(f"{prefix}:*")}
    for key in client.scan_iter(f"{prefix}:*"):
        client.delete(key)


class Late(redis.Redis):
    """What it is asked for runs out right after the answer."""

    def exists(self, *names):
        found = super().exists(*names)
        self.delete(*names)
        return found


@pytest.mark.parametrize("place", ["memory", "server"])
def test_uses_are_counted_to_the_most_and_from_the_start_when_the_hour_is_over(request, place):
    if place == "server":
        request.getfixturevalue("server")
    assert [allowed("kind", "one", 2) for _ in range(3)] == [True, True, False]
    assert allowed("kind", "two", 2)
    cache.touch(_key("kind", "one"), 0)
    assert [allowed("kind", "one", 2) for _ in range(3)] == [True, True, False]


def test_count_that_ran_out_between_two_questions_ends_within_the_hour_again(server):
    allowed("kind", "one", 2)
    cache._cache._client = Late
    assert allowed("kind", "one", 2)
    cache._cache._client = redis.Redis
    assert [0 < seconds <= HOUR for seconds in server().values()] == [True]
    assert [allowed("kind", "one", 2) for _ in range(2)] == [True, False]


def test_give_back_of_what_ran_out_between_two_questions_leaves_nothing_behind(server):
    allowed("kind", "one", 2)
    cache._cache._client = Late
    give_back("kind", "one")
    assert server() == {}


def test_give_back_makes_room_for_one_more():
    assert [allowed("kind", "one", 2) for _ in range(3)] == [True, True, False]
    for _ in range(2):
        give_back("kind", "one")
    assert [allowed("kind", "one", 2) for _ in range(2)] == [True, False]


def test_give_back_of_what_ran_out_leaves_nothing_behind():
    give_back("kind", "one")
    assert [allowed("kind", "one", 1) for _ in range(2)] == [True, False]
