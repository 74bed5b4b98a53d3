"""V14 and the anchors in V11: what only an outsider's copy of the log or of its head can tell."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from erasure.proof import canonical, merkle
from erasure.proof.anchors import Anchor, AnchorKind
from erasure.proof.encoding import parse_time
from erasure.proof.logcopy import parse_copy
from erasure.proof.verify import State
from tests.proof.given import (
    KEYS,
    SIGNER,
    certificate,
    events,
    files,
    issue,
    judged,
    sealed,
)

AT = parse_time("2026-01-06T13:05:00Z")
LATER = "2026-02-01T09:00:00Z"


def copy(log):
    return parse_copy(b"".join(line + b"\n" for line in log))


def event(scope, kind, at=LATER, **clear):
    """An entry of the case as the application would log it."""
    com = KEYS.commitment(scope, {"actor": "system"})
    value = {"v": 1, "type": kind, "at": at, "tag": KEYS.tag(scope), "com": com}
    return canonical.encode(value | clear)


STRANGE = canonical.encode({"v": 1, "type": "system", "at": LATER, "event": "x", "count": 1})
MOVED = event("c/17", "step", step="release", **{"from": "PARTIAL_HOLD", "to": "DISCOVERY"})
FAILED = {"store": "crm.user", "action": "delete", "outcome": "FAILED", "try": 4}


def v14(log=None, given=None, anchors=()):
    given = given or sealed(1)
    findings = judged(given, log=log and copy(log), anchors=anchors)
    assert [one.id for one in findings if one.state is State.FAILED] in ([], ["V14"])
    found = findings[13]
    return str(found.state), found.text


def head(size, log=None, at=None, root=None, origin=SIGNER.origin):
    log = log or sealed(1).log
    leaves = [merkle.leaf_hash(line) for line in log[:size]]
    return Anchor(AnchorKind.WITNESS, origin, size, root or merkle.root(leaves), at)


def test_log_copy_that_ends_with_the_certificate_passes():
    assert v14(sealed(1).log) == (
        "passed",
        "The copy of the log has every entry of the case. No later version is in it.",
    )


def test_log_copy_with_entries_of_others_passes():
    assert v14([*sealed(1).log, STRANGE])[0] == "passed"


def test_log_copy_in_which_the_case_goes_on_says_so():
    again = event("i/1/3", "outcome", **FAILED | {"store": "genesys-eu.recordings"})
    assert v14([*sealed(1).log, MOVED, again]) == (
        "passed",
        "The copy of the log has every entry of the case; it has 2 later one(s), and none that "
        "contradicts it. No later version is in it.",
    )


def test_latest_bad_event_left_out_is_found_by_v14_alone():
    """Logged, but below no certified size: everything else about the certificate is right."""
    bad = ("i/1/3", canonical.decode(event("i/1/3", "outcome", "2026-01-06T13:04:00Z", **FAILED)))
    forged = issue(certificate(1), events(1), others=[bad])
    forged["openings.jsonl"] = files(1)["openings.jsonl"]
    assert [one.id for one in judged(forged) if one.state is State.FAILED] == []
    assert v14(forged.log, forged) == (
        "failed", "Entry 27 of the case is left out: outcome.",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["outcome", "dispatch"])
def test_event_held_back_until_after_the_certificate_is_found_by_v14(kind):
    clear = FAILED if kind == "outcome" else {"store": "crm.user", "items": 1}
    scope = "i/1/3" if kind == "outcome" else "c/17"
    late = event(scope, kind, **clear)
    assert v14([*sealed(1).log, late]) == (
        "failed", f"Entry 28 of the case was held back: {kind}.",
    )  # fmt: skip


def test_version_1_shown_after_version_2_is_found_by_v14():
    assert v14(sealed(2).log) == (
        "failed", "Version 2 is in the log: this one is superseded.",
    )  # fmt: skip
    assert v14(sealed(2).log, sealed(2))[0] == "passed"


def test_entry_copied_to_a_second_place_is_found_by_v14():
    assert v14([*sealed(1).log, sealed(1).log[5]])[0] == "failed"


def test_log_copy_without_openings_is_compared_and_says_what_it_cannot_tell():
    bare = sealed(1, openings=False)
    assert v14(sealed(2).log, bare) == (
        "skipped",
        "The copy of the log agrees with the certificate. Whether the case has later entries "
        "only the authority edition can tell: it carries the key of their tags.",
    )


def altered(log):
    return [*log[:3], log[3].replace(b"2026", b"2025"), *log[4:]]


@pytest.mark.parametrize(
    ("log", "why"),
    [
        (lambda log: altered(log), "The checkpoint is not that of the copy of the log."),
        (lambda log: log[:-1], "The checkpoint has 28 entries; the copy of the log has fewer."),
        (lambda log: [STRANGE] * 30, "The checkpoint is not that of the copy of the log."),
    ],
    ids=["altered", "truncated", "foreign"],
)
def test_log_copy_of_another_log_fails_v14(log, why):
    assert v14(log(sealed(1).log)) == ("failed", why)


def test_log_copy_that_lacks_what_an_anchor_saw_fails_v14():
    longer = [*sealed(1).log, STRANGE]
    assert v14(sealed(1).log, anchors=[head(29, longer)]) == (
        "failed",
        "An anchor has 29 entries; the copy of the log has fewer.",
    )


def test_log_copy_with_another_head_than_an_anchor_fails_v14():
    assert v14(sealed(1).log, anchors=[head(5, root=bytes(32))]) == (
        "failed",
        "An anchor is not that of the copy of the log.",
    )


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"root": bytes(32)}, "An anchor of the same size has another root."),
        ({"origin": "other/log"}, "An anchor belongs to another log than the certificate."),
    ],
)
def test_anchor_that_contradicts_fails_v14_without_a_copy_too(given, why):
    assert v14(anchors=[head(28, **given)]) == ("failed", why)


def test_log_copy_with_a_line_that_is_no_entry_fails_v14():
    """Its tag is of the case, but it is beyond every checkpoint and may be anything."""
    nonsense = event("c/17", "step").replace(b'"v":1', b'"v":2')
    assert v14([*sealed(1).log, nonsense])[0] == "failed"


def dated(given, *anchors):
    findings = judged(given, anchors=anchors)
    return {one.id: one.text for one in findings if one.state is State.FAILED}, findings[10].text


def test_back_dated_entry_with_an_anchor_in_between_fails_v11():
    """The last step was logged days after its date; an anchor saw the log without it."""
    seen = head(26, at=datetime(2026, 1, 8, tzinfo=UTC))
    found, _ = dated(sealed(1), seen)
    assert found == {"V11": "Entry 26 is dated before an anchor without it."}


def test_entries_that_an_anchor_has_may_be_dated_before_it():
    seen = head(28, at=datetime(2026, 1, 8, tzinfo=UTC))
    found, said = dated(sealed(1), seen, replace(seen, at=None))
    assert (found, said) == (
        {},
        "The dates of the entries are in order; 1 dated anchor(s) agree.",
    )


@pytest.mark.parametrize(("minute", "fails"), [(4, False), (6, True)])
def test_entry_may_be_as_late_as_the_clocks_may_differ(minute, fails):
    """The certificate's own entry is dated 13:05; an anchor without it a few minutes later."""
    seen = head(27, at=datetime(2026, 1, 6, 13, 5 + minute, tzinfo=UTC))
    assert bool(dated(sealed(1), seen)[0]) is fails
