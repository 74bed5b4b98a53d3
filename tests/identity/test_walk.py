import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erasure.connectors.base import Found
from erasure.errors import BusyError
from erasure.identity import Origin, walk
from erasure.values import Identifier, IdentifierKind, IdentifierState

CONFIRMED, LEAD = IdentifierState.CONFIRMED, IdentifierState.LEAD
IN_QUESTION, REJECTED = IdentifierState.IN_QUESTION, IdentifierState.REJECTED


def mail(local):
    return Identifier(IdentifierKind.EMAIL, f"{local}@example.org")


def phone(last):
    return Identifier(IdentifierKind.PHONE, f"+44163296{last:04}")


def record(remote_id, *identifiers, name="", certain=True):
    return Found(
        "contacts",
        remote_id,
        identifiers=identifiers,
        names=(name,) if name else (),
        certain=certain,
    )


class World:
    """Records by identifier, in any order, counting the questions."""

    def __init__(self, *records, shuffle=None):
        self.records = list(records)
        self.asked = []
        self.shuffle = shuffle

    def lookup(self, who):
        self.asked.append(who)
        found = [each for each in self.records if who in each.identifiers]
        if self.shuffle:
            self.shuffle.shuffle(found)
        return iter(found)


def states(found):
    return {each.identifier: each.state for each in found.identifiers}


def test_walk_over_a_chain_reaches_its_end_and_asks_each_once():
    world = World(
        record("1", mail("ada"), phone(1)),
        record("2", phone(1), mail("beispiel")),
        record("3", mail("beispiel"), phone(2), mail("ada")),
    )
    found = walk([mail("ada"), mail("ada")], world.lookup)
    everything = {mail("ada"), phone(1), mail("beispiel"), phone(2)}
    assert states(found) == dict.fromkeys(everything, CONFIRMED)
    assert set(world.asked) == everything
    assert len(world.asked) == 4
    assert [each.record.remote_id for each in found.sightings] == ["1", "2", "3"]
    assert not found.truncated


def test_walk_says_on_which_record_an_identifier_was_seen():
    world = World(record("1", mail("ada"), phone(1)))
    found = walk([mail("ada")], world.lookup)
    known = {each.identifier: each for each in found.identifiers}
    key = ("contacts", "1")
    assert known[phone(1)].origins == (
        Origin(key, "contacts", mail("ada")),
        Origin(key, "contacts", phone(1)),
    )
    assert found.sightings[0].by == (mail("ada"), phone(1))


def test_walk_without_start_finds_nothing():
    assert walk([], World(record("1", mail("ada"))).lookup).sightings == ()


def test_walk_over_an_uncertain_record_goes_no_further():
    world = World(
        record("1", mail("ada"), phone(1), certain=False), record("2", phone(1), phone(2))
    )
    found = walk([mail("ada")], world.lookup)
    assert states(found) == {mail("ada"): CONFIRMED, phone(1): LEAD}
    assert world.asked == [mail("ada")]
    assert found.sightings[0].state is LEAD


def test_walk_by_name_gives_leads_only():
    name = Identifier(IdentifierKind.NAME, "Ada Beispiel")
    world = World(record("1", name, mail("ada"), name="Ada Beispiel"))
    found = walk([name], world.lookup)
    assert states(found) == {name: LEAD, mail("ada"): LEAD}


def test_walk_does_not_search_a_name_it_found():
    name = Identifier(IdentifierKind.NAME, "Ada Beispiel")
    world = World(record("1", mail("ada"), name))
    found = walk([mail("ada")], world.lookup)
    assert states(found) == {mail("ada"): CONFIRMED, name: LEAD}
    assert world.asked == [mail("ada")]


