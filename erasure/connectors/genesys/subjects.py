"""GDPR subjects: the vendor's own search and its subject-wide deletion job."""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from erasure.connectors.base import (
    Clear,
    Control,
    Erased,
    Found,
    ItemRef,
    JobReport,
    NotErased,
    Presence,
    RemoteJob,
    Reply,
    Searched,
    Seen,
)
from erasure.connectors.genesys.carried import of_contact, of_subject
from erasure.connectors.genesys.contacts import ExternalContacts
from erasure.connectors.genesys.part import Beside, Person, each, searched
from erasure.connectors.genesys.reading import (
    distinct,
    entities,
    inner,
    moment,
    number,
    required,
    strings,
    text,
)
from erasure.connectors.genesys.stores import SUBJECTS
from erasure.connectors.http import Http, Json
from erasure.errors import RefusedError
from erasure.values import Identifier, IdentifierKind, JobState

SEARCH = "/api/v2/gdpr/subjects"
REQUESTS = "/api/v2/gdpr/requests"
REQUEST = REQUESTS + "/{requestId}"
JOB_KIND = "gdpr_delete"

SEARCH_TYPES = {
    IdentifierKind.EMAIL: "EMAIL",
    IdentifierKind.PHONE: "PHONE",
    IdentifierKind.WHATSAPP: "WHATSAPP",
    IdentifierKind.TWITTER: "TWITTER",
    IdentifierKind.FACEBOOK: "FACEBOOK",
    IdentifierKind.INSTAGRAM: "INSTAGRAM",
    IdentifierKind.APPLE: "APPLE_MESSAGES",
    IdentifierKind.CRM_CONTACT: "EXTERNAL_ID",
    IdentifierKind.CUSTOMER: "EXTERNAL_ID",
    IdentifierKind.NAME: "NAME",
}
STATES = {
    "INITIATED": JobState.RUNNING,
    "SEARCHING": JobState.RUNNING,
    "UPDATING": JobState.RUNNING,
    "DELETING": JobState.RUNNING,
    "FINALIZING": JobState.RUNNING,
    "COMPLETED": JobState.DONE,
    "ERROR": JobState.ERROR,
}
EMPLOYEE = "userId"
NO_ID = "identifiers"  # a subject known by identifiers alone
REQUEST_PAGE = 25  # the vendor's default; its maximum is not documented
MOST_PAGES = 200
CLOCKS_APART = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class SubjectId:
    """The one id field of a subject; ``key`` is how it is inventoried."""

    key: str
    kind: str
    field: Json

    def __repr__(self) -> str:
        return f"SubjectId({self.kind})"


