"""Each demonstration ends only where its claims hold; the sandbox's own record decides."""

from datetime import timedelta

import pytest
import requests
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from requests import Response
from requests.adapters import BaseAdapter

from erasure import (
    clock,
    correspondence,
    evidence,
    execution,
    intake,
    protection,
    review,
    tasks,
    verification,
)
from erasure.connectors.genesys.stores import STORES
from erasure.discovery import afterwards, discover
from erasure.ledger import sequencer
from erasure.management.commands.demo import chosen, scenario_of
from erasure.management.demo import run
from erasure.management.demo.browser import hidden
from erasure.management.demo.coverage import WIDTH
from erasure.models import ErasureCase, SystemConnection
from erasure.values import CaseState
from tests.world import OPTIONS, moving, served

__all__ = ["moving", "served"]
NOTHING = {
    "fault": "", "person": "", "hold_one_of_forty": False, "hold_expiry": False,
    "reimport": False, "from_intake": False,
}  # fmt: skip
SLICE = timedelta(minutes=1)


def ring(seconds):
    """While the demonstration sleeps, every worker has its turn."""
    clock.advance(timedelta(seconds=seconds))
    tasks.look()
    for case in ErasureCase.objects.to_wake():
        verification.look_up(case.pk)
        correspondence.write_due(case.pk)
        if case.state == CaseState.RECEIVED:
            intake.start(case.pk)
        elif case.state == CaseState.DISCOVERY:
            discover(case.pk)
        elif case.state == CaseState.DPO_REVIEW:
            protection.look_again(case.pk)
            protection.protect(case.pk)
            review.refreeze(case.pk)
        elif case.state in execution.UNDER_WAY:
            protection.protect(case.pk)
            execution.progress(case.pk)
        else:
            afterwards.schedule(case.pk)
            evidence.issue(case.pk)
    for case_id in afterwards.cases_with_work():
        afterwards.look_again(case_id)
    for connection in execution.connections_with_work():
        execution.drain(connection, clock.now() + SLICE)
    for letter_id in correspondence.due():
        correspondence.deliver(letter_id)
    for case in ErasureCase.objects.filter(state__in=execution.UNDER_WAY):
        execution.progress(case.pk)
    sequencer.sequence()


class Working:
    """The time that a demonstration waits by: its own naps alone, however slow the machine is."""

    def __init__(self, ring=ring):
        self.ring, self.slept = ring, 0

    def sleep(self, seconds):
        self.slept += seconds
        self.ring(seconds)

    def monotonic(self):
        return self.slept


@pytest.fixture
def stage(served, moving, db, settings, monkeypatch):
    """The trial's logins and connections, and workers that work whenever somebody waits."""
    settings.SANDBOX, settings.SANDBOX_URL = True, served.url
    served.app.reset("demo", OPTIONS)
    call_command("seed", quiet=True)
    SystemConnection.objects.update(width=1)  # a test has one database connection
    monkeypatch.setattr(run, "time", Working())
    return served.app


def play(tmp_path, capsys, **choice):
    """What a demonstration printed."""
    scenario_of(NOTHING | choice)(tmp_path)
    return capsys.readouterr().out


def table(said):
    """The last coverage table: first words of each line, by store."""
    lines = said[said.rindex("  store  ") :].splitlines()
    return {line[2:28].strip(): line[28:].split() for line in lines if line[2:3].isalpha()}


def test_normal_run_shows_every_store_and_what_a_person_did(stage, tmp_path, capsys):
    said = play(tmp_path, capsys)
    assert (
        max(map(len, said[said.index("  store  ") :].split("certificate")[0].splitlines())) <= WIDTH
    )
    assert set(table(said)) >= {store.title for store in STORES}
    assert "the sandbox's own record of the person: 0 records" in said
    assert f"the officer: {run.EVIDENCE}" in said
    assert "evidence attached: protocol.txt" in said
    whole, flipped = said.split("one byte of a copy is flipped:")[:2]
    assert whole.count("PASSED: 14 passed, 0 failed, 0 skipped.") == 1
    assert flipped.lstrip().startswith("V1  failed")
    listed = said.split("the certificate lists:")[1].split("own record")[0]
    assert {row.name for row in SystemConnection.objects.all() if row.name in listed} == {
        "Genesys Cloud EU", "Salesforce CRM", "ServiceNow service desk", "Survey processor",
        "Paper archive",
    }  # fmt: skip
    assert table(said)["Exports and copies outside"][:6] == [
        "by",
        "hand",
        "0",
        "1",
        "1",
        "attested",
    ]