def test_walk_over_a_shared_mailbox_does_not_reach_the_other_person():
    world = World(
        record("1", mail("family"), phone(1), name="Ada Beispiel"),
        record("2", mail("family"), phone(2), name="Bruno Beispiel"),
    )
    found = walk([mail("family")], world.lookup, names=["Ada Beispiel"])
    assert states(found) == {
        mail("family"): IN_QUESTION,
        phone(1): CONFIRMED,
        phone(2): IN_QUESTION,
    }
    assert [(each.record.remote_id, each.state) for each in found.sightings] == [
        ("1", CONFIRMED),
        ("2", IN_QUESTION),
    ]
    assert phone(2) not in world.asked


def test_walk_over_an_accepted_mailbox_still_leaves_the_other_person_out():
    world = World(
        record("1", mail("family"), phone(1), name="Ada Beispiel"),
        record("2", mail("family"), phone(2), name="Bruno Beispiel"),
    )
    found = walk([mail("family")], world.lookup, names=["Ada Beispiel"], accepted=[mail("family")])
    assert states(found)[mail("family")] is CONFIRMED
    assert states(found)[phone(2)] is IN_QUESTION


def test_walk_with_a_former_name_follows_its_records():
    world = World(record("1", mail("ada"), phone(1), name="Ada Muster"))
    found = walk([mail("ada")], world.lookup, names=["Ada Beispiel", "Ada Muster"])
    assert states(found) == {mail("ada"): CONFIRMED, phone(1): CONFIRMED}


def test_walk_without_a_name_stops_where_records_disagree():
    world = World(
        record("1", mail("family"), phone(1), name="Ada Beispiel"),
        record("2", mail("family"), phone(2), name="Bruno Beispiel"),
    )
    found = walk([mail("family")], world.lookup)
    assert set(states(found).values()) == {IN_QUESTION}
    assert world.asked == [mail("family")]


def test_walk_does_not_search_a_role_address_it_found():
    world = World(record("1", mail("ada"), mail("info")), record("2", mail("info"), phone(9)))
    found = walk([mail("ada")], world.lookup)
    assert states(found) == {mail("ada"): CONFIRMED, mail("info"): IN_QUESTION}
    assert world.asked == [mail("ada")]


def test_walk_from_a_role_address_needs_the_name_on_the_record():
    world = World(
        record("1", mail("info"), phone(1)),
        record("2", mail("info"), phone(2), name="Ada Beispiel"),
    )
    found = walk([mail("info")], world.lookup, names=["Ada Beispiel"])
    assert states(found) == {
        mail("info"): IN_QUESTION,
        phone(1): IN_QUESTION,
        phone(2): CONFIRMED,
    }


def test_walk_never_searches_what_the_officer_rejected():
    world = World(record("1", mail("ada"), phone(1)), record("2", phone(1), phone(2)))
    found = walk([mail("ada"), phone(1)], world.lookup, rejected=[phone(1)])
    assert states(found) == {mail("ada"): CONFIRMED, phone(1): REJECTED}
    assert world.asked == [mail("ada")]


@pytest.mark.parametrize("limit", [0, 1, 7, 30])
def test_walk_beyond_its_limit_says_so(limit):
    chain = [record(f"{n:02}", phone(n), phone(n + 1)) for n in range(40)]
    world = World(*chain)
    found = walk([phone(0)], world.lookup, limit)
    assert len(world.asked) == limit
    assert found.truncated
    assert found.in_state(CONFIRMED) == tuple(phone(n) for n in range(limit))
    assert states(found)[phone(limit)] is IN_QUESTION


def test_walk_that_ends_on_its_limit_is_whole():
    world = World(record("1", phone(0), phone(1)))
    assert not walk([phone(0)], world.lookup, 2).truncated


def test_walk_when_a_search_fails_fails_too():
    def lookup(who):
        raise BusyError("no answer")

    with pytest.raises(BusyError):
        walk([mail("ada")], lookup)


def test_walk_keeps_records_of_two_systems_apart_by_key():
    systems = {"1": "a", "1 ": "b"}
    world = World(record("1", mail("ada")), record("1 ", mail("ada")))
    found = walk(
        [mail("ada")],
        world.lookup,
        key=lambda each: (systems[each.remote_id], each.store, each.remote_id.strip()),
    )
    assert len(found.sightings) == 2


