"""The settings of a Genesys Cloud connection, with their defaults: all in one place."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta

from erasure.connectors.base import Facts


@dataclass(frozen=True, slots=True)
class Options:
    """Read from ``Account.options``; a key that is absent keeps its default."""

    look_back_days: int = 7 * 365 + 2  # how far conversations are searched
    sync_days: int = 2  # the newest days, searched synchronously: jobs lag by a day
    sync_window_days: int = 7  # longest interval of one synchronous query
    max_job_days: int = 0  # longest interval of one analytics job; 0: the whole look-back
    job_wait_seconds: float = 300.0  # before a vendor job we wait for counts as busy
    poll_seconds: float = 0.1  # the first pause between two looks at a job
    poll_longest_seconds: float = 10.0  # pauses grow up to this
    page_size: int = 100
    results_size: int = 1000  # rows in one page of an analytics job's results
    predicates: int = 100  # filter values in one analytics query
    metadata_up_to: int = 25  # conversations; above, recordings are counted by a job
    young_hours: int = 48  # recording jobs may not yet match a conversation this young
    aged_days: int = 5 * 365  # recording jobs may not match a conversation this old
    verify_singly_up_to: int = 10  # recordings; above, read back by a counting job
    sample: int = 3  # of those, read back directly as well
    asked_singly_up_to: int = 25  # conversations; above, each may have a transcript or summary
    absent_stores: str = ""  # names of stores this organisation has not, with commas between
    calibrators: str = ""  # user ids of calibrators, with commas between
    dnc_lists: str = ""  # names or ids of do-not-contact lists, with commas between
    outside_copies: str = ""  # "none", or where copies outside the platform are kept
    external_source_id: str = ""  # the vendor's id of the CRM as an external source

    @classmethod
    def of(cls, given: Facts) -> "Options":
        """Take what is set; numbers may come as text."""
        known = {
            option.name: type(option.default)(given[option.name])  # type: ignore[misc]
            for option in fields(cls)
            if option.name in given
        }
        return cls(**known)

    def absent(self, store: str) -> bool:
        """Whether the connection declares that the organisation has no such feature."""
        return store in {name.strip() for name in self.absent_stores.split(",")}

    @property
    def look_back(self) -> timedelta:
        return timedelta(days=self.look_back_days)

    def pauses(self) -> Iterator[float]:
        """Seconds to sleep before each look at a job, growing, until the wait is over."""
        pause, left = self.poll_seconds, self.job_wait_seconds
        while left > 0:
            yield min(pause, left)
            left -= pause
            pause = min(pause * 2, self.poll_longest_seconds)


def listed(names: str) -> list[str]:
    """The entries of an option that holds several, with commas between."""
    return [name.strip() for name in names.split(",") if name.strip()]
