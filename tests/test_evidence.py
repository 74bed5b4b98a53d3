"""The certificate: it waits for the log, says what was proven, and can be checked by anybody."""

import json
from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from erasure import clock, evidence, holds, review
from erasure.cases import locked, move
from erasure.discovery import discover
from erasure.errors import BusyError, KeyMissingError
from erasure.evidence.seal import long_term_roots, require_good
from erasure.ledger import daily, sequencer
from erasure.ledger.append import append
from erasure.ledger.recovery import recover
from erasure.models import Certificate, Hold, SystemConnection
from erasure.proof import files, report
from erasure.sealing.sign import seal_pdf
from erasure.values import HoldScope, Role, Step
from tests.documents.given import rendered
from tests.proof import authority
from tests.sealing import lists
from tests.sealing.given import seal
from tests.world import TO_THE_END, World, again, moving, served, world

__all__ = ["moving", "served", "world"]


@pytest.fixture
def ended(world):
    """A case that is complete; nothing is certified yet."""
    case = world.live(world.executing("siobhan"), *TO_THE_END)
    return world.answer(case)


@pytest.fixture
def check(tmp_path, capsys):
    """The exit status of the verifier for a file's bytes, and what it printed."""

    def run(data, name="certificate.json", *, before=b"", trust=None):
        trust = trust or evidence.write_trust(tmp_path)
        (tmp_path / name).write_bytes(bytes(data))
        given = [str(tmp_path / name), "--trust", str(trust)]
        if before:
            (tmp_path / "before.json").write_bytes(bytes(before))
            given += ["--previous", str(tmp_path / "before.json")]
        return report.main(given), capsys.readouterr().out

    return run


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return SimpleNamespace(folder=tmp_path_factory.mktemp("certified"), pdf=b"")


@pytest.fixture
def certified(request, kept):
    """What was issued for a complete case, made once, for tests that only read it."""
    if not kept.pdf:
        world, ended = request.getfixturevalue("world"), request.getfixturevalue("ended")
        row = world.certify(ended)
        kept.due = again(ended).certificate_due
        kept.person = tuple(world.person("siobhan").identifiers())
        kept.trust = evidence.write_trust(kept.folder)
        kept.document, kept.bundle = bytes(row.document), bytes(row.bundle)
        kept.authority, kept.pdf = evidence.authority_edition(row), bytes(row.pdf)
    return kept


def hold_first_conversation(world: World, case):
    item = case.items.filter(store="voice_recordings").order_by("occurred_at")[0]
    hold = Hold(
        reference="MATTER-7", scope=HoldScope.CONVERSATION, article="17(3)(e)", reason="A claim.",
        public_wording="Kept for a legal claim.", placed_by=world.legal.user,
        review_on=clock.now().date() + timedelta(days=90),
    )  # fmt: skip
    return holds.place(
        hold, actor=world.legal, conversations=[(world.genesys, item.locator["parent_id"])]
    )


def release(world, case):
    second, third = world.staff(Role.LEGAL), world.staff(Role.LEGAL)
    for hold in Hold.objects.all():
        holds.propose_release(hold.pk, actor=second)
        holds.confirm_release(hold.pk, actor=third)
    world.lift()
    move(case.pk, Step.RELEASE, actor=third)


def entries_of(certificate, folder):
    path = folder / "edition.json"
    path.write_bytes(bytes(certificate.bundle))
    return files.read(path).files["entries.jsonl"]


def value(certificate):
    return json.loads(bytes(certificate.document))


def test_certificate_passes_in_both_editions(certified, check):
    trust = certified.trust
    assert check(certified.pdf, "certificate.pdf", trust=trust)[0] == report.PASSED
    assert check(certified.bundle, trust=trust)[0] == report.PASSED
    assert json.loads(certified.document)["case"]["status"] == "COMPLETE"
    assert certified.due is False


def test_certificate_says_until_when_backups_of_each_system_hold_what_was_erased(world, ended):
    world.genesys.options |= {"backup_days": 35}
    world.genesys.save()
    last = ended.items.filter(connection=world.genesys).latest("ended_at").ended_at
    until = last.astimezone(ZoneInfo(ended.zone)).date() + timedelta(days=35)
    stated = value(world.certify(ended))["backups"]
    assert {"connection": "genesys-eu", "overwritten_by": until.isoformat()} in stated
    assert {one["connection"] for one in stated} == set(
        ended.items.filter(state="ERASED").values_list("connection__slug", flat=True)
    )


