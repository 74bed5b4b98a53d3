"""The officer's decision page: the request beside what came as proof, and who it may not be."""

from datetime import timedelta

import pytest

from erasure import clock
from erasure.models import ErasureCase, IdentityDocument, OnFile
from erasure.values import CaseState, Role, VerificationMethod, VerificationState
from tests.admin.page import Page
from tests.admin.urls import at, step
from tests.factories import make_case, make_connection

RISK = "Telephone number 2 is on file under another name in Salesforce CRM (1 of 1 records)."
GOOD = {
    "method": "LINK_ON_FILE", "matched": ["name", "email"], "reason": "Confirmed from there.",
    "doubt": "A new address.", "grounds": ["17(1)(b)"], "ground_reason": "Consent withdrawn.",
}  # fmt: skip


@pytest.fixture
def case(genesys):
    """The address is on file since long before, the number under another name."""
    case = make_case(CaseState.VALIDATING, email="ada@example.org", phone="+441632960123")
    email, phone = case.identifiers.filter(given=True).order_by("number")[:2]
    crm = make_connection("crm", name="Salesforce CRM")
    then = clock.now() - timedelta(days=900)
    for who, system, counted in ((email, genesys, {"agree": 2}), (phone, crm, {"differ": 1})):
        OnFile.objects.create(
            case=case, identifier=who, connection=system, status="FOUND", created=then, since=then,
            stores=["Contacts"], **counted,
        )  # fmt: skip
    case.verifications.update(looked_up_at=clock.now(), lookup_asked_at=clock.now(), risks=[RISK])
    return case


@pytest.fixture
def proven(case):
    """The person used the link that went to the address on file."""
    found = case.on_file.get(connection__slug="genesys-eu")
    case.verifications.update(on_file=found, proven_at=clock.now())
    return case


def test_request_stands_beside_what_is_on_file_and_the_risk_above_both(sign_in, proven):
    shown = Page(sign_in(Role.OFFICER).get(at("case_proof", proven.pk)))
    said = shown.said()
    assert said.index(RISK) < said.index("What the request says") < said.index("came as proof")
    assert said.count("2 records agree") == said.count("1 record differs") == 1
    assert said.count("On file before the request") == 2
    assert (said.count("ada@example.org"), said.count("632960123"), shown.refused) == (0, 0, [])


def test_every_way_is_listed_in_the_laws_order_with_where_it_stands(sign_in, proven):
    ladder = sign_in(Role.OFFICER).get(at("case_proof", proven.pk)).context["ladder"]
    assert len(ladder) == len(VerificationMethod)
    assert [(rung.method, rung.badge.word) for rung in (ladder[0], ladder[1], ladder[-1])] == [
        ("Signed in to the customer portal", "Not possible"),
        ("Link to an address on file", "It came"),
        ("Copy of an identity document", "Last resort"),
    ]


def test_decision_begins_with_the_way_that_came_and_is_taken(sign_in, proven):
    officer = sign_in(Role.OFFICER)
    form = officer.get(at("case_proof", proven.pk)).context["form"]
    assert form["method"].initial == form.initial["method"] == "LINK_ON_FILE"
    assert officer.post(step(proven, "confirm_identity"), GOOD).status_code == 302
    row = proven.verifications.get()
    assert (row.state, row.method, row.decided_by) == ("CONFIRMED", "LINK_ON_FILE", officer.user)
    assert ErasureCase.objects.get().state == CaseState.DISCOVERY


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ({"matched": []}, "This field is required."),
        ({"reason": ""}, "This field is required."),
        ({"grounds": []}, "This field is required."),
        ({"ground_reason": " "}, "This field is required."),
        ({"method": "PORTAL"}, "PORTAL is not one of the available choices."),
        ({"method": "ID_COPY"}, "No second person has approved that a copy is asked for."),
        ({"method": "CALL_BACK"}, "Say in which system the number was on file before the request."),
        ({"method": "KNOWLEDGE"}, "Two things matched that only the person knows"),
        ({"method": "ELECTRONIC_ID"}, "No electronic identity came back for this request."),
    ],
)
def test_decision_that_lacks_something_says_what_and_changes_nothing(
    sign_in, proven, lacking, said
):
    answer = sign_in(Role.OFFICER).post(step(proven, "confirm_identity"), GOOD | lacking)
    assert said in Page(answer).said()
    assert proven.verifications.get().state == VerificationState.OPEN
    assert ErasureCase.objects.get().state == CaseState.VALIDATING


def test_address_that_denied_the_request_proves_nothing(sign_in, proven):
    proven.verifications.update(denied_at=clock.now())
    officer = sign_in(Role.OFFICER)
    shown = officer.get(at("case_proof", proven.pk))
    assert "says the request is not theirs" in Page(shown).said()
    assert "method" not in {name for name, value in shown.context["form"].initial.items() if value}
    answer = officer.post(step(proven, "confirm_identity"), GOOD)
    assert "Who reads mail at the address on file says it was not them." in Page(answer).said()
    assert ErasureCase.objects.get().state == CaseState.VALIDATING


def test_dpo_sees_the_proof_and_decides_only_as_the_role_allows(sign_in, proven):
    dpo = sign_in(Role.DPO)
    shown = dpo.get(at("case_proof", proven.pk))
    may = dpo.user.has_perm("erasure.confirm_identity")
    assert (shown.status_code, shown.context["allowed"]) == (200, may)


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_other_roles_neither_see_the_proof_nor_decide(sign_in, proven, role):
    client = sign_in(role)
    assert client.get(at("case_proof", proven.pk)).status_code == 403
    assert client.post(step(proven, "confirm_identity"), GOOD).status_code == 403
    assert proven.verifications.get().state == VerificationState.OPEN


@pytest.mark.parametrize(
    ("role", "links"), [(Role.OFFICER, 1), (Role.CLERK, 0), (Role.LEGAL, 0), (Role.AUDITOR, 0)]
)
def test_case_page_leads_only_those_to_a_copy_who_may_see_it(sign_in, case, role, links):
    row = case.verifications.get()
    IdentityDocument.objects.create(case=case, verification=row, page=1, data_sealed=b"sealed")
    page = sign_in(role).get(at("erasure_erasurecase_change", case.pk))
    assert Page(page).links.count(at("case_proof", case.pk)) == links
    assert "/proof/" not in page.content.decode() or links
