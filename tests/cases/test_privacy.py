"""A planted person goes the whole way of a case, and is looked for everywhere in the clear."""

import logging
import re
from datetime import timedelta
from io import BytesIO

import pytest
from celery.signals import before_task_publish
from django.core import mail
from django.db import connection
from PIL import Image

from erasure import clock, correspondence, intake, review, verification
from erasure.cases import freeze, locked, move
from erasure.connectors.base import Found, Unanswered
from erasure.discovery.keep import keep_items, keep_search
from erasure.errors import ErasureError
from erasure.holds import place
from erasure.ledger.sequencer import sequence
from erasure.models import SYSTEM, Actor, DeletionLogEntry, ErasureCase, Hold, LogEntry
from erasure.values import (
    Identifier,
    IdentifierKind,
    IdentifierState,
    ItemState,
    Role,
    Step,
    StoreStatus,
)
from tests.factories import (
    make_connection,
    make_search,
    make_user,
    post_letters,
    protect_all,
)

pytestmark = pytest.mark.django_db

EMAIL, PHONE, NAME = "quirin.planted@example.org", "+441632960777", "Quirin Planted"
PLANTED = [
    EMAIL, "quirin.planted", PHONE, "1632960777", NAME, "Planted", "Forget my subscription",
    "remote-4711", "call-0815", "Quirin's bank rang", "We erased all of it, Quirin",
]  # fmt: skip


@pytest.fixture
def sent():
    """Name and arguments of every task that is sent."""
    found = []

    def note(sender=None, body=None, headers=None, **_):
        found.append(f"{sender} {body!r} {headers!r}")

    before_task_publish.connect(note)
    yield found
    before_task_publish.disconnect(note)


@pytest.fixture
def went(sent, caplog, settings, tmp_path, django_capture_on_commit_callbacks):
    """A case from the public form to its end, with a refusal at every stage on the way."""
    settings.DATA = tmp_path
    caplog.set_level(logging.DEBUG)
    officer, dpo, legal = (Actor.of(make_user(r)) for r in (Role.OFFICER, Role.DPO, Role.LEGAL))
    with django_capture_on_commit_callbacks(execute=True):
        case = intake.request_by_web(intake.WebRequest(
            number="1", name=NAME, language="en", text="Forget my subscription",
            identifiers=(Identifier(IdentifierKind.EMAIL, EMAIL),
                         Identifier(IdentifierKind.PHONE, PHONE)),
        ))  # fmt: skip
    intake.confirm_request(token("/request/confirm/"))
    verification.propose_copy(
        case.pk, actor=officer, doubt="A shared mailbox.", reason="Nothing else is on file.",
        alternatives=["CALL_BACK"],
    )  # fmt: skip
    verification.approve_copy(case.pk, actor=dpo)
    post_letters(case)
    case = ErasureCase.objects.get(pk=case.pk)
    verification.upload(token("/identity/"), picture())
    verification.confirm(
        case.pk, actor=officer, method="ID_COPY", matched=["name"], reason="As on file.",
        document_type="PASSPORT", document_country="DE",
        grounds=["17(1)(b)"], ground_reason="Quirin's bank rang",
    )  # fmt: skip
    find(case)
    move(case.pk, Step.FINISH_DISCOVERY, actor=SYSTEM)
    decide(case, officer, dpo, legal)
    sequence()
    return ErasureCase.objects.get(pk=case.pk)


def token(path):
    found = (re.search(f"{path}([\\w-]+)/", each.body) for each in reversed(mail.outbox))
    return next(filter(None, found))[1]


def picture():
    out = BytesIO()
    Image.new("RGB", (40, 30)).save(out, "PNG")
    return out.getvalue()


def find(case):
    """What a search of one system would write."""
    at = make_connection("genesys-eu")
    make_search(case, at)
    make_search(case, at, "recordings", "")
    with locked(case.pk) as mine:
        found = [
            Found("external_contacts", f"remote-4711-{n}", "call-0815", label=NAME)
            for n in range(3)
        ]
        how = [(each, IdentifierState.CONFIRMED, "Found by email.") for each in found]
        keep_items(mine, at, how, clock.now())
        keep_search(mine, at, Unanswered("recordings", "missing permission"))
        mine.identifiers.update(searched_at=clock.now())
        freeze(mine)
        mine.save()


