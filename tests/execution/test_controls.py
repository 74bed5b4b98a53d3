"""A control that was itself erased is replaced; one out of sight proves nothing."""

from erasure import clock, execution
from erasure.connectors.base import Control
from erasure.execution import free_places
from erasure.models import ControlRecord, VendorJob, blind
from erasure.values import ItemState
from tests.world import HOUR, MINUTE, states


def drained(bench, case):
    execution.drain(bench.connection.pk, clock.now() + MINUTE)
    return states(case)


def test_erased_control_is_replaced_by_another_of_the_same_division(bench, remote):
    case = bench.case(plain=1)
    remote.gone = {"somebody-else"}
    remote.spare = [Control("bulk", "", "r-9"), Control("plain", "far", "r-8"),
                    Control("plain", "", "third-person")]  # fmt: skip
    assert drained(bench, case) == {ItemState.ERASED: 1}
    assert ControlRecord.objects.get(case=case).remote_id == "third-person"


def test_lost_sight_leaves_no_other_control_and_the_item_waits(bench, remote):
    case = bench.case(plain=1)
    remote.visible = False
    remote.spare = [Control("plain", "", "third-person")]
    assert drained(bench, case) == {ItemState.REQUESTED: 1}
    assert case.items.get().reason.startswith("Not proven: the control record")
    assert ControlRecord.objects.get(case=case).remote_id == "somebody-else"


def test_control_offered_again_is_not_another(bench, remote):
    case = bench.case(plain=1)
    remote.gone = {"somebody-else"}
    remote.spare = [Control("plain", "", "somebody-else")]
    assert drained(bench, case) == {ItemState.REQUESTED: 1}


def test_forgotten_jobs_are_looked_for_beside_those_that_are_open(bench, remote):
    case = bench.case(bulk=1)
    for name, state in (("open-1", "RUNNING"), ("over-1", "ERROR")):
        job = VendorJob(
            case=case, connection=bench.connection, kind="recording_delete", state=state,
            remote_index=blind("job", name), submitted_at=clock.now(),
            next_poll=clock.now() + HOUR,
        )  # fmt: skip
        job.remote_id = name
        job.save()
    free_places(bench.connection.pk)
    assert remote.known == ["open-1"]
