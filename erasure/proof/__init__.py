"""Canonical bytes, the Merkle log, signatures, certificates, verification.

Rank 1. Runs alone with cryptography, rfc8785 and pypdf: ``python -m erasure.proof``.
"""
