from collections import Counter

import pytest

from erasure.sandbox.people import DIVISIONS, find, populate


def test_populate_twice_gives_the_same_people():
    assert populate() == populate()


def test_populate_demo_has_every_subject_and_many_bystanders():
    people = populate()
    subjects = {one.key for one in people if not one.bystander}
    assert subjects == {
        *("maria", "jo1", "jo2", "siobhan", "layla", "held"),
        *("many", "family1", "family2", "former", "heir"),
    }
    per_division = {
        name: sum(one.bystander and name in one.divisions for one in people) for name in DIVISIONS
    }
    assert per_division == {"Home": 12, "Sales": 12}


def test_populate_demo_shares_only_the_landline_and_the_old_address():
    held = Counter(value for one in populate() for value in (*one.emails, *one.phones))
    shared = {value for value, count in held.items() if count > 1}
    assert shared == {"+441632960160", "post.box@example.net"}


def test_two_strangers_share_their_name_alone():
    one, two = find(populate(), "jo1"), find(populate(), "jo2")
    assert one.name == two.name
    assert not set(one.identifiers()[:-1]) & set(two.identifiers()[:-1])


def test_populate_invents_addresses_and_numbers_nobody_has():
    for one in populate():
        assert {email.rsplit(".", 2)[-2].split("@")[-1] for email in one.emails} == {"example"}
        assert all(phone.startswith(("+44163296", "+447700900")) for phone in one.phones)


def test_populate_bench_has_as_many_bystanders_as_asked():
    people = populate("bench", {"bench": {"bystanders": 3}})
    assert [one.key for one in people] == ["bench", "bystander00", "bystander01", "bystander02"]


def test_populate_of_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="No population called 'nobody'"):
        populate("nobody")
