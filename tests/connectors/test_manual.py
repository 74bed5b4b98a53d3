"""The connector that never calls: it hands over a task and claims nothing."""

import pytest

from erasure.connectors.base import Account, ItemRef, RemoteJob, Searched
from erasure.connectors.manual import DEFAULT, RECORDS, Manual
from erasure.errors import RefusedError
from erasure.values import Identifier, IdentifierKind, StoreStatus, Verdict

WHO = Identifier(IdentifierKind.EMAIL, "ada@example.org")


def manual(**options):
    return Manual(Account("cellar", "", "", "", "", options=options), None, sleep=print)


def test_search_answers_with_a_task_for_the_whole_store():
    (answer,) = manual(instructions="Look into the cellar.").collect([WHO], [])
    assert answer == Searched(
        RECORDS, StoreStatus.MANUAL, note="no interface; a person works it off",
        manual="Look into the cellar.",
    )  # fmt: skip


@pytest.mark.parametrize("said", ["", "   "])
def test_search_without_instructions_gives_the_standard_ones(said):
    (answer,) = manual(instructions=said).collect([WHO], [])
    assert answer.manual == DEFAULT
    assert len(DEFAULT) <= 300


def test_long_instructions_are_cut_to_what_a_line_holds():
    (answer,) = manual(instructions="x" * 400).collect([WHO], [])
    assert len(answer.manual) == 300


def test_nothing_is_looked_up_seen_or_cancelled():
    at = manual()
    assert list(at.lookup(WHO)) == []
    assert list(at.controls([])) == []
    assert list(at.protect(["c-1"])) == []
    assert list(at.audits(None, None, [])) == []
    assert (at.cancel(RemoteJob("x", "1")), at.tidy([]), at.protected(["c-1"])) == (False, 0, ())


@pytest.mark.parametrize("verb", ["erase", "verify", "poll"])
def test_no_call_is_ever_claimed_to_have_been_made(verb):
    refs = [ItemRef(RECORDS, "")]
    given = {
        "erase": (refs, print), "verify": (refs, [WHO], []), "poll": (RemoteJob("x", "1"), print),
    }[verb]  # fmt: skip
    with pytest.raises(RefusedError):
        getattr(manual(), verb)(*given)


def test_store_ends_attested_and_never_read_back():
    (store,) = Manual.stores
    assert (store.name, store.end, store.native) == (RECORDS, Verdict.ATTESTED, False)


@pytest.mark.parametrize(("options", "word"), [({}, "standard"), ({"instructions": "x"}, "own")])
def test_check_says_what_the_task_will_carry(options, word):
    (line,) = manual(**options).check()
    assert line.ok
    assert word in line.detail
