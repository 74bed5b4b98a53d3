"""Salesforce: people, cases and what hangs on them over REST, Bulk 2.0 and SOAP."""

from erasure.connectors.salesforce.connector import Salesforce

__all__ = ["Salesforce"]
