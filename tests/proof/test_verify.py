from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from erasure.proof import files as reading
from erasure.proof import note
from erasure.proof.encoding import parse_time
from erasure.proof.entries import digest
from erasure.proof.errors import UnreadableError
from erasure.proof.verify import State, passed
from erasure.sealing.sign import sign_file
from tests.proof.given import (
    VECTORS,
    WITNESS_KEY,
    certificate,
    entry_of_first,
    events,
    files,
    issue,
    judged,
    pages_of,
    sealed,
    states,
    superseded,
    trusted,
)
from tests.sealing.given import root_file, seal

NAMES = sorted({*files(1), "certificate.p7s"})
SKIPPED = {"V1": "skipped", "V14": "skipped"}
ALL = {f"V{number}": "passed" for number in range(1, 15)} | SKIPPED


def pages(version):
    return "\n".join(pages_of(version))


def failed(findings):
    return [one.id for one in findings if one.state is State.FAILED]


@pytest.mark.parametrize(("version", "previous"), [(1, None), (2, None), (2, 1)])
def test_verify_of_published_certificate_passes(version, previous):
    before = sealed(previous) if previous else None
    assert states(judged(sealed(version), None, pages(version), before)) == ALL


def test_verify_of_published_files_misses_their_seal_alone():
    found = judged(files(1))
    assert states(found) == ALL | {"V2": "failed", "V4": "skipped", "V5": "skipped"}


def test_verify_without_openings_and_pages_skips_those_checks():
    found = judged(sealed(1, openings=False))
    assert states(found) == ALL | {"V5": "skipped", "V12": "skipped"}
    assert (passed(found), passed(found, strict=True)) == (True, False)


def test_verify_of_a_certificate_issued_anew_passes():
    found = judged(issue(certificate(1), events(1)))
    assert states(found) == ALL | {"V5": "skipped", "V12": "skipped"}


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_verify_with_one_byte_flipped_fails(version, name, data):
    changed_files = dict(sealed(version))
    place = data.draw(st.integers(0, len(changed_files[name]) - 1))
    bits = data.draw(st.integers(1, 255))
    one = changed_files[name]
    changed_files[name] = one[:place] + bytes([one[place] ^ bits]) + one[place + 1 :]
    assert not passed(judged(changed_files, None, pages(version)))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_bundle_with_one_byte_flipped_fails_or_is_unreadable(data):
    one = reading.bundle(sealed(1))
    place = data.draw(st.integers(0, len(one) - 1))
    altered = one[:place] + bytes([one[place] ^ data.draw(st.integers(1, 255))]) + one[place + 1 :]
    try:
        evidence = reading.parse(altered)
    except UnreadableError:
        return
    assert not passed(judged(evidence.files))


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(NAMES), rest=st.binary(max_size=300))
def test_verify_of_any_bytes_in_place_of_a_file_fails(name, rest):
    assert not passed(judged(sealed(1) | {name: rest}))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "openings.jsonl"])
def test_verify_without_a_file_fails_v2(name):
    kept = {one: data for one, data in sealed(1).items() if one != name}
    assert failed(judged(kept)) == ["V2"]


def test_verify_with_an_unknown_attachment_fails_v2():
    assert failed(judged(sealed(1) | {"letter.pdf": b""})) == ["V2"]


@pytest.mark.parametrize("keys", [(), (note.Signer.from_seed("other/log", bytes(32)).vkey,)])
def test_verify_without_the_log_key_fails_v6_and_says_what_hangs_on_it(keys):
    found = judged(sealed(1), replace(trusted(), logs=keys))
    assert failed(found) == ["V6"]
    texts = {one.id: one.text for one in found if one.state is State.SKIPPED}
    assert texts["V7"] == texts["V9"] == "Cannot be checked because V6 failed."


def test_verify_of_version_1_with_the_log_proof_of_version_2_fails():
    swapped = sealed(1) | {"certificate.tlog-proof": sealed(2)["certificate.tlog-proof"]}
    assert failed(judged(swapped)) == ["V7", "V9", "V10", "V11"]


def test_verify_with_other_printed_facts_fails_v5():
    otherwise = pages(1).replace("PARTIAL_HOLD", "COMPLETE")
    assert failed(judged(sealed(1), None, otherwise)) == ["V5"]


def changed(scope, **fields):
    """The events of version 1, one of them otherwise."""
    return [(at, one | fields if at == scope else one) for at, one in events(1)]


def without(*scopes):
    return [(at, one) for at, one in events(1) if at not in scopes]


