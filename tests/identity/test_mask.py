import pytest

from erasure.identity import mask
from erasure.values import Identifier, IdentifierKind


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (IdentifierKind.EMAIL, "maria@example.org", "m•••@example.org"),
        (IdentifierKind.EMAIL, "m@example.org", "•••@example.org"),
        (IdentifierKind.PHONE, "+493023125012", "+49 ••• ••12"),
        (IdentifierKind.PHONE, "+12025550123", "+1 ••• ••23"),
        (IdentifierKind.PHONE, "5012", "••• ••12"),
        (IdentifierKind.NAME, "Ada Maria Beispiel", "A. M. B."),
        (IdentifierKind.EXTERNAL_CONTACT, "6e2b7c1e-9f5d-4c1a-8b7e-0a1b2c3d3f2a", "•••3f2a"),
        (IdentifierKind.CRM_CONTACT, "00312345", "•••"),
    ],
)
def test_mask_of_each_kind_shows_little(kind, value, shown):
    assert mask(Identifier(kind, value)) == shown