POOL = [mail(each) for each in ("ada", "bruno", "info", "x", "y")] + [phone(n) for n in range(5)]
PEOPLE = st.sampled_from(["", "Ada Beispiel", "A. Beispiel", "Bruno Muster"])
RECORDS = st.lists(
    st.builds(
        lambda carried, name, certain: (
            tuple(sorted(carried, key=lambda each: each.value)),
            name,
            certain,
        ),
        st.sets(st.sampled_from(POOL), min_size=1, max_size=4),
        PEOPLE,
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=150)
@given(
    RECORDS,
    st.sets(st.sampled_from(POOL), min_size=1, max_size=3),
    st.sampled_from([(), ("Ada Beispiel",)]),
    st.integers(0, 12),
    st.randoms(use_true_random=False),
)
def test_walk_in_any_order_ends_with_the_same(drawn, start, names, limit, chance):
    rows = [record(str(n), *row[0], name=row[1], certain=row[2]) for n, row in enumerate(drawn)]
    first = World(*rows)
    there = walk(list(start), first.lookup, limit, names=names)
    turned = list(reversed(list(start)))
    again = World(*rows, shuffle=chance)
    assert walk(turned, again.lookup, limit, names=names) == there
    assert len(first.asked) == len(set(first.asked)) <= limit
    assert set(there.in_state(CONFIRMED)) <= set(first.asked)


def contact(number):
    return Identifier(IdentifierKind.EXTERNAL_CONTACT, number)


def of(found, who):
    return next(each for each in found.identifiers if each.identifier == who)


ADA = ["Ada Beispiel"]


def test_walk_asks_of_a_shared_number_with_both_sides_to_weigh():
    world = World(
        record("1", mail("ada"), phone(1), contact("1"), name="Ada Beispiel"),
        record("2", phone(1), contact("2"), name="Bruno Beispiel"),
    )
    found = walk([mail("ada")], world.lookup, names=ADA)
    number = of(found, phone(1))
    assert number.state is IN_QUESTION
    assert number.reason == "One record under another name carries it."
    assert number.speaks_for == ("One record with the person's name carries it.",)
    assert number.speaks_against == ("One record under another name carries it.",)
    other = of(found, contact("2"))
    assert (other.state, other.speaks_against) == (IN_QUESTION, ("It is under another name.",))
    assert other.speaks_for == ("One identifier of the person is on it.",)


def test_walk_asks_once_of_a_record_not_of_all_it_holds():
    world = World(
        record("1", mail("ada"), phone(1), name="Ada Beispiel"),
        record("2", phone(1), phone(2), mail("x"), contact("2"), name="Bruno Muster"),
    )
    found = walk([mail("ada")], world.lookup, names=ADA)
    assert [each.identifier for each in found.questions()] == [contact("2"), phone(1)]
    assert of(found, mail("x")).reason == "Waits for the decision on the record that holds it."


def test_walk_with_a_record_accepted_by_its_own_id_goes_on_under_the_other_name():
    world = World(
        record("1", mail("ada"), contact("1"), name="Ada Muster"),
        record("2", mail("ada"), mail("x"), contact("2"), name="Ada Beispiel"),
    )
    found = walk([mail("x")], world.lookup, names=ADA, accepted=[contact("1")])
    assert [each.state for each in found.sightings] == [CONFIRMED, CONFIRMED]


def test_walk_with_a_record_rejected_by_its_own_id_leaves_it_and_what_it_holds_out():
    world = World(
        record("1", mail("ada"), phone(1), contact("1"), name="Ada Beispiel"),
        record("2", phone(1), mail("x"), contact("2")),
    )
    found = walk([mail("ada")], world.lookup, names=ADA, rejected=[contact("2")])
    assert [each.state for each in found.sightings] == [CONFIRMED, REJECTED]
    assert of(found, mail("x")).state is LEAD
    assert mail("x") not in world.asked


def test_walk_over_a_recycled_address_stops_before_its_new_owner():
    world = World(
        record("1", mail("ada"), phone(1), contact("1"), name="Ada Beispiel"),
        record("2", mail("ada"), phone(2), contact("2"), name="Bruno Muster"),
        record("3", phone(2), phone(3)),
    )
    found = walk([mail("ada")], world.lookup, names=ADA, accepted=[mail("ada")])
    assert [each.record.remote_id for each in found.sightings] == ["1", "2"]
    assert [each.state for each in found.sightings] == [CONFIRMED, IN_QUESTION]
    assert phone(2) not in world.asked


def test_walk_over_a_family_of_one_surname_and_initial_asks():
    world = World(
        record("1", mail("ada"), phone(1), contact("1"), name="Ada Beispiel"),
        record("2", phone(1), mail("x"), contact("2"), name="A. Beispiel"),
    )
    found = walk([mail("ada")], world.lookup, names=ADA)
    assert of(found, contact("2")).state is IN_QUESTION
    assert mail("x") not in world.asked


def test_walk_over_a_record_without_a_name_takes_it_only_with_nothing_new_on_it():
    world = World(
        record("1", mail("ada"), phone(1), name="Ada Beispiel"),
        record("2", phone(1), contact("2")),
        record("3", phone(1), mail("x"), contact("3")),
    )
    found = walk([mail("ada")], world.lookup, names=ADA)
    assert [each.state for each in found.sightings] == [CONFIRMED, CONFIRMED, IN_QUESTION]


def test_walk_without_a_name_on_either_side_stops_at_what_is_somebody_elses():
    world = World(
        record("1", mail("ada"), phone(1), name="Ada Beispiel"),
        record("2", mail("ada"), phone(1), mail("x"), contact("2")),
        record("3", mail("x"), name="Bruno Muster"),
    )
    found = walk([mail("ada")], world.lookup, names=ADA)
    assert [each.record.remote_id for each in found.sightings] == ["1", "2"]
    assert "It holds an identifier that is somebody else's." in (
        of(found, contact("2")).speaks_against
    )


def test_walk_over_namesakes_with_customer_numbers_of_their_own_asks():
    number = [Identifier(IdentifierKind.CUSTOMER, each) for each in ("1001", "1002")]
    world = World(
        record("1", mail("ada"), phone(1), number[0], contact("1"), name="Ada Beispiel"),
        record("2", phone(1), number[1], contact("2"), name="Ada Beispiel"),
    )
    found = walk([mail("ada")], world.lookup, names=ADA)
    assert of(found, contact("2")).state is IN_QUESTION
    assert of(found, phone(1)).speaks_against == (
        "Records with different customer numbers carry it.",
    )


def test_walk_over_a_record_joined_with_somebody_elses_asks():
    world = World(
        record("1", mail("ada"), contact("1"), contact("2"), name="Ada Beispiel"),
        record("2", contact("2"), contact("1"), name="Bruno Muster"),
    )
    found = walk([mail("ada")], world.lookup, names=ADA, rejected=[contact("2")])
    assert of(found, contact("1")).speaks_against == (
        "The system has joined it with a record that is somebody else's.",
    )


def test_walk_tells_what_each_record_carries_and_what_led_to_it():
    one = Found(
        "contacts", "1", identifiers=(mail("ada"), phone(1)), names=("Ada Beispiel",),
        fields={mail("ada"): "work e-mail", phone(1): "home phone"},
    )  # fmt: skip
    found = walk([mail("ada")], World(one).lookup, names=ADA)
    assert [(e.identifier, e.field, e.looked_up) for e in found.evidence()] == [
        (mail("ada"), "work e-mail", True),
        (phone(1), "home phone", True),
    ]
    assert of(found, phone(1)).origins[0].field == "home phone"