def decide(case, officer, dpo, legal):
    items = list(case.items.order_by("number"))
    review.decide_item(items[1].pk, "exempt", actor=officer, article="17(3)(b)", reason="Tax law.")
    review.decide_store(case.searches.get(store="recordings").pk, "ATTESTED", "Tapes.", actor=dpo)
    digest = ErasureCase.objects.get(pk=case.pk).inventory_digest
    with pytest.raises(ErasureError):
        review.approve(case.pk, actor=officer, digest=digest)
    review.approve(case.pk, actor=dpo, digest=digest)
    case.items.filter(pk=items[0].pk).update(state=ItemState.FAILED)
    review.settle_by_hand(
        items[0].pk, "exempt", actor=officer, reason="Ticket 7.", article="17(3)(b)"
    )
    hold = Hold(
        reference="M-1", scope="MATTER", article="17(3)(e)", reason="A claim.",
        public_wording="A claim.", review_on=clock.now().date() + timedelta(days=9),
    )  # fmt: skip
    place(
        hold, actor=legal, identifiers=[Identifier(IdentifierKind.EMAIL, EMAIL)],
        conversations=[(items[0].connection, "call-0815")],
    )  # fmt: skip
    correspondence.record_answer(
        case.pk, actor=officer, kind="PARTIAL_HOLD", text="We erased all of it, Quirin",
        channel="letter", dispatched_at=clock.now(), proof="Registered letter 4711.",
    )  # fmt: skip
    protect_all(case)
    move(case.pk, Step.HOLD_BACK, actor=SYSTEM)


def cells():
    """Every cell of the database, the sealed columns too: they are ciphertext."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            names = [column[0] for column in cursor.description]
            found += [
                (f"{table}.{name}", raw(cell))
                for row in cursor.fetchall()
                for name, cell in zip(names, row, strict=True)
            ]
    return found


def raw(cell):
    return bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()


def test_planted_person_stands_nowhere_in_the_database(went):
    leaks = {(where, word) for where, cell in cells() for word in PLANTED if word.encode() in cell}
    assert (went.state, leaks) == ("PARTIAL_HOLD", set())


def test_planted_person_stands_in_no_log_line_and_no_task(went, sent, caplog):
    assert len(sent) > 0
    text = caplog.text + "\n".join(sent)
    assert [word for word in PLANTED if word in text] == []


def test_planted_person_stands_in_no_subject_of_a_mail(went):
    assert [len(mail.outbox), *{tuple(message.to) for message in mail.outbox}] == [3, (EMAIL,)]
    text = "\n".join(message.subject + message.body for message in mail.outbox)
    assert [word for word in PLANTED if word in text] == []


def test_planted_person_is_really_there_for_who_has_the_keys(went):
    """Else the search above would prove nothing."""
    assert (went.subject.name, went.request) == (NAME, "Forget my subscription")
    assert [row.value for row in went.identifiers.all()] == [EMAIL, PHONE]
    assert went.ground_reason == "Quirin's bank rang"
    assert went.items.first().locator["label"] == NAME
    assert went.letters.get(kind="PARTIAL_HOLD").text == "We erased all of it, Quirin"


def test_log_has_an_entry_of_every_kind_and_all_scopes_without_gaps(went):
    rows = list(went.log.select_related("item"))
    kinds = {"opened", "identity", "step", "inventory", "decision", "hold", "release", "outcome"}
    assert {row.type for row in rows} == kinds
    case_events = sorted(row.number for row in rows if row.item is None)
    assert case_events == list(range(len(case_events)))
    for item in went.items.filter(log_number__isnull=False):
        numbers = sorted(row.number for row in rows if row.item == item)
        assert numbers == list(range(len(numbers)))
    assert {row.log_index for row in rows} == set(range(1, LogEntry.objects.count()))
    assert DeletionLogEntry.objects.count() == len(rows)


def test_log_names_of_an_outcome_only_store_action_outcome_and_try(went):
    shown = {tuple(sorted(row.facts)) for row in went.log.filter(type="outcome")}
    assert shown == {("action", "outcome", "store", "try")}
    assert {row.facts["store"] for row in went.log.filter(type="outcome")} == {
        "genesys-eu.external_contacts", "genesys-eu.recordings",
    }  # fmt: skip


def test_status_of_a_silent_store_stays_what_it_was(went):
    assert went.searches.get(store="recordings").status == StoreStatus.UNANSWERED
