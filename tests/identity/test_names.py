import pytest

from erasure.identity.names import Likeness, likeness, strangers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Beispiel", "ada  BEISPIEL"),
        ("Ada Beispiel", "Beispiel, Ada"),
        ("Ada Beispiel", "Ada Maria Beispiel"),
        ("Ada Beispiel", "A. Beispiel"),
        ("Ada Beispiel", "Frau Beispiel"),
        ("Dr. Ada Beispiel", "Ada Maria Beispiel"),
        ("Zoë Müller", "Zoe Mueller"),
        ("Ada Straße", "Ada Strasse"),
        ("Ada Beispiel", "Unknown caller"),
        ("Ada Beispiel", "+49 30 23125012"),
        ("Ada Beispiel", "zentrale@example.org"),
        ("Ada Beispiel", ""),
    ],
)
def test_names_that_could_be_one_person_are_no_strangers(one, other):
    assert not strangers([one], [other])
    assert not strangers([other], [one])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Beispiel", "Bruno Beispiel"),
        ("Ada Beispiel", "Ada Muster"),
        ("Ada Beispiel", "B. Muster"),
        ("Ada Beispiel", "Adam Beispiel"),
        ("Ada Beispiel", "آدا مثال"),
    ],
)
def test_names_of_different_spelling_are_strangers(one, other):
    assert strangers([one], [other])
    assert strangers([other], [one])


def test_names_with_one_that_fits_are_no_strangers():
    assert not strangers(["Ada Muster", "Ada Beispiel"], ["Ada Beispiel"])
    assert not strangers(["Ada Muster"], ["Ada Beispiel", "Ada Muster"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Beispiel", "BEISPIEL, Ada"),
        ("Ada Maria Beispiel", "Ada Beispiel"),
        ("Søren Ærøskøbing", "Soren Aroskobing"),
        ("Siobhan O'Brien", "Siobhan OBrien"),
        ("Siobhan O\u2019Brien", "Siobhan O'Brien"),
        ("Anna Lena Muster", "Annalena Muster"),
        ("ليلى مثال", "مثال ليلى"),
        ("山田 太郎", "山田太郎"),
        ("Łukasz Muster", "Lukasz Muster"),
    ],
)
def test_names_written_differently_are_the_same(one, other):
    assert likeness([one], [other]) is likeness([other], [one]) is Likeness.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Beispiel", "A. Beispiel"),
        ("Ada Beispiel", "Beispiel"),
        ("Beispiel", "Beispiel"),
        ("A. Beispiel", "A. Beispiel"),
        ("Ada Beispiel", "Ada & Bruno Beispiel"),
    ],
)
def test_names_that_fit_many_people_fit_weakly(one, other):
    assert likeness([one], [other]) is likeness([other], [one]) is Likeness.WEAK


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada M. Beispiel", "Adam Beispiel"),
        ("ليلى مثال", "سلمى مثال"),
        ("Zoë Muster", "Zoran Muster"),
    ],
)
def test_names_close_to_each_other_are_strangers(one, other):
    assert likeness([one], [other]) is likeness([other], [one]) is Likeness.STRANGERS


@pytest.mark.parametrize("other", ["", "Unknown caller", "+49 30 23125012", "-"])
def test_names_of_nobody_say_nothing(other):
    assert likeness(["Ada Beispiel"], [other]) is Likeness.UNKNOWN
