"""Connectors: one package per vendor, all behind the verbs of ``base``."""
