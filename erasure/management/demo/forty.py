"""A hold on one of forty conversations: it stays, the others go without the native job."""

from collections import Counter
from pathlib import Path

from erasure.management.demo import papers, run, sandbox
from erasure.management.demo.run import PERSON
from erasure.management.demo.screen import Watch, say, title
from erasure.models import ErasureCase
from erasure.values import CaseState, ItemState

TALKS = 40
NATIVE = "/gdpr/requests"
PROTECTION = "/recordings/deletionprotection"
GOES = ("voice_recordings", "evaluations", "speech_transcripts")
BLOCKED = "BLOCKED_BY_HOLD"


def one_of_forty(folder: Path) -> None:
    """Fails unless the sandbox's own record shows the one whole and the others gone."""
    run.without_rate_limit(talks=TALKS)
    title(f"A hold on one of {TALKS} conversations")
    [held, *_] = sandbox.conversations_with(PERSON, *GOES, "conversation_summaries")
    before = sandbox.of_conversation(PERSON, held)
    watch = Watch()
    case = run.settle_questions(run.to_review(PERSON, watch), PERSON, watch)
    run.hold_conversation(held)
    case = run.wait_for_review(case, watch)
    run.approve(case)
    case = run.finish(case, watch)
    run.expect(case, CaseState.PARTIAL_HOLD)
    papers.end(case, folder)
    _check(case, held, before)


def _check(case: ErasureCase, held: str, before: list[dict[str, str]]) -> None:
    """
    Raises:
        CommandError: names the claim that does not hold.
    """
    left = [row for row in sandbox.holdings(PERSON) if row["store"] in GOES]
    blocked = case.items.filter(state=ItemState.HELD, reason__startswith=BLOCKED)
    asked = sandbox.call("requests")["requests"]
    protecting = [row for row in asked if row["method"] == "PUT"
                  and row["template"].endswith(PROTECTION)]  # fmt: skip
    claims = {
        "the held conversation is as it was": sandbox.of_conversation(PERSON, held) == before,
        f"nothing of the other {TALKS - 1} is left in {', '.join(GOES)}":
            bool(left) and {row["parent_id"] for row in left} == {held},
        "no native request was sent": not any(
            row["method"] == "POST" and row["template"].endswith(NATIVE) for row in asked
        ),
        "what only that request reaches is held: "
        + _counted(Counter(blocked.values_list("store", flat=True))): blocked.exists(),
        "the vendor's own protection was set once and never lifted":
            [row["status"] for row in protecting] == [200],
        "and reads as on": set(case.protections.values_list("on", flat=True)) == {True},
    }  # fmt: skip
    say("  seen in the sandbox's own record:")
    run.insist(claims)


def _counted(stores: Counter[str]) -> str:
    return ", ".join(f"{count} {store}" for store, count in sorted(stores.items()))
