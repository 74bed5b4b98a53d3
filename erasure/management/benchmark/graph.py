"""What the walk of the identity graph costs in calls, against the fewest possible.

The fewest possible counts, for the vendor Genesys Cloud:

* each e-mail address and phone number looked up once in each of the two indexes of
  people that are asked by it: the contact look-up (POST identifierlookup/contacts) and
  the subject search (GET gdpr/subjects);
* each contact read once by its id (GET contacts/{contactId}).

Not counted in it, but in the calls made: sign-in, the check of the organisation, the
two searches by name, and whatever is asked twice.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

from erasure.connectors.base import Connector, Found
from erasure.connectors.genesys.stores import CONTACTS, CONVERSATIONS
from erasure.discovery.search import Hit, walk_identifiers
from erasure.identity import Sighting, Walk, identifier
from erasure.management.benchmark import product
from erasure.management.benchmark.erase import NO_LIMIT, VENDOR_TIME, WIDTH, Figure
from erasure.management.demo import sandbox
from erasure.models import SystemConnection
from erasure.systems import connector_for
from erasure.values import IdentifierKind, IdentifierState

PERSON = "graph"
INDEXES = 2  # of people, each asked by every address and number
MOST = 1.2  # calls made / fewest possible
FEW, MANY = 50, 2050  # conversations, over the same seven years
ONE_YEAR, SEVEN_YEARS = 365, 7 * 365  # days of look-back
ROWS = 100  # in one page of an analytics job's results
ANALYTICS = "/api/v2/analytics/conversations/details"
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Walked:
    """One walk to its fixed point. The expected counts are the population's own."""

    identifiers: int
    contacts: int
    found_identifiers: int
    found_contacts: int
    calls: int
    at_least: int

    @property
    def whole(self) -> bool:
        return (self.found_identifiers, self.found_contacts) == (self.identifiers, self.contacts)


@dataclass(frozen=True, slots=True)
class Searched:
    """One search for conversations. ``calls`` are those to the vendor's analytics."""

    conversations: int
    days: int
    found: int
    calls: int


def measure_walk(identifiers: int, contacts: int) -> Walked:
    """From one address to every identifier and contact of a ring of contacts."""
    connection = _prepare({"identifiers": identifiers, "contacts": contacts})
    found = _walk(connection, connector_for(connection))
    confirmed = found.in_state(IdentifierState.CONFIRMED)
    contacts_met = sum(each.record.found.store == CONTACTS for each in _confirmed(found))
    return Walked(
        identifiers, contacts,
        sum(who.kind is not IdentifierKind.EXTERNAL_CONTACT for who in confirmed),
        contacts_met, _calls(), INDEXES * identifiers + contacts,
    )  # fmt: skip


def measure_search() -> Iterator[Searched]:
    """Few and many conversations over seven years; few over one year.

    Without the choice of control records, which reads until it meets somebody else.
    """
    for conversations, days in ((FEW, SEVEN_YEARS), (MANY, SEVEN_YEARS), (FEW, ONE_YEAR)):
        connection = _prepare(
            {"identifiers": 2, "contacts": 1, "conversations": conversations},
            results_size=ROWS, look_back_days=days,
        )  # fmt: skip
        connector = connector_for(connection)
        walked = _walk(connection, connector)
        who = walked.in_state(IdentifierState.CONFIRMED)
        people = [each.record.found for each in _confirmed(walked)]
        rows = sum(
            isinstance(one, Found) and one.store == CONVERSATIONS
            for one in connector.collect(who, people)
        )
        yield Searched(conversations, days, rows, _calls(ANALYTICS))


def _walk(connection: SystemConnection, connector: Connector) -> Walk[Hit]:
    person = sandbox.person(PERSON)
    name = person["names"][0]
    start = [
        identifier(IdentifierKind.EMAIL, person["emails"][0]),
        identifier(IdentifierKind.NAME, name),
    ]
    found, answers = walk_identifiers(
        {connection.slug: connector}, start, [name], (), (), connection.width
    )
    if answers.unanswered or found.truncated:
        raise RuntimeError("The walk did not reach its end.")
    return found


def _confirmed(found: Walk[Hit]) -> list[Sighting[Hit]]:
    return [each for each in found.sightings if each.state is IdentifierState.CONFIRMED]


def _prepare(graph: dict[str, int], **options: Any) -> SystemConnection:
    sandbox.reset(PERSON, graph=graph, latency_ms=0, rate_limit=NO_LIMIT, **VENDOR_TIME)
    credentials = dict(sandbox.call("credentials"))
    connection = product.connect(f"graph-{next(_numbers)}", credentials, 0, WIDTH)
    connection.options = {**connection.options, **options}
    connection.save()
    return connection


def _calls(under: str = "") -> int:
    made = sandbox.call("requests")["requests"]
    return sum(one["template"].startswith(under) for one in made)


def figures(walked: Walked, searches: list[Searched]) -> list[Figure]:
    """Counts and ratios of counts; nothing is timed."""
    few, many, short = searches
    pages = (many.found - few.found) / ROWS
    ratio = walked.calls / walked.at_least
    grown = (many.calls - few.calls) / pages
    days = few.calls - short.calls
    return [
        Figure("identifiers and contacts not reached", _missing(walked), "0", walked.whole),
        Figure("calls made / fewest possible", ratio, f"<= {MOST}", ratio <= MOST),
        Figure("conversations of seven years not found", _lost(searches), "0", not _lost(searches)),
        Figure(
            "further calls / further pages of conversations", grown, f"<= {MOST}", grown <= MOST
        ),
        Figure("further calls for seven years instead of one", days, "0", days <= 0),
    ]


def _missing(walked: Walked) -> int:
    return walked.identifiers + walked.contacts - walked.found_identifiers - walked.found_contacts


def _lost(searches: list[Searched]) -> int:
    return sum(one.conversations - one.found for one in searches if one.days == SEVEN_YEARS)


def line(walked: Walked) -> str:
    return (
        f"  {walked.found_identifiers} identifiers over {walked.found_contacts} contacts: "
        f"{walked.calls} calls made, {walked.at_least} at least"
    )


def search_line(one: Searched) -> str:
    return (
        f"  {one.found} conversations found in {one.days} days of look-back: "
        f"{one.calls} calls to analytics"
    )


def as_json(walked: Walked, searches: list[Searched], found: list[Figure]) -> dict[str, Any]:
    return {
        "walk": asdict(walked),
        "searches": [asdict(one) for one in searches],
        "figures": [asdict(figure) for figure in found],
        "met": all(figure.met is not False for figure in found),
    }
