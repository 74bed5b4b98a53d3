"""The connector against the sandbox's own processor, over the same session as in production."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from erasure import clock
from erasure.connectors.base import (
    Account,
    Erased,
    Found,
    ItemRef,
    NotErased,
    RemoteJob,
    Reply,
    Searched,
    Seen,
)
from erasure.connectors.opendsr import OpenDSR, callback_token
from erasure.connectors.opendsr.status import moment
from erasure.errors import BusyError, RefusedError, StoppedError
from erasure.sandbox import opendsr as sandbox
from erasure.sandbox.people import find, populate
from erasure.sandbox.vendor import Wire
from erasure.values import Identifier, IdentifierKind, JobState, StoreStatus, Verdict
from tests.connectors.given import CountingLimiter
from tests.connectors.wsgi import WsgiAdapter

BASE = "http://127.0.0.1:9/opendsr/v2"
PEOPLE = populate("demo")
MARIA, JO = (find(PEOPLE, key) for key in ("maria", "jo1"))
EMAIL, PHONE, CUSTOMER = IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.CUSTOMER
HOUR = timedelta(hours=1)


class Rig:
    """A connector with the processor behind it."""

    def __init__(self, options=None, **own):
        self.vendor = sandbox.OpenDSR()
        self.vendor.reset(PEOPLE, {"opendsr": own}, clock.now())
        secrets = self.vendor.credentials()
        self.adapter = WsgiAdapter(Wire(self.vendor), "/opendsr")
        given = {"trusted_ca": secrets["trusted_ca"]} | (options or {})
        self.account = Account(
            slug="processor", base_url=BASE, login_url=BASE, client_id=secrets["client_id"],
            client_secret=secrets["client_secret"], options=given,
        )  # fmt: skip
        self.connector = self.again()

    @property
    def sent(self):
        """Method and path of each call, below the version."""
        return [(how, path.removeprefix("/v2")) for how, path in self.adapter.sent]

    def again(self):
        """Another process with the same account."""
        return OpenDSR(self.account, CountingLimiter(), adapter=self.adapter, callback_key="k-1")

    def fault(self, name, value=True):
        assert self.adapter.app.fault(name, value)

    def found(self, who):
        rows = list(self.connector.collect(who, []))
        return next((row for row in rows if isinstance(row, Found)), None), rows[-1]

    def ref(self, person=MARIA, **given):
        row, _ = self.found(identifiers(person))
        return ItemRef(row.store, row.remote_id, facts=row.facts, **given)

    def erase(self, ref, clear=lambda refs: None):
        return next(iter(self.connector.erase([ref], clear)))

    def job(self, answer, submitted=None):
        submitted = submitted or clock.now()
        return RemoteJob(answer.job_kind, answer.remote_job, (answer.ref,), submitted)

    def poll(self, job):
        return self.connector.poll(job, lambda refs: None)

    def seen(self, ref):
        return next(iter(self.connector.verify([ref], [], []))).seen

    def held(self, person=MARIA):
        return len(self.vendor.holdings(person.key))


def identifiers(person):
    return [
        *(Identifier(EMAIL, each) for each in person.emails),
        *(Identifier(PHONE, each) for each in person.phones),
        *(Identifier(CUSTOMER, each) for each in person.external_ids),
    ]


@pytest.fixture
def hours(tmp_path, monkeypatch):
    """Moves the clock of connector and sandbox on, by hours."""
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(tmp_path / "clock"))
    return lambda count: clock.advance(count * HOUR)


def test_store_ends_attested_and_says_there_is_no_search():
    (store,) = OpenDSR.stores
    assert (store.name, store.end, store.manual) == ("subject_data", Verdict.ATTESTED, "")
    assert store.search == "The protocol has no search: every person is taken to be known there."


@pytest.mark.parametrize("key", ["rsa", "ec"])
def test_erase_from_request_to_attestation(hours, key):
    rig = Rig(key=key)
    ref = rig.ref()
    answer = rig.erase(ref)
    assert (type(answer), answer.reply, answer.http_status) == (Erased, Reply.ACCEPTED, 201)
    assert (answer.remote_job, answer.job_kind) == (ref.remote_id, "opendsr")
    states = []
    for _ in range(3):
        report = rig.poll(rig.job(answer))
        expects = report.reason.startswith("The processor expects to be done by ")
        states.append((report.state, report.vendor_state, expects, rig.seen(ref)))
        hours(1)
    assert states == [
        (JobState.RUNNING, "pending", True, Seen.PRESENT),
        (JobState.RUNNING, "in_progress", True, Seen.PRESENT),
        (JobState.DONE, "completed", False, Seen.ATTESTED),
    ]
    assert (rig.held(), rig.held(JO)) == (0, 1)


def test_request_carries_identities_phones_callback_and_nothing_else():
    rig = Rig({"callback_base": "https://us.example.org/opendsr/callbacks/"})
    ref = rig.ref()
    rig.erase(ref)
    (body,) = [json.loads(body) for body in rig.adapter.bodies if body]
    token = callback_token("k-1", ref.remote_id)
    assert body == {
        "regulation": "gdpr",
        "subject_request_id": ref.remote_id,
        "subject_request_type": "erasure",
        "submitted_time": ref.facts["submitted_time"],
        "api_version": "2.0",
        "subject_identities": [
            {"identity_type": kind, "identity_value": value, "identity_format": "raw"}
            for kind, value in [
                ("controller_customer_id", "CRM-100101"),
                *(("email", each) for each in sorted(MARIA.emails)),
            ]
        ],
        "extensions": {
            "127.0.0.1": {
                "identities": [
                    {"identity_type": "mobile_number", "identity_value": "+441632960101"},
                    {"identity_type": "phone_number_2", "identity_value": "+447700900101"},
                ]
            }
        },
        "status_callback_urls": [f"https://us.example.org/opendsr/callbacks/{token}"],
    }
    assert len(token) == 64


def test_repeated_search_finds_the_same_id_in_the_shape_of_version_4():
    rig = Rig()
    one, _ = rig.found(identifiers(MARIA))
    two = next(iter(rig.again().collect(identifiers(MARIA)[::-1], [])))
    other, _ = rig.found(identifiers(JO))
    assert one.remote_id == two.remote_id == str(UUID(one.remote_id))
    assert UUID(one.remote_id).version == 4
    assert other.remote_id != one.remote_id


def test_lookup_and_controls_are_empty():
    rig = Rig()
    assert list(rig.connector.lookup(Identifier(EMAIL, MARIA.email))) == []
    assert list(rig.connector.controls([])) == []
    assert rig.sent == []


@pytest.mark.parametrize(
    ("options", "status"),
    [({}, StoreStatus.MANUAL), ({"phones": False}, StoreStatus.MANUAL),
     ({"phones": True}, StoreStatus.FOUND)],
)  # fmt: skip
def test_person_with_a_phone_only_is_for_people_unless_phones_are_known_to_be_taken(
    options, status
):
    row, searched = Rig(options).found([Identifier(PHONE, MARIA.phone)])
    assert (type(searched), searched.status) == (Searched, status)
    assert bool(row) is (status is StoreStatus.FOUND)
    assert bool(searched.manual) is (status is StoreStatus.MANUAL)


def test_fourth_phone_is_told_by_hand():
    phones = [Identifier(PHONE, f"+44163296020{n}") for n in range(5)]
    row, searched = Rig().found([Identifier(EMAIL, MARIA.email), *phones])
    assert len(json.loads(row.facts["phones"])) == 3
    assert "the person's other 2 in writing" in searched.manual


def test_identifier_no_processor_takes_is_named_by_kind_only():
    who = [Identifier(EMAIL, MARIA.email), Identifier(IdentifierKind.TWITTER, "@maria")]
    _, searched = Rig().found(who)
    assert searched.note == (
        "Identifiers the processor takes: 1. Not sent, it takes no such kind: twitter."
    )


def test_guard_that_stops_lets_nothing_leave():
    rig = Rig()
    ref = rig.ref()

    def stop(refs):
        raise StoppedError("A hold came.", held=True)

    answer = rig.erase(ref, stop)
    assert (type(answer), type(answer.error)) == (NotErased, StoppedError)
    assert [sent for sent in rig.sent if sent[0] == "POST"] == []


def test_lost_answer_is_followed_not_repeated(hours):
    rig = Rig()
    ref = rig.ref()
    rig.fault("reset-after", 1)
    assert isinstance(rig.erase(ref).error, BusyError)
    answer = rig.erase(ref)
    assert (answer.reply, answer.remote_job) == (Reply.ACCEPTED, ref.remote_id)
    assert len(rig.vendor.asked.known) == 1


@pytest.mark.parametrize("fault", ["already-exists", "unwrapped-errors"])
def test_already_exists_is_followed_wrapped_or_not(fault):
    rig = Rig()
    rig.fault(fault)
    rig.fault("already-exists")
    ref = rig.ref()
    assert (rig.erase(ref).remote_job, len(rig.vendor.asked.known)) == (ref.remote_id, 1)


def test_old_completion_never_attests_a_new_request(hours):
    rig = Rig()
    ref = rig.ref()
    rig.erase(ref)
    hours(3)
    assert rig.seen(ref) is Seen.ATTESTED
    second = rig.erase(ref)
    assert second.remote_job != ref.remote_id
    assert rig.poll(rig.job(second)).state is JobState.RUNNING
    assert rig.seen(ref) is Seen.PRESENT
    hours(3)
    assert (rig.poll(rig.job(second)).state, rig.seen(ref)) == (JobState.DONE, Seen.ATTESTED)


def test_recalled_request_is_made_anew(hours):
    rig = Rig()
    ref = rig.ref()
    first = rig.job(rig.erase(ref))
    assert rig.connector.cancel(first) is True
    report = rig.poll(first)
    assert (report.state, report.reason) == (
        JobState.ERROR,
        "The processor cancelled the request.",
    )
    assert (rig.seen(ref), rig.erase(ref).remote_job == ref.remote_id) == (Seen.PRESENT, False)


def test_cancel_when_in_progress_says_it_cannot(hours):
    rig = Rig()
    job = rig.job(rig.erase(rig.ref()))
    hours(1)
    assert rig.connector.cancel(job) is False


@pytest.mark.parametrize(
    ("fault", "value", "why"),
    [
        ("bad-signature", True, "the signature of the processor's answer is not valid"),
        ("wrong-domain", True, "the answer names a processor's domain that is not allowed"),
        ("certificate", "expired", "expired, of another name or of no trusted authority"),
        ("certificate", "wrong-san", "expired, of another name or of no trusted authority"),
        ("certificate", "self-signed", "expired, of another name or of no trusted authority"),
    ],
)
def test_receipt_that_is_not_proven_is_refused(fault, value, why):
    rig = Rig()
    rig.fault(fault, value)
    error = rig.erase(rig.ref()).error
    assert isinstance(error, RefusedError)
    assert str(error).startswith("POST /requests answered 201. Unverified: ")
    assert why in str(error)


def test_unknown_domain_causes_no_call():
    rig = Rig()
    rig.fault("wrong-domain")
    rig.erase(rig.ref())
    assert [path for _, path in rig.sent] == ["/discovery", "/requests"]


def test_certificate_on_another_host_is_not_fetched():
    rig = Rig({"certificate_hosts": "certs.example.org"})
    assert "on a host that is not allowed" in str(rig.erase(rig.ref()).error)
    assert "/cert.pem" not in [path for _, path in rig.sent]


def test_certificate_of_no_public_authority_is_refused():
    assert isinstance(Rig({"trusted_ca": ""}).erase(Rig().ref()).error, RefusedError)


def test_revoked_certificate_is_refused():
    serial = format(sandbox.app.signer("good", "rsa").certificate.serial_number, "x")
    error = Rig({"revoked": serial}).erase(Rig().ref()).error
    assert "the processor's certificate was revoked" in str(error)


def test_certificate_is_fetched_without_credentials_and_once():
    rig = Rig()
    answer = rig.erase(rig.ref())
    rig.poll(rig.job(answer))
    paths = [path for _, path in rig.sent]
    assert paths.count("/cert.pem") == paths.count("/discovery") == 1
    entry = next(e for e in rig.vendor.requests if e["path"] == "/v2/cert.pem")
    assert entry["client"] == ""


def test_changed_certificate_is_fetched_again_once(hours):
    rig = Rig()
    job = rig.job(rig.erase(rig.ref()))
    rig.vendor.key = "ec"
    hours(2)
    assert rig.poll(job).state is JobState.DONE
    assert [path for _, path in rig.sent].count("/cert.pem") == 2


def test_unsigned_completion_waits_and_says_why(hours):
    rig = Rig()
    ref = rig.ref()
    job = rig.job(rig.erase(ref))
    hours(3)
    rig.fault("bad-signature")
    report = rig.poll(job)
    assert (report.state, report.vendor_state) == (JobState.RUNNING, "completed")
    assert report.reason == ("Unverified: the signature of the processor's answer is not valid.")
    with pytest.raises(RefusedError, match="not valid"):
        rig.seen(ref)


def test_unsigned_option_takes_the_word_and_says_so(hours):
    rig = Rig({"unsigned": True})
    rig.fault("bad-signature")
    ref = rig.ref()
    job = rig.job(rig.erase(ref))
    hours(3)
    report = rig.poll(job)
    assert (report.state, report.reason) == (
        JobState.DONE,
        "Unverified: the signature of the processor's answer is not valid.",
    )
    assert rig.seen(ref) is Seen.ATTESTED


def test_recall_that_is_not_signed_does_not_count():
    rig = Rig()
    job = rig.job(rig.erase(rig.ref()))
    rig.fault("bad-signature")
    with pytest.raises(RefusedError):
        rig.connector.cancel(job)


def test_failed_recipient_is_an_error_never_an_attestation(hours):
    rig = Rig()
    rig.fault("failed-distribution")
    ref = rig.ref()
    job = rig.job(rig.erase(ref))
    hours(3)
    report = rig.poll(job)
    assert (report.state, report.reason) == (
        JobState.ERROR,
        "Completed, but not with every recipient of the processor: 1 failed.",
    )
    assert (rig.seen(ref), rig.held()) == (Seen.PRESENT, 1)


def test_cancelled_by_the_processor_is_an_error():
    rig = Rig()
    answer = rig.erase(rig.ref())
    rig.fault("cancelled")
    assert rig.poll(rig.job(answer)).state is JobState.ERROR


@pytest.mark.parametrize(
    ("faults", "days", "state"),
    [
        (["never-completes"], 3, JobState.RUNNING),
        (["never-completes"], 4, JobState.ERROR),
        (["never-completes", "no-zone"], 3, JobState.RUNNING),
        (["never-completes", "no-zone"], 4, JobState.ERROR),
        (["never-completes", "null-times"], 34, JobState.RUNNING),
        (["never-completes", "null-times"], 36, JobState.ERROR),
        (["never-completes", "null-times", "down"], 36, JobState.ERROR),
    ],
)
def test_deadline_ends_a_silence(hours, faults, days, state):
    rig = Rig()
    job = rig.job(rig.erase(rig.ref()))
    for fault in faults:
        rig.fault(fault)
    hours(24 * days)
    report = rig.poll(job)
    assert report.state is state
    assert report.reason.startswith("No answer by the deadline") is (state is JobState.ERROR)


def test_answer_that_cannot_be_read_ends_nothing(hours):
    rig = Rig()
    job = rig.job(rig.erase(rig.ref()))
    hours(3)
    rig.fault("html")
    report = rig.poll(job)
    assert (report.state, report.reason) == (
        JobState.RUNNING,
        "GET /requests/{id} answered 200 with a body we cannot read.",
    )


def test_refused_poll_is_for_a_person():
    rig = Rig()
    job = rig.job(rig.erase(rig.ref()))
    rig.account = replace(rig.account, client_secret="another-invented-secret")
    rig.connector = rig.again()
    with pytest.raises(RefusedError, match="GET /requests/{id} answered 401"):
        rig.poll(job)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-03-02T15:00:00Z", datetime(2026, 3, 2, 15, tzinfo=UTC)),
        ("2026-03-02T15:00:00", datetime(2026, 3, 2, 15, tzinfo=UTC)),
        ("2026-03-02T15:00:00.5+02:00", datetime(2026, 3, 2, 13, 0, 0, 500_000, UTC)),
        ("soon", None),
        ("9999-12-31T23:59:59Z", None),
        ("0001-01-01T00:00:00+23:00", None),
        (None, None),
        (7, None),
    ],
)
def test_time_without_a_zone_is_utc(text, read):
    assert moment(text) == read


def test_request_the_processor_lost_is_lost():
    rig = Rig()
    job = rig.job(rig.erase(rig.ref()))
    rig.vendor.asked.known.clear()
    assert rig.poll(job).state is JobState.LOST
    assert rig.seen(job.refs[0]) is Seen.PRESENT


@pytest.mark.parametrize(
    ("fault", "value", "kind", "text"),
    [
        ("409", True, RefusedError, "another request about the same identities"),
        ("429", 1, BusyError, "POST /requests answered 429"),
        ("5xx", 1, BusyError, "POST /requests answered 503"),
        ("down", True, BusyError, "the connection failed"),
        ("html", True, RefusedError, "Unverified"),
    ],
)
def test_refusals_and_busy_answers(fault, value, kind, text):
    rig = Rig()
    ref = rig.ref()
    rig.fault(fault, value)
    error = rig.erase(ref).error
    assert (type(error), text in str(error)) == (kind, True)


@pytest.mark.parametrize("change", [{"encoded_request": "e30="}, {"subject_request_id": "other"}])
def test_receipt_about_something_else_is_refused(change, monkeypatch):
    rig = Rig({"unsigned": True})
    told = rig.vendor._create
    monkeypatch.setattr(rig.vendor, "_create", lambda *given: (201, told(*given)[1] | change))
    assert isinstance(rig.erase(rig.ref()).error, RefusedError)


def test_check_when_all_is_well_says_so():
    assert [(line.name, line.ok) for line in Rig().connector.check()] == [
        ("Address", True), ("Discovery", True), ("Certificate", True), ("Identifiers", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "value", "failing"),
    [("certificate", "wrong-san", ["Certificate"]), ("down", True, ["Discovery"])],
)
def test_check_names_what_is_wrong(fault, value, failing):
    rig = Rig()
    rig.fault(fault, value)
    assert [line.name for line in rig.connector.check() if not line.ok] == failing


def test_nothing_personal_in_urls_logs_errors_or_job(caplog):
    caplog.set_level(logging.DEBUG)
    rig = Rig()
    ref = rig.ref()
    answer = rig.erase(ref)
    rig.poll(rig.job(answer))
    rig.fault("409")
    second = rig.erase(rig.ref(JO))
    shown = [caplog.text, str(second.error), repr(ref), repr(answer), str(rig.sent)]
    values = [*MARIA.identifiers(), *JO.identifiers()]
    assert [value for value in values if value in "\n".join(shown)] == []
