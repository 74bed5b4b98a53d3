"""What rests encrypted opens in its own row, under its own case's key, and nowhere else."""

import base64

import pytest
from django.db import connection

from erasure.errors import KeyMissingError
from erasure.models import (
    CaseSecret,
    DataItem,
    ErasureCase,
    Letter,
    Subject,
    SubjectIdentifier,
    blind,
    case_key,
    sealed,
)
from erasure.values import Role
from tests.factories import make_case, make_connection, make_item, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return make_case(name="Ada Beispiel", email="ada@example.org", text="Please forget me.")


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Opened keys are kept by the process; each test begins as a new one."""
    sealed._revealed.cache_clear()
    yield
    sealed._revealed.cache_clear()


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_sealed_text_reads_back_and_is_not_in_its_column(case):
    row = case.identifiers.get()
    assert (row.value, fresh(case).request) == ("ada@example.org", "Please forget me.")
    assert b"ada" not in bytes(row.value_sealed)
    assert b"forget" not in bytes(fresh(case).request_sealed)


def test_sealed_text_of_equal_values_differs_in_every_row():
    one, two = (make_case(email="ada@example.org").identifiers.get() for _ in range(2))
    assert bytes(one.value_sealed) != bytes(two.value_sealed)
    assert one.blind_index == two.blind_index == blind("email", "ada@example.org")


def test_sealed_text_that_is_empty_is_no_ciphertext(case):
    case.opinion = ""
    assert (case.opinion_sealed, case.opinion) == (b"", "")


def test_sealed_json_keeps_its_value(case):
    item = make_item(case, make_connection(), label="Anruf von Ada Beispiel – größer")
    assert fresh(item).locator == {
        "remote_id": "r-0", "parent_id": "", "label": "Anruf von Ada Beispiel – größer",
        "facts": {},
    }  # fmt: skip


def test_sealed_json_that_every_row_has_reads_as_destroyed_when_empty(case):
    item = make_item(case, make_connection())
    item.locator_sealed = b""
    with pytest.raises(KeyMissingError):
        _ = item.locator


def test_ciphertext_moved_to_another_row_of_the_case_does_not_open(case):
    at = make_connection()
    one, two = make_item(case, at), make_item(case, at)
    DataItem.objects.filter(pk=two.pk).update(locator_sealed=bytes(one.locator_sealed))
    with pytest.raises(KeyMissingError):
        _ = fresh(two).locator


def test_ciphertext_moved_to_another_case_does_not_open(case):
    mine, other = case.identifiers.get(), make_case().identifiers.get()
    SubjectIdentifier.objects.filter(pk=other.pk).update(value_sealed=bytes(mine.value_sealed))
    with pytest.raises(KeyMissingError):
        _ = fresh(other).value


def test_ciphertext_moved_to_another_column_of_the_row_does_not_open(case):
    ErasureCase.objects.update(opinion_sealed=bytes(fresh(case).request_sealed))
    with pytest.raises(KeyMissingError):
        _ = fresh(case).opinion


def test_ciphertext_with_one_bit_flipped_does_not_open(case):
    data = bytearray(fresh(case).request_sealed)
    data[-1] ^= 1
    ErasureCase.objects.update(request_sealed=bytes(data))
    with pytest.raises(KeyMissingError):
        _ = fresh(case).request


@pytest.mark.parametrize(
    ("purpose", "lost", "kept"),
    [
        ("file", "request", "identifier"),
        ("inventory", "identifier", "request"),
    ],
)
def test_destroyed_secret_takes_what_it_protects_and_nothing_else(case, purpose, lost, kept):
    CaseSecret.objects.filter(case=case, purpose=purpose).delete()
    read = {
        "request": lambda: fresh(case).request,
        "identifier": lambda: SubjectIdentifier.objects.get(case=case).value,
    }
    with pytest.raises(KeyMissingError) as missing:
        read[lost]()
    assert str(missing.value) == f"The {purpose} key of this case has been destroyed."
    assert read[kept]() in ("ada@example.org", "Please forget me.")


def test_destroyed_secret_is_gone_for_writing_too(case):
    CaseSecret.objects.filter(case=case, purpose="file").delete()
    letter = Letter(
        case=fresh(case), kind="COMPLETE", channel="letter", dispatched_at=case.received_at,
        written_by=make_user(Role.OFFICER),
    )  # fmt: skip
    with pytest.raises(KeyMissingError):
        letter.text = "Dear Ada"


def test_secrets_under_another_key_encryption_key_do_not_open(case, settings):
    other = base64.b64encode(b"k" * 32).decode()
    for ring in (f"1:{other}", f"7:{other}"):
        settings.KEKS = ring
        sealed._revealed.cache_clear()
        with pytest.raises(KeyMissingError):
            _ = fresh(case).request


def test_secrets_open_while_their_key_is_in_the_ring_beside_a_newer_one(case, settings):
    number = int(settings.KEKS.partition(":")[0]) + 1
    settings.KEKS = f"{settings.KEKS},{number}:{base64.b64encode(b'k' * 32).decode()}"
    sealed._revealed.cache_clear()
    assert fresh(case).request == "Please forget me."
    newer = make_case()
    assert {bytes(row.wrapped)[:2] for row in newer.secrets.all()} == {number.to_bytes(2, "big")}


def test_secret_of_another_case_or_purpose_does_not_unwrap(case):
    other = make_case()
    wrapped = bytes(CaseSecret.objects.get(case=other, purpose="file").wrapped)
    CaseSecret.objects.filter(case=case, purpose="file").update(wrapped=wrapped)
    with pytest.raises(KeyMissingError):
        case_key(fresh(case), "file")


def test_every_case_has_four_secrets_of_its_own():
    cases = [make_case(), make_case()]
    keys = [case_key(case, p) for case in cases for p in ("log", "inventory", "documents", "file")]
    assert len(set(keys)) == 8
    assert {len(key) for key in keys} == {32}
    assert [case.secrets.count() for case in cases] == [4, 4]


def test_database_says_nothing_of_name_address_or_request(case):
    text = dumped()
    personal = (b"Ada Beispiel", b"ada@example.org", b"Please forget me.")
    assert [word for word in personal if word in text] == []
    assert Subject.objects.get(case=case).initials() == "A.B."


def dumped():
    """Every column of every table, sealed ones included: nothing rests in the clear."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            rows += [
                bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
                for row in cursor.fetchall()
                for cell in row
            ]
    return b"\n".join(rows)
