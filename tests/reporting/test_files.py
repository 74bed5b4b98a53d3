"""The report as files, from the command and from the admin."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from erasure.models import ErasureCase
from erasure.reporting import as_csv, as_json, monthly
from erasure.values import CaseState, Role
from tests.factories import make_user
from tests.reporting.cases import case_of

pytestmark = pytest.mark.django_db
URL = "admin:monthly_report_file"


def test_json_tells_every_figure_with_its_definition(march):
    report = monthly(2027, 3)
    told = json.loads(as_json(report))
    assert (told["month"], told["final"], told["small_counts_withheld"]) == ("2027-03", True, False)
    figures = [each for section in told["sections"] for each in section["figures"]]
    assert [each["key"] for each in figures] == [each.key for each in report.figures()]
    due = next(each for each in figures if each["key"] == "on_time")
    assert (due["value"], due["part"], due["whole"]) == (0.6, 3, 5)


def test_csv_holds_a_line_for_each_figure_and_no_formula(march):
    case_of("2027-03-05T09:00", CaseState.CLOSED, closed="2027-03-06T09:00", close_reason="=1+1")
    rows = list(csv.DictReader(io.StringIO(as_csv(monthly(2027, 3)))))
    assert [row["value"] for row in rows if row["figure"] == "Answers that fell due"] == ["5"]
    lines = [row["line"] for row in rows if row["figure"] == "By outcome"]
    assert "'=1+1" in lines
    assert [cell for row in rows for cell in row.values() if cell[:1] in "=+-@" and cell] == []


def test_command_withholds_small_counts_unless_told(march, capsys):
    call_command("report", month="2027-03")
    short = json.loads(capsys.readouterr().out)
    call_command("report", month="2027-03", small_counts=True)
    full = capsys.readouterr().out
    assert (short["small_counts_withheld"], full) == (True, as_json(monthly(2027, 3)))


@pytest.mark.parametrize("kind", ["json", "csv", "pdf"])
def test_command_writes_a_file(march, kind, tmp_path, capsys):
    file = tmp_path / f"report.{kind}"
    call_command("report", month="2027-03", format=kind, out=file)
    assert file.read_bytes()[:5] == {"json": b'{\n  "', "csv": b"month", "pdf": b"%PDF-"}[kind]
    assert capsys.readouterr().out == f"Written to {file}.\n"


@pytest.mark.parametrize("month", ["2027-05", "soon"])
def test_command_of_no_month_says_so_in_one_sentence(month):
    with pytest.raises(CommandError) as refused:
        call_command("report", month=month)
    assert str(refused.value) in (
        "This month has not begun.", "Write the month as YYYY-MM, like 2026-11.",
    )  # fmt: skip


def test_report_holds_no_case_and_no_person(march):
    text = as_json(monthly(2027, 3)) + as_csv(monthly(2027, 3))
    assert [case.reference for case in ErasureCase.objects.all() if case.reference in text] == []


@pytest.mark.parametrize(
    ("role", "query", "name", "withheld"),
    [
        (Role.DPO, "", "erasure-report-2027-03.json", False),
        (Role.DPO, "?edition=board", "erasure-report-2027-03-board.json", True),
        (Role.OFFICER, "", "erasure-report-2027-03-board.json", True),
        (Role.AUDITOR, "", "erasure-report-2027-03-board.json", True),
    ],
)
def test_download_holds_small_counts_for_the_dpo_alone(client, march, role, query, name, withheld):
    client.force_login(make_user(role))
    answer = client.get(reverse(URL, args=["2027-03", "json"]) + query)
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert json.loads(answer.content)["small_counts_withheld"] is withheld


@pytest.mark.parametrize(
    ("role", "month", "kind", "status"),
    [(Role.CLERK, "2027-03", "pdf", 403), (Role.DPO, "2027-05", "pdf", 404),
     (Role.DPO, "2027-03", "exe", 404), (Role.DPO, "2027-03", "pdf", 200)],
)  # fmt: skip
def test_download_of_another_month_kind_or_role_is_refused(client, role, month, kind, status):
    client.force_login(make_user(role))
    assert client.get(reverse(URL, args=[month, kind])).status_code == status


@pytest.mark.parametrize(
    ("query", "shown"),
    [("?month=2027-03", "60.0%"), ("?month=2027-04", "This month is not over"),
     ("?month=2027-05", "This month has not begun."), ("", "This month is not over")],
)  # fmt: skip
def test_page_shows_the_figures_of_a_month(client, march, query, shown):
    client.force_login(make_user(Role.DPO))
    assert shown in client.get(reverse("admin:monthly_report") + query).content.decode()


def test_page_withholds_small_counts_from_an_officer(client, march):
    client.force_login(make_user(Role.OFFICER))
    told = client.get(reverse("admin:monthly_report") + "?month=2027-03").content.decode()
    assert ("withheld" in told, "60.0%" in told) == (True, False)
