"""The witness: the DPO's own tool, on the DPO's own machine.

It remembers the last head of the log that it saw. It cosigns a later head only if the
log begins with that one, so nobody can shorten, rewrite or fork the log unseen. Run it
daily: ``python -m erasure.proof.witness``. It needs no database, no Django, no settings.
"""