def test_certificate_holds_nothing_of_the_person(certified):
    for data in (certified.document, certified.pdf, certified.bundle):
        text = data.decode("utf-8", "replace").lower()
        assert [one for one in certified.person if one.lower() in text] == []


def test_authority_edition_opens_every_entry_and_the_identifiers(certified, check):
    status, said = check(certified.authority, "authority.pdf", trust=certified.trust)
    assert (status, said.splitlines()[11][:11]) == (report.PASSED, "V12 passed ")


def test_authority_edition_without_the_inventory_opens_no_identifier(world, ended, check):
    certificate = world.certify(ended)
    ended.identifiers.update(value_sealed=b"")
    status, said = check(evidence.authority_edition(certificate), "authority.pdf")
    assert status == report.PASSED
    assert said.splitlines()[11] == (
        "V12 skipped Every private half of an entry is what was recorded at the time. The "
        f"identifiers ({len(value(certificate)['subject']['identifiers'])}) are not opened: "
        "they are destroyed before the rest of a case."
    )


def test_authority_edition_of_a_shredded_case_is_refused(world, ended):
    certificate = world.certify(ended)
    ended.secrets.filter(purpose="log").delete()
    with pytest.raises(KeyMissingError):
        evidence.authority_edition(Certificate.objects.get(pk=certificate.pk))


@pytest.fixture
def own_file(settings, tmp_path):
    """A seal in a file that may be changed."""
    settings.SEAL_FILE = tmp_path / "seal.pem"
    settings.SEAL_FILE.write_bytes(seal().pem())
    return settings.SEAL_FILE


def rotate(*given):
    call_command("evidence_keys", "rotate", "seal", "--name", "Example Ltd", *given)


@pytest.mark.usefixtures("own_file")
def test_certificate_of_an_earlier_seal_still_gets_its_authority_edition(world, ended, check):
    certificate = world.certify(ended)
    rotate()
    assert check(evidence.authority_edition(certificate), "authority.pdf")[0] == report.PASSED


@pytest.mark.usefixtures("own_file")
def test_certificate_begun_under_an_earlier_seal_is_finished_with_it(world, ended, check):
    sequencer.sequence()
    assert evidence.issue(ended.pk) is None
    assert Certificate.objects.get().stage == Certificate.APPENDED
    rotate()
    certificate = world.certify(ended)
    assert value(certificate)["seal"]["x509_sha256"] == seal().sha256
    assert check(certificate.pdf, "certificate.pdf")[0] == report.PASSED


def test_certificate_of_an_earlier_seal_that_was_destroyed_says_so(world, ended, own_file):
    certificate = world.certify(ended)
    rotate("--destroy-old")
    with pytest.raises(KeyMissingError) as refused:
        evidence.authority_edition(certificate)
    assert str(refused.value) == (
        "The certificate names an earlier seal that was not kept: set ERASURE_SEAL_FILE to that "
        "one to go on."
    )
    assert sorted(one.name for one in own_file.parent.glob("*seal.pem*")) == [
        "seal.pem", "seal.pem.retired",
    ]  # fmt: skip


def test_certificate_waits_for_its_seal_and_says_so(world, ended, settings):
    here = settings.SEAL_FILE
    settings.SEAL_FILE = "/none"
    settings.DEVELOPMENT = False
    sequencer.sequence()
    assert evidence.issue(ended.pk) is None
    assert again(ended).waiting_for == (
        "The certificate waits: The seal key cannot be read (ERASURE_SEAL_FILE)."
    )
    settings.SEAL_FILE, settings.DEVELOPMENT = here, True  # it may have to be made first
    world.certify(ended)
    assert again(ended).waiting_for == ""


def use_authority(settings, folder):
    settings.TSA_URL = "https://tsa.example.org/"
    settings.TSA_ROOT_FILE = authority.root_file(folder)


def stamp(replies, url, by=authority.answer, **given):
    """A time-stamp authority at this address; it may be of another root."""
    kind = {"Content-Type": "application/timestamp-reply"}
    replies.add_callback(
        "POST", url, lambda request: (200, kind, by(request.body, clock.now(), **given))
    )


