import uuid

import pytest
from django.conf import settings as django_settings
from django.db import connection

from erasure.ledger.append import append_system
from erasure.ledger.sequencer import sequence
from erasure.management.benchmark import logged, writers
from erasure.management.benchmark.logged import Killed, Log
from erasure.management.benchmark.writers import Rates

GOOD = Log(leaves=1_000_000, sequenced=20_000, verified=70_000, queries=5, hashes=20)


@pytest.fixture
def own_log(settings, tmp_path, db):
    settings.DATA = tmp_path


def missed(found):
    return [figure.name for figure in found if figure.met is False]


def test_measure_of_a_small_log_counts_its_entries_queries_and_hashes(own_log):
    log = logged.measure(600)
    assert (log.leaves, log.hashes, log.queries) == (601, 10, 3)
    assert log.sequenced > 0
    assert log.verified > 0


def test_counted_after_kills_tells_what_is_lost_from_what_is_there(own_log):
    committed = [append_system("benchmark") for _ in range(3)]
    sequence()
    assert logged._counted(5, committed, 0) == Killed(5, 3, 3, 0, 0, True)
    lost = logged._counted(5, [*committed, uuid.uuid4()], 0)
    assert (lost.committed, lost.logged, lost.gaps) == (4, 3, 1)


def test_figures_of_a_good_log_are_met():
    killed = Killed(50, 900, 900, 0, 0, True)
    assert missed(logged.figures(GOOD, killed)) == []
    assert "50 sequencers killed" in logged.killed_line(killed)
    assert "20,000 sequenced a second" in logged.line(GOOD)


@pytest.mark.parametrize(
    "killed",
    [Killed(50, 900, 899, 0, 0, True), Killed(50, 900, 900, 1, 0, True),
     Killed(50, 900, 900, 0, 1, True), Killed(50, 900, 900, 0, 0, False)],
    ids=["lost", "gap", "twice", "unverified"],
)  # fmt: skip
def test_figures_after_kills_that_left_a_trace_are_missed(killed):
    assert len(missed(logged.figures(GOOD, killed))) == 1


def test_figures_of_a_slow_log_are_missed():
    slow = Log(leaves=9, sequenced=9_999, verified=49_999, queries=6, hashes=21)
    assert len(missed(logged.figures(slow, None))) == 4


def test_figures_of_writers_judge_the_ratio():
    assert missed(writers.figures(Rates(outbox=3_000, head_row=1_000))) == []
    assert len(missed(writers.figures(Rates(outbox=2_900, head_row=1_000)))) == 1
    assert "3,000 entries a second into the outbox" in writers.line(Rates(3_000, 1_000))


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_writers_measured_on_postgresql_leave_no_schema_behind(monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL alone has more than one writer.")
    monkeypatch.setattr(writers, "SECONDS", 0.3)
    given = django_settings.DATABASES["default"]
    url = f"postgresql://{given['USER']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    rates = writers.measure(url)
    assert rates.outbox > 0
    assert rates.head_row > 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", [writers.SCHEMA])
        assert cursor.fetchone() == (0,)
