"""What is raised about a case: who may record it, what is refused, what the log says."""

from datetime import timedelta

import pytest
from django.db import transaction

from erasure import clock
from erasure.cases.concerns import close_concern, record_concern
from erasure.errors import InputError, StepError
from erasure.ledger.append import append, private_half
from erasure.models import Actor, Concern
from erasure.values import CaseState, ConcernKind, Role, Step
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db
NOTE = "Ada Beispiel complains that nobody answered."


@pytest.fixture
def officer():
    return Actor.of(make_user(Role.OFFICER))


@pytest.fixture
def case():
    return make_case(CaseState.REFUSED, refusal_article="12(5)")


def refused(case, step=Step.REFUSE):
    with transaction.atomic():
        append(case, "step", {"actor": "system"}, step=step.value, from_="VALIDATING", to="REFUSED")


def raised(case, actor, kind=ConcernKind.COMPLAINT, **given):
    told = {"kind": kind, "raised_at": clock.now(), "note": NOTE, **given}
    return record_concern(case.pk, actor=actor, **told)


def close(row, actor, **given):
    told = {"outcome": "UPHELD", "article": "", "closed_at": clock.now(), **given}
    close_concern(row.pk, actor=actor, **told)
    return Concern.objects.get(pk=row.pk)


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_concern_recorded_or_closed_by_another_role_is_refused(case, officer, role):
    other, row = Actor.of(make_user(role)), raised(case, officer)
    for attempt in (lambda: raised(case, other), lambda: close(row, other)):
        with pytest.raises(StepError) as why:
            attempt()
        assert why.value.refused_by == "permission"
    assert [each.closed_at for each in Concern.objects.all()] == [None]


def test_note_rests_sealed_and_stands_in_no_entry_of_the_log(case):
    dpo = Actor.of(make_user(Role.DPO))
    row = Concern.objects.get(pk=raised(case, dpo).pk)
    assert (row.note, b"Beispiel" in bytes(row.note_sealed)) == (NOTE, False)
    refused(case)
    close(row, dpo, outcome="REVERSED", article="12(5)(b)")
    entries = [each for each in case.log.order_by("number") if each.type == "decision"]
    assert [each.facts for each in entries] == [
        {"decision": "CONCERN_RECORDED"}, {"decision": "CONCERN_CLOSED"},
    ]  # fmt: skip
    assert [private_half(each)["reason"] for each in entries] == [
        "Complaint", "Complaint: refusal reversed, Art. 12(5)(b)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "RUMOUR"}, "kind"),
        ({"note": "  "}, "note"),
        ({"raised_at": clock.now() + timedelta(days=3)}, "raised_at"),
        ({"raised_at": clock.now() - timedelta(days=30)}, "raised_at"),
    ],
)
def test_concern_that_cannot_be_is_refused_by_its_field(case, officer, given, field):
    with pytest.raises(InputError) as why:
        raised(case, officer, **given)
    assert (why.value.field, Concern.objects.count()) == (field, 0)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"outcome": ""}, "outcome"),
        ({"outcome": "REVERSED"}, "article"),
        ({"article": "12(5)(b)"}, "article"),
        ({"closed_at": clock.now() - timedelta(days=30)}, "closed_at"),
        ({"closed_at": clock.now() + timedelta(days=3)}, "closed_at"),
    ],
)
def test_end_that_cannot_be_is_refused_by_its_field(case, officer, given, field):
    refused(case)
    row = raised(case, officer)
    with pytest.raises(InputError) as why:
        close(row, officer, **given)
    assert (why.value.field, Concern.objects.get().closed_at) == (field, None)


def test_refusal_is_reversed_only_where_something_was_refused(officer):
    case = make_case(CaseState.PARTIAL_HOLD)
    row = raised(case, officer)
    with pytest.raises(InputError) as why:
        close(row, officer, outcome="REVERSED", article="17(3)(e)")
    assert why.value.field == "outcome"
    refused(case, Step.HOLD_BACK)
    done = close(row, officer, outcome="REVERSED", article="17(3)(e)")
    assert (done.outcome, done.article, done.closed_at is None) == ("REVERSED", "17(3)(e)", False)


def test_concern_ends_once(case, officer):
    row = raised(case, officer)
    close(row, officer)
    with pytest.raises(StepError) as why:
        close(row, officer, outcome="NOT_UPHELD")
    assert (why.value.refused_by, Concern.objects.get().outcome) == ("state", "UPHELD")
