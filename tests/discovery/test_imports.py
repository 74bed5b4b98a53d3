"""An import is held against the tokens: lines are named, values never."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from erasure import clock, register
from erasure.discovery.imports import lines_of_the_erased
from erasure.models import FollowUp, StaffNotice, SuppressionToken
from erasure.values import CaseState
from tests.factories import make_case

FILE = """name,mail,phone
Bob,bob@example.org,+44 1632 960999
"Ada, who was erased",ADA@Example.org ,
Eve,eve@example.org,01632 960123
"""


@pytest.fixture
def forgotten(db):
    """Ada's address and number were erased; her case is destroyed since."""
    case = make_case(CaseState.COMPLETE, email="ada@example.org", phone="+441632960123")
    register.suppress(case, clock.now().date())
    case.identifiers.all().delete()


def checked(tmp_path, text, *given):
    path = tmp_path / "leads.csv"
    path.write_text(text)
    call_command("check_import", str(path), *given)


def test_tokens_are_keyed_and_lead_to_nobody(forgotten):
    assert {(len(row.token), row.kind) for row in SuppressionToken.objects.all()} == {
        (64, "email"), (64, "phone"),
    }  # fmt: skip
    blind = register.blind("email", "ada@example.org")
    assert not SuppressionToken.objects.filter(token=blind).exists()


@pytest.mark.parametrize(
    ("country", "lines"), [("GB", [3, 4]), ("DE", [3])], ids=["number-at-home", "number-abroad"]
)
def test_lines_are_found_however_the_address_is_typed(forgotten, settings, country, lines):
    settings.COUNTRY = country
    assert lines_of_the_erased(FILE.splitlines(keepends=True)) == lines


def test_command_names_lines_and_no_value_and_asks_the_dpo_once(forgotten, settings, tmp_path):
    settings.COUNTRY = "GB"
    for _ in range(2):
        with pytest.raises(CommandError, match=r"who was erased stands in 2 lines: 3, 4\.") as why:
            checked(tmp_path, FILE, "--source", "Spring campaign")
        assert "ada" not in str(why.value).lower()
    row = FollowUp.objects.get()
    assert (row.cause, row.case, row.source, row.lines) == (
        "IMPORT", None, "Spring campaign", [3, 4],
    )  # fmt: skip
    notice = StaffNotice.objects.get()
    assert "Spring campaign: 2 lines of an import bring somebody back." in notice.text
    assert "ada" not in notice.text.lower()


def test_import_of_strangers_passes(forgotten, tmp_path, capsys):
    checked(tmp_path, "mail\nbob@example.org\n")
    assert capsys.readouterr().out == "Nobody in it was erased before.\n"
    assert FollowUp.objects.count() == 0


def test_standard_input_is_read(forgotten, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("ada@example.org\n"))
    with pytest.raises(CommandError, match=r"in 1 line: 1\."):
        call_command("check_import", "-")


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b'"' + b"x" * 200_000])
def test_file_that_is_no_csv_is_refused_in_one_sentence(db, tmp_path, data):
    path = tmp_path / "leads.csv"
    path.write_bytes(data)
    with pytest.raises(CommandError, match="cannot be read as CSV in UTF-8"):
        call_command("check_import", str(path))
    with pytest.raises(CommandError, match="cannot be read as CSV in UTF-8"):
        call_command("check_import", str(tmp_path / "absent.csv"))


def test_tokens_are_not_made_where_the_period_is_none(settings, db):
    settings.KEEP = settings.KEEP | {"suppression_months": 0}
    case = make_case(CaseState.COMPLETE, email="ada@example.org")
    assert register.suppress(case, clock.now().date()) == 0
