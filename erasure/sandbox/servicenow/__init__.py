"""ServiceNow of the sandbox: one instance, with its audit rows and rollback copies."""

from .app import ServiceNow

__all__ = ["ServiceNow"]
