"""Control records: somebody else's, read beside an absence to prove the sight."""

from collections.abc import Iterator, Sequence

from erasure.connectors.base import Control, Found
from erasure.connectors.genesys.contacts import ExternalContacts, identifiers_of
from erasure.connectors.genesys.conversations import Conversations
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
from erasure.errors import RefusedError
from erasure.values import IdentifierKind

HANGING = (CONVERSATIONS, RECORDINGS, EVALUATIONS)  # stores found by conversation


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
                control = self.contacts.control(store, division, taken)
                if control:
                    yield control
        own = {one.parent_id or one.remote_id for one in found if one.store in HANGING}
        for division in sorted({division for store, division in pairs if store in HANGING}):
            wanted = {store for store, where in pairs if where == division and store in HANGING}
            yield from self._hanging(division, wanted, own)

    def _hanging(self, division: str, wanted: set[str], own: set[str]) -> Iterator[Control]:
        """Controls for the stores that hang on conversations, from as few rows as will do."""
        missing = set(wanted)
        for row in self.conversations.others(division):
            if row.id in own or row.ended is None:
                continue
            for store in sorted(missing):
                remote_id = self._serves(store, row)
                if remote_id:
                    missing.discard(store)
                    yield Control(store, division, remote_id)
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
            return self._sees(control)
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
        return True  # nothing to search by: the contact itself was read
