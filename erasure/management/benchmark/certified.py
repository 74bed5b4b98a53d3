"""What a certificate over many items costs: time, memory and bytes, to make and to verify.

Each is made by a process of its own, as a worker that does nothing else: so its memory is its
own, and what the case was built with does not count.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import PIPE, run  # nosec B404
from typing import Any
from uuid import UUID

from django.db import transaction

from config.env import ROOT
from erasure import clock, evidence
from erasure.documents.certificate import Edition
from erasure.evidence.editions import draw, sealed
from erasure.evidence.seal import own_seal
from erasure.intake import open_case
from erasure.ledger import sequencer
from erasure.ledger.append import Draft, append_all
from erasure.management.benchmark.erase import Figure
from erasure.models import SYSTEM, Certificate, DataItem, ErasureCase, SystemConnection, blind
from erasure.proof import files, trust
from erasure.proof.verify import Beside, passed, verify
from erasure.values import CaseState, Identifier, IdentifierKind, ItemState

CONNECTIONS, STORES = 6, 10  # of each: 60 stores
KEPT, UNREACHED = 10, 5  # lines on the certificate
TOGETHER = 1000  # entries in one transaction
DISPATCHED = 100
GROUND = "17(3)(b)"
SECONDS, MEGABYTES, GROWTH, SEALING = 3.0, 4.0, 150.0, 1.0
VERIFYING = {10_000: 3.0, 50_000: 10.0}
MOST_KILOBYTES = 16.0
WAY = (
    ("start_validation", "RECEIVED", "VALIDATING"),
    ("confirm_identity", "VALIDATING", "DISCOVERY"),
    ("finish_discovery", "DISCOVERY", "DPO_REVIEW"),
    ("approve", "DPO_REVIEW", "EXECUTING"),
    ("hold_back", "EXECUTING", "PARTIAL_HOLD"),
)


@dataclass(frozen=True, slots=True)
class Made:
    """One certificate: seconds, megabytes of the process and of the files, kilobytes of facts."""

    items: int
    entries: int
    seconds: float
    sealing: float
    growth: float
    subject: float
    authority: float
    facts: float
    verifying: float


def measure(sizes: Sequence[int]) -> Iterator[Made]:
    for items in sizes:
        case = build_case(items)
        command = [sys.executable, "manage.py", "benchmark", "evidence", "--inside"]
        done = run(  # noqa: S603  # nosec B603
            [*command, f"--certify={case.pk}"], stdout=PIPE, check=True, cwd=ROOT
        )
        made = json.loads(done.stdout)
        yield Made(items=items, entries=case.log.count(), verifying=_verified(case), **made)


def build_case(items: int) -> ErasureCase:
    """A case that has ended: two outcomes for each item over 60 stores, some kept."""
    case = open_case(
        channel="phone", name="Ada Beispiel", received_at=clock.now(), actor=SYSTEM,
        identifiers=[Identifier(IdentifierKind.EMAIL, f"ada.{items}@example.org")],
    )  # fmt: skip
    lines = [(connection, store) for connection in _connections() for store in _stores()]
    rows = _items(case, lines, items)
    at, drafts = clock.now(), list(_drafts(rows, lines))
    for first in range(0, len(drafts), TOGETHER):
        with transaction.atomic():
            append_all(case, drafts[first : first + TOGETHER], at)
    ErasureCase.objects.filter(pk=case.pk).update(
        state=CaseState.PARTIAL_HOLD, certificate_due=True, grounds=["17(1)(b)"],
        decided_role="dpo", opinion_role="officer", approved_at=at, identity_verified_at=at,
    )  # fmt: skip
    _sequence()
    return ErasureCase.objects.get(pk=case.pk)


def certify(case_id: UUID) -> dict[str, float]:
    """Issue the certificate and its authority edition, here and now; nothing else runs here."""
    own_seal()  # read, or made on the first day: no certificate waits for that
    before, began = _peak(), time.perf_counter()
    evidence.issue(case_id)
    seconds = time.perf_counter() - began
    _sequence()
    began = time.perf_counter()
    row = evidence.issue(case_id)
    seconds += time.perf_counter() - began
    if row is None:
        raise RuntimeError(ErasureCase.objects.get(pk=case_id).waiting_for or "It still waits.")
    growth = _peak() - before
    drawn = draw(row, files.parse(bytes(row.pdf)).files, Edition.SUBJECT)
    began = time.perf_counter()
    sealed(row, drawn)
    return {
        "seconds": seconds, "sealing": time.perf_counter() - began, "growth": growth,
        "subject": len(row.pdf) / 1e6, "authority": len(evidence.authority_edition(row)) / 1e6,
        "facts": len(row.document) / 1024,
    }  # fmt: skip


def figures(made: Sequence[Made]) -> list[Figure]:
    """The targets stand for the fewest items; memory for the most."""
    few, many = min(made, key=lambda one: one.items), max(made, key=lambda one: one.items)
    of, seconds = f"certificate of {few.items:,} items", VERIFYING.get
    judged = [
        (f"{of}, seconds from facts to seal", few.seconds, SECONDS),
        (f"{of}, seconds to seal", few.sealing, SEALING),
        (f"{of}, MB with openings", few.authority, MEGABYTES),
        (f"{of}, KB of facts over {CONNECTIONS * STORES} stores", few.facts, MOST_KILOBYTES),
        (f"MB of memory for {many.items:,} items", many.growth, GROWTH),
        *(
            (f"seconds to verify {one.items:,} items", one.verifying, seconds(one.items))
            for one in made
        ),
    ]
    return [
        Figure(name, value, f"<= {most:g}" if most else "", value <= most if most else None)
        for name, value, most in judged
    ]


def line(one: Made) -> str:
    return (
        f"  {one.items:>6,} items, {one.entries:>7,} entries: {one.seconds:.1f} s to seal, "
        f"{one.subject:.2f} MB ({one.authority:.2f} with openings), {one.growth:.0f} MB of memory, "
        f"{one.verifying:.1f} s to verify"
    )


def as_json(made: Sequence[Made]) -> dict[str, Any]:
    return {"certificates": [asdict(one) for one in made]}


def _verified(case: ErasureCase) -> float:
    """Seconds to read and verify the authority edition.

    Raises:
        RuntimeError: it does not pass.
    """
    row = case.certificates.get(stage=Certificate.ISSUED)
    with tempfile.TemporaryDirectory() as folder:
        trusted = trust.read(evidence.write_trust(Path(folder)))
        data = evidence.authority_edition(row)
        began = time.perf_counter()
        found = verify(files.parse(data), trusted, Beside())
    seconds = time.perf_counter() - began
    if not passed(found):
        raise RuntimeError(next(one.text for one in found if one.state == "failed"))
    return seconds


def _connections() -> list[SystemConnection]:
    return [
        SystemConnection.objects.get_or_create(
            slug=f"genesys-cloud-eu-{n}",
            defaults={"name": f"Genesys Cloud EU {n}", "system": "manual", "enabled": False},
        )[0]
        for n in range(CONNECTIONS)
    ]


def _stores() -> list[str]:
    return [f"a_store_with_a_name_of_full_length_{n:02d}" for n in range(STORES)]


def _items(
    case: ErasureCase, lines: Sequence[tuple[SystemConnection, str]], count: int
) -> list[DataItem]:
    rows = []
    for number in range(count):
        connection, store = lines[number % len(lines)]
        kept = number < KEPT
        row = DataItem(
            case=case, connection=connection, store=store, number=number, log_number=number,
            remote_index=blind("remote", f"{case.pk}:{number}"), locator_sealed=b"0",
            article=GROUND if kept else "", ended_at=clock.now(),
        )  # fmt: skip
        rows.append(row)
    DataItem.objects.bulk_create(rows, batch_size=TOGETHER)
    case.items.filter(number__lt=KEPT).update(state=ItemState.EXEMPT)
    return rows


def _drafts(
    rows: Sequence[DataItem], lines: Sequence[tuple[SystemConnection, str]]
) -> Iterator[Draft]:
    person = {"actor": "officer-1", "reason": "as planned"}
    named = [f"{connection.slug}.{store}" for connection, store in lines]
    for step, before, after in WAY[:-1]:
        if step == "approve":
            clear = {"items": len(rows), "stores": sorted(named), "unanswered": []}
            yield Draft("inventory", {"digest": "0" * 64}, clear)
        yield Draft("step", person, {"step": step, "from_": before, "to": after})
    for store in named[:UNREACHED]:
        why = {"decision": "ATTESTED", "store": store, "reason": "no_interface"}
        yield Draft("decision", person, why)
    for first in range(0, len(rows), DISPATCHED):
        some = rows[first : first + DISPATCHED]
        yield from _erased(some)
    step, before, after = WAY[-1]
    yield Draft("step", person, {"step": step, "from_": before, "to": after})


def _erased(rows: Sequence[DataItem]) -> Iterator[Draft]:
    """A dispatch, the vendor's answers, and what was read back; kept items only end."""
    gone = [row for row in rows if row.number >= KEPT]
    if gone:
        clear = {"store": gone[0].line, "items": len(gone)}
        yield Draft("dispatch", {"items": [row.number for row in gone]}, clear)
    for row in rows:
        private = {"item": f"c3a1f7e0-0000-4000-8000-{row.number:012d}", "error": "", "job": ""}
        said = {"store": row.line, "action": "delete", "try": 1}
        if row.number < KEPT:
            yield Draft("outcome", private, said | {"outcome": "EXEMPT"}, row)
            continue
        yield Draft("outcome", private, said | {"outcome": "DELETED", "http": 204}, row)
        yield Draft("outcome", private, said | {"outcome": "VERIFIED", "http": 404}, row)


def _sequence() -> None:
    while sequencer.sequence():
        pass


def _peak() -> float:
    """The most memory this process has held so far, in megabytes; not what its parent held."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
