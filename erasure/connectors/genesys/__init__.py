"""Genesys Cloud Platform API v2: contacts, GDPR subjects, conversations, recordings,
evaluations."""

from erasure.connectors.genesys.connector import Genesys

__all__ = ["Genesys"]
