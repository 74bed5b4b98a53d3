"""Lists, worklist, timeline and progress: what they say, at what price, under which policy."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from erasure import clock, review
from erasure.models import Actor, ErasureCase, VendorJob
from erasure.values import CaseState, ItemState, Role
from tests.admin.conftest import SignIn, in_state
from tests.admin.page import Page
from tests.admin.urls import CASES, at, case_page, step
from tests.factories import (
    make_case,
    make_connection,
    make_hold,
    make_item,
    make_search,
    make_user,
)

S, I = CaseState, ItemState  # noqa: E741
LISTS = [
    CASES, "/admin/erasure/hold/", "/admin/erasure/deletionlogentry/",
    "/admin/erasure/accessrecord/", "/admin/erasure/certificate/",
    "/admin/erasure/systemconnection/", "/admin/erasure/user/",
]  # fmt: skip
MOST_QUERIES = 12


def queries(client: object, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(url).status_code == 200
    return len(found)


@pytest.mark.parametrize("url", LISTS)
def test_list_costs_the_same_for_any_number_of_rows(sign_in: SignIn, url: str) -> None:
    auditor = sign_in(Role.AUDITOR)
    placer = make_user(Role.LEGAL)
    make_case(S.DPO_REVIEW)
    make_hold(placer)
    few = queries(auditor, url)
    for _ in range(5):
        make_case(S.DPO_REVIEW)
        make_hold(placer)
        make_user(Role.DPO)
        make_connection()
    assert few <= MOST_QUERIES
    assert queries(auditor, url) <= few + 1


def test_case_page_costs_the_same_for_any_number_of_records(
    sign_in: SignIn, in_review: ErasureCase, genesys: object
) -> None:
    dpo = sign_in(Role.DPO)
    few = queries(dpo, case_page(in_review))
    for _ in range(20):
        make_item(in_review, genesys)
    in_state(in_review, S.DPO_REVIEW, frozen=True)
    assert queries(dpo, case_page(in_review)) == few
    assert few <= 75


def test_worklist_costs_the_same_for_any_number_of_cases(sign_in: SignIn) -> None:
    officer = sign_in(Role.OFFICER)
    make_case(S.VALIDATING)
    few = queries(officer, "/admin/")
    for _ in range(5):
        make_case(S.VALIDATING)
    assert queries(officer, "/admin/") == few
    assert few <= 20


def test_every_page_keeps_to_the_strict_policy(
    sign_in: SignIn, in_review: ErasureCase, genesys: object
) -> None:
    running = make_case(S.EXECUTING)
    make_item(running, genesys, state="FAILED", log_number=0)
    hold = make_hold(make_user(Role.LEGAL))
    everything = sign_in(*Role)
    search = make_search(in_review, genesys, "evaluations", "UNANSWERED")
    pages = [
        "/admin/", "/admin/report/", "/admin/password_change/", CASES + "add/", *LISTS,
        "/admin/erasure/hold/add/", at("erasure_hold_change", hold.pk),
        at("hold_release", hold.pk, "propose"), case_page(in_review), case_page(running),
        at("case_proof", in_review.pk), at("case_record", running.pk, running.items.get().pk),
        at("case_store", in_review.pk, search.pk), at("case_progress", running.pk),
        at("erasure_systemconnection_change", genesys.pk),
        "/admin/erasure/systemconnection/add/", "/admin/erasure/user/add/",
        at("erasure_user_change", everything.user.pk),
        *(step(in_review, act) for act in ("approve", "refuse", "close", "record_answer")),
    ]  # fmt: skip
    for url in pages:
        answer = everything.get(url)
        assert (url, answer.status_code, Page(answer).refused) == (url, 200, [])
        policy = answer["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy


# -- the list of cases -----------------------------------------------------------------------


def test_case_list_says_state_dates_and_what_is_held(sign_in: SignIn, genesys: object) -> None:
    case = make_case(S.PARTIAL_HOLD, received_at=clock.now() - timedelta(days=4))
    hold = make_hold(make_user(Role.LEGAL))
    make_item(case, genesys, state="HELD", hold=hold)
    make_item(case, genesys, state="ERASED", verdict="ATTESTED")
    answer = sign_in(Role.AUDITOR).get(CASES)
    row = answer.context["cl"].result_list[0]
    assert (row.reference, row.held_items) == (case.reference, 1)
    assert f"{case.reference} A.B. Partly held" in Page(answer).said()


@pytest.mark.parametrize(("chosen", "expected"), [
    ("open", {"fresh", "soon", "late", "answered"}), ("soon", {"soon"}), ("overdue", {"late"}),
    ("ended", {"done"}), ("", {"fresh", "soon", "late", "answered", "done"}),
])  # fmt: skip
def test_case_list_filtered_by_clock(sign_in: SignIn, chosen: str, expected: set[str]) -> None:
    today = clock.now().date()
    days = {"fresh": 25, "soon": 3, "late": -2, "answered": -2, "done": -2}
    made = {
        name: make_case(
            S.COMPLETE if name == "done" else S.EXECUTING,
            statutory_due=today + timedelta(days=left),
            **({"answered_at": clock.now()} if name == "answered" else {}),
        )
        for name, left in days.items()
    }
    answer = sign_in(Role.AUDITOR).get(CASES, {"clock": chosen})
    listed = {row.pk for row in answer.context["cl"].result_list}
    assert {name for name, case in made.items() if case.pk in listed} == expected


def test_case_list_filtered_by_state(sign_in: SignIn) -> None:
    make_case(S.RECEIVED)
    case = make_case(S.REFUSED)
    answer = sign_in(Role.AUDITOR).get(CASES, {"state": "REFUSED"})
    assert [row.pk for row in answer.context["cl"].result_list] == [case.pk]


@pytest.mark.parametrize("term", [
    "ada@example.org", " ADA@Example.org ", "+44 1632 960123", "reference", "Reference",
])  # fmt: skip
def test_search_finds_the_case_by_any_exact_identifier(sign_in: SignIn, term: str) -> None:
    case = make_case(S.DISCOVERY, email="ada@example.org", phone="+441632960123")
    make_case(S.DISCOVERY)
    spelled = {"reference": case.reference, "Reference": f" {case.reference.lower()} "}
    answer = sign_in(Role.CLERK).post(at("case_find"), {"term": spelled.get(term, term)})
    assert (answer.status_code, answer.url) == (302, case_page(case))


def test_search_with_several_hits_lists_them(sign_in: SignIn) -> None:
    cases = [make_case(S.CLOSED, email="ada@example.org") for _ in range(2)]
    shown = Page(sign_in(Role.OFFICER).post(at("case_find"), {"term": "ada@example.org"}))
    assert {case_page(case) for case in cases} <= set(shown.links)


def test_search_without_hit_says_so(sign_in: SignIn) -> None:
    make_case(S.CLOSED, email="ada@example.org")
    shown = Page(sign_in(Role.OFFICER).post(at("case_find"), {"term": "ad@example.org"})).said()
    assert "No case has this reference or identifier." in shown


def test_search_by_administrator_is_forbidden(sign_in: SignIn) -> None:
    answer = sign_in(Role.ADMINISTRATOR).post(at("case_find"), {"term": "ada@example.org"})
    assert answer.status_code == 403


# -- worklist --------------------------------------------------------------------------------


def test_worklist_with_nothing_to_do_is_good_news(sign_in: SignIn) -> None:
    assert "Nothing waits for you No case is open." in Page(sign_in(Role.DPO).get("/admin/")).said()


def test_worklist_leads_with_the_earliest_deadline(sign_in: SignIn) -> None:
    make_case(S.VALIDATING)
    today = timezone.localdate(clock.now())
    late = make_case(S.RECEIVED, statutory_due=today - timedelta(days=3))
    shown = Page(sign_in(Role.OFFICER).get("/admin/")).said()
    assert f"One next step {late.reference} A.B. : start the assessment" in shown
    assert "3 days overdue" in shown


@pytest.mark.parametrize("page", ["/admin/", CASES, None])
def test_initials_keep_their_own_direction(sign_in: SignIn, page: str | None) -> None:
    case = make_case(S.RECEIVED, name="عائشة مثال")
    shown = sign_in(Role.OFFICER).get(page or case_page(case)).content.decode()
    apart = re.findall(r"<bdi[^>]*>ع\.م\.</bdi>", shown)
    assert len(apart) == shown.count("ع.م.") > 0


def test_worklist_of_dpo_leaves_out_what_the_dpo_prepared(
    sign_in: SignIn, in_review: ErasureCase
) -> None:
    dpo = sign_in(Role.DPO)
    assert in_review.reference in Page(dpo.get("/admin/")).said()
    in_review.preparers.add(dpo.user)
    assert in_review.reference not in Page(dpo.get("/admin/")).said()


def test_worklist_of_legal_shows_the_review_that_is_due(sign_in: SignIn) -> None:
    legal = sign_in(Role.LEGAL)
    due = make_hold(legal.user, "REVIEW_DUE", reference="MATTER-DUE")
    make_hold(legal.user, "ACTIVE", reference="MATTER-QUIET")
    shown = Page(legal.get("/admin/"))
    assert at("erasure_hold_change", due.pk) in shown.links
    assert "MATTER-QUIET" not in shown.said()


def test_vendor_job_that_is_overdue_stands_on_the_dpos_worklist_and_the_case_page(
    sign_in: SignIn, genesys: object
) -> None:
    case, dpo = make_case(S.AWAITING_VENDOR), sign_in(Role.DPO)
    make_item(case, genesys, state="REQUESTED")
    job = VendorJob(
        case=case, connection=genesys, kind="gdpr_delete", remote_index="j",
        submitted_at=clock.now() - timedelta(days=15), next_poll=clock.now(),
    )  # fmt: skip
    job.remote_id = "r-1"
    job.save()
    assert case.reference not in Page(dpo.get("/admin/")).said()
    VendorJob.objects.update(escalated_at=clock.now())
    shown = Page(dpo.get("/admin/")).said()
    assert f"{case.reference} A.B. : ask the vendor" in shown
    said = Page(dpo.get(case_page(case))).said()
    assert "Open for 15 days: the DPO was told" in said
    assert "has been open for 15 days: ask the vendor about it." in said
    VendorJob.objects.update(ended_at=clock.now())
    assert case.reference not in Page(dpo.get("/admin/")).said()


def test_worklist_of_the_dpo_shows_answers_that_are_late_or_near(sign_in: SignIn) -> None:
    today = clock.now().date()
    late = make_case(S.VALIDATING, statutory_due=today - timedelta(days=2))
    near = make_case(S.DISCOVERY, statutory_due=today + timedelta(days=3))
    make_case(S.VALIDATING, statutory_due=today + timedelta(days=5))
    make_case(S.EXECUTING, statutory_due=today, answered_at=clock.now())
    make_case(S.CLOSED, statutory_due=today)
    [work] = sign_in(Role.DPO).get("/admin/").context["work"]
    assert work.title == "Answers overdue, or due within three days"
    assert [line.name for line in work.lines] == [late.reference, near.reference]


# -- case page -------------------------------------------------------------------------------


def test_timeline_tells_who_did_what_in_sentences(sign_in: SignIn, in_review: ErasureCase) -> None:
    dpo = make_user(Role.DPO)
    dpo.first_name, dpo.last_name = "Dora", "Muster"
    dpo.save()
    digest = in_review.inventory_digest
    review.approve(
        in_review.pk, actor=Actor.of(dpo), digest=digest, decided_role="dpo", opinion="Erase."
    )
    shown = Page(sign_in(Role.AUDITOR).get(case_page(in_review))).said()
    assert "Dora Muster approved the erasure." in shown
    assert "Dora Muster released 3 records for erasure on Art. 17(1)(b)." in shown
    assert "froze the inventory: 3 records in 2 stores; every store answered." in shown


@pytest.mark.parametrize(("columns", "said"), [
    ({"state": "ERASED", "verdict": "VERIFIED_ABSENT"}, "Read back: gone"),
    ({"state": "ERASED", "verdict": "ANONYMISED"}, "Read back: anonymised"),
    ({"state": "ERASED", "verdict": "ATTESTED"}, "Attested, cannot be read back"),
    ({"state": "REQUESTED"}, "Vendor says gone, not yet read back"),
    ({"state": "EXEMPT", "article": "17(3)(b)"}, "Exempt (Art. 17(3)(b))"),
    ({"state": "FAILED", "reason": "HTTP 409"}, "Failed HTTP 409"),
    ({"state": "MANUAL"}, "Needs a person"),
    ({"state": "PROPOSED", "certain": False}, "Uncertain: is it this person?"),
    ({"state": "PROPOSED", "certain": False, "lead": True}, "Lead by name"),
])  # fmt: skip
def test_record_says_where_it_stands(
    sign_in: SignIn, genesys: object, columns: dict[str, object], said: str
) -> None:
    case = make_case(S.EXECUTING)
    make_item(case, genesys, **columns)
    assert said in Page(sign_in(Role.AUDITOR).get(case_page(case))).said()


def test_records_are_narrowed_by_store_and_state(
    sign_in: SignIn, in_review: ErasureCase, genesys: object
) -> None:
    auditor = sign_in(Role.AUDITOR)
    url = case_page(in_review)
    shown = auditor.get(url, {"store": "genesys-eu.voice_recordings"}).context["records"]
    assert [row.item.store for row in shown] == ["voice_recordings"]
    assert auditor.get(url, {"state": "FAILED"}).context["records"] == []
    assert len(auditor.get(url, {"state": "'; DROP"}).context["records"]) == 3


def test_progress_counts_what_was_read_back_in_words(sign_in: SignIn, genesys: object) -> None:
    case = make_case(S.EXECUTING)
    for columns in (
        {"state": I.ERASED, "verdict": "VERIFIED_ABSENT"}, {"state": I.REQUESTED},
        {"state": I.HELD}, {"state": I.FAILED}, {"state": I.PLANNED}, {"state": I.EXCLUDED},
    ):  # fmt: skip
        make_item(case, genesys, **columns)
    answer = sign_in(Role.OFFICER).get(at("case_progress", case.pk))
    assert answer["X-Case-State"] == "EXECUTING"
    assert (
        Page(answer)
        .said()
        .startswith(
            "Genesys Cloud EU: 1 of 5 read back, 1 kept, 1 waiting for the vendor, 1 for a person"
        )
    )


def test_progress_in_discovery_counts_stores(sign_in: SignIn, genesys: object) -> None:
    case = make_case(S.DISCOVERY)
    make_search(case, genesys, "external_contacts", "FOUND")
    make_search(case, genesys, "voice_recordings", "UNANSWERED")
    make_search(case, genesys, "evaluations", "")
    answer = sign_in(Role.OFFICER).get(at("case_progress", case.pk))
    assert Page(answer).said().startswith("Genesys Cloud EU: 2 of 3 stores asked, 1 unanswered")


def test_nearest_date_is_emphasised(sign_in: SignIn) -> None:
    today = clock.now().date()
    case = make_case(
        S.EXECUTING, internal_target=today - timedelta(days=1),
        statutory_base=today + timedelta(days=1), statutory_due=today + timedelta(days=3),
    )  # fmt: skip
    shown = sign_in(Role.OFFICER).get(case_page(case)).context["dates"]
    assert [(date.label, date.nearest) for date in shown] == [
        ("Our target", False), ("One month", True), ("Answer due", False),
    ]  # fmt: skip


def test_case_page_of_a_running_case_reloads_without_script(sign_in: SignIn) -> None:
    answer = sign_in(Role.OFFICER).get(case_page(make_case(S.DISCOVERY)))
    assert b'<noscript><meta http-equiv="refresh"' in answer.content
    quiet = sign_in(Role.OFFICER).get(case_page(make_case(S.DPO_REVIEW)))
    assert b'http-equiv="refresh"' not in quiet.content


# -- new case --------------------------------------------------------------------------------

NEW = {
    "channel": "phone", "received_at": "2026-01-05T09:30", "name": "Ada Beispiel",
    "emails": "Ada@Example.org", "phones": "+44 1632 960123", "language": "en",
    "request_text": "Please erase.",
}  # fmt: skip


def test_new_case_keeps_the_true_moment_of_receipt(sign_in: SignIn) -> None:
    answer = sign_in(Role.CLERK).post(CASES + "add/", NEW)
    case = ErasureCase.objects.get()
    assert answer.url == case_page(case)
    assert case.received_at.isoformat() == "2026-01-05T08:30:00+00:00"
    assert case.logged_at > case.received_at
    assert {row.value for row in case.identifiers.all()} == {
        "ada@example.org", "+441632960123", "Ada Beispiel",
    }  # fmt: skip


@pytest.mark.parametrize(("change", "said"), [
    ({"emails": "ada@", "phones": ""}, "Line 1: This is not a complete e-mail address."),
    ({"emails": "", "phones": ""}, "Give at least one e-mail address or phone number"),
    ({"received_at": "2999-01-01T10:00"}, "This lies in the future."),
    ({"name": ""}, "This field is required."),
])  # fmt: skip
def test_new_case_with_wrong_input_keeps_the_rest(
    sign_in: SignIn, change: dict[str, str], said: str
) -> None:
    answer = sign_in(Role.CLERK).post(CASES + "add/", {**NEW, **change})
    assert said in Page(answer).said()
    assert "Please erase." in Page(answer).said()
    assert ErasureCase.objects.count() == 0
