"""Certificates, reports and letters: frozen facts in, PDF bytes out. Rank 1: no Django."""
