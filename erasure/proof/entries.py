"""One entry of the log: its fields by type, its bytes, its line in entries.jsonl.

What could lead to a person, vendor ids too, is never in a clear field.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from erasure.proof import canonical, note
from erasure.proof.encoding import parse_time, shown, time_text
from erasure.proof.merkle import leaf_hash
from erasure.values import Outcome, StoreDecision

MOST_BYTES = 65_535
MOST_DISPATCHED = 100
STATUSES = ("COMPLETE", "PARTIAL_HOLD")

_STORE = re.compile(r"[a-z0-9][a-z0-9-]{0,19}\.[a-z0-9][a-z0-9_]{0,39}")
_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_STEP = re.compile(r"[a-z][a-z_]{0,39}")
_STATE = re.compile(r"[A-Z][A-Z_]{0,39}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TAG = re.compile(r"[A-Za-z0-9_-]{22}")
_COM = re.compile(r"[A-Za-z0-9_-]{43}")
_LINE = re.compile(rb'(?s)\{"entry":(\{.*\}),"index":(0|[1-9][0-9]{0,14}),"scope":"([a-z0-9/]+)"\}')
_SCOPE = re.compile(r"c/(0|[1-9][0-9]{0,8})|i/(0|[1-9][0-9]{0,8})/(0|[1-9][0-9]{0,8})")

Check = Callable[[Any], bool]


def _text(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


def _number(lowest: int, highest: int = canonical.MOST) -> Check:
    return lambda value: type(value) is int and lowest <= value <= highest


def _one_of(values: Iterable[str]) -> Check:
    allowed = frozenset(map(str, values))
    return lambda value: isinstance(value, str) and value in allowed


def _stores(value: Any) -> bool:
    """A sorted list of different stores."""
    return (
        isinstance(value, list | tuple)
        and all(map(is_store, value))
        and list(value) == sorted(set(value))
    )


def _at(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(parse_time(value))
    except ValueError:
        return False


def _vkey(value: Any) -> bool:
    try:
        return isinstance(value, str) and note.parse_vkey(value).kind == note.LOG_KEY
    except ValueError:
        return False


is_store = _text(_STORE)
is_digest = _text(_DIGEST)
is_commitment = _text(_COM)
is_code = _text(_CODE)

# For each type: the clear fields it must have, and those it may have.
_REQUIRED: dict[str, dict[str, Check]] = {
    "key": {"vkey": _vkey},
    "opened": {},
    "identity": {},
    "step": {"step": _text(_STEP), "from": _text(_STATE), "to": _text(_STATE)},
    "inventory": {"items": _number(0), "stores": _stores, "unanswered": _stores},
    "decision": {"decision": _text(_STATE)},
    "hold": {"action": _one_of(("placed", "review", "released"))},
    "release": {"items": _number(0)},
    "dispatch": {"store": is_store, "items": _number(1, MOST_DISPATCHED)},
    "outcome": {
        "store": is_store,
        "action": is_code,
        "outcome": _one_of(Outcome),
        "try": _number(1),
    },
    "certificate": {"sha256": is_digest, "version": _number(1), "status": _one_of(STATUSES)},
    "purged": {"ref": _number(0)},
    "system": {"event": is_code, "count": _number(0)},
}
_OPTIONAL: dict[str, dict[str, Check]] = {
    "key": {"prev": lambda value: isinstance(value, str) and value != ""},
    "decision": {"store": is_store, "reason": is_code},
    "outcome": {"http": _number(100, 599)},
}
UNSCOPED = frozenset({"key", "purged", "system"})


def _fields(kind: str) -> dict[str, Check]:
    """Every field an entry of this type must have."""
    fields = {"v": _number(1, 1), "type": _text(re.compile(kind)), "at": _at} | _REQUIRED[kind]
    if kind not in UNSCOPED:
        fields |= {"tag": _text(_TAG), "com": is_commitment}
    return fields


_MUST = {kind: _fields(kind) for kind in _REQUIRED}
_MAY = {kind: fields | _OPTIONAL.get(kind, {}) for kind, fields in _MUST.items()}


def entry(
    kind: str,
    /,
    at: datetime,
    *,
    tag: str | None = None,
    com: str | None = None,
    **clear: Any,
) -> bytes:
    """The canonical bytes of one entry: what is hashed into the log.

    ``at`` is aware. Clear fields that are None are left out; ``from`` and ``try``
    may be given as ``from_`` and ``try_``. Sets and unsorted lists of stores are sorted.

    Raises:
        ValueError: ``<field>: ...`` names the field that is missing, unknown or wrong.
    """
    try:
        value: dict[str, Any] = {"v": 1, "type": str(kind), "at": time_text(at)}
    except ValueError as why:
        raise ValueError(f"at: {why}") from None
    given = {"tag": tag, "com": com} | {name.rstrip("_"): one for name, one in clear.items()}
    for name, one in given.items():
        if name in value:
            raise ValueError(f"{name}: is set by the entry itself")
        if one is not None:
            value[name] = sorted(one) if isinstance(one, set | frozenset | list | tuple) else one
    validate(value)
    data = canonical.encode(value)
    if len(data) > MOST_BYTES:
        raise ValueError(f"entry: is larger than {MOST_BYTES} bytes")
    return data


def validate(value: Mapping[str, Any]) -> None:
    """Hold one entry against the fields of its type.

    Raises:
        ValueError: ``<field>: ...`` names the first field that is wrong.
    """
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in _REQUIRED:
        raise ValueError("type: is no type of entry")
    allowed = _MAY[kind]
    for name in _MUST[kind]:
        if name not in value:
            raise ValueError(f"{name}: is missing in an entry of type {kind}")
    for name, one in value.items():
        if name not in allowed:
            raise ValueError(f"{shown(name)}: does not belong in an entry of type {kind}")
        if not allowed[name](one):
            raise ValueError(f"{name}: is not allowed as it stands in an entry of type {kind}")
    if kind == "decision":
        _validate_decision(value)


def _validate_decision(value: Mapping[str, Any]) -> None:
    """A decision on a store has its reason and is MANUAL or ATTESTED; any other has neither."""
    on_store = value["decision"] in tuple(StoreDecision)
    for name in ("store", "reason"):
        if (name in value) != on_store:
            raise ValueError(f"{name}: belongs in a MANUAL or ATTESTED decision, and only there")


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of a case with its place in the log, as entries.jsonl has it."""

    index: int
    scope: str
    data: bytes  # the entry's canonical bytes
    entry: Mapping[str, Any] = field(compare=False, repr=False)

    @classmethod
    def of(cls, index: int, scope: str, data: bytes) -> "Line":
        """From an entry's bytes as they stand in the log.

        Raises:
            ValueError: no canonical entry of a case, or no scope.
        """
        value = canonical.decode(data, canonical=True)
        if not isinstance(value, dict):
            raise ValueError("entry: is no object")
        validate(value)
        if value["type"] in UNSCOPED:
            raise ValueError("type: is of no case")
        if not _SCOPE.fullmatch(scope):
            raise ValueError("scope: is neither c/<k> nor i/<n>/<j>")
        return cls(index, scope, data, value)

    @classmethod
    def own(cls, index: int, scope: str, data: bytes) -> "Line":
        """As ``of``, of bytes that the caller holds against a signed root instead."""
        return cls(index, scope, data, json.loads(data))

    @classmethod
    def parse(cls, text: bytes) -> "Line":
        """From one line of entries.jsonl, without its line end.

        Raises:
            ValueError: not exactly what ``encode`` writes.
        """
        if found := _LINE.fullmatch(text):
            data, number, scope = found.groups()
            return cls.of(int(number), scope.decode(), data)
        value = canonical.decode(text)  # to say what is wrong with it
        if not isinstance(value, dict) or value.keys() != {"entry", "index", "scope"}:
            raise ValueError("a line has exactly entry, index and scope")
        index, scope = value["index"], value["scope"]
        if type(index) is not int or index < 0 or not isinstance(scope, str):
            raise ValueError("index and scope are a number from 0 and a text")
        line = cls.of(index, scope, canonical.encode(value["entry"]))
        if line.encode() != text:
            raise ValueError("a line is not in canonical form")
        return line

    @property
    def leaf(self) -> bytes:
        """The leaf hash in the log's tree."""
        return leaf_hash(self.data)

    def encode(self) -> bytes:
        """The line without its line end."""
        return written(self.index, self.scope, self.data)


def written(index: int, scope: str, data: bytes) -> bytes:
    """One line of entries.jsonl, without its line end, from an entry's canonical bytes."""
    return b'{"entry":%b,"index":%d,"scope":"%b"}' % (data, index, scope.encode())


def render_lines(lines: Iterable[Line]) -> bytes:
    """The bytes of entries.jsonl: by rising index, each line ended by LF."""
    return b"".join(line.encode() + b"\n" for line in sorted(lines, key=lambda line: line.index))


def parse_lines(data: bytes) -> list[Line]:
    """Read entries.jsonl.

    Raises:
        ValueError: a line is malformed, the last one not ended, or the index does not rise.
    """
    rows = data.split(b"\n")
    if rows.pop():
        raise ValueError("the last line is not ended")
    lines: list[Line] = []
    for number, row in enumerate(rows, start=1):
        try:
            line = Line.parse(row)
        except ValueError as why:
            raise ValueError(f"line {number}: {why}") from None
        if lines and line.index <= lines[-1].index:
            raise ValueError(f"line {number}: the index does not rise")
        lines.append(line)
    return lines


def digest(data: bytes) -> str:
    """SHA-256 in 64 hexadecimal digits."""
    return sha256(data).hexdigest()
