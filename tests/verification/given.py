"""A case in which the person can be asked, and the people who ask."""

import re
import time
from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.core import mail
from PIL import Image

from erasure import clock
from erasure.crypto.cipher import seal
from erasure.errors import InputError, StepError
from erasure.models import (
    Actor,
    ErasureCase,
    IdentityDocument,
    OnFile,
    case_key,
)
from erasure.values import CaseState, Role
from erasure.verification import approve_copy, ask, propose_copy
from tests.factories import make_case, make_connection, make_user, post_letters

NOON = datetime(2027, 6, 1, 10, tzinfo=UTC)
ASKED = {"doubt": "A shared mailbox.", "offered": ["CALL_BACK", "KNOWLEDGE"]}
COPY = {
    "doubt": "A shared mailbox.",
    "reason": "Nobody answers the number on file.",
    "alternatives": ["CALL_BACK"],
}
GROUND = {"grounds": ["17(1)(b)"], "ground_reason": "Consent was withdrawn."}
SHOWN = {
    "method": "ID_SHOWN",
    "matched": ["name", "address"],
    "reason": "Name and address are those on file.",
    "doubt": "A shared mailbox.",
    "document_type": "PASSPORT",
    "document_country": "DE",
    **GROUND,
}
BY_COPY = SHOWN | {"method": "ID_COPY"}


@pytest.fixture
def at(monkeypatch):
    def set_to(moment):
        monkeypatch.setattr(time, "time", lambda: moment.timestamp())

    return set_to


@pytest.fixture
def officer(db):
    return Actor.of(make_user(Role.OFFICER))


@pytest.fixture
def second(db):
    """Somebody else who may approve a copy."""
    return Actor.of(make_user(Role.DPO))


@pytest.fixture
def case(db):
    return make_case(CaseState.VALIDATING, email="ada@example.org")


@pytest.fixture
def on_file(case):
    """The address of the request, on file in one system since long before."""

    def put(**changed):
        row = case.identifiers.get(kind="email")
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        told = {"status": "FOUND", "created": long_ago, "since": long_ago, "agree": 1}
        return OnFile.objects.create(
            case=case, identifier=row, connection=make_connection(), **told | changed
        )

    return put


@pytest.fixture
def proven(case, officer, second):
    """A copy as ``upload`` keeps it, approved and asked for, without the time its drawing takes."""
    case.verifications.update(
        state="ANSWERED", asked_at=clock.now(), answered_at=clock.now(), doubt="A shared mailbox.",
        proposed_by=officer.user, approved_by=second.user, asked_by="email", offered=["ID_COPY"],
    )  # fmt: skip
    row = IdentityDocument(case=case, verification=case.verifications.get(), page=1)
    aad = f"identitydocument.{row.pk}".encode()
    row.data_sealed = seal(case_key(case, "documents"), picture("JPEG"), aad)
    row.save(force_insert=True)
    return row


@pytest.fixture
def asked(case, officer):
    """Ask, and the token as the person gets it."""

    def send(**changed):
        ask(case.pk, actor=officer, **ASKED | changed)
        post_letters(case)
        return last_token()

    return send


@pytest.fixture
def asked_for_copy(case, officer, second):
    def send():
        propose_copy(case.pk, actor=officer, **COPY)
        approve_copy(case.pk, actor=second)
        post_letters(case)
        return last_token()

    return send


def last_token():
    return re.search(r"/identity/([\w-]+)/", mail.outbox[-1].body)[1]


def picture(kind="PNG"):
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, kind)
    return out.getvalue()


def now(case):
    return ErasureCase.objects.get(pk=case.pk)


def states(case):
    return list(case.verifications.order_by("opened_at").values_list("state", flat=True))


def refused_by(call, *args, **given):
    with pytest.raises(StepError) as refused:
        call(*args, **given)
    return refused.value.refused_by


def lacks(call, *args, **given):
    """The field that is to be mended."""
    with pytest.raises(InputError) as refused:
        call(*args, **given)
    return refused.value.field
