"""The parts of a case file, from the rows of the case. What was destroyed says so."""

from collections import Counter
from datetime import date, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from erasure import clock
from erasure.coverage import coverage
from erasure.documents.case_file import CaseFile, Part
from erasure.documents.words import ANSWER, CHANNEL, CLOSE, METHOD, article, day, item_state
from erasure.errors import KeyMissingError
from erasure.ledger.append import private_half
from erasure.models import (
    DESTROYED,
    Certificate,
    Concern,
    ErasureCase,
    Hold,
    User,
    actor_names,
    in_clear,
)
from erasure.systems import store_of
from erasure.values import VerificationMethod


def case_file(case: ErasureCase) -> CaseFile:
    return CaseFile(
        reference=case.reference,
        controller=settings.CONTROLLER_NAME,
        made_at=timezone.localtime(clock.now()),
        parts=tuple(part(case) for part in PARTS),
    )


def _receipt(case: ErasureCase) -> Part:
    opened = case.log.filter(type="opened").first()
    rows = (
        ("Received", _at(case.received_at)),
        ("Entered here", _at(case.logged_at)),
        ("Came in by", CHANNEL.get(case.channel, case.channel)),  # type: ignore[call-overload]
        ("Confirmed by the person", _at(case.requester_confirmed_at)),
        ("Request, as it was made", in_clear(lambda: case.request)),
        ("Statutory date", day(case.statutory_due)),
        ("First entry in the log", str(opened.log_index) if opened else ""),
    )
    return Part("receipt", "Receipt", "When and how the request came in, and what was due.",
                ("What", "On record"), rows)  # fmt: skip


def _identity(case: ErasureCase) -> Part:
    rows = tuple(
        (
            METHOD[VerificationMethod(row.method)] if row.method else str(row.state).capitalize(),
            row.doubt or "none", ", ".join(row.matched), _at(row.decided_at), _who(row.decided_by),
            row.reason,
        )
        for row in case.verifications.select_related("decided_by")
    )  # fmt: skip
    return Part(
        "identity", "Identity", "How identity was verified. No document, number or image is kept.",
        ("Way", "Doubt", "Attributes matched", "Decided", "By", "Reason"), rows,
    )  # fmt: skip


def _search(case: ErasureCase) -> Part:
    rows = tuple(
        (
            each.connection, each.title, ANSWER[each.search.status], f"{each.search.total:,}",
            _at(each.search.searched_at), each.search.note or each.search.decision_reason,
        )
        for each in coverage(case)
    )  # fmt: skip
    return Part(
        "search", "Search log", "Every store of every system, also those that held nothing.",
        ("System", "Store", "Answer", "Found", "When", "Note"), rows,
        (f"search/discovery-{case.reference}.pdf",),
    )  # fmt: skip


def _decision(case: ErasureCase) -> Part:
    rows = [("Ground", article(ground)) for ground in case.grounds]
    rows += [
        ("Why it applies", in_clear(lambda: case.ground_reason)),
        ("Decided for the controller by", case.decided_role),
        ("Opinion of the DPO", in_clear(lambda: case.opinion)),
        ("Refused under", article(case.refusal_article) if case.refusal_article else ""),
        ("Closed as", CLOSE.get(case.close_reason, "")),  # type: ignore[call-overload]
        ("Extended on", _at(case.extended_at)),
        ("Reason of the extension", in_clear(lambda: case.extension_reason)),
    ]
    kept = Counter(case.items.exclude(article="").values_list("article", "reason"))
    rows += [(f"Kept, {article(key)}", f"{n:,}: {why}") for (key, why), n in sorted(kept.items())]
    return Part("decision", "Decision and articles", "Ground, exceptions, and the reason of each.",
                ("What", "On record"), tuple(row for row in rows if row[1]))  # fmt: skip


def _holds(case: ErasureCase) -> Part:
    held = Hold.objects.filter(items__case=case).distinct().select_related("placed_by")
    rows = tuple(
        (hold.reference, article(hold.article), hold.public_wording, str(hold.state).capitalize(),
         f"{_at(hold.placed_at)}, {_who(hold.placed_by)}", _day(hold.expires_on or hold.review_on))
        for hold in held
    )  # fmt: skip
    return Part("holds", "Legal holds", "What stood against erasure, and until when.",
                ("Matter", "Article", "As the person is told", "State", "Placed", "Until"), rows,
                none="No hold covered a record of this case.")  # fmt: skip


def _approvals(case: ErasureCase) -> Part:
    rows, halves = [], []
    for row in case.log.filter(type="step").order_by("at", "number"):
        row.case = case
        halves.append((row, _half(row)))
    names = actor_names(str(half.get("actor", "")) for _, half in halves)
    for row, half in halves:
        who = str(half.get("actor", ""))
        rows.append((
            _at(row.at), str(row.facts["step"]).replace("_", " "),
            f"{row.facts['from']} to {row.facts['to']}".replace("_", " ").lower(),
            names.get(who, who), str(half.get("reason", "")),
        ))  # fmt: skip
    return Part("approvals", "Steps and approvals", "Who took which step; who prepared a case "
                "cannot approve it.", ("When", "Step", "State", "By", "Reason"), tuple(rows),
                ("log/entries.jsonl",))  # fmt: skip


