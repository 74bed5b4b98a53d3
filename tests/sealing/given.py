"""Seals for tests; making an RSA key takes a second, so each is made once in a process."""

from functools import cache

from erasure.sealing import key


@cache
def seal(mark="Example"):
    """A seal under a root of its own."""
    return key.make(mark)