def test_certificate_waits_for_a_time_stamp_of_the_authority_that_is_set(
    world, ended, settings, replies, tmp_path, check
):
    use_authority(settings, tmp_path)
    down = replies.post(settings.TSA_URL, status=503)
    with pytest.raises(AssertionError):
        world.certify(ended)
    assert Certificate.objects.get().stage == Certificate.RENDERED
    assert again(ended).waiting_for == (
        "The certificate waits: The time-stamp authority does not answer."
    )
    replies.remove(down)
    stamp(replies, settings.TSA_URL, issuer="Another Root")
    assert evidence.issue(ended.pk) is None
    assert again(ended).waiting_for == (
        "The certificate waits: It cannot be sealed: The signature of the PDF has a time-stamp "
        "that is wrong or of no trusted authority."
    )
    replies.remove("POST", settings.TSA_URL)
    stamp(replies, settings.TSA_URL)
    issued = evidence.issue(ended.pk)
    status, said = check(issued.pdf, "certificate.pdf")
    assert (status, ", time-stamped " in said) == (report.PASSED, True)


def test_certificate_whose_pdf_cannot_be_sealed_waits_and_says_so(
    world, ended, settings, replies, tmp_path
):
    use_authority(settings, tmp_path)
    replies.post(settings.TSA_URL, status=503)
    with pytest.raises(AssertionError):
        world.certify(ended)
    settings.TSA_URL = ""
    ended.certificates.filter(stage=Certificate.RENDERED).update(pdf=b"no PDF")
    assert evidence.issue(ended.pk) is None
    assert again(ended).waiting_for == "The certificate waits: The PDF cannot be sealed."
    ended.certificates.update(stage=Certificate.ANCHORED)
    assert world.certify(ended).stage == Certificate.ISSUED
    assert again(ended).waiting_for == ""


def test_certificate_that_another_process_issued_meanwhile_does_not_wait(
    world, ended, settings, replies, tmp_path
):
    use_authority(settings, tmp_path)
    replies.post(settings.TSA_URL, status=503)
    with pytest.raises(AssertionError):
        world.certify(ended)
    issued = []

    def another_process(execute, sql, params, many, context):
        """It issues the certificate after ours failed, before that is said on the case."""
        if not issued and 'SET "waiting_for"' in sql:
            settings.TSA_URL = ""
            issued.append(None)
            issued[0] = evidence.issue(ended.pk).stage
        return execute(sql, params, many, context)

    with connection.execute_wrapper(another_process):
        assert evidence.issue(ended.pk) is None
    assert issued == [Certificate.ISSUED]
    assert (again(ended).waiting_for, again(ended).certificate_due) == ("", False)


@pytest.fixture
def lasting(settings, replies, tmp_path):
    """A seal and an authority that can be asked about; their lists are served by the test."""
    (tmp_path / "seal.pem").write_bytes(lists.seal(bits=3072).pem())
    root = tmp_path / "stamps.pem"
    root.write_bytes(lists.stamps_root().certificate.public_bytes(lists.PEM))
    settings.SEAL_FILE, settings.SEAL_LONG_TERM = tmp_path / "seal.pem", True
    settings.TSA_URL, settings.TSA_ROOT_FILE = "https://tsa.example.org/", str(root)
    replies.assert_all_requests_are_fired = False
    stamp(replies, settings.TSA_URL, by=lists.stamped)
    return settings


def test_certificate_waits_for_the_lists_and_proves_that_nothing_was_revoked(
    world, ended, lasting, replies, check
):
    lists.serve(replies, clock.now(), seals_authority=503)
    with pytest.raises(AssertionError):
        world.certify(ended)
    assert Certificate.objects.get().stage == Certificate.RENDERED
    assert again(ended).waiting_for == (
        "The certificate waits: Whether a certificate of the seal was revoked is not known: its "
        "issuer names no address, does not answer, or says what cannot be trusted."
    )
    replies.reset()
    stamp(replies, lasting.TSA_URL, by=lists.stamped)
    lists.serve(replies, clock.now())
    issued = evidence.issue(ended.pk)
    assert (issued.stage, again(ended).waiting_for) == (Certificate.ISSUED, "")
    proven = "; nothing of either had been revoked by then."
    for data in (issued.pdf, evidence.authority_edition(issued)):
        status, said = check(data, "certificate.pdf")
        assert (status, said.splitlines()[0].endswith(proven)) == (report.PASSED, True)


