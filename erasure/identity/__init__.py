"""Who a person is to the systems: one spelling, the fixed point, what to doubt.

Rank 1: no Django.
"""

from erasure.identity.mask import mask
from erasure.identity.normalise import email, identifier, name, parse_many, phone
from erasure.identity.question import question
from erasure.identity.walk import Known, Origin, Record, Sighting, Walk, walk

__all__ = [
    "Known",
    "Origin",
    "Record",
    "Sighting",
    "Walk",
    "email",
    "identifier",
    "mask",
    "name",
    "parse_many",
    "phone",
    "question",
    "walk",
]
