"""The vendor's objects that can hold a person's data, and how each is found and erased."""

import re
from dataclasses import dataclass

from erasure.connectors.base import Facts
from erasure.errors import RefusedError

CONTACT, ACCOUNT, LEAD, CASE, MAIL, INDIVIDUAL = "003", "001", "00Q", "500", "02s", "0PK"
USER, END_USER = "005", "0PA"
CUSTOM, MENTIONS = "custom", "mentions"  # stores of any object
_CUSTOM = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}__c\Z")
_ANY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}\Z")


@dataclass(frozen=True, slots=True)
class SObject:
    """One object. ``links``: the fields that name another record, each with its prefixes."""

    name: str
    prefix: str  # of its ids
    store: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # the person's own name: the record stands for a person
    lists: tuple[str, ...] = ()  # several addresses in one text
    links: tuple[tuple[str, tuple[str, ...]], ...] = ()
    also: tuple[str, ...] = ()  # further fields to read
    optional: tuple[str, ...] = ()  # fields that are there only while a feature is on
    feature: str = ""  # the field without which the org has nothing of the kind
    only: str = ""  # a condition every record must meet
    conversation: str = ""  # the field that names the case it belongs to
    talk: bool = False  # a conversation of its own: a hold may name it
    bulk: bool = False  # the vendor takes it in a hardDelete job
    archived: bool = False  # the plain query hides old rows
    soap: bool = False  # deleted by the SOAP side alone, and not into a bin
    scrambled: bool = False  # never deleted: overwritten, and the row stays
    by_id: bool = False  # looked for by its own id as well: other records name it


def _of(name: str, prefix: str, store: str, *links: str, **given: object) -> SObject:
    """``links`` as "ContactId:003,00Q"."""
    read = tuple((f, tuple(p.split(","))) for f, _, p in (each.partition(":") for each in links))
    return SObject(name, prefix, store, links=read, **given)  # type: ignore[arg-type]


