"""Literals of a query: their escapes, what LIKE makes of them, and which field takes which."""

import re

Value = str | int | bool | None

ESCAPES = {
    **{"n": "\n", "N": "\n", "r": "\r", "R": "\r", "t": "\t", "T": "\t"},
    **{"b": "\b", "B": "\b", "f": "\f", "F": "\f"},
    **{'"': '"', "'": "'", "\\": "\\"},
}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
ID = re.compile(r"[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?\Z")
UNQUOTED = {"boolean": "boolean", "datetime": "dateTime"}  # types no quoted literal is of


class SoqlError(Exception):
    """The statement is refused, with the vendor's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def malformed(message: str) -> SoqlError:
    return SoqlError("MALFORMED_QUERY", message)


def unescape(literal: str) -> str:
    """The value of a quoted literal. Raises SoqlError for an escape the vendor has not."""

    def one(match: re.Match[str]) -> str:
        if match[1] not in ESCAPES:
            raise malformed("Illegal escape sequence in a string literal.")
        return ESCAPES[match[1]]

    return _ESCAPE.sub(one, literal[1:-1])


def like_pattern(literal: str) -> re.Pattern[str]:
    """What LIKE compares with: % any text, _ one letter, both literal after a backslash."""

    def one(match: re.Match[str]) -> str:
        text = match[0]
        if text[0] == "\\":
            if text[1] not in {*ESCAPES, "%", "_"}:
                raise malformed("Illegal escape sequence in a string literal.")
            return re.escape(ESCAPES.get(text[1], text[1]))
        return {"%": ".*", "_": "."}.get(text) or re.escape(text)

    body = re.sub(r"\\.|.", one, literal[1:-1], flags=re.DOTALL)
    return re.compile(body, re.IGNORECASE | re.DOTALL)


def fitting(text: str, name: str, kind: str) -> str:
    if kind in UNQUOTED:
        why = f"value of filter criterion for field '{name}' must be of type {UNQUOTED[kind]} "
        raise SoqlError("INVALID_FIELD", f"{why}and should not be enclosed in quotes")
    if kind in {"id", "reference"} and text and not ID.match(text):
        raise wrong_operator(f"invalid ID field: {text}")
    return text


def wrong_operator(message: str) -> SoqlError:
    return SoqlError("INVALID_QUERY_FILTER_OPERATOR", message)
