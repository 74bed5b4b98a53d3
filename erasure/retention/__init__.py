"""The end of a case's own data: one secret after the other, with all that it protects."""

from erasure.retention.destroy import purge
from erasure.retention.files import compact
from erasure.retention.plan import Planned, due_cases, ended_on, plan_of, today

__all__ = ["Planned", "compact", "due_cases", "ended_on", "plan_of", "purge", "today"]
