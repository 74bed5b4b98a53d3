"""JSON in canonical bytes (RFC 8785, JCS): equal values are equal bytes.

Integers only, within +-(2^53 - 1): what every JSON reader keeps exactly.
"""

import json
from typing import Any

import rfc8785

MOST = 2**53 - 1
TOO_LARGE = "holds an integer beyond 2^53 - 1"
_DIGITS = len(str(-MOST))
_DEPTH = 32
_PLAIN = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)  # fmt: skip


def encode(value: Any) -> bytes:
    """The canonical bytes of a JSON value.

    Raises:
        ValueError: a float, an integer beyond +-(2^53 - 1), a key that is no text,
            a text that is no Unicode, or a type JSON does not have.
    """
    plain = _refuse(value, 0)
    try:
        # The two differ in the order of keys beyond ASCII alone, and the first is ten times faster.
        return _PLAIN.encode(value).encode() if plain else rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError):
        raise ValueError("has no canonical form") from None


def decode(data: bytes, *, canonical: bool = False) -> Any:
    """Read JSON that can be read in one way only.

    With ``canonical`` the bytes must also be exactly what ``encode`` writes.

    Raises:
        ValueError: no UTF-8, no JSON, a duplicate key, a float, NaN or Infinity, an
            integer too large, nested too deeply, or not canonical.
    """
    if canonical and (found := _at_once(data)):
        return found[0]
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except json.JSONDecodeError:
        raise ValueError("is not JSON") from None
    if canonical:
        if encode(value) != data:
            raise ValueError("is not in canonical form")
    else:
        _refuse(value, 0)
    return value


def _at_once(data: bytes) -> tuple[Any] | None:
    """The value, if these are its canonical bytes: nothing else is encoded into the same."""
    try:
        value = json.loads(data.decode())  # as bytes it would guess the encoding first
        return (value,) if encode(value) == data else None
    except (ValueError, RecursionError):
        return None  # why is found out the slow way


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("has a duplicate key")
    return value


def _integer(text: str) -> int:
    if len(text) > _DIGITS:  # Python refuses thousands of digits in words of its own
        raise ValueError(TOO_LARGE)
    return int(text)


def _no_float(_: str) -> Any:
    raise ValueError("holds a number that is no integer")


def _refuse(value: Any, depth: int) -> bool:
    """Raise ValueError for what has no exact canonical form. Are all keys within ASCII?"""
    if depth > _DEPTH:
        raise ValueError("is nested too deeply")
    kind = type(value)
    if kind is str or value is None or kind is bool or isinstance(value, str):
        return True
    if isinstance(value, int):
        if not -MOST <= value <= MOST:
            raise ValueError(TOO_LARGE)
        return True
    plain = True
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ValueError("has a key that is no text")
            plain &= key.isascii()
            if type(inner) is not str:  # most are: a call for each would take half the time
                plain &= _refuse(inner, depth + 1)
        return plain
    if not isinstance(value, list | tuple):
        raise ValueError(f"holds a {type(value).__name__}, which is no JSON integer, text or list")
    for inner in value:
        plain &= _refuse(inner, depth + 1)
    return plain
