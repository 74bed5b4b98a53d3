"""What each role sees, and the registers beside the cases."""

import json
import urllib.request

import pytest

from tests.browser.test_whole_case import LONG, follow, heading, make_user, press

pytestmark = pytest.mark.browser

MENUS = {
    "clerk": ["Cases"],
    "legal": ["Cases", "Holds", "Certificates", "Log"],
    "auditor": [
        "Cases", "Holds", "Certificates", "Follow-ups", "Log", "Access", "Report", "Systems",
        "Recipients", "Clients", "Portals", "Users",
    ],
    "admin": ["Systems", "Recipients", "Clients", "Portals", "Users"],
}  # fmt: skip
PAGES = {
    "Cases": "erasure/erasurecase/", "Holds": "erasure/hold/", "Log": "erasure/deletionlogentry/",
    "Access": "erasure/accessrecord/", "Report": "report/", "Users": "erasure/user/",
    "Certificates": "erasure/certificate/", "Systems": "erasure/systemconnection/",
    "Clients": "erasure/apiclient/", "Portals": "erasure/portalkey/",
    "Follow-ups": "erasure/followup/", "Recipients": "erasure/recipient/",
}  # fmt: skip


@pytest.mark.parametrize("role", MENUS)
def test_role_sees_its_pages_and_is_told_where_it_may_not_go(visitors, role):
    staff = visitors.staff(role)
    visitors.look(staff, f"role-{role}-worklist")
    menu = staff.get_by_role("navigation", name="Main").get_by_role("link")
    assert menu.all_inner_texts() == MENUS[role]
    for label, path in PAGES.items():
        answer = staff.goto(f"/admin/{path}")
        assert answer.status == (200 if label in MENUS[role] else 403)
        visitors.look(staff, f"role-{role}-{label.lower()}")


def test_clerk_enters_a_request_by_phone(visitors):
    clerk = visitors.staff("clerk")
    clerk.goto("/admin/erasure/erasurecase/add/")
    visitors.look(clerk, "new-case")
    clerk.get_by_label("Came in by").select_option("phone")
    clerk.get_by_label("Received at").fill("2026-01-05T10:00")
    clerk.get_by_label("Name of the person").fill("Hilda Haltmuster")
    clerk.get_by_label("Other names used with us").fill("Hilde Haltmuster")
    clerk.get_by_label("E-mail addresses").fill("hilda.haltmuster@example.org")
    press(clerk, "Record the request")
    visitors.look(clerk, "clerk-case")
    assert heading(clerk).startswith("ER-2026-")


def test_hold_is_placed_by_one_and_released_by_another(visitors):
    make_user(visitors, "second", "Legal")
    legal = visitors.staff("legal")
    legal.goto("/admin/erasure/hold/add/?scope=SUBJECT")
    visitors.look(legal, "new-hold")
    press(legal, "Place the hold")
    visitors.look(legal, "new-hold-errors")
    legal.get_by_label("Matter reference").fill("M-2026-17")
    legal.get_by_label("Reason, for colleagues").fill("Pending claim.")
    legal.get_by_label("What the person is told").fill("Needed for a pending legal claim.")
    legal.get_by_label("Expires on").fill("2027-11-01")
    legal.get_by_label("E-mail addresses and phone numbers").fill("jo.doppel@example.org")
    press(legal, "Place the hold")
    visitors.look(legal, "hold")
    assert heading(legal) == "M-2026-17"
    follow(legal, "Propose the release")
    visitors.look(legal, "propose-release")
    press(legal, "Propose the release")
    visitors.look(legal, "hold-release-proposed")
    page = legal.url
    assert legal.get_by_role("link", name="Release the hold").count() == 0
    legal.goto(page.replace("change/", "release/confirm/"))
    visitors.look(legal, "release-refused")
    assert legal.get_by_role("button", name="Release the hold").count() == 0
    second = visitors.staff("second", LONG)
    second.goto(page)
    follow(second, "Release the hold")
    visitors.look(second, "release")
    press(second, "Release the hold")
    visitors.look(second, "hold-released")
    assert second.locator(".badge").first.inner_text() == "Released"


def test_connection_test_names_the_permissions_that_are_missing(visitors, house):
    url = f"{house.urls.sandbox}/sandbox/credentials"
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310
        genesys = json.load(answer)["genesys"]
    narrow = genesys["clients"]["narrow"]
    admin = visitors.staff("admin")
    admin.goto("/admin/erasure/systemconnection/")
    follow(admin, "Genesys Cloud EU")
    visitors.look(admin, "connection")
    press(admin, "Test now")
    visitors.look(admin, "connection-test")
    assert "Everything an erasure needs is there." in admin.locator("main").inner_text()

    admin.goto("/admin/erasure/systemconnection/add/")
    admin.get_by_label("Short name").fill("narrow")
    admin.get_by_label("Name", exact=True).fill("Narrow client")
    admin.get_by_label("System", exact=True).select_option("genesys")
    admin.get_by_label("Enabled").uncheck()
    admin.get_by_label("API address").fill(f"{house.urls.sandbox}/genesys")
    admin.get_by_label("Sign-in address").fill(f"{house.urls.sandbox}/genesys")
    admin.get_by_label("Client id", exact=True).fill(narrow["client_id"])
    admin.get_by_label("Client secret", exact=True).fill(narrow["client_secret"])
    admin.get_by_label("Organisation id").fill(genesys["organization_id"])
    visitors.look(admin, "new-connection")
    press(admin, "Save")
    press(admin, "Test now")
    visitors.look(admin, "connection-test-narrow")
    missing = admin.locator("tr", has=admin.locator(".badge.danger")).all_inner_texts()
    told = "\n".join(missing)
    assert ("gdpr:subject:view" in told, "quality:evaluation" in told) == (True, True), told
