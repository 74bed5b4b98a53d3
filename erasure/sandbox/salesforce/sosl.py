"""Full-text search: FIND {...} IN ... FIELDS RETURNING ..., and parameterizedSearch.

The index lags behind: for a while it shows a changed record as it was. Terms are words or
quoted phrases joined by AND, OR and AND NOT, with * and ? as wildcards.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .literals import SoqlError
from .org import Org
from .records import Record, words
from .schema import UNSEARCHED, field_type

MOST = 2000
SCOPES = {"ALL": "", "NAME": "name", "EMAIL": "email", "PHONE": "phone"}
_RESERVED = frozenset("?&|!{}[]()^~*:\\\"'+-")
_STATEMENT = re.compile(
    r"\s*FIND\s*\{(?P<find>(?:[^{}\\]|\\.)*)\}(?:\s+IN\s+(?P<scope>[A-Z]+)\s+FIELDS)?"
    r"(?:\s+RETURNING\s+(?P<kinds>.+?))?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_KIND = re.compile(r"\s*(\w+)\s*(?:\(([\w\s,]+)\))?\s*(?:,|\Z)")
_TERM = re.compile(r'\s*(?:"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<word>(?:[^\s"\\]|\\.)+))')
Row = dict[str, object]
Matches = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for, in which fields of which objects."""

    matches: Matches
    scope: str
    kinds: tuple[tuple[str, tuple[str, ...]], ...]
    limit: int


def malformed(why: str) -> SoqlError:
    return SoqlError("MALFORMED_SEARCH", why)


def parse(text: str, org: Org) -> Search:
    """Read one statement. Raises SoqlError: MALFORMED_SEARCH, INVALID_TYPE, INVALID_FIELD."""
    match = _STATEMENT.match(text)
    if match is None:
        raise malformed("the search cannot be read")
    scope = (match["scope"] or "ALL").upper()
    if scope not in SCOPES:
        raise malformed(f"unexpected token: {scope}")
    kinds = tuple(_kinds(match["kinds"] or "", org)) or tuple(
        (name, ("Id",)) for name in org.objects if name not in UNSEARCHED
    )
    limit = min(int(match["limit"] or MOST), MOST)
    return Search(_tests(match["find"]), SCOPES[scope], kinds, limit)


def plain(text: str, scope: str, kinds: list[str], limit: int, org: Org) -> Search:
    """parameterizedSearch: the words of a text, without a statement around them."""
    if scope.upper() not in SCOPES:
        raise malformed(f"unexpected token: {scope}")
    wanted = tuple(_known(kind, org) for kind in kinds or [*org.objects])
    shown = tuple((kind, ("Id",)) for kind in wanted if kind not in UNSEARCHED)
    return Search(_phrase(text), SCOPES[scope.upper()], shown, min(limit, MOST))


def run(search: Search, org: Org, root: str) -> list[Row]:
    """searchRecords: live rows the user sees whose indexed text fits."""
    org.expire()
    found: list[Row] = []
    for kind, fields in search.kinds:
        for each in sorted(org.records.values(), key=lambda one: one.id):
            if each.kind != kind or not each.live or not org.shows(each):
                continue
            if any(map(search.matches, _indexed(each, search.scope, org))):
                url = f"{root}/sobjects/{kind}/{each.id}"
                own = {name: each.values.get(name) for name in fields}
                found.append({"attributes": {"type": kind, "url": url}, **own})
    return found[: search.limit]


def _indexed(record: Record, scope: str, org: Org) -> Iterator[str]:
    changed = record.changed_at
    if changed is not None and org.now() < changed + org.index_lag:
        yield record.indexed
    elif not scope:
        yield record.text()
    for name, value in record.values.items() if scope else ():
        fits = field_type(name) == scope or (scope == "name" and "Name" in name)
        if fits and isinstance(value, str):
            yield value


def _kinds(text: str, org: Org) -> Iterator[tuple[str, tuple[str, ...]]]:
    at = 0
    while at < len(text):
        match = _KIND.match(text, at)
        if match is None:
            raise malformed("the objects cannot be read")
        kind = _known(match[1], org)
        table = org.table(kind)
        names = tuple(name.strip() for name in (match[2] or "Id").split(","))
        yield kind, tuple(table.field(name) for name in names) if table else names
        at = match.end()


def _known(name: str, org: Org) -> str:
    """The object's own spelling. Raises SoqlError: INVALID_TYPE."""
    shown = org.sobject(name)
    if shown is None or shown.name in UNSEARCHED:
        raise SoqlError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return shown.name


def _tests(find: str) -> Matches:
    """AND binds before OR; a term without a word between follows with AND."""
    either: list[list[tuple[Matches, bool]]] = [[]]
    negative, at, text = False, 0, find.rstrip()
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None:
            raise malformed("the search term cannot be read")
        at = match.end()
        word = match["word"]
        if word in {"AND", "OR", "NOT"}:
            if word == "OR":
                either.append([])
            negative = word == "NOT"
            continue
        term = _term(word) if word else _phrase(_unescaped(match["phrase"]))
        either[-1].append((term, not negative))
        negative = False
    if not all(either):
        raise malformed("a search term is missing")
    return lambda text: any(all(test(text) is want for test, want in part) for part in either)


def _unescaped(text: str) -> str:
    """Raises SoqlError: a reserved sign that is not escaped, or an escape of none."""
    for match in re.finditer(r"\\(.)|(.)", text, re.DOTALL):
        if match[1] and match[1] not in _RESERVED:
            raise malformed("Illegal escape sequence in a search term.")
        if match[2] and match[2] in _RESERVED:
            raise malformed(f"unexpected token: {match[2]}")
    return re.sub(r"\\(.)", r"\1", text)


def _term(text: str) -> Matches:
    """A word outside quotes, where * stands for any letters and ? for one."""
    if not re.search(r"(?<!\\)[*?]", text):
        return _phrase(_unescaped(text))
    pattern = re.compile(re.escape(text.lower()).replace(r"\*", r"\w*").replace(r"\?", r"\w"))
    return lambda row: any(pattern.fullmatch(word) for word in words(row))


def _phrase(text: str) -> Matches:
    """Words in a row. Raises SoqlError: too short to be searched for."""
    wanted = " ".join(words(text))
    if len(wanted) < 2:
        raise malformed("search term must be longer than one character")
    return lambda row: f" {wanted} " in f" {' '.join(words(row))} "
