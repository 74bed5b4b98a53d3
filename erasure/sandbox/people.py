"""The invented people every vendor of the sandbox knows.

Domains are example.org/.com/.net (RFC 2606); phone numbers are from ranges kept
free for drama (+44 1632 960xxx, +44 7700 900xxx). Ids are derived from names, so a
reset brings the same ones back.

The population ``generated`` is given as JSON, and exactly that is seeded, on the
Genesys side alone::

    {"people": [{
        "key": "p1", "first_name": "", "last_name": "", "other_names": [],
        "bystander": false,
        "contacts": [{
            "key": "main", "first": "", "last": "", "emails": [],
            "phones": ["+441632960001", {"userInput": "01632 960001", "e164": "+44..."}],
            "whatsapp": "", "external_ids": [], "merged_to": "key or empty",
            "kind": "Curated|Identified|Ephemeral", "division": "Home|Sales",
            "claims": ["values a look-up resolves to this contact"]}],
        "talks": [{
            "days": 12, "media": "voice|callback|email|chat|message", "address": "",
            "contact": "key", "divisions": [], "evaluated": false,
            "attributes": {"name": "value"}}]}]}

A number without ``e164`` is one the vendor could not read. Left out: ``claims``, then
a contact claims what nobody before it did; ``divisions``, then its contact's.
"""

from collections.abc import Mapping
from typing import Any

from .cast import BENCH, SUBJECTS, bystanders
from .generated import generated, graph
from .person import (
    DIVISIONS,
    HOME,
    SALES,
    ContactPlan,
    Number,
    Person,
    Talk,
    stable_id,
)

__all__ = [
    "DIVISIONS",
    "HOME",
    "SALES",
    "ContactPlan",
    "Number",
    "Person",
    "Talk",
    "bystanders",
    "find",
    "populate",
    "stable_id",
]


def populate(
    population: str = "demo", options: Mapping[str, Any] | None = None
) -> tuple[Person, ...]:
    """The people of a population: ``demo``, ``bench``, ``graph`` or ``generated``.

    Its options stand under its name: ``bench`` {conversations, recordings, evaluations,
    bystanders}, ``graph`` {identifiers, contacts, conversations, bystanders}.

    Raises:
        ValueError: no such population, or ``generated`` is not of its shape.
    """
    given = (options or {}).get(population, {})
    if population == "demo":
        return (*SUBJECTS, *bystanders(24))
    if population == "bench":
        return (BENCH, *bystanders(int(given.get("bystanders", 24))))
    if population == "graph":
        return (graph(given), *bystanders(int(given.get("bystanders", 24))))
    if population == "generated":
        return generated(given)
    raise ValueError(
        f"No population called {population!r}: there are demo, bench, graph and generated."
    )


def find(people: tuple[Person, ...], key: str) -> Person | None:
    """The person of that key, if there is one."""
    return next((person for person in people if person.key == key), None)
