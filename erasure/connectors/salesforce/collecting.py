"""Everything of a person in one org, and a word on every store.

One query for each object, in portions; every row is compared once more on our side.
"""

from collections.abc import Iterator, Sequence

from erasure.connectors.base import Found, Searched, Unanswered
from erasure.connectors.http import Json
from erasure.connectors.salesforce.activities import (
    ACTIVITY,
    RELATIONS,
    SHARED,
    activity_of,
    with_others,
)
from erasure.connectors.salesforce.catalog import Catalog
from erasure.connectors.salesforce.copies import beyond
from erasure.connectors.salesforce.custom import described, named
from erasure.connectors.salesforce.files import Files
from erasure.connectors.salesforce.finding import further, pointers, rows_of, unanswered
from erasure.connectors.salesforce.kinds import (
    BY_STORE,
    CONTACT,
    CUSTOM,
    INDIVIDUAL,
    INDIVIDUALS,
    KINDS,
    MENTIONS,
    PEOPLE,
    SObject,
)
from erasure.connectors.salesforce.mentions import Mentions
from erasure.connectors.salesforce.org import Org
from erasure.connectors.salesforce.people import is_person
from erasure.connectors.salesforce.soql import id18
from erasure.connectors.salesforce.tally import Tally
from erasure.connectors.salesforce.wanted import Wanted
from erasure.errors import BusyError, RefusedError
from erasure.values import Identifier, IdentifierKind, StoreStatus

NOT_NAMED = "No custom object is named in the connection."
ASKED = "Other records carry an identifier too and are not taken for the person's: {}."
STAFF = "An employee's user carries an identifier: left alone."
PREFERS = "ShouldForget is set on one: a preference, which erases nothing."
ANSWERED = (*BY_STORE, CUSTOM, MENTIONS)
Answer = Found | Searched | Unanswered


