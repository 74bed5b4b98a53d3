"""How two cases with one address stand, decided on a page; and the mandate beside it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from erasure import clock
from erasure.intake import Agent, open_case
from erasure.models import SYSTEM, AccessRecord, CaseRelation, ErasureCase
from erasure.values import CaseState, Identifier, IdentifierKind, Role
from tests.admin.page import Page
from tests.factories import make_case
from tests.uploads import files

pytestmark = pytest.mark.django_db
CASES = "/admin/erasure/erasurecase/"


@pytest.fixture
def two(db):
    return [make_case(CaseState.VALIDATING, email="ada@example.org") for _ in range(2)]


def path(case, other):
    return f"{CASES}{case.pk}/duplicate/{other.pk}/"


def test_case_names_the_other_and_leads_to_the_decision(sign_in, two):
    case, other = two
    page = Page(sign_in(Role.OFFICER).get(f"{CASES}{case.pk}/change/"))
    assert f"Case {other.reference} has one of these addresses or numbers too." in page.said()
    assert path(case, other) in page.links


def test_decision_page_shows_kinds_and_states_and_no_value(sign_in, two):
    case, other = two
    page = Page(sign_in(Role.OFFICER).get(path(case, other)))
    assert "Both cases carry the same e-mail address." in page.said()
    assert ("ada@example.org" in page.said(), page.refused) == (False, [])


def test_officer_merges_and_the_case_says_so(sign_in, two):
    case, other = two
    officer = sign_in(Role.OFFICER)
    answer = officer.post(path(case, other), {"relation": "MERGED"}, follow=True)
    assert f"Merged with {other.reference}" in Page(answer).said()
    shown = Page(officer.get(f"{CASES}{other.pk}/change/")).said()
    assert f"Closed as a duplicate of {case.reference}" in shown
    assert ErasureCase.objects.get(pk=other.pk).close_reason == "DUPLICATE"


def test_decision_without_a_choice_records_nothing(sign_in, two):
    answer = sign_in(Role.OFFICER).post(path(*two), {})
    assert (answer.status_code, CaseRelation.objects.count()) == (200, 0)


def test_ended_case_can_be_linked_and_not_merged(sign_in, two):
    case, other = two
    ErasureCase.objects.filter(pk=other.pk).update(
        state=CaseState.COMPLETE, completed_at=clock.now()
    )
    officer = sign_in(Role.OFFICER)
    form = officer.get(path(case, other)).context["form"]
    assert [value for value, _ in form.fields["relation"].choices] == ["LINKED", "DIFFERENT"]
    officer.post(path(case, other), {"relation": "LINKED"})
    assert CaseRelation.objects.get().relation == "LINKED"


@pytest.mark.parametrize(
    ("role", "looks", "decides"),
    [(Role.OFFICER, 200, 302), (Role.DPO, 200, 302), (Role.LEGAL, 200, 403),
     (Role.AUDITOR, 200, 403), (Role.CLERK, 403, 403), (Role.ADMINISTRATOR, 403, 403)],
)  # fmt: skip
def test_decision_is_for_officer_and_dpo(sign_in, two, role, looks, decides):
    client = sign_in(role)
    answers = [client.get(path(*two)), client.post(path(*two), {"relation": "DIFFERENT"})]
    assert [answer.status_code for answer in answers] == [looks, decides]
    assert CaseRelation.objects.count() == (decides == 302)


def test_decision_on_two_cases_that_share_nothing_is_not_found(sign_in, two):
    assert sign_in(Role.OFFICER).get(path(two[0], make_case())).status_code == 404


# -- the mandate -----------------------------------------------------------------------------


@pytest.fixture
def represented(db):
    return open_case(
        channel="letter", name="Ada", received_at=clock.now(), actor=SYSTEM,
        identifiers=[Identifier(IdentifierKind.EMAIL, "ada@example.org")],
        agent=Agent("Rita Recht", "rita@example.net", (b"\xff\xd8\xff page",)),
    )  # fmt: skip


def test_mandate_is_streamed_to_two_roles_and_each_look_is_on_record(sign_in, represented):
    row = represented.mandate.get()
    for role, status in ((Role.OFFICER, 200), (Role.DPO, 200), (Role.LEGAL, 403),
                         (Role.AUDITOR, 403), (Role.CLERK, 403)):  # fmt: skip
        client = sign_in(role)
        answers = [client.get(f"{CASES}{represented.pk}/mandate/{at}") for at in ("", f"{row.pk}/")]
        assert [answer.status_code for answer in answers] == [status] * 2
        if status == 200:
            assert (answers[1].content, answers[1]["Content-Type"]) == (
                b"\xff\xd8\xff page", "image/jpeg",
            )  # fmt: skip
    assert list(AccessRecord.objects.values_list("what", flat=True)) == ["mandate"] * 2


def test_mandate_that_came_later_is_attached_redrawn(sign_in, represented):
    scan = SimpleUploadedFile("a.pdf", files.pdf(1), content_type="application/pdf")
    sign_in(Role.OFFICER).post(f"{CASES}{represented.pk}/mandate/", {"mandate": scan})
    pages = [page.opened_data()[:3] for page in represented.mandate.all()]
    assert pages == [b"\xff\xd8\xff"] * 2
    assert represented.log.order_by("number").last().type == "identity"


def test_mandate_of_the_wrong_kind_is_refused_with_a_sentence(sign_in, represented):
    page = sign_in(Role.OFFICER).post(
        f"{CASES}{represented.pk}/mandate/", {"mandate": SimpleUploadedFile("a.png", b"MZ")}
    )
    assert "This is not a PDF, JPEG, PNG or WebP file." in Page(page).said()
    assert represented.mandate.count() == 1


def test_case_tells_who_asks_only_where_the_person_is_revealed(sign_in, represented):
    officer = sign_in(Role.OFFICER)
    url = f"{CASES}{represented.pk}/"
    hidden = Page(officer.get(f"{url}change/")).said()
    officer.post(f"{url}reveal/", {"reason": "To answer the representative."})
    clear = Page(officer.get(f"{url}change/")).said()
    assert ("Rita Recht" in hidden, "Rita Recht rita@example.net" in clear) == (False, True)
