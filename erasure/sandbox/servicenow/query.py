"""Encoded queries, with the vendor's traps.

A term on a column the table has not is ignored; an empty value matches empty fields;
nothing can be escaped; a value that begins with ``javascript:`` is evaluated.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

Row = dict[str, str]
Read = Callable[[Row, str], str]  # a column's value, dot-walked if need be
Test = Callable[[Row], bool]
_TERM = re.compile(
    r"(?P<column>[a-z][a-z0-9_.]*)(?P<operator>ISNOTEMPTY|ISEMPTY|NOT IN|IN|NOT LIKE|LIKE|"
    r"STARTSWITH|ENDSWITH|BETWEEN|!=|>=|<=|=|<|>)(?P<value>.*)\Z",
    re.DOTALL,
)
_TEXT = "123TEXTQUERY321="


@dataclass(slots=True)
class Query:
    """Groups are OR-ed, their clauses AND-ed, the terms of a clause OR-ed."""

    groups: list[list[list[Test]]] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)  # column, descending
    ignored: list[str] = field(default_factory=list)  # terms on columns that are not there

    def matches(self, row: Row) -> bool:
        return any(
            all(any(test(row) for test in clause) for clause in group) for group in self.groups
        )


def parse(
    text: str, known: Callable[[str], bool], read: Read, evaluate: Callable[[str], str]
) -> Query:
    """Read an encoded query; nothing is an error, what is not understood is ignored."""
    query = Query()
    for part in text.split("^EQ")[0].split("^NQ"):
        group: list[list[Test]] = []
        for term in part.split("^"):
            _add(query, group, term, known, read, evaluate)
        query.groups.append(group)
    return query


def _add(
    query: Query,
    group: list[list[Test]],
    term: str,
    known: Callable[[str], bool],
    read: Read,
    evaluate: Callable[[str], str],
) -> None:
    for word in ("ORDERBYDESC", "ORDERBY"):
        if term.startswith(word):
            column = term.removeprefix(word)
            if known(column):
                query.order.append((column, word.endswith("DESC")))
            return
    joined = term.startswith("OR")
    term = term.removeprefix("OR")
    if not term:
        return
    if term.startswith(_TEXT):
        test = _anywhere(term.removeprefix(_TEXT))
    else:
        match = _TERM.match(term)
        if match is None or not known(match["column"]):
            query.ignored.append(term)
            return
        value = match["value"]
        if value.startswith("javascript:"):
            value = evaluate(value.removeprefix("javascript:"))
        test = _compared(match["column"], match["operator"], value, read)
    if joined and group:
        group[-1].append(test)
    else:
        group.append([test])


def _anywhere(word: str) -> Test:
    wanted = word.casefold()
    return lambda row: any(wanted in value.casefold() for value in row.values())


def _compared(column: str, operator: str, value: str, read: Read) -> Test:
    """Text compares without regard to case, as most instances' databases do."""
    wanted = value.casefold()
    many = frozenset(wanted.split(","))
    low, _, high = wanted.partition("@")
    tests: dict[str, Callable[[str], bool]] = {
        "=": lambda own: own == wanted,
        "!=": lambda own: own != wanted,
        "IN": lambda own: own in many,
        "NOT IN": lambda own: own not in many,
        "LIKE": lambda own: wanted in own,
        "NOT LIKE": lambda own: wanted not in own,
        "STARTSWITH": lambda own: own.startswith(wanted),
        "ENDSWITH": lambda own: own.endswith(wanted),
        "ISEMPTY": lambda own: not own,
        "ISNOTEMPTY": bool,
        "BETWEEN": lambda own: low <= own <= high,
        ">=": lambda own: own >= wanted,
        "<=": lambda own: own <= wanted,
        ">": lambda own: own > wanted,
        "<": lambda own: own < wanted,
    }
    test = tests[operator]
    return lambda row: test(read(row, column).casefold())
