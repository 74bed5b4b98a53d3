"""certificate.json: the statement whose SHA-256 is the digest. No personal data in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from erasure.errors import RefusedError
from erasure.proof import canonical
from erasure.proof.dossier import Dossier
from erasure.proof.encoding import b64, time_text
from erasure.proof.entries import digest
from erasure.proof.facts import Facts, issue_refusal
from erasure.proof.schema import SCHEMA, check_shape

_NO_SEAL = "0" * 64


@dataclass(frozen=True, slots=True)
class CaseDates:
    """The case as the certificate shows it. Times are aware."""

    ref: str
    received_at: datetime
    due_at: datetime
    identity_verified_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """Who decided, by role, and on which grounds of Art. 17(1)."""

    decided_role: str  # for the controller
    opinion_role: str  # whose opinion was heard; empty if nobody's
    four_eyes: bool
    grounds: tuple[str, ...]  # "17(1)(b)"


@dataclass(frozen=True, slots=True)
class Retained:
    """Items kept, with the article; one of ``until`` and ``review_by`` is a date."""

    store: str
    ground: str  # "17(3)(e)"
    items: int
    until: date | None = None
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class Superseded:
    """The certificate before this one."""

    version: int
    sha256: str
    entries_bytes: int
    entries_sha256: str


@dataclass(frozen=True, slots=True)
class LogPoint:
    """The checkpoint that holds every entry of the certificate."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """What a certificate says beyond its entries.

    ``seal_sha256`` is the SHA-256 of the seal's X.509 certificate, in 64
    hexadecimal digits.
    """

    certificate_id: str  # 16 random bytes in base64url; the same for every version
    version: int  # 1 for the first
    issued_at: datetime  # also the ``at`` of the certificate entry
    case: CaseDates
    ruling: Ruling
    controller_name: str
    controller_contact: str
    log: LogPoint
    identifiers: tuple[tuple[str, str], ...]  # kind, commitment of s/0, s/1, ...
    backups: Mapping[str, date | None]  # by connection: overwritten by
    jobs: Mapping[str, int]  # vendor jobs, by connection
    recipients_told: int  # Art. 19
    recipients_not_told: int
    seal_sha256: str
    retained: tuple[Retained, ...] = ()
    supersedes: Superseded | None = None


def build(statement: Statement, dossier: Dossier) -> bytes:
    """The canonical bytes of certificate.json, without a final newline.

    ``dossier``: all the case's entries below ``statement.log.size``.

    Raises:
        RefusedError: the entries allow no certificate; the text says why.
        ValueError: ``<key>: ...`` names what is malformed or does not fit the entries.
    """
    facts = dossier.facts
    status = _status(facts)
    value = _value(statement, facts, status, dossier.data)
    if statement.seal_sha256 == _NO_SEAL:
        raise ValueError("seal.x509_sha256: zeros name no seal")
    problems = [*check_shape(value), *check_sense(value), *check_retained(value, facts)]
    if dossier.indices and dossier.indices[-1] >= statement.log.size:
        problems.append("log.size: does not hold every entry")
    if problems:
        raise ValueError(problems[0])
    return canonical.encode(value)


def check_sense(value: Mapping[str, Any]) -> list[str]:
    """Rules between keys of a certificate of right shape."""
    problems = []
    version, earlier = value["certificate"]["version"], value["certificate"]["supersedes"]
    if (version == 1) != (earlier is None):
        problems.append("certificate.supersedes: null in version 1, and only there")
    elif earlier and earlier["version"] != version - 1:
        problems.append("certificate.supersedes: must be the version before")
    complete = value["case"]["status"] == "COMPLETE"
    if complete != (value["case"]["completed_at"] is not None):
        problems.append("case.completed_at: a time when COMPLETE, and only then")
    for row in value["retained"]:
        if (row["until"] is None) == (row["review_by"] is None):
            problems.append("retained: each row has either until or review_by")
    return problems


def check_retained(value: Mapping[str, Any], facts: Facts) -> list[str]:
    """Retained items must sum to those HELD or EXEMPT, store by store."""
    sums: dict[str, int] = {}
    for row in value["retained"]:
        sums[row["store"]] = sums.get(row["store"], 0) + row["items"]
    if sums != facts.kept():
        return ["retained: does not sum to the HELD and EXEMPT items of each store"]
    return []


def recounted(facts: Facts) -> dict[str, Any]:
    """The parts of a certificate that its entries alone decide."""
    return {
        "execution": {"finished_at": facts.finished_at, "started_at": facts.started_at},
        "not_reached": [
            {"decision": one.decision, "reason": one.reason, "store": one.store}
            for one in facts.not_reached
        ],
        "summary": {
            "by_store": {store: dict(counts) for store, counts in facts.by_store.items()},
            "entries": facts.entries,
            "items": facts.items,
        },
    }


def _status(facts: Facts) -> str:
    if facts.problems:
        raise RefusedError(facts.problems[0])
    refusal = issue_refusal(facts.last_outcomes, facts.unanswered)
    if refusal:
        raise RefusedError(refusal)
    status = str(facts.status)
    if facts.state != status:
        raise RefusedError(f"The case is {facts.state}, but its outcomes give {status}.")
    return status


def _value(statement: Statement, facts: Facts, status: str, entries: bytes) -> dict[str, Any]:
    earlier = statement.supersedes
    return recounted(facts) | {
        "backups": [
            {"connection": name, "overwritten_by": _day(day)}
            for name, day in sorted(statement.backups.items())
        ],
        "case": _case(statement.case, facts, status),
        "certificate": {
            "id": statement.certificate_id,
            "issued_at": time_text(statement.issued_at),
            "supersedes": earlier
            and {
                "entries_bytes": earlier.entries_bytes,
                "entries_sha256": earlier.entries_sha256,
                "sha256": earlier.sha256,
                "version": earlier.version,
            },
            "version": statement.version,
        },
        "controller": {
            "contact": statement.controller_contact,
            "name": statement.controller_name,
        },
        "decision": {
            "decided_role": statement.ruling.decided_role,
            "four_eyes": statement.ruling.four_eyes,
            "grounds": list(map(str, statement.ruling.grounds)),
            "opinion_role": statement.ruling.opinion_role,
        },
        "entries": {"bytes": len(entries), "count": facts.entries, "sha256": digest(entries)},
        "jobs": dict(statement.jobs),
        "log": {
            "origin": statement.log.origin,
            "root": b64(statement.log.root),
            "size": statement.log.size,
        },
        "recipients": {
            "not_told": statement.recipients_not_told,
            "told": statement.recipients_told,
        },
        "retained": [_retained(row) for row in statement.retained],
        "schema": SCHEMA,
        "seal": {"x509_sha256": statement.seal_sha256},
        "subject": {
            "identifiers": [{"com": com, "kind": str(kind)} for kind, com in statement.identifiers]
        },
    }


def _case(case: CaseDates, facts: Facts, status: str) -> dict[str, Any]:
    return {
        "completed_at": facts.completed_at,
        "decided_at": _moment(case.decided_at),
        "due_at": time_text(case.due_at),
        "identity_verified_at": _moment(case.identity_verified_at),
        "received_at": time_text(case.received_at),
        "ref": case.ref,
        "status": status,
    }


def _retained(row: Retained) -> dict[str, Any]:
    return {
        "ground": str(row.ground),
        "items": row.items,
        "review_by": _day(row.review_by),
        "store": row.store,
        "until": _day(row.until),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
