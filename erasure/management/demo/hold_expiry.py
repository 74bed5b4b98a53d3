"""A hold runs out: it is reviewed, released by two, and a second certificate extends the first."""

from datetime import timedelta
from pathlib import Path

from erasure import clock
from erasure.cases import move
from erasure.errors import StepError
from erasure.holds import confirm_release, propose_release
from erasure.management.demo import papers, run, sandbox
from erasure.management.demo.run import PERSON, TALKS
from erasure.management.demo.screen import Watch, say, title
from erasure.management.demo.whole import one_held
from erasure.models import Certificate, ErasureCase, Hold, StaffNotice
from erasure.values import CaseState, HoldState, Step

PLACED_BY, OTHER = "legal", "counsel"


def hold_expiry(folder: Path) -> None:
    """
    Raises:
        CommandError: names the claim that does not hold.
    """
    run.without_rate_limit(talks=TALKS)
    title("One conversation is under a legal hold")
    watch = Watch()
    case, conversation, first = one_held(folder, watch)
    held = sandbox.of_conversation(PERSON, conversation)
    hold = _expire(case)
    claims = {
        "expiry opened a review": hold.state == HoldState.REVIEW_DUE,
        "told Legal by mail": _told(hold),
        "moved no case": _state(case) == CaseState.PARTIAL_HOLD,
        "and erased nothing": sandbox.of_conversation(PERSON, conversation) == held,
        "two people released it, one alone could not": _released_by_two(hold),
        "the release moved no case": _state(case) == CaseState.PARTIAL_HOLD,
        "and erased nothing either": sandbox.of_conversation(PERSON, conversation) == held,
    }
    case = _erase_the_rest(case, watch)
    papers.end(case, folder, first)
    run.nothing_left(PERSON)
    issued = case.certificates.filter(stage=Certificate.ISSUED).order_by("version")
    versions = list(issued.values_list("version", "status"))
    claims["certificate 1 said PARTIAL_HOLD, certificate 2 says COMPLETE"] = (
        versions == [(1, "PARTIAL_HOLD"), (2, "COMPLETE")]
    )  # fmt: skip
    say("  what was seen on the way:")
    run.insist(claims)


def _state(case: ErasureCase) -> str:
    return str(ErasureCase.objects.get(pk=case.pk).state)


def _told(hold: Hold) -> bool:
    mails = StaffNotice.objects.filter(key__startswith=f"hold:{hold.pk}:")
    return mails.filter(mailed_at__isnull=False).exists()


def _expire(case: ErasureCase) -> Hold:
    """The clock goes past the expiry; the schedule does the rest."""
    title("The hold expires: the clock goes forward by a year")
    hold = Hold.objects.filter(items__case=case).distinct().get()
    clock.advance(timedelta(days=366))
    run.wait_for(case, None, lambda now: _told(hold))
    hold = Hold.objects.get(pk=hold.pk)
    say(f"  the hold {hold.reference} is {hold.state}, the case {_state(case)}")
    return hold


def _released_by_two(hold: Hold) -> bool:
    """Whether one alone was refused. The placer proposes, the other confirms."""
    title("Two people release it")
    propose_release(hold.pk, actor=run.staff(PLACED_BY))
    say(f"  {PLACED_BY}, who placed it, proposes the release")
    alone = True
    try:
        confirm_release(hold.pk, actor=run.staff(PLACED_BY))
    except StepError as why:
        say(f"  {PLACED_BY} confirms as well: refused. {why}")
        alone = why.refused_by != "four eyes"
    confirm_release(hold.pk, actor=run.staff(OTHER))
    say(f"  {OTHER} confirms")
    return not alone and Hold.objects.get(pk=hold.pk).state == HoldState.RELEASED


def _erase_the_rest(case: ErasureCase, watch: Watch) -> ErasureCase:
    """The remainder is searched, reviewed and erased as everything before it was."""
    title("The case is released: the remainder is searched, reviewed and erased")
    sandbox.fault("genesys.protections-lifted")
    say("  the vendor's administrator takes its own protection off; nothing here ever does")
    move(case.pk, Step.RELEASE, actor=run.staff(OTHER))
    case = run.settle_questions(run.wait_for_review(case, watch), PERSON, watch)
    run.approve(case)
    case = run.finish(case, watch)
    run.expect(case, CaseState.COMPLETE)
    return case
