"""Every setting of the Genesys side. Durations are seconds on the sandbox clock."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Options:
    """What nobody outside the vendor knows for sure is an option here."""

    token_lifetime: int = DAY
    token_burst: int = 30  # token requests a client may make in a minute
    rate_limit: int = 300  # calls a token may make in a window
    rate_window: int = 60
    gdpr_seconds: float = 3 * 3600  # INITIATED to COMPLETED
    gdpr_redaction_seconds: float = 6 * 3600  # COMPLETED to rows redacted
    remember_merges: bool = True  # the native job knows the merge set of a deleted contact
    honour_protection: bool = True  # the native job spares protected recordings
    search_lag_seconds: float = 5  # q= still shows a deleted contact
    evaluation_lag_seconds: float = 20  # analytics still lists a deleted evaluation
    recording_removal_seconds: float = 60  # from deleteDate to removal
    keep_deleted_rows: bool = False  # a removed recording stays listed as DELETED
    job_step_seconds: float = 0.15  # one state of a query or recording job
    transcode_seconds: float = 0.2
    sync_interval_days: int = 7
    sync_lookback_days: int = 35
    async_lag_hours: int = 24
    recording_lag_hours: int = 48
    max_page: int = 100
    max_rows: int = 10_000
    max_contacts: int = 1_000  # pageNumber x pageSize of a contact search
    max_bulk: int = 50
    max_jobs: int = 2
    max_protected: int = 1_000
    audit_lag_seconds: float = 2
    voicemail_needs_user: bool = False  # a queue's messages are closed to clients as well
    talks: int = 13  # how many of Maria's conversations there are

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """The options among ``given``; names of others are left to them."""
        known = {field.name for field in fields(cls)}
        return replace(cls(), **{name: value for name, value in given.items() if name in known})
