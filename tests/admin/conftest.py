"""Staff of every role, signed in, and a case in each state they meet."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from erasure import clock
from erasure.cases import freeze, locked
from erasure.models import ErasureCase, SystemConnection
from erasure.values import CaseState, Role
from tests.factories import (
    confirm_person,
    make_case,
    make_connection,
    make_item,
    make_search,
    make_user,
)

SignIn = Callable[..., Client]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """A browser of a new member of staff in these roles; ``client.user`` is who."""

    def browser(*roles: Role, user: object = None) -> Client:
        client = Client()
        client.user = user or make_user(*roles)
        client.force_login(client.user)
        return client

    return browser


@pytest.fixture
def genesys(db: None) -> SystemConnection:
    return make_connection("genesys-eu", name="Genesys Cloud EU")


@pytest.fixture
def in_review(genesys: SystemConnection) -> ErasureCase:
    """A case with two contacts and a recording, ready to be approved."""
    case = make_case(
        CaseState.DISCOVERY,
        email="ada@example.org",
        phone="+441632960123",
        text="Please erase what you keep of me.",
        received_at=clock.now() - timedelta(days=10),
    )
    confirm_person(case)
    case.identifiers.update(searched_at=clock.now())
    make_search(case, genesys, "external_contacts", "FOUND", total=2)
    make_search(case, genesys, "voice_recordings", "FOUND", total=1)
    make_item(case, genesys)
    make_item(case, genesys)
    make_item(case, genesys, "voice_recordings", label="Call with Ada Beispiel")
    return in_state(case, CaseState.DPO_REVIEW, frozen=True)


def in_state(case: ErasureCase, state: CaseState, *, frozen: bool = False) -> ErasureCase:
    ErasureCase.objects.filter(pk=case.pk).update(state=state)
    if frozen:
        with locked(case.pk) as mine:
            freeze(mine)
            mine.save(update_fields=["inventory_digest", "item_count"])
    return ErasureCase.objects.get(pk=case.pk)
