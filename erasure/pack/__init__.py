"""One file with all that an authority asks of a case. It holds personal data."""

from erasure.pack.write import name_of, write_pack

__all__ = ["name_of", "write_pack"]