def renumbered(listed):
    """Close the gaps a forger leaves."""
    count, rows = 0, []
    for scope, one in listed:
        if scope.startswith("c/"):
            scope, count = f"c/{count}", count + 1
        rows.append((scope, one))
    return rows


def stated(**parts):
    """The certificate of version 1, some parts otherwise."""
    value = certificate(1)
    for name, part in parts.items():
        value[name] = value[name] | part if isinstance(part, dict) else part
    return value


ROW = certificate(1)["retained"][0]
COMPLETE = {"status": "COMPLETE", "completed_at": "2026-01-06T13:00:05Z"}
FORGED = {
    "failed attempt left out": (stated(), without("i/1/0")),
    "state move left out, renumbered": (stated(), renumbered(without("c/3"))),
    "hold left out": (stated(), without("c/8")),
    "last item left out": (stated(), without("i/4/0")),
    "outcome not final": (stated(), changed("i/1/2", outcome="DELETED")),
    "outcome failed": (stated(), changed("i/2/1", outcome="FAILED")),
    "outcome only recoverable": (stated(), changed("i/0/2", outcome="RECOVERABLE")),
    "store unanswered": (stated(), changed("c/6", unanswered=["crm.note"])),
    "store unanswered, later not named": (
        stated(),
        changed("c/4", unanswered=["archive.tapes", "crm.note"]),
    ),
    "store decided about without an item": (
        stated(not_reached=[certificate(1)["not_reached"][0] | {"store": "old.tapes"}]),
        changed("c/5", store="old.tapes"),
    ),
    "complete with a held item": (stated(case=COMPLETE), changed("c/15", to="COMPLETE")),
    "status of another step": (stated(), changed("c/15", to="COMPLETE")),
    "store row altered": (
        stated(summary={"by_store": {**certificate(1)["summary"]["by_store"], "crm.x": {}}}),
        events(1),
    ),
    "items altered": (stated(summary={"items": 4}), events(1)),
    "entries altered": (stated(summary={"entries": 25}), events(1)),
    "retained left out": (stated(retained=[]), events(1)),
    "retained more": (stated(retained=[ROW | {"items": 2}]), events(1)),
    "retained elsewhere": (stated(retained=[ROW | {"store": "crm.note"}]), events(1)),
    "store not reached left out": (stated(not_reached=[]), events(1)),
    "execution moved": (stated(execution={"finished_at": "2026-01-06T12:00:00Z"}), events(1)),
    "inventory shrunk": (stated(summary={"items": 3}), changed("c/6", items=3)),
    "event of another item": (
        stated(),
        [("i/5/0" if at == "i/4/0" else at, one) for at, one in events(1)],
    ),
}


@pytest.mark.parametrize("what", FORGED)
def test_verify_of_a_forgery_with_the_log_key_fails_v10(what):
    assert failed(judged(issue(*FORGED[what]))) == ["V10"]


def test_verify_of_a_certificate_of_another_scope_fails_v10():
    found = judged(issue(certificate(1), events(1), scope="c/17"))
    assert failed(found) == ["V10"]


@pytest.mark.parametrize(
    "certified", [{"sha256": "0" * 64}, {"status": "COMPLETE"}, {"version": 2}]
)
def test_verify_of_a_certificate_logged_otherwise_fails_v7(certified):
    assert failed(judged(issue(certificate(1), events(1), **certified))) == ["V7"]


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, []), (1, ["V11"]), (-600, ["V11"]), (-290, [])]
)
def test_verify_of_the_certificates_own_date(seconds, expected):
    at = parse_time("2026-01-06T13:05:00Z") + timedelta(seconds=seconds)
    assert failed(judged(issue(certificate(1), events(1), at=at))) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-06T13:05:01Z", ["V11"]),
        ("2026-01-06T12:54:59Z", ["V11"]),
        ("2026-01-06T12:55:00Z", []),
    ],
)
def test_verify_of_an_entry_dated_otherwise(at, expected):
    assert failed(judged(issue(certificate(1), changed("c/15", at=at)))) == expected


def test_verify_of_another_shape_fails_v3_alone():
    value = certificate(1)
    del value["recipients"]
    assert failed(judged(issue(value, events(1)))) == ["V3"]


@pytest.mark.parametrize("day", ["2026-W01-1", "20260630", "2026-06-31", "\u0662026-06-30"])
def test_verify_of_another_form_of_a_date_fails_v3(day):
    value = stated(retained=[ROW | {"until": day}])
    found = judged(issue(value, events(1)))
    assert [one.text for one in found if one.state is State.FAILED] == [
        "certificate.json is not as it must be: retained.until: is not of its kind."
    ]


