"""Control records: somebody else's, read beside an absence to prove the sight."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from erasure.connectors.base import Control, Found
from erasure.connectors.genesys.contacts import ExternalContacts, identifiers_of
from erasure.connectors.genesys.conversations import Conversations, divisions_of
from erasure.connectors.genesys.evaluations import Evaluations
from erasure.connectors.genesys.recordings import Recordings
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.stores import (
    CONTACTS,
    CONVERSATIONS,
    EVALUATIONS,
    RECORDINGS,
    SUBJECTS,
)
from erasure.connectors.genesys.subjects import SEARCH_TYPES, GdprSubjects
from erasure.connectors.http import Json
from erasure.errors import RefusedError
from erasure.values import IdentifierKind

HANGING = (CONVERSATIONS, RECORDINGS, EVALUATIONS)  # stores found by conversation
TOGETHER = ","  # between the records of a control for several divisions


class Controls:
    """Chooses control records at discovery and reads them again later."""

    def __init__(
        self,
        contacts: ExternalContacts,
        subjects: GdprSubjects,
        conversations: Conversations,
        recordings: Recordings,
        evaluations: Evaluations,
    ) -> None:
        self.contacts = contacts
        self.subjects = subjects
        self.conversations = conversations
        self.recordings = recordings
        self.evaluations = evaluations

    def choose(self, found: Sequence[Found]) -> Iterator[Control]:
        """One record of somebody else for each store and division, if there is one."""
        pairs = sorted({(one.store, one.division) for one in found})
        people = {
            each.value
            for one in found
            for each in one.identifiers
            if each.kind is IdentifierKind.EXTERNAL_CONTACT
        }
        taken = people | {one.remote_id for one in found if one.store == CONTACTS}
        for store, division in pairs:
            if store in (CONTACTS, SUBJECTS):
                fit = _searchable if store == SUBJECTS else bool
                control = self.contacts.control(store, division, taken, fit)
                if control:
                    yield control
        hanging = [(store, division) for store, division in pairs if store in HANGING]
        yield from self._beside(hanging, found)

    def _beside(
        self, pairs: Sequence[tuple[str, str]], found: Sequence[Found]
    ) -> Iterator[Control]:
        """Controls for items that may lie in several divisions: one record in each."""
        own = {one.parent_id or one.remote_id for one in found if one.store in HANGING}
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
        for row in self.conversations.others(division):
            if row.id in own or row.ended is None or row.divisions != alone:
                continue
            for store in sorted(missing):
                remote_id = self._serves(store, row)
                if remote_id:
                    missing.discard(store)
                    yield store, remote_id
            if not missing:
                return

    def _serves(self, store: str, row: Conversation) -> str:
        """The control's remote id if a row can serve the store, else ""."""
        if store == EVALUATIONS:
            return f"{row.id}/{row.evaluations[0].id}" if row.evaluations else ""
        if store == RECORDINGS:
            return row.id if row.recorded and self.recordings.has_any(row.id) else ""
        return row.id

    def sees(self, control: Control) -> bool:
        """Whether the record is still seen. A permission lost is a sight lost.

        Raises:
            BusyError, RefusedError: the read is no answer.
        """
        try:
            ids = control.remote_id.split(TOGETHER)
            return all(self._sees(replace(control, remote_id=one)) for one in ids)
        except RefusedError as error:
            if error.status in (401, 403, 404):
                return False
            raise

    def _sees(self, control: Control) -> bool:
        if control.store == CONVERSATIONS:
            return control.remote_id in self.conversations.rows([control.remote_id])
        if control.store == RECORDINGS:
            return self.recordings.has_any(control.remote_id)
        if control.store == EVALUATIONS:
            conversation, _, evaluation = control.remote_id.partition("/")
            return self.evaluations.exists(conversation, evaluation)
        contact = self.contacts.read(control.remote_id)
        if contact is None or control.store == CONTACTS:
            return contact is not None
        for one in identifiers_of(contact, ()):
            if one.kind in SEARCH_TYPES:
                keys = {
                    key.key
                    for each in self.subjects.search(one)
                    for key in self.subjects.ids_of(each)
                }
                return f"externalContactId:{control.remote_id}" in keys
        return False  # nothing to search by any more: it proves nothing


def _searchable(contact: Json) -> bool:
    """Whether a contact carries what the subject search can be asked for."""
    return any(one.kind in SEARCH_TYPES for one in identifiers_of(contact, ()))
