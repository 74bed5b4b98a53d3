"""Find a case by its reference or by an identifier, exactly. What was typed is in no URL or log."""

from django.conf import settings
from django.db.models import Q, QuerySet

from erasure.errors import InputError
from erasure.identity import identifier
from erasure.models import ErasureCase, SubjectIdentifier, blind
from erasure.values import IdentifierKind

MOST = 50


def cases_for(term: str) -> QuerySet[ErasureCase]:
    """Cases with this reference, or with this identifier under any kind it can be read as."""
    known = SubjectIdentifier.objects.filter(blind_index__in=list(_indexes(term)))
    return ErasureCase.objects.filter(
        Q(reference=term.strip().upper()) | Q(pk__in=known.values("case"))
    )


def _indexes(term: str) -> set[str]:
    found = set()
    for kind in IdentifierKind:
        try:
            who = identifier(kind, term, settings.COUNTRY)
        except InputError:
            continue
        found.add(blind(who.kind, who.value))
    return found
