"""Over many organisations: all of the person, nothing of anybody else, no question twice."""

import json

import pytest

from erasure.identity import identifier, walk
from erasure.sandbox.people import populate
from erasure.values import Identifier, IdentifierKind, IdentifierState
from tests.identity.population import Organisation

CHUNK = 25
CHUNKS = 12
STARTS = 4  # of a person, from which all must end alike
MOST_ROUNDS = 30
CONFIRMED, IN_QUESTION = IdentifierState.CONFIRMED, IdentifierState.IN_QUESTION
LEAD = IdentifierState.LEAD
CONTACT = IdentifierKind.EXTERNAL_CONTACT


def to_decide(found):
    """What is in question, and the records a name alone led to."""
    leads = {s.record.remote_id for s in found.sightings if s.state is LEAD}
    return [
        each for each in found.identifiers
        if each.state is IN_QUESTION
        or (each.state is LEAD and each.identifier.kind is CONTACT
            and each.identifier.value in leads)
    ]  # fmt: skip


def solved(org, person, start, names, limit=1000):
    """The walk after an officer who knows the truth has answered every question."""
    accepted, rejected, asked = set(), set(), set()
    for _ in range(MOST_ROUNDS):
        found = walk(start, org.lookup, limit, names=names, accepted=accepted, rejected=rejected)
        open_ = to_decide(found)
        if not open_:
            return found, asked
        for each in open_:
            who = each.identifier
            assert who not in asked, f"seed {org.seed}: asked twice"
            assert each.speaks_against, f"seed {org.seed}: nothing to weigh"
            asked.add(who)
            (accepted if person.key in org.owners[who] else rejected).add(who)
    raise AssertionError(f"seed {org.seed}: no end to the questions")


def records(found):
    return {each.record.remote_id for each in found.sightings if each.state is CONFIRMED}


def seeds(chunk):
    return range(chunk * CHUNK, (chunk + 1) * CHUNK)


def starts(org, person):
    known = org.unambiguous(person)
    return org.chance.sample(known, min(STARTS, len(known)))


def by_name(names):
    return [identifier(IdentifierKind.NAME, name) for name in names]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_walk_with_every_question_answered_finds_all_and_nobody_else(chunk):
    for seed in seeds(chunk):
        org = Organisation(seed)
        for person in org.people[:2]:
            ends = set()
            for start in starts(org, person):
                names = (person.name,)
                found, _ = solved(org, person, [start, *by_name(names)], names)
                assert records(found) == org.of(person), f"seed {seed}, {person.key}, {start.value}"
                ends.add(frozenset(found.in_state(CONFIRMED)))
            assert len(ends) == 1, f"seed {seed}, {person.key}: the start changes the end"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_walk_before_any_answer_confirms_nobody_else(chunk):
    for seed in seeds(chunk):
        org = Organisation(seed)
        for person in org.people:
            for start in starts(org, person):
                found = walk([start], org.lookup, names=(person.name,))
                assert records(found) <= org.of(person), f"seed {seed}, {person.key}, {start.value}"


@pytest.mark.parametrize("chunk", range(4))
def test_walk_without_a_name_given_still_finds_all_and_nobody_else(chunk):
    for seed in seeds(chunk):
        org = Organisation(seed)
        for person in org.people[:2]:
            for start in starts(org, person)[:2]:
                found, _ = solved(org, person, [start], ())
                assert not records(found) - org.of(person), f"seed {seed}, {person.key}"


@pytest.mark.parametrize("limit", [0, 1, 3, 8])
def test_walk_at_any_limit_ends_and_says_what_it_left_out(limit):
    for seed in range(40):
        org = Organisation(seed)
        person = org.people[0]
        start = starts(org, person)[:1]
        found, _ = solved(org, person, start, (person.name,), limit)
        whole, _ = solved(org, person, start, (person.name,))
        assert records(found) <= org.of(person)
        assert found.truncated or found == whole
        assert sum(each.searched for each in found.identifiers) <= limit


def test_accepting_a_shared_number_leaves_the_neighbour_out():
    for seed in range(100):
        org = Organisation(seed)
        for person in org.people:
            shared = [who for who, whose in org.owners.items() if {person.key} < whose]
            start = org.unambiguous(person)[0]
            found = walk([start], org.lookup, names=(person.name,), accepted=shared)
            assert records(found) <= org.of(person), f"seed {seed}, {person.key}"


def test_population_of_one_seed_is_always_the_same():
    assert json.dumps(Organisation(7).plan()) == json.dumps(Organisation(7).plan())


@pytest.mark.parametrize("seed", range(30))
def test_plan_of_a_population_is_one_the_sandbox_takes(seed):
    org = Organisation(seed)
    people = populate("generated", {"generated": org.plan()})
    assert {one.key: one.name.strip() for one in people} == {p.key: p.name for p in org.people}
    assert all(isinstance(who, Identifier) for who in org.owners)
