"""The register of holds: overdue reviews, keeping one, and conversations from a file."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from erasure import clock
from erasure.models import Hold, HoldEvent, SystemConnection
from erasure.values import Role
from tests.admin.conftest import SignIn
from tests.admin.page import Page
from tests.admin.urls import at
from tests.factories import make_hold, make_user

HOLDS = "/admin/erasure/hold/"
DAY = timedelta(days=1)
IDS = [f"3f2b7c1e-0001-4a6e-9d2f-00000000000{n}" for n in range(3)]


def today():
    return clock.now().date()


def given(**more: str) -> dict[str, str]:
    standard = {
        "reference": "MATTER-1", "article": "17(3)(e)", "reason": "A claim is pending.",
        "public_wording": "Kept for a claim.", "review_on": (today() + 90 * DAY).isoformat(),
    }  # fmt: skip
    return standard | more


def csv(*lines: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("ids.csv", "\n".join(["id", *lines]).encode(), "text/csv")


def test_register_says_how_many_reviews_wait_and_since_when(sign_in: SignIn) -> None:
    legal = sign_in(Role.LEGAL)
    assert "No review is due." in Page(legal.get(HOLDS)).said()
    for days in (3, 10):
        make_hold(legal.user, "REVIEW_DUE", review_on=today() - days * DAY)
    shown = Page(legal.get(HOLDS)).said()
    assert "2 holds wait for a review, the oldest since" in shown
    assert "Review overdue for 10 days" in shown


def test_file_is_shown_first_and_places_nothing(sign_in: SignIn, genesys: SystemConnection) -> None:
    form = given(connection=str(genesys.pk)) | {"file": csv(*IDS, IDS[0], "not one")}
    answer = sign_in(Role.LEGAL).post(HOLDS + "add/?scope=CONVERSATION", form)
    said = Page(answer).said()
    assert (
        "Nothing is placed yet. The file names 3 conversations, 1 of them more than once." in said
    )
    assert "1 line holds no conversation id of this system and is left out: line 6." in said
    assert answer.context["form"]["conversations"].value() == "\n".join(IDS)
    assert Hold.objects.count() == 0


def test_file_that_was_looked_at_is_placed_with_the_second_press(
    sign_in: SignIn, genesys: SystemConnection
) -> None:
    legal = sign_in(Role.LEGAL)
    form = given(connection=str(genesys.pk))
    shown = legal.post(HOLDS + "add/?scope=CONVERSATION", form | {"file": csv(*IDS)})
    ids = shown.context["form"]["conversations"].value()
    legal.post(HOLDS + "add/?scope=CONVERSATION", form | {"conversations": ids})
    assert Hold.objects.get().targets.count() == len(IDS)


@pytest.mark.parametrize(("data", "said"), [
    (b"\xff\xfe", "The file is not UTF-8 text"), (b"", "The submitted file is empty"),
])  # fmt: skip
def test_file_that_cannot_be_read_says_so_and_keeps_the_input(
    sign_in: SignIn, genesys: SystemConnection, data: bytes, said: str
) -> None:
    form = given(connection=str(genesys.pk)) | {"file": SimpleUploadedFile("ids.csv", data)}
    answer = sign_in(Role.LEGAL).post(HOLDS + "add/?scope=CONVERSATION", form)
    assert said in Page(answer).said()
    assert answer.context["form"]["reference"].value() == "MATTER-1"


def test_matter_covers_people_and_conversations(sign_in: SignIn, genesys: SystemConnection) -> None:
    form = given(
        connection=str(genesys.pk), conversations="\n".join(IDS), identifiers="a@example.org"
    )
    sign_in(Role.DPO).post(HOLDS + "add/?scope=MATTER", form)
    assert (Hold.objects.get().scope, Hold.objects.get().targets.count()) == ("MATTER", 4)


def test_matter_with_conversations_of_no_system_is_refused(sign_in: SignIn) -> None:
    answer = sign_in(Role.LEGAL).post(
        HOLDS + "add/?scope=MATTER", given(conversations=IDS[0], identifiers="a@example.org")
    )
    assert "Choose the system of the conversations." in Page(answer).said()
    assert Hold.objects.count() == 0


def test_hold_is_kept_until_a_new_date_and_its_page_tells_the_story(sign_in: SignIn) -> None:
    legal = sign_in(Role.LEGAL)
    hold = make_hold(make_user(Role.LEGAL), "REVIEW_DUE", review_on=today())
    form = {"review_on": (today() + 60 * DAY).isoformat(), "reason": "The appeal is pending."}
    answer = legal.post(at("hold_keep", hold.pk), form)
    assert answer.status_code == 302
    kept = Hold.objects.get()
    assert (kept.state, kept.review_on) == ("ACTIVE", today() + 60 * DAY)
    said = Page(legal.get(at("erasure_hold_change", hold.pk))).said()
    assert f"{legal.user.as_said()} kept it until new dates. The appeal is pending." in said


@pytest.mark.parametrize(("form", "said"), [
    ({"reason": "Needed."}, "A hold needs an expiry date or a review date."),
    ({"reason": "Needed.", "review_on": "2020-01-01"}, "must lie within the next six months"),
    ({"review_on": "2020-01-01"}, "This field is required."),
])  # fmt: skip
def test_hold_kept_without_date_or_reason_is_refused(
    sign_in: SignIn, form: dict[str, str], said: str
) -> None:
    hold = make_hold(make_user(Role.LEGAL), "REVIEW_DUE", review_on=today())
    answer = sign_in(Role.LEGAL).post(at("hold_keep", hold.pk), form)
    assert said in Page(answer).said()
    assert (Hold.objects.get().state, HoldEvent.objects.count()) == ("REVIEW_DUE", 0)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR, Role.CLERK])
def test_hold_kept_by_another_role_is_forbidden(sign_in: SignIn, role: Role) -> None:
    hold = make_hold(make_user(Role.LEGAL), "REVIEW_DUE", review_on=today())
    assert sign_in(role).post(at("hold_keep", hold.pk), {}).status_code == 403
