"""The pages of an import: choose, look, confirm, watch."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from erasure import clock
from erasure.intake import bulk
from erasure.models import BulkImport, ErasureCase
from erasure.tasks import take_in
from erasure.values import Role
from tests.admin.page import Page
from tests.intake.test_bulk import GOOD, csv

pytestmark = pytest.mark.django_db
IMPORT = "/admin/erasure/erasurecase/import/"


@pytest.fixture
def clerk(sign_in):
    return sign_in(Role.CLERK)


def send(client, data):
    file = SimpleUploadedFile("requests.csv", data, content_type="text/csv")
    return client.post(IMPORT, {"file": file}, follow=True)


def test_import_shows_what_would_be_taken_in_masked_and_what_stays_out(clerk):
    mine = GOOD.replace("ada@", "quendel@")
    page = Page(send(clerk, csv(mine, mine.replace("quendel@", "x@@"))))
    said = page.said()
    assert "1 request can be taken in; 1 line cannot, and stays out. Nothing is recorded" in said
    assert "3 emails An e-mail address has exactly one @." in said
    assert ("quendel" in said, "Beispiel" in said, page.refused) == (False, False, [])
    assert ErasureCase.objects.count() == 0


def test_import_confirmed_is_taken_in_and_the_file_is_gone(clerk):
    send(clerk, csv(GOOD))
    row = BulkImport.objects.get()
    waiting = Page(clerk.post(f"{IMPORT}{row.pk}/", {"confirm": "yes"}, follow=True)).said()
    assert "0 of 1 rows are taken in." in waiting
    take_in(str(row.pk))
    done = Page(clerk.get(f"{IMPORT}{row.pk}/")).said()
    assert "1 of 1 rows were worked off. The file is no longer here." in done
    assert ErasureCase.objects.count() == 1


def test_import_names_the_lines_that_were_left_out_and_what_to_do(clerk):
    send(clerk, csv(GOOD, GOOD.replace("ada@", "eve@"), GOOD.replace("ada@", "joe@")))
    row = BulkImport.objects.get()
    row.confirmed_at, row.done, row.refused_lines = clock.now(), 2, [3]
    row.end()
    row.save()
    said = Page(clerk.get(f"{IMPORT}{row.pk}/")).said()
    assert "Line 3 was not taken in: what was right at the preview was not any more, or it" in said
    assert "so 1 row at its end stayed out. Look in your own copy" in said
    assert "1 taken in, 2 left out" in Page(clerk.get(IMPORT)).said()


def test_import_thrown_away_leaves_nothing(clerk):
    send(clerk, csv(GOOD))
    row = BulkImport.objects.get()
    clerk.post(f"{IMPORT}{row.pk}/", {"discard": "yes"})
    assert (BulkImport.objects.count(), clerk.get(f"{IMPORT}{row.pk}/").status_code) == (0, 404)


def test_import_of_a_wrong_file_says_why(clerk):
    said = Page(send(clerk, b"PK\x03\x04\0\0")).said()
    assert "This is no CSV file. Save the table as “CSV UTF-8”." in said


def test_import_of_somebody_else_is_not_found(sign_in, clerk):
    send(clerk, csv(GOOD))
    path = f"{IMPORT}{BulkImport.objects.get().pk}/"
    other = sign_in(Role.CLERK)
    assert [other.get(path).status_code, other.post(path, {}).status_code] == [404, 404]
    assert list(bulk.running()) == []


@pytest.mark.parametrize(
    ("role", "status"), [(Role.CLERK, 200), (Role.OFFICER, 200), (Role.DPO, 403), (Role.LEGAL, 403),
                         (Role.AUDITOR, 403), (Role.ADMINISTRATOR, 403)],
)  # fmt: skip
def test_import_is_for_those_who_record_requests(sign_in, role, status):
    assert sign_in(role).get(IMPORT).status_code == status
