"""Contact notes: listed contact by contact, deleted one by one."""

from collections.abc import Iterator, Sequence
from functools import partial

from erasure.connectors.base import (
    Clear,
    Control,
    Erased,
    Found,
    ItemRef,
    NotErased,
    Presence,
    Reply,
    Searched,
    Seen,
)
from erasure.connectors.genesys.contacts import CONTACT, ExternalContacts
from erasure.connectors.genesys.part import Beside, Person, each, heads_of, searched
from erasure.connectors.genesys.reading import entities, moment, number, required, text
from erasure.connectors.genesys.stores import NOTES
from erasure.connectors.http import Http, Json
from erasure.errors import RefusedError
from erasure.values import Identifier

LIST = CONTACT + "/notes"
NOTE = LIST + "/{noteId}"
PAGE = 100
MOST = 1000  # notes the vendor lists of one contact


class Notes:
    """Notes of contacts. Permissions: externalContacts:contact:view, :edit."""

    names: tuple[str, ...] = (NOTES,)

    def __init__(self, reading: Http, http: Http, contacts: ExternalContacts) -> None:
        self.reading = reading
        self.http = http
        self.contacts = contacts

    def collect(self, person: Person) -> Iterator[Found | Searched]:
        """The notes of each contact, those of contacts merged into it included."""
        total = 0
        for contact in heads_of(person):
            for note in self.of(contact.remote_id) or ():
                total += 1
                yield Found(
                    NOTES,
                    f"{contact.remote_id}/{required(note, 'id')}",
                    division=contact.division,
                    occurred_at=moment(text(note, "createDate")),
                )
        yield searched(NOTES, total)

    def of(self, contact: str) -> list[Json] | None:
        """All notes of a contact; None if there is no such contact.

        GET /api/v2/externalcontacts/contacts/{contactId}/notes?expand=mergeset

        Raises:
            RefusedError: the vendor keeps more notes than it lists.
        """
        notes: dict[str, Json] = {}
        for page in range(1, MOST // PAGE + 1):
            params = {"pageSize": PAGE, "pageNumber": page, "expand": ["mergeset"]}
            answer = self.reading.send("GET", LIST, params=params, contactId=contact, ok=(404,))
            if answer.status == 404:
                return None
            listing = answer.json_object()
            if listing.get("partialResults") is True:
                raise RefusedError(f"GET {LIST} answered in part")
            notes.update((required(one, "id"), one) for one in entities(listing))
            if not text(listing, "nextUri") and (number(listing, "total") or 0) <= len(notes):
                return list(notes.values())
        raise RefusedError(f"GET {LIST} knows more notes than it returns")

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        return each(self.erase_one, refs, clear)

    def erase_one(self, ref: ItemRef, clear: Clear) -> Erased:
        """DELETE /api/v2/externalcontacts/contacts/{contactId}/notes/{noteId}
        (externalContacts:contact:edit). 404: it went along with its contact."""
        contact, _, note = ref.remote_id.partition("/")
        before = partial(clear, [ref])
        answer = self.http.send(
            "DELETE", NOTE, contactId=contact, noteId=note, ok=(404,), before=before
        )
        reply = Reply.ALREADY_GONE if answer.status == 404 else Reply.DONE
        return Erased(ref, reply, answer.status)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """The list that held a note must not hold it any more."""
        for ref in refs:
            there = self._holds(ref.remote_id)
            yield Presence(ref, Seen.PRESENT if there else Seen.ABSENT, 200 if there else 404)

    def _holds(self, remote_id: str) -> bool:
        contact, _, note = remote_id.partition("/")
        return note in {required(one, "id") for one in self.of(contact) or ()}

    def control(self, store: str, beside: Beside) -> str:
        """A note of another contact; if it has none, that its notes can be listed."""
        notes = self.of(beside.contact) if beside.contact else None
        if notes is None:
            return ""
        return f"{beside.contact}/{required(notes[0], 'id') if notes else ''}"

    def sees(self, control: Control) -> bool:
        contact, _, note = control.remote_id.partition("/")
        if note:
            return self._holds(control.remote_id)
        return self.contacts.read(contact) is not None and self.of(contact) is not None
