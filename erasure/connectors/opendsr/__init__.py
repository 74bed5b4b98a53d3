"""OpenDSR 2.0: any processor that takes data subject requests over it."""

from erasure.connectors.opendsr.callbacks import callback_token
from erasure.connectors.opendsr.connector import OpenDSR
from erasure.connectors.opendsr.seal import UnsignedError, UntrustedError
from erasure.connectors.opendsr.stores import JOB_KIND

__all__ = ["JOB_KIND", "OpenDSR", "UnsignedError", "UntrustedError", "callback_token"]
