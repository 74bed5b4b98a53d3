"""Conversation queries: the filter language, checked and applied."""

import itertools
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from .records import Conversation
from .rows import DIMENSIONS, values
from .state import DIVISION_IDS, Org
from .web import bad, stamp

KNOWN = {
    "segmentFilters": DIMENSIONS,
    "conversationFilters": frozenset(
        (
            "conversationId",
            "conversationStart",
            "conversationEnd",
            "divisionId",
            "originatingDirection",
        )
    ),
    "evaluationFilters": frozenset(("evaluationId", "evaluatorId", "userId")),
    "surveyFilters": frozenset(("surveyId", "userId")),
}
Values = Mapping[str, list[str]]


def check(query: Mapping[str, Any]) -> None:
    """Refuse a query the API would refuse.

    Raises:
        Problem: 400, a filter without type, an unknown dimension, a predicate without value.
    """
    for name, dimensions in KNOWN.items():
        for one in _listed(query, name):
            _check_filter(one, dimensions)


def _listed(holder: Mapping[str, Any], name: str) -> list[Any]:
    found = holder.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise bad(f"{name} must be a list of objects.")
    return found


def _check_filter(
    one: Mapping[str, Any], dimensions: frozenset[str], *, nested: bool = False
) -> None:
    if one.get("type") not in ("and", "or"):
        raise bad("A filter needs the type and or or.")
    for predicate in _listed(one, "predicates"):
        if predicate.get("dimension") not in dimensions:
            raise bad("A filter names a dimension that does not exist.", "invalid.value")
        operator = predicate.get("operator", "matches")
        if operator not in ("matches", "exists", "notExists"):
            raise bad("A predicate's operator is not valid.", "invalid.value")
        if operator == "matches" and not isinstance(predicate.get("value"), str):
            raise bad("A predicate that matches needs a value.")
    clauses = _listed(one, "clauses")
    if nested and clauses:
        raise bad("Filters have two levels at most.")
    for clause in clauses:
        _check_filter(clause, dimensions, nested=True)


def select(
    org: Org, query: Mapping[str, Any], since: datetime, until: datetime
) -> list[Conversation]:
    """Conversations that begin in the interval and pass every filter, oldest first."""
    rows = [talk for talk in candidates(org, query) if since <= talk.start < until]
    found = [talk for talk in rows if passes(org, query, talk)]
    return sorted(found, key=lambda talk: (talk.start, talk.id))


def candidates(org: Org, query: Mapping[str, Any]) -> Iterable[Conversation]:
    """All conversations, or the few a filter's values leave: it spares reading every row."""
    named = [_values_of(one, {"conversationId"}) for one in query.get("conversationFilters") or []]
    ids = [known & org.conversations.keys() for known in named if known]
    said = [_values_of(one, DIMENSIONS) for one in query.get("segmentFilters") or []]
    for known in filter(None, said):
        ids.append(set().union(*(_by_value(org).get(value, set()) for value in known)))
    if not ids:
        return org.conversations.values()
    return [org.conversations[key] for key in set.intersection(*ids)]


def _values_of(one: Mapping[str, Any], dimensions: Container[str]) -> set[str]:
    """Of what a filter wants at least one said; empty if it cannot be told so simply."""
    predicates = one.get("predicates") or []
    plain = all(
        each.get("operator", "matches") == "matches" and each["dimension"] in dimensions
        for each in predicates
    )
    simple = plain and one["type"] == "or" and not one.get("clauses")
    return {each["value"].lower() for each in predicates} if simple else set()


def _by_value(org: Org) -> dict[str, set[str]]:
    """The index, made at first need; redaction only takes values away, so it stays right."""
    if not org.by_value:
        for talk in org.conversations.values():
            for held in values(org, talk):
                for value in itertools.chain.from_iterable(held.values()):
                    org.by_value.setdefault(value, set()).add(talk.id)
    return org.by_value


def passes(org: Org, query: Mapping[str, Any], talk: Conversation) -> bool:
    """Whether a conversation passes every filter of a query."""
    return all(
        any(_passes(one, held) for held in _held(org, name, talk))
        for name in KNOWN
        for one in query.get(name) or []
    )


def _held(org: Org, name: str, talk: Conversation) -> Sequence[Values]:
    if name == "segmentFilters":
        return values(org, talk)
    if name == "conversationFilters":
        return [_conversation(talk)]
    if name == "evaluationFilters":
        listed = [
            org.evaluations[key] for key in org.evaluations_of[talk.id] if key in org.evaluations
        ]
        return [
            {"evaluationId": [one.id], "evaluatorId": [one.evaluator], "userId": [talk.agent]}
            for one in listed
        ] or [{}]
    listed_surveys = [key for key in org.surveys_of[talk.id] if key in org.surveys]
    return [{"surveyId": [key], "userId": [talk.agent]} for key in listed_surveys] or [{}]


def _conversation(talk: Conversation) -> Values:
    return {
        "conversationId": [talk.id],
        "conversationStart": [stamp(talk.start).lower()],
        "conversationEnd": [stamp(talk.end).lower()],
        "divisionId": [DIVISION_IDS[name] for name in talk.divisions],
        "originatingDirection": [talk.direction],
    }


def _passes(one: Mapping[str, Any], held: Values) -> bool:
    verdicts = [_fits(predicate, held) for predicate in one.get("predicates") or []]
    verdicts += [_passes(clause, held) for clause in one.get("clauses") or []]
    return not verdicts or (all if one["type"] == "and" else any)(verdicts)


def _fits(predicate: Mapping[str, Any], held: Values) -> bool:
    found = held.get(predicate["dimension"], [])
    operator = predicate.get("operator", "matches")
    if operator == "matches":
        return predicate["value"].lower() in found
    return bool(found) is (operator == "exists")
