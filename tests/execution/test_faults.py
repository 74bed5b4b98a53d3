"""A network that breaks while records are being erased: late, but never silent, never twice."""

import pytest

from erasure.connectors.genesys.stores import RECORDED
from erasure.models import DataItem
from tests.execution.fakes import outcomes
from tests.world import DAY, HOUR, MINUTE, TO_THE_END, states

SOON = [MINUTE, 5 * MINUTE, 30 * MINUTE]


@pytest.mark.parametrize("fault", ["5xx", "429"])
def test_busy_vendor_is_waited_for_and_all_is_erased(world, fault):
    case = world.executing("held")
    for vendor in ("genesys", "salesforce"):
        assert world.app.fault(f"{vendor}.{fault}", 0.3)
    case = world.live(case, *SOON, *TO_THE_END, *[DAY] * 2)
    for vendor in ("genesys", "salesforce"):
        world.app.fault(f"{vendor}.{fault}", 0)
    case = world.live(case, *TO_THE_END)
    assert set(states(case)) == {"ERASED"}
    assert world.held("held") == {}


def test_vendor_that_stays_away_ends_in_failed_items_with_a_reason(world):
    case = world.executing("held")
    world.fault(genesys_down=True, salesforce_5xx=1)
    case = world.live(case, *[20 * MINUTE] * 20)
    assert states(case) == {"FAILED": 19}
    failed = case.items.all()
    assert {item.reason.partition(". ")[0] for item in failed} == {"Given up after 8 attempts"}
    assert {item.tries.count() for item in failed} == {8}
    assert case.waiting_for.startswith("19 items need a person. ")
    assert ": Given up after 8 attempts. " in case.waiting_for
    assert len(world.held("held")) > 0


def test_sign_in_page_instead_of_an_answer_is_no_success(world):
    case = world.executing("held")
    world.fault(genesys_html=True, salesforce_html=True)
    case = world.live(case, HOUR)
    assert case.items.filter(state="ERASED").count() == 0
    told = {item.reason for item in case.items.filter(state="FAILED", store="gdpr_subjects")}
    assert told == {"POST /api/v2/gdpr/requests answered 200 with a body we cannot read"}


def test_answer_that_is_cut_off_is_no_success(world):
    case = world.executing("held")
    world.fault(genesys_truncated=True, salesforce_truncated=True)
    case = world.live(case, HOUR)
    assert case.items.filter(state="ERASED").count() == 0


@pytest.mark.parametrize("fault", ["reset-before", "reset-after"])
def test_lost_answers_lead_to_no_second_native_request(world, fault):
    case = world.executing("held")
    world.app.fault(f"genesys.{fault}", 3)
    case = world.live(case, *SOON, *TO_THE_END)
    assert set(states(case)) == {"ERASED"}
    assert len(world.org.gdpr_requests) == 1


@pytest.mark.parametrize("lost", [1, 2, 4])
def test_lost_answers_lead_to_no_second_recording_job(world, lost):
    case = world.executing("held")
    DataItem.objects.filter(case=case).exclude(store="voice_recordings").delete()
    world.app.fault("genesys.reset-after", lost)
    case = world.live(case, *SOON, *TO_THE_END)
    assert set(states(case)) == {"ERASED"}
    live = [job for job in world.org.jobs.values() if job.state != "CANCELLED"]
    assert len(live) == 1


def test_each_attempt_ends_with_one_outcome_whatever_the_network_did(world):
    case = world.executing("held")
    world.fault(genesys_reset_after=4, salesforce_reset_before=2)
    case = world.live(case, *SOON, *TO_THE_END)
    for item in case.items.all():
        numbers = list(item.tries.values_list("number", flat=True))
        assert numbers == list(range(1, item.attempts + 1))
        assert [one.outcome for one in item.tries.all()][-1] in ("VERIFIED", "ANONYMISED")
        tries = [row[3] for row in outcomes(case) if row[0] == item.number and row[1] == "erase"]
        assert tries == sorted(set(tries))


def test_permission_lost_at_the_call_fails_and_names_it(world):
    case = world.executing("held")
    world.fault(genesys_permission_lost="quality:evaluation:delete")
    case = world.live(case, HOUR)
    [item] = case.items.filter(store="evaluations")
    assert (item.state, item.reason) == (
        "FAILED",
        "DELETE /api/v2/quality/conversations/{conversationId}/evaluations/{evaluationId}"
        " answered 403 missing.permissions (quality:evaluation:delete)",
    )


def test_full_job_queue_of_the_vendor_is_waited_for(world):
    case = world.executing("held")
    world.options(max_jobs=0)
    case = world.work(case)
    assert states(case, "voice_recordings", "email_transcripts")["PLANNED"] == 2
    world.options(max_jobs=2)
    case = world.live(case, *SOON, *TO_THE_END)
    assert set(states(case)) == {"ERASED"}


def test_recording_job_that_fails_at_the_vendor_is_told(world):
    case = world.executing("held")
    world.fault(genesys_recording_job_fails=True)
    case = world.live(case, MINUTE)
    failed = case.items.filter(store__in=RECORDED, state="FAILED")
    assert [item.reason for item in failed] == ["the vendor ended the job"] * 2
