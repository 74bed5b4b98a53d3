"""Several systems in one case: what one knows leads on in the others, and into nobody else."""

import pytest

from erasure.identity import identifier
from erasure.values import IdentifierKind
from tests.world import OPTIONS, World, no_naps

ONLY_CRM = "siobhan.private@crm.example.org"


@pytest.fixture
def everywhere(served, moving, monkeypatch, db):
    """Genesys Cloud, and a CRM and a service desk that know everybody too."""
    no_naps(monkeypatch)
    partners = {"salesforce": {"objects": True}, "servicenow": {"holds": True}}
    served.app.reset("demo", OPTIONS | partners)
    made = World(served.app, served.url)
    known = served.app.wires["servicenow"].vendor.credentials()
    made.desk = made.connect(
        "desk", "servicenow", known["client_id"], known["client_secret"],
        options={"outside_copies": "none"},
    )  # fmt: skip
    return made


def crm_contact(world, key):
    """The played CRM's own row of a person."""
    rows = world.app.wires["salesforce"].vendor.org.records.values()
    return next(row for row in rows if row.kind == "Contact" and row.owner == key)


def start(world, key, kind, value):
    who = identifier(kind, value, "GB")
    return world.found(world.person(key).name, who)


def systems(case):
    return set(case.items.filter(certain=True).values_list("connection__slug", flat=True))


def test_address_only_one_system_knows_leads_on_in_all_of_them(everywhere):
    row = crm_contact(everywhere, "siobhan")
    row.values["Email"] = ONLY_CRM
    case = start(everywhere, "siobhan", IdentifierKind.EMAIL, ONLY_CRM)
    person = everywhere.person("siobhan")
    confirmed = {each.value for each in case.identifiers.confirmed()}
    assert {ONLY_CRM, *person.emails, *person.phones} <= confirmed
    assert systems(case) == {"genesys-eu", "crm", "desk"}


def test_same_records_whatever_system_the_start_is_known_in(everywhere):
    person = everywhere.person("siobhan")
    by_mail = start(everywhere, "siobhan", IdentifierKind.EMAIL, person.email)
    by_phone = start(everywhere, "siobhan", IdentifierKind.PHONE, person.phones[0])
    assert records(by_mail) == records(by_phone)


def records(case):
    rows = case.items.select_related("connection")
    return {(row.line, row.locator["remote_id"]) for row in rows if row.certain}


def test_shared_telephone_in_another_system_asks_and_pulls_in_nobody(everywhere):
    """The neighbour's landline stands at the person's contact of the CRM."""
    asks, neighbour = (everywhere.person(key) for key in ("family1", "family2"))
    case = start(everywhere, "family1", IdentifierKind.EMAIL, asks.email)
    question = case.identifiers.filter(state="IN_QUESTION")
    shared = set(asks.phones) & set(neighbour.phones)
    assert shared & {row.value for row in question}
    theirs = {row["remote_id"] for row in everywhere.app.holdings("family2")}
    assert not {remote for _, remote in records(case)} & theirs
