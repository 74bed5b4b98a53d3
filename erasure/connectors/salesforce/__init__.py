"""Salesforce: contacts and cases over the REST API and Bulk API 2.0."""

from erasure.connectors.salesforce.connector import Salesforce

__all__ = ["Salesforce"]
