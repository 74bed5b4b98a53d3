"""Vendors that say yes and do nothing, credentials that lose sight: nothing is believed."""

from datetime import timedelta

from erasure import clock, review
from erasure.connectors.genesys.stores import RECORDED
from erasure.connectors.genesys.subjects import GdprSubjects
from erasure.discovery import discover
from erasure.values import Identifier, IdentifierKind
from tests.world import DAY, HOUR, TO_THE_END, again, states

UNPROVEN = (
    "Not proven: the control record of this store is no longer visible to the credential. "
    "Restore its permissions and divisions; it is read again by itself."
)


def test_case_at_a_vendor_that_lies_never_completes(world):
    case = world.executing("held")
    before = world.held("held")
    world.fault(genesys_lying_vendor=True, salesforce_lying_vendor=True)
    case = world.live(case, *TO_THE_END, *[DAY] * 18)
    assert world.held("held") == before
    stores = ("external_contacts", "gdpr_subjects", *RECORDED, "conversations")
    assert states(case, *stores) == {"FAILED": 8}
    assert case.items.filter(state="ERASED").count() == 0
    assert case.state == "EXECUTING"
    assert states(case, "speech_transcripts") == {"REQUESTED": 3}  # they go with the recordings
    assert states(case) == {"FAILED": 16, "REQUESTED": 3}
    assert case.waiting_for.startswith("16 items need a person. ")
    assert case.certificates.count() == 0


def test_lie_that_is_mended_by_a_retry_ends_erased(world):
    case = world.executing("held")
    world.fault(salesforce_lying_vendor=True)
    case = world.live(case, *TO_THE_END, *[DAY] * 5)
    failed = case.items.filter(state="FAILED")
    assert {item.line for item in failed} == {"crm.cases", "crm.contacts"}
    world.fault(salesforce_lying_vendor=False)
    for item in failed:
        review.settle_by_hand(item.pk, "retry", actor=world.officer, reason="")
    case = world.live(case, *TO_THE_END)
    in_the_bin = case.items.exclude(state="ERASED")  # one by one there is no other way
    assert {(item.line, item.recoverable_until is None) for item in in_the_bin} == {
        ("crm.contacts", False)
    }
    case = world.live(case, 17 * DAY)
    assert set(states(case)) == {"ERASED"}


def test_absence_is_not_proven_while_the_division_is_out_of_sight(world):
    case = world.executing("siobhan")  # all of hers lies in the division that gets lost
    world.options(recording_removal_seconds=1)
    world.fault(genesys_division_lost="Sales")
    case = world.live(case, *TO_THE_END, 7 * HOUR)
    open_items = case.items.filter(state="REQUESTED", division__gt="")
    assert open_items.count() > 0
    assert {item.reason for item in open_items} == {UNPROVEN}
    assert (case.state, case.waiting_for.endswith(UNPROVEN)) == ("AWAITING_VENDOR", True)
    assert case.items.filter(state="ERASED", division__gt="").count() == 0


def test_control_seen_through_another_division_proves_nothing(world):
    for each in world.org.conversations.values():
        if each.person != "jo1" and "Home" in each.divisions:
            each.divisions = ("Home", "Sales")
    case = world.executing("jo1")
    world.fault(genesys_lying_vendor=True)
    world.fault(genesys_division_lost="Home")
    case = world.live(case, *TO_THE_END, DAY)
    assert states(case, "voice_recordings", "conversations", "evaluations")["ERASED"] == 0


def test_case_goes_on_by_itself_when_the_division_is_back(world):
    case = world.executing("held")
    case = world.work(case)
    world.fault(genesys_division_lost="Home")
    case = world.live(case, *TO_THE_END)
    assert case.items.filter(state="REQUESTED").count() > 0
    world.fault(genesys_division_lost=False)
    case = world.live(case, *[7 * HOUR] * 12)
    assert set(states(case)) <= {"ERASED", "FAILED"}
    assert case.items.filter(state="REQUESTED").count() == 0


