"""Uses that are counted, and one that is given back."""

import pytest
from django.core.cache import cache

from erasure.limiter.uses import allowed, give_back


@pytest.fixture(autouse=True)
def _empty():
    cache.clear()


def test_give_back_makes_room_for_one_more():
    assert [allowed("kind", "one", 2) for _ in range(3)] == [True, True, False]
    for _ in range(2):
        give_back("kind", "one")
    assert [allowed("kind", "one", 2) for _ in range(2)] == [True, False]


def test_give_back_of_what_ran_out_leaves_nothing_behind():
    give_back("kind", "one")
    assert [allowed("kind", "one", 1) for _ in range(2)] == [True, False]
