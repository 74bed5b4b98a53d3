"""Halt: no new call starts, what can be cancelled is, and the case can go on later."""

from erasure import clock, execution, tasks
from erasure.cases import move
from erasure.models import Actor, ErasureCase, VendorJob
from erasure.values import CaseState, ItemState, Role, Step
from tests.factories import make_user
from tests.world import HOUR, MINUTE, TO_THE_END, again, states


def halt(case, actor):
    return move(case.pk, Step.HALT, actor=actor)


def test_halt_in_the_middle_lets_no_further_call_leave(bench, remote):
    case = bench.case(plain=3)
    officer = Actor.of(make_user(Role.OFFICER))

    def stop(refs):
        if remote.sent:
            remote.before = lambda refs: None
            halt(case, officer)

    remote.before = stop
    execution.drain(bench.connection.pk, clock.now() + MINUTE)
    assert (remote.sent, again(case).state) == (["r-0"], CaseState.DPO_REVIEW)
    assert states(case)[ItemState.PLANNED] == 2
    second = case.items.get(number=1)
    assert second.reason == "Execution was halted."


def test_halt_cancels_the_bulk_job_and_goes_back_to_review(world):
    case = world.executing("held")
    world.options(job_step_seconds=600)
    case = world.work(case)
    halt(case, world.officer)
    before = len(world.app.requests())
    tasks.wake(str(case.pk))
    jobs = VendorJob.objects.filter(kind="recording_delete")  # calls, and e-mails
    assert [world.org.jobs[job.remote_id].state for job in jobs] == ["CANCELLED"] * 2
    for _ in range(3):
        clock.advance(HOUR)
        world.work(case)
        tasks.wake(str(case.pk))
    assert again(case).state == CaseState.DPO_REVIEW
    sent = {one["method"] for one in world.app.requests()[before:]}
    assert sent == {"GET", "DELETE"}  # polls, and the cancelled jobs
    assert world.calls("DELETE", since=before) == 2


def test_halted_case_goes_on_to_its_end_when_it_is_approved_again(world):
    case = world.executing("held")
    world.options(job_step_seconds=600)
    case = world.work(case)
    halt(case, world.officer)
    tasks.wake(str(case.pk))
    world.options(job_step_seconds=0.01)
    case = world.live(world.approve(again(case)), *TO_THE_END)
    assert set(states(case)) == {"ERASED"}
    assert world.answer(case).state == "COMPLETE"
    assert world.calls("POST", "/gdpr/requests") == 1
    assert ErasureCase.objects.get(pk=case.pk).approved_by == world.dpo.user
