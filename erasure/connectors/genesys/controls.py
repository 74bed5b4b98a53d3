"""Control records: somebody else's, read beside an absence to prove the sight."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from erasure.connectors.base import Control, Found
from erasure.connectors.genesys.contacts import ExternalContacts
from erasure.connectors.genesys.conversations import Conversations, divisions_of
from erasure.connectors.genesys.part import Beside, Part
from erasure.connectors.genesys.reading import objects, required, text
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.stores import (
    CONTACTS,
    CONVERSATIONS,
    JOURNEYS,
    NOTES,
    OUTBOUND,
    SUBJECTS,
)
from erasure.errors import ErasureError, RefusedError
from erasure.values import IdentifierKind

BY_CONTACT = (CONTACTS, SUBJECTS, NOTES, JOURNEYS)  # stores that hang on a contact
BY_LIST = (OUTBOUND,)  # whose division is a contact list
TOGETHER = ","  # between the records of a control for several divisions


class Controls:
    """Chooses control records at discovery and reads them again later.

    A store whose control cannot be chosen goes without one; the others have theirs.
    """

    def __init__(
        self, parts: Mapping[str, Part], contacts: ExternalContacts, conversations: Conversations
    ) -> None:
        self.parts = parts
        self.contacts = contacts
        self.conversations = conversations

    def choose(self, found: Sequence[Found]) -> Iterator[Control]:
        """One record of somebody else for each store and division, if there is one."""
        pairs = sorted({(one.store, one.division) for one in found if one.store in self.parts})
        for division in sorted({key for store, key in pairs if store in BY_CONTACT}):
            wanted = {store for store, key in pairs if key == division and store in BY_CONTACT}
            yield from self._by_contact(division, wanted, found)
        own = frozenset(one.remote_id for one in found if one.store in BY_LIST)
        for store, division in pairs:
            if store in BY_LIST:
                for _, remote_id in self._offered(Beside(division, own=own), {store}):
                    yield Control(store, division, remote_id)
        hanging = [pair for pair in pairs if pair[0] not in (*BY_CONTACT, *BY_LIST)]
        yield from self._by_row(hanging, found)

    def _by_contact(
        self, division: str, wanted: set[str], found: Sequence[Found]
    ) -> Iterator[Control]:
        """Controls made of another person's contact in the division."""
        missing, taken = set(wanted), _contacts_of(found)
        try:
            others = self.contacts.others(division)
            for record in others:
                key = required(record, "id")
                if taken & {key, *(text(entry, "id") for entry in objects(record, "mergeSet"))}:
                    continue
                for store, remote_id in self._offered(Beside(division, key, record), missing):
                    yield Control(store, division, remote_id)
                if not missing:
                    return
        except ErasureError:
            return

    def _by_row(
        self, pairs: Sequence[tuple[str, str]], found: Sequence[Found]
    ) -> Iterator[Control]:
        """Controls for items that may lie in several divisions: one record in each."""
        own = {one.parent_id or one.remote_id for one in found if one.store not in BY_CONTACT}
        parts = {one.division: divisions_of(one) for one in found if one.store == CONVERSATIONS}
        parts = {key: parts.get(key, (key,)) for _, key in pairs}
        ids: dict[tuple[str, str], str] = {}
        for part in sorted({part for each in parts.values() for part in each}):
            wanted = {store for store, key in pairs if part in parts[key]}
            for store, remote_id in self._hanging(part, wanted, own):
                ids[store, part] = remote_id
        for store, key in pairs:
            served = [ids.get((store, part), "") for part in parts[key]]
            if all(served):
                yield Control(store, key, TOGETHER.join(served))

    def _hanging(self, division: str, wanted: set[str], own: set[str]) -> Iterator[tuple[str, str]]:
        """Store and remote id of controls, from as few rows as will do.

        A row that lies in another division as well proves nothing: it may be seen there.
        """
        missing, alone = set(wanted), (division,) if division else ()
        try:
            for rows in self.conversations.others(division):
                fit = [row for row in rows if _fit(row, own, alone)]
                for row in sorted(fit, key=_plenty, reverse=True):
                    yield from self._offered(Beside(division, row=row), missing)
                    if not missing:
                        return
        except ErasureError:
            return

    def _offered(self, beside: Beside, missing: set[str]) -> Iterator[tuple[str, str]]:
        """What one record serves of the missing stores; a store that fails is given up."""
        for store in sorted(missing):
            try:
                remote_id = self.parts[store].control(store, beside)
            except ErasureError:
                missing.discard(store)
                continue
            if remote_id:
                missing.discard(store)
                yield store, remote_id

    def sees(self, control: Control) -> bool:
        """Whether the record is still seen. A permission lost is a sight lost.

        Raises:
            BusyError, RefusedError: the read is no answer.
        """
        if control.store not in self.parts:
            raise RefusedError("No store of this name is known here")
        part, ids = self.parts[control.store], control.remote_id.split(TOGETHER)
        try:
            return all(part.sees(replace(control, remote_id=one)) for one in ids)
        except RefusedError as error:
            if error.status in (401, 403, 404):
                return False
            raise


def _contacts_of(found: Sequence[Found]) -> set[str]:
    """The person's own contacts, merged ones included."""
    named = {
        each.value
        for one in found
        for each in one.identifiers
        if each.kind is IdentifierKind.EXTERNAL_CONTACT
    }
    return named | {one.remote_id for one in found if one.store == CONTACTS}


def _fit(row: Conversation, own: set[str], alone: tuple[str, ...]) -> bool:
    return row.id not in own and row.ended is not None and row.divisions == alone


def _plenty(row: Conversation) -> int:
    """How many kinds of records hang on a row: the fullest serves the most stores."""
    return sum(map(bool, (row.recorded, row.evaluations, row.surveys)))
