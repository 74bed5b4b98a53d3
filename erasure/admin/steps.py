"""What people do to a case: each act with its words, its form and the function behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from erasure import correspondence, review, verification
from erasure.admin import forms, identity_forms
from erasure.cases import move, refusals, steps_for
from erasure.errors import StepError
from erasure.models import OPEN_STATES, Actor, ErasureCase
from erasure.models.conditions import (
    ground_recorded,
    identity_confirmed,
    identity_was_asked,
    no_question_open,
)
from erasure.values import CaseState, Step

Given = Mapping[str, Any]
Take = Callable[[ErasureCase, Actor, Given], object]
S = CaseState


@dataclass(frozen=True, slots=True)
class Act:
    """One button of the case page and the page behind it."""

    slug: str
    label: str
    happens: str
    take: Take
    final: str = ""  # what cannot be undone
    step: Step | None = None
    form: type[forms.PlainForm] = forms.PlainForm
    danger: bool = False
    permission: str = ""  # of an act that is no step of its own
    page: str = ""  # of an act that has one of its own
    states: tuple[CaseState, ...] = ()


def _move(step: Step) -> Take:
    return lambda case, actor, given: move(case.pk, step, actor=actor, **given)


def _look_up(case: ErasureCase, actor: Actor, given: Given) -> None:
    verification.ask_lookup(case.pk, actor=actor)


def _ask(case: ErasureCase, actor: Actor, given: Given) -> None:
    verification.ask(case.pk, actor=actor, **given)


def _propose_copy(case: ErasureCase, actor: Actor, given: Given) -> None:
    verification.propose_copy(case.pk, actor=actor, **given)


def _approve_copy(case: ErasureCase, actor: Actor, given: Given) -> None:
    verification.approve_copy(case.pk, actor=actor)


def _refuse_copy(case: ErasureCase, actor: Actor, given: Given) -> None:
    verification.refuse_copy(case.pk, actor=actor, reason=given["reason"])


def _answered(case: ErasureCase, actor: Actor, given: Given) -> None:
    verification.record_answer(case.pk, actor=actor)


def _confirm(case: ErasureCase, actor: Actor, given: Given) -> None:
    verification.confirm(case.pk, actor=actor, **given)


def _reject(case: ErasureCase, actor: Actor, given: Given) -> None:
    verification.reject(case.pk, actor=actor, reason=given["reason"])


def _approve(case: ErasureCase, actor: Actor, given: Given) -> None:
    review.approve(case.pk, actor=actor, **given)


def _answer(case: ErasureCase, actor: Actor, given: Given) -> None:
    correspondence.record_answer(case.pk, actor=actor, **given)


ACTS = (
    Act(
        "start_validation", "Start the assessment",
        "The request is taken up: you assess identity, authority, ground and duplicates.",
        _move(Step.START_VALIDATION), step=Step.START_VALIDATION,
    ),
    Act(
        "confirm_identity", "Confirm the identity",
        "The identity and the ground are recorded, and every store of every system is searched "
        "for the confirmed identifiers.",
        _confirm, step=Step.CONFIRM_IDENTITY, form=identity_forms.ConfirmForm,
        final="Who confirms the identity has prepared the case and cannot approve it.",
    ),
    Act(
        "look_up", "Look up what is on file",
        "Every system is asked for the addresses and numbers of the request alone: are they on "
        "file, and since when? The person learns nothing of it.",
        _look_up, permission="erasure.ask_identity", states=(S.VALIDATING, S.AWAITING_IDENTITY),
    ),
    Act(
        "ask_identity", "Ask for proof of identity",
        "The person is asked, with a page that works once. The statutory clock stops only if "
        "the question is asked without delay.",
        _ask, step=Step.ASK_IDENTITY, form=identity_forms.AskForm,
    ),
    Act(
        "propose_copy", "Propose to ask for a copy of an ID",
        "The last resort. Somebody else looks at your reason and approves it before the person "
        "is asked.",
        _propose_copy, form=identity_forms.CopyForm, permission="erasure.ask_identity",
        states=(S.VALIDATING, S.AWAITING_IDENTITY),
    ),
    Act(
        "approve_copy", "Approve the copy of an ID",
        "The person is asked for a masked copy, by a page that works once. It is destroyed at "
        "the decision, at the latest after 30 days.",
        _approve_copy, permission="erasure.view_proof",
        states=(S.VALIDATING, S.AWAITING_IDENTITY),
        final="Your approval stands in the evidence record.",
    ),
    Act(
        "refuse_copy", "Refuse the copy of an ID",
        "The proposal is taken back: something less intrusive is tried.",
        _refuse_copy, form=forms.ReasonForm, permission="erasure.view_proof", danger=True,
        states=(S.VALIDATING, S.AWAITING_IDENTITY),
    ),
    Act(
        "identity_answered", "Record that the person answered",
        "The person answered another way than by the page. The case goes back to assessment, "
        "so that you can decide.",
        _answered, step=Step.IDENTITY_ANSWERED,
    ),
    Act(
        "reject_identity", "Reject the proof",
        "The proof is recorded as not enough. The case stays open.",
        _reject, form=forms.ReasonForm, permission="erasure.confirm_identity", danger=True,
        states=(S.VALIDATING, S.AWAITING_IDENTITY),
        final="The rejection stays on the record.",
    ),
    Act(
        "approve", "Approve the erasure",
        "Every record listed below as to be erased is erased in its system and read back. "
        "Held and exempt records stay.",
        _approve, step=Step.APPROVE, form=forms.ApproveForm, danger=True,
        final="What is erased cannot be brought back. A later stop stops only what has not begun.",
    ),
    Act(
        "write_letter", "Write a letter",
        "The letter is written from the case, shown, and mailed or printed.",
        _answer, permission="erasure.record_answer", page="admin:case_letter_new",
        states=tuple(OPEN_STATES),
    ),
    Act(
        "record_answer", "Record a letter sent outside",
        "The letter and its dispatch are recorded. An outcome or refusal ends the statutory clock.",
        _answer, form=forms.AnswerForm, permission="erasure.record_answer",
        states=(S.VALIDATING, S.DISCOVERY, S.DPO_REVIEW, S.EXECUTING, S.AWAITING_VENDOR),
        final="A recorded letter is not changed later.",
    ),
    Act(
        "rediscover", "Search again",
        "Every store of every system is searched again; the inventory is frozen anew.",
        _move(Step.REDISCOVER), step=Step.REDISCOVER,
    ),
    Act(
        "release", "Release the remaining records",
        "The holds are gone: the remaining records are searched again, reviewed and erased.",
        _move(Step.RELEASE), step=Step.RELEASE,
    ),
    Act(
        "reopen", "Reopen the case",
        "The case goes back to assessment. An answer on record no longer counts as its answer.",
        _move(Step.REOPEN), step=Step.REOPEN, form=forms.ReasonForm,
    ),
    Act(
        "halt", "Stop the erasure",
        "No new call starts, vendor jobs that can be cancelled are, and the case goes back to "
        "the DPO.",
        _move(Step.HALT), step=Step.HALT, danger=True,
        final="What is erased already stays erased.",
    ),
    Act(
        "refuse", "Refuse the request",
        "The case ends without erasure. The letter must have given the reasons, the right to "
        "complain and the judicial remedy (Art. 12(4)).",
        _move(Step.REFUSE), step=Step.REFUSE, form=forms.RefuseForm, danger=True,
        final="Only the DPO can reopen the case.",
    ),
    Act(
        "close", "Close without erasure",
        "The case ends here, with the reason on record.",
        _move(Step.CLOSE), step=Step.CLOSE, form=forms.CloseForm, danger=True,
        final="Only the DPO can reopen the case.",
    ),
)  # fmt: skip
BY_SLUG = {act.slug: act for act in ACTS}

# Acts that stand beside the proof, and not on the case page as well
ON_IDENTITY_PAGE = ("look_up", "propose_copy", "approve_copy", "refuse_copy")

# What the case waits for in each state: its one next step, the first that may be taken.
NEXT = {
    S.RECEIVED: ("start_validation",),
    S.VALIDATING: ("approve_copy", "confirm_identity"),
    S.AWAITING_IDENTITY: ("approve_copy", "identity_answered"),
    S.DPO_REVIEW: ("approve",),
    S.EXECUTING: ("write_letter",),  # once every record has ended
    S.AWAITING_VENDOR: ("write_letter",),
    S.PARTIAL_HOLD: ("release",),
}


FULFILS = {
    "identity_answered": (no_question_open.refusal,),
    "confirm_identity": (identity_confirmed.refusal, ground_recorded.refusal),
    "ask_identity": (identity_was_asked.refusal,),
}


def next_act(case: ErasureCase, acts: Sequence[Act], *, finished: bool) -> Act | None:
    """The one next step of a person in a case; ``finished``: no record is open."""
    for slug in NEXT.get(CaseState(case.state), ()):
        act = BY_SLUG[slug]
        if act in acts and (finished or slug != "write_letter"):
            return act
    return None


def acts_for(case: ErasureCase, actor: Actor) -> list[Act]:
    """The acts that state, role and four eyes allow this person now."""
    allowed = set(steps_for(case, actor))
    return [act for act in ACTS if (act.step in allowed if act.step else _open(act, case, actor))]


def _open(act: Act, case: ErasureCase, actor: Actor) -> bool:
    if case.state not in act.states or not actor.may(act.permission):
        return False
    if act.slug in ("approve_copy", "refuse_copy", "propose_copy"):
        return _copy_open(act, case, actor)
    return act.slug != "record_answer" or case.answered_at is None


def _copy_open(act: Act, case: ErasureCase, actor: Actor) -> bool:
    """Proposed by one, decided on by another; nothing to propose while a proof waits."""
    row = identity_forms.under_way(case)
    if act.slug == "propose_copy":
        return row is None or (row.state != "ANSWERED" and not row.proposed_by_id)
    mine = row is not None and row.proposed_by == actor.user
    return row is not None and row.copy_to_approve and not mine


def objections(act: Act, case: ErasureCase, actor: Actor) -> list[str]:
    """What stands in the way of an act, in words."""
    if act.step is None:
        return [] if _open(act, case, actor) else ["Your role or the state forbids this."]
    known = refusals(case, act.step, actor)
    return [text for text in known if not _given_on_the_page(act, text)]


def _given_on_the_page(act: Act, text: str) -> bool:
    """Conditions that the act's own form fulfils."""
    return text in FULFILS.get(act.slug, ())


def take(act: Act, case: ErasureCase, actor: Actor, given: Given) -> None:
    """
    Raises:
        StepError: state, role, four eyes or a condition refuses.
        InputError: a field is to be mended.
    """
    if act not in acts_for(case, actor):
        raise StepError("permission", objections(act, case, actor)[0])
    act.take(case, actor, given)
