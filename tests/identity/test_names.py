import pytest

from erasure.identity.names import strangers


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
