from datetime import timedelta

import pytest

from erasure import clock
from erasure.ledger.append import append_system
from erasure.models import LogAnchor, LogCheck
from erasure.values import Role
from tests.admin.page import Page

pytestmark = pytest.mark.django_db
ALARM = "The deletion log did not pass its verification (L5)."


def checked(*, passed=True, hours=1):
    findings = [[f"L{n}", "passed", "All is well."] for n in range(1, 10)]
    if not passed:
        findings[4] = ["L5", "failed", "The sequencer noted another head."]
    at = clock.now() - timedelta(hours=hours)
    return LogCheck.objects.create(at=at, size=12_345, passed=passed, findings=findings)


def said(browser, url="/admin/log/"):
    answer = browser.get(url)
    assert answer.status_code == 200
    page = Page(answer)
    assert page.refused == []
    return page.said()


def test_log_page_before_the_first_verification_says_so(sign_in):
    text = said(sign_in(Role.AUDITOR))
    assert "Not verified yet." in text
    assert "None yet." in text


def test_log_page_shows_each_check_in_plain_words_and_what_is_kept_outside(sign_in):
    checked()
    LogAnchor.objects.create(
        way="witness", by="dpo.example.org", size=12_000, note="x", at=clock.now()
    )
    text = said(sign_in(Role.AUDITOR))
    assert "Yes. Verified on" in text
    assert "over 12,345 entries." in text
    assert "L7 No case has vanished Passed All is well." in text
    assert "Cosigned by a witness dpo.example.org" in text


def test_log_page_of_a_log_that_was_changed_says_no_and_why(sign_in):
    checked(passed=False)
    text = said(sign_in(Role.DPO))
    assert "No. What was found on" in text
    assert "Failed The sequencer noted another head." in text


@pytest.mark.parametrize(
    "url", ["/admin/", "/admin/erasure/erasurecase/", "/admin/erasure/deletionlogentry/"]
)
def test_every_page_is_red_while_the_log_is_not_what_was_written(sign_in, url):
    browser = sign_in(Role.DPO)
    checked()
    assert "deletion log did not" not in said(browser, url)
    checked(passed=False, hours=0)
    assert ALARM in said(browser, url)


def test_case_page_is_red_while_the_log_is_not_what_was_written(sign_in, in_review):
    checked(passed=False)
    text = said(sign_in(Role.DPO), f"/admin/erasure/erasurecase/{in_review.pk}/change/")
    assert ALARM in text


def test_every_page_is_red_when_the_log_is_not_verified_any_more(sign_in):
    checked(hours=51)
    assert "The deletion log was last verified on" in said(sign_in(Role.DPO), "/admin/")
    assert "is the sequencer running?" in said(sign_in(Role.DPO))


def test_log_page_says_how_long_entries_wait(sign_in, monkeypatch, tmp_path):
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(tmp_path / "clock"))
    append_system("sign-in.failed")
    clock.advance(timedelta(seconds=90))
    assert "Entries have waited for 9" in said(sign_in(Role.DPO))


def test_log_page_and_its_alarm_are_not_for_who_sees_no_log(sign_in):
    checked(passed=False)
    browser = sign_in(Role.ADMINISTRATOR)
    assert browser.get("/admin/log/").status_code == 403
    assert "deletion log did not" not in said(browser, "/admin/")


def test_page_before_sign_in_says_nothing_of_the_log(client):
    checked(passed=False)
    assert "deletion log did not" not in client.get("/admin/login/").content.decode()
