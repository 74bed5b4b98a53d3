"""What hangs on contacts, leads and cases, against an org of a few rows given per test."""
# ruff: noqa: S608 - the statements are for an invented org

import json
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from erasure.connectors.base import (
    Account,
    Control,
    Erased,
    Found,
    ItemRef,
    NotErased,
    Reply,
    Searched,
    Seen,
    Unanswered,
)
from erasure.connectors.salesforce.catalog import Catalog
from erasure.connectors.salesforce.collecting import ANSWERED, Collecting
from erasure.connectors.salesforce.kinds import BY_STORE, KINDS
from erasure.connectors.salesforce.org import Org
from erasure.connectors.salesforce.reading import Reading
from erasure.connectors.salesforce.removal import Removal
from erasure.connectors.salesforce.soql import id18
from erasure.connectors.salesforce.users import Users
from erasure.errors import RefusedError, StoppedError
from erasure.values import Identifier, IdentifierKind, StoreStatus

BASE = "https://example.my.salesforce.com"
DATA = f"{BASE}/services/data/v62.0"
ADA = Identifier(IdentifierKind.EMAIL, "ada_l@example.org")
PHONE = Identifier(IdentifierKind.PHONE, "+441632960101")
ALL = {kind.name for kinds in BY_STORE.values() for kind in kinds}
FIELDS = ("IsPersonAccount", "ContactId", "IndividualId", "PersonIndividualId")


def made(prefix, number):
    return id18(f"{prefix}{number:012d}")


CONTACT, CASE = made("003", 1), made("500", 1)


class Pace:
    def wait(self):
        """At once."""

    def block(self, seconds):
        raise AssertionError("nobody is to be blocked")


class Fake:
    """Gives every row of an object, whatever is asked: the connector must compare itself."""

    def __init__(self, rows=None, listed=ALL, sees_all=True, refused=()):
        self.rows, self.asked, self.refused = rows or {}, [], refused
        self.sees_all = sees_all
        token = {"access_token": "t", "instance_url": BASE}
        responses.post(f"{BASE}/services/oauth2/token", json=token)
        objects = [{"name": name} for name in sorted(listed | {"Contact"})]
        responses.get(f"{DATA}/sobjects", json={"sobjects": objects})
        fields = [{"name": name, "type": "reference"} for name in FIELDS]
        described = re.compile(rf"{DATA}/sobjects/\w+/describe")
        responses.get(described, json={"fields": fields})
        responses.get(f"{DATA}/search", json={"searchRecords": []})
        for kind in ("query", "queryAll"):
            responses.add_callback(responses.GET, f"{DATA}/{kind}", self.answer)
        account = Account("crm", BASE, BASE, "id", "secret", region="GB")
        self.org = Org(account, Pace())
        self.removal = Removal(self.org, Users(self.org, Catalog(self.org)))

    def answer(self, request):
        soql = parse_qs(urlsplit(request.url).query)["q"][0]
        name = re.search(r" FROM (\w+)", soql)[1]
        self.asked.append((urlsplit(request.url).path.rsplit("/", 1)[1], soql))
        if name in self.refused:
            return 400, {}, json.dumps([{"errorCode": "INVALID_TYPE", "message": "no"}])
        rows = self.rows.get(name, [])
        if name == "UserPermissionAccess":
            rows = [{"PermissionsViewAllData": self.sees_all}]
        return 200, {}, json.dumps({"done": True, "records": rows})

    def below(self, who=(ADA,), ids=(CONTACT, CASE), **options):
        self.org.account = replace(self.org.account, options=options)
        people = [Found("contacts", each) for each in ids]
        collecting = Collecting(self.org, Catalog(self.org))
        answers = list(collecting.everything(who, people))
        found = [each for each in answers if isinstance(each, Found)]
        return found, {each.store: each for each in answers if not isinstance(each, Found)}


def go(refs):
    """The holds have nothing against it."""


def stop(refs):
    raise StoppedError("a hold covers it", held=True)


@responses.activate
def test_every_store_is_answered_once_and_asked_by_one_query_for_each_object():
    fake = Fake()
    found, said = fake.below([ADA, PHONE], ids=())
    assert (found, set(said)) == ([], set(ANSWERED))
    silent = {store for store, each in said.items() if each.status is not StoreStatus.EMPTY}
    assert silent == {"custom"}
    assert len(fake.asked) == len({soql.split(" FROM ")[1].split()[0] for _, soql in fake.asked})