def test_many_addresses_finds_all_from_any_one_and_completes(stage, tmp_path, capsys):
    said = play(tmp_path, capsys, person="many-addresses")
    starts = [line for line in said.splitlines() if line.startswith("  from the ")]
    assert [line.split()[-5:-2] for line in starts] == [["of", "7", "contacts,"]] * 5
    assert stage.holdings("many") == []
    states = ErasureCase.objects.values_list("state", flat=True)
    assert sorted(states) == [*[CaseState.CLOSED] * 4, CaseState.COMPLETE]


def test_many_addresses_fails_when_a_contact_is_out_of_sight(stage, tmp_path, monkeypatch):
    def lose_and_ring(seconds):
        stage.fault("genesys.division-lost", "Sales")
        ring(seconds)

    monkeypatch.setattr(run, "time", Working(lose_and_ring))
    with pytest.raises(CommandError, match="the contacts found are not the person's"):
        scenario_of(NOTHING | {"person": "many-addresses"})(tmp_path)


def test_shared_phone_stops_asks_and_leaves_the_neighbour_alone(stage, tmp_path, capsys):
    before = stage.holdings("family2")
    said = play(tmp_path, capsys, person="shared-phone")
    assert "stops: An identifier is in question: confirm or reject it first." in said
    assert "phone +441632960160: " in said
    assert stage.holdings("family1") == []
    assert stage.holdings("family2") == before


def test_shared_phone_fails_when_a_record_of_the_neighbour_goes(stage, tmp_path, monkeypatch):
    org = stage.wires["genesys"].vendor.org
    gone = next(key for key, one in org.conversations.items() if one.person == "family2")

    def ring_and_lose(seconds):
        ring(seconds)
        if ErasureCase.objects.filter(state=CaseState.COMPLETE).exists():
            stage.wires["genesys"].vendor.org.conversations.pop(gone, None)

    monkeypatch.setattr(run, "time", Working(ring_and_lose))
    with pytest.raises(CommandError, match="The neighbour's records are not what they were."):
        scenario_of(NOTHING | {"person": "shared-phone"})(tmp_path)


def test_hold_on_one_of_forty_keeps_it_and_lets_the_others_go(stage, tmp_path, capsys):
    said = play(tmp_path, capsys, hold_one_of_forty=True)
    assert said.count("      yes ") == 6
    assert "      NO " not in said


def test_hold_that_expires_is_released_by_two_and_the_second_certificate_extends_the_first(
    stage, tmp_path, capsys
):
    said = play(tmp_path, capsys, hold_expiry=True)
    assert said.count("      yes ") == 8
    assert "      NO " not in said
    assert stage.holdings(run.PERSON) == []
    assert sorted(path.name[-6:] for path in tmp_path.glob("certificate-*-v?.pdf")) == [
        "v1.pdf", "v2.pdf",
    ]  # fmt: skip


def test_import_of_an_erased_person_is_noticed_and_erased_again(stage, tmp_path, capsys):
    said = play(tmp_path, capsys, reimport=True)
    assert said.count("      yes ") == 11
    assert "      NO " not in said
    assert "Salesforce CRM writes contacts into other systems: they may come from there." in said
    assert stage.holdings(run.PERSON) == []


def test_form_is_sent_with_what_its_page_hides():
    page = '<input type="hidden" name="a" value="x&amp;y"><input name="b" value="z">'
    assert hidden(f'{page}<input type="hidden" name="a" value="2">') == {"a": "x&y"}


