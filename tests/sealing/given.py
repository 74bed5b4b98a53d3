"""Seals for tests; making an RSA key takes a second, so each is made once in a process."""

import atexit
import os
import tempfile
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa

from erasure.sealing import key
from erasure.sealing.x509 import certify

MARK = "Example"
made = cache(key.make)


def seal(mark=MARK):
    """A seal under a root of its own."""
    return made(mark)


@cache
def siblings():
    """Two seals of the same name under one root."""
    root_key, first, second = (rsa.generate_private_key(65537, 2048) for _ in range(3))
    name = "Family root"
    root = certify(name, name, root_key, root_key, ca=True)
    return [
        key.SealKey(own, certify("Family seal", name, own, root_key, seals=True), (root,))
        for own in (first, second)
    ]


def root_file(mark=MARK):
    """The root of a seal as a PEM file, for a trust file."""
    return root_of(seal(mark))


def root_of(own):
    return kept(own.root_pem)


@cache
def kept(pem):
    handle, path = tempfile.mkstemp(suffix=".pem")
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
    atexit.register(os.unlink, path)
    return path
