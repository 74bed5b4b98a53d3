"""One letter of each kind about invented people and systems, for contact sheets and tests."""

from datetime import date

from erasure.documents.letters.facts import (
    EXCESSIVE,
    UNIDENTIFIED,
    Authority,
    Backup,
    Category,
    Gone,
    Head,
    Kept,
    Part,
    Portion,
)
from erasure.documents.letters.kinds import (
    Acknowledgement,
    Complete,
    Ending,
    Extension,
    HoldReleased,
    IdentityRequest,
    Interim,
    Letter,
    PartialHold,
    Refusal,
)
from erasure.values import Exemption, LetterKind, Verdict, VerificationMethod

GENESYS, CRM = "Genesys Cloud EU", "Salesforce"
HEAD = Head(
    reference="ER-2027-7KQ2MX",
    received_on=date(2027, 3, 1),
    written_on=date(2027, 3, 19),
    controller="Example Contact Centre Ltd",
    dpo_contact="privacy@example.org",
    authority=Authority(
        "Data Protection Authority of Exampleland", "1 Invented Square, 00000 Exampleton"
    ),
    addressee="Maria Beispiel",
)
GONE = (
    Gone(GENESYS, Category.CONTACT, 2, Verdict.VERIFIED_ABSENT),
    Gone(GENESYS, Category.CALLS, 7, Verdict.VERIFIED_ABSENT),
    Gone(GENESYS, Category.CONVERSATIONS, 1, Verdict.ANONYMISED),
    Gone(CRM, Category.ENQUIRIES, 3, Verdict.VERIFIED_ABSENT),
    Gone(CRM, Category.FILES, 1, Verdict.ATTESTED),
)
ENDING = Ending(
    searched=(GENESYS, CRM),
    gone=GONE,
    ended_on=date(2027, 3, 18),
    backups=(Backup(GENESYS, date(2027, 4, 17)), Backup(CRM, None)),
    suppressed_months=36,
    recipients_told=2,
    file_months=36,
)
HELD = Kept(
    article=Exemption.LEGAL_CLAIMS,
    portions=(Portion(GENESYS, Category.CALLS, 1), Portion(GENESYS, Category.ANALYSES, 2)),
    held=True,
    wording="Needed for a pending legal claim.",
    until=date(2028, 1, 31),
)
EXEMPT = Kept(
    article=Exemption.LEGAL_OBLIGATION,
    portions=(Portion(CRM, Category.ENQUIRIES, 1),),
    held=False,
    wording="Commercial law wants this record kept.",
    review_by=date(2027, 9, 18),
)
SAMPLES: dict[LetterKind, Letter] = {
    each.kind: each
    for each in (
        Acknowledgement(HEAD, answer_by=date(2027, 4, 1)),
        IdentityRequest(
            HEAD,
            reason="The request came from an address that we have not on file.",
            options=tuple(VerificationMethod),
            reply_by=date(2027, 4, 19),
            link="https://privacy.example.org/identity/an-invented-token-of-forty-three-characters/",
        ),
        Extension(
            HEAD,
            reason="The records lie in five systems, two of which are searched by hand.",
            month_ends=date(2027, 4, 1), due_before=date(2027, 4, 1), due_now=date(2027, 6, 1),
        ),
        Interim(
            HEAD, done=GONE[:2], running=(Portion(CRM, Category.CONTACT, 1),),
            expected_end=date(2027, 4, 20),
        ),
        Complete(HEAD, ENDING),
        PartialHold(HEAD, ENDING, kept=(HELD, EXEMPT)),
        Refusal(
            HEAD,
            parts=(
                Part(UNIDENTIFIED, "No record carries the address you gave."),
                Part(EXCESSIVE, "It is the twelfth request of the same content in this month."),
            ),
        ),
        HoldReleased(HEAD, ENDING, told_on=date(2027, 3, 2)),
    )
}  # fmt: skip
