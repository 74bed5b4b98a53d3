"""Campaign contacts: rows of contact lists, deleted one by one and read again."""

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
from erasure.connectors.genesys.part import Beside, Person, each, searched
from erasure.connectors.genesys.reading import address, entities, inner, moment, required, text
from erasure.connectors.genesys.stores import OUTBOUND, SUBJECTS
from erasure.connectors.http import Http, Json
from erasure.errors import RefusedError
from erasure.values import Identifier

ROW = "/api/v2/outbound/contactlists/{contactListId}/contacts/{contactId}"
SEARCH = "/api/v2/outbound/contactlists/{contactListId}/contacts/search"
IN_USE = "contact.in.use"  # a running campaign keeps the row: try again later
DIALLER = "dialerContactId:"  # how a subject names one
NOTE = "as the subject search and the conversation rows name them"


class OutboundContacts:
    """Rows of contact lists. Permissions: outbound:contact:view, :delete."""

    names: tuple[str, ...] = (OUTBOUND,)

    def __init__(self, reading: Http, http: Http) -> None:
        self.reading = reading
        self.http = http

    def collect(self, person: Person) -> Iterator[Found | Searched]:
        """Rows a subject names are the person's; those a call names, if they carry a
        known identifier. Otherwise a row is a lead for the officer."""
        subjects = [one for one in person.people if one.store == SUBJECTS]
        named = [one.remote_id.removeprefix(DIALLER) for one in subjects if _dials(one)]
        dialled = [key for row in person.rows for key in row.outbound]
        known = {*person.who, *(each for one in person.people for each in one.identifiers)}
        total = 0
        for key in dict.fromkeys([*named, *dialled]):
            row = self._read(key)
            if row:
                total += 1
                yield _as_found(key, row, certain=key in named or bool(known & _carried(row)))
        yield searched(OUTBOUND, total, NOTE)

    def _read(self, key: str) -> Json | None:
        """GET /api/v2/outbound/contactlists/{contactListId}/contacts/{contactId}"""
        listed, _, contact = key.partition(":")
        answer = self.reading.send("GET", ROW, contactListId=listed, contactId=contact, ok=(404,))
        if answer.status == 404:
            return None
        row = answer.json_object()
        if required(row, "id") != contact:
            raise RefusedError(f"GET {ROW} answered with another contact")
        return row

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        return each(self.erase_one, refs, clear)

    def erase_one(self, ref: ItemRef, clear: Clear) -> Erased:
        """DELETE /api/v2/outbound/contactlists/{contactListId}/contacts/{contactId}
        (outbound:contact:delete).

        Raises:
            BusyError: a running campaign uses the row.
        """
        listed, _, contact = ref.remote_id.partition(":")
        before = partial(clear, [ref])
        answer = self.http.send(
            "DELETE", ROW, contactListId=listed, contactId=contact, ok=(404,), before=before
        )
        reply = Reply.ALREADY_GONE if answer.status == 404 else Reply.DONE
        return Erased(ref, reply, answer.status)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """A campaign may keep a row in silence: only a 404 is an absence."""
        for ref in refs:
            there = self._read(ref.remote_id) is not None
            yield Presence(ref, Seen.PRESENT if there else Seen.ABSENT, 200 if there else 404)

    def control(self, store: str, beside: Beside) -> str:
        """Somebody else's row of the list; if there is none, that the list is in sight."""
        keys = (f"{beside.division}:{required(one, 'id')}" for one in self._some(beside.division))
        return next((key for key in keys if key not in beside.own), f"{beside.division}:")

    def _some(self, listed: str) -> list[Json]:
        """POST /api/v2/outbound/contactlists/{contactListId}/contacts/search"""
        body = {"pageNumber": 1, "pageSize": 25}
        answer = self.reading.send("POST", SEARCH, json=body, contactListId=listed)
        return entities(answer.json_object())

    def sees(self, control: Control) -> bool:
        listed, _, contact = control.remote_id.partition(":")
        if contact:
            return self._read(control.remote_id) is not None
        self._some(listed)  # raises when the list is out of sight
        return True


def _dials(subject: Found) -> bool:
    return subject.remote_id.startswith(DIALLER)


def _carried(row: Json) -> set[Identifier]:
    """The addresses and numbers in the columns of a row."""
    values = (value for value in inner(row, "data").values() if isinstance(value, str))
    return {one for one in map(address, values) if one}


def _as_found(key: str, row: Json, *, certain: bool) -> Found:
    """A row as inventoried; its division is the contact list."""
    return Found(
        OUTBOUND,
        key,
        division=key.partition(":")[0],
        occurred_at=moment(text(row, "dateCreated")),
        identifiers=tuple(sorted(_carried(row), key=lambda one: (one.kind, one.value))),
        certain=certain,
    )
