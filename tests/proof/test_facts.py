import json

import pytest

from erasure.proof import canonical
from erasure.proof.entries import Line
from erasure.proof.facts import NotReached, issue_refusal, recompute, status_of
from tests.proof.given import VECTORS, certificate, events, lines
from tests.proof.test_verify import renumbered


def relined(listed):
    return [
        Line.of(index, scope, canonical.encode(one)) for index, (scope, one) in enumerate(listed)
    ]


@pytest.mark.parametrize("rule", VECTORS["issue_rules"], ids=json.dumps)
def test_issue_rule_published_holds(rule):
    outcomes = rule["last_outcomes"]
    refusal = issue_refusal(outcomes, rule.get("unanswered", []))
    assert (None if refusal else status_of(outcomes)) == rule["status"]


def test_issue_with_a_store_unanswered_is_refused():
    assert issue_refusal(["VERIFIED"], ["crm.note"]) == "1 store(s) have not answered: crm.note."


def test_issue_with_outcomes_open_says_how_many():
    refusal = issue_refusal(["DELETED", "VERIFIED", "FAILED"], [])
    assert refusal == "The last outcome of 2 item(s) is not final."


@pytest.mark.parametrize("version", [1, 2])
def test_recompute_of_published_entries_gives_what_is_certified(version):
    facts, stated = recompute(lines(version)), certificate(version)
    assert facts.problems == ()
    assert facts.state == facts.status == stated["case"]["status"]
    assert facts.by_store == stated["summary"]["by_store"]
    assert (facts.items, facts.entries) == (5, stated["summary"]["entries"])
    assert facts.started_at == stated["execution"]["started_at"]
    assert facts.finished_at == stated["execution"]["finished_at"]
    assert facts.completed_at == stated["case"]["completed_at"]
    assert facts.not_reached == (NotReached("archive.tapes", "ATTESTED", "no_interface"),)
    assert facts.next_scope == {1: "c/16", 2: "c/27"}[version]


def test_recompute_names_the_certificates_issued_before():
    first = "b77bafcee2db7345b02b16068f87f6ca18a211cc3424e999088c768942536b8d"
    assert recompute(lines(1)).certificates == ()
    assert recompute(lines(2)).certificates == ((1, first),)


def test_recompute_counts_kept_items_by_store():
    assert recompute(lines(1)).kept() == {"genesys-eu.recordings": 1}
    assert recompute(lines(2)).kept() == {}


def test_recompute_of_nothing_names_what_lacks():
    assert recompute([]).problems == ("No entry opens the case.", "The case has no inventory.")


@pytest.mark.parametrize("place", range(26))
def test_recompute_with_any_entry_left_out_allows_no_certificate(place):
    listed = events(1)
    del listed[place]
    facts = recompute(relined(listed))
    sound = facts.problems == () and facts.state == facts.status
    assert not sound


@pytest.mark.parametrize(
    ("kind", "place", "fields", "problem"),
    [
        ("inventory", 0, {"items": 9}, "Entry 6 counts fewer items than the inventory before it."),
        (
            "step",
            0,
            {"from": "DISCOVERY"},
            "Entry 1 steps from DISCOVERY while the case is RECEIVED.",
        ),
        ("step", 0, {"to": "CLOSED"}, "Entry 3 steps from VALIDATING while the case is CLOSED."),
    ],
)
def test_recompute_of_entries_at_odds_names_the_entry(kind, place, fields, problem):
    listed = events(1)
    [one for _, one in listed if one["type"] == kind][place].update(fields)
    assert recompute(relined(listed)).problems == (problem,)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("c/5", "c/6", "Entry 5 has scope c/6 where c/5 is due."),
        ("i/1/1", "i/1/2", "Entry 17 has scope i/1/2 where event 1 is due."),
    ],
)
def test_recompute_with_a_scope_out_of_order_names_the_entry(old, new, problem):
    listed = [(new if scope == old else scope, one) for scope, one in events(1)]
    assert recompute(relined(listed)).problems[0] == problem


def test_recompute_of_an_item_that_changes_store_names_it():
    listed = events(1)
    place = [n for n, (scope, _) in enumerate(listed) if scope == "i/0/1"][0]
    listed[place][1]["store"] = "genesys-eu.chats"
    assert recompute(relined(listed)).problems == (f"Entry {place} moves item 0 to another store.",)


def decided_about(store):
    """The decision is about this store; the line is still that of the tapes."""
    listed = events(1)
    next(one for _, one in listed if "store" in one and one["type"] == "decision")["store"] = store
    return listed


def test_recompute_of_a_decision_about_a_store_without_an_item_names_it():
    facts = recompute(relined(decided_about("old.tapes")))
    assert facts.problems == ("No item stands for old.tapes, which was decided about.",)


def test_recompute_of_a_store_that_answered_a_later_search_needs_no_item_for_it():
    """Decided about in review, then searched again: the line is dropped, nothing was found."""
    listed = decided_about("old.tapes")
    inventory, step = listed[6][1], listed[7][1]
    back = step | {"step": "rediscover", "from": "DPO_REVIEW", "to": "DISCOVERY"}
    listed[8:8] = [("c/8", back), ("c/9", inventory), ("c/10", step)]
    assert recompute(relined(renumbered(listed))).problems == ()


@pytest.mark.parametrize(
    ("later", "problems"),
    [
        ({}, ("Entry 6 leaves out old.tapes, which had not answered.",)),
        ({"stores": ["archive.tapes", "old.tapes"]}, ()),
        ({"unanswered": ["old.tapes"]}, ()),
    ],
)
def test_recompute_of_a_store_that_never_answered_and_is_gone_names_it(later, problems):
    listed = events(1)
    listed[4][1]["unanswered"] = ["archive.tapes", "old.tapes"]
    listed[6][1].update(later)
    assert recompute(relined(listed)).problems == problems


@pytest.mark.parametrize(("items", "first"), [(4, 4), (6, 5)])
def test_recompute_with_another_number_of_items_names_the_first(items, first):
    listed = events(1)
    for _, one in listed:
        if one["type"] == "inventory":
            one["items"] = items
    assert recompute(relined(listed)).problems == (
        f"{items} item(s) were found, but 1 item(s) have no outcome "
        f"or lie beyond that number; the first is item {first}.",
    )
