"""Conversation queries: the filter language, checked and applied."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from .rows import DIMENSIONS, values
from .state import DIVISION_IDS, Conversation, Org
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
    rows = [talk for talk in _candidates(org, query) if since <= talk.start < until]
    found = [talk for talk in rows if passes(org, query, talk)]
    return sorted(found, key=lambda talk: (talk.start, talk.id))


def _candidates(org: Org, query: Mapping[str, Any]) -> Iterable[Conversation]:
    """All conversations, or those a plain list of conversation ids names."""
    named = query.get("conversationFilters") or []
    if len(named) == 1 and named[0]["type"] == "or" and not named[0].get("clauses"):
        ids = [
            one.get("value")
            for one in named[0].get("predicates") or []
            if one["dimension"] == "conversationId"
        ]
        if ids and len(ids) == len(named[0]["predicates"]):
            return [
                org.conversations[key] for key in dict.fromkeys(ids) if key in org.conversations
            ]
    return org.conversations.values()


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