class TwoHands(DummyTimeStamper):
    """An authority of two machines: who is looked at beforehand is not the one who stamps."""

    def request_tsa_response(self, req):
        answer = super().request_tsa_response(req)
        self.tsa_cert, self.tsa_key = lists.own(lists.other_stamping())
        self.certs_to_embed = [lists.known(lists.other_stamping().issuer)]
        return answer


def test_pdf_stamped_by_another_than_was_asked_about_does_not_leave(lasting, replies):
    lists.serve(replies, clock.now())
    at = clock.now().replace(microsecond=0)
    stamper = TwoHands(*lists.own(lists.stamping()), fixed_dt=at)
    pdf = seal_pdf(rendered(), lists.seal(), at, stamper, tsa_roots=long_term_roots())
    require_good(pdf, lists.seal(), unrevoked=False)
    with pytest.raises(BusyError) as refused:
        require_good(pdf, lists.seal(), unrevoked=True)
    assert str(refused.value) == (
        "It cannot be sealed: the PDF does not prove that nothing was revoked."
    )


def test_certificate_is_not_sealed_once_the_seal_is_revoked(world, ended, lasting, replies):
    revoked = lists.listed(lists.seals_authority(), clock.now(), lists.sealing(bits=3072))
    lists.serve(replies, clock.now(), seals_authority=revoked)
    with pytest.raises(AssertionError):
        world.certify(ended)
    assert Certificate.objects.get().stage == Certificate.RENDERED
    assert again(ended).waiting_for == (
        "The certificate waits: A certificate of the seal was revoked (ERASURE_SEAL_FILE)."
    )


def test_certificate_waits_until_a_head_over_it_is_outside_and_says_so(world, ended, settings):
    settings.ANCHOR_FOLDER = ""
    for _ in range(2):
        sequencer.sequence()
        assert evidence.issue(ended.pk) is None
    assert again(ended).waiting_for == (
        "The certificate waits: no witness, time-stamp, mail or file holds the log's head outside "
        "yet."
    )
    settings.ANCHOR_FOLDER = None
    assert world.certify(ended).stage == Certificate.ISSUED
    assert again(ended).waiting_for == ""


def test_log_of_a_whole_case_passes_its_verification(world, ended):
    world.certify(ended)
    report = daily.verify_daily()
    assert [one.text for one in report.findings if one.state != "passed"] == []
    assert [one.text for one in report.findings if one.id == "L6"] == [
        f"Anchors that the log begins with: 1, the largest over {report.size} entries."
    ]


