"""openings.jsonl: the private halves, with what opens them. Authority edition only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from erasure.proof import canonical
from erasure.proof.encoding import HASH_BYTES, b64url, shown, unb64url
from erasure.proof.entries import Line
from erasure.proof.scopes import CaseKeys, commitment_of, subject_scope, tag_of

SCHEMA = "erasure-openings/v1"


@dataclass(frozen=True, slots=True)
class Opening:
    """One private half and the salt of its commitment."""

    salt: bytes = field(repr=False)
    value: Mapping[str, Any] = field(repr=False)

    def opens(self, commitment: str) -> bool:
        return commitment_of(self.salt, self.value) == commitment


@dataclass(frozen=True, slots=True)
class Openings:
    """The whole file: the key of the tags, and openings by scope."""

    tag_key: bytes = field(repr=False)
    by_scope: Mapping[str, Opening] = field(repr=False)


def render(keys: CaseKeys, private: Iterable[tuple[str, Mapping[str, Any]]]) -> bytes:
    """The bytes of openings.jsonl from pairs of scope and private half.

    Subject identifiers (``s/<k>``, value ``{"kind": .., "value": ..}``) come first.
    """
    rows: list[dict[str, Any]] = [{"schema": SCHEMA, "tag_key": b64url(keys.tag_key)}]
    rows += [
        {"salt": b64url(keys.salt(scope)), "scope": scope, "value": dict(value)}
        for scope, value in private
    ]
    return b"".join(canonical.encode(row) + b"\n" for row in rows)


def parse(data: bytes) -> Openings:
    """Read openings.jsonl.

    Raises:
        ValueError: malformed, or a scope stands twice.
    """
    rows = data.split(b"\n")
    if rows.pop() or not rows:
        raise ValueError("the last line is not ended")
    head, *rest = [canonical.decode(row, canonical=True) for row in rows]
    if not isinstance(head, dict) or head.keys() != {"schema", "tag_key"}:
        raise ValueError("the first line is not schema and tag_key")
    if head["schema"] != SCHEMA:
        raise ValueError("the schema is another one")
    by_scope: dict[str, Opening] = {}
    for row in rest:
        scope, opening = _opening(row)
        if scope in by_scope:
            raise ValueError(f"scope {shown(scope)} stands twice")
        by_scope[scope] = opening
    return Openings(_key(head["tag_key"]), by_scope)


def unopened(openings: Openings, certificate: Mapping[str, Any]) -> int:
    """How many identifiers are not opened, if none is: the controller has destroyed them."""
    count = len(certificate["subject"]["identifiers"])
    given = any(subject_scope(number) in openings.by_scope for number in range(count))
    return 0 if given else count


def check(
    openings: Openings, certificate: Mapping[str, Any], lines: Sequence[Line], issued: Line
) -> list[str]:
    """What the openings contradict: tags, commitments, identifiers, job counts.

    ``issued`` is the line of the certificate entry itself; it needs no opening. Nor need
    the identifiers, if none of them has one: see ``unopened``.
    """
    subjects = {
        subject_scope(number): one["com"]
        for number, one in enumerate(certificate["subject"]["identifiers"])
    }
    coms = subjects | {line.scope: line.entry["com"] for line in lines}
    problems = [
        f"The tag of entry {line.index} does not belong to the case."
        for line in (*lines, issued)
        if tag_of(openings.tag_key, line.scope) != line.entry["tag"]
    ]
    spared = subjects.keys() if unopened(openings, certificate) else ()
    missing = sorted(coms.keys() - openings.by_scope.keys() - set(spared))
    problems += [f"There is no opening for {scope}." for scope in missing]
    coms[issued.scope] = issued.entry["com"]
    for scope, opening in openings.by_scope.items():
        if scope not in coms:
            problems.append(f"The opening for {shown(scope)} belongs to nothing.")
        elif not opening.opens(coms[scope]):
            problems.append(f"The opening for {scope} is not what was recorded.")
    return problems + _kinds(openings, certificate) + _jobs(openings, certificate, lines)


def _kinds(openings: Openings, certificate: Mapping[str, Any]) -> list[str]:
    problems = []
    for number, one in enumerate(certificate["subject"]["identifiers"]):
        opening = openings.by_scope.get(subject_scope(number))
        if opening and opening.value.get("kind") != one["kind"]:
            problems.append(f"Identifier {number} is of another kind than certified.")
    return problems


def _jobs(openings: Openings, certificate: Mapping[str, Any], lines: Sequence[Line]) -> list[str]:
    """Vendor jobs by connection, each counted once."""
    jobs: dict[str, set[str]] = {}
    for line in lines:
        opening = openings.by_scope.get(line.scope)
        job = opening.value.get("job") if opening else None
        if line.entry["type"] == "outcome" and job:
            connection = line.entry["store"].partition(".")[0]
            jobs.setdefault(connection, set()).add(str(job))
    counted = {connection: len(ids) for connection, ids in jobs.items()}
    stated = {connection: count for connection, count in certificate["jobs"].items() if count}
    return [] if counted == stated else ["The number of vendor jobs is not as certified."]


def _opening(row: Any) -> tuple[str, Opening]:
    if not isinstance(row, dict) or row.keys() != {"salt", "scope", "value"}:
        raise ValueError("a line is not salt, scope and value")
    if not isinstance(row["scope"], str) or not isinstance(row["value"], dict):
        raise ValueError("scope and value are a text and an object")
    return row["scope"], Opening(_key(row["salt"]), row["value"])


def _key(text: Any) -> bytes:
    key = unb64url(text) if isinstance(text, str) else b""
    if len(key) != HASH_BYTES:
        raise ValueError("a key or salt is not 32 bytes in base64url")
    return key
