"""What the case page says of the vendor's own protection and audit."""

from erasure import clock
from erasure.models import ErasureCase, SystemConnection, VendorAudit, VendorProtection
from erasure.values import CaseState, ItemState, Role
from tests.admin.conftest import SignIn
from tests.factories import make_case, make_item


def page(sign_in: SignIn, case: ErasureCase) -> str:
    client = sign_in(Role.DPO)
    return client.get(f"/admin/erasure/erasurecase/{case.pk}/change/").content.decode()


def protect(case: ErasureCase, connection: SystemConnection, number: int, *, on: bool) -> None:
    row = VendorProtection(
        case=case, connection=connection, conversation_index=f"index-{number}", on=on,
        reason="" if on else "The vendor protects 1,000 conversations at most.",
        seen_at=clock.now(),
    )  # fmt: skip
    row.conversation = f"conversation-{number}"
    row.save()


def test_protection_no_hold_needs_any_more_is_to_be_lifted_at_the_vendor(
    sign_in: SignIn, in_review: ErasureCase, genesys: SystemConnection
) -> None:
    protect(in_review, genesys, 1, on=True)
    protect(in_review, genesys, 2, on=True)
    shown = page(sign_in, in_review)
    assert shown.count("No hold covers it any more: lift the protection at the vendor.") == 1
    assert '<td class="number">2</td>' in shown
    assert "conversation-1" not in shown


def test_protection_the_vendor_refused_says_why(
    sign_in: SignIn, in_review: ErasureCase, genesys: SystemConnection
) -> None:
    protect(in_review, genesys, 1, on=False)
    assert "The vendor protects 1,000 conversations at most." in page(sign_in, in_review)


def test_audit_that_contradicts_an_erasure_is_shown_as_such(
    sign_in: SignIn, genesys: SystemConnection
) -> None:
    case = make_case(CaseState.COMPLETE, completed_at=clock.now())
    make_item(case, genesys, "evaluations", ItemState.ERASED, verdict="VERIFIED_ABSENT")
    audit = VendorAudit(case=case, connection=genesys, due_at=clock.now(), count=1, matching=1)
    audit.entries = {
        "entries": [{"action": "Delete", "entity_id": "r-0", "status": "FAILURE", "at": "1"}]
    }
    audit.fetched_at = clock.now()
    audit.save()
    shown = page(sign_in, case)
    said = "Quality evaluations, record 1: the vendor&#x27;s audit calls its erasure a failure."
    assert said in shown
    assert "Contradicts" in shown
