"""The vendor's own audit: who changed which record, and whether it succeeded."""

import time
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta

from erasure import clock
from erasure.connectors.base import AuditEntry
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.reading import (
    inner,
    interval,
    moment,
    objects,
    required,
    text,
)
from erasure.connectors.http import Http, Json
from erasure.errors import BusyError, RefusedError

QUERY = "/api/v2/audits/query"
MAPPING = QUERY + "/servicemapping"
STATUS = QUERY + "/{transactionId}"
RESULTS = STATUS + "/results"
REALTIME = QUERY + "/realtime"
REALTIME_MAPPING = REALTIME + "/servicemapping"

SERVICES = ("GDPR", "ExternalContacts", "Quality", "Recording", "Outbound", "ContactCenter")
RECENT = timedelta(days=14)  # what the realtime query reaches
PAGE = 500
MOST_PAGES = 200
GOING = ("Queued", "Running")


class Audits:
    """Permission: audits:audit:view. Old values are never read."""

    def __init__(
        self, http: Http, options: Options, ours: Collection[str],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self.http = http
        self.options = options
        self.ours = frozenset(ours)  # client ids of this connection
        self.sleep = sleep

    def entries(
        self, since: datetime, until: datetime, about: Collection[str]
    ) -> Iterator[AuditEntry]:
        """Entries about these ids, and all that our own clients did, once each.

        Raises:
            BusyError: a query was not ready in time. RefusedError: it cannot be read.
        """
        wanted, seen = frozenset(about) - {""}, set()
        for service, realtime in self._asked(since):
            found = self._realtime if realtime else self._queried
            for record in found(service, since, until):
                entry = self._entry(record, wanted)
                if entry and entry.remote_id not in seen:
                    seen.add(entry.remote_id)
                    yield entry

    def _asked(self, since: datetime) -> list[tuple[str, bool]]:
        """The services to ask, and whether in realtime: the newest entries come sooner there.

        GET /api/v2/audits/query/servicemapping

        Raises:
            RefusedError: the vendor audits none of them.
        """
        known = self._services(MAPPING)
        recent = self._services(REALTIME_MAPPING) if clock.now() - since < RECENT else set()
        asked = [(one, one in recent) for one in SERVICES if one in known | recent]
        if not asked:
            raise RefusedError(f"GET {MAPPING} names no service that erasure concerns")
        return asked

    def _services(self, template: str) -> set[str]:
        listing = self.http.send("GET", template).json_object()
        return {text(one, "name") for one in objects(listing, "services")}

    def _realtime(self, service: str, since: datetime, until: datetime) -> Iterator[Json]:
        """POST /api/v2/audits/query/realtime, page by page."""
        for number in range(1, MOST_PAGES + 1):
            body = self._body(service, since, until) | {"pageNumber": number, "pageSize": PAGE}
            entities = objects(
                self.http.send("POST", REALTIME, json=body).json_object(), "entities"
            )
            yield from entities
            if len(entities) < PAGE:
                return
        raise RefusedError(f"POST {REALTIME}: more pages than are read")

    def _queried(self, service: str, since: datetime, until: datetime) -> Iterator[Json]:
        """POST /api/v2/audits/query, wait for it, then its results by cursor."""
        answer = self.http.send("POST", QUERY, json=self._body(service, since, until))
        query = required(answer.json_object(), "id")
        self._await(query, text(answer.json_object(), "state"))
        params: Json = {"pageSize": PAGE}
        for _ in range(MOST_PAGES):
            page = self.http.send("GET", RESULTS, params=params, transactionId=query).json_object()
            yield from objects(page, "entities")
            cursor = text(page, "cursor")
            if not cursor:
                return
            params = {"pageSize": PAGE, "cursor": cursor}
        raise RefusedError(f"GET {RESULTS}: more pages than are read")

    def _await(self, query: str, state: str) -> None:
        for pause in self.options.pauses():
            if state not in GOING:
                break
            self.sleep(pause)
            answer = self.http.send("GET", STATUS, transactionId=query)
            state = text(answer.json_object(), "state")
        if state in GOING:
            raise BusyError(f"GET {STATUS}: the query is not ready", retry_after=60)
        if state != "Succeeded":
            raise RefusedError(f"GET {STATUS}: the query ended without results")

    def _body(self, service: str, since: datetime, until: datetime) -> Json:
        return {"interval": interval(since, until), "serviceName": service}

    def _entry(self, record: Json, wanted: frozenset[str]) -> AuditEntry | None:
        """The entry without its values; None if it concerns neither these ids nor us."""
        named = [text(inner(record, "entity"), "id"), *inner(record, "context").values()]
        about = next((one for one in named if isinstance(one, str) and one in wanted), "")
        ours = text(inner(record, "client"), "id") in self.ours
        at = moment(text(record, "eventDate"))
        if at is None or not (about or ours):
            return None
        return AuditEntry(
            remote_id=required(record, "id"),
            at=at,
            service=text(record, "serviceName"),
            entity=text(record, "entityType"),
            entity_id=about or text(inner(record, "entity"), "id"),
            action=text(record, "action"),
            status=text(record, "status"),
            ours=ours,
        )
