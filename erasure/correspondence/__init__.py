"""Letters to the person, and the answer of Art. 12(3) and (4)."""

from erasure.correspondence.catalogues import speech
from erasure.correspondence.record import LETTERS, record_answer, suggested_text

__all__ = ["LETTERS", "record_answer", "speech", "suggested_text"]
