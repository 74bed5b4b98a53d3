"""The normal run: a case that completes, then one with a hold."""

from pathlib import Path

from django.core.management.base import CommandError

from erasure.management.demo import papers, run, sandbox
from erasure.management.demo.run import PERSON, TALKS
from erasure.management.demo.screen import Watch, say, title
from erasure.models import ErasureCase
from erasure.values import CaseState

LIMIT = "Genesys Cloud allows 300 requests a minute; the product keeps to it."


def normal(folder: Path) -> None:
    """A whole case over every system, then a second one with a hold."""
    run.reset(everywhere=True, talks=TALKS)
    title("First case: everything goes, in every system")
    say(f"  {LIMIT}")
    watch = Watch()
    case = run.settle_questions(run.to_review(PERSON, watch), PERSON, watch)
    papers.write_report(case, folder)
    run.approve(case)
    case = run.finish(case, watch)
    run.expect(case, CaseState.COMPLETE)
    papers.end(case, folder)
    papers.every_system(case)
    run.nothing_left(PERSON)
    _held(folder)


def _held(folder: Path) -> None:
    run.without_rate_limit(talks=TALKS)
    title("Second case, after a reset: one conversation is under a legal hold")
    one_held(folder, Watch())


def one_held(folder: Path, watch: Watch) -> tuple[ErasureCase, str, Path]:
    """A case that ends with one conversation held, that conversation, and the certificate.

    Raises:
        CommandError: it ended otherwise, or something of the held conversation is gone.
    """
    conversation = sandbox.conversations_with(PERSON, "voice_recordings")[-1]
    run.hold_conversation(conversation)
    before = sandbox.of_conversation(PERSON, conversation)
    case = run.settle_questions(run.to_review(PERSON, watch), PERSON, watch)
    run.approve(case)
    case = run.finish(case, watch)
    run.expect(case, CaseState.PARTIAL_HOLD)
    certificate = papers.end(case, folder)
    kept = sandbox.of_conversation(PERSON, conversation)
    say(f"  the sandbox's own record of the held conversation: {len(kept)} records, untouched")
    if kept != before:
        raise CommandError("The held conversation is not what it was.")
    return case, conversation, certificate
