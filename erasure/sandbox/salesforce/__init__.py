"""Salesforce of the sandbox: one org, with its recycle bin and its bulk jobs."""

from .app import Salesforce

__all__ = ["Salesforce"]
