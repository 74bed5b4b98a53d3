"""The shape of certificate.json: which keys it has and what each may hold."""

import re
from datetime import date
from typing import Any

from erasure.proof.encoding import parse_time, shown, unhash
from erasure.proof.entries import STATUSES, is_code, is_commitment, is_digest, is_store

SCHEMA = "erasure-certificate/v1"
_CONNECTION = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # no week, which Python reads too
_ID = re.compile(r"[A-Za-z0-9_-]{22}")


def check_shape(value: Any) -> list[str]:
    """Every key there, none beside, each of its kind. ``<key>: ...`` for each that is not."""
    return _misfits(value, _SHAPE, "")


# The shape of certificate.json: a dict has exactly these keys; a list any number of
# its one shape; a tuple (keys, values) any number of keys; a function judges a value.


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _named(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _positive(value: Any) -> bool:
    return type(value) is int and value > 0


def _true_or_false(value: Any) -> bool:
    return isinstance(value, bool)


def _time(value: Any) -> bool:
    return value is None or (isinstance(value, str) and _holds(parse_time, value))


def _issued(value: Any) -> bool:
    return value is not None and _time(value)


def _date(value: Any) -> bool:
    return value is None or (
        isinstance(value, str) and bool(_DAY.fullmatch(value)) and _holds(date.fromisoformat, value)
    )


def _root(value: Any) -> bool:
    return isinstance(value, str) and _holds(unhash, value)


def _connection(value: Any) -> bool:
    return isinstance(value, str) and bool(_CONNECTION.fullmatch(value))


def _certificate_id(value: Any) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _holds(read: Any, value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


_SUPERSEDED = {
    "entries_bytes": _count,
    "entries_sha256": is_digest,
    "sha256": is_digest,
    "version": _positive,
}
_SHAPE: dict[str, Any] = {
    "backups": [{"connection": _connection, "overwritten_by": _date}],
    "case": {
        "completed_at": _time,
        "decided_at": _time,
        "due_at": _time,
        "identity_verified_at": _time,
        "received_at": _time,
        "ref": _named,
        "status": lambda value: value in STATUSES,
    },
    "certificate": {
        "id": _certificate_id,
        "issued_at": _issued,
        "supersedes": lambda value: value is None or not _misfits(value, _SUPERSEDED, ""),
        "version": _positive,
    },
    "controller": {"contact": _text, "name": _text},
    "decision": {
        "decided_role": _text,
        "four_eyes": _true_or_false,
        "grounds": [_text],
        "opinion_role": _text,
    },
    "entries": {"bytes": _count, "count": _count, "sha256": is_digest},
    "execution": {"finished_at": _time, "started_at": _time},
    "jobs": (_connection, _count),
    "log": {"origin": _named, "root": _root, "size": _positive},
    "not_reached": [{"decision": _named, "reason": is_code, "store": is_store}],
    "recipients": {"not_told": _count, "told": _count},
    "retained": [
        {
            "ground": _named,
            "items": _positive,
            "review_by": _date,
            "store": is_store,
            "until": _date,
        }
    ],
    "schema": lambda value: value == SCHEMA,
    "seal": {"x509_sha256": is_digest},
    "subject": {"identifiers": [{"com": is_commitment, "kind": is_code}]},
    "summary": {"by_store": (is_store, (_named, _positive)), "entries": _count, "items": _count},
}


def _misfits(value: Any, shape: Any, key: str) -> list[str]:
    """``<key>: ...`` for every part of a value that has not its shape."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{key or 'certificate.json'}: is no object"]
        found = [f"{_under(key, name)}: is missing" for name in shape if name not in value]
        found += [f"{_under(key, name)}: does not belong" for name in value if name not in shape]
        parts = [(_under(key, n), value[n], inner) for n, inner in shape.items() if n in value]
    elif isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{key}: is no list"]
        found, parts = [], [(key, inner, shape[0]) for inner in value]
    elif isinstance(shape, tuple):
        if not isinstance(value, dict):
            return [f"{key}: is no object"]
        found = [f"{_under(key, name)}: does not belong" for name in value if not shape[0](name)]
        parts = [(_under(key, name), inner, shape[1]) for name, inner in value.items()]
    else:
        return [] if shape(value) else [f"{key}: is not of its kind"]
    return found + [one for part in parts for one in _misfits(part[1], part[2], part[0])]


def _under(key: str, name: str) -> str:
    return f"{key}.{shown(name)}" if key else shown(name)
