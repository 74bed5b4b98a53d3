"""What migrations make of rows that were there before, on the schema as it is now.

Each data step gets the models as it sees them when an installation is upgraded. Going back to
the schema of that time and forth again takes a test 20 seconds: too long for a column or two.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.loader import MigrationLoader

from erasure.models import ErasureCase, Letter
from erasure.values import CaseState, ItemState
from tests.factories import make_case, make_connection, make_item

pytestmark = pytest.mark.django_db
RECEIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHECKS = ("letter_kind_known", "letter_state_known", "letter_sent_has_its_date")


def step(migration: str, name: str) -> tuple[RunPython, Apps]:
    """A data step and the models as they stand when it runs."""
    loader = MigrationLoader(connection)
    found = loader.get_migration("erasure", migration)
    state = loader.project_state(found.dependencies)
    for operation in found.operations:
        if isinstance(operation, RunPython) and operation.code.__name__ == name:
            return operation, state.apps
        operation.state_forwards("erasure", state)
    raise LookupError(name)


def run(operation: RunPython, apps: Apps) -> None:
    operation.code(apps, SimpleNamespace(connection=connection))


@contextmanager
def without_checks() -> Iterator[None]:
    """Old rows are let in that the present table would refuse."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # they are back when the test is rolled back
            for check in CHECKS:
                cursor.execute(f"ALTER TABLE erasure_letter DROP CONSTRAINT {check}")
            yield
            return
        cursor.execute("PRAGMA ignore_check_constraints=ON")
        try:
            yield
        finally:
            cursor.execute("PRAGMA ignore_check_constraints=OFF")


def old_letter(apps, case, kind, day, **columns):
    return apps.get_model("erasure", "Letter").objects.create(
        case_id=case.pk, kind=kind, language="", text_sealed=b"sealed", channel="letter",
        dispatched_at=day and datetime(2026, 3, day, 3, tzinfo=UTC), **columns,
    ).pk  # fmt: skip


def answered(case):
    again = ErasureCase.objects.get(pk=case.pk)
    return again.answered_on, again.seconds_to_answer


# -- 0016: letters so far were recorded as sent -----------------------------------------------


@pytest.mark.parametrize(
    ("old", "item", "kind"),
    [
        ("refusal", ItemState.HELD, "REFUSAL"),
        ("interim", ItemState.HELD, "INTERIM"),
        ("outcome", ItemState.EXCLUDED, "COMPLETE"),
        ("outcome", ItemState.HELD, "PARTIAL_HOLD"),
        ("outcome", ItemState.EXEMPT, "PARTIAL_HOLD"),
    ],
)
def test_name_kinds_of_an_old_letter_says_what_it_told_and_that_it_was_sent(old, item, kind):
    operation, apps = step("0016_letters", "name_kinds")
    case = make_case(language="de")
    make_item(case, make_connection(), state=item)
    with without_checks():
        old_letter(apps, case, old, 5)
        run(operation, apps)
    letter = Letter.objects.get()
    assert (letter.kind, letter.state, letter.language) == (kind, "SENT", "de")
    assert letter.dispatched_at == datetime(2026, 3, 5, 3, tzinfo=UTC)
    letter.validate_constraints()


def test_name_kinds_of_an_outcome_asks_the_records_of_its_own_case():
    operation, apps = step("0016_letters", "name_kinds")
    mine, other = make_case(), make_case()
    make_item(other, make_connection(), state=ItemState.HELD)
    with without_checks():
        old_letter(apps, mine, "outcome", 5)
        run(operation, apps)
    assert Letter.objects.get().kind == "COMPLETE"


# -- 0019: the first proven answer ------------------------------------------------------------


@pytest.fixture
def counting():
    return step("0019_reporting", "count_answers")


def ended(**columns):
    return make_case(CaseState.CLOSED, received_at=RECEIVED, **columns)


def test_count_answers_takes_the_first_answer_that_was_sent_on_its_date_there(counting):
    operation, apps = counting
    case = ended(zone="America/Los_Angeles", answered_at=datetime(2026, 3, 9, tzinfo=UTC))
    for kind, day, state in [
        ("HOLD_RELEASED", 20, "SENT"), ("PARTIAL_HOLD", 6, "SENT"), ("REFUSAL", 4, "RETURNED"),
        ("INTERIM", 3, "SENT"), ("COMPLETE", None, "WITHDRAWN"),
    ]:  # fmt: skip
        old_letter(apps, case, kind, day, state=state)
    run(operation, apps)
    assert answered(case) == (date(2026, 3, 5), (4 * 24 + 15) * 3600)  # 19:00 of the day before


@pytest.mark.parametrize("kind", ["", "INTERIM"])
def test_count_answers_without_an_answer_by_letter_takes_the_date_on_record(counting, kind):
    operation, apps = counting
    case = ended(zone="Europe/Berlin", answered_at=datetime(2026, 3, 8, 23, 30, tzinfo=UTC))
    if kind:
        old_letter(apps, case, kind, 3, state="SENT")
    run(operation, apps)
    assert answered(case) == (date(2026, 3, 9), (7 * 24 + 11) * 3600 + 1800)


def test_count_answers_of_an_answer_before_the_receipt_counts_no_time(counting):
    operation, apps = counting
    case = ended(zone="UTC", answered_at=datetime(2026, 2, 27, tzinfo=UTC))
    run(operation, apps)
    assert answered(case) == (date(2026, 2, 27), 0)


def test_count_answers_leaves_a_case_without_an_answer_as_it_is(counting):
    operation, apps = counting
    case, other = make_case(received_at=RECEIVED), ended()
    old_letter(apps, case, "COMPLETE", None, state="WAITING")
    old_letter(apps, other, "COMPLETE", 6, state="SENT")
    run(operation, apps)
    assert (answered(case), answered(other)[0]) == ((None, None), date(2026, 3, 6))
