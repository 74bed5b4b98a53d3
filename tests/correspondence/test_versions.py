"""A template's words and its version change together, for a version stands with each letter."""

import hashlib

import pytest

from erasure.correspondence.catalogues import speech
from erasure.documents.letters import LANGUAGES, VERSIONS, compose
from erasure.documents.letters.samples import SAMPLES
from erasure.values import LetterKind

# version and digest of the words, in all languages, about the invented people of the samples
WORDS = {
    LetterKind.ACKNOWLEDGEMENT: ("1", "ff124f1110ab874a"),
    LetterKind.IDENTITY_REQUEST: ("1", "869ebc3d78275c40"),
    LetterKind.EXTENSION: ("1", "2b22f3480623031d"),
    LetterKind.INTERIM: ("1", "c2e9e0bbf4e76c21"),
    LetterKind.COMPLETE: ("1", "1975e68135b09d41"),
    LetterKind.PARTIAL_HOLD: ("1", "8f60ed13b3ab4f14"),
    LetterKind.REFUSAL: ("1", "019d5a7bc0b1df9d"),
    LetterKind.HOLD_RELEASED: ("1", "b508cae83b3f3922"),
}


def digest(kind):
    sums = hashlib.sha256()
    for language in LANGUAGES:
        written = compose(SAMPLES[kind], speech(language))
        for text in (written.title, *(block.text for block in written.blocks)):
            sums.update(text.encode() + b"\n")
    return sums.hexdigest()[:16]


@pytest.mark.parametrize("kind", list(LetterKind))
def test_template_whose_words_changed_has_a_new_version(kind):
    assert (VERSIONS[kind], digest(kind)) == WORDS[kind]
