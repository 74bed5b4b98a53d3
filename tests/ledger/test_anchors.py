from datetime import timedelta
from pathlib import Path

import pytest
import responses
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core import mail

from erasure import clock
from erasure.errors import TamperedError
from erasure.ledger.anchors import (
    StaleError,
    anchor,
    anchor_daily,
    covering,
    take_cosignature,
)
from erasure.ledger.append import append_system
from erasure.ledger.daily import kept_anchors
from erasure.ledger.sequencer import sequence
from erasure.ledger.trusted import own_trust
from erasure.ledger.verify import verify
from erasure.models import Checkpoint, LogAnchor
from erasure.proof import anchors, note
from erasure.proof.note import Vkey
from tests.proof import authority

pytestmark = pytest.mark.django_db
TSA = "https://tsa.example.org/stamp"
KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS = Vkey("dpo.example.org", note.WITNESS_KEY, KEY.public_key().public_bytes_raw())


@pytest.fixture(autouse=True)
def off(settings, monkeypatch, tmp_path):
    """No way is on but what a test turns on."""
    settings.ANCHOR_FOLDER, settings.ANCHOR_MAIL, settings.WITNESSES = "", [], []
    settings.TSA_URL = settings.TSA_ROOT_FILE = ""
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(tmp_path / "clock"))


@pytest.fixture
def folder_way(settings, tmp_path):
    settings.ANCHOR_FOLDER = str(tmp_path / "worm")
    return tmp_path / "worm"


@pytest.fixture
def tsa(settings, tmp_path):
    """A time-stamping authority that answers; its answer can be exchanged."""
    settings.TSA_URL, settings.TSA_ROOT_FILE = TSA, authority.root_file(tmp_path)

    def stamp(request):
        body = authority.answer(request.body, clock.now().replace(microsecond=0))
        return 200, {"Content-Type": "application/timestamp-reply"}, body

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.POST, TSA, stamp, content_type="application/timestamp-reply")
        yield mock


def head(count=1):
    for _ in range(count):
        append_system("sign-in.failed")
    sequence()
    return Checkpoint.objects.last()


def made():
    return [(row.way, row.size) for row in LogAnchor.objects.order_by("pk")]


def test_anchor_takes_every_way_that_is_on_once_for_each_size(folder_way, tsa, settings):
    settings.ANCHOR_MAIL = ["dpo@example.org"]
    point = head()
    anchor(point)
    anchor(point)
    assert made() == [("timestamp", 2), ("mail", 2), ("file", 2)]
    assert verify(own_trust(), list(kept_anchors())).passed


def test_anchor_by_a_file_writes_it_once_for_nobody_to_change(folder_way):
    point = head()
    anchor(point)
    (path,) = folder_way.iterdir()
    assert (path.read_text(), path.stat().st_mode & 0o777) == (point.note, 0o440)
    at, root = LogAnchor.objects.get().at, bytes(point.root).hex()[:8]
    assert path.name == f"2-{root}-{at:%Y%m%dT%H%M%SZ}.checkpoint"


def test_anchor_by_mail_carries_the_checkpoint_and_no_person(settings):
    settings.ANCHOR_MAIL = ["dpo@example.org"]
    point = head()
    anchor(point)
    (sent,) = mail.outbox
    assert sent.to == ["dpo@example.org"]
    assert sent.subject == f"Checkpoint of the deletion log, 2 entries, {clock.now():%Y-%m-%d}"
    assert sent.attachments == [("2.checkpoint", point.note, "text/plain")]
    assert point.note in sent.body


def test_anchor_by_a_time_stamp_keeps_a_token_that_was_checked(tsa):
    point = head()
    anchor(point)
    row = LogAnchor.objects.get()
    found = anchors.read(anchors.wrap(row.note, bytes(row.token)), own_trust())
    assert (found.kind, found.size, found.at) == ("timestamp", 2, row.at)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 503},
        {"body": b"nonsense", "content_type": "application/timestamp-reply"},
        {"body": b"", "content_type": "application/timestamp-reply"},
        {"body": b"<html>", "content_type": "text/html"},
        {"body": TimeoutError()},
    ],
    ids=["busy", "garbage", "empty", "page", "time-out"],
)
def test_anchor_when_the_authority_answers_otherwise_keeps_nothing_and_goes_on(
    tsa, folder_way, answer
):
    tsa.replace(responses.POST, TSA, **answer)
    anchor(head())
    assert made() == [("file", 2)]


def test_anchor_with_a_token_of_an_authority_that_is_not_trusted_keeps_nothing(
    tsa, settings, tmp_path
):
    settings.TSA_ROOT_FILE = authority.root_file(tmp_path, "Another Root")
    anchor(head())
    assert made() == []


