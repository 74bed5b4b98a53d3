"""Whole cases over HTTP on generated organisations, against the truth they were made from.

GENERATED_SEEDS=40 plays more of them than the few that every run plays.
"""

import os
from collections import Counter

import pytest

from tests.identity.population import Organisation
from tests.world import DAY, OPTIONS, TO_THE_END, World, again, no_naps

SEEDS = range(int(os.environ.get("GENERATED_SEEDS", "6")))
STARTS = 2  # unambiguous identifiers from which each person is searched


@pytest.fixture(params=SEEDS)
def org(request):
    return Organisation(request.param)


@pytest.fixture
def world(served, moving, monkeypatch, db, org):
    plan = {"people": [*org.plan()["people"], *map(neighbour, ("Home", "Sales"))]}
    no_naps(monkeypatch)
    served.app.reset("generated", OPTIONS | {"generated": plan})
    return World(served.app, served.url)


def neighbour(division):
    """Somebody whose records prove what a credential still sees there: a call and a letter."""
    email, phone = f"{division}.nachbar@example.org".lower(), f"+44163296199{len(division)}"
    talk = {"contact": "main", "evaluated": True, "attributes": {}}
    return {
        "key": f"neighbour-{division}", "first_name": "Nele", "last_name": f"Nachbar{division}",
        "bystander": True,
        "contacts": [{"key": "main", "first": "Nele", "last": f"Nachbar{division}",
                      "emails": [email], "phones": [phone], "division": division}],
        "talks": [{"days": 20, "media": "voice", "address": phone} | talk,
                  {"days": 50, "media": "email", "address": email} | talk],
    }  # fmt: skip


def ended(world, person, start):
    """A case with every question answered, and what is to go: store, id and conversation."""
    case = world.answered(world.found(person.name, start))
    going = case.items.filter(certain=True).exclude(state="EXCLUDED")
    return case, {(i.store, i.locator["remote_id"], i.locator["parent_id"]) for i in going}


def totals(world):
    """How many rows the vendor has in each table, of everybody."""
    org = world.org
    there = [one for one in org.recordings.values() if one.state != "DELETED"]
    return Counter(
        external_contacts=len(org.contacts), conversations=len(org.conversations),
        recordings=len(there), evaluations=len(org.evaluations), transcripts=len(org.transcripts),
    )  # fmt: skip


def owned(world, key):
    """How many of them are one person's."""
    org = world.org
    talks = {name for name, one in org.conversations.items() if one.person == key}
    there = [one for one in org.recordings.values() if one.state != "DELETED"]
    return Counter(
        external_contacts=sum(one.person == key for one in org.contacts.values()),
        recordings=sum(one.conversation in talks for one in there),
        evaluations=sum(one.conversation in talks for one in org.evaluations.values()),
        transcripts=len(talks & org.transcripts.keys()),
    )


def planted(org, person):
    """Every value of the person that nobody else has."""
    return {who.value for who in org.unambiguous(person)}


def test_person_is_erased_whole_and_nobody_else_whatever_one_starts_from(world, org):
    person = org.people[0]
    starts = org.unambiguous(person)
    searchable = [one for one in starts if one.kind in ("email", "phone")] or starts
    inventories = [ended(world, person, one) for one in searchable[:STARTS]]
    assert len({frozenset(found) for _, found in inventories}) == 1
    case, _ = inventories[0]
    others, before, mine = world.rows(but=person.key), totals(world), owned(world, person.key)
    case = world.live(world.approve(again(case)), *TO_THE_END, *[DAY] * 4)
    assert set(case.items.values_list("state", flat=True)) <= {"ERASED", "EXCLUDED"}
    assert world.held(person.key) == {}
    assert owned(world, person.key) == dict.fromkeys(mine, 0)
    assert totals(world) == before - mine
    assert world.rows(but=person.key) == others
    left = [row for row in world.org.conversations.values() if row.person == person.key]
    assert [row for row in left for value in planted(org, person) if value in repr(row)] == []
    assert world.answer(case).state == "COMPLETE"
