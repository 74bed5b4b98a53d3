"""A system without an interface: people do the work and attach the evidence."""

from erasure.connectors.manual.connector import DEFAULT, RECORDS, Manual

__all__ = ["DEFAULT", "RECORDS", "Manual"]
