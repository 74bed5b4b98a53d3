"""What the org tells of its objects: their list, their fields, their children."""

from typing import Any

from .org import Org
from .schema import CASCADES, RESTRICTED, SETUP, UNDELETABLE, UNSEARCHED, SObject


def listed(org: Org) -> list[dict[str, Any]]:
    """Every object the user may see; a hidden one is missing, as an absent one is."""
    return [_flags(shown) for name in org.objects if (shown := org.sobject(name))]


def described(org: Org, shown: SObject) -> dict[str, Any]:
    """One object with its fields and the lookups that point at it."""
    fields = [
        {
            "name": each.name,
            "type": each.type,
            "filterable": each.filterable,
            "updateable": each.updateable,
            "nillable": each.updateable,
            "custom": each.name.endswith("__c"),
            "referenceTo": list(each.references),
        }
        for each in shown.fields
    ]
    return {**_flags(shown), "fields": fields, "childRelationships": _children(org, shown.name)}


def _flags(shown: SObject) -> dict[str, Any]:
    own = shown.name not in SETUP
    return {
        "name": shown.name,
        "keyPrefix": shown.prefix or None,
        "custom": shown.name.endswith("__c"),
        "queryable": True,
        "searchable": shown.name not in UNSEARCHED,
        "updateable": own and not shown.name.endswith("History"),
        "deletable": shown.name not in UNDELETABLE,
        "undeletable": shown.name not in UNDELETABLE,
    }


def _children(org: Org, parent: str) -> list[dict[str, Any]]:
    taken = {(each.child, each.field, each.parent) for each in CASCADES}
    return [
        {
            "childSObject": child,
            "field": each.name,
            "cascadeDelete": (child, each.name, parent) in taken,
            "restrictedDelete": (child, each.name, parent) in RESTRICTED,
        }
        for child in org.objects
        if (shown := org.sobject(child))
        for each in shown.fields
        if parent in each.references
    ]
