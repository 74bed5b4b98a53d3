import heapq

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erasure.connectors.base import Limiter
from erasure.errors import BusyError
from erasure.limiter import Gate, ProcessWindow, Rate


class Clock:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self):
        self.now = 1_000.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def departures(rate, latencies, seconds, *, idle=0.0, blocks=()):
    """When calls leave if workers with these latencies call all the time."""
    clock = Clock()
    window = ProcessWindow(rate, clock)
    queue = [(clock.now + idle * n, n) for n in range(len(latencies))]
    blocks = sorted((clock.now + at, length) for at, length in blocks)
    left, end = [], clock.now + seconds
    while queue[0][0] < end:
        clock.now, worker = heapq.heappop(queue)
        while blocks and blocks[0][0] <= clock.now:
            window.block(blocks.pop(0)[1])
        place = window.reserve()
        if place.blocked:
            heapq.heappush(queue, (clock.now + place.delay, worker))
        else:
            left.append(clock.now + place.delay)
            heapq.heappush(queue, (left[-1] + latencies[worker], worker))
    return sorted(each for each in left if each < end)


def fullest(times, window):
    """The most calls in any span of ``window`` seconds."""
    start = most = 0
    for end, time in enumerate(times):
        while time - times[start] >= window - 1e-6:
            start += 1
        most = max(most, end - start + 1)
    return most


RATES = st.builds(Rate, st.integers(1, 1_000), st.integers(0, 20))


@settings(max_examples=60, deadline=None)
@given(
    RATES,
    st.lists(st.floats(0.001, 5.0), min_size=1, max_size=12),
    st.floats(0, 20),
    st.lists(st.tuples(st.floats(0, 150), st.floats(0.1, 30)), max_size=3),
)
def test_rate_under_any_load_never_exceeds_the_limit(rate, latencies, idle, blocks):
    left = departures(rate, latencies, 200, idle=idle, blocks=blocks)
    assert fullest(left, rate.window) <= rate.limit


def test_rate_while_work_is_due_uses_the_limit():
    left = departures(Rate(300), [0.05] * 16, 600)
    assert len(left) / 600 * 60 >= 0.95 * 300
    assert fullest(left, 60) <= 300


def test_rate_with_late_departures_still_holds():
    late = departures(Rate(300), [0.05] * 16, 300)
    shaken = sorted(each + (n * 37 % 19) / 100 for n, each in enumerate(late))  # to 0.18 s
    assert fullest(shaken, 60) <= 300


@pytest.mark.parametrize(
    ("rate", "at_once", "interval"),
    [
        (Rate(300), 8, 60 / 292),
        (Rate(300, burst=5), 5, 60 / 295),
        (Rate(60), 2, 60 / 58),
        (Rate(2), 1, 60.0),
        (Rate(0), 1, 0.0),
        (Rate(20, window=1.0), 1, 1 / 19),
    ],
)
def test_rate_of_a_limit_spares_the_burst(rate, at_once, interval):
    assert rate.at_once == at_once
    assert rate.interval == pytest.approx(interval)


def test_gate_after_a_pause_lets_the_burst_through_at_once():
    clock = Clock()
    gate = Gate(ProcessWindow(Rate(300), clock), sleep=clock.sleep)
    for _ in range(8):
        gate.wait()
    assert clock.slept == []
    gate.wait()
    assert clock.slept == [pytest.approx(60 / 292)]


def test_gate_without_a_limit_never_sleeps():
    clock = Clock()
    gate = Gate(ProcessWindow(Rate(0), clock), sleep=clock.sleep)
    for _ in range(1_000):
        gate.wait()
    assert clock.slept == []


@pytest.mark.parametrize("limit", [0, 300])
def test_gate_while_blocked_sleeps_to_the_end_of_the_block(limit):
    clock = Clock()
    gate = Gate(ProcessWindow(Rate(limit), clock), sleep=clock.sleep)
    gate.block(7)
    gate.block(3)
    gate.wait()
    assert clock.slept == [7]


def test_gate_blocked_longer_than_its_patience_puts_the_work_off():
    clock = Clock()
    gate = Gate(ProcessWindow(Rate(300), clock), sleep=clock.sleep)
    gate.block(3600)
    with pytest.raises(BusyError) as busy:
        gate.wait()
    assert busy.value.retry_after == 3600
    assert clock.slept == []


@pytest.mark.parametrize("seconds", [0, -5])
def test_gate_blocked_for_no_time_is_open(seconds):
    clock = Clock()
    gate = Gate(ProcessWindow(Rate(300), clock), sleep=clock.sleep)
    gate.block(seconds)
    gate.wait()
    assert clock.slept == []


def test_gate_blocked_while_it_sleeps_gives_its_place_up():
    clock = Clock()
    window = ProcessWindow(Rate(2), clock)  # a call a minute

    def sleep(seconds):
        clock.sleep(seconds)
        if len(clock.slept) == 1:
            window.block(5)

    gate = Gate(window, sleep=sleep)
    gate.wait()
    gate.wait()
    assert clock.slept == [60, 5, 55]


def test_gate_is_what_connectors_expect():
    limiter: Limiter = Gate(ProcessWindow(Rate(300)))
    assert limiter.wait() is None
    assert limiter.block(0) is None
