"""The pack for an authority: everything in one file, and a verifier that runs alone."""

import csv
import io
import json
import subprocess
import sys
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from erasure import clock
from erasure.cases import concerns, move, recipients
from erasure.errors import KeyMissingError
from erasure.management.commands import dpa_pack
from erasure.models import AccessRecord, Actor, CaseSecret
from erasure.values import CaseState, Role, Step
from tests.factories import make_case, make_user
from tests.world import TO_THE_END, moving, served, world

__all__ = ["moving", "served", "world"]
pytestmark = pytest.mark.django_db


def read(path):
    with ZipFile(path) as pack:
        return {name.partition("/")[2]: pack.read(name) for name in pack.namelist()}


@pytest.fixture
def pack(tmp_path, capsys):
    def make(case):
        out = tmp_path / "pack.zip"
        call_command("dpa_pack", case.reference, out=out)
        return out

    return make


def test_pack_of_a_whole_case_holds_each_part_and_checks_itself(world, pack, tmp_path):
    case = world.answer(world.live(world.executing("siobhan"), *TO_THE_END))
    world.certify(case)
    row = recipients.name_recipient(case.pk, name="Shop", kind="CONTROLLER", actor=world.officer)
    recipients.tell_recipient(row.pk, channel="email", told_at=clock.now(), proof="Mail 7.",
                              actor=world.officer)  # fmt: skip
    out = pack(case)
    found = read(out)
    reference = case.reference
    assert {
        "index.pdf", "case-file.pdf", "case-file.json", f"search/discovery-{reference}.pdf",
        "results/items.csv", "log/entries.jsonl", "vendors/audit.json", "verifier/trust.txt",
        "verifier/erasure/proof/__main__.py", f"certificates/certificate-{reference}-v1.pdf",
    } <= set(found)  # fmt: skip
    items = list(csv.DictReader(io.StringIO(found["results/items.csv"].decode())))
    assert len(items) == case.items.count() > 0
    assert len(found["log/entries.jsonl"].splitlines()) == case.log.count()
    parts = {part["key"]: part for part in json.loads(found["case-file.json"])["parts"]}
    assert parts["recipients"]["rows"][0][:2] == ["Shop", "Other controller"]
    assert len(parts["search"]["rows"]) == case.searches.count()
    folder = tmp_path / "unzipped"
    with ZipFile(out) as zipped:
        zipped.extractall(folder)
    top = folder / f"dpa-pack-{reference}"
    for ending in (".pdf", ".json", "-authority.pdf"):
        name = f"certificate-{reference}-v1{ending}"
        done = subprocess.run(
            [sys.executable, "-m", "erasure.proof", f"../certificates/{name}",
             "--trust", "trust.txt"],
            cwd=top / "verifier", env={}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_pack_tells_what_was_raised_and_who_took_each_step(pack):
    clerk, officer = make_user(Role.CLERK, name="clara"), make_user(Role.OFFICER, name="otto")
    case = make_case(CaseState.RECEIVED, prepared_by=clerk)
    move(case.pk, Step.START_VALIDATION, actor=Actor.of(officer))
    concerns.record_concern(case.pk, kind="AUTHORITY", raised_at=clock.now(), note="Where is it?",
                            actor=Actor.of(officer))  # fmt: skip
    parts = json.loads(read(pack(case))["case-file.json"])["parts"]
    rows = {part["key"]: part["rows"] for part in parts}
    assert [[*row[:1], *row[2:]] for row in rows["concerns"]] == [
        ["Question of an authority", "Where is it?", "", "", ""]
    ]
    assert [row[3] for row in rows["approvals"]] == [officer.as_said()]


def test_pack_of_a_case_that_has_just_come_in_says_what_is_not_there(pack):
    parts = json.loads(read(pack(make_case(CaseState.RECEIVED)))["case-file.json"])["parts"]
    none = {part["key"]: part["none"] for part in parts if not part["rows"]}
    assert none["certificates"] == "No certificate is issued yet."
    assert none["letters"] == "No letter was written."


def test_pack_of_a_destroyed_case_says_so(pack):
    case = make_case(CaseState.COMPLETE, text="Please forget me")
    assert "Please forget me" in read(pack(case))["case-file.json"].decode()
    CaseSecret.objects.filter(case=case, purpose="file").delete()
    text = read(pack(case))["case-file.json"].decode()
    assert ("destroyed at the end of retention" in text, "Please forget me" in text) == (
        True, False,
    )  # fmt: skip


def test_pack_of_an_unknown_case_is_refused(tmp_path):
    with pytest.raises(CommandError):
        call_command("dpa_pack", "ER-0000-NOBODY", out=tmp_path / "no.zip")
    assert list(tmp_path.iterdir()) == []


def test_names_in_the_pack_lead_nowhere_else(pack):
    case = make_case(CaseState.RECEIVED)
    with ZipFile(pack(case)) as found:
        names = found.namelist()
    assert [name for name in names if ".." in name or name.startswith("/")] == []
    assert {name.partition("/")[0] for name in names} == {f"dpa-pack-{case.reference}"}


@pytest.mark.parametrize(
    ("role", "status"), [(Role.DPO, 200), (Role.OFFICER, 403), (Role.AUDITOR, 403)]
)
def test_download_is_for_the_dpo_and_on_record(client, role, status):
    case = make_case(CaseState.RECEIVED, received_at=clock.now() - timedelta(days=1))
    client.force_login(make_user(role))
    answer = client.post(reverse("admin:case_pack", args=[case.pk]))
    assert answer.status_code == status
    on_record = AccessRecord.objects.filter(case=case, what="pack for an authority").count()
    assert on_record == (status == 200)
    if status == 200:
        assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_pack_that_cannot_be_made_leaves_nothing_of_it_behind(tmp_path, monkeypatch):
    def half_way(case, there):
        there.write(b"Ada Beispiel")
        raise KeyMissingError("The seal cannot be read.")

    monkeypatch.setattr(dpa_pack, "write_pack", half_way)
    with pytest.raises(CommandError, match="was not written. The seal cannot be read."):
        call_command("dpa_pack", make_case().reference, out=tmp_path / "pack.zip")
    assert list(tmp_path.iterdir()) == []


def test_pack_into_a_folder_that_is_not_there_says_so(tmp_path):
    with pytest.raises(CommandError, match="was not written."):
        call_command("dpa_pack", make_case().reference, out=tmp_path / "nowhere" / "pack.zip")
