"""A Genesys Cloud organisation: token at ``/oauth/token``, API at ``/api/v2``."""

from .vendor import Genesys

__all__ = ["Genesys"]
