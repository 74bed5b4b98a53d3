from datetime import timedelta

import pytest

from erasure import clock
from erasure.ledger.append import append_system
from erasure.ledger.keys import signer
from erasure.ledger.sequencer import sequence
from erasure.models import Checkpoint, LogAnchor, LogEntry
from erasure.proof import merkle
from erasure.proof.encoding import unhash
from erasure.proof.witness.folder import Witness
from erasure.proof.witness.offer import Offer
from tests.ledger.given import wait_in_outbox

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_log(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(tmp_path / "clock"))


@pytest.fixture
def witness(settings, tmp_path):
    made = Witness.make(tmp_path / "w", "dpo.example.org")
    settings.WITNESSES = [str(made.vkey)]
    return made


def grow(count):
    wait_in_outbox(count)
    sequence()
    return Checkpoint.objects.last()


def text(client, url, status=200, **query):
    answer = client.get(url, query)
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/plain; charset=utf-8")
    return answer.content.decode()


def post(client, body):
    return client.post("/log/cosignature", body, content_type="text/plain")


def test_checkpoint_is_the_signed_head_and_is_not_kept_in_between(client):
    point = grow(3)
    answer = client.get("/log/checkpoint")
    assert answer.content.decode() == point.note
    assert "no-store" in answer["Cache-Control"]


def test_checkpoint_of_an_empty_log_is_not_found(client):
    assert text(client, "/log/checkpoint", 404) == "The log is empty.\n"


def test_checkpoint_while_the_sequencer_stands_still_is_not_given(client):
    grow(1)
    append_system("sign-in.failed")
    clock.advance(timedelta(seconds=61))
    text(client, "/log/checkpoint", 503)


def test_consistency_proves_that_the_log_grew(client):
    grow(300)
    leaves = [bytes(leaf) for leaf in LogEntry.objects.values_list("leaf_hash", flat=True)]
    proof = [unhash(row) for row in text(client, "/log/consistency", old=7, new=301).splitlines()]
    roots = merkle.root(leaves[:7]), merkle.root(leaves)
    assert merkle.verify_consistency(7, 301, *roots, proof)
    assert text(client, "/log/consistency", old=301, new=301) == ""


@pytest.mark.parametrize(
    "query",
    [{}, {"old": "0", "new": "2"}, {"old": "1", "new": "3"}, {"old": "2", "new": "1"},
     {"old": "x", "new": "2"}, {"old": "-1", "new": "2"}, {"old": "9" * 400, "new": "2"}],
    ids=str,
)  # fmt: skip
def test_consistency_of_sizes_the_log_has_not_is_refused(client, query):
    grow(1)
    text(client, "/log/consistency", 400, **query)


def test_witness_cosigns_what_it_fetched_and_gives_it_back(client, witness):
    for count in (3, 2):
        grow(count)
        offer = Offer(
            text(client, "/log/checkpoint"),
            lambda old, new: [
                unhash(row)
                for row in text(client, "/log/consistency", old=old, new=new).splitlines()
            ],
        )
        moment = int(clock.now().timestamp())
        assert post(client, witness.cosign(offer, [signer().vkey], moment)).status_code == 200
    assert [(row.by, row.size) for row in LogAnchor.objects.all()] == [
        ("dpo.example.org", 4),
        ("dpo.example.org", 6),
    ]


def cosigned(witness, point):
    offer = Offer(point.note, lambda old, new: [])
    return witness.cosign(offer, [signer().vkey], int(clock.now().timestamp()))


def test_cosignature_of_a_head_the_log_went_on_from_asks_for_the_present_one(client, witness):
    point = grow(1)
    grow(1)
    clock.advance(timedelta(minutes=6))
    assert post(client, cosigned(witness, point)).status_code == 409


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"\xff", 400), (b"nonsense", 400), (b"x" * 20_000, 413)]
)
def test_cosignature_that_is_none_is_refused(client, body, status):
    grow(1)
    assert post(client, body).status_code == status
    assert LogAnchor.objects.count() == 0


def test_pages_of_the_log_are_limited_for_each_network(client, monkeypatch):
    monkeypatch.setattr("erasure.web.log.MOST_AN_HOUR", 2)
    grow(1)
    assert [client.get("/log/checkpoint").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("page", ["checkpoint", "consistency"])
def test_pages_of_the_log_are_only_read(client, page):
    assert client.post(f"/log/{page}").status_code == 405
    assert client.get("/log/cosignature").status_code == 405