def test_one_flipped_byte_fails(certified, check):
    whole = certified.bundle
    for at in range(7, len(whole), len(whole) // 12):
        data = bytearray(whole)
        data[at] ^= 1
        assert check(data, trust=certified.trust)[0] != report.PASSED


@pytest.mark.parametrize("answers", [False, True])
def test_stores_decided_about_pass_whether_they_answer_later_or_never(world, check, answers):
    """The line of a store that answers after all is dropped: the decision alone is left of it."""
    case = world.answered(world.searched("siobhan"))
    crm = SystemConnection.objects.filter(pk=world.crm.pk)
    crm.update(enabled=False)
    move(case.pk, Step.REDISCOVER, actor=world.officer)
    assert discover(case.pk)
    for search in case.searches.filter(connection=world.crm):
        review.decide_store(search.pk, "ATTESTED", "No interface.", actor=world.dpo)
    crm.update(enabled=True)
    if answers:
        move(case.pk, Step.REDISCOVER, actor=world.officer)
        assert discover(case.pk)
    ended = world.answer(world.live(world.approve(case), *TO_THE_END))
    certificate = world.certify(ended)
    stated = value(certificate)
    without = [
        one for one in stated["not_reached"] if not stated["summary"]["by_store"][one["store"]]
    ]
    assert (bool(stated["not_reached"]), bool(without)) == (True, answers)
    assert check(certificate.bundle)[0] == report.PASSED


def test_certificate_waits_for_the_sequencer(world, ended):
    assert evidence.issue(ended.pk) is None
    assert Certificate.objects.count() == 0
    sequencer.sequence()
    assert evidence.issue(ended.pk) is None  # its own entry has no place in the log yet
    assert Certificate.objects.get().stage == Certificate.APPENDED
    assert evidence.issue(ended.pk) is None
    sequencer.sequence()
    assert evidence.issue(ended.pk).stage == Certificate.ISSUED


def test_certificate_begun_on_a_log_that_was_lost_is_followed_by_one_on_the_next(
    world, ended, check, settings
):
    sequencer.sequence()
    evidence.issue(ended.pk)
    sequencer.sequence()
    begun = Certificate.objects.get()
    settings.LOG_ORIGIN = "erasure.example.org/log/2"
    recover()
    certificate = world.certify(ended)
    assert (begun.stage, certificate.version) == (Certificate.APPENDED, 2)
    assert value(certificate)["certificate"]["supersedes"]["sha256"] == begun.sha256
    assert check(certificate.pdf, "certificate.pdf")[0] == report.PASSED


def test_authority_edition_of_a_certificate_from_a_lost_log_still_passes(
    world, ended, check, settings
):
    certificate = world.certify(ended)
    settings.LOG_ORIGIN = "erasure.example.org/log/2"
    recover()
    assert check(evidence.authority_edition(certificate), "authority.pdf")[0] == report.PASSED


def test_certificate_is_issued_once_however_often_it_is_asked_for(world, ended):
    world.certify(ended)
    for _ in range(3):
        sequencer.sequence()
        assert evidence.issue(ended.pk) is None
    assert Certificate.objects.count() == 1
    assert ended.log.filter(type="certificate").count() == 1


def test_certificate_is_built_again_when_the_case_gains_an_entry_meanwhile(world, ended, check):
    sequencer.sequence()
    came = []

    def another_process(execute, sql, params, many, context):
        """An entry arrives after the lines were read, before the case is locked."""
        rows = execute(sql, params, many, context)
        if not came and 'FROM "erasure_log"' in sql:
            came.append(True)
            with locked(ended.pk) as case:
                append(case, "decision", {"actor": "system"}, decision="NOTE")
        return rows

    with connection.execute_wrapper(another_process):
        assert evidence.issue(ended.pk) is None
    assert (came, Certificate.objects.count()) == ([True], 0)
    certificate = world.certify(ended)
    assert value(certificate)["entries"]["count"] == ended.log.exclude(type="certificate").count()
    assert check(certificate.bundle)[0] == report.PASSED


@pytest.mark.parametrize("state", ["searched", "executing"])
def test_case_that_has_not_ended_gets_no_certificate(world, state):
    case = getattr(world, state)("siobhan")
    sequencer.sequence()
    assert evidence.issue(case.pk) is None
    assert Certificate.objects.count() == 0


def test_partial_certificate_lists_what_is_kept_and_until_when(world, check):
    case = world.searched("held")
    hold_first_conversation(world, case)
    case = world.answer(world.live(world.approve(case), *TO_THE_END))
    certificate = world.certify(case)
    kept = value(certificate)["retained"]
    review_by = Hold.objects.get().review_on.isoformat()
    assert {(row["store"], row["ground"], row["items"], row["review_by"]) for row in kept} == {
        ("genesys-eu.conversations", "17(3)(e)", 3, review_by),
        ("genesys-eu.participant_attributes", "17(3)(e)", 3, review_by),
        ("genesys-eu.speech_transcripts", "17(3)(e)", 1, review_by),
        ("genesys-eu.gdpr_subjects", "17(3)(e)", 1, review_by),
        ("genesys-eu.voice_recordings", "17(3)(e)", 1, review_by),
        ("genesys-eu.evaluations", "17(3)(e)", 1, review_by),
    }
    assert certificate.status == "PARTIAL_HOLD"
    assert check(certificate.bundle)[0] == report.PASSED


def test_second_version_extends_the_first(world, check, tmp_path):
    case = world.searched("held")
    hold_first_conversation(world, case)
    case = world.answer(world.live(world.approve(case), *TO_THE_END))
    first = world.certify(case)
    release(world, case)
    assert discover(case.pk)
    case = world.answer(world.live(world.approve(again(case)), *TO_THE_END))
    second = world.certify(case)
    assert (second.version, second.status, second.public_id) == (2, "COMPLETE", first.public_id)
    assert value(second)["certificate"]["supersedes"]["sha256"] == first.sha256
    older, newer = (entries_of(one, tmp_path) for one in (first, second))
    assert newer.startswith(older)
    assert check(second.bundle, before=first.bundle)[0] == report.PASSED
    assert check(second.bundle, before=second.bundle)[0] == report.FAILED