def _results(case: ErasureCase) -> Part:
    counted = Counter(
        (
            item.connection.name,
            store_of(item.connection, item.store).title,
            item_state(item.state),
            item.verdict,
        )
        for item in case.items.select_related("connection").defer("locator_sealed").iterator(2000)
    )
    rows = tuple(
        (system, store, state, verdict.replace("_", " ").lower(), f"{n:,}")
        for (system, store, state, verdict), n in sorted(counted.items())
    )
    return Part("results", "Results", "How each record ended; one by one in the file.",
                ("System", "Store", "State", "How it is known", "Records"), rows,
                ("results/items.csv",))  # fmt: skip


def _jobs(case: ErasureCase) -> Part:
    rows = []
    for job in case.jobs.select_related("connection"):
        job.case = case
        rows.append((
            job.connection.name, job.kind, in_clear(partial(getattr, job, "remote_id")),
            str(job.state).capitalize(), _at(job.submitted_at), _at(job.ended_at),
        ))  # fmt: skip
    for audit in case.audits.select_related("connection"):
        said = f"{audit.count:,} entries, {audit.matching:,} about records of the case"
        rows.append((audit.connection.name, "vendor's own audit", said, audit.note, "",
                     _at(audit.fetched_at)))  # fmt: skip
    return Part("jobs", "Vendor jobs and audit entries", "What ran at the vendors, by their ids.",
                ("System", "What", "Id or entries", "State", "Ordered", "Ended"), tuple(rows),
                ("vendors/audit.json",), none="No job ran at a vendor.")  # fmt: skip


def _letters(case: ErasureCase) -> Part:
    rows = tuple(
        (letter.kind.replace("_", " ").capitalize(), letter.language,
         str(letter.state).replace("_", " ").lower(), letter.channel,
         _at(letter.dispatched_at), letter.proof)
        for letter in case.letters.all()
    )  # fmt: skip
    return Part("letters", "Letters and proof of dispatch",
                "Every letter to the person, as it went.",
                ("Letter", "Language", "State", "By", "Dispatched", "Proof"), rows,
                ("letters/",), none="No letter was written.")  # fmt: skip


def _recipients(case: ErasureCase) -> Part:
    rows = tuple(
        (row.name, row.get_kind_display(), _at(row.told_at), row.get_channel_display(), row.proof,
         row.answer or row.excuse)
        for row in case.recipients.all()
    )  # fmt: skip
    return Part("recipients", "Recipients told (Art. 19)", "Whom the data had gone to, and what "
                "each was told.", ("Recipient", "Kind", "Told", "By", "Proof",
                "Answer, or why not told"), rows, none="No recipient is known.")  # fmt: skip


def _concerns(case: ErasureCase) -> Part:
    rows = tuple(
        (row.get_kind_display(), _at(row.raised_at), in_clear(partial(_note, case, row)),
         row.get_outcome_display(), article(row.article) if row.article else "",
         _at(row.closed_at))
        for row in case.concerns.all()
    )  # fmt: skip
    return Part("concerns", "Complaints and questions", "What was raised about the case, and how "
                "it ended.", ("What", "Came in", "About", "Outcome", "Refusal reversed", "Ended"),
                rows, none="Nothing was raised.")  # fmt: skip


def _note(case: ErasureCase, row: Concern) -> str:
    row.case = case  # its keys are loaded
    return row.note


def _access(case: ErasureCase) -> Part:
    rows = tuple(
        (_at(row.at), _who(row.user), row.what, row.reason)
        for row in case.accesses.select_related("user").order_by("at")
    )
    return Part("access", "Access log", "Who looked at personal data of this case.",
                ("When", "Who", "What", "Reason"), rows)  # fmt: skip


def _certificates(case: ErasureCase) -> Part:
    issued = case.certificates.filter(stage=Certificate.ISSUED).defer("pdf", "document")
    rows = tuple((str(row.version), _at(row.issued_at), row.sha256) for row in issued)
    return Part("certificates", "Certificates", "Sealed; the index says how to check them.",
                ("Version", "Issued", "SHA-256"), rows, ("certificates/", "verifier/"),
                none="No certificate is issued yet.")  # fmt: skip


PARTS = (
    _receipt, _identity, _search, _decision, _holds, _approvals, _results, _jobs, _letters,
    _recipients, _concerns, _access, _certificates,
)  # fmt: skip


def _half(row: Any) -> dict[str, Any]:
    try:
        return private_half(row)
    except KeyMissingError:
        return {"reason": DESTROYED}


def _at(when: datetime | None) -> str:
    return f"{day(local := timezone.localtime(when))}, {local:%H:%M}" if when else ""


def _day(when: date | None) -> str:
    return day(when) if when else ""


def _who(user: User | None) -> str:
    return user.as_said() if user else ""
