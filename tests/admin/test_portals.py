"""Portals are the administrator's: public keys only, and a stored key stays what it is."""

import pytest

from erasure.models import PortalKey
from erasure.values import Role
from tests.intake.test_portal import ISSUER, KEYS, make_portal, pem, private

pytestmark = pytest.mark.django_db
ADD = "/admin/erasure/portalkey/add/"


def given(key):
    return {
        "name": "My account", "issuer": ISSUER, "key_id": "my-1", "algorithm": "ES256",
        "public_key": key, "enabled": "on",
    }  # fmt: skip


def test_administrator_adds_a_portal_by_its_public_key(sign_in):
    client = sign_in(Role.ADMINISTRATOR)
    page = client.get(ADD).content.decode()
    assert "audience http://127.0.0.1:8000/portal/" in page
    client.post(ADD, given(pem(KEYS["ES256"])))
    assert PortalKey.objects.get().algorithm == "ES256"


@pytest.mark.parametrize("key", [private(KEYS["ES256"]), pem(KEYS["RS256"]), "secret"])
def test_portal_with_another_key_is_refused_with_a_sentence(sign_in, key):
    answer = sign_in(Role.ADMINISTRATOR).post(ADD, given(key))
    assert (answer.status_code, PortalKey.objects.count()) == (200, 0)
    assert b"key" in answer.content.split(b'class="errorlist"')[1][:200]


def test_portal_is_switched_off_and_keeps_its_key(sign_in):
    row = make_portal()
    path = f"/admin/erasure/portalkey/{row.pk}/change/"
    changed = {**given(pem(KEYS["RS256"])), "name": "Old account", "enabled": ""}
    sign_in(Role.ADMINISTRATOR).post(path, changed)
    again = PortalKey.objects.get()
    assert (again.name, again.enabled, again.public_key) == ("Old account", False, row.public_key)
