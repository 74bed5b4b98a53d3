"""Finding the person and what hangs on them. Every row is compared again on our side."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from erasure.connectors.base import Found, Searched, Unanswered
from erasure.connectors.http import Json
from erasure.connectors.servicenow import query
from erasure.connectors.servicenow.instance import AbsentError, Instance
from erasure.connectors.servicenow.matching import (
    addresses,
    e164,
    entries,
    fold,
    require_seen,
    tails,
    text,
)
from erasure.connectors.servicenow.mentions import mentioning
from erasure.connectors.servicenow.staff import employees
from erasure.connectors.servicenow.stores import (
    BY_NAME,
    KINDS,
    PERSON_TABLES,
    PERSONS,
    TRACED,
    Kind,
    with_own,
)
from erasure.errors import BusyError, RefusedError
from erasure.values import Identifier, IdentifierKind, StoreStatus

CONTACTS = frozenset({"customer_contact", "csm_consumer_user"})
EMAIL, PHONE, NAME = IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.NAME
CREATED, CHANGED = "sys_created_on", "sys_updated_on"
WATCHED = ("cases", "case_tasks", "incidents", "requests", "requested_items")
WATCHERS = ("watch_list", "work_notes_list")
MOST_NAMED = 5  # record ids in an instruction
JOINT = ""  # beside the stores: records that are somebody else's as well
Matches = Callable[[Json], bool]
Rows = dict[str, Json]


class Search:
    """Searches one instance. Personal values go into its query string: no other way."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.region = instance.account.region

    def people(self, who: Identifier) -> Iterator[Found | Unanswered]:
        """Consumers and users with this identifier; by name, and staff, leads only."""
        if who.kind not in (EMAIL, PHONE, NAME):
            return
        linked: set[str] = set()
        for name in PERSONS:
            try:
                kind = self._fitted(BY_NAME[name])
                rows = self._carrying(kind, who)
                if name == "users" and who.kind is not NAME:
                    rows |= self._among(kind, "sys_id", linked)
                staff = self._staff(name, rows)
                linked |= {link for row in rows.values() if (link := text(row, "user"))}
            except AbsentError:
                continue
            except (BusyError, RefusedError) as error:
                if who.kind is not NAME:
                    yield unanswered(name, error)
                continue
            sure = who.kind is not NAME
            yield from (self._person(kind, row, sure, staff) for row in rows.values())

    def everything(
        self, who: Sequence[Identifier], people: Sequence[Found]
    ) -> Iterator[Found | Searched | Unanswered]:
        """All stores, persons first; each store's answer after its records."""
        sure = [each for each in who if each.kind in (EMAIL, PHONE)]
        ids = {name: {p.remote_id for p in people if p.store == name} for name in PERSONS}
        ids[JOINT] = set()
        order = sorted(KINDS, key=lambda kind: kind.name not in PERSONS)
        for usual in order:
            kind = usual
            try:
                kind = self._fitted(usual)
                found = list(self._found(kind, sure, ids))
                own = {each.remote_id for each in found}
                by_hand = self._watched(kind, sure, ids, own) or self._legacy(kind)
                named, note = mentioning(self.instance, kind, sure, self._fields(kind))
            except AbsentError:
                yield Searched(kind.name, StoreStatus.NOT_PRESENT, 0, f"no table {kind.table}")
                continue
            except (BusyError, RefusedError) as error:
                yield unanswered(kind.name, error)
                continue
            known = ids.setdefault(kind.name, set())
            yield from (each for each in found if each.remote_id not in known)
            yield from (_lead(kind, row) for row in named if text(row, "sys_id") not in own)
            known |= {each.remote_id for each in found if each.certain}
            ids[JOINT] |= {each.remote_id for each in found if each.joint}
            status = StoreStatus.FOUND if known else StoreStatus.EMPTY
            yield Searched(kind.name, status, len(known), note, by_hand)

    def _found(
        self, kind: Kind, who: Sequence[Identifier], ids: dict[str, set[str]]
    ) -> Iterator[Found]:
        """The person's rows. Whose a consumer or user is was settled before: none is added for
        an identifier it carries, which a neighbour may share; only what a user of theirs has.
        """
        if kind.trace:
            self._require(kind, (kind.key,))
            yield from _traces(kind, ids)
            return
        rows: Rows = {}
        for each in who:
            rows |= self._carrying(kind, each)
        if kind.name in PERSONS:
            rows = {own: row for own, row in rows.items() if own in ids[kind.name]}
            for name in kind.people:
                rows |= self._among(kind, name, ids["users"])
            staff = self._staff(kind.name, rows)
            yield from (self._person(kind, row, True, staff) for row in rows.values())
            return
        led = set().union(*(ids.get(name, set()) for name in (*PERSONS, *kind.via)))
        for name in self._people(kind):
            rows |= self._among(kind, name, led)
        if kind.of:
            parents = set().union(*(ids.get(name, set()) for name in kind.parents))
            self._require(kind, (kind.of,))
            rows |= self._among(kind, kind.of, parents)
        for row in rows.values():
            yield self._record(kind, row, who, ids)

    def _watched(
        self, kind: Kind, who: Sequence[Identifier], ids: dict[str, set[str]], own: set[str]
    ) -> str:
        """What to do about other people's records that name the person in a watch list."""
        has = self.instance.columns(kind.table) if kind.name in WATCHED else ()
        lists = [name for name in WATCHERS if name in has]
        if not lists:
            return ""
        values = {each.value for each in who if each.kind is EMAIL}
        values |= set().union(*(ids[name] for name in PERSONS))
        rows: set[str] = set()
        for value in values:
            for row in self.instance.rows(kind.table, query.holds(lists, value), lists):
                require_seen(row, lists)
                if any(value.casefold() in entries(text(row, name)) for name in lists):
                    rows.add(text(row, "sys_id"))
        if not rows - own:
            return ""
        named = ", ".join(sorted(rows - own)[:MOST_NAMED])
        told = f"Take the person off the watch lists of {len(rows - own)} rows of {kind.table}:"
        return f"{told} {named}"

    def _legacy(self, kind: Kind) -> str:
        """What to do about a table that is there with rows, or closed, and is not searched."""
        try:
            if not kind.legacy or not self.instance.first(kind.legacy, 1):
                return ""
        except AbsentError:
            return ""
        except RefusedError:
            pass  # closed to us: rows of the person may well be in it
        told = f"Look for the person in {kind.legacy}, which is not searched,"
        return f"{told} and delete what is theirs."

    def _fitted(self, kind: Kind) -> Kind:
        """With the instance's own columns for addresses and numbers. Raises as ``described``."""
        if not kind.emails and not kind.phones:
            return kind
        told = self.instance.described(kind.table)
        return with_own(kind, {name: each.type for name, each in told.items()})

    def _staff(self, store: str, rows: Rows) -> set[str]:
        return employees(self.instance, rows) if store == "users" else set()

    def _people(self, kind: Kind) -> list[str]:
        """The columns that refer to a person. Raises RefusedError: there is none."""
        if not kind.linked:
            return self._require(kind, kind.people)
        told = self.instance.described(kind.table)
        names = sorted(name for name, each in told.items() if each.reference in PERSON_TABLES)
        if not names:
            raise RefusedError(f"{kind.table} has no column that refers to a person")
        return names

    def _require(self, kind: Kind, names: Sequence[str]) -> list[str]:
        """Those of the columns the instance has. Raises RefusedError: it has none."""
        has = self.instance.columns(kind.table)
        there = [name for name in names if name in has]
        if names and not there:
            raise RefusedError(f"{kind.table} has no column {', '.join(names)}")
        return there

    def _fields(self, kind: Kind) -> list[str]:
        has = self.instance.columns(kind.table)
        every = (*kind.people, *kind.emails, *kind.lists, *kind.phones, kind.of, "name")
        system = ("sys_class_name", CREATED, CHANGED)
        return [name for name in (*every, *system) if name in has]

    def _among(self, kind: Kind, name: str, ids: set[str]) -> Rows:
        found: Rows = {}
        for portion in query.in_portions(ids):
            for row in self.instance.rows(
                kind.table, query.among(name, portion), {*self._fields(kind), name}
            ):
                require_seen(row, (name,))
                if text(row, name) in portion:
                    found[text(row, "sys_id")] = row
        return found

    def _carrying(self, kind: Kind, who: Identifier) -> Rows:
        """The rows that carry an e-mail address, a telephone number or a name."""
        value = fold(who.value)
        found: Rows = {}
        if len(value) > query.LONGEST:
            return {}
        if who.kind is EMAIL and kind.emails:
            names = self._require(kind, kind.emails)
            asked = query.equals(names, who.value)
            found |= self._matching(
                kind, names, asked, lambda row: any(fold(text(row, n)) == value for n in names)
            )
        if who.kind is EMAIL and kind.lists:
            lists = self._require(kind, kind.lists)
            found |= self._matching(
                kind, lists, query.holds(lists, who.value),
                lambda row: any(value in addresses(text(row, n)) for n in lists),
            )  # fmt: skip
        if who.kind is PHONE and kind.phones:
            phones = self._require(kind, kind.phones)
            for tail in tails(who.value, self.region):
                found |= self._matching(
                    kind, phones, query.ends(phones, tail),
                    lambda row: any(e164(text(row, n), self.region) == value for n in phones),
                )  # fmt: skip
        if who.kind is NAME and "name" in self.instance.columns(kind.table):
            asked = query.equals(("name",), who.value)
            found |= self._matching(
                kind, ("name",), asked, lambda row: fold(text(row, "name")) == value
            )
        return found

    def _matching(self, kind: Kind, names: Sequence[str], asked: str, matches: Matches) -> Rows:
        found: Rows = {}
        for row in self.instance.rows(kind.table, asked, self._fields(kind)):
            require_seen(row, names)
            if matches(row):
                found[text(row, "sys_id")] = row
        if len(found) > self.instance.most_hits:
            raise RefusedError(f"{kind.table}: {len(found)} rows of one person: too many")
        return found

    def _person(self, kind: Kind, row: Json, certain: bool, staff: set[str]) -> Found:
        name = text(row, "name")
        customer = kind.name != "users" or text(row, "sys_class_name") in CONTACTS
        works = text(row, "sys_id") in staff
        identifiers = [Identifier(EMAIL, fold(text(row, n))) for n in kind.emails if text(row, n)]
        numbers = (e164(text(row, n), self.region) for n in kind.phones)
        identifiers += [Identifier(PHONE, each) for each in dict.fromkeys(numbers) if each]
        return Found(
            kind.name,
            text(row, "sys_id"),
            occurred_at=_moment(row, CREATED),
            label=name,
            facts={"table": kind.table, "staff": works},
            identifiers=tuple(identifiers),
            names=(name,) if name else (),
            certain=certain and customer and not works,
            changed_at=_moment(row, CHANGED),
        )

    def _record(
        self, kind: Kind, row: Json, who: Sequence[Identifier], ids: dict[str, set[str]]
    ) -> Found:
        """A record's own id, or that of the case it hangs on, is what a hold names.

        A mail that others received too and that hangs on nothing of the person's is a lead, and
        so is a company;
        what carries an address or number and hangs on somebody else's record is theirs as well.
        Only what nothing else leads to tells its identifiers: they may be shared.
        """
        own = {each.value.casefold() for each in who if each.kind is EMAIL}
        parents = set().union(*(ids.get(name, set()) for name in kind.parents))
        parent = text(row, kind.of) if kind.of else ""
        led = set().union(*(ids.get(name, set()) for name in (*PERSONS, *kind.via)))
        named = {parent, *(text(row, n) for n in kind.people)} - {""}
        linked = not (parents | led).isdisjoint(named)
        theirs = not (parents | led).difference(ids[JOINT]).isdisjoint(named)
        told = set().union(*(addresses(text(row, n)) for n in kind.lists))
        return Found(
            kind.name,
            text(row, "sys_id"),
            parent_id=parent if parent in parents else text(row, "sys_id"),
            occurred_at=_moment(row, CREATED),
            label=kind.title,
            facts={"table": kind.table},
            identifiers=() if linked else tuple(self._carried(kind, row, who)),
            certain=(linked or not told - own) and not kind.company,
            joint=bool(named) and not theirs,
        )

    def _carried(self, kind: Kind, row: Json, who: Sequence[Identifier]) -> Iterator[Identifier]:
        """The identifiers looked for that stand in a row."""
        emails = {fold(text(row, name)) for name in kind.emails}
        emails |= set().union(*(addresses(text(row, name)) for name in kind.lists))
        numbers = {e164(text(row, name), self.region) for name in kind.phones}
        for one in who:
            if (one.kind is EMAIL and fold(one.value) in emails) or one.value in numbers:
                yield one


def _lead(kind: Kind, row: Json) -> Found:
    """A row that names the person in its free text: whose it is, an officer says."""
    own, label = text(row, "sys_id"), f"{kind.title}: an address of the person in the text"
    return Found(
        kind.name, own, parent_id=own, occurred_at=_moment(row, CREATED), label=label,
        facts={"table": kind.table, "mention": True}, certain=False,
    )  # fmt: skip


def _traces(kind: Kind, ids: dict[str, set[str]]) -> Iterator[Found]:
    """One item for each record whose change or deletion leaves rows, now or by our own hand."""
    for name in TRACED:
        for own in sorted(ids.get(name, ())):
            facts = {"table": kind.table, "of": BY_NAME[name].table}
            yield Found(
                kind.name, own, parent_id=own, label=kind.title, facts=facts,
                joint=own in ids[JOINT],
            )  # fmt: skip


def unanswered(store: str, error: BusyError | RefusedError) -> Unanswered:
    """Why a store could not be searched; names its table."""
    reason = f"{BY_NAME[store].table} could not be searched: {error}"
    return Unanswered(store, reason, again=isinstance(error, BusyError))


def _moment(row: Json, column: str) -> datetime | None:
    try:
        return datetime.strptime(text(row, column), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