@responses.activate
def test_objects_the_org_has_not_are_not_present_and_not_asked():
    fake = Fake(listed=ALL - {"VoiceCall", "VoiceCallRecording", "MessagingSession"})
    _, said = fake.below()
    assert said["voice_calls"].status is StoreStatus.NOT_PRESENT
    assert said["messaging"].status is StoreStatus.EMPTY
    assert [soql for _, soql in fake.asked if "VoiceCall" in soql] == []


@responses.activate
def test_object_that_is_not_listed_may_be_hidden_from_a_user_who_does_not_see_all():
    _, said = Fake(listed=ALL - {"VoiceCall"}, sees_all=False).below()
    assert {type(each) for each in said.values()} == {Unanswered}


@responses.activate
def test_object_that_is_listed_and_refuses_is_unanswered():
    _, said = Fake(refused=("Event",)).below()
    silent = {store for store, each in said.items() if isinstance(each, Unanswered)}
    assert silent == {"activities"}
    assert said["activities"].reason.endswith("INVALID_TYPE")


@responses.activate
@pytest.mark.parametrize("told", [[], [{"name": 7}], [{"label": "Contact"}], [{"name": ""}]])
def test_list_of_objects_that_cannot_be_read_leaves_all_unanswered(told):
    fake = Fake()
    responses.replace(responses.GET, f"{DATA}/sobjects", json={"sobjects": told})
    _, said = fake.below()
    assert {type(each) for each in said.values()} == {Unanswered}


@responses.activate
@pytest.mark.parametrize(
    "field",
    [
        {"name": 7, "type": "email"},
        {"name": "Fax"},
        {"name": "Fax", "type": "reference", "referenceTo": "Contact"},
        {"name": "Fax", "type": "reference", "referenceTo": [7]},
    ],
)
def test_field_that_is_told_in_part_leaves_its_object_undescribed(field):
    fake = Fake()
    answer = {"fields": [{"name": "Email", "type": "email"}, field]}
    responses.replace(responses.GET, re.compile(rf"{DATA}/sobjects/\w+/describe"), json=answer)
    with pytest.raises(RefusedError):
        Catalog(fake.org).fields("Contact")


@responses.activate
def test_mail_counts_by_its_addresses_and_its_case_and_by_nothing_else():
    rows = [
        {"Id": made("02s", 1), "FromAddress": "ADA_L@example.org"},
        {"Id": made("02s", 2), "ToAddress": "Bo <bo@example.org>; Ada <ada_l@example.org>"},
        {"Id": made("02s", 3), "ParentId": CASE, "FromAddress": "bo@example.org"},
        {"Id": made("02s", 4), "ToAddress": "xada_l@example.org, ada-l@example.org"},
        {"Id": made("02s", 5), "ParentId": made("500", 2)},
    ]
    found, said = Fake({"EmailMessage": rows}).below()
    assert [each.remote_id for each in found] == [row["Id"] for row in rows[:3]]
    assert [each.parent_id for each in found] == [rows[0]["Id"], rows[1]["Id"], CASE]
    assert [each.identifiers for each in found] == [(ADA,), (ADA,), ()]
    assert {each.certain for each in found} == {True}
    assert said["emails"].total == 3


@responses.activate
def test_what_hangs_on_somebody_elses_record_is_joint_whoevers_address_is_on_it():
    theirs, bob = made("500", 2), made("003", 2)
    rows = {
        "Case": [
            {"Id": theirs, "SuppliedEmail": "ada_l@example.org", "ContactId": bob},
            {"Id": CASE, "SuppliedEmail": "ada_l@example.org", "ContactId": CONTACT},
        ],
        "CaseComment": [
            {"Id": made("00a", 1), "ParentId": theirs},
            {"Id": made("00a", 2), "ParentId": CASE},
        ],
        "EmailMessage": [
            {"Id": made("02s", 1), "ParentId": made("500", 3), "FromAddress": "ada_l@example.org"},
            {"Id": made("02s", 2), "RelatedToId": made("001", 1), "CcAddress": "ada_l@example.org"},
        ],
    }
    found, _ = Fake(rows).below(ids=[CONTACT])
    assert {each.remote_id for each in found if each.joint} == {
        theirs,
        made("00a", 1),
        made("02s", 1),
    }
    assert {each.remote_id for each in found if not each.joint} == {
        CASE,
        made("00a", 2),
        made("02s", 2),
    }


