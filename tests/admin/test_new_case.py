"""Staff enter what came by phone, letter, e-mail or in person: true date, once, and who asks."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from erasure import clock
from erasure.models import ErasureCase, StatusCode
from erasure.values import Role
from tests.admin.page import Page
from tests.uploads import files

pytestmark = pytest.mark.django_db
ADD = "/admin/erasure/erasurecase/add/"
LOCAL = "%Y-%m-%dT%H:%M"


@pytest.fixture
def clerk(sign_in):
    return sign_in(Role.CLERK)


def enter(client, **changed):
    number = client.get(ADD).context["form"]["number"].value()
    received = timezone.localtime(clock.now() - timedelta(days=9))
    standard = {
        "channel": "phone", "received_at": received.strftime(LOCAL), "name": "Ada Beispiel",
        "emails": "ada@example.org", "phones": "030 23125 999", "customers": "C-4711",
        "language": "es", "request_text": "Please.", "number": number,
    }  # fmt: skip
    return client.post(ADD, {**standard, **changed}, follow=True)


def errors(response):
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def test_entry_keeps_the_true_receipt_apart_from_the_entry_and_counts_from_it(clerk):
    enter(clerk)
    case = ErasureCase.objects.get()
    assert (case.logged_at - case.received_at).days == 9
    assert (case.channel, case.language) == ("phone", "es")
    assert [row.kind for row in case.identifiers.all()] == ["email", "phone", "customer", "name"]
    assert list(case.preparers.all()) == [clerk.user]


def test_entry_shows_the_status_code_once(clerk):
    said = Page(enter(clerk)).said()
    case = ErasureCase.objects.get()
    code = said.split("Status code for the person: ")[1].split(".")[0]
    assert StatusCode.opens(case.reference, code) == case
    assert code not in Page(clerk.get("/admin/")).said()


def test_entry_sent_twice_is_one_case(clerk):
    number = clerk.get(ADD).context["form"]["number"].value()
    for _ in range(2):
        enter(clerk, number=number)
    assert ErasureCase.objects.count() == 1


def test_entry_for_somebody_keeps_who_asks_and_the_mandate(clerk):
    scan = SimpleUploadedFile("a.pdf", files.pdf(2), content_type="application/pdf")
    enter(clerk, on_behalf="on", agent_name="Rita Recht", agent_email="Rita@example.net",
          mandate=scan)  # fmt: skip
    case = ErasureCase.objects.get()
    assert (case.representative.name, case.representative.email) == (
        "Rita Recht", "rita@example.net",
    )  # fmt: skip
    assert [page.page for page in case.mandate.all()] == [1, 2]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"received_at": "2999-01-01T10:00"}, "received_at"),
        ({"emails": "", "phones": "", "customers": ""}, "emails"),
        ({"emails": "nonsense"}, "emails"),
        ({"phones": "12x"}, "phones"),
        ({"customers": "Ü 1"}, "customers"),
        ({"channel": "web"}, "channel"),
        ({"language": "ar"}, "language"),
        ({"emails": "\n".join(f"a{n}@example.org" for n in range(31))}, "emails"),
        ({"on_behalf": "on", "agent_email": "rita"}, "agent_email"),
        ({"on_behalf": "on", "mandate": SimpleUploadedFile("a.png", b"MZ")}, "mandate"),
    ],
)
def test_entry_with_a_wrong_field_names_it_and_records_nothing(clerk, changed, field):
    response = enter(clerk, **changed)
    assert (list(errors(response)), ErasureCase.objects.count()) == ([field], 0)