_PERSON_PHONES = ("PersonMobilePhone", "PersonHomePhone", "PersonOtherPhone")
_POINT = "ParentId:0PK,001"
PEOPLE = (  # records that stand for a person; later ones may hang on earlier ones
    _of(
        "Contact", CONTACT, "contacts", "IndividualId:0PK",
        emails=("Email",), phones=("Phone", "MobilePhone", "HomePhone", "OtherPhone", "Fax"),
        names=("Name",), also=("IsPersonAccount",), bulk=True, by_id=True,
        optional=("Fax", "IndividualId", "IsPersonAccount"),
    ),
    _of(
        "Account", ACCOUNT, "person_accounts", "PersonContactId:003", "PersonIndividualId:0PK",
        emails=("PersonEmail",), phones=("Phone", "Fax", *_PERSON_PHONES), names=("Name",),
        optional=("Fax", "PersonIndividualId"), feature="IsPersonAccount",
        only="IsPersonAccount = true", bulk=True, by_id=True,
    ),
    _of(
        "Lead", LEAD, "leads", "ConvertedContactId:003", "IndividualId:0PK",
        emails=("Email",), phones=("Phone", "MobilePhone", "Fax"), names=("Name",),
        optional=("Fax", "IndividualId"), bulk=True, by_id=True,
    ),
    _of(
        "User", USER, "portal_users", "ContactId:003", emails=("Email", "Username"),
        phones=("Phone", "MobilePhone"), names=("Name",), also=("UserType",),
        optional=("Phone", "MobilePhone"), feature="ContactId", scrambled=True, by_id=True,
    ),
    _of("ContactPointEmail", "", "contact_points", _POINT, emails=("EmailAddress",)),
    _of("ContactPointPhone", "", "contact_points", _POINT, phones=("TelephoneNumber",)),
    _of("ContactPointAddress", "", "contact_points", _POINT),
    _of(
        "MessagingEndUser", END_USER, "messaging", "ContactId:003", "LeadId:00Q", "AccountId:001",
        phones=("MessagingPlatformKey",), names=("Name",), optional=("AccountId",), bulk=True,
        by_id=True,
    ),
)  # fmt: skip
INDIVIDUALS = _of("Individual", INDIVIDUAL, "individuals", also=("ShouldForget",), by_id=True)
CASE_LINK, OWNERS = "CaseId:500", "ParentId:003,00Q,500,001"
KINDS = (
    _of(
        "Case", CASE, "cases", "ContactId:003", emails=("SuppliedEmail",),
        phones=("SuppliedPhone",), also=("CaseNumber",), talk=True, bulk=True,
    ),
    _of(
        "CampaignMember", "00v", "campaign_members", "ContactId:003", "LeadId:00Q",
        emails=("Email",), phones=("Phone", "MobilePhone"),
    ),
    _of("CaseComment", "00a", "case_comments", "ParentId:500", conversation="ParentId"),
    _of(
        "EmailMessage", MAIL, "emails", "ParentId:500", "RelatedToId:003,00Q,001",
        emails=("FromAddress",), lists=("ToAddress", "CcAddress", "BccAddress"),
        conversation="ParentId", talk=True, bulk=True,
    ),
    _of(
        "EmailMessageRelation", "", "emails", "EmailMessageId:02s", "RelationId:003,00Q",
        emails=("RelationAddress",),
    ),
    _of("Task", "00T", "activities", "WhoId:003,00Q", "WhatId:500,001", bulk=True, archived=True),
    _of("Event", "00U", "activities", "WhoId:003,00Q", "WhatId:500,001", bulk=True, archived=True),
    _of("TaskRelation", "", "activities", "RelationId:003,00Q", also=("TaskId",), archived=True),
    _of("EventRelation", "", "activities", "RelationId:003,00Q", also=("EventId",), archived=True),
    _of("OpportunityContactRole", "00K", "links", "ContactId:003"),
    _of("AccountContactRelation", "07k", "links", "ContactId:003"),
    _of("ContractContactRole", "02a", "links", "ContactId:003"),
    _of("CaseContactRole", "03j", "links", "ContactId:003", conversation="CasesId"),
    _of(
        "LiveChatTranscript", "570", "chats", "ContactId:003", "LeadId:00Q", CASE_LINK,
        conversation="CaseId", talk=True, bulk=True,
    ),
    _of("LiveChatTranscriptEvent", "574", "chats", "LiveChatTranscriptId:570"),
    _of(
        "MessagingSession", "0Mw", "messaging", "MessagingEndUserId:0PA", "EndUserContactId:003",
        CASE_LINK, conversation="CaseId", talk=True, bulk=True,
    ),
    _of(
        "VoiceCall", "0LQ", "voice_calls", "RelatedRecordId:003,00Q,500,001",
        phones=("FromPhoneNumber", "ToPhoneNumber"), talk=True, bulk=True,
    ),
    _of("VoiceCallRecording", "", "voice_calls", "VoiceCallId:0LQ"),
    _of("Attachment", "00P", "notes", f"{OWNERS},02s"),
    _of("Note", "002", "notes", OWNERS),
    _of("FeedItem", "0D5", "feed", OWNERS, "InsertedById:005"),
    _of("FeedComment", "0D7", "feed", "FeedItemId:0D5", "InsertedById:005"),
    _of("ContactHistory", "", "history", "ContactId:003", soap=True),
    _of("LeadHistory", "", "history", "LeadId:00Q", soap=True),
    _of("AccountHistory", "", "history", "AccountId:001", soap=True),
    _of("CaseHistory", "", "history", CASE_LINK, conversation="CaseId", soap=True),
)  # fmt: skip
FILES = (
    _of("ContentDocument", "069", "files"),
    _of("ContentDocumentLink", "06A", "files"),
)
CORE = ("Contact", "Case")  # every org has them: one that does not list them hides them
BY_STORE: dict[str, tuple[SObject, ...]] = {}
for _kind in (*PEOPLE, INDIVIDUALS, *KINDS, *FILES):
    BY_STORE[_kind.store] = (*BY_STORE.get(_kind.store, ()), _kind)


def kind_of(store: str, facts: Facts | None = None, division: str = "") -> SObject:
    """The object a record belongs to, by its facts or division where a store has several.

    Raises:
        RefusedError: no store, or no object of it.
    """
    named = division or str((facts or {}).get("object", ""))
    if store == CUSTOM and _CUSTOM.match(named):
        return SObject(named, "", store, bulk=True)
    if store == MENTIONS and _ANY.match(named):
        return SObject(named, "", store)
    kinds = BY_STORE.get(store, ())
    fitting = [each for each in kinds if not named or each.name == named]
    if len(fitting) != 1:
        raise RefusedError("Salesforce: no such store or object.")
    return fitting[0]
