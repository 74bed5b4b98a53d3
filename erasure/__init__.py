"""Erasure: case management for GDPR Article 17 requests in contact centres."""
