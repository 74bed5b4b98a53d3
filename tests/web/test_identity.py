import logging
import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from erasure import clock
from erasure.models import ErasureCase, IdentityDocument, OneTimeLink, OnFile
from tests.factories import make_connection

WRONG_KIND = "This is not a PDF, JPEG, PNG or WebP file. Upload one of these."
TOO_LARGE = "The file is larger than 10 MB. Upload a smaller scan or photo."


def picture(kind):
    out = BytesIO()
    Image.new("RGB", (60, 40), "grey").save(out, kind)
    return out.getvalue()


def pdf():
    out = BytesIO()
    canvas = Canvas(out)
    canvas.rect(50, 50, 100, 100, fill=1)
    canvas.save()
    return out.getvalue()


FILES = {"png": picture("PNG"), "jpeg": picture("JPEG"), "pdf": pdf()}


def send(person, path, data, name="proof.bin"):
    return person.post(path, {"document": SimpleUploadedFile(name, data)})


def state_of(case):
    return ErasureCase.objects.get(pk=case.pk).state


def error_on(response):
    """The sentence beside the field."""
    page = response.content.decode()
    return re.search(r'id="id_document_error"><li>(.*?)</li>', page)[1]


def test_upload_page_when_looked_at_uses_nothing_up(person, asked):
    case, path = asked
    assert [person.get(path).status_code for _ in range(2)] == [200, 200]
    assert (state_of(case), OneTimeLink.objects.get().used_at) == ("AWAITING_IDENTITY", None)


@pytest.mark.parametrize("kind", FILES)
def test_upload_of_a_proof_moves_the_case_on(person, asked, kind):
    case, path = asked
    response = send(person, path, FILES[kind])
    assert (response.status_code, state_of(case)) == (200, "VALIDATING")
    assert IdentityDocument.objects.filter(case=case).count() == 1


@pytest.mark.parametrize("data", [b"MZ\x90 a program", b"<svg onload=alert(1)>", b"GIF89a"])
def test_upload_of_another_kind_is_refused_and_the_link_still_works(person, asked, data):
    case, path = asked
    refused = send(person, path, data, "passport.png")
    assert (refused.status_code, error_on(refused)) == (400, WRONG_KIND)
    assert (state_of(case), IdentityDocument.objects.count()) == ("AWAITING_IDENTITY", 0)
    assert send(person, path, FILES["png"]).status_code == 200


def test_upload_of_an_empty_file_is_refused_beside_the_field(person, asked):
    refused = send(person, asked[1], b"")
    assert (refused.status_code, error_on(refused)) == (
        400,
        "The file is empty. Choose the file with the document once more.",
    )


def test_upload_without_a_file_is_refused_beside_the_field(person, asked):
    refused = person.post(asked[1])
    assert (refused.status_code, error_on(refused)) == (
        400,
        "Choose the file with your proof of identity.",
    )


def test_upload_cut_off_on_its_way_is_refused_beside_the_field(person, asked):
    refused = person.generic("POST", asked[1], b"torn", "multipart/form-data")
    assert (refused.status_code, error_on(refused)) == (
        400,
        "The file did not arrive whole. Choose it and send it once more.",
    )


def test_upload_declared_too_large_is_refused_before_it_is_read(person, asked):
    refused = person.post(
        asked[1], {"document": SimpleUploadedFile("a", b"")}, CONTENT_LENGTH=200 * 2**20
    )
    assert (refused.status_code, error_on(refused)) == (
        413,
        TOO_LARGE,
    )


def test_upload_a_little_too_large_is_refused_beside_the_field(person, asked):
    refused = send(person, asked[1], b"\xff\xd8\xff" + bytes(10 * 2**20))
    assert (refused.status_code, error_on(refused)) == (
        400,
        TOO_LARGE,
    )


def test_upload_a_second_time_is_refused(person, asked):
    case, path = asked
    send(person, path, FILES["png"])
    replayed = [send(person, path, FILES["jpeg"]), person.get(path)]
    assert [response.status_code for response in replayed] == [410, 410]
    assert IdentityDocument.objects.filter(case=case).count() == 1


def test_upload_by_a_link_used_expired_or_unknown_gets_the_same_page(person, asked):
    path = asked[1]
    send(person, path, FILES["png"])
    used = person.get(path)
    OneTimeLink.objects.update(used_at=None, expires_at=clock.now())
    answers = [used, person.get(path), person.get("/identity/never-made/")]
    assert {(each.status_code, each.content) for each in answers} == {(410, used.content)}


def test_upload_twenty_first_try_within_an_hour_is_refused(person, asked):
    path = asked[1]
    tries = [person.post(path).status_code for _ in range(21)]
    assert (tries, person.get(path).status_code) == ([400] * 20 + [429], 200)


def test_upload_leaves_neither_token_nor_file_name_in_logs(person, asked, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    path = asked[1]
    for data in (b"no", FILES["png"], FILES["png"]):
        send(person, path, data, "ada-beispiel-passport.png")
    assert (caplog.text.count(path.split("/")[2]), caplog.text.count("ada-beispiel")) == (0, 0)


# -- the other ways ----------------------------------------------------------------------------


@pytest.fixture
def on_file(asked):
    """The question goes to an address on file as well."""
    case, path = asked
    given = case.identifiers.get(kind="email")
    long_ago = case.received_at.replace(year=2020)
    OnFile.objects.create(
        case=case, identifier=given, connection=make_connection(), status="FOUND",
        created=long_ago, since=long_ago, agree=1,
    )  # fmt: skip
    case.verifications.update(offered=["LINK_ON_FILE", "ID_COPY"])
    return case, path


def test_page_offers_what_was_asked_for_and_nothing_else(person, asked):
    case, path = asked
    shown = person.get(path).content.decode()
    found = [
        'value="mine"' in shown,
        "electronic/" in shown,
        "id_document" in shown,
        'value="not-mine"' in shown,
    ]
    assert found == [False, False, True, True]
    case.verifications.update(offered=["CALL_BACK"])
    assert "id_document" not in person.get(path).content.decode()


def test_page_tells_nothing_of_the_case_but_its_reference(person, on_file):
    case, path = on_file
    shown = person.get(path).content.decode()
    given = case.identifiers.get(kind="email").value
    assert [text for text in (given, "Ada", "Beispiel", "Genesys") if text in shown] == []


@pytest.mark.parametrize(("answer", "field"), [("mine", "proven_at"), ("not-mine", "denied_at")])
def test_answer_by_button_uses_the_link_up(person, on_file, answer, field):
    case, path = on_file
    sent = [person.post(path, {"answer": answer}).status_code for _ in range(2)]
    assert (sent, state_of(case)) == ([200, 410], "VALIDATING")
    assert getattr(case.verifications.get(), field) is not None


def test_answer_by_a_way_that_was_not_offered_is_gone(person, asked):
    case, path = asked
    assert person.post(path, {"answer": "mine"}).status_code == 410
    case.verifications.update(offered=["CALL_BACK"])
    assert send(person, path, FILES["png"]).status_code == 410
    assert (state_of(case), IdentityDocument.objects.count()) == ("AWAITING_IDENTITY", 0)
