"""From people to records: the same ids and the same spread every time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ...people import Person
from ..records import DncList
from ..rows import DNC_LIST
from ..state import Org
from .anyone import anyone, bench
from .maria import maria
from .planned import planned
from .record import EVALUATOR, Recorder, contact_id, conversation_id

__all__ = ["EVALUATOR", "contact_id", "conversation_id", "seed"]


def seed(org: Org, people: Sequence[Person], options: Mapping[str, Any], now: datetime) -> None:
    """Fill an organisation."""
    org.dnc_lists[DNC_LIST] = DncList(DNC_LIST)
    claimed: set[str] = set()
    for person in people:
        own = Recorder(org, person, now)
        if person.contacts:
            planned(own, claimed)
        elif person.key == "maria":
            maria(own)
        elif person.key == "bench":
            bench(own, options.get("bench", {}))
        else:
            anyone(own)
