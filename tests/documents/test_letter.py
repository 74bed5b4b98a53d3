"""The letter on paper and as plain text: whole, in any script, never in another's format."""

import gettext
from dataclasses import replace

import pytest

from erasure.documents.letter import as_text, render_letter
from erasure.documents.letters import Block, Look, Speech, compose
from erasure.documents.letters.samples import HEAD, SAMPLES
from erasure.values import LetterKind
from tests.documents.given import ARABIC, conforms, lines, opened, pages

ENGLISH = Speech("en", gettext.NullTranslations())
LETTER = compose(SAMPLES[LetterKind.EXTENSION], ENGLISH)


def saying(*texts, **changed):
    blocks = (*LETTER.blocks[:2], *(Block(text) for text in texts), *LETTER.blocks[2:])
    return replace(LETTER, blocks=blocks, **changed)


@pytest.mark.parametrize("kind", list(LetterKind))
def test_letter_of_each_kind_is_pdfa_3b(kind):
    assert conforms(render_letter(compose(SAMPLES[kind], ENGLISH))) == "pass"


@pytest.mark.parametrize(
    "text", ["", ARABIC, "word " * 5000, "x" * 3000, "\u202egnirts \U0001f600 <b>& %(x)s\x00"]
)
def test_letter_of_any_text_and_name_is_pdfa_3b(text):
    assert conforms(render_letter(saying(text, addressee=text[:200]))) == "pass"


def test_letter_says_who_writes_to_whom_when_and_why():
    assert lines(render_letter(LETTER)) == [
        "Example Contact Centre Ltd",
        "Maria Beispiel",
        "19 March 2027, ER-2027-7KQ2MX",
        "Our answer needs more time",
        "Dear Maria Beispiel,",
        "We received your request for the erasure of personal data (Art. 17 of the General Data",
        "Protection Regulation, GDPR) on 1 March 2027 and keep it under the reference",
        "ER-2027-7KQ2MX.",
        "We cannot answer your request within one month. Where it is necessary because of the",
        "complexity and number of the requests, that period may be extended by up to two further",
        "months (Art. 12(3) GDPR). We make use of this for the following reason:",
        "The records lie in five systems, two of which are searched by hand.",
        "You will have our answer by 1 June 2027 at the latest, instead of by 1 April 2027.",
        "If you have any questions, you can reach our data protection officer at "
        "privacy@example.org.",
        "Please state the reference ER-2027-7KQ2MX.",
        "Yours faithfully,",
        "Example Contact Centre Ltd",
        "ER-2027-7KQ2MX",
        "Page 1 of 1",
    ]


def test_letter_over_pages_loses_no_word():
    text = " ".join(pages(render_letter(saying("word " * 3000)))).split()
    assert text.count("word") == 3000


def test_letter_says_its_language_and_counts_pages_in_it():
    letter = saying(language="de", paging="Seite %(number)s von %(pages)s")
    with opened(render_letter(letter)) as pdf:
        assert str(pdf.Root.Lang) == "de"
    assert lines(render_letter(letter))[-1] == "Seite 1 von 1"


def test_list_of_a_letter_is_one_on_paper_and_in_plain_text():
    letter = replace(LETTER, blocks=(*LETTER.blocks, Block("one", look=Look.POINT),
                                     Block("two", look=Look.POINT)))  # fmt: skip
    assert lines(render_letter(letter))[-6:-2] == ["\u2013", "one", "\u2013", "two"]
    assert as_text(letter).endswith(f"{HEAD.controller}\n\n- one\n- two")
