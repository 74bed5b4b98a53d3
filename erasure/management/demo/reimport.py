"""Somebody who was erased comes back by an import: the sentinel notices, an officer decides."""

import textwrap
from datetime import timedelta
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import CommandError

from erasure import clock
from erasure.discovery.imports import lines_of_the_erased
from erasure.follow_ups import sentences
from erasure.intake import take_up
from erasure.management.demo import papers, run, sandbox
from erasure.management.demo.run import PERSON
from erasure.management.demo.screen import Watch, say, title
from erasure.models import ErasureCase, FollowUp, LaterCheck, StaffNotice, SystemConnection
from erasure.values import CaseState, CheckResult, Return, StoreStatus

TALKS = 3
CRM, CONTACTS = "crm", {("crm", "contacts"), ("genesys-eu", "external_contacts")}
DESTROYED = {"documents", "inventory"}


def reimport(folder: Path) -> None:
    """
    Raises:
        CommandError: names the claim that does not hold.
    """
    run.without_rate_limit(talks=TALKS)
    SystemConnection.objects.filter(slug=CRM).update(syncs_contacts=True)
    title("A case is completed")
    watch = Watch()
    case = _erase(run.to_review(PERSON, watch), watch)
    papers.end(case, folder)
    run.nothing_left(PERSON)
    title("Seven days later everything is searched again")
    claims = {"after 7 days nothing was found, and no store was silent": _clean(case, 7)}
    _import()
    claims["the tokens knew the address before it was imported"] = _known_to_tokens()
    claims |= _noticed(case)
    new = _taken_up(case)
    claims["the new case found, reviewed and erased both contacts"] = (
        new.state == CaseState.COMPLETE and not sandbox.holdings(PERSON)
    )  # fmt: skip
    claims |= _forgotten(case)
    say("  what was seen on the way:")
    run.insist(claims)


def _erase(case: ErasureCase, watch: Watch) -> ErasureCase:
    case = run.settle_questions(case, PERSON, watch)
    run.approve(case)
    case = run.finish(case, watch)
    run.expect(case, CaseState.COMPLETE)
    return case


def _checked(case: ErasureCase, number: int) -> LaterCheck:
    """The clock goes to a day after the end; the workers search."""
    if case.completed_at is None:
        raise CommandError(f"{case.reference} has no day of completion.")
    clock.advance(case.completed_at + timedelta(days=number, minutes=1) - clock.now())
    run.wait_for(case, None, lambda now: now.checks.filter(day=number, done_at=None).count() == 0)
    check = case.checks.get(day=number)
    silent = list(check.stores.values()).count(StoreStatus.UNANSWERED)
    say(f"  day {number}: {check.result}; {len(check.stores)} stores, {silent} silent")
    return check


def _clean(case: ErasureCase, number: int) -> bool:
    check = _checked(case, number)
    silent = StoreStatus.UNANSWERED in check.stores.values()
    return check.result == CheckResult.CLEAN and not silent and not case.follow_ups.exists()


def _import() -> None:
    title("An old list is imported into the CRM; its sync writes the contact centre")
    for vendor in ("salesforce", "genesys"):
        made = sandbox.call("back", {"vendor": vendor, "person": PERSON})["records"]
        say(f"  {vendor}: {made} new contact, under a new id")


def _known_to_tokens() -> bool:
    """Had anybody asked: manage.py check_import, before the import."""
    address = sandbox.person(PERSON)["emails"][0]
    found = lines_of_the_erased(["name,mail\n", f"Somebody,{address}\n", "Else,else@example.org\n"])
    say(f"  check_import would have named line {', '.join(map(str, found))} of the list")
    return found == [2]


def _noticed(case: ErasureCase) -> dict[str, bool]:
    title("The next search finds it")
    check = _checked(case, 30)
    row = FollowUp.objects.get(case=case)
    for text in sentences(row):
        say(textwrap.fill(text, 108, initial_indent=" " * 6, subsequent_indent=" " * 8))
    run.wait_for(case, None, lambda now: _mails(row).filter(mailed_at__isnull=False).exists())
    mail = _mails(row).get()
    say(f"      mail to the DPO: {mail.subject}")
    found = set(row.records.values_list("connection__slug", "store"))
    anew = row.records.filter(store__in=["contacts", "external_contacts"])
    address = sandbox.person(PERSON)["emails"][0]
    crm = SystemConnection.objects.get(slug=CRM).name
    state = ErasureCase.objects.values_list("state", flat=True).get(pk=case.pk)
    return {
        "after 30 days both contacts are found, as made after the end":
            check.result == CheckResult.CAME_BACK and found >= CONTACTS
            and set(anew.values_list("kind", flat=True)) == {Return.NEW},
        "it says which system writes contacts into others": crm in sentences(row)[-1],
        "the DPO was told, without an address": address not in mail.subject + mail.text,
        "the case is complete as it was": state == CaseState.COMPLETE,
        "nothing was erased or blocked without a decision": len(sandbox.holdings(PERSON)) >= 2,
    }  # fmt: skip


def _mails(row: FollowUp):  # type: ignore[no-untyped-def]
    return StaffNotice.objects.filter(key=f"follow-up:{row.pk}")


def _taken_up(case: ErasureCase) -> ErasureCase:
    """The officer has it erased again, in a case of its own."""
    title("An officer opens a new case about it")
    watch = Watch()
    new = take_up(FollowUp.objects.get(case=case).pk, actor=run.staff("officer"))
    run.confirm_identity(run.wait_for(new, watch, lambda now: now.state == CaseState.VALIDATING))
    return _erase(run.wait_for_review(new, watch), watch)


def _forgotten(case: ErasureCase) -> dict[str, bool]:
    title("After the last search what the first case was searched by is destroyed")
    clean = _checked(case, 90).result == CheckResult.CLEAN
    said = StringIO()
    call_command("purge", "--case", case.reference, stdout=said)
    say(textwrap.indent(said.getvalue().rstrip(), "  "))
    gone = set(case.destructions.values_list("purpose", flat=True))
    return {
        "after 90 days nothing was found again": clean,
        "then the found records and search identifiers are destroyed with their key":
            gone == DESTROYED and not case.identifiers.exists(),
        "the tokens still know the address, and lead to nobody": _known_to_tokens(),
    }  # fmt: skip
