"""Conversations: analytics jobs over the look-back, a synchronous query for recent days."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from erasure import clock
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
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.part import Beside, Person, not_by_itself, searched
from erasure.connectors.genesys.reading import (
    any_of,
    chunks,
    interval,
    moment,
    number,
    objects,
    predicate,
    required,
    text,
)
from erasure.connectors.genesys.rows import (
    Conversation,
    anybody_left,
    company_of,
    conversation,
    left_in,
    untouched,
)
from erasure.connectors.genesys.stores import CONVERSATIONS
from erasure.connectors.http import Http, Json
from erasure.errors import BusyError, ErasureError, RefusedError
from erasure.values import Identifier, IdentifierKind

JOBS = "/api/v2/analytics/conversations/details/jobs"
JOB = JOBS + "/{jobId}"
RESULTS = JOB + "/results"
AVAILABILITY = JOBS + "/availability"
QUERY = "/api/v2/analytics/conversations/details/query"
DETAILS = "/api/v2/analytics/conversations/details"

EMAIL_DIMENSIONS = ("addressFrom", "addressTo", "destinationAddress", "remote")
PHONE_DIMENSIONS = (
    "ani",
    "dnis",
    "sessionDnis",
    "callbackNumber",
    "addressFrom",
    "addressTo",
    "destinationAddress",
    "remote",
)
CONTACT_DIMENSIONS = ("externalContactId", "canonicalExternalContactId")
MOST_ROWS = 10_000  # of one synchronous query
PASSES = 3  # over pages that shifted while they were read


class Conversations:
    """The conversations of a person. Permission: analytics:conversationDetail:view."""

    names: tuple[str, ...] = (CONVERSATIONS,)

    def __init__(self, reading: Http, options: Options, sleep: Callable[[float], None]) -> None:
        self.reading = reading
        self.options = options
        self.sleep = sleep

    def collect(self, person: Person) -> Iterator[Found | Searched]:
        """The rows themselves; ``search`` read them."""
        yield from map(as_found, person.rows)
        oldest = (clock.now() - self.options.look_back).date().isoformat()
        yield searched(CONVERSATIONS, len(person.rows), f"looked back to {oldest}")

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        raise not_by_itself(CONVERSATIONS)

    def control(self, store: str, beside: Beside) -> str:
        return beside.row.id if beside.row else ""

    def sees(self, control: Control) -> bool:
        return control.remote_id in self.rows([control.remote_id])

    def search(self, who: Sequence[Identifier]) -> list[Conversation]:
        """Every conversation one of the identifiers took part in, each once.

        Raises:
            BusyError: a vendor job did not end in time.
            RefusedError: the search cannot be whole.
        """
        predicates = predicates_for(who)
        if not predicates:
            raise RefusedError("No e-mail address, phone number or contact id to search by")
        rows: dict[str, Json] = {}
        settled: dict[str, Json] = {}
        available = self._available()
        for some in chunks(predicates, self.options.predicates):
            filters = {"segmentFilters": any_of(some)}
            for row in self._long_ago(filters, available):
                settled[required(row, "conversationId")] = row
            for row in self._lately(filters, available):
                rows[required(row, "conversationId")] = row
        known = frozenset(who)
        rows = {key: _with_attributes(rows.get(key, row), row) for key, row in settled.items()} | {
            key: row for key, row in rows.items() if key not in settled
        }
        company = company_of(list(rows.values())) - known
        return [
            replace(conversation(row, known, company), settled=_ended(settled.get(key)))
            for key, row in rows.items()
        ]

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Read up to 100 rows; nothing of the person may be left in one.

        GET /api/v2/analytics/conversations/details?id= (analytics:conversationDetail:view)
        """
        rows = self.rows([ref.remote_id for ref in refs])
        for ref in refs:
            row = rows.get(ref.remote_id)
            if row is None:
                yield Presence(ref, Seen.ABSENT)
            else:
                hidden = not ref.facts.get("visible")
                left = untouched(row) or left_in(row, who, names)
                left = left or (hidden and anybody_left(row))
                yield Presence(ref, Seen.PRESENT if left else Seen.REDACTED)

    def rows(self, ids: Sequence[str]) -> dict[str, Json]:
        """Rows by conversation id, read afresh, up to 100 a call."""
        found: dict[str, Json] = {}
        for some in chunks(ids, 100):
            answer = self.reading.send("GET", DETAILS, params={"id": list(some)}).json_object()
            for row in objects(answer, "conversations"):
                found[required(row, "conversationId")] = row
        return found

    def others(self, division: str) -> Iterator[list[Conversation]]:
        """Some conversations of a division: this week's first, then older ones by a job."""
        filters: Json = {}
        if division:
            filters["conversationFilters"] = any_of([predicate("divisionId", division)])
        now = clock.now()
        week = now - timedelta(days=self.options.sync_window_days) + timedelta(minutes=1)
        yield [conversation(row, frozenset()) for row in self._page(filters, week, now, 1)[0]]
        few = {**filters, "limit": self.options.page_size}
        older = self._job(few, now - self.options.look_back, week)
        yield [conversation(row, frozenset()) for row in older]

    def _available(self) -> datetime:
        """Up to when jobs see data.

        GET /api/v2/analytics/conversations/details/jobs/availability
        """
        answer = self.reading.send("GET", AVAILABILITY).json_object()
        available = moment(text(answer, "dataAvailabilityDate"))
        if available is None:
            raise RefusedError(f"GET {AVAILABILITY} names no date")
        return min(available, clock.now())

    def _long_ago(self, filters: Json, available: datetime) -> Iterator[Json]:
        start = clock.now() - self.options.look_back
        step = timedelta(days=self.options.max_job_days) or available - start
        while start < available:
            end = min(start + step, available)
            yield from self._job(filters, start, end)
            start = end

    def _job(self, filters: Json, start: datetime, end: datetime) -> Iterator[Json]:
        """One analytics job from submission to its last page."""
        body = {"interval": interval(start, end), "order": "asc", "orderBy": "conversationStart"}
        answer = self.reading.send("POST", JOBS, json={**body, **filters}).json_object()
        job = required(answer, "jobId")
        self._wait(job)
        cursors: set[str] = set()
        params: Json = {"pageSize": self.options.results_size}
        while True:
            page = self.reading.send("GET", RESULTS, params=params, jobId=job).json_object()
            yield from objects(page, "conversations")
            cursor = text(page, "cursor")
            if not cursor:
                return
            if cursor in cursors:
                raise RefusedError(f"GET {RESULTS} repeats a cursor")
            cursors.add(cursor)
            params = {**params, "cursor": cursor}

    def _wait(self, job: str) -> None:
        for pause in self.options.pauses():
            self.sleep(pause)
            state = text(self.reading.send("GET", JOB, jobId=job).json_object(), "state")
            if state == "FULFILLED":
                return
            if state == "EXPIRED":
                raise BusyError(f"GET {JOB}: the job expired")
            if state in ("FAILED", "CANCELLED"):
                raise RefusedError(f"GET {JOB}: the job ended as {state}")
        self._give_up(job)
        raise BusyError(f"GET {JOB}: not ready after {self.options.job_wait_seconds:.0f} s")

    def _give_up(self, job: str) -> None:
        try:
            self.reading.send("DELETE", JOB, jobId=job, ok=(404,))
        except ErasureError:
            return  # the query ends by itself

    def _lately(self, filters: Json, available: datetime) -> Iterator[Json]:
        """The days a job may not see yet, in windows a synchronous query accepts."""
        end = clock.now()
        start = min(available, end - timedelta(days=self.options.sync_days))
        step = timedelta(days=self.options.sync_window_days) - timedelta(minutes=1)
        while start < end:
            until = min(start + step, end)
            yield from self._window(filters, start, until)
            start = until

    def _window(self, filters: Json, start: datetime, end: datetime) -> Iterator[Json]:
        """All pages of one window. Pages shift while they are read: what was announced
        and not seen is looked for again.

        Raises:
            BusyError: more is announced than was shown, however often it was read.
        """
        rows: dict[str, Json] = {}
        for _ in range(PASSES):
            page, total = 1, 0
            while True:
                some, total = self._page(filters, start, end, page)
                rows.update((required(row, "conversationId"), row) for row in some)
                if len(some) < self.options.page_size:
                    break
                page += 1
            if len(rows) >= total:
                break
        else:
            raise BusyError(f"POST {QUERY} announces more conversations than it shows")
        yield from rows.values()

    def _page(
        self, filters: Json, start: datetime, end: datetime, page: int
    ) -> tuple[list[Json], int]:
        """One page and the hits announced; no ``conversations`` key means no hits."""
        paging = {"pageSize": self.options.page_size, "pageNumber": page}
        body = {"interval": interval(start, end), "order": "asc", "paging": paging, **filters}
        answer = self.reading.send("POST", QUERY, json=body).json_object()
        total = number(answer, "totalHits") or 0
        if total > MOST_ROWS:
            raise RefusedError(f"POST {QUERY} has more than {MOST_ROWS} rows for one window")
        return objects(answer, "conversations"), total


