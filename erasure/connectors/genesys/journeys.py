"""Journey sessions: listed contact by contact, redacted by the vendor's own job."""

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs, urlsplit

from erasure.connectors.base import (
    Clear,
    Control,
    Erased,
    Found,
    ItemRef,
    NotErased,
    Presence,
    Searched,
    Seen,
)
from erasure.connectors.genesys.contacts import CONTACT, ExternalContacts
from erasure.connectors.genesys.part import Beside, Person, heads_of, not_by_itself, searched
from erasure.connectors.genesys.reading import entities, inner, moment, required, text
from erasure.connectors.genesys.rows import left_in
from erasure.connectors.genesys.stores import JOURNEYS
from erasure.connectors.http import Http, Json
from erasure.errors import RefusedError
from erasure.values import Identifier

LIST = CONTACT + "/journey/sessions"
SESSION = "/api/v2/journey/sessions/{sessionId}"
PAGE = 200
MOST_PAGES = 200
OWN = (
    "customerId",
    "ipAddress",
    "externalId",
    "attributes",
    "attributeLists",
    "searchTerms",
    "conversationSubject",
)


class Journeys:
    """Web visits. Permissions: externalContacts:session:view, journey:session:view."""

    names: tuple[str, ...] = (JOURNEYS,)

    def __init__(self, reading: Http, contacts: ExternalContacts) -> None:
        self.reading = reading
        self.contacts = contacts

    def collect(self, person: Person) -> Iterator[Found | Searched]:
        """The sessions of each contact, each once."""
        found: dict[str, Found] = {}
        for contact in heads_of(person):
            for session in self.of(contact.remote_id) or ():
                key = required(session, "id")
                when = moment(text(session, "createdDate"))
                facts = {"type": text(session, "type")}
                found[key] = Found(
                    JOURNEYS, key, division=contact.division, occurred_at=when, facts=facts
                )
        yield from found.values()
        yield searched(JOURNEYS, len(found))

    def of(self, contact: str) -> list[Json] | None:
        """All sessions of a contact; None if there is no such contact.

        GET /api/v2/externalcontacts/contacts/{contactId}/journey/sessions?includeMerged=true
        """
        sessions: list[Json] = []
        params = {"pageSize": str(PAGE), "includeMerged": "true"}
        cursors: set[str] = set()
        for _ in range(MOST_PAGES):
            answer = self.reading.send("GET", LIST, params=params, contactId=contact, ok=(404,))
            if answer.status == 404:
                if cursors:
                    raise RefusedError(f"GET {LIST}: the cursor expired", status=404)
                return None
            listing = answer.json_object()
            sessions += entities(listing)
            following = text(listing, "nextUri")
            if not following:
                return sessions
            cursor = "".join(parse_qs(urlsplit(following).query).get("after", ()))
            if not cursor or cursor in cursors:
                raise RefusedError(f"GET {LIST} names no new cursor")
            cursors.add(cursor)
            params = {**params, "after": cursor}
        raise RefusedError(f"GET {LIST} has more than {MOST_PAGES} pages")

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        raise not_by_itself(JOURNEYS)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """A session must be gone, or hold nothing that leads to the person."""
        for ref in refs:
            session = self._read(ref.remote_id)
            if session is None:
                yield Presence(ref, Seen.ABSENT, 404)
            else:
                left = _leads(session) or left_in(session, who, names)
                yield Presence(ref, Seen.PRESENT if left else Seen.REDACTED)

    def _read(self, key: str) -> Json | None:
        """GET /api/v2/journey/sessions/{sessionId}; None if there is none."""
        answer = self.reading.send("GET", SESSION, sessionId=key, ok=(404,))
        if answer.status == 404:
            return None
        session = answer.json_object()
        if required(session, "id") != key:
            raise RefusedError(f"GET {SESSION} answered with another session")
        return session

    def control(self, store: str, beside: Beside) -> str:
        """A session of another contact; if it has none, that its sessions can be listed."""
        sessions = self.of(beside.contact) if beside.contact else None
        if sessions is None:
            return ""
        return required(sessions[0], "id") if sessions else f"{beside.contact}/"

    def sees(self, control: Control) -> bool:
        contact, listed, _ = control.remote_id.partition("/")
        if not listed:
            return self._read(contact) is not None
        return self.contacts.read(contact) is not None and self.of(contact) is not None


def _leads(session: Json) -> bool:
    """Whether a session still leads to somebody."""
    return bool(text(inner(session, "externalContact"), "id")) or any(map(session.get, OWN))
