"""Is the deletion log what was written? The last verification, and where the log's head is kept."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from erasure.admin import words
from erasure.admin.base import may, page, require
from erasure.admin.words import Badge
from erasure.ledger import daily
from erasure.ledger.outbox import LONGEST_WAIT, longest_wait
from erasure.models import LogAnchor
from erasure.proof.verify import State
from erasure.values import AnchorWay

MEANS = {
    "L1": "Every entry stands at its place, unaltered",
    "L2": "Every signed head is that of the entries",
    "L3": "The tree over the entries is intact",
    "L4": "Nothing was put behind the last head, nothing changed on its way in",
    "L5": "The sequencer’s own notes agree",
    "L6": "What is kept outside agrees",
    "L7": "No case has vanished",
    "L8": "No entry is dated back",
    "L9": "Cases and records say what their entries say",
}
STATES = {
    State.PASSED: Badge("Passed", "good"),
    State.FAILED: Badge("Failed", "danger"),
    State.SKIPPED: Badge("Not checked", "waiting"),
}
WAYS = {
    AnchorWay.WITNESS: "Cosigned by a witness",
    AnchorWay.TIMESTAMP: "Time-stamped",
    AnchorWay.MAIL: "Mailed",
    AnchorWay.FILE: "Written once, as a file",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One check of the last verification."""

    id: str
    means: str
    badge: Badge
    text: str


@dataclass(frozen=True, slots=True)
class Outside:
    """The newest head that left by one way."""

    way: str
    by: str
    size: str
    at: str


@require_safe
def log_view(request: HttpRequest) -> HttpResponseBase:
    require(request, "view_deletionlogentry")
    health, waited = daily.health(), longest_wait()
    rows = health.check.findings if health.check else []
    return page(
        request, "log.html", title="Is the log intact?", health=health,
        verified=words.moment(health.check.at) if health.check else "",
        size=f"{health.check.size:,}" if health.check else "",
        lines=[Line(n, MEANS.get(n, ""), STATES[State(s)], text) for n, s, text in rows],
        outside=list(_outside()),
        waits=f"{int(waited.total_seconds()):,}" if waited > LONGEST_WAIT else "",
    )  # fmt: skip


def _outside() -> list[Outside]:
    found = []
    for way in AnchorWay:
        last = LogAnchor.objects.filter(way=way).order_by("-at").first()
        if last:
            found.append(Outside(WAYS[way], last.by, f"{last.size:,}", words.moment(last.at)))
    return found


def alarm(request: HttpRequest) -> str:
    """What every page says while the log is not known to be intact; empty when all is well."""
    if not request.user.is_authenticated or not may(request, "view_deletionlogentry"):
        return ""
    health = daily.health()
    if health.good:
        return ""
    if health.stale and health.check:
        return f"The deletion log was last verified on {words.moment(health.check.at)}."
    failed = ", ".join(one.id for one in health.failed)
    return f"The deletion log did not pass its verification ({failed})."
