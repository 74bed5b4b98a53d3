"""The organisation's seal: an RSA key with its X.509 certificate, and what it signs.

Rank 1. ``key`` reads and makes it; ``sign`` puts it under a file or a PDF.
"""