@responses.activate
def test_file_on_a_record_that_is_somebody_elses_too_is_joint_and_never_goes_whole():
    theirs, bob = made("500", 2), made("003", 2)
    alone, both = made("069", 1), made("069", 2)
    links = [
        {"Id": made("06A", n), "ContentDocumentId": document, "LinkedEntityId": record}
        for n, (document, record) in enumerate(
            [(alone, theirs), (both, theirs), (both, CONTACT)], start=1
        )
    ]
    case = {"Id": theirs, "SuppliedEmail": "ada_l@example.org", "ContactId": bob}
    found, _ = Fake({"Case": [case], "ContentDocumentLink": links}).below(ids=[CONTACT])
    files = {each.remote_id: each.joint for each in found if each.store == "files"}
    assert files == {alone: True, made("06A", 2): True, made("06A", 3): False}


@responses.activate
def test_archived_activities_are_found_and_deleted_ones_are_not():
    rows = [
        {"Id": made("00T", 1), "WhoId": CONTACT, "IsDeleted": False},
        {"Id": made("00T", 2), "WhoId": CONTACT, "IsDeleted": True},
    ]
    fake = Fake({"Task": rows})
    found, _ = fake.below()
    assert [each.remote_id for each in found] == [made("00T", 1)]
    assert {kind for kind, soql in fake.asked if " FROM Task " in soql} == {"queryAll"}
    assert (found[0].division, found[0].facts) == ("Task", {"object": "Task"})


@responses.activate
def test_what_hangs_on_a_lead_is_found_through_the_lead():
    rows = {"LeadHistory": [{"Id": made("017", 1), "LeadId": made("00Q", 1)}]}
    found, _ = Fake(rows).below([PHONE], ids=[made("00Q", 1)])
    assert [(each.store, each.division) for each in found] == [("history", "LeadHistory")]


@responses.activate
def test_lead_nobody_took_for_the_persons_is_told_of_and_not_found():
    rows = {"Lead": [{"Id": made("00Q", 1), "Phone": "01632 960101"}]}
    found, said = Fake(rows).below([PHONE], ids=())
    assert (found, said["leads"].status) == ([], StoreStatus.EMPTY)
    assert said["leads"].note.startswith("Other records carry an identifier too")


@responses.activate
def test_many_parents_are_asked_for_in_portions():
    fake = Fake()
    fake.below(ids=[made("003", number) for number in range(500)])
    tasks = [soql for _, soql in fake.asked if " FROM Task " in soql]
    assert len(tasks) == 3
    assert max(map(len, tasks)) < 8_000


@responses.activate
@pytest.mark.parametrize(
    ("name", "field"),
    [
        *(("Attachment", "ParentId"), ("Note", "ParentId"), ("FeedItem", "ParentId")),
        *(("Task", "WhatId"), ("VoiceCall", "RelatedRecordId"), ("CaseHistory", "CaseId")),
        *(("CaseComment", "ParentId"), ("LiveChatTranscript", "CaseId")),
    ],
)
def test_record_of_a_case_names_the_case_so_that_a_hold_covers_it(name, field):
    kind = next(each for each in KINDS if each.name == name)
    found, _ = Fake({name: [{"Id": made(kind.prefix or "017", 1), field: CASE}]}).below()
    assert [each.parent_id for each in found] == [CASE]


def comments(*numbers):
    facts = {"object": "CaseComment"}
    return [ItemRef("case_comments", made("00a", number), facts=facts) for number in numbers]


def composite(*ids):
    rows = [{"id": each, "success": True, "errors": []} for each in ids]
    responses.delete(f"{DATA}/composite/sobjects", json=rows)


@responses.activate
def test_deleted_records_are_taken_out_of_the_bin():
    fake, refs = Fake(), comments(1)
    composite(refs[0].remote_id)
    responses.post(f"{BASE}/services/Soap/u/62.0", body="<result/>")
    [answer] = fake.removal.erase(refs, go)
    assert (type(answer), answer.reply) == (Erased, Reply.DONE)
    body = responses.calls[-1].request.body
    assert f"<ids>{refs[0].remote_id}</ids></emptyRecycleBin>".encode() in body


@responses.activate
def test_bin_that_cannot_be_emptied_leaves_the_deletion_done():
    fake, refs = Fake(), comments(1)
    composite(refs[0].remote_id)
    responses.post(f"{BASE}/services/Soap/u/62.0", status=500, body="sf:INVALID_SESSION_ID")
    [answer] = fake.removal.erase(refs, go)
    assert (type(answer), answer.reply) == (Erased, Reply.DONE)


