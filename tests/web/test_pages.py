import logging
import re

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from erasure.web.pages import by_one_time_link


def failing(request):
    raise ValueError("ada@example.org")


def heading(response):
    return re.search(r"<h1>(.*?)</h1>", response.content.decode())[1]


def test_one_time_page_that_fails_shows_our_page_and_logs_type_and_place(caplog):
    caplog.set_level(logging.DEBUG)
    response = by_one_time_link(failing)(RequestFactory().get("/identity/s3cret/"))
    assert (response.status_code, heading(response)) == (500, "Something went wrong on our side")
    line = failing.__code__.co_firstlineno + 1
    assert [record.getMessage() for record in caplog.records] == [
        f"A page of a one-time link failed: ValueError at test_pages.py:{line}"
    ]


def test_one_time_page_keeps_the_answer_of_the_view():
    response = by_one_time_link(lambda request: HttpResponse("fine"))(RequestFactory().get("/"))
    assert response.content == b"fine"


@pytest.mark.parametrize("path", ["/nowhere", "/request/received/x/"])
def test_address_unknown_shows_our_page(person, path):
    response = person.get(path)
    assert (response.status_code, heading(response)) == (404, "There is no such page")


def test_request_too_large_shows_our_page(person):
    response = person.post("/request/", {"text": "x" * (6 * 2**20)})
    assert (response.status_code, heading(response)) == (400, "This request could not be read")


def test_robots_leave_pages_with_secrets_alone(person):
    assert person.get("/robots.txt").content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /calendar/",
        "Disallow: /request/confirm/",
        "Disallow: /request/received/",
        "Disallow: /identity/",
        "Disallow: /admin/",
        "Disallow: /dev/",
    ]
