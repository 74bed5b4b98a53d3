"""A file of requests: what is read from it, what keeps a row out, and what is written when."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from erasure import clock
from erasure.errors import InputError, KeyMissingError, RefusedError, StepError
from erasure.intake import bulk, sheet
from erasure.models import Actor, BulkImport, ErasureCase, StaffNotice
from erasure.tasks import sweep, take_in
from erasure.values import Role
from tests.factories import make_case, make_user

HEAD = "name;emails;phones;customer numbers;channel;received;language;request"
GOOD = "Ada Beispiel;ada@example.org;+49 30 1234567;C-1;letter;2026-03-05;de;Alles bitte."
LATER = timedelta(minutes=5)


def csv(*rows, head=HEAD):
    return "\n".join([head, *rows]).encode()


def complaint(data):
    with pytest.raises(InputError) as why:
        sheet.read(data)
    assert why.value.field == "file"
    return str(why.value)


def wrong(row):
    """Column and sentence of what keeps a row out."""
    found = sheet.read(csv(row))
    assert [each.line for each in found.wrong] == [2] * len(found.wrong)
    return [(each.column, each.said) for each in found.wrong]


# -- reading ---------------------------------------------------------------------------------


def test_row_is_read_with_everything_in_it():
    (row,) = sheet.read(csv(GOOD)).rows
    assert (row.line, row.name, row.channel, row.language, row.text) == (
        2, "Ada Beispiel", "letter", "de", "Alles bitte.",
    )  # fmt: skip
    assert [(who.kind, who.value) for who in row.identifiers] == [
        ("email", "ada@example.org"), ("phone", "+49301234567"), ("customer", "C-1"),
        ("name", "Ada Beispiel"),
    ]  # fmt: skip
    assert row.received_at == timezone.make_aware(timezone.datetime(2026, 3, 5))
    assert sheet.Row.of(row.as_json()) == row


@pytest.mark.parametrize(
    "data",
    [
        csv(GOOD),
        b"\xef\xbb\xbf" + csv(GOOD),
        csv(GOOD).decode().encode("utf-16"),
        csv(GOOD).replace(b";", b","),
        csv(GOOD).replace(b";", b"\t"),
        csv(GOOD).replace(b"\n", b"\r\n") + b"\r\n\r\n;;;;;;;\r\n",
        csv(GOOD, head=HEAD.upper().replace(" ", "_")),
        csv(GOOD.replace("Ada Beispiel", "'Ada Beispiel").replace("+49", "'+49")),
        csv(GOOD.replace("Alles bitte.", '"Alles\nbitte."')),
    ],
    ids=["plain", "bom", "utf-16", "comma", "tab", "crlf", "capitals", "apostrophe", "quoted"],
)
def test_table_is_read_however_the_spreadsheet_saved_it(data):
    found = sheet.read(data)
    assert (len(found.rows), found.wrong) == (1, ())
    assert found.rows[0].identifiers == sheet.read(csv(GOOD)).rows[0].identifiers


@pytest.mark.parametrize(
    "text", ["2026-03-05", "2026-03-05 14:30", "2026-03-05T14:30", "05.03.2026", "05.03.2026 14:30"]
)
def test_row_takes_unambiguous_dates(text):
    (row,) = sheet.read(csv(GOOD.replace("2026-03-05", text))).rows
    assert timezone.localtime(row.received_at).date().isoformat() == "2026-03-05"


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        (GOOD.replace("ada@example.org", "ada at example"), "emails",
         "An e-mail address has exactly one @. Write it like ada@example.org."),
        (GOOD.replace("+49 30 1234567", "12x"), "phones",
         "A phone number has digits only, no letters or extension: +49 30 1234567."),
        (GOOD.replace("C-1", "Ü 1"), "customer numbers",
         "An id has letters, digits, dots, colons and hyphens only. Copy it whole."),
        ("Ada;;;;letter;2026-03-05;;", "emails",
         "Give an e-mail address, a phone number or a customer number."),
        (GOOD.replace("letter", "pigeon"), "channel", "Write email, letter, phone or in_person."),
        (GOOD.replace("2026-03-05", "03/05/2026"), "received",
         "Write the date as 2027-03-05 or 05.03.2027, with or without a time."),
        (GOOD.replace("2026-03-05", "2999-03-05"), "received",
         "The date of receipt lies in the future."),
        (GOOD.replace(";de;", ";tlh;"), "language",
         "Write en, de, fr, es, it, nl, or leave it empty."),
        (GOOD.replace("Alles bitte.", "x" * 8001), "request",
         "At most 8,000 characters are taken."),
        (GOOD.replace("Ada Beispiel", "=HYPERLINK(A1)"), "name",
         "This begins like a formula. Write the name alone."),
        (GOOD.replace("Ada Beispiel", "@SUM(A1)"), "name",
         "This begins like a formula. Write the name alone."),
    ],
)  # fmt: skip
def test_row_with_a_fault_is_kept_out_and_says_what_to_mend(row, column, said):
    assert wrong(row) == [(column, said)]


def test_row_of_the_same_person_twice_is_kept_out_with_the_line_of_the_first():
    again = GOOD.replace("Ada Beispiel", "Ada B.").replace("ada@", "ADA@")
    found = sheet.read(csv(GOOD, again))
    assert ([row.line for row in found.rows], [each.said for each in found.wrong]) == (
        [2], ["The same person stands in line 2."],
    )  # fmt: skip


def test_rows_with_faults_do_not_keep_the_others_out():
    found = sheet.read(csv(GOOD, GOOD.replace("ada@", "grace@@"), GOOD.replace("ada@", "eve@")))
    assert [row.line for row in found.rows] == [2, 4]


@pytest.mark.parametrize(
    ("data", "begins"),
    [
        (b"", "The file is empty."),
        (b" \n\n", "The file is empty."),
        (csv(), "There is no row under the heading."),
        (csv(GOOD, head="who;mail"), "The first line must name the columns"),
        (csv(GOOD, head=HEAD.replace("channel", "")), "The first line must name the columns"),
        (csv(GOOD, head=HEAD.replace("phones", "emails")), "The first line must name the columns"),
        (csv(GOOD) + "\nJörg".encode("latin-1"), "The letters cannot be read."),
        (b"PK\x03\x04" + b"\0" * 100, "This is no CSV file."),
        (csv(GOOD.replace("Ada", '"Ada')), "Line "),
        (b"x" * (5 * 2**20 + 1), "The file is larger than 5 MB"),
        (csv(*["a;b;;;;;;"] * 5001), "At most 5,000 requests are taken"),
    ],
)
def test_file_that_is_no_such_table_is_refused_whole(data, begins):
    assert complaint(data).startswith(begins)


# -- the three steps -------------------------------------------------------------------------


@pytest.fixture
def clerk(db):
    return Actor.of(make_user(Role.CLERK))


def test_preview_writes_no_case_and_keeps_no_value_in_clear(clerk):
    row = bulk.preview(csv(GOOD), actor=clerk)
    stored = BulkImport.objects.values().get(pk=row.pk)
    assert (ErasureCase.objects.count(), b"ada@example" in bytes(stored["rows_sealed"])) == (
        0,
        False,
    )
    assert "Beispiel" not in str(stored)
    assert bulk.shown(row)["rows"][0]["name"] == "Ada Beispiel"


def test_preview_notes_who_may_have_an_open_case(clerk):
    make_case(email="ada@example.org")
    other = "Eve;eve@example.org;;;letter;2026-03-05;;"
    row = bulk.preview(csv(GOOD, other), actor=clerk)
    assert bulk.shown(row)["notes"] == [[2, bulk.KNOWN]]


def test_confirmed_file_becomes_cases_once_however_often_the_task_comes(clerk):
    rows = [GOOD.replace("ada@", f"ada{n}@").replace("1234567;C-1", f"12345{n:02};C-{n}")
            for n in range(30)]  # fmt: skip
    row = bulk.preview(csv(*rows, "Bad;x;;;letter;2026-03-05;;"), actor=clerk)
    bulk.confirm(row.pk, actor=clerk)
    bulk.confirm(row.pk, actor=clerk)
    take_in(str(row.pk))
    take_in(str(row.pk))
    done = BulkImport.objects.get(pk=row.pk)
    assert (ErasureCase.objects.count(), done.done, done.refused_lines) == (30, 30, [])
    assert (bytes(done.rows_sealed), bytes(done.secret_wrapped)) == (b"", b"")
    assert done.ended_at is not None
    case = ErasureCase.objects.first()
    assert (case.channel, list(case.preparers.all())) == ("letter", [clerk.user])


def test_task_that_died_in_the_middle_goes_on_and_opens_nothing_twice(clerk):
    rows = [GOOD.replace("ada@", f"ada{n}@").replace("1234567;C-1", f"12345{n:02};C-{n}")
            for n in range(3)]  # fmt: skip
    row = bulk.preview(csv(*rows), actor=clerk)
    bulk.confirm(row.pk, actor=clerk)
    bulk.take_in(row.pk, until=clock.now() + LATER)
    BulkImport.objects.filter(pk=row.pk).update(
        done=0, ended_at=None, rows_sealed=row.rows_sealed, secret_wrapped=row.secret_wrapped
    )  # as if the last note of how far it was had been lost
    assert bulk.take_in(row.pk, until=clock.now() + LATER) is False
    assert ErasureCase.objects.count() == 3


def test_preview_nobody_confirmed_is_not_taken_in_and_goes_within_the_hour(clerk):
    row = bulk.preview(csv(GOOD), actor=clerk)
    assert bulk.take_in(row.pk, until=clock.now() + LATER) is False
    sweep()
    assert BulkImport.objects.count() == 1
    BulkImport.objects.update(made_at=clock.now() - timedelta(hours=1, seconds=1))
    sweep()
    assert (BulkImport.objects.count(), ErasureCase.objects.count()) == (0, 0)


def test_discarded_preview_is_gone(clerk):
    row = bulk.preview(csv(GOOD), actor=clerk)
    bulk.discard(row.pk, actor=clerk)
    with pytest.raises(StepError):
        bulk.confirm(row.pk, actor=clerk)


def test_import_is_confirmed_by_who_made_it_alone(clerk):
    row = bulk.preview(csv(GOOD), actor=clerk)
    with pytest.raises(StepError) as refused:
        bulk.confirm(row.pk, actor=Actor.of(make_user(Role.CLERK)))
    assert refused.value.refused_by == "state"


def test_import_of_somebody_who_lost_the_role_records_nothing_and_names_the_lines(clerk):
    row = bulk.preview(csv(GOOD), actor=clerk)
    bulk.confirm(row.pk, actor=clerk)
    clerk.user.groups.clear()
    bulk.take_in(row.pk, until=clock.now() + LATER)
    assert (BulkImport.objects.get().refused_lines, ErasureCase.objects.count()) == ([2], 0)


def confirmed_with_a_fault_of_ours(clerk):
    """Three rows; what the second says makes an unforeseen error that quotes an address."""
    rows = [GOOD.replace("ada@", f"ada{n}@").replace("1234567;C-1", f"12345{n:02};C-{n}")
            for n in range(3)]  # fmt: skip
    row = bulk.preview(csv(*rows), actor=clerk)
    told = row.opened_rows()
    told["rows"][1]["channel"] = "quendel@example.org"
    row.seal_rows(told)
    row.save()
    bulk.confirm(row.pk, actor=clerk)
    return row


def a_day_passes():
    BulkImport.objects.update(confirmed_at=clock.now() - timedelta(days=1, seconds=1))


def test_line_that_fails_is_tried_again_and_says_nothing_of_what_is_in_it(clerk):
    row = confirmed_with_a_fault_of_ours(clerk)
    for _ in range(2):
        with pytest.raises(RefusedError) as why:
            take_in(str(row.pk))
        assert str(why.value) == f"Line 3 of import {row.pk} failed (ValueError)."
        assert why.value.__suppress_context__
    assert (ErasureCase.objects.count(), list(bulk.running())) == (1, [row.pk])


def test_line_that_fails_for_a_day_is_left_out_and_told_of_and_the_others_are_taken_in(
    clerk, caplog
):
    row = confirmed_with_a_fault_of_ours(clerk)
    with pytest.raises(RefusedError):
        take_in(str(row.pk))
    a_day_passes()
    for _ in range(2):
        take_in(str(row.pk))
    done = BulkImport.objects.get()
    assert (ErasureCase.objects.count(), done.done, done.refused_lines) == (2, 3, [3])
    assert (bytes(done.rows_sealed), bytes(done.secret_wrapped)) == (b"", b"")
    assert caplog.messages == [f"Line 3 of import {row.pk} failed (ValueError). It is left out."]
    said = (
        "Requests of an import have no case: 1 of 3. Lines: 3. The file is destroyed here: enter "
        "them by hand from your own copy."
    )
    assert sorted(StaffNotice.objects.values_list("user", "role", "text"), key=str) == [
        (clerk.user.pk, "DPO", said),
        (None, "DPO", said),
    ]


def test_import_whose_file_does_not_open_for_a_day_ends_and_is_told_of(clerk):
    row = bulk.preview(csv(GOOD), actor=clerk)
    bulk.confirm(row.pk, actor=clerk)
    BulkImport.objects.update(rows_sealed=b"damaged")
    with pytest.raises(KeyMissingError):
        take_in(str(row.pk))
    a_day_passes()
    take_in(str(row.pk))
    done = BulkImport.objects.get()
    assert (done.ended_at is None, done.left_out, bytes(done.rows_sealed)) == (False, 1, b"")
    assert set(StaffNotice.objects.values_list("text", flat=True)) == {
        "Requests of an import have no case: 1 of 1. Rows that could not be read, at its end: 1. "
        "The file is destroyed here: enter them by hand from your own copy."
    }


def test_import_no_worker_came_to_for_a_day_is_taken_in_all_the_same(clerk):
    row = bulk.preview(csv(GOOD), actor=clerk)
    bulk.confirm(row.pk, actor=clerk)
    a_day_passes()
    take_in(str(row.pk))
    assert (ErasureCase.objects.count(), StaffNotice.objects.count()) == (1, 0)


def test_import_without_a_good_row_ends_when_it_is_confirmed(clerk):
    row = bulk.preview(csv(GOOD.replace("ada@", "ada@@")), actor=clerk)
    bulk.confirm(row.pk, actor=clerk)
    take_in(str(row.pk))
    assert list(bulk.running()) == []


@pytest.mark.parametrize("role", [Role.DPO, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_import_by_another_role_is_refused(db, role):
    with pytest.raises(StepError) as refused:
        bulk.preview(csv(GOOD), actor=Actor.of(make_user(role)))
    assert refused.value.refused_by == "permission"


def test_five_thousand_rows_are_previewed(clerk):
    rows = (f"Person;p{n}@example.org;;;email;2026-03-05;;" for n in range(5000))
    found = bulk.preview(csv(*rows), actor=clerk)
    last = sheet.Row.of(bulk.shown(found)["rows"][-1])
    assert (found.total, last.line, last.identifiers[0].value) == (5000, 5001, "p4999@example.org")


def test_languages_of_a_row_are_those_of_the_letters():
    assert [code for code, _ in settings.LANGUAGES] == ["en", "de", "fr", "es", "it", "nl"]
