"""What the database refuses to each role, whatever the application does. PostgreSQL alone."""

from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from erasure.cases import move
from erasure.ledger import daily
from erasure.ledger.append import append_system
from erasure.ledger.roles import statements
from erasure.ledger.sequencer import sequence
from erasure.ledger.tables import CHECKPOINT, LOG, OUTBOX, TABLES, TILE
from erasure.models import SYSTEM, LogEntry
from erasure.values import Step
from tests.factories import make_case

APPLICATION, SEQUENCER = "erasure_test_app", "erasure_test_sequencer"
postgres = pytest.mark.services
NEVER = [  # by neither
    f"UPDATE {LOG} SET bytes = '' WHERE seq = 0",
    *(f"DELETE FROM {table}" for table in (LOG, TILE, CHECKPOINT)),
    *(f"TRUNCATE {table}" for table in TABLES),
    *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in TABLES),
    f"DROP TRIGGER log_no_update ON {LOG}",
    f"DROP TABLE {LOG} CASCADE",
    f"UPDATE {OUTBOX} SET bytes = ''",
    f"UPDATE {CHECKPOINT} SET note = ''",
    "UPDATE erasure_deletionlogentry SET private_sealed = ''",
    "UPDATE erasure_logkey SET vkey = ''",
    "CREATE FUNCTION log_no_update() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    f"CREATE TEMPORARY TABLE {LOG} (uuid uuid)",
    "SET session_replication_role = replica",
]
SEQUENCER_ALONE = [
    f"INSERT INTO {LOG} VALUES (99, gen_random_uuid(), '', '')",
    f"INSERT INTO {CHECKPOINT} VALUES (99, '', '', '', now())",
    f"INSERT INTO {TILE} VALUES (0, 0, '', '')",
    f"DELETE FROM {OUTBOX}",
    "UPDATE erasure_deletionlogentry SET log_index = 7",
    "INSERT INTO erasure_logkey (vkey, index) VALUES ('', 0)",
]


@pytest.fixture
def roles(db):
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL alone has roles.")
    with connection.cursor() as cursor:
        for one in statements(APPLICATION, SEQUENCER):
            cursor.execute(one)


@contextmanager
def acting(role):
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        yield cursor
        cursor.execute("RESET ROLE")


def refused(cursor, statement):
    """Whether the role may not; a trigger's refusal is another error."""
    try:
        with transaction.atomic():
            cursor.execute(statement)
    except DatabaseError as why:
        return why.__cause__.sqlstate == "42501"  # insufficient privilege
    return False


@postgres
@pytest.mark.parametrize("role", [APPLICATION, SEQUENCER])
def test_role_may_not_change_what_was_logged_nor_switch_a_guard_off(roles, role):
    make_case()
    sequence()
    append_system("log.alarm")
    with acting(role) as cursor:
        assert [one for one in NEVER if not refused(cursor, one)] == []


@postgres
def test_application_may_not_do_what_the_sequencer_does(roles):
    make_case()
    with acting(APPLICATION) as cursor:
        assert [one for one in SEQUENCER_ALONE if not refused(cursor, one)] == []


@postgres
def test_each_role_may_do_its_work(roles):
    with acting(APPLICATION):
        case = make_case()
        move(case.pk, Step.START_VALIDATION, actor=SYSTEM)
    with acting(SEQUENCER):
        assert sequence() == LogEntry.objects.count() == 3
        report = daily.verify_daily()
    assert [one.text for one in report.findings if one.state != "passed"] == []
    assert set(case.log.values_list("log_index", flat=True)) == {1, 2}


@postgres
def test_statements_may_be_repeated(roles):
    with connection.cursor() as cursor:
        for one in statements(APPLICATION, SEQUENCER):
            cursor.execute(one)


@pytest.mark.parametrize("name", ["App", "a-b", "a; DROP TABLE x", ""])
def test_command_refuses_names_that_would_need_quotes(name):
    with pytest.raises(CommandError):
        call_command("database_roles", "--application", name)


def test_command_prints_a_script():
    out = StringIO()
    call_command("database_roles", stdout=out)
    wanted = [f"{one};" for one in statements("erasure_app", "erasure_sequencer")]
    assert out.getvalue().splitlines() == wanted
