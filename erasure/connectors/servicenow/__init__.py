"""ServiceNow: people, cases, conversations and their traces over the Table API."""

from erasure.connectors.servicenow.connector import ServiceNow

__all__ = ["ServiceNow"]