class GdprSubjects:
    """The vendor's subjects. Permissions: gdpr:subject:view, gdpr:request:view, :add."""

    names: tuple[str, ...] = (SUBJECTS,)

    def __init__(self, reading: Http, http: Http, people: ExternalContacts) -> None:
        self.reading = reading
        self.http = http
        self.people = people

    def collect(self, person: Person) -> Iterator[Searched]:
        """Only counts: the subjects came with lookup()."""
        yield searched(SUBJECTS, sum(one.store == SUBJECTS for one in person.people))

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        return each(self.erase_one, refs, clear)

    def control(self, store: str, beside: Beside) -> str:
        """A contact that carries what the subject search can be asked for."""
        return beside.contact if _askable(beside.record) else ""

    def sees(self, control: Control) -> bool:
        """Whether the search still returns the subject of a contact."""
        contact = self.people.read(control.remote_id)
        for one in _askable(contact) if contact else ():
            keys = {key.key for subject in self.search(one) for key in self.ids_of(subject)}
            return f"externalContactId:{control.remote_id}" in keys
        return False  # nothing to search by any more: it proves nothing

    def lookup(self, who: Identifier, *, certain: bool = True) -> Iterator[Found]:
        """Subjects an identifier leads to. Without certainty they are leads.

        Raises:
            RefusedError: the vendor knows more subjects than it returned.
        """
        for subject in self.search(who):
            ids = self.ids_of(subject)
            employee = any(one.kind == EMPLOYEE for one in ids)
            for one in ids:
                found = as_found(subject, one, certain=certain, employee=employee)
                yield replace(found, facts={**found.facts, "by": who.kind.value})

    def search(self, who: Identifier) -> list[Json]:
        """GET /api/v2/gdpr/subjects?searchType=&searchValue= (gdpr:subject:view)."""
        if who.kind not in SEARCH_TYPES:
            return []
        params = {"searchType": SEARCH_TYPES[who.kind], "searchValue": who.value}
        listing = self.reading.send("GET", SEARCH, params=params).json_object()
        subjects = entities(listing)
        if (number(listing, "total") or 0) > len(subjects) or text(listing, "nextUri"):
            raise RefusedError(f"GET {SEARCH} knows more subjects than it returns")
        return subjects

    def ids_of(self, subject: Json) -> list[SubjectId]:
        """Each id field a subject carries, or one keyed digest if it carries none."""
        found = list(_ids(subject))
        return found or [SubjectId(f"{NO_ID}:{self._digest(subject)}", NO_ID, {})]

    def erase_one(self, ref: ItemRef, clear: Clear) -> Erased:
        """Submit the vendor's deletion job for one subject.

        POST /api/v2/gdpr/requests?deleteConfirmed=true (gdpr:request:add). It is not
        idempotent: after a first try the requests are listed before another is made.

        Raises:
            RefusedError: an employee, or a subject without an id.
        """
        field = field_of(ref)
        request = self._submitted(ref, field) if ref.tries > 1 else None
        status = 200
        if request is None:
            answer = self.http.send(
                "POST",
                REQUESTS,
                params={"deleteConfirmed": "true"},
                json={"requestType": "GDPR_DELETE", "subject": field},
                before=partial(clear, [ref]),
            )
            request, status = answer.json_object(), answer.status
        return Erased(ref, Reply.ACCEPTED, status, required(request, "id"), JOB_KIND)

    def poll(self, job: RemoteJob) -> JobReport:
        """GET /api/v2/gdpr/requests/{requestId}. COMPLETED is processed, never proof."""
        answer = self.http.send("GET", REQUEST, requestId=job.remote_id, ok=(404,))
        if answer.status == 404:
            return JobReport(
                JobState.LOST, "", "the vendor does not know the request", http_status=404
            )
        word = text(answer.json_object(), "status")
        if word not in STATES:
            return JobReport(JobState.RUNNING, word, "unknown status")
        reason = "the vendor ended the request with an error" if word == "ERROR" else ""
        return JobReport(STATES[word], word, reason)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Search every identifier again: a subject must no longer come.

        What was found by name is searched by name too. Under another kind of id than
        the inventoried one a subject that still comes may be the same.

        Raises:
            RefusedError: there is nothing to search by, or the search is incomplete.
        """
        exact = [one for one in who if one.kind in SEARCH_TYPES and not _is_name(one)]
        named = [one for one in who if _is_name(one)]
        named += [Identifier(IdentifierKind.NAME, name) for name in names if name.strip()]
        by_name = any(ref.facts.get("by") == IdentifierKind.NAME for ref in refs)
        wanted = [*exact, *distinct(named)] if by_name or not exact else exact
        if not wanted or (by_name and not named):
            raise RefusedError(f"GET {SEARCH} needs an identifier to search by")
        come = [(one, self.ids_of(subject)) for one in wanted for subject in self.search(one)]
        seen = {each.key for _, ids in come for each in ids}
        known = {ref.remote_id for ref in refs}
        odd = [{i.kind for i in ids} for one, ids in come if not _is_name(one)
               and not known & {i.key for i in ids}]  # fmt: skip
        for ref in refs:
            kind = ref.remote_id.partition(":")[0]
            changed = kind == NO_ID and bool(odd)  # its key is made of what it holds
            renamed = changed or any(not kinds & {kind, EMPLOYEE} for kinds in odd)
            there = ref.remote_id in seen or renamed
            yield Presence(ref, Seen.PRESENT if there else Seen.ABSENT)

    def _submitted(self, ref: ItemRef, field: Json) -> Json | None:
        """A deletion request for the same subject made since the first try, if any."""
        since = ref.first_tried - CLOCKS_APART if ref.first_tried else None
        for request in self._requests():
            asked = text(request, "requestType") == "GDPR_DELETE"
            failed = text(request, "status") == "ERROR"
            if asked and not failed and _same(inner(request, "subject"), field):
                made = moment(text(request, "createdDate"))
                if since is None or made is None or made >= since:
                    return request
        return None

    def _requests(self) -> Iterator[Json]:
        for page in range(1, MOST_PAGES + 1):
            params = {"pageSize": REQUEST_PAGE, "pageNumber": page}
            listing = self.http.send("GET", REQUESTS, params=params).json_object()
            entries = entities(listing)
            yield from entries
            if len(entries) < REQUEST_PAGE:
                return

    def _digest(self, subject: Json) -> str:
        """A name for a subject without an id that gives nothing away: keyed."""
        values = [text(subject, "name"), *strings(subject, "emailAddresses")]
        values += [*strings(subject, "phoneNumbers"), *strings(subject, "addresses")]
        handle = inner(subject, "socialHandle")
        values += [text(handle, "type"), text(handle, "value")]
        key = self.http.account.client_secret.encode()
        return hmac.new(key, "\n".join(sorted(values)).encode(), hashlib.sha256).hexdigest()[:32]


def _ids(subject: Json) -> Iterator[SubjectId]:
    for kind in (EMPLOYEE, "externalContactId", "externalId"):
        value = text(subject, kind)
        if value:
            yield SubjectId(f"{kind}:{value}", kind, {kind: value})
    pairs = (("dialerContactId", "contactListId", "id"), ("journeyCustomer", "type", "id"))
    for kind, first, second in pairs:
        pair = inner(subject, kind)
        one, two = text(pair, first), text(pair, second)
        if one and two:
            yield SubjectId(f"{kind}:{one}:{two}", kind, {kind: {first: one, second: two}})


def field_of(ref: ItemRef) -> Json:
    """The one id field to submit for an inventoried subject.

    Raises:
        RefusedError: an employee's account could break; without an id nothing can be sent.
    """
    kind, _, value = ref.remote_id.partition(":")
    if kind == EMPLOYEE or ref.facts.get("employee"):
        raise RefusedError("The subject is an employee: a person must do this")
    if kind in ("externalContactId", "externalId") and value:
        return {kind: value}
    first, _, second = value.partition(":")
    if kind == "dialerContactId" and second:
        return {kind: {"contactListId": first, "id": second}}
    if kind == "journeyCustomer" and second:
        return {kind: {"type": first, "id": second}}
    raise RefusedError("The subject has no id of its own: a person must do this")


def _askable(contact: Json) -> list[Identifier]:
    """What of a contact the subject search can be asked for."""
    return [one for one in of_contact(contact) if one.kind in SEARCH_TYPES]


def _is_name(one: Identifier) -> bool:
    return one.kind is IdentifierKind.NAME


def _same(subject: Json, field: Json) -> bool:
    return all(subject.get(key) == value for key, value in field.items())


def as_found(subject: Json, one: SubjectId, *, certain: bool, employee: bool) -> Found:
    """A subject as inventoried. Without an id it is a lead for the manual leg."""
    manual = one.kind == NO_ID
    name = text(subject, "name").strip()
    carried = of_subject(subject)
    return Found(
        SUBJECTS,
        one.key,
        label=name,
        facts={"kind": one.kind, "employee": employee, "manual": manual},
        identifiers=tuple(carried),
        names=(name,) if name else (),
        fields=carried,
        certain=certain and not manual,
    )
