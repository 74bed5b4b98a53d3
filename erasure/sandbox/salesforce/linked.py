"""Everything else an org holds of its people, for one that has every object."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..people import Person
from .conversations import of_service
from .records import Values, made_id
from .schema import PREFIXES
from .seed import Rows, id_of

Made = Iterator[tuple[str, str, Values]]


def linked_rows(known: Sequence[Person], person_accounts: bool, employee: bool) -> Rows:
    """Rows of all people. The first one and the first bystander have what is rarer too.

    ``employee``: a member of the org's own staff uses the first person's address.
    """
    rare = {each.key for each in (*known[:1], *[one for one in known if one.bystander][:1])}
    firm = made_id(PREFIXES["Account"], "firm")
    yield "Account", "", firm, {"Name": "Example Works", "Phone": "01632 960990"}
    for number, person in enumerate(known):
        one = _Linking(person, number, firm, rare=person.key in rare)
        for kind, name, values in one.rows(person_accounts):
            yield kind, person.key, id_of(person, kind, name), values
    if len(known) > 1:
        yield from _between(*known[:2])
    if employee and known:
        staff: Values = {"Name": "Erika Employee", "FirstName": "Erika", "LastName": "Employee"}
        mail: Values = {"Email": known[0].email, "Username": "erika@example.com", "IsActive": True}
        own = made_id(PREFIXES["User"], "employee")
        yield "User", "", own, {**staff, **mail, "UserType": "Standard", "Alias": "erika"}


def _between(first: Person, second: Person) -> Rows:
    """A document and activities of two people, and a case of the second that names the first."""
    document = id_of(second, "ContentDocument", "shared")
    yield "ContentDocument", second.key, document, {"Title": "Minutes of a meeting"}
    version: Values = {"ContentDocumentId": document, "Title": "Minutes of a meeting"}
    yield "ContentVersion", second.key, id_of(second, "ContentVersion", "shared"), version
    for person in (first, second):
        shared = id_of(person, "ContentDocumentLink", "shared")
        contact = id_of(person, "Contact", "contact")
        link: Values = {"ContentDocumentId": document, "LinkedEntityId": contact}
        yield "ContentDocumentLink", person.key, shared, link
    yield from _together(first, second)
    text = f"A neighbour, {first.name} ({first.email}), was named too."
    yield "Case", second.key, id_of(second, "Case", "call"), {"Description": text}


def _together(first: Person, second: Person) -> Rows:
    """A task that is with the first one first, and an event that is with the second first."""
    for kind, one in (("Task", first), ("Event", second)):
        activity = id_of(one, kind, "both")
        about: Values = {"WhoId": id_of(one, "Contact", "contact"), "Subject": "A talk of two"}
        yield kind, second.key, activity, about
        for person in (first, second):
            relation: Values = {"RelationId": id_of(person, "Contact", "contact")}
            own = id_of(person, f"{kind}Relation", "both")
            yield f"{kind}Relation", person.key, own, {**relation, f"{kind}Id": activity}


@dataclass(frozen=True, slots=True)
class _Linking:
    """The rows of one person; ``rare``: with a person account and a converted lead."""

    person: Person
    number: int
    firm: str
    rare: bool

    def id(self, kind: str, name: str) -> str:
        return id_of(self.person, kind, name)

    def rows(self, person_accounts: bool) -> Made:
        contact = self.id("Contact", "contact")
        yield "Contact", "contact", {"AccountId": self.firm, "IndividualId": self._individual}
        yield "Case", "call", {"AccountId": self.firm}
        yield from self._people(contact)
        yield from self._points()
        if self.rare and person_accounts:
            yield from self._person_account()
        yield from of_service(self.person, contact, self.id("Case", "call"))
        yield from self._roles(contact)
        yield from self._files(contact)
        yield from self._history(contact)
        yield from self._customs(contact)

    @property
    def _individual(self) -> str:
        return self.id("Individual", "self")

    def _people(self, contact: str) -> Made:
        person = self.person
        names: Values = {"FirstName": person.first_name, "LastName": person.last_name}
        named: Values = {**names, "Name": person.name}
        yield "Individual", "self", dict(named)
        phone = formatted(person.phone, self.number)
        lead: Values = {**named, "Email": person.email, "Phone": phone, "Company": "Example Works"}
        turned: Values = {"ConvertedContactId": contact} if self.rare else {}
        more: Values = {"IndividualId": self._individual, "IsConverted": self.rare, **turned}
        yield "Lead", "lead", {**lead, **more, "Description": f"Asked at a fair: {person.name}."}
        mail = f"portal.{person.email}"
        user: Values = {**named, "Email": person.email, "Username": mail, "IsActive": True}
        nick: Values = {"Alias": person.first_name[:8], "CommunityNickname": mail.partition("@")[0]}
        yield "User", "portal", {**user, **nick, "ContactId": contact, "UserType": "CspLitePortal"}

    def _points(self) -> Made:
        person, parent = self.person, self._individual
        yield "ContactPointEmail", "mail", {"EmailAddress": person.email, "ParentId": parent}
        phone = formatted(person.phone, self.number + 1)
        yield "ContactPointPhone", "phone", {"TelephoneNumber": phone, "ParentId": parent}
        street: Values = {"Name": "Home", "Street": person.address, "ParentId": parent}
        yield "ContactPointAddress", "home", street

    def _person_account(self) -> Made:
        """An account and its contact, which live and go together."""
        person, account = self.person, self.id("Account", "person")
        contact = self.id("Contact", "person")
        phone = formatted(person.phone, self.number)
        names: Values = {
            "Name": person.name,
            "FirstName": person.first_name,
            "LastName": person.last_name,
        }
        shared: Values = {**names, "Phone": phone, "IsPersonAccount": True}
        own: Values = {"PersonEmail": person.email, "PersonContactId": contact}
        yield "Account", "person", {**shared, **own, "PersonIndividualId": self._individual}
        other: Values = {"Email": person.email, "AccountId": account}
        yield "Contact", "person", {**shared, **other, "IndividualId": self._individual}
        changed: Values = {"OldValue": f"old.{person.email}", "NewValue": person.email}
        yield (
            "AccountHistory",
            "account",
            {"AccountId": account, "Field": "PersonEmail", **changed},
        )

    def _roles(self, contact: str) -> Made:
        phone = formatted(self.person.phone, self.number + 2)
        member: Values = {"Email": self.person.email, "Phone": phone, "ContactId": contact}
        yield "CampaignMember", "member", {**member, "Status": "Sent"}
        yield "OpportunityContactRole", "role", {"ContactId": contact, "Role": "Decision Maker"}
        yield "ContractContactRole", "role", {"ContactId": contact, "Role": "Signer"}
        works: Values = {"AccountId": self.firm, "ContactId": contact, "Roles": "Buyer"}
        yield "AccountContactRelation", "works", works
        case: Values = {"CasesId": self.id("Case", "call"), "ContactId": contact}
        yield "CaseContactRole", "role", {**case, "Role": "Caller"}

    def _files(self, contact: str) -> Made:
        title = f"Letter of {self.person.name}"
        document = self.id("ContentDocument", "letter")
        yield "ContentDocument", "letter", {"Title": title}
        version: Values = {
            "ContentDocumentId": document,
            "Title": title,
            "PathOnClient": "letter.pdf",
        }
        yield "ContentVersion", "letter", version
        link: Values = {"ContentDocumentId": document, "LinkedEntityId": contact, "ShareType": "V"}
        yield "ContentDocumentLink", "letter", link
        yield "Attachment", "scan", {"ParentId": contact, "Name": "scan.pdf", "Body": ""}
        yield "Note", "note", {"ParentId": contact, "Title": "Note", "Body": self.person.name}

    def _history(self, contact: str) -> Made:
        """Field history, and the feed's own word of a change."""
        case, lead, person = self.id("Case", "call"), self.id("Lead", "lead"), self.person
        changed: Values = {"OldValue": f"old.{person.email}", "NewValue": person.email}
        yield (
            "ContactHistory",
            "contact",
            {"ContactId": contact, "Field": "Email", **changed},
        )
        yield "LeadHistory", "lead", {"LeadId": lead, "Field": "Email", **changed}
        yield "CaseHistory", "case", {"CaseId": case, "Field": "SuppliedEmail", **changed}
        user = self.id("User", "portal")
        post: Values = {"ParentId": contact, "InsertedById": user, "Body": f"{person.name} wrote."}
        yield "FeedItem", "post", {**post, "Type": "TextPost"}
        told = f"Email: {changed['OldValue']} to {changed['NewValue']}"
        yield "FeedItem", "change", {"ParentId": contact, "Body": told, "Type": "TrackedChange"}
        below: Values = {"FeedItemId": self.id("FeedItem", "post"), "ParentId": contact}
        answer: Values = {"InsertedById": user, "CommentBody": f"Thank you, {person.name}."}
        yield "FeedComment", "answer", {**below, **answer}

    def _customs(self, contact: str) -> Made:
        person, lead = self.person, self.id("Lead", "lead")
        bill: Values = {"Name": "INV-1", "Email__c": person.email, "Contact__c": contact}
        yield "Invoice__c", "bill", bill
        card: Values = {"Name": "LOY-1", "Email__c": person.email, "Lead__c": lead}
        phone = formatted(person.phone, self.number + 3)
        yield "Loyalty__c", "card", {**card, "Phone__c": phone}
        asked: Values = {"Name": "SUR-1", "Phone__c": person.phone, "Contact__c": contact}
        yield "Survey__c", "asked", {**asked, "Answers__c": f"{person.name} is content."}


def formatted(phone: str, number: int) -> str:
    """A British number in one of the ways people type it."""
    area, rest = phone.removeprefix("+44")[:4], phone.removeprefix("+44")[4:]
    ways = (
        phone,
        f"(0{area}) {rest}",
        f"+44 {area} {rest}",
        f"0{area}-{rest}",
        f"0{area}{rest} ext 2",
    )
    return ways[number % len(ways)]
