import pytest
from django.conf import settings

SIX = ["en", "de", "fr", "es", "it", "nl"]


def test_languages_offered_are_those_of_letters_and_public_pages():
    assert [code for code, _ in settings.LANGUAGES] == SIX


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [("", "en"), ("de", "de"), ("de-AT,en;q=0.5", "de"), ("nl-BE", "nl"), ("ar, fr;q=0.3", "fr"),
     ("pl", "en"), ("en-GB", "en")],
)  # fmt: skip
def test_page_without_a_choice_speaks_the_language_of_the_browser(person, accepted, spoken):
    response = person.get("/", headers={"Accept-Language": accepted})
    assert (response["Content-Language"], response["Vary"]) == (spoken, "Accept-Language")


def test_language_chosen_on_a_page_is_kept_for_the_visit(person):
    chosen = person.get("/?language=it", headers={"Accept-Language": "de"})
    later = person.get("/request/", headers={"Accept-Language": "de"})
    assert [page["Content-Language"] for page in (chosen, later)] == ["it", "it"]
    cookie = person.cookies["language"]
    assert (cookie.value, cookie["max-age"], cookie["httponly"]) == ("it", "", True)


@pytest.mark.parametrize("code", ["tlh", "../de", "", "DE"])
def test_language_nobody_offers_changes_nothing_and_is_not_kept(person, code):
    response = person.get("/", {"language": code})
    assert (response["Content-Language"], list(person.cookies)) == ("en", [])


def test_admin_stays_english_whatever_the_browser_speaks(person):
    response = person.get("/admin/login/?language=de", headers={"Accept-Language": "de"})
    assert (response.headers.get("Content-Language"), list(person.cookies)) == (None, ["csrftoken"])
    assert b'<html lang="en-gb">' in response.content