def superseding(**fields):
    value = certificate(2)
    value["certificate"]["supersedes"] = superseded() | fields
    return value


OPENED = sealed(1)["entries.jsonl"].splitlines(keepends=True)[0]


def second():
    """The events of version 2; the first certificate among them is ours."""
    return [(at, entry_of_first(one)) for at, one in events(2)]


@pytest.mark.parametrize(
    "fields",
    [
        {"sha256": "0" * 64},
        {"entries_bytes": 5},
        {"entries_sha256": "0" * 64},
        {"entries_bytes": 0, "entries_sha256": digest(b"")},
        {"entries_bytes": len(OPENED), "entries_sha256": digest(OPENED)},
    ],
)
def test_verify_of_another_version_superseded_fails_v13(fields):
    assert failed(judged(issue(superseding(), second()))) == []
    assert failed(judged(issue(superseding(**fields), second()))) == ["V13"]


def test_verify_against_an_earlier_file_that_left_an_entry_out_fails_v13():
    """Its digest is in the log; what it certified ends before what is superseded."""
    short = issue(certificate(1), events(1)[:-1])
    own = digest(short["certificate.json"])
    listed = [
        (at, one | {"sha256": own} if one["type"] == "certificate" else one) for at, one in second()
    ]
    found = issue(superseding(sha256=own), listed)
    assert failed(judged(found)) == []
    texts = [one.text for one in judged(found, before=short) if one.state is State.FAILED]
    assert texts == ["The entries of the earlier file are not those superseded."]


def test_verify_of_a_first_version_after_one_in_the_log_fails_v13():
    value = certificate(2)
    value["certificate"] |= {"version": 1, "supersedes": None}
    assert failed(judged(issue(value, second()))) == ["V13"]


def altered(name, old, new):
    return sealed(1) | {name: sealed(1)[name].replace(old, new)}


@pytest.mark.parametrize(
    "previous",
    [
        dict,
        lambda: sealed(2),
        lambda: sealed(1) | {"entries.jsonl": b""},
        lambda: altered("certificate.json", b"GmbH", b"Ltd."),
        lambda: altered("certificate.json", b"AAECAwQ", b"BBECAwQ"),
        lambda: sealed(1) | {"certificate.json": b"{}"},
    ],
    ids=["none", "itself", "entries", "digest", "id", "unreadable"],
)
def test_verify_against_another_earlier_file_fails_v13(previous):
    assert failed(judged(sealed(2), None, None, previous())) == ["V13"]


@pytest.mark.parametrize("name", ["certificate.json", "certificate.p7s"])
def test_verify_of_another_certificates_signature_fails_v4(name):
    swapped = sealed(1) | {name: sealed(2)[name]}
    assert "V4" in failed(judged(swapped))


def test_verify_under_another_seal_of_a_trusted_root_fails_v4():
    """The chain is good and the log knows the digest: only the fingerprint tells."""
    other = issue(certificate(1), events(1), own=seal("Other"))
    both = replace(trusted(), roots=(root_file(), root_file("Other")))
    found = judged(other, both)
    assert {one.id: one.text for one in found if one.state is State.FAILED} == {
        "V4": "certificate.json is signed, but by no seal of the trust file."
    }


def test_verify_under_a_seal_of_no_trusted_root_fails_v4():
    found = judged(issue(certificate(1), events(1), own=seal("Other")))
    assert {one.id: one.text for one in found if one.state is State.FAILED} == {
        "V4": "The signature leads to none of the roots of the trust file."
    }


def test_verify_of_a_file_signed_by_another_seal_than_it_names_fails_v4():
    found = sealed(1)["certificate.json"]
    at = parse_time("2026-01-06T13:05:00Z")
    signed = sealed(1) | {"certificate.p7s": sign_file(found, seal("Other"), at)}
    both = replace(trusted(), roots=(root_file(), root_file("Other")))
    assert failed(judged(signed, both)) == ["V4"]


def test_verify_with_a_trusted_witness_names_how_many():
    witness = VECTORS["checkpoint"]["witness"]
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(witness["seed_hex"]))
    proof = note.parse_proof(sealed(1)["certificate.tlog-proof"].decode())
    seen = replace(
        proof, checkpoint=note.cosign(proof.checkpoint, witness["name"], key, 1767700000)
    )
    given = sealed(1) | {"certificate.tlog-proof": seen.render().encode()}
    found = judged(given, replace(trusted(), witnesses=(WITNESS_KEY,)))
    assert next(one.text for one in found if one.id == "V6") == (
        "The checkpoint of erasure.example.org/log/1 over 28 entries "
        "is signed by a trusted log key, witnessed by 1."
    )
