"""Callbacks of a processor, and a whole case with the sandbox's own one."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from erasure import clock
from erasure.connectors.opendsr import callback_token
from erasure.models import DataItem, RefusedCallback, SystemConnection, VendorJob, blind
from erasure.sandbox.opendsr.authority import signer
from erasure.sandbox.opendsr.forgeries import forgeries
from erasure.systems.callbacks import callback_key
from tests.world import again, moving, served, states, world

__all__ = ["moving", "served", "world"]

BASE = "https://us.example.org/opendsr/callbacks"
HOUR = timedelta(hours=1)


@pytest.fixture
def partner(world):
    """The only system of this world is a processor."""
    SystemConnection.objects.update(enabled=False)
    vendor = world.app.wires["opendsr"].vendor
    vendor.reset(world.app.people, {"opendsr": {"holds": True}}, clock.now())
    known = vendor.credentials()
    options = {"trusted_ca": known["trusted_ca"], "callback_base": BASE}
    row = world.connect(
        "partner", "opendsr", known["client_id"], known["client_secret"], options=options
    )
    row.base_url += "/v2"
    row.save()
    return row


@pytest.fixture
def submitted(world, partner):
    """A case whose request is at the processor; the next poll is far off."""
    case = world.work(world.executing("maria"))
    VendorJob.objects.update(next_poll=clock.now() + 9 * HOUR)
    return case.jobs.get()


class Callback:
    """What a processor sends, good unless changed."""

    def __init__(self, job, **changed):
        self.token = callback_token(callback_key(), job.remote_id)
        told = {
            "controller_id": "sandbox-controller",
            "expected_completion_time": None,
            "subject_request_id": job.remote_id,
            "request_status": "completed",
            "status_callback_url": f"{BASE}/{self.token}",
        } | changed
        self.body = json.dumps({key: value for key, value in told.items() if value != "left out"})
        self.domain, self.signature = "127.0.0.1", signer("good", "rsa").sign(self.body.encode())

    def send(self, method="post"):
        headers = {
            "X-OpenDSR-Processor-Domain": self.domain,
            "X-OpenDSR-Signature": self.signature,
        }
        given = {"data": self.body, "content_type": "application/json"}
        if method == "get":
            given = {}
        browser = Client(enforce_csrf_checks=True)
        sent = getattr(browser, method)(
            f"/opendsr/callbacks/{self.token}", headers=headers, **given
        )
        return sent.status_code


def is_due(job):
    return VendorJob.objects.get(pk=job.pk).next_poll <= clock.now()


def test_whole_case_ends_attested_only_when_the_processor_says_so(world, partner):
    case = world.work(world.executing("maria"))
    assert (states(case), world.held("maria")["opendsr.subject_data"]) == ({"REQUESTED": 1}, 1)
    assert case.state == "AWAITING_VENDOR"
    case = world.live(case, HOUR, HOUR, HOUR)
    item = case.items.get()
    assert (item.state, item.verdict, world.held("maria")["opendsr.subject_data"]) == (
        "ERASED", "ATTESTED", 0,
    )  # fmt: skip
    assert world.answer(case).state == "COMPLETE"


@pytest.mark.parametrize("fault", ["never-completes", "bad-signature", "callback-forged"])
def test_case_waits_when_nothing_proves_completion(world, partner, submitted, fault):
    world.fault(**{f"opendsr_{fault}": True})
    case = world.live(submitted.case, 10 * HOUR)
    assert states(again(case)) == {"REQUESTED": 1}
    assert case.state == "AWAITING_VENDOR"


def test_failed_recipient_fails_the_item_and_says_why(world, partner, submitted):
    world.fault(opendsr_failed_distribution=True)
    case = world.live(submitted.case, 10 * HOUR)
    item = case.items.get()
    assert (item.state, item.reason) == (
        "FAILED", "Completed, but not with every recipient of the processor: 1 failed.",
    )  # fmt: skip


def test_processor_that_never_answers_fails_the_item_at_the_deadline(world, partner, submitted):
    world.fault(opendsr_never_completes=True)
    case = world.live(submitted.case, 100 * HOUR)
    item = case.items.get()
    assert (item.state, item.reason) == ("FAILED", "No answer by the deadline.")


def test_callback_brings_the_poll_forward_and_ends_nothing(submitted):
    assert not is_due(submitted)
    assert Callback(submitted).send() == 202
    job = VendorJob.objects.get(pk=submitted.pk)
    assert (is_due(job), job.state, DataItem.objects.get().state) == (True, "RUNNING", "REQUESTED")


def test_callback_without_its_address_is_taken(submitted):
    assert Callback(submitted, status_callback_url="left out").send() == 202


def test_duplicate_and_late_callbacks_are_accepted_and_ignored(world, submitted):
    assert Callback(submitted).send() == Callback(submitted).send() == 202
    VendorJob.objects.update(state="DONE", next_poll=clock.now() + HOUR)
    assert Callback(submitted).send() == 202
    assert not is_due(submitted)


def test_callback_faster_than_our_own_commit_is_accepted(submitted):
    call = Callback(submitted)
    VendorJob.objects.update(remote_index=blind("job", "partner:something-else"))
    assert (call.send(), is_due(submitted)) == (202, False)


def test_forged_signature_is_400(submitted):
    call = Callback(submitted)
    call.signature = signer("good", "rsa").sign(b"something else")
    assert (call.send(), is_due(submitted)) == (400, False)


def test_missing_signature_is_400(submitted):
    call = Callback(submitted)
    call.signature = ""
    assert (call.send(), is_due(submitted)) == (400, False)


def test_body_changed_after_signing_is_400(submitted):
    call = Callback(submitted)
    call.body = call.body.replace(", ", ",")
    assert (call.send(), is_due(submitted)) == (400, False)


def test_unknown_domain_is_401_and_nothing_is_fetched(world, submitted):
    call = Callback(submitted)
    call.domain = "evil.example.org"
    before = len(world.app.requests())
    assert (call.send(), is_due(submitted)) == (401, False)
    assert len(world.app.requests()) == before


def test_certificate_that_is_not_trusted_is_401(world, partner, submitted):
    partner.options = {"callback_base": BASE}
    partner.save()
    assert (Callback(submitted).send(), is_due(submitted)) == (401, False)


def test_disabled_connection_is_401(partner, submitted):
    SystemConnection.objects.update(enabled=False)
    assert (Callback(submitted).send(), is_due(submitted)) == (401, False)


@pytest.mark.parametrize(
    "change",
    [
        {"subject_request_id": "left out"},
        {"subject_request_id": 7},
        {"subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798"},
        {"status_callback_url": "https://us.example.org/opendsr/callbacks/other"},
    ],
)
def test_signed_callback_about_something_else_is_400(submitted, change):
    assert (Callback(submitted, **change).send(), is_due(submitted)) == (400, False)


def test_callback_on_the_path_of_another_request_is_400(submitted):
    call = Callback(submitted)
    call.token = callback_token(callback_key(), "a7551968-d5d6-44b2-9831-815ac9017798")
    assert (call.send(), is_due(submitted)) == (400, False)


@pytest.mark.parametrize("body", ["", "[]", "{", "null"])
def test_signed_nonsense_is_400(submitted, body):
    call = Callback(submitted)
    call.body, call.signature = body, signer("good", "rsa").sign(body.encode())
    assert call.send() == 400


def test_huge_body_is_400_before_anything_is_checked(world, submitted):
    call = Callback(submitted)
    call.body += " " * 65_536
    before = len(world.app.requests())
    assert (call.send(), len(world.app.requests())) == (400, before)


def test_anything_but_post_is_405(submitted):
    assert Callback(submitted).send("get") == 405


def refused():
    return sorted((row.why, row.count, row.job is None) for row in RefusedCallback.objects.all())


def test_refused_callback_is_counted_and_told_on_the_job(submitted):
    for _ in range(2):
        call = Callback(submitted)
        call.signature = signer("good", "rsa").sign(b"something else")
        call.send()
    elsewhere = Callback(submitted)
    elsewhere.domain = "evil.example.org"
    elsewhere.send()
    assert refused() == [("unsigned", 2, False), ("untrusted", 1, False)]
    job = VendorJob.objects.get(pk=submitted.pk)
    assert (job.state, is_due(job)) == ("RUNNING", False)
    assert job.reason.endswith(
        "3 callbacks about it were refused as not the processor's (no trusted certificate of "
        "the processor; no valid signature): nothing of them counts."
    )
    assert job.reason.count("refused") == 1


def test_forged_callback_on_a_path_nobody_gave_is_counted_at_no_job(submitted):
    call = Callback(submitted)
    call.token, call.signature = "0" * 64, signer("good", "rsa").sign(b"something else")
    call.send()
    foreign = Callback(submitted, subject_request_id="a7551968-d5d6-44b2-9831-815ac9017798")
    foreign.send()
    assert refused() == [("foreign", 1, True), ("unsigned", 1, True)]
    assert "refused" not in VendorJob.objects.get(pk=submitted.pk).reason


def test_log_line_of_a_refusal_names_the_connection_and_no_one_else(submitted, caplog):
    call = Callback(submitted)
    call.signature = ""
    call.send()
    assert caplog.messages[-1] == "partner: a callback was refused: unsigned."


def test_forged_callbacks_leave_the_case_waiting_and_it_says_why(world, partner, submitted):
    """As the sandbox sends them, by way of the view; then hourly polls, then the deadline."""
    vendor = world.app.wires["opendsr"].vendor
    world.fault(opendsr_callback_forged=True)
    url = f"{BASE}/{callback_token(callback_key(), submitted.remote_id)}"
    asked = vendor.asked.known[submitted.remote_id]
    answers = []
    for forged in forgeries(asked, url, signer("good", "rsa"), {}):
        answers.append(
            Client().post(
                forged.url.removeprefix("https://us.example.org"), data=forged.body,
                content_type="application/json", headers=forged.headers,
            ).status_code
        )  # fmt: skip
    assert answers == [400, 401, 400, 400, 202]
    case = world.live(submitted.case, 10 * HOUR)
    assert (case.state, states(case)) == ("AWAITING_VENDOR", {"REQUESTED": 1})
    assert "The partner" in case.waiting_for
    assert "3 callbacks about it were refused" in case.waiting_for
    case = world.live(case, 100 * HOUR)
    item = case.items.get()
    assert item.state == "FAILED"
    assert item.reason.startswith("No answer by the deadline. 3 callbacks about it were refused")
