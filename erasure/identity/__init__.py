"""Who a person is to the systems: one spelling, the fixed point, what to doubt.

Rank 1: no Django.
"""

from erasure.identity.graph import Card, Graph, Label, lay_out
from erasure.identity.mask import mask
from erasure.identity.normalise import (
    email,
    entries,
    identifier,
    name,
    parse_many,
    phone,
    spellings,
)
from erasure.identity.picture import Record
from erasure.identity.svg import svg
from erasure.identity.walk import Known, Origin, Seen, Sighting, Walk, walk

__all__ = [
    "Card",
    "Graph",
    "Known",
    "Label",
    "Origin",
    "Record",
    "Seen",
    "Sighting",
    "Walk",
    "email",
    "entries",
    "identifier",
    "lay_out",
    "mask",
    "name",
    "parse_many",
    "phone",
    "spellings",
    "svg",
    "walk",
]
