"""V14: what a copy of the whole log knows beyond the certificate, above all later events."""

from collections.abc import Iterator, Mapping
from typing import Any

from erasure.proof.desk import Desk, FailedError, SkippedError, failing
from erasure.proof.encoding import unhash
from erasure.proof.entries import Line
from erasure.proof.files import OPENINGS
from erasure.proof.logcopy import LogCopy
from erasure.proof.scopes import case_scope, item_scope, tag_of

EVENTS_AHEAD = 256  # scopes are counted without gaps; these are looked for beyond the last
ITEMS_AHEAD = TRIES_AHEAD = 16


def v14(desk: Desk) -> str:
    """Checkpoints and anchors are prefixes of the copy; no entry of the case is missing."""
    _require_same_roots(desk)
    log = desk.beside.log
    if log is None:
        raise SkippedError("No copy of the log was given, so later entries cannot be ruled out.")
    _require_prefixes(desk, log)
    if not desk.has(OPENINGS):
        raise SkippedError(
            "The copy of the log agrees with the certificate. Whether the case has later entries "
            "only the authority edition can tell: it carries the key of their tags."
        )
    later = _others(desk, log)
    _require_none_left_out(desk, later)
    said = f"; it has {len(later)} later one(s), and none that contradicts it" if later else ""
    return f"The copy of the log has every entry of the case{said}. No later version is in it."


def _require_same_roots(desk: Desk) -> None:
    """An anchor of the same log and size has the same root, copy or not."""
    point = desk.checkpoint
    for one in desk.beside.anchors:
        if one.origin != point.origin:
            raise FailedError("V14", "An anchor belongs to another log than the certificate.")
        if one.size == point.size and one.root != point.root:
            raise FailedError("V14", "An anchor of the same size has another root.")


def _require_prefixes(desk: Desk, log: LogCopy) -> None:
    point, stated = desk.checkpoint, desk.certificate["log"]
    heads = [(point.size, point.root, "The checkpoint")]
    heads += [(stated["size"], unhash(stated["root"]), "The certified root")]
    heads += [(one.size, one.root, "An anchor") for one in desk.beside.anchors]
    found = log.roots(size for size, _, _ in heads)
    for size, root, what in heads:
        if size not in found:
            raise FailedError("V14", f"{what} has {size} entries; the copy of the log has fewer.")
        if found[size] != root:
            raise FailedError("V14", f"{what} is not that of the copy of the log.")


def _others(desk: Desk, log: LogCopy) -> list[tuple[int, Mapping[str, Any]]]:
    """Entries of the case in the copy that the certificate does not carry, by index."""
    known = {line.index for line in (*desk.lines, desk.issued)}
    places = log.tagged({tag_of(desk.openings.tag_key, scope) for scope in _scopes(desk)})
    indices = sorted(index for found in places.values() for index in found if index not in known)
    with failing("V14", "The copy of the log"):
        return [(index, Line.of(index, case_scope(0), log.line(index)).entry) for index in indices]


def _scopes(desk: Desk) -> Iterator[str]:
    """Every scope the case has had, and those that would follow."""
    events = dict.fromkeys(range(desk.facts.items + ITEMS_AHEAD), 0)
    for line in desk.lines:
        if line.scope.startswith("i/"):
            number = int(line.scope.split("/")[1])
            events[number] = events.get(number, 0) + 1
    mine = len(desk.lines) - sum(events.values())
    yield from map(case_scope, range(mine + EVENTS_AHEAD))
    for number, count in events.items():
        yield from (item_scope(number, each) for each in range(count + TRIES_AHEAD))


def _require_none_left_out(desk: Desk, later: list[tuple[int, Mapping[str, Any]]]) -> None:
    """What came after the certificate began with a move of the case, and is no certificate."""
    moved = False
    for index, entry in later:
        kind = entry["type"]
        if index < desk.issued.index:
            raise FailedError("V14", f"Entry {index} of the case is left out: {kind}.")
        if kind == "certificate":
            version = entry["version"]
            raise FailedError("V14", f"Version {version} is in the log: this one is superseded.")
        if kind in ("inventory", "dispatch", "outcome") and not moved:
            raise FailedError("V14", f"Entry {index} of the case was held back: {kind}.")
        moved = moved or kind == "step"