def history(*numbers):
    facts = {"object": "CaseHistory"}
    return [ItemRef("history", made("017", n), facts=facts) for n in numbers]


def result(record, code=""):
    error = f"<errors><statusCode>{code}</statusCode></errors>" if code else ""
    done = "false" if code else "true"
    return f"<result>{error}<id>{record}</id><success>{done}</success></result>"


@responses.activate
def test_history_rows_are_deleted_over_soap_one_answer_for_each():
    fake, refs = Fake(), history(1, 2, 3, 4)
    ids = [ref.remote_id for ref in refs]
    codes = ("", "ENTITY_IS_DELETED", "INSUFFICIENT_ACCESS_OR_READONLY")
    body = "".join(result(*each) for each in zip(ids[:3], codes, strict=True)) + result(ids[0])
    responses.post(f"{BASE}/services/Soap/u/62.0", body=body)
    first, second, third, fourth = fake.removal.erase(refs, go)
    assert (first.reply, second.reply) == (Reply.DONE, Reply.ALREADY_GONE)
    assert third.error.code == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert isinstance(fourth, NotErased)  # the answer named another record


@responses.activate
@pytest.mark.parametrize("refs", [comments(1), history(1)])
def test_hold_stops_the_call_before_it_leaves(refs):
    fake = Fake()
    [answer] = fake.removal.erase(refs, stop)
    assert isinstance(answer.error, StoppedError)
    assert {call.request.method for call in responses.calls} <= {"POST"}
    assert {urlsplit(call.request.url).path for call in responses.calls} <= {
        "/services/oauth2/token"
    }


@responses.activate
def test_item_of_an_object_the_store_has_not_is_refused():
    ref = ItemRef("activities", made("003", 1), facts={"object": "Contact"})
    [answer] = Fake().removal.erase([ref], go)
    assert isinstance(answer.error, RefusedError)


@responses.activate
def test_items_of_two_objects_are_read_back_each_from_its_own():
    stamp = "2026-11-23T18:12:00.000+0000"
    binned = {"Id": made("00T", 1), "IsDeleted": True, "SystemModstamp": stamp}
    refs = [
        ItemRef("activities", made("00T", 1), facts={"object": "Task"}),
        ItemRef("activities", made("00U", 1), facts={"object": "Event"}),
    ]
    seen = Reading(Fake({"Task": [binned]}).org).verify(refs)
    assert [each.seen for each in seen] == [Seen.RECOVERABLE, Seen.ABSENT]


@responses.activate
def test_each_object_of_a_store_has_its_own_control():
    rows = {"Task": [{"Id": made("00T", 9)}], "Event": [{"Id": made("00U", 9)}]}
    reading = Reading(Fake(rows).org)
    found = [
        Found("activities", made(p, 1), division=d) for p, d in (("00T", "Task"), ("00U", "Event"))
    ]
    controls = list(reading.controls(found))
    assert controls == [
        Control("activities", "Task", made("00T", 9)),
        Control("activities", "Event", made("00U", 9)),
    ]
    assert [reading.sees(each) for each in controls] == [True, True]


@responses.activate
def test_answers_name_no_value_of_the_person():
    _, said = Fake(refused=("Lead", "EmailMessage")).below()
    shown = "".join(each.reason for each in said.values() if isinstance(each, Unanswered))
    assert "example.org" not in shown
    assert [each.note for each in said.values() if isinstance(each, Searched)]


SESSION = {"MessagingSession": [{"Id": made("0Mw", 1), "CaseId": CASE}]}


@responses.activate
@pytest.mark.parametrize(
    ("rows", "options", "asked"),
    [(SESSION, {}, True), (SESSION, {"enhanced_messaging": "None"}, False), ({}, {}, False)],
)
def test_what_was_written_in_enhanced_channels_is_for_a_person_unless_there_are_none(
    rows, options, asked
):
    _, said = Fake(rows).below(**options)
    assert said["messaging"].manual.startswith("What was written") is asked
    assert len(said["messaging"].manual) <= 300


@responses.activate
@pytest.mark.parametrize("rows", [{}, {"Note": [{"Id": made("002", 1), "ParentId": CONTACT}]}])
def test_archived_history_is_for_a_person_where_the_org_has_it(rows):
    _, without = Fake(rows).below()
    _, said = Fake(rows, listed=ALL | {"FieldHistoryArchive"}).below()
    assert (without["history"].manual, bool(said["history"].manual)) == ("", True)
