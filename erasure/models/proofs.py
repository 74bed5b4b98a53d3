"""What each method of proof must have, in the law's order: the least intrusive first.

A confirmation that lacks something is refused here, whoever asks for it.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from erasure.values import Attribute, DocumentType, VerificationMethod

if TYPE_CHECKING:
    from erasure.models.verification import Verification

V = VerificationMethod
KNOWLEDGE = (
    Attribute.ADDRESS,
    Attribute.CUSTOMER_NUMBER,
    Attribute.BIRTH_DATE,
    Attribute.RECENT_CONTACT,
)
ASKS_MORE = frozenset({V.CALL_BACK, V.KNOWLEDGE, V.ELECTRONIC_ID, V.ID_SHOWN, V.ID_COPY})
Lack = tuple[str, str]  # the field, and a sentence a person can act on


def lacking(row: "Verification", actor: Any) -> Iterator[Lack]:
    """Everything that a verification about to be confirmed lacks."""
    if not row.reason:
        yield "reason", "Say what convinced you."
    known = set(row.matched) <= set(Attribute)
    if not row.matched or not known:
        yield "matched", "Say which kinds of attribute matched, by kind alone: never a value."
    if row.method in ASKS_MORE and not row.doubt:
        yield "doubt", "Say why there was reasonable doubt: without one no more is asked for."
    yield from RULES[V(row.method)](row, actor)


def _portal(row: "Verification", actor: Any) -> Iterator[Lack]:
    if actor.user is not None:
        yield "method", "A portal session is recorded by the portal itself, not by hand."


def _link(row: "Verification", actor: Any) -> Iterator[Lack]:
    if row.denied_at:
        yield "method", "Who reads mail at the address on file says it was not them."
    elif row.on_file is None or not row.proven_at:
        yield "method", "Nobody has used a link that went to an address on file."
    elif not row.on_file.usable:
        yield "method", "The address was not on file before the request: it proves nothing."
    elif row.on_file.doubt and not row.on_file_reason:
        yield "on_file_reason", f"{row.on_file.doubt} Say why it counts all the same."


def _call(row: "Verification", actor: Any) -> Iterator[Lack]:
    if not row.source:
        yield "source", "Say in which system the number was on file before the request."


def _knowledge(row: "Verification", actor: Any) -> Iterator[Lack]:
    if len(set(row.matched) & set(KNOWLEDGE)) < 2:
        yield "matched", "Two things matched that only the person knows, or it is not enough."


def _electronic(row: "Verification", actor: Any) -> Iterator[Lack]:
    if not row.provider or not row.proven_at:
        yield "method", "No electronic identity came back for this request."


def _document(row: "Verification", actor: Any) -> Iterator[Lack]:
    if row.document_type not in list(DocumentType):
        yield "document_type", "Say what kind of document it was."
    if not (len(row.document_country) == 2 and row.document_country.isupper()):
        yield "document_country", "Give the two letters of the country that issued it."
    if Attribute.NAME not in row.matched:
        yield "matched", "The name on the document must match."


def _copy(row: "Verification", actor: Any) -> Iterator[Lack]:
    if not row.copy_approved:
        yield "method", "No second person has approved that a copy is asked for."
    elif not row.pages.exists():
        yield "method", "No copy is here to decide on."
    yield from _document(row, actor)


RULES: dict[VerificationMethod, Callable[["Verification", Any], Iterator[Lack]]] = {
    V.PORTAL: _portal,
    V.LINK_ON_FILE: _link,
    V.CALL_BACK: _call,
    V.KNOWLEDGE: _knowledge,
    V.ELECTRONIC_ID: _electronic,
    V.ID_SHOWN: _document,
    V.ID_COPY: _copy,
}