SENT = ("Referer", "Accept-Language")


class Pages(BaseAdapter):
    """The product's own pages without a socket; Django's client keeps the cookies."""

    def __init__(self):
        super().__init__()
        self.client = Client(enforce_csrf_checks=True)

    def send(self, request, **_):
        said = self.client.generic(
            request.method, request.path_url, request.body or "",
            request.headers.get("Content-Type", ""),
            headers={name: request.headers.get(name, "") for name in SENT},
        )  # fmt: skip
        response = Response()
        response.status_code, response._content = said.status_code, said.content
        response.headers.update(said.headers)
        response.url, response.request = request.url, request
        return response

    def close(self):
        """Nothing is open."""


@pytest.fixture
def pages(settings, tmp_path, monkeypatch):
    """A person's browser at these pages, and a mailbox that is a folder."""
    cache.clear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.MAIL_FOLDER = settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "http://testserver", ["testserver"]
    ours, others = Pages(), requests.Session.get_adapter
    monkeypatch.setattr(
        requests.Session, "get_adapter",
        lambda self, url: ours if url.startswith(settings.PUBLIC_URL) else others(self, url),
    )  # fmt: skip


@pytest.mark.browser  # as long as the walks of a browser: it runs with them
def test_person_comes_from_the_form_to_the_letter(stage, pages, tmp_path, capsys):
    said = play(tmp_path, capsys, from_intake=True)
    assert said.count("      yes ") == 15
    assert "      NO " not in said
    assert stage.holdings(run.PERSON) == []
    letter = next(tmp_path.glob("letter-ER-*.pdf"))
    assert letter.read_bytes()[:5] == b"%PDF-"
    assert "Art. 77 DSGVO" in letter.with_suffix(".txt").read_text()


def test_vendor_that_lies_is_not_believed(stage, tmp_path, capsys):
    said = play(tmp_path, capsys, fault="lying-vendor")
    assert "equals the sandbox's own record: " in said


def test_lost_division_is_not_taken_for_absence(stage, tmp_path, capsys):
    said = play(tmp_path, capsys, fault="division-lost")
    assert "Not proven: " in said


@pytest.mark.parametrize(
    ("fault", "system", "line"),
    [
        ("salesforce-down", "Salesforce CRM", "crm."),
        ("servicenow-403", "ServiceNow service desk", "service-desk.cases"),
        ("callback-forged", "Survey processor", "surveys.subject_data"),
    ],
)
def test_system_that_fails_keeps_no_other_from_its_end(
    stage, tmp_path, capsys, fault, system, line
):
    said = play(tmp_path, capsys, fault=fault)
    ends = said[said.index("it waits: ") :]
    assert f" needs a person. {line}" in ends or f" need a person. {line}" in ends
    assert f"records in {system}, 0 anywhere else" in ends
    assert stage.holdings("maria") != []
    assert ErasureCase.objects.get().certificates.count() == 0


def test_deleted_contact_is_recoverable_until_its_date_and_then_absent(stage, tmp_path, capsys):
    said = play(tmp_path, capsys, fault="recycle-bin")
    assert "in the bin: crm.contacts is REQUESTED, recoverable until " in said
    assert "after that date: crm.contacts is ERASED, VERIFIED_ABSENT" in said


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({}, []),
        ({"fault": "unverified"}, ["--fault", "unverified"]),
        ({"person": "many-addresses"}, ["--person", "many-addresses"]),
        ({"hold_one_of_forty": True}, ["--hold-one-of-forty"]),
        ({"hold_expiry": True}, ["--hold-expiry"]),
        ({"reimport": True}, ["--reimport"]),
        ({"from_intake": True}, ["--from-intake"]),
    ],
)
def test_choice_is_handed_to_the_process_inside(choice, words):
    assert chosen(NOTHING | choice) == words


def test_two_choices_at_once_are_refused():
    with pytest.raises(CommandError):
        call_command("demo", "--fault", "unverified", "--person", "shared-phone")