class Collecting:
    """Searches the objects in their order: later ones hang on earlier ones."""

    def __init__(self, org: Org, catalog: Catalog) -> None:
        self.org = org
        self.catalog = catalog
        self.region = org.account.region
        self.custom = named(org.account)
        self.files = Files(org, catalog)
        self.mentions = Mentions(org, catalog)

    def everything(self, who: Sequence[Identifier], people: Sequence[Found]) -> Iterator[Answer]:
        """What hangs on the people's records or carries an identifier; each store's answer last.

        Whose a contact, lead or user is was settled before: here none is added. Names are
        left out: a name never makes a record the person's.
        """
        sure = [each for each in who if each.kind is not IdentifierKind.NAME]
        tally = Tally({id18(each.remote_id) for each in people})
        for each in people:
            tally.count(each.store)
        self.catalog.forget()
        try:
            self.catalog.names()
        except (BusyError, RefusedError) as error:
            yield from (unanswered(store, error) for store in ANSWERED)
            return
        for kind in PEOPLE:
            self._read(kind, sure, tally)
        yield from self._individuals(tally)
        for kind in KINDS:
            yield from self._below(kind, sure, tally)
        yield from self._custom(sure, tally)
        yield from self.files.below(tally)
        tally.by_hand = beyond(self.org.account, self.catalog.names(), tally.totals)
        yield from self.mentions.of(self._wanted(sure, tally), self.custom, tally)
        yield from (tally.answer(store) for store in ANSWERED)

    def _fitted(self, kind: SObject, tally: Tally) -> SObject | None:
        try:
            fitted = self.catalog.fitted(kind)
        except (BusyError, RefusedError) as error:
            tally.fail(kind.store, error, kind.name)
            return None
        if fitted:
            tally.there.add(kind.store)
        return fitted

    def _rows(self, kind: SObject, wanted: Wanted, tally: Tally) -> list[Json]:
        try:
            return rows_of(self.org, kind, wanted)
        except (BusyError, RefusedError) as error:
            tally.fail(kind.store, error, kind.name)
            return []

    def _wanted(self, who: Sequence[Identifier], tally: Tally) -> Wanted:
        return Wanted.of(who, self.region, tally.ids | tally.individuals)

    def _read(self, kind: SObject, who: Sequence[Identifier], tally: Tally) -> None:
        """The person's own records once more: what they name leads further."""
        fitted = self._fitted(kind, tally)
        if fitted is None:
            return
        others = 0
        for row in self._rows(fitted, self._wanted(who, tally), tally):
            if row["Id"] in tally.ids:
                tally.ids.update(self._halves(fitted, row))
                tally.individuals.update(pointers(fitted, row, INDIVIDUAL))
            elif is_person(fitted, row):
                others += 1
            elif fitted.scrambled:
                tally.notes[kind.store] = STAFF
        if others:
            tally.notes[kind.store] = ASKED.format(others)

    def _halves(self, kind: SObject, row: Json) -> Iterator[str]:
        """The contact that is half of a person account: cases and tasks name that one."""
        if kind.only:
            yield from pointers(kind, row, CONTACT)

    def _individuals(self, tally: Tally) -> Iterator[Found]:
        """The privacy records of the person's; one that others share is for the officer."""
        fitted = self._fitted(INDIVIDUALS, tally)
        if fitted is None or not tally.individuals:
            return
        wanted = Wanted(self.region, ids=frozenset(tally.individuals))
        shared = self._shared(wanted, tally)
        if INDIVIDUALS.store in tally.silent:
            return
        for row in self._rows(fitted, wanted, tally):
            tally.count(fitted.store)
            if row.get("ShouldForget") is True:
                tally.notes[fitted.store] = PREFERS
            facts = {"object": fitted.name}
            certain = row["Id"] not in shared
            yield Found(fitted.store, row["Id"], label=fitted.name, facts=facts, certain=certain)

    def _shared(self, wanted: Wanted, tally: Tally) -> set[str]:
        """Those of the individuals that somebody else's record names as well."""
        found: set[str] = set()
        for kind in PEOPLE:
            if not any(INDIVIDUAL in heads for _, heads in kind.links) or not kind.names:
                continue
            try:
                fitted = self.catalog.fitted(kind)
                rows = rows_of(self.org, fitted, wanted) if fitted else []
            except (BusyError, RefusedError) as error:
                tally.fail(INDIVIDUALS.store, error)
                return found
            others = (row for row in rows if row["Id"] not in tally.ids)
            found |= {each for row in others for each in pointers(kind, row, INDIVIDUAL)}
        return found

    def _custom(self, who: Sequence[Identifier], tally: Tally) -> Iterator[Found]:
        """The objects the connection names, as the vendor describes them."""
        if not self.custom:
            tally.said[CUSTOM] = Searched(CUSTOM, StoreStatus.NOT_PRESENT, 0, NOT_NAMED)
        for name in self.custom:
            try:
                kind = described(self.catalog, name)
            except (BusyError, RefusedError) as error:
                tally.fail(CUSTOM, error, name)
                continue
            tally.there.add(CUSTOM)
            yield from self._matching(kind, who, tally)

    def _below(self, kind: SObject, who: Sequence[Identifier], tally: Tally) -> Iterator[Found]:
        fitted = self._fitted(kind, tally)
        if fitted is not None:
            yield from self._matching(fitted, who, tally)

    def _matching(self, kind: SObject, who: Sequence[Identifier], tally: Tally) -> Iterator[Found]:
        wanted = self._wanted(who, tally)
        try:
            rows = self._alone(kind, self._rows(kind, wanted, tally), tally)
        except (BusyError, RefusedError) as error:
            tally.fail(kind.store, error, kind.name)
            return
        for row in rows:
            found = further(kind, row, wanted, tally.joint)
            tally.ids.add(found.remote_id)
            tally.joint.update({found.remote_id} if found.joint else ())
            tally.count(kind.store)
            yield found

    def _alone(self, kind: SObject, rows: list[Json], tally: Tally) -> list[Json]:
        """Activities that are the person's alone, and relations of those that are not.

        Raises BusyError, RefusedError: nobody can tell.
        """
        if kind.name in ACTIVITY:
            return [row for row in rows if activity_of(kind.name, row) not in tally.ids]
        relation = RELATIONS.get(kind.name, ("",))[0]
        if not rows or relation not in self.catalog.names():
            return rows
        ours = tally.ids - tally.joint
        shared, not_on = with_others(self.org, kind.name, rows, ours)
        tally.joint.update(not_on)
        if only_related := shared - not_on:
            tally.notes[kind.store] = SHARED.format(len(only_related))
        return [row for row in rows if row["Id"] not in only_related]
