"""A letter that lacks a mandatory element does not exist, neither as facts nor as words."""

import gettext
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erasure.documents.letters import (
    MANDATORY,
    Authority,
    Block,
    Element,
    Kept,
    Part,
    Speech,
    compose,
)
from erasure.documents.letters.samples import ENDING, HEAD, HELD, SAMPLES
from erasure.errors import InputError
from erasure.values import Exemption, LetterKind, VerificationMethod

K = LetterKind
ENGLISH = Speech("en", gettext.NullTranslations())
BEFORE = date(2027, 3, 18)  # the day before the letters are written
EMPTIED = [
    (K.ACKNOWLEDGEMENT, "answer_by", date(2027, 2, 1)),
    (K.IDENTITY_REQUEST, "reason", " "),
    (K.IDENTITY_REQUEST, "options", ()),
    (K.IDENTITY_REQUEST, "options", (VerificationMethod.ID_COPY, VerificationMethod.CALL_BACK)),
    (K.IDENTITY_REQUEST, "reply_by", BEFORE),
    (K.EXTENSION, "reason", ""),
    (K.EXTENSION, "month_ends", BEFORE),
    (K.EXTENSION, "due_now", date(2027, 4, 1)),
    (K.INTERIM, "running", ()),
    (K.INTERIM, "expected_end", HEAD.written_on),
    (K.PARTIAL_HOLD, "kept", ()),
    (K.REFUSAL, "article", ()),
    (K.HOLD_RELEASED, "told_on", date(2027, 3, 20)),
]


def refused(make):
    with pytest.raises(InputError) as why:
        make()
    return why.value.field


@pytest.mark.parametrize(("kind", "element", "nothing"), EMPTIED)
def test_letter_without_a_fact_of_its_kind_is_refused_by_name(kind, element, nothing):
    field = "parts" if element == "article" else element
    assert refused(lambda: replace(SAMPLES[kind], **{field: nothing})) == element


@pytest.mark.parametrize(
    ("make", "element"),
    [
        (lambda: Authority(" ", "1 Invented Square"), "authority_name"),
        (lambda: Authority("Authority", ""), "authority_address"),
        (lambda: replace(HEAD, reference=""), "reference"),
        (lambda: replace(HEAD, controller=""), "controller"),
        (lambda: replace(HEAD, dpo_contact=" "), "dpo_contact"),
        (lambda: replace(HEAD, written_on=date(2027, 2, 28)), "written_on"),
        (lambda: replace(HELD, until=None), "until"),
        (lambda: replace(HELD, portions=()), "categories"),
        (lambda: replace(HELD, article="17(3)(f)"), "article"),
        (lambda: Part("17(9)", "Because."), "article"),
        (lambda: Part("17(1)", "\n"), "reason"),
        (lambda: replace(ENDING, backups=ENDING.backups[:1]), "backups"),
        (lambda: replace(ENDING, searched=()), "searched"),
        (lambda: replace(ENDING, file_months=0), "file_months"),
    ],
)
def test_fact_that_says_nothing_is_refused_by_name(make, element):
    assert refused(make) == element


def test_hold_without_wording_needs_the_officers_reason():
    letter, silent = SAMPLES[K.PARTIAL_HOLD], replace(HELD, wording="")
    assert refused(lambda: replace(letter, kept=(silent,))) == "reason"
    assert replace(letter, kept=(silent,), reason="A claim is pending.").kept == (silent,)


def test_hold_whose_date_has_passed_is_refused():
    letter = SAMPLES[K.PARTIAL_HOLD]
    assert refused(lambda: replace(letter, kept=(replace(HELD, until=BEFORE),))) == "until"


def test_release_of_nothing_is_refused():
    letter = SAMPLES[K.HOLD_RELEASED]
    empty = replace(ENDING, gone=(), backups=())
    assert refused(lambda: replace(letter, ending=empty)) == "gone"


@given(st.sampled_from(list(K)), st.data())
def test_words_without_any_one_mandatory_element_are_refused(kind, data):
    written = compose(SAMPLES[kind], ENGLISH)
    wanted = (Element.REQUEST, Element.CONTACT, *MANDATORY[kind], *written.also)
    element = data.draw(st.sampled_from(sorted(set(wanted))))
    silent = data.draw(st.sampled_from(["", " ", None]))
    blocks = tuple(
        block if block.element != element else Block(silent, element)
        for block in written.blocks
        if block.element != element or silent is not None
    )
    assert refused(lambda: replace(written, blocks=blocks)) == element


@pytest.mark.parametrize("kind", [K.COMPLETE, K.PARTIAL_HOLD, K.REFUSAL, K.HOLD_RELEASED])
@pytest.mark.parametrize("part", [HEAD.authority.name, HEAD.authority.address])
def test_words_that_do_not_name_the_authority_are_refused(kind, part):
    written = compose(SAMPLES[kind], ENGLISH)
    blocks = tuple(replace(b, text=b.text.replace(part, "")) for b in written.blocks)
    assert refused(lambda: replace(written, blocks=blocks)) == Element.COMPLAINT


def test_hold_sentences_are_those_of_the_law_and_name_the_date():
    review = Kept(
        Exemption.LEGAL_CLAIMS, HELD.portions, held=True, wording="A claim.",
        review_by=date(2027, 9, 1),
    )  # fmt: skip
    letter = replace(SAMPLES[K.PARTIAL_HOLD], kept=(HELD, review))
    said = [b.text for b in compose(letter, ENGLISH).blocks if b.element is Element.HOLD_DATE]
    assert said == [
        "Certain interaction records are subject to legal hold and cannot be erased until "
        "31 January 2028.",
        "Certain interaction records are subject to legal hold and cannot be erased while the "
        "legal ground exists; we review this by 1 September 2027.",
    ]


def test_acknowledgement_says_nothing_of_data_and_the_subject_nothing_of_the_person():
    written = compose(SAMPLES[K.ACKNOWLEDGEMENT], ENGLISH)
    assert written.subject == "Your request ER-2027-7KQ2MX"
    assert {b.element for b in written.blocks} == {
        Element.NONE, Element.REQUEST, Element.NOTHING_CONFIRMED, Element.ANSWER_BY,
        Element.NEXT_STEPS, Element.CONTACT,
    }  # fmt: skip


def test_complete_letter_of_a_search_that_found_nothing_says_so():
    nothing = replace(ENDING, gone=(), backups=(), suppressed_months=0, recipients_told=0)
    written = compose(replace(SAMPLES[K.COMPLETE], ending=nothing), ENGLISH)
    said = [b.text for b in written.blocks]
    assert "No record was erased: in the systems we searched we found none of you." in said
    assert not any("complied" in text for text in said)


def test_subject_of_two_lines_is_refused():
    written = compose(SAMPLES[K.COMPLETE], ENGLISH)
    assert refused(lambda: replace(written, subject="Your request\nBcc: x")) == "subject"
