"""How identity was verified (Art. 12(6)): the least intrusive way is the rule."""

from datetime import timedelta

from django.db.models import Q

from erasure.deadlines.retention import PROOF_DAYS
from erasure.documents.report_facts import Section
from erasure.documents.words import METHOD
from erasure.models import IdentityDocument, Verification
from erasure.reporting.figures import Rows, broken_down, each, number, share, together
from erasure.reporting.period import Period
from erasure.values import VerificationMethod, VerificationState

V = VerificationState


def identity(period: Period) -> Section:
    decided = Verification.objects.filter(decided_at__gte=period.start, decided_at__lt=period.end)
    counted = together(decided, "state", "method")
    methods = dict(each((method, n) for state, method, n in counted if state == V.CONFIRMED))
    copies, confirmed_in_all = methods.get(VerificationMethod.ID_COPY, 0), sum(methods.values())
    failed = sum(n for state, _, n in counted if state in (V.REJECTED, V.EXPIRED))
    return Section("Identity", (
        broken_down("by_method", "Verified, by method", methods.items(), METHOD,
                    "Identities confirmed in the month, by the way they were."),
        share("id_copies", "By a copy of a document", copies, confirmed_in_all,
              "Of the identities confirmed, those for which a copy of an identity document was "
              "asked: the last resort."),
        number("not_verified", "Not verified", failed,
               "Proofs rejected in the month, or never given."),
        number("copies_kept", "Copies past their date", _past(period).count(),
               "Copies of identity documents still here although the identity is decided on, or "
               f"{PROOF_DAYS} days after they came in. Must be none.", now=True),
    ))  # fmt: skip


def _past(period: Period) -> Rows:
    decided = Q(verification__state__in=[V.CONFIRMED, V.REJECTED, V.EXPIRED])
    old = Q(uploaded_at__lt=period.now - timedelta(days=PROOF_DAYS))
    return IdentityDocument.objects.filter(decided | old)
