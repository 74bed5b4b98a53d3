"""``manage.py erase``: a case from the terminal, with progress, under all the same guards."""

import argparse
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from erasure import clock, intake, review, verification
from erasure.cases import refusals
from erasure.errors import InputError, KeyMissingError, StepError
from erasure.management.demo.screen import Watch, say, title, verdicts
from erasure.management.terminal import ask, follow
from erasure.models import ASKS_MORE, Actor, ErasureCase
from erasure.values import (
    Attribute,
    CaseState,
    Channel,
    DocumentType,
    Ground,
    ItemState,
    Step,
    VerificationMethod,
)

EPILOG = """
The person's data is asked for, or read with --from-file (lines such as "email: ...",
"phone: ..." or "name: ..."; - reads standard input). --email, --phone and --name work as
well, but other users of this machine can read them in the process list.
Officer and approver each give their own password and must be two people.
"""
IN_SIGHT = "Options can be read in the process list: prefer --from-file or the questions."


class Command(BaseCommand):
    help = "Open a case, or go on with one (--case), and work it to where it must wait."
    requires_migrations_checks = True

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("--case", metavar="REFERENCE", help="go on with this case")
        who = parser.add_argument_group("the person")
        who.add_argument("--from-file", type=Path, metavar="FILE", help="identifiers; - for stdin")
        for kind in ask.KINDS:
            who.add_argument(f"--{kind.value}", action="append", help="can be repeated")
        who.add_argument("--region", default=settings.COUNTRY, help="of local phone numbers")
        who.add_argument("--received", metavar="DATE", help="when the request came; default: now")
        staff = parser.add_argument_group("who decides")
        staff.add_argument("--officer", metavar="USER", help="decides on identity")
        staff.add_argument("--dpo", metavar="USER", help="approves: never who prepared")
        staff.add_argument("--officer-password-file", type=Path, metavar="FILE")
        staff.add_argument("--dpo-password-file", type=Path, metavar="FILE")
        what = parser.add_argument_group("what they decide; asked for when left out")
        what.add_argument("--method", help=", ".join(VerificationMethod))
        what.add_argument("--matched", help=f"kinds that matched: {', '.join(Attribute)}")
        what.add_argument("--doubt", help="why more was asked for than the request itself")
        what.add_argument("--source", help="of a call back: where the number was on file")
        what.add_argument("--document", help=", ".join(DocumentType))
        what.add_argument("--country", help="that issued the document: two letters")
        what.add_argument("--reason", help="what convinced the officer")
        what.add_argument("--ground", help=", ".join(Ground))
        what.add_argument("--ground-reason", help="why the ground applies")
        what.add_argument("--opinion", help="the DPO's opinion")
        what.add_argument("--yes", action="store_true", help="approve without typing the reference")
        parser.add_argument(
            "--inline", action="store_true", help="do the workers' part in this process"
        )
        parser.add_argument(
            "--patience", type=float, default=600, metavar="SECONDS", help="default: 600"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.options, self.watch = options, Watch()
        case = None
        try:
            case = self.resumed() if options["case"] else self.opened()
            case = self.work(case)
        except (InputError, StepError, KeyMissingError) as why:
            raise CommandError(str(why)) from None
        except KeyboardInterrupt:
            kept = f": go on with --case {case.reference}" if case else ""
            raise CommandError(f"Stopped looking; nothing is undone{kept}.") from None
        say(f"\n  {case.reference} is {case.state}. {follow.next_step(case)}")

    # --- the case --------------------------------------------------------------------------

    def resumed(self) -> ErasureCase:
        case = ErasureCase.objects.filter(reference=self.options["case"]).first()
        if case is None:
            raise CommandError(f"There is no case {self.options['case']}.")
        return case

    def opened(self) -> ErasureCase:
        if any(self.options[kind.value] for kind in ask.KINDS):
            self.stderr.write(IN_SIGHT)
        officer = self.officer()
        name, identifiers = ask.identifiers(self.options)
        case = intake.open_case(
            channel=Channel.TERMINAL, name=name, identifiers=identifiers,
            received_at=self.received(), actor=officer,
        )  # fmt: skip
        say(f"  {case.reference} opened, to be answered by {case.statutory_due:%d %B %Y}")
        return case

    def received(self) -> datetime:
        if not self.options["received"]:
            return clock.now()
        try:
            read = datetime.fromisoformat(self.options["received"])
        except ValueError:
            raise CommandError("--received: give a date such as 2026-11-23.") from None
        return read if read.tzinfo else timezone.make_aware(read)

    def officer(self) -> Actor:
        """Signed in once; the same person all along."""
        if not hasattr(self, "_officer"):
            name = ask.text(self.options, "officer", "User name of the case officer")
            self._officer = ask.sign_in(name, self.options["officer_password_file"])
        return self._officer

    # --- its stages ------------------------------------------------------------------------

    def work(self, case: ErasureCase) -> ErasureCase:
        """From the state it is in to where it must wait."""
        how = {"inline": self.options["inline"], "patience": self.options["patience"]}
        if case.state == CaseState.RECEIVED:
            case = self.validated(case)
        if case.state == CaseState.VALIDATING:
            case = self.identified(case)
        if case.state == CaseState.DISCOVERY:
            title("Search")
            case = follow.searched(case.pk, self.watch, **how)
        if case.state == CaseState.DPO_REVIEW:
            case = self.approved(case)
        if case.state in (CaseState.EXECUTING, CaseState.AWAITING_VENDOR):
            title("Erasure")
            case = follow.executed(case.pk, self.watch, **how)
            say(f"\n  {verdicts(case)}")
        return case

    def validated(self, case: ErasureCase) -> ErasureCase:
        """A worker may have taken the step already."""
        with suppress(StepError):
            intake.start(case.pk)
        return ErasureCase.objects.get(pk=case.pk)

    def identified(self, case: ErasureCase) -> ErasureCase:
        officer = self.officer()
        title("Identity")
        duplicates = ", ".join(one.reference for one in intake.likely_duplicates(case))
        if duplicates:
            say(f"  perhaps the same request: {duplicates}")
        told = self.options
        method = ask.choice(told, "method", "Verified by", list(VerificationMethod))
        matched = ask.text(told, "matched", f"What matched ({', '.join(Attribute)})")
        return verification.confirm(
            case.pk, actor=officer, method=method,
            matched=[each.strip().lower() for each in matched.split(",")],
            reason=ask.text(told, "reason", "What convinced you"), **self.beside(method),
            grounds=[ask.choice(told, "ground", "Ground of Art. 17(1)", list(Ground))],
            ground_reason=ask.text(told, "ground_reason", "Why the ground applies"),
        )  # fmt: skip

    def beside(self, method: str) -> dict[str, str]:
        """What a method needs besides, asked for where it is left out."""
        told, asked = self.options, {}
        if method in ASKS_MORE:
            asked["doubt"] = ask.text(told, "doubt", "Reasonable doubt")
        if method == VerificationMethod.CALL_BACK:
            asked["source"] = ask.text(told, "source", "Where the number was on file")
        if method in (VerificationMethod.ID_SHOWN, VerificationMethod.ID_COPY):
            asked["document_type"] = ask.choice(told, "document", "Document", list(DocumentType))
            asked["document_country"] = ask.text(told, "country", "Issued by (two letters)").upper()
        return asked

    def approved(self, case: ErasureCase) -> ErasureCase:
        """The inventory is shown, and somebody else releases it."""
        self.inventory(case)
        name = self.options["dpo"]
        if name is None and ask.is_tty():
            name = input("User name of who approves (empty: later): ").strip()
        if not name:
            return case
        actor = ask.sign_in(name, self.options["dpo_password_file"])
        if missing := refusals(case, Step.APPROVE, actor):
            where = f"{settings.PUBLIC_URL}/admin/erasure/erasurecase/{case.pk}/change/"
            raise CommandError(f"{' '.join(missing)} Decide at {where}, then use --case "
                               f"{case.reference}.")  # fmt: skip
        opinion = ask.text(self.options, "opinion", "Opinion of the DPO", empty=True)
        if not ask.agreed(self.options, "This erases and cannot be undone.", case.reference):
            raise CommandError(f"Not approved. Go on with --case {case.reference}.")
        return review.approve(
            case.pk, actor=actor, digest=case.inventory_digest, decided_role="dpo",
            opinion=opinion,
        )  # fmt: skip

    def inventory(self, case: ErasureCase) -> None:
        title(f"Inventory of {case.reference}")
        self.watch.look(case)
        counted = case.items.exclude(state=ItemState.EXCLUDED)
        held = counted.filter(state=ItemState.HELD).count()
        unsure = counted.filter(certain=False).count()
        say(f"  {counted.count()} records, {held} held, {unsure} uncertain")
        say(f"  digest {case.inventory_digest}")
