import pytest

from erasure.cases import freeze, locked
from erasure.ledger.append import private_half
from erasure.models import ErasureCase
from erasure.values import CaseState, IdentifierState, ItemState, StoreStatus
from tests.factories import make_case, make_connection, make_item, make_search

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    case, at = make_case(CaseState.DISCOVERY), make_connection("genesys-eu")
    make_search(case, at)
    make_search(case, at, "recordings", StoreStatus.UNANSWERED)
    make_search(case, at, "evaluations", StoreStatus.UNANSWERED, decision="ATTESTED")
    make_item(case, at)
    make_item(case, at, state=ItemState.EXCLUDED)
    return case


def test_freeze_logs_stores_and_the_unanswered_ones_and_counts_what_is_in_the_log(case):
    with locked(case.pk) as held:
        digest = freeze(held)
    row = case.log.latest("number")
    assert row.facts == {
        "items": 0,
        "stores": ["genesys-eu.evaluations", "genesys-eu.external_contacts",
                   "genesys-eu.recordings"],
        "unanswered": ["genesys-eu.recordings"],
    }  # fmt: skip
    assert private_half(row) == {"digest": digest, "found": 1}
    assert (held.inventory_digest, held.item_count) == (digest, 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda case: case.items.filter(number=0).update(state=ItemState.EXEMPT),
        lambda case: case.items.filter(number=0).update(article="17(3)(a)"),
        lambda case: case.items.filter(number=0).update(certain=False),
        lambda case: case.items.filter(number=0).update(remote_index="0" * 64),
        lambda case: case.items.filter(number=0).delete(),
        lambda case: make_item(case, case.searches.first().connection),
        lambda case: case.searches.filter(store="recordings").update(decision="MANUAL"),
        lambda case: case.searches.filter(store="recordings").update(status="EMPTY"),
        lambda case: case.identifiers.update(state=IdentifierState.REJECTED),
    ],
)
def test_digest_changes_with_whatever_approval_rests_on(case, change):
    before = case.current_digest()
    change(case)
    assert ErasureCase.objects.get(pk=case.pk).current_digest() != before


def test_digest_of_an_unchanged_inventory_stays(case):
    before = case.current_digest()
    case.items.update(reason="Seen again.", seen_at=case.received_at)
    case.searches.update(note="Looked back to 2019.")
    assert ErasureCase.objects.get(pk=case.pk).current_digest() == before