def test_anchor_with_a_token_for_another_request_keeps_nothing(tsa):
    tsa.replace(
        responses.POST, TSA, content_type="application/timestamp-reply",
        body=authority.answer(request_of(b"something else"), clock.now()),
    )  # fmt: skip
    anchor(head())
    assert made() == []


def request_of(data):
    return authority.request(data).dump()


def test_anchor_into_a_folder_that_cannot_be_written_keeps_nothing(settings, tmp_path):
    (tmp_path / "a-file").write_text("")
    settings.ANCHOR_FOLDER = str(tmp_path / "a-file")
    anchor(head())
    assert made() == []


def test_anchor_while_the_sequencer_stands_still_waits(folder_way):
    point = head()
    append_system("sign-in.failed")
    clock.advance(timedelta(seconds=61))
    anchor(point)
    assert made() == []


def test_anchor_daily_takes_an_idle_log_again_after_a_day(folder_way):
    head()
    for hours in (0, 23, 1, 24):
        clock.advance(timedelta(hours=hours))
        anchor_daily()
    assert made() == [("file", 2)] * 3


def test_anchor_daily_of_an_empty_log_does_nothing(folder_way):
    anchor_daily()
    assert made() == []


def test_covering_is_the_first_head_that_holds_so_many_entries_of_this_log(folder_way, settings):
    for _ in range(3):
        anchor(head())
    assert [covering(size).size for size in (1, 2, 3, 4)] == [2, 2, 3, 4]
    assert covering(5) is None
    settings.LOG_ORIGIN = "erasure.example.org/log/2"
    assert covering(1) is None


# -- witnesses ---------------------------------------------------------------------------------


@pytest.fixture
def witnessed(settings):
    settings.WITNESSES = [str(WITNESS)]


def cosigned(point, at=None, key=KEY):
    moment = int((at or clock.now()).timestamp())
    return note.cosign(point.note, WITNESS.name, key, moment)


def test_take_cosignature_keeps_it_as_an_anchor_once(witnessed):
    text = cosigned(head())
    rows = [take_cosignature(text) for _ in range(2)]
    assert rows[0] == rows[1]
    assert made() == [("witness", 2)]
    assert covering(2).by == WITNESS.name
    assert verify(own_trust(), list(kept_anchors())).passed


def test_take_cosignature_of_an_idle_log_on_another_day_keeps_both(witnessed):
    point = head()
    for _ in range(2):
        take_cosignature(cosigned(point))
        clock.advance(timedelta(days=1))
    assert made() == [("witness", 2)] * 2


def foreign(point):
    return cosigned(point, key=Ed25519PrivateKey.from_private_bytes(b"x" * 32))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (lambda point: point.note, "No witness of ERASURE_WITNESSES"),
        (foreign, "No witness of ERASURE_WITNESSES"),
        (lambda point: cosigned(point).replace("\n2\n", "\n3\n"), "signature of .* is wrong"),
        (lambda point: "nonsense", "not a signed note"),
        (lambda point: cosigned(point, clock.now() + timedelta(minutes=6)), "ahead of time"),
    ],
    ids=["bare", "forged", "altered", "nonsense", "ahead"],
)
def test_take_cosignature_of_anything_else_is_refused(witnessed, text, sentence):
    point = head()
    with pytest.raises(TamperedError, match=sentence):
        take_cosignature(text(point))
    assert made() == []


def test_take_cosignature_of_a_witness_nobody_named_is_refused():
    with pytest.raises(TamperedError, match="No witness"):
        take_cosignature(cosigned(head()))


def test_take_cosignature_of_a_head_this_log_never_had_is_refused(witnessed, unguarded):
    point = head()
    text = cosigned(point)
    with unguarded("erasure_checkpoint"):
        Checkpoint.objects.update(size=5)
    with pytest.raises(TamperedError, match="no checkpoint of this log"):
        take_cosignature(text)


def test_take_cosignature_of_an_old_head_after_the_log_went_on_is_refused(witnessed):
    """Its time would say that the entries since were dated back."""
    point = head()
    head()
    clock.advance(timedelta(minutes=6))
    with pytest.raises(StaleError):
        take_cosignature(cosigned(point))


def test_take_cosignature_while_the_sequencer_stands_still_is_refused(witnessed):
    point = head()
    append_system("sign-in.failed")
    clock.advance(timedelta(minutes=6))
    with pytest.raises(StaleError):
        take_cosignature(cosigned(point))


def test_folder_of_anchors_lies_outside_the_database(folder_way):
    anchor(head())
    assert [Path(name).suffix for name, _ in kept_anchors()] == [""]
    LogAnchor.objects.all().delete()
    assert [Path(name).suffix for name, _ in kept_anchors()] == [".checkpoint"]
