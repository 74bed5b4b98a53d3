"""Tables, constraints, querysets and transitions; no workflow, no I/O."""

from erasure.models.access import AccessRecord
from erasure.models.actor import PERSON, SYSTEM, Actor, actor_names
from erasure.models.anchors import LogAnchor, LogCheck
from erasure.models.arrivals import Arrival, MandatePage, Representative, StatusCode
from erasure.models.cases import ENDED_STATES, OPEN_STATES, ErasureCase
from erasure.models.certificates import Certificate
from erasure.models.clients import ApiClient, InboundRequest, StatusCallback
from erasure.models.concerns import Concern
from erasure.models.conditions import KEPT, UNFINISHED
from erasure.models.connections import SystemConnection
from erasure.models.contacts import Contact, contact_of, prove
from erasure.models.follow_ups import FollowUp, LaterCheck, ReturnedRecord
from erasure.models.heartbeat import Heartbeat
from erasure.models.holds import STANDING, Hold, HoldEvent, HoldTarget
from erasure.models.imports import BulkImport
from erasure.models.items import Attempt, DataItem, line_index
from erasure.models.jobs import OPEN_JOBS, VendorJob
from erasure.models.letters import ANSWERS, Letter, Mailing
from erasure.models.links import OneTimeLink
from erasure.models.log import (
    Checkpoint,
    DeletionLogEntry,
    LogEntry,
    LogKey,
    OutboxEntry,
    Tile,
)
from erasure.models.notices import StaffNotice
from erasure.models.on_file import OnFile, Standing
from erasure.models.portals import PortalKey
from erasure.models.proofs import ASKS_MORE, KNOWLEDGE
from erasure.models.rates import RateWindow
from erasure.models.recipients import Recipient, RecipientNotice
from erasure.models.refusals import (
    Refusal,
    RefusedCallback,
    beside_refusals,
    refused_sentence,
)
from erasure.models.relations import CaseRelation
from erasure.models.retention import (
    ErasedRecord,
    KeyDestruction,
    SharedSecret,
    SuppressionToken,
    shared_key,
    suppression_tokens,
)
from erasure.models.sealed import DESTROYED, CaseSecret, blind, case_key, in_clear
from erasure.models.searches import ControlRecord, StoreSearch
from erasure.models.sign_ins import FailedSignIns
from erasure.models.subjects import (
    IdentityEvidence,
    Subject,
    SubjectIdentifier,
    add_identifier,
)
from erasure.models.tasks import TaskDetail, TaskEvidence, open_task, renew_task
from erasure.models.user import User
from erasure.models.vendor import VendorAudit, VendorProtection
from erasure.models.verification import IdentityDocument, Verification

__all__ = [
    "ASKS_MORE",
    "ANSWERS",
    "ENDED_STATES",
    "KEPT",
    "KNOWLEDGE",
    "OPEN_JOBS",
    "OPEN_STATES",
    "PERSON",
    "STANDING",
    "SYSTEM",
    "UNFINISHED",
    "AccessRecord",
    "Actor",
    "ApiClient",
    "Arrival",
    "Attempt",
    "BulkImport",
    "CaseRelation",
    "CaseSecret",
    "Certificate",
    "Checkpoint",
    "Concern",
    "Contact",
    "ControlRecord",
    "DataItem",
    "DESTROYED",
    "DeletionLogEntry",
    "ErasedRecord",
    "ErasureCase",
    "FailedSignIns",
    "FollowUp",
    "Heartbeat",
    "Hold",
    "HoldEvent",
    "HoldTarget",
    "IdentityDocument",
    "IdentityEvidence",
    "InboundRequest",
    "KeyDestruction",
    "LaterCheck",
    "Letter",
    "LogAnchor",
    "LogCheck",
    "LogEntry",
    "Mailing",
    "LogKey",
    "MandatePage",
    "OnFile",
    "OneTimeLink",
    "OutboxEntry",
    "PortalKey",
    "RateWindow",
    "Recipient",
    "RecipientNotice",
    "Refusal",
    "RefusedCallback",
    "ReturnedRecord",
    "SharedSecret",
    "StaffNotice",
    "Representative",
    "Standing",
    "StatusCallback",
    "StatusCode",
    "StoreSearch",
    "Subject",
    "SubjectIdentifier",
    "SuppressionToken",
    "SystemConnection",
    "TaskDetail",
    "TaskEvidence",
    "Tile",
    "User",
    "VendorAudit",
    "VendorJob",
    "VendorProtection",
    "Verification",
    "add_identifier",
    "beside_refusals",
    "blind",
    "case_key",
    "contact_of",
    "line_index",
    "open_task",
    "prove",
    "refused_sentence",
    "renew_task",
    "shared_key",
    "suppression_tokens",
    "actor_names",
    "in_clear",
]
