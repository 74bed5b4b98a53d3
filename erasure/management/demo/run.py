"""One case from request to certificate, acted by the staff of the trial installation."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.core.management.base import CommandError
from django.db.models import Q

from erasure import clock, correspondence, intake, review, verification
from erasure.discovery import report_of
from erasure.documents.discovery_report import discovery_json, render_discovery
from erasure.execution import UNDER_WAY, connections_with_work
from erasure.holds import place
from erasure.identity import identifier
from erasure.management.demo import sandbox
from erasure.management.demo.screen import Watch, say
from erasure.models import Actor, Certificate, ErasureCase, Hold, LogEntry, SystemConnection, User
from erasure.proof import canonical, report
from erasure.values import CaseState, Exemption, HoldScope, IdentifierKind, ItemState

LOOK = 0.25  # seconds
PATIENCE = 240  # seconds of real time
STEP = timedelta(hours=1)  # by which the clock is moved while only vendors work


def staff(name: str) -> Actor:
    return Actor.of(User.objects.get(username=name))


def request_for(key: str) -> ErasureCase:
    """A person of the sandbox asks by telephone, with one address and all names."""
    who = sandbox.person(key)
    given = [identifier(IdentifierKind.EMAIL, who["emails"][0])]
    given += [identifier(IdentifierKind.NAME, name) for name in who["names"][1:]]
    return intake.open_case(
        channel="phone", name=who["names"][0], identifiers=given,
        received_at=clock.now(), actor=staff("clerk"),
    )  # fmt: skip


def confirm_identity(case: ErasureCase) -> None:
    verification.confirm(
        case.pk, actor=staff("officer"), method="CALL_BACK",
        matched=["telephone number on file"], reason="Called back on the number on file.",
        grounds=["17(1)(b)"], ground_reason="Consent withdrawn, no other basis.",
    )  # fmt: skip


def wait_for(
    case: ErasureCase,
    watch: Watch,
    until: Callable[[ErasureCase], bool],
    *,
    step: timedelta | None = None,
) -> ErasureCase:
    """Watch the workers until something holds; with ``step`` move the clock while all wait.

    Raises:
        CommandError: it does not come about in time.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        case = ErasureCase.objects.get(pk=case.pk)
        watch.look(case)
        if until(case):
            return case
        if step and quiet(case):
            clock.advance(step)
        time.sleep(LOOK)
    raise CommandError(f"{case.reference} is still {case.state}: {case.waiting_for}")


def quiet(case: ErasureCase) -> bool:
    """Nothing is due now: the rest waits for a vendor, a later look, or a person."""
    if case.state not in UNDER_WAY or connections_with_work():
        return False
    now = clock.now()
    reading = Q(state=ItemState.REQUESTED, lease_until__gt=now)
    busy = case.items.filter(Q(state=ItemState.RUNNING) | reading)
    return not (busy.exists() or case.jobs.filter(lease_until__gt=now).exists())


def to_review(key: str, watch: Watch) -> ErasureCase:
    case = request_for(key)
    watch.look(case)
    validating = wait_for(case, watch, lambda now: now.state == CaseState.VALIDATING)
    confirm_identity(validating)
    return wait_for(case, watch, lambda now: now.state == CaseState.DPO_REVIEW)


def approve(case: ErasureCase) -> None:
    review.approve(
        case.pk, actor=staff("dpo"), digest=case.inventory_digest, decided_role="dpo",
        opinion="Nothing stands against it.",
    )  # fmt: skip


def answer(case: ErasureCase) -> None:
    correspondence.record_answer(
        case.pk, actor=staff("officer"), kind="outcome",
        text=correspondence.suggested_text(case), channel="email", dispatched_at=clock.now(),
    )  # fmt: skip


def finish(case: ErasureCase, watch: Watch) -> ErasureCase:
    """Execute, answer, and wait for the certificate."""
    settled = wait_for(case, watch, lambda now: now.finished_execution(), step=STEP)
    answer(settled)
    return wait_for(
        case, watch,
        lambda now: bool(now.completed_at) and not now.certificate_due,
    )  # fmt: skip


def hold_one_conversation(key: str) -> str:
    """Legal holds one of the person's conversations, as the register would have it."""
    records = [row for row in sandbox.holdings(key) if row["store"] == "recordings"]
    conversation = records[-1]["parent_id"]
    hold = Hold(
        reference="M-2026-17", scope=HoldScope.CONVERSATION,
        article=Exemption.LEGAL_CLAIMS, reason="Pending claim about this call.",
        public_wording="Needed for a pending legal claim.",
        expires_on=clock.now().date() + timedelta(days=365),
    )  # fmt: skip
    genesys = SystemConnection.objects.get(slug="genesys-eu")
    place(hold, actor=staff("legal"), conversations=[(genesys, conversation)])
    return str(conversation)


def write_report(case: ErasureCase, folder: Path) -> None:
    found = report_of(case)
    for suffix, data in (("pdf", render_discovery(found)), ("json", discovery_json(found))):
        path = folder / f"discovery-{case.reference}.{suffix}"
        path.write_bytes(data)
        say(f"  report       {path}")


def write_certificate(case: ErasureCase, folder: Path) -> Path:
    last = case.certificates.filter(stage=Certificate.ISSUED).latest("version")
    name = f"certificate-{case.reference}-v{last.version}"
    for suffix, data in (("pdf", last.pdf), ("json", last.bundle)):
        path = folder / f"{name}.{suffix}"
        path.write_bytes(bytes(data))
        say(f"  certificate  {path}")
    return folder / f"{name}.pdf"


def write_trust(folder: Path) -> Path:
    """What an authority is given beforehand: here the log's own first entry names the key."""
    vkey = canonical.decode(bytes(LogEntry.objects.get(seq=0).bytes))["vkey"]
    path = folder / "trust.txt"
    path.write_text(f"log {vkey}\n")
    return path


def verify(certificate: Path, trust: Path) -> None:
    if report.main([str(certificate), "--trust", str(trust)]):
        raise CommandError("The certificate does not verify.")
