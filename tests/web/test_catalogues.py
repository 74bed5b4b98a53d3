"""Every sentence a person may read exists in all six languages, as compiled as it is written."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import override

from erasure import identity
from erasure.errors import InputError
from erasure.intake import portal
from erasure.uploads.safe_copy import sentence
from erasure.values import IdentifierKind
from erasure.web.sentences import translated

ROOT = Path(__file__).resolve().parents[2]
OTHERS = [code for code, _ in settings.LANGUAGES if code != "en"]
IN_ENGLISH = {"403.html", "devmail.html", "played_identity.html"}  # of staff and trials
IN_ENGLISH |= {"check.html", "checked.html", "later.html", "match.html"}  # of whoever checks
PAGES = [
    *(ROOT / "templates").glob("*.html"),
    *(ROOT / "templates/erasure").glob("*.html"),
]
CODE = [
    file
    for room in ("web", "intake", "verification")
    for file in (ROOT / "erasure" / room).glob("*.py")
]
MARKS = {"gettext", "gettext_lazy", "gettext_noop", "_", "mark"}
TAG = re.compile(r'{%\s*translate\s+"((?:[^"\\]|\\.)*)"')
BLOCK = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
VARIABLE = re.compile(r"{{\s*(\w+)\s*}}")
FIELD = re.compile(r"%\(\w+\)[sd]")


def catalogue(code):
    folder = ROOT / f"erasure/web/locale/{code}/LC_MESSAGES"
    with (folder / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)._catalog


def written(code):
    """The source of a catalogue: msgid and msgstr."""
    text = (ROOT / f"erasure/web/locale/{code}/LC_MESSAGES/django.po").read_text()
    found = re.findall(r"^msgid (.*?)^msgstr (.*?)(?=^$|\Z)", text + "\n", re.DOTALL | re.MULTILINE)
    return {literal(id_): literal(said) for id_, said in found}


def literal(lines):
    return "".join(ast.literal_eval(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"', lines))


def marked():
    """Every msgid of the public pages, their forms and mails."""
    for page in PAGES:
        text = page.read_text()
        yield from (said.replace("%", "%%") for said in TAG.findall(text))
        yield from (VARIABLE.sub(r"%(\1)s", block) for block in BLOCK.findall(text))
    for file in CODE:
        for node in ast.walk(ast.parse(file.read_text())):
            marks = isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKS
            if marks and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


@pytest.mark.parametrize("code", OTHERS)
def test_catalogue_has_every_sentence_and_no_other(code):
    known = {key for key in catalogue(code) if key}
    assert (set(marked()) - known, known - set(marked())) == (set(), set())


@pytest.mark.parametrize("code", OTHERS)
def test_catalogue_is_compiled_as_it_is_written_and_keeps_every_field(code):
    compiled, source = catalogue(code), written(code)
    assert compiled == source
    for id_, said in source.items():
        assert said
        assert sorted(FIELD.findall(id_)) == sorted(FIELD.findall(said))
        assert re.findall(r"<[^>]+>", id_) == re.findall(r"<[^>]+>", said)


def test_public_page_has_no_words_outside_of_its_translations():
    """Whatever is left of a template without tags, translations and variables holds no letter."""
    found = {}
    for page in PAGES:
        if page.name in IN_ENGLISH:
            continue
        text = re.sub(r'<p lang="en">.*?</p>', "", page.read_text(), flags=re.DOTALL)
        text = BLOCK.sub("", re.sub(r"{#.*?#}", "", text))
        text = re.sub(r"{%.*?%}|{{.*?}}", "", text)
        words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", " ", text))
        if words:
            found[page.name] = words
    assert found == {}


BAD = [
    (IdentifierKind.EMAIL, " "), (IdentifierKind.EMAIL, "a@b@c"), (IdentifierKind.EMAIL, "a@b c"),
    (IdentifierKind.PHONE, "12x"), (IdentifierKind.PHONE, "+49 1"), (IdentifierKind.PHONE, "!"),
    (IdentifierKind.PHONE, "+999 12345678"), (IdentifierKind.NAME, "5"),
    (IdentifierKind.NAME, "A" * 201),
]  # fmt: skip
REFUSALS = ["locked", "pages", "pixels", "memory", "damaged"]
PORTAL = [portal.UNREADABLE, portal.EXPIRED, portal.USED, portal.NOTHING]


def below():
    """What the layers below say, drawn out of them."""
    for kind, typed in BAD:
        with pytest.raises(InputError) as why:
            identity.identifier(kind, typed, "DE")
        yield why.value
    for text in [sentence(each, 40_000_000, 10) for each in REFUSALS] + PORTAL:
        yield InputError("x", text)


@pytest.mark.parametrize("code", OTHERS)
def test_sentence_of_a_layer_below_is_said_in_the_language_of_the_page(code):
    with override(code):
        assert [str(why) for why in below() if translated(why) == str(why)] == []
