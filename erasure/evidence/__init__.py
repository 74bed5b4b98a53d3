"""The evidence stage: certificates in two editions, and what the public may ask about them."""

from erasure.evidence.editions import authority_edition
from erasure.evidence.stage import issue
from erasure.evidence.trust import own_trust, write_trust

__all__ = ["authority_edition", "issue", "own_trust", "write_trust"]
