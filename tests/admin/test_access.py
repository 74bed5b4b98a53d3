"""Who sees what: sign-in, masks, reveals, downloads and pages of proof, each on record."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image

from erasure import clock
from erasure.crypto.cipher import seal
from erasure.models import (
    AccessRecord,
    Certificate,
    ErasureCase,
    IdentityDocument,
    case_key,
)
from erasure.values import CaseState, Role
from tests.admin.conftest import SignIn
from tests.admin.page import Page
from tests.admin.urls import CASES, at, case_page
from tests.factories import PASSWORD, make_case, make_user
from tests.proof.given import certificate_pdf, files

PAGES = [
    "/admin/", CASES, CASES + "add/", "/admin/erasure/hold/", "/admin/erasure/hold/add/",
    "/admin/erasure/certificate/", "/admin/erasure/deletionlogentry/",
    "/admin/erasure/accessrecord/", "/admin/report/", "/admin/erasure/systemconnection/",
    "/admin/erasure/systemconnection/add/", "/admin/erasure/user/", "/admin/erasure/user/add/",
    "/admin/erasure/apiclient/", "/admin/erasure/apiclient/add/",
    "/admin/erasure/portalkey/", "/admin/erasure/portalkey/add/",
]  # fmt: skip
SEEN = {
    Role.CLERK: {"/admin/", CASES, CASES + "add/"},
    Role.OFFICER: {
        "/admin/", CASES, CASES + "add/", "/admin/erasure/hold/", "/admin/erasure/certificate/",
        "/admin/erasure/deletionlogentry/", "/admin/report/",
    },
    Role.DPO: {
        "/admin/", CASES, "/admin/erasure/hold/", "/admin/erasure/hold/add/",
        "/admin/erasure/certificate/", "/admin/erasure/deletionlogentry/",
        "/admin/erasure/accessrecord/", "/admin/report/", "/admin/erasure/systemconnection/",
        "/admin/erasure/apiclient/", "/admin/erasure/portalkey/",
    },
    Role.LEGAL: {
        "/admin/", CASES, "/admin/erasure/hold/", "/admin/erasure/hold/add/",
        "/admin/erasure/certificate/", "/admin/erasure/deletionlogentry/",
    },
    Role.AUDITOR: {
        "/admin/", CASES, "/admin/erasure/hold/", "/admin/erasure/certificate/",
        "/admin/erasure/deletionlogentry/", "/admin/erasure/accessrecord/", "/admin/report/",
        "/admin/erasure/systemconnection/", "/admin/erasure/user/", "/admin/erasure/apiclient/",
        "/admin/erasure/portalkey/",
    },
    Role.ADMINISTRATOR: {
        "/admin/", "/admin/erasure/systemconnection/", "/admin/erasure/systemconnection/add/",
        "/admin/erasure/user/", "/admin/erasure/user/add/",
        "/admin/erasure/apiclient/", "/admin/erasure/apiclient/add/",
        "/admin/erasure/portalkey/", "/admin/erasure/portalkey/add/",
    },
}  # fmt: skip


@pytest.mark.parametrize("role", SEEN, ids=str)
def test_pages_of_a_role_are_exactly_those_its_permissions_give(
    sign_in: SignIn, role: Role
) -> None:
    client = sign_in(role)
    answers = {page: client.get(page).status_code for page in PAGES}
    assert {page for page, status in answers.items() if status == 200} == SEEN[role]
    assert set(answers.values()) <= {200, 403}


@pytest.mark.parametrize("page", PAGES)
def test_page_without_sign_in_leads_to_the_sign_in(client: Client, db: None, page: str) -> None:
    answer = client.get(page)
    assert (answer.status_code, answer.url) == (302, f"/admin/login/?next={page}")


def test_case_without_sign_in_is_not_shown(client: Client, db: None) -> None:
    case = make_case()
    for url in (case_page(case), at("case_step", case.pk, "close"), at("case_proof", case.pk)):
        assert client.get(url).url == f"/admin/login/?next={url}"


def test_sign_in_page_names_the_product(client: Client, db: None) -> None:
    shown = Page(client.get("/admin/login/")).said()
    assert "Erasure Requests for erasure under Art. 17 GDPR" in shown


def test_case_is_unknown_to_administrators(sign_in: SignIn, in_review: ErasureCase) -> None:
    admin = sign_in(Role.ADMINISTRATOR)
    item, search = in_review.items.first(), in_review.searches.first()
    for url in (
        case_page(in_review), at("case_step", in_review.pk, "close"),
        at("case_record", in_review.pk, item.pk), at("case_store", in_review.pk, search.pk),
        at("case_progress", in_review.pk), at("case_proof", in_review.pk),
    ):  # fmt: skip
        assert admin.get(url).status_code == 403
    for url in (
        at("case_reveal", in_review.pk), at("case_discovery", in_review.pk, "pdf"),
        at("case_certificate", in_review.pk, 1, "pdf"),
    ):  # fmt: skip
        assert admin.post(url, {"reason": "I want to know"}).status_code == 403
    assert AccessRecord.objects.count() == 0


# -- masks and reveals -----------------------------------------------------------------------


def test_case_page_masks_the_person_until_revealed(sign_in: SignIn, in_review: ErasureCase) -> None:
    officer = sign_in(Role.OFFICER)
    shown = Page(officer.get(case_page(in_review))).said()
    assert "a•••@example.org" in shown
    assert "+44 ••• ••23" in shown
    for secret in ("ada@example.org", "+441632960123", "Ada Beispiel", "Please erase what"):
        assert secret not in shown
    assert AccessRecord.objects.count() == 0


def test_reveal_with_reason_shows_the_person_and_is_on_record(
    sign_in: SignIn, in_review: ErasureCase
) -> None:
    officer = sign_in(Role.OFFICER)
    officer.post(at("case_reveal", in_review.pk), {"reason": "The person called."})
    shown = Page(officer.get(case_page(in_review))).said()
    for clear in ("ada@example.org", "+441632960123", "Ada Beispiel", "Please erase what",
                  "Call with Ada Beispiel"):  # fmt: skip
        assert clear in shown
    record = AccessRecord.objects.get()
    assert (record.case, record.user, record.what, record.reason) == (
        in_review, officer.user, "identifiers", "The person called.",
    )  # fmt: skip


def test_reveal_ends_after_a_quarter_of_an_hour(
    sign_in: SignIn, in_review: ErasureCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = sign_in(Role.OFFICER)
    officer.post(at("case_reveal", in_review.pk), {"reason": "The person called."})
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(tmp_path / "clock"))
    clock.advance(timedelta(minutes=16))
    assert "ada@example.org" not in Page(officer.get(case_page(in_review))).said()


def test_reveal_hidden_again_masks_at_once(sign_in: SignIn, in_review: ErasureCase) -> None:
    officer = sign_in(Role.OFFICER)
    officer.post(at("case_reveal", in_review.pk), {"reason": "The person called."})
    officer.post(at("case_reveal", in_review.pk), {"hide": "1"})
    assert "ada@example.org" not in Page(officer.get(case_page(in_review))).said()


def test_reveal_is_for_one_case_and_one_session(sign_in: SignIn, in_review: ErasureCase) -> None:
    officer, colleague = sign_in(Role.OFFICER), sign_in(Role.OFFICER)
    other = make_case(CaseState.DPO_REVIEW, email="bruno@example.org")
    officer.post(at("case_reveal", in_review.pk), {"reason": "The person called."})
    assert "bruno@example.org" not in Page(officer.get(case_page(other))).said()
    assert "ada@example.org" not in Page(colleague.get(case_page(in_review))).said()


def test_reveal_without_reason_is_refused_in_place(sign_in: SignIn, in_review: ErasureCase) -> None:
    answer = sign_in(Role.OFFICER).post(at("case_reveal", in_review.pk), {"reason": ""})
    assert "This field is required." in Page(answer).said()
    assert "ada@example.org" not in Page(answer).said()
    assert AccessRecord.objects.count() == 0


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL])
def test_reveal_by_role_without_right_is_forbidden(
    sign_in: SignIn, in_review: ErasureCase, role: Role
) -> None:
    answer = sign_in(role).post(at("case_reveal", in_review.pk), {"reason": "Out of interest"})
    assert answer.status_code == 403
    assert AccessRecord.objects.count() == 0


def test_reveal_by_address_alone_shows_nothing(sign_in: SignIn, in_review: ErasureCase) -> None:
    officer = sign_in(Role.OFFICER)
    assert officer.get(at("case_reveal", in_review.pk)).status_code == 405


def test_clerk_sees_neither_identifiers_nor_records(
    sign_in: SignIn, in_review: ErasureCase
) -> None:
    shown = Page(sign_in(Role.CLERK).get(case_page(in_review))).said()
    for part in ("Identifiers", "Records", "example.org", "A.B.", "What happened"):
        assert part not in shown


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "زينب عينة", 'O\'Neil & "Co"'])
def test_name_is_shown_as_written_and_escaped(sign_in: SignIn, name: str) -> None:
    case = make_case(CaseState.VALIDATING, name=name, text=f"I am {name}")
    officer = sign_in(Role.OFFICER)
    officer.post(at("case_reveal", case.pk), {"reason": "The person called."})
    answer = officer.get(case_page(case))
    page = Page(answer)
    assert page.said().count(name) == 2
    assert page.refused == []
    assert b"<script>alert" not in answer.content
    listed = officer.get(CASES)
    assert (Page(listed).refused, b"<script>alert" in listed.content) == ([], False)


# -- downloads -------------------------------------------------------------------------------


def issued(case: ErasureCase) -> Certificate:
    return Certificate.objects.create(
        case=case, public_id="x", version=1, stage=Certificate.ISSUED, status="COMPLETE",
        document=b"{}", sha256="0" * 64, pdf=certificate_pdf(files(1), ["x"]),
        issued_at=clock.now(),
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "start"), [("pdf", b"%PDF"), ("json", b"{")])
def test_certificate_downloaded_is_named_and_on_record(
    sign_in: SignIn, kind: str, start: bytes
) -> None:
    case = make_case(CaseState.COMPLETE)
    issued(case)
    answer = sign_in(Role.AUDITOR).post(at("case_certificate", case.pk, 1, kind))
    assert answer["Content-Disposition"] == (
        f'attachment; filename="certificate-{case.reference}-v1.{kind}"'
    )
    assert answer.content.startswith(start)
    assert AccessRecord.objects.get().what == f"certificate v1, {kind}"


@pytest.mark.parametrize(("kind", "start"), [("pdf", b"%PDF"), ("json", b"{")])
def test_discovery_report_downloaded_is_named_and_on_record(
    sign_in: SignIn, in_review: ErasureCase, kind: str, start: bytes
) -> None:
    answer = sign_in(Role.DPO).post(at("case_discovery", in_review.pk, kind))
    assert answer["Content-Disposition"] == (
        f'attachment; filename="discovery-{in_review.reference}.{kind}"'
    )
    assert "no-store" in answer["Cache-Control"].split(", ")
    assert answer.content.startswith(start)
    assert AccessRecord.objects.get().what == f"discovery report, {kind}"


@pytest.mark.parametrize("role", [Role.CLERK, Role.OFFICER, Role.LEGAL, Role.ADMINISTRATOR])
def test_authority_edition_by_another_role_is_forbidden(sign_in: SignIn, role: Role) -> None:
    case = make_case(CaseState.COMPLETE)
    issued(case)
    assert sign_in(role).post(at("case_openings", case.pk, 1)).status_code == 403
    assert AccessRecord.objects.count() == 0


def test_download_by_address_alone_is_refused(sign_in: SignIn, in_review: ErasureCase) -> None:
    officer = sign_in(Role.OFFICER)
    assert officer.get(at("case_discovery", in_review.pk, "pdf")).status_code == 405
    assert officer.post(at("case_discovery", in_review.pk, "exe")).status_code == 404
    assert AccessRecord.objects.count() == 0


def test_download_by_legal_is_forbidden(sign_in: SignIn, in_review: ErasureCase) -> None:
    answer = sign_in(Role.LEGAL).post(at("case_discovery", in_review.pk, "pdf"))
    assert answer.status_code == 403


# -- proof of identity -----------------------------------------------------------------------


@pytest.fixture
def proof() -> IdentityDocument:
    case = make_case(CaseState.VALIDATING)
    picture = BytesIO()
    Image.new("RGB", (4, 4), "white").save(picture, "JPEG")
    row = IdentityDocument(case=case, verification=case.verifications.get(), page=1)
    row.data_sealed = seal(
        case_key(case, "documents"), picture.getvalue(), f"identitydocument.{row.pk}".encode()
    )
    row.save(force_insert=True)
    return row


def test_proof_page_shown_to_officer_is_on_record(sign_in: SignIn, proof: IdentityDocument) -> None:
    officer = sign_in(Role.OFFICER)
    assert officer.get(at("case_proof", proof.case_id)).status_code == 200
    assert AccessRecord.objects.count() == 0
    answer = officer.get(at("case_proof_page", proof.case_id, proof.pk))
    assert (answer["Content-Type"], answer.getvalue()[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    record = AccessRecord.objects.get()
    assert (record.user, record.what) == (officer.user, "proof of identity")


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_proof_is_shown_to_nobody_else(
    sign_in: SignIn, proof: IdentityDocument, role: Role
) -> None:
    client = sign_in(role)
    for url in (
        at("case_proof", proof.case_id),
        at("case_proof_page", proof.case_id, proof.pk),
    ):
        assert client.get(url).status_code == 403
    assert AccessRecord.objects.count() == 0


def test_proof_of_another_case_is_not_found(sign_in: SignIn, proof: IdentityDocument) -> None:
    other = make_case(CaseState.VALIDATING)
    officer = sign_in(Role.OFFICER)
    assert officer.get(at("case_proof_page", other.pk, proof.pk)).status_code == 404


def test_inactive_account_is_sent_to_sign_in(sign_in: SignIn) -> None:
    user = make_user(Role.OFFICER)
    client = sign_in(user=user)
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(CASES).status_code == 302


def test_signed_out_page_and_own_password_are_in_our_dress(sign_in: SignIn) -> None:
    client = sign_in(Role.OFFICER)
    given = {
        "old_password": PASSWORD, "new_password1": "another-long-phrase",
        "new_password2": "another-long-phrase",
    }  # fmt: skip
    changed = client.post("/admin/password_change/", given, follow=True)
    assert "Your password is changed" in Page(changed).said()
    out = client.post("/admin/logout/")
    assert ("You are signed out." in Page(out).said(), Page(out).refused) == (True, [])
    assert client.get(CASES).status_code == 302
