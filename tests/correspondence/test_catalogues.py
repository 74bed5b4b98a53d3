"""Six languages, whole: what is committed is what the sources say, compiled, and nothing less."""

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from erasure.correspondence.catalogues import LOCALE, speech
from erasure.documents.letters import LANGUAGES, compose
from erasure.documents.letters.samples import HEAD, SAMPLES
from erasure.values import LetterKind

SOURCES = Path(compose.__code__.co_filename).parent
SAYING = {"say": 1, "mark": 1, "count": 2}
TRANSLATED = [language for language in LANGUAGES if language != "en"]
NOTHING_GIVEN = {"Dear %(name)s,"}  # formal French names nobody there


def messages() -> set[tuple[str, ...]]:
    """Every text of the sources: one, or one and its plural."""
    found = set()
    for path in SOURCES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            texts = node.args[: SAYING.get(name, 0)]
            if texts and all(isinstance(text, ast.Constant) for text in texts):
                found.add(tuple(text.value for text in texts))
    return found


def entries(language: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What the source catalogue of a language holds."""
    for chunk in (LOCALE / language / "LC_MESSAGES" / "letters.po").read_text().split("\n\n")[1:]:
        lines = [line for line in chunk.strip().splitlines() if not line.startswith("#")]
        read = [ast.literal_eval(line.partition(" ")[2]) for line in lines]
        cut = next(n for n, line in enumerate(lines) if line.startswith("msgstr"))
        yield tuple(read[:cut]), tuple(read[cut:])


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalogue_translates_what_the_sources_say_and_nothing_else(language):
    held = dict(entries(language))
    assert set(held) == messages()
    for message, said in held.items():
        assert len(said) == len(message)
        assert all(text.strip() for text in said)
        if message[0] not in NOTHING_GIVEN:
            assert {frozenset(placeholders(text)) for text in said} == {
                frozenset(placeholders(message[-1]))
            }


@pytest.mark.parametrize("language", TRANSLATED)
def test_compiled_catalogue_is_that_of_its_source(language):
    compiled = gettext.translation("letters", LOCALE, [language])
    for message, said in entries(language):
        if len(message) == 1:
            assert (compiled.gettext(message[0]),) == said
        else:
            assert (compiled.ngettext(*message, 1), compiled.ngettext(*message, 2)) == said


@pytest.mark.parametrize("language", TRANSLATED)
def test_letter_of_each_kind_has_no_sentence_of_another_language(language):
    """Names, the officer's words and addresses are the same in every language."""
    for kind, letter in SAMPLES.items():
        english, other = compose(letter, speech("en")), compose(letter, speech(language))
        given = repr(letter)
        alike = {b.text for b in english.blocks} & {b.text for b in other.blocks}
        assert [
            text for text in alike if text not in given and HEAD.authority.name not in text
        ] == []
        assert (english.title == other.title, kind) == (False, kind)


def test_text_a_catalogue_lacks_is_an_error_and_not_english():
    with pytest.raises(LookupError):
        speech("de").say("A sentence nobody translated.")
    with pytest.raises(LookupError):
        speech("de").count("%(number)s thing", "%(number)s things", 2)


def test_language_without_letters_is_an_error():
    with pytest.raises(LookupError):
        speech("ar")


@pytest.mark.parametrize(
    ("language", "day", "first", "number"),
    [
        ("en", "2 March 2027", "1 August 2027", "12,345"),
        ("de", "2. März 2027", "1. August 2027", "12.345"),
        ("fr", "2 mars 2027", "1er août 2027", "12\u202f345"),
        ("es", "2 de marzo de 2027", "1 de agosto de 2027", "12\u00a0345"),
        ("it", "2 marzo 2027", "1º agosto 2027", "12.345"),
        ("nl", "2 maart 2027", "1 augustus 2027", "12.345"),
    ],
)
def test_dates_and_numbers_are_written_as_the_language_does(language, day, first, number):
    say, written = speech(language), HEAD.written_on
    days = (say.day(written.replace(day=2)), say.day(written.replace(month=8, day=1)))
    assert (*days, say.number(12345)) == (day, first, number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_count_of_none_one_and_many_takes_the_plural_of_its_language(language):
    one, many = "%(number)s record was erased; a fresh search no longer finds it.", (
        "%(number)s records were erased; a fresh search no longer finds them."
    )  # fmt: skip
    said = [speech(language).count(one, many, n).replace(str(n), "#", 1) for n in (0, 1, 2)]
    assert said[1] != said[2]
    assert said[0] == (said[1] if language == "fr" else said[2])


@pytest.mark.parametrize("language", LANGUAGES)
def test_subject_of_a_mail_names_nobody(language):
    for letter in SAMPLES.values():
        written = compose(replace(letter, head=replace(HEAD, addressee="Zzyx")), speech(language))
        assert "Zzyx" not in written.subject
        assert HEAD.reference in written.subject


def test_sample_of_every_kind_exists():
    assert set(SAMPLES) == set(LetterKind)
