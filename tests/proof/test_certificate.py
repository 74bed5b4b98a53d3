import json
from dataclasses import replace
from datetime import date, datetime

import pytest

from erasure.errors import RefusedError
from erasure.proof import canonical
from erasure.proof.certificate import (
    CaseDates,
    LogPoint,
    Retained,
    Ruling,
    Statement,
    Superseded,
    build,
    check_sense,
)
from erasure.proof.dossier import gather
from erasure.proof.encoding import unb64
from erasure.proof.entries import Line
from erasure.proof.schema import check_shape
from tests.proof.given import certificate, events, lines

SEAL = "5e" * 32


def day(text):
    return date.fromisoformat(text) if text else None


def statement(value, seal=SEAL):
    """What a published certificate states, as typed input."""
    case, named, decision = value["case"], value["certificate"], value["decision"]
    times = ("received_at", "due_at", "identity_verified_at", "decided_at")
    return Statement(
        certificate_id=named["id"],
        version=named["version"],
        issued_at=datetime.fromisoformat(named["issued_at"]),
        case=CaseDates(case["ref"], *(datetime.fromisoformat(case[name]) for name in times)),
        ruling=Ruling(
            decision["decided_role"],
            decision["opinion_role"],
            decision["four_eyes"],
            tuple(decision["grounds"]),
        ),
        controller_name=value["controller"]["name"],
        controller_contact=value["controller"]["contact"],
        log=LogPoint(value["log"]["origin"], value["log"]["size"], unb64(value["log"]["root"])),
        identifiers=tuple((one["kind"], one["com"]) for one in value["subject"]["identifiers"]),
        backups={one["connection"]: day(one["overwritten_by"]) for one in value["backups"]},
        jobs=value["jobs"],
        recipients_told=value["recipients"]["told"],
        recipients_not_told=value["recipients"]["not_told"],
        retained=tuple(
            Retained(
                row["store"], row["ground"], row["items"], day(row["until"]), day(row["review_by"])
            )
            for row in value["retained"]
        ),
        supersedes=named["supersedes"] and Superseded(**named["supersedes"]),
        seal_sha256=seal,
    )


@pytest.mark.parametrize("version", [1, 2])
def test_build_of_published_case_gives_the_published_bytes(version):
    value = certificate(version)
    expected = canonical.encode(value | {"seal": {"x509_sha256": SEAL}})
    assert build(statement(value), gather(lines(version))) == expected


def test_build_with_zeros_for_a_seal_is_refused():
    with pytest.raises(ValueError, match=r"^seal\.x509_sha256: zeros"):
        build(statement(certificate(1), "0" * 64), gather(lines(1)))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"retained": ()}, "retained"),
        (
            {"retained": (Retained("genesys-eu.recordings", "17(3)(e)", 2, date(2026, 6, 30)),)},
            "retained",
        ),
        ({"retained": (Retained("genesys-eu.recordings", "17(3)(e)", 1),)}, "retained"),
        ({"retained": (Retained("a.b", "17(3)(e)", 1, date(2026, 6, 30)),)}, "retained"),
        ({"version": 2}, "certificate.supersedes"),
        ({"version": 0}, "certificate.version"),
        ({"certificate_id": "short"}, "certificate.id"),
        ({"jobs": {"genesys-eu": -1}}, "jobs.genesys-eu"),
        ({"identifiers": (("email", "ada@example.org"),)}, "subject.identifiers.com"),
        ({"seal_sha256": "x"}, "seal.x509_sha256"),
        ({"log": LogPoint("erasure.example.org/log/1", 28, bytes(32))}, "log.size"),
        ({"supersedes": Superseded(1, SEAL, 1, SEAL)}, "certificate.supersedes"),
    ],
)
def test_build_with_what_does_not_fit_names_the_key(change, key):
    with pytest.raises(ValueError, match="^[a-z_.0-9-]+: ") as wrong:
        build(replace(statement(certificate(1)), **change), gather(lines(1)))
    assert str(wrong.value).split(":")[0] == key


