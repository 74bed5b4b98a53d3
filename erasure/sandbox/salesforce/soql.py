"""A small, strict evaluator of SOQL: the shapes a client of this product sends.

SELECT fields FROM Object [WHERE ...] [LIMIT n], with =, !=, <>, IN, NOT IN, LIKE, AND, OR
and parentheses. It is as strict as the vendor about escapes and about mixing AND
with OR, and it answers an injected literal as the vendor would: with its rows.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Value = str | int | bool | None
Row = Mapping[str, Value]
Test = Callable[[Row], bool]

LONGEST = 100_000  # characters of a statement
ESCAPES = {
    **{"n": "\n", "N": "\n", "r": "\r", "R": "\r", "t": "\t", "T": "\t"},
    **{"b": "\b", "B": "\b", "f": "\f", "F": "\f"},
    **{'"': '"', "'": "'", "\\": "\\"},
}
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^'\\\x00-\x1f]|\\.)*')
        |(?P<number>\d+)
        |(?P<word>[A-Za-z][A-Za-z0-9_]*)
        |(?P<mark>!=|<>|[=(),]))""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ID = re.compile(r"[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?\Z")
KEYWORDS = frozenset({"select", "from", "where", "limit", "and", "or", "not", "in", "like"})


SCOPES = frozenset({"id", "contentdocumentid", "linkedentityid"})  # of ContentDocumentLink


class SoqlError(Exception):
    """The statement is refused, with the vendor's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Table:
    """The fields a statement may name, and those of them it may not filter by."""

    name: str
    fields: tuple[str, ...]
    unfilterable: frozenset[str] = frozenset()

    def field(self, name: str) -> str:
        """The field's own spelling. Raises SoqlError: INVALID_FIELD."""
        for own in self.fields:
            if own.lower() == name.lower():
                return own
        raise SoqlError("INVALID_FIELD", f"No such column '{name}' on entity '{self.name}'.")

    def filter_field(self, name: str) -> str:
        own = self.field(name)
        if own in self.unfilterable:
            text = f"field '{own}' can not be filtered in a query call"
            raise SoqlError("INVALID_FIELD", text)
        return own


@dataclass(frozen=True, slots=True)
class Query:
    table: Table
    fields: tuple[str, ...]
    test: Test
    limit: int | None


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: str  # string, number, word, mark, end
    text: str


def parse(text: str, table_named: Callable[[str], Table | None]) -> Query:
    """Read one statement. Raises SoqlError: MALFORMED_QUERY, INVALID_TYPE, INVALID_FIELD."""
    if len(text) > LONGEST:
        raise malformed("SOQL statements cannot be longer than 100000 characters.")
    return _Parser(_pieces(text)).query(table_named)


def malformed(message: str) -> SoqlError:
    return SoqlError("MALFORMED_QUERY", message)


def _pieces(text: str) -> list[_Piece]:
    pieces, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise malformed(f"unexpected token at column {at + 1}")
        pieces.append(_Piece(match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return [*pieces, _Piece("end", "")]


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


class _Parser:
    def __init__(self, pieces: Sequence[_Piece]) -> None:
        self.pieces = pieces
        self.at = 0

    def query(self, table_named: Callable[[str], Table | None]) -> Query:
        self.expect("select")
        names = [self.name()]
        while self.take(","):
            names.append(self.name())
        self.expect("from")
        wanted = self.name()
        table = table_named(wanted)
        if table is None:
            raise SoqlError("INVALID_TYPE", f"sObject type '{wanted}' is not supported.")
        fields = tuple(table.field(name) for name in names)
        if len(set(fields)) < len(fields):
            raise malformed("duplicate field selected")
        start = self.at
        test = self.condition(table) if self.take("where") else _everything
        used = {piece.text.lower() for piece in self.pieces[start : self.at]}
        if table.name == "ContentDocumentLink" and not used & SCOPES:
            raise malformed("ContentDocumentLink requires a filter by a single Id")
        limit = int(self.of_kind("number")) if self.take("limit") else None
        self.of_kind("end")
        return Query(table, fields, test, limit)

    def condition(self, table: Table) -> Test:
        """Terms joined by AND or by OR; the vendor wants parentheses around a mix."""
        tests = [self.term(table)]
        joint = self.word() if self.word() in {"and", "or"} else ""
        while joint and self.take(joint):
            tests.append(self.term(table))
        if self.word() in {"and", "or"}:
            raise malformed("AND and OR need parentheses when they are mixed")
        together = all if joint == "and" else any
        return lambda row: together(test(row) for test in tests)

    def term(self, table: Table) -> Test:
        if self.take("("):
            test = self.condition(table)
            self.expect(")")
            return test
        field = table.filter_field(self.name())
        if self.take("not"):
            self.expect("in")
            return _not(_is_one_of(field, self.values()))
        if self.take("in"):
            return _is_one_of(field, self.values())
        if self.take("like"):
            pattern = like_pattern(self.of_kind("string"))
            return lambda row: bool(pattern.fullmatch(str(row.get(field) or "")))
        if self.take("!=") or self.take("<>"):
            return _not(_is_one_of(field, [self.value()]))
        self.expect("=")
        return _is_one_of(field, [self.value()])

    def values(self) -> list[Value]:
        self.expect("(")
        values = [self.value()]
        while self.take(","):
            values.append(self.value())
        self.expect(")")
        return values

    def value(self) -> Value:
        piece = self.pieces[self.at]
        self.at += 1
        if piece.kind == "string":
            return unescape(piece.text)
        if piece.kind == "number":
            return int(piece.text)
        constants: dict[str, Value] = {"true": True, "false": False, "null": None}
        if piece.kind == "word" and piece.text.lower() in constants:
            return constants[piece.text.lower()]
        raise malformed("a value was expected")

    def word(self) -> str:
        piece = self.pieces[self.at]
        return piece.text.lower() if piece.kind in {"word", "mark"} else ""

    def take(self, text: str) -> bool:
        taken = self.word() == text
        self.at += taken
        return taken

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise malformed(f"'{text}' was expected")

    def name(self) -> str:
        name = self.of_kind("word")
        if name.lower() in KEYWORDS:
            raise malformed(f"unexpected token: '{name}'")
        return name

    def of_kind(self, kind: str) -> str:
        piece = self.pieces[self.at]
        if piece.kind != kind:
            raise malformed("unexpected token")
        self.at += kind != "end"
        return piece.text


def _everything(row: Row) -> bool:
    return True


def _not(test: Test) -> Test:
    return lambda row: not test(row)


def _is_one_of(field: str, values: Sequence[Value]) -> Test:
    wanted = {_comparable(field, value) for value in values}
    return lambda row: _comparable(field, row.get(field)) in wanted


def _comparable(field: str, value: Value) -> Value:
    """Strings compare without regard to case, ids by their first 15 characters."""
    if field.endswith("Id") and isinstance(value, str) and _ID.match(value):
        return value[:15]
    return value.lower() if isinstance(value, str) else value
