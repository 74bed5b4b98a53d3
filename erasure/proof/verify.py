"""Every check an inspector can make without trusting the controller, offline.

A check passes, fails, or is skipped with its reason; a check that needs the
result of a failed one is skipped and names it.
"""

from collections.abc import Callable

from erasure.proof import checks
from erasure.proof.desk import Beside, Desk, FailedError, Finding, SkippedError, State
from erasure.proof.files import Evidence
from erasure.proof.later import v14
from erasure.proof.trust import Trust

__all__ = ["Beside", "Finding", "State", "passed", "verify"]

Check = Callable[[Desk], str]


def verify(evidence: Evidence, trust: Trust, beside: Beside | None = None) -> list[Finding]:
    """Run every check, V1 to V14.

    Raises:
        UnreadableError: a root of the trust file cannot be read.
    """
    desk = Desk(evidence, trust, beside or Beside())
    return [_run(check, desk) for check in _CHECKS]


def passed(findings: list[Finding], *, strict: bool = False) -> bool:
    """Whether nothing failed; with ``strict``, also nothing was skipped."""
    bad = {State.FAILED, State.SKIPPED} if strict else {State.FAILED}
    return not any(finding.state in bad for finding in findings)


def _run(check: Check, desk: Desk) -> Finding:
    name = check.__name__.upper()
    try:
        return Finding(name, State.PASSED, check(desk))
    except SkippedError as why:
        return Finding(name, State.SKIPPED, str(why))
    except FailedError as why:
        if why.check != name:
            return Finding(name, State.SKIPPED, f"Cannot be checked because {why.check} failed.")
        return Finding(name, State.FAILED, str(why))
    except MemoryError:
        raise
    except Exception:  # whatever a hostile file can do, it does not pass
        return Finding(name, State.FAILED, "This check cannot be carried out on these files.")


_CHECKS: tuple[Check, ...] = (
    checks.v1, checks.v2, checks.v3, checks.v4, checks.v5, checks.v6, checks.v7, checks.v8,
    checks.v9, checks.v10, checks.v11, checks.v12, checks.v13, v14,
)  # fmt: skip