@pytest.mark.parametrize(
    ("left_out", "text"),
    [
        ("c/15", "The case is EXECUTING, but its outcomes give PARTIAL_HOLD."),
        ("i/1/2", "The last outcome of 1 item(s) is not final."),
        ("i/1/0", "Entry 20 has scope i/1/1 where event 0 is due."),
    ],
)
def test_build_from_entries_that_allow_none_is_refused(left_out, text):
    kept = [line for line in lines(1) if line.scope != left_out]
    with pytest.raises(RefusedError) as refused:
        build(statement(certificate(1)), gather(kept))
    assert str(refused.value) == text


def test_build_with_a_store_unanswered_is_refused():
    changed = []
    for line in lines(1):
        entry = dict(line.entry)
        if line.scope == "c/6":
            entry |= {"unanswered": ["old.tapes"]}
        changed.append(Line.of(line.index, line.scope, canonical.encode(entry)))
    with pytest.raises(RefusedError, match=r"^1 store\(s\) have not answered: old.tapes"):
        build(statement(certificate(1)), gather(changed))


def test_build_of_sixty_stores_stays_within_16_kilobytes():
    stores = sorted(f"connection-{number:09}.{'s' * 40}" for number in range(60))
    value, listed = certificate(2), [one for one in events(2) if one[0] in ("c/0", "c/1")]
    listed[1][1].update({"from": "RECEIVED", "to": "COMPLETE"})
    listed.append(("c/2", dict(events(2)[4][1])))
    listed[2][1].update({"items": 60, "stores": stores, "unanswered": []})
    for number, store in enumerate(stores):
        outcome = next(one for scope, one in events(2) if scope == "i/0/2")
        listed.append((f"i/{number}/0", outcome | {"store": store, "http": 404}))
    given = replace(
        statement(value),
        version=1,
        supersedes=None,
        log=LogPoint("erasure.example.org/log/1", 63, bytes(32)),
    )
    rows = [Line.of(n, scope, canonical.encode(one)) for n, (scope, one) in enumerate(listed)]
    assert len(build(given, gather(rows))) < 16_384


def paths(value, at=()):
    """Where every key of a nested object lies."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        yield (*at, name)
        yield from paths(inner, (*at, name))


FIXED = [one for one in paths(certificate(1)) if one[0] != "jobs" and "by_store" not in one[:-1]]


@pytest.mark.parametrize("path", FIXED, ids=".".join)
def test_shape_without_any_one_key_names_it(path):
    value = certificate(1)
    inner = value
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    assert check_shape(value) == [f"{'.'.join(path)}: is missing"]


@pytest.mark.parametrize("path", FIXED, ids=".".join)
def test_shape_with_a_value_of_another_kind_names_the_key(path):
    value = certificate(1)
    inner = value
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = 1.5
    assert [one.split(":")[0] for one in check_shape(value)] == [".".join(path)]


@pytest.mark.parametrize("path", [(), ("case",), ("seal",), ("summary",)])
def test_shape_with_a_key_beside_names_it(path):
    value = certificate(1)
    inner = value
    for name in path:
        inner = inner[name]
    inner["name"] = "x"
    assert check_shape(value) == [".".join((*path, "name")) + ": does not belong"]


def test_shape_of_no_object_says_so():
    assert check_shape([]) == ["certificate.json: is no object"]


def test_sense_of_completion_without_its_status_is_named():
    value = json.loads(json.dumps(certificate(1)))
    value["case"]["completed_at"] = "2026-01-06T13:00:05Z"
    assert check_sense(value) == ["case.completed_at: a time when COMPLETE, and only then"]


def test_sense_of_a_version_left_out_is_named():
    value = certificate(2)
    value["certificate"]["version"] = 3
    assert check_sense(value) == ["certificate.supersedes: must be the version before"]
