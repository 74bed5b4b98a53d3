"""How often a public page may be used: see ``limiter.uses``."""

from erasure.limiter.uses import HOUR, allowed, network

__all__ = ["HOUR", "allowed", "network"]
