"""A small, strict evaluator of SOQL: the shapes a client of this product sends.

SELECT fields FROM Object [WHERE ...] [ORDER BY ...] [LIMIT n], with =, !=, <>, <, >, IN,
NOT IN, LIKE, NOT, AND, OR and parentheses. It is as strict as the vendor about escapes,
types and mixing AND with OR, and it answers an injected literal with its rows.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .conditions import ORDERED, Test, everything, is_beyond, is_like, is_one_of, negated
from .literals import (
    UNQUOTED,
    SoqlError,
    Value,
    fitting,
    like_pattern,
    malformed,
    unescape,
    wrong_operator,
)

LONGEST = 100_000  # characters of a statement
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^'\\\x00-\x1f]|\\.)*')
        |(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
        |(?P<number>\d+)
        |(?P<word>[A-Za-z][A-Za-z0-9_]*)
        |(?P<mark>!=|<>|<=|>=|[=<>(),]))""",
    re.VERBOSE,
)
KEYWORDS = frozenset(
    {"select", "from", "where", "order", "by", "limit", "and", "or", "not", "in", "like"}
)
SCOPES = frozenset({"id", "contentdocumentid", "linkedentityid"})  # of ContentDocumentLink


@dataclass(frozen=True, slots=True)
class Table:
    """The fields a statement may name, and those of them it may not filter by."""

    name: str
    fields: tuple[str, ...]
    unfilterable: frozenset[str] = frozenset()
    types: Mapping[str, str] = field(default_factory=dict)  # as describe names them

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
    order: tuple[tuple[str, bool, bool], ...] = ()  # field, descending, nulls last
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: str  # string, moment, number, word, mark, end
    text: str


def parse(text: str, table_named: Callable[[str], Table | None]) -> Query:
    """Read one statement. Raises SoqlError: MALFORMED_QUERY, INVALID_TYPE, INVALID_FIELD."""
    if len(text) > LONGEST:
        raise malformed("SOQL statements cannot be longer than 100000 characters.")
    return _Parser(_pieces(text)).query(table_named)


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
        test = self.condition(table) if self.take("where") else everything
        used = {piece.text.lower() for piece in self.pieces[start : self.at]}
        if table.name == "ContentDocumentLink" and not used & SCOPES:
            raise malformed("ContentDocumentLink requires a filter by a single Id")
        order = self.order(table)
        limit = int(self.of_kind("number")) if self.take("limit") else None
        self.of_kind("end")
        return Query(table, fields, test, order, limit)

    def order(self, table: Table) -> tuple[tuple[str, bool, bool], ...]:
        """ORDER BY fields, each with ASC or DESC and NULLS FIRST or LAST."""
        if not self.take("order"):
            return ()
        self.expect("by")
        wanted = [self.one_order(table)]
        while self.take(","):
            wanted.append(self.one_order(table))
        return tuple(wanted)

    def one_order(self, table: Table) -> tuple[str, bool, bool]:
        name = table.filter_field(self.name())
        descending = self.take("desc")
        if not descending:
            self.take("asc")
        last = False
        if self.take("nulls"):
            last = self.take("last")
            if not last:
                self.expect("first")
        return name, descending, last

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
        if self.take("not"):
            return negated(self.term(table))
        if self.take("("):
            test = self.condition(table)
            self.expect(")")
            return test
        name = table.filter_field(self.name())
        kind = table.types.get(name, "")
        if self.take("not"):
            self.expect("in")
            return negated(is_one_of(name, self.values(name, kind)))
        if self.take("in"):
            return is_one_of(name, self.values(name, kind))
        if self.take("like"):
            if kind in {"id", "reference", *UNQUOTED}:
                raise wrong_operator(f"invalid operator on {kind} field")
            return is_like(name, like_pattern(self.of_kind("string")))
        return self.comparison(name, kind)

    def comparison(self, name: str, kind: str) -> Test:
        for sign, fits in ORDERED.items():
            if self.take(sign):
                return is_beyond(name, self.value(name, kind), fits)
        if self.take("!=") or self.take("<>"):
            return negated(is_one_of(name, [self.value(name, kind)]))
        self.expect("=")
        return is_one_of(name, [self.value(name, kind)])

    def values(self, name: str, kind: str) -> list[Value]:
        self.expect("(")
        values = [self.value(name, kind)]
        while self.take(","):
            values.append(self.value(name, kind))
        self.expect(")")
        return values

    def value(self, name: str, kind: str) -> Value:
        """A literal that fits the field's type. Raises SoqlError: it does not."""
        piece = self.pieces[self.at]
        self.at += 1
        if piece.kind == "string":
            return fitting(unescape(piece.text), name, kind)
        if piece.kind == "number":
            return int(piece.text)
        if piece.kind == "moment":
            told = datetime.fromisoformat(piece.text).astimezone(UTC)
            return told.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
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
