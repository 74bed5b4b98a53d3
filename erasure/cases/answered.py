"""When a case was first answered: the date by which the report judges it."""

from erasure.cases.dates import place_of
from erasure.deadlines import local_date
from erasure.models import ANSWERS, ErasureCase


def count_answer(case: ErasureCase) -> None:
    """Keep the day of the first proven answer, and how long it took, on the case itself.

    A case that is released or taken up again was still answered when its first letter went
    out; a letter that came back answered nothing. Call under the case's lock.
    """
    letters = case.letters.dispatched().filter(kind__in=ANSWERS)
    first = letters.order_by("dispatched_at").values_list("dispatched_at", flat=True).first()
    case.answered_on, case.seconds_to_answer = None, None
    if first:
        case.answered_on = local_date(first, place_of(case))
        case.seconds_to_answer = max(0, int((first - case.received_at).total_seconds()))
    case.save(update_fields=["answered_on", "seconds_to_answer"])
