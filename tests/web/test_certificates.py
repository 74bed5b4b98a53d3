"""Public pages: is a certificate ours and the latest, and does an upload verify?"""

import re
from html import unescape

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from erasure import clock
from erasure.evidence import public
from erasure.models import Certificate, LogKey
from erasure.proof.explained import EXPLAINED
from erasure.values import CaseState
from tests.factories import make_case
from tests.proof.given import LOG_KEY, sealed, sealed_pdf
from tests.sealing.given import seal

pytestmark = pytest.mark.django_db
ID, DIGEST = "AAECAwQFBgcICQoLDA0ODw", "b77bafcee2db7345b02b16068f87f6ca"


@pytest.fixture
def case():
    return make_case(CaseState.COMPLETE, email="ada.beispiel@example.org")


def issued(case, version, digest=DIGEST, stage=Certificate.ISSUED):
    return Certificate.objects.create(
        case=case, public_id=ID, version=version, stage=stage, status="COMPLETE",
        document=b"{}", sha256=digest * 2, issued_at=clock.now(),
    )  # fmt: skip


def said(response):
    main = response.content.decode().split('<main id="main">')[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


NO = "This is no certificate of ours"


def test_match_of_the_latest_version_says_so_and_nothing_of_the_case(person, case):
    issued(case, 1)
    response = person.get(f"/v/{ID}.1?d={DIGEST}")
    assert response.status_code == 200
    assert said(response).startswith(
        "This is a certificate of ours The reference in the address and the digest belong "
        "together. This is version 1, and it is the latest."
    )
    assert [one for one in (case.reference, "COMPLETE") if one in response.content.decode()] == []
    assert response["X-Robots-Tag"] == "noindex"


def test_match_of_an_earlier_version_names_the_latest(person, case):
    issued(case, 1)
    issued(case, 2, "0" * 32)
    assert "There is a later version: 2." in said(person.get(f"/v/{ID}.1?d={DIGEST}"))
    assert NO in said(person.get(f"/v/{ID}.2?d={DIGEST}"))


@pytest.mark.parametrize(
    "path",
    [
        f"{ID}.2?d={DIGEST}", f"{ID}.1?d={DIGEST[:-1]}", f"{ID}.1?d={DIGEST[:-1]}0", f"{ID}.1",
        f"{ID}.1?d=", f"{ID}.1?d={'é' * 32}", f"{ID[:-1]}A.1?d={DIGEST}", f"{ID}.0?d={DIGEST}",
        f"x.99999999999999999999?d={DIGEST}",
    ],
)  # fmt: skip
def test_match_of_anything_else_looks_the_same(person, case, path):
    issued(case, 1)
    response = person.get(f"/v/{path}")
    assert (response.status_code, said(response)[: len(NO)]) == (404, NO)


def test_match_of_a_certificate_not_yet_issued_says_no(person, case):
    issued(case, 1, stage=Certificate.RENDERED)
    assert person.get(f"/v/{ID}.1?d={DIGEST}").status_code == 404


def test_match_asked_too_often_is_put_off(person, case):
    issued(case, 1)
    answers = [person.get(f"/v/{ID}.1?d={DIGEST}").status_code for _ in range(121)]
    assert (set(answers[:120]), answers[120]) == ({200}, 429)


@pytest.fixture
def ours(settings, tmp_path):
    """This installation has the seal and the log key of the published case."""
    path = tmp_path / "seal.pem"
    path.write_bytes(seal().pem())
    settings.SEAL_FILE = path
    LogKey.objects.create(vkey=str(LOG_KEY), index=0)


def send(person, data, name="certificate.pdf"):
    return person.post("/check/", {"certificate": SimpleUploadedFile(name, data)})


def words(response):
    return re.findall(
        r'<span class="shape" aria-hidden="true"></span>([A-Z][a-z ]+)<', response.content.decode()
    )


def test_check_of_a_genuine_certificate_shows_each_check_and_what_it_means(person, ours):
    response = send(person, sealed_pdf(1))
    assert words(response) == ["Passed"] * 13 + ["Not checked"]
    text = said(response)
    assert text.startswith("The certificate is verified 13 passed, 1 not checked.")
    assert [one for pair in EXPLAINED.values() for one in pair if one not in text] == []


def test_check_of_an_altered_certificate_warns(person, ours):
    data = sealed_pdf(1).replace(b"/Producer", b"/Producer".swapcase(), 1)
    response = send(person, data)
    assert words(response)[0] == "Failed"
    assert said(response).startswith("The certificate is not verified")
    assert "Do not rely on this file." in said(response)


def error_of(response):
    return unescape(
        re.search(r'id="certificate-error"><li>(.*?)</li>', response.content.decode())[1]
    )


def test_check_of_what_is_no_certificate_says_why(person, ours):
    response = send(person, b"%PDF-1.7\nnonsense%%EOF")
    expected = "The PDF is damaged and cannot be read."
    assert (response.status_code, error_of(response)) == (400, expected)


def test_check_without_a_file_asks_for_one(person):
    response = person.post("/check/", {})
    expected = "Choose the certificate: the PDF, or the JSON file."
    assert (response.status_code, error_of(response)) == (400, expected)


def test_check_of_a_file_too_large_is_refused_before_it_is_read(person):
    response = send(person, bytes(17 * 2**20))
    expected = "The file is larger than 16 MB: check it with the command below."
    assert (response.status_code, error_of(response)) == (413, expected)


def test_check_too_often_is_put_off_and_the_form_stays(person):
    for _ in range(20):
        assert person.post("/check/", {}).status_code == 400
    assert person.post("/check/", {}).status_code == 429
    cache.clear()
    assert person.get("/check/").status_code == 200


def test_check_while_others_are_checked_is_put_off(person, ours):
    with public.AT_ONCE, public.AT_ONCE:
        response = send(person, sealed_pdf(1))
    assert response.status_code == 503
    assert error_of(response) == "Other certificates are being checked: try again in a minute."


def test_check_of_a_file_that_takes_too_much_says_so(person, ours, monkeypatch):
    monkeypatch.setattr(public, "MEMORY", 2**26)
    response = send(person, sealed_pdf(1))
    expected = "The file takes too much to be checked."
    assert (response.status_code, error_of(response)) == (400, expected)


def test_trust_file_names_the_seal_and_its_root_can_be_had(person, ours):
    text = person.get("/trust/trust.txt").content.decode()
    assert text == f"log {LOG_KEY}\nseal {seal().sha256}\nroot seal-root.pem\n"
    assert person.get("/trust/seal-root.pem").content == seal().root_pem
    assert person.get("/trust/seal.pem").status_code == 404


def test_trust_file_without_a_seal_is_put_off(person, settings):
    settings.SEAL_FILE, settings.DEVELOPMENT = "/none", False
    assert person.get("/trust/trust.txt").status_code == 503


def test_json_edition_can_be_checked_too(person, ours):
    from_pdf = Certificate(pdf=sealed_pdf(1)).bundle

    response = send(person, from_pdf, "certificate.json")
    assert words(response)[:4] == ["Not checked", "Passed", "Passed", "Passed"]
    assert sealed(1)["certificate.p7s"] not in response.content