def predicates_for(who: Sequence[Identifier]) -> list[Json]:
    """Filter values for every identifier that can stand in a conversation."""
    found: list[Json] = []
    for one in who:
        if one.kind is IdentifierKind.EMAIL:
            found += [predicate(dimension, one.value) for dimension in EMAIL_DIMENSIONS]
        elif one.kind is IdentifierKind.PHONE:
            forms = (one.value, f"tel:{one.value}")
            found += [predicate(dim, form) for dim in PHONE_DIMENSIONS for form in forms]
        elif one.kind is IdentifierKind.EXTERNAL_CONTACT:
            found += [predicate(dimension, one.value) for dimension in CONTACT_DIMENSIONS]
    return found


def _with_attributes(fresh: Json, settled: Json) -> Json:
    """A fresh row, with the participants' attributes only the job's row has."""
    told = {text(one, "participantId"): one for one in objects(settled, "participants")}
    participants = [
        {"attributes": told.get(text(one, "participantId"), {}).get("attributes"), **one}
        for one in objects(fresh, "participants")
    ]
    return {**fresh, "participants": participants}


def _ended(settled: Json | None) -> bool:
    """Whether a job saw the conversation after its end: nothing is added to it any more."""
    return settled is not None and bool(text(settled, "conversationEnd"))


def as_found(row: Conversation) -> Found:
    """A conversation as inventoried: the whole of it hangs on its own id."""
    return Found(
        CONVERSATIONS,
        row.id,
        parent_id=row.id,
        division=row.division,
        occurred_at=row.started,
        facts={
            "media": ", ".join(row.media),
            "divisions": ",".join(row.divisions),
            "surveys": row.surveys,
            "open": row.ended is None,
            "visible": row.visible,
        },
        identifiers=row.identifiers,
        names=row.names,
    )


def divisions_of(found: Found) -> tuple[str, ...]:
    """The divisions a conversation lies in; one without any counts as lying in ""."""
    return tuple(str(found.facts.get("divisions", found.division)).split(","))
