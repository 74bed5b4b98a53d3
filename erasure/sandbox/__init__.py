"""Plays the remote side: invented people, one WSGI application per vendor.

Standard library only. Imports nothing of the product.
"""