def test_permission_lost_at_the_read_back_is_told_and_waited_for(world):
    case = world.executing("held")
    case = world.live(case, HOUR)
    world.fault(genesys_permission_lost="analytics:conversationDetail:view")
    case = world.live(case, *TO_THE_END)
    rows = case.items.filter(store="conversations")
    assert {item.reason for item in rows} == {
        "Could not be read back: GET /api/v2/analytics/conversations/details answered 403"
        " missing.any.permissions (analytics:conversationDetail:view,"
        " analytics:agentConversationDetail:view)"
    }
    world.fault(genesys_permission_lost="")
    case = world.live(case, 7 * HOUR)
    assert set(states(case)) == {"ERASED"}
    assert again(case).waiting_for.startswith("Everything is settled.")


def test_native_job_that_ends_in_error_is_told_and_can_be_asked_for_again(world):
    case = world.executing("held")
    world.fault(genesys_gdpr_error=True)
    case = world.live(case, *[HOUR] * 5)
    failed = case.items.filter(state="FAILED")
    assert {item.reason for item in failed} == {"the vendor ended the request with an error"}
    world.fault(genesys_gdpr_error=False)
    for item in failed:
        review.settle_by_hand(item.pk, "retry", actor=world.officer, reason="")
    case = world.live(case, *TO_THE_END)
    assert set(states(case)) == {"ERASED"}
    assert world.calls("POST", "/gdpr/requests") == 2


def test_contact_that_comes_back_after_a_native_job_is_found_by_a_new_search(world):
    world.fault(genesys_contact_recreated=30)
    case = world.live(world.executing("held"), *TO_THE_END)
    assert set(states(case)) == {"ERASED"}  # what was approved is gone, by its own id
    clock.advance(timedelta(hours=1))
    assert world.held("held") == {"genesys.external_contacts": 1}
    later = world.searched("held")
    assert later.items.filter(store="external_contacts").count() == 1


def test_credential_of_another_organisation_searches_nothing(world):
    world.genesys.organisation_id = "00000000-0000-4000-8000-00000000dead"
    world.genesys.save()
    case = world.searched("jo1")
    rows = case.searches.filter(connection=world.genesys)
    assert set(rows.values_list("status", "note")) == {
        ("UNANSWERED", "the credential belongs to another organisation")
    }
    assert case.items.filter(connection=world.genesys).count() == 0


def test_credential_that_reaches_another_organisation_later_erases_nothing(world):
    case = world.executing("jo1")
    before = world.held("jo1")["genesys.voice_recordings"]
    world.genesys.organisation_id = "00000000-0000-4000-8000-00000000dead"
    world.genesys.save()
    case = world.live(case, *TO_THE_END)
    assert (before, world.held("jo1")["genesys.voice_recordings"]) == (2, 2)
    rows = case.items.filter(connection=world.genesys, state="FAILED", log_number__isnull=False)
    assert {item.reason for item in rows} == {"the credential belongs to another organisation"}


def test_subject_found_by_name_alone_is_not_proven_gone_by_other_searches(world):
    case = world.searched("jo1")
    leads = [item.pk for item in case.items.filter(lead=True, store="gdpr_subjects")]
    for item in leads:
        review.decide_item(item, "erase", actor=world.officer)
    world.fault(genesys_lying_vendor=True)
    case = world.live(world.approve(again(case)), *TO_THE_END, DAY)
    assert [len(leads), case.items.filter(pk__in=leads, state="ERASED").count()] == [1, 0]


def test_subject_control_that_cannot_be_searched_proves_nothing(world, monkeypatch):
    case = world.searched("jo1")
    other = world.org.contacts[case.controls.get(store="gdpr_subjects").remote_id]
    other.emails.clear()
    other.phones.clear()
    other.external_ids, other.whatsapp = (), ""
    case = world.approve(case)
    monkeypatch.setattr(GdprSubjects, "search", lambda self, who: [])
    case = world.live(case, *TO_THE_END, DAY)
    assert states(case, "gdpr_subjects")["ERASED"] == 0


def test_row_that_keeps_a_name_nobody_told_is_not_redacted(world):
    case = world.request("", Identifier(IdentifierKind.EMAIL, world.person("jo1").email))
    assert discover(case.pk)
    case = world.approve(again(case))
    world.fault(genesys_lying_vendor=True)
    for each in world.org.conversations.values():
        if each.person == "jo1":
            each.address = each.subject = ""
            each.attributes = {}
    case = world.live(case, *TO_THE_END, DAY)
    assert states(case, "conversations")["ERASED"] == 0
