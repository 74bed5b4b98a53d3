"""The vendor's objects that can hold a person's data, and how each is found and erased."""

from dataclasses import dataclass

from erasure.connectors.base import Facts
from erasure.errors import RefusedError

CONTACT, LEAD, CASE, MAIL = "003", "00Q", "500", "02s"


@dataclass(frozen=True, slots=True)
class SObject:
    """One object. ``links``: the fields that name its parent, each with the parents' prefixes."""

    name: str
    prefix: str  # of its ids
    store: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()  # several addresses in one text
    links: tuple[tuple[str, tuple[str, ...]], ...] = ()
    conversation: str = ""  # the field that names the case it belongs to
    bulk: bool = False  # the vendor takes it in a hardDelete job
    archived: bool = False  # the plain query hides old rows
    soap: bool = False  # deleted by the SOAP side alone, and not into a bin


def _of(name: str, prefix: str, store: str, *links: str, **given: object) -> SObject:
    """``links`` as "ContactId:003,00Q"."""
    read = tuple((f, tuple(p.split(","))) for f, _, p in (each.partition(":") for each in links))
    return SObject(name, prefix, store, links=read, **given)  # type: ignore[arg-type]


CASE_LINK, OWNERS = "CaseId:500", "ParentId:003,00Q,500"
KINDS = (
    _of(
        "Lead", LEAD, "leads",
        emails=("Email",), phones=("Phone", "MobilePhone"), bulk=True,
    ),
    _of("ContactPointEmail", "", "contact_points", emails=("EmailAddress",)),
    _of(
        "ContactPointPhone", "", "contact_points",
        phones=("TelephoneNumber",),
    ),
    _of(
        "CampaignMember", "00v", "campaign_members", "ContactId:003", "LeadId:00Q",
        emails=("Email",), phones=("Phone", "MobilePhone"),
    ),
    _of("CaseComment", "00a", "case_comments", "ParentId:500", conversation="ParentId"),
    _of(
        "EmailMessage", MAIL, "emails", "ParentId:500", "RelatedToId:003,00Q",
        emails=("FromAddress",), lists=("ToAddress", "CcAddress", "BccAddress"),
        conversation="ParentId", bulk=True,
    ),
    _of("Task", "00T", "activities", "WhoId:003,00Q", "WhatId:500", bulk=True, archived=True),
    _of("Event", "00U", "activities", "WhoId:003,00Q", "WhatId:500", bulk=True, archived=True),
    _of("OpportunityContactRole", "00K", "links", "ContactId:003"),
    _of("CaseContactRole", "03j", "links", "ContactId:003", conversation="CasesId"),
    _of(
        "LiveChatTranscript", "570", "chats", "ContactId:003", "LeadId:00Q", CASE_LINK,
        conversation="CaseId", bulk=True,
    ),
    _of(
        "MessagingEndUser", "0PA", "messaging", "ContactId:003", "LeadId:00Q",
        phones=("MessagingPlatformKey",), bulk=True,
    ),
    _of(
        "MessagingSession", "0Mw", "messaging", "MessagingEndUserId:0PA", CASE_LINK,
        conversation="CaseId", bulk=True,
    ),
    _of(
        "VoiceCall", "0LQ", "voice_calls", "RelatedRecordId:003,00Q,500",
        phones=("FromPhoneNumber", "ToPhoneNumber"), bulk=True,
    ),
    _of("Attachment", "00P", "notes", OWNERS),
    _of("Note", "002", "notes", OWNERS),
    _of("FeedItem", "0D5", "feed", OWNERS),
    _of("ContactHistory", "", "history", "ContactId:003", soap=True),
    _of("LeadHistory", "", "history", "LeadId:00Q", soap=True),
    _of("CaseHistory", "", "history", CASE_LINK, conversation="CaseId", soap=True),
)  # fmt: skip
CORE = (
    SObject("Contact", CONTACT, "contacts", bulk=True),
    SObject("Case", CASE, "cases", bulk=True),
)
BY_STORE: dict[str, tuple[SObject, ...]] = {}
for _kind in (*CORE, *KINDS):
    BY_STORE[_kind.store] = (*BY_STORE.get(_kind.store, ()), _kind)


def kind_of(store: str, facts: Facts | None = None, division: str = "") -> SObject:
    """The object a record belongs to, by its facts or division where a store has several.

    Raises:
        RefusedError: no store, or no object of it.
    """
    kinds = BY_STORE.get(store, ())
    named = division or str((facts or {}).get("object", ""))
    fitting = [each for each in kinds if not named or each.name == named]
    if len(fitting) != 1:
        raise RefusedError("Salesforce: no such store or object.")
    return fitting[0]
