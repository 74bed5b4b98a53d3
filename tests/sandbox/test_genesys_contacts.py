from tests.sandbox.asking import (
    MARIA,
    MARIA_ANCESTOR,
    MARIA_IDENTIFIED,
    MARIA_SALES,
    Genesys,
    contact_id,
)

LOOKUP = "/externalcontacts/identifierlookup/contacts"
CONTACTS = "/externalcontacts/contacts"


def test_lookup_by_each_identifier_finds_the_contact_that_claims_it(client):
    def found(kind, value):
        return client.post(LOOKUP, {"type": kind, "value": value}).json["id"]

    assert found("Email", "Maria.Beispiel@example.org") == MARIA
    assert found("Email", "m.beispiel@example.com") == MARIA_SALES
    assert found("Email", "mariab@example.net") == MARIA_IDENTIFIED
    assert found("Phone", "+447700900101") == MARIA_SALES
    assert found("ExternalId", "CRM-100101") == MARIA_SALES
    assert found("SocialWhatsapp", "+447700900101") == MARIA_SALES
    assert found("Email", "siobhan.o'brien+news@example.org") == contact_id("siobhan")


def test_lookup_of_nobody_is_404(client):
    reply = client.post(LOOKUP, {"type": "Email", "value": "nobody@example.org"})
    assert (reply.status, reply.json["code"]) == (404, "contact.not.found")


def test_lookup_of_a_phone_without_plus_is_422(client):
    assert client.post(LOOKUP, {"type": "Phone", "value": "01632960101"}).status == 422


def test_lookup_of_an_unknown_type_is_400(client):
    assert client.post(LOOKUP, {"type": "Fax", "value": "1"}).status == 400


def test_search_is_fuzzy_and_hides_what_the_platform_made(client):
    names = {
        (row["firstName"], row["lastName"])
        for row in client.get(CONTACTS, q="Maria Beispiel").json["entities"]
    }
    assert {("Maria", "Beispiel"), ("Maria", "Mustermann"), ("Ada", "Beispielhaft")} <= names
    assert client.get(CONTACTS, q="maria").ids == {MARIA, MARIA_SALES}


def test_search_brings_false_positives(client):
    ids = client.get(CONTACTS, q="m.beispiel@example.com", pageSize=100).ids
    strangers = {contact_id(f"bystander{number:02d}") for number in range(24)} & ids
    assert {MARIA, MARIA_SALES} <= ids
    assert strangers


def test_search_beyond_a_thousand_is_400(client):
    assert client.get(CONTACTS, pageSize=100, pageNumber=11).status == 400


def test_search_by_division_gives_that_division_alone(client):
    home = client.get(f"{CONTACTS}/{MARIA}").json["division"]["id"]
    rows = client.get(CONTACTS, divisionIds=home, pageSize=100).json["entities"]
    assert {row["division"]["name"] for row in rows} == {"Home"}


def test_search_pages_follow_next_uri_and_carry_the_query(client):
    page = client.get(CONTACTS, q="maria", pageSize=1).json
    assert page["nextUri"] == f"/api/v2{CONTACTS}?q=maria&pageSize=1&pageNumber=2"
    assert (page["total"], page["pageCount"], page["partialResults"]) == (2, 2, False)


def test_search_partial_says_so_and_lists_less(app, client):
    app.fault("partial-results", True)
    page = client.get(CONTACTS, q="maria").json
    assert (page["partialResults"], len(page["entities"])) == (True, 1)


def test_get_ancestor_leads_to_the_canonical_contact(client):
    body = client.get(f"{CONTACTS}/{MARIA_ANCESTOR}").json
    assert body["id"] == MARIA_SALES
    assert [one["id"] for one in body["mergeSet"]] == [MARIA_SALES, MARIA_ANCESTOR]
    assert [one["id"] for one in body["mergedFrom"]] == [MARIA_ANCESTOR]


def test_get_unresolved_gives_the_exact_record(client):
    body = client.get(f"{CONTACTS}/{MARIA_ANCESTOR}/unresolved").json
    assert (body["id"], body["mergedTo"]["id"]) == (MARIA_ANCESTOR, MARIA_SALES)
    assert body["canonicalContact"]["id"] == MARIA_SALES


def test_delete_ancestor_takes_the_merge_set_and_its_notes(client, stores):
    assert client.delete(f"{CONTACTS}/{MARIA_ANCESTOR}").json == {}
    assert client.get(f"{CONTACTS}/{MARIA_SALES}").status == 404
    assert client.get(f"{CONTACTS}/{MARIA_ANCESTOR}/unresolved").status == 404
    assert stores()["external_contacts"] == {MARIA, MARIA_IDENTIFIED}
    assert len(stores()["contact_notes"]) == 1


def test_delete_twice_is_404_the_second_time(client):
    replies = [client.delete(f"{CONTACTS}/{MARIA}") for _ in range(2)]
    assert [reply.status for reply in replies] == [200, 404]
    assert replies[1].json["code"] == "contact.not.found"


def test_search_after_a_delete_lags(client, later):
    client.delete(f"{CONTACTS}/{MARIA}")
    assert MARIA in client.get(CONTACTS, q="maria").ids
    later(seconds=6)
    assert client.get(CONTACTS, q="maria").ids == {MARIA_SALES}


def test_deleted_contact_comes_back_if_something_recreates_it(app, client, later):
    app.fault("contact-recreated", 60)
    client.delete(f"{CONTACTS}/{MARIA}")
    wanted = {"type": "Email", "value": "maria.beispiel@example.org"}
    assert client.post(LOOKUP, wanted).status == 404
    later(seconds=61)
    again = client.post(LOOKUP, wanted).json
    assert again["type"] == "Identified"
    assert again["id"] != MARIA


def test_deleting_a_contact_leaves_its_conversations(client, stores):
    before = stores()["conversations"]
    client.delete(f"{CONTACTS}/{MARIA}")
    assert stores()["conversations"] == before


def test_identifiers_are_listed_and_expanded_on_request(client):
    claims = [("Email", "maria.beispiel@example.org"), ("Phone", "+441632960101")]
    listed = client.get(f"{CONTACTS}/{MARIA}/identifiers").json["entities"]
    assert [(one["type"], one["value"]) for one in listed] == claims
    plain = client.get(f"{CONTACTS}/{MARIA}").json
    assert "identifiers" not in plain
    assert client.get(f"{CONTACTS}/{MARIA}", expand="identifiers").json["identifiers"] == listed


def test_notes_of_ancestors_need_the_merge_set(client):
    path = f"{CONTACTS}/{MARIA_SALES}/notes"
    assert client.get(path).json["total"] == 0
    notes = client.get(path, expand="mergeset").json
    assert (notes["total"], notes["partialResults"]) == (1, False)
    note = notes["entities"][0]["id"]
    assert client.delete(f"{path}/{note}").json == {}
    assert client.get(f"{path}/{note}").status == 404


def test_bulk_remove_answers_200_though_some_fail_in_any_order(client, stores):
    wanted = [{"id": key} for key in ("gone-1", MARIA, "gone-2", MARIA_IDENTIFIED)]
    body = client.post("/externalcontacts/bulk/contacts/remove", {"entities": wanted}).json
    assert {one["id"]: one["success"] for one in body["results"]} == {
        "gone-1": False,
        MARIA: True,
        "gone-2": False,
        MARIA_IDENTIFIED: True,
    }
    assert (body["errorCount"], body["errorIndexes"]) == (2, [0, 2])
    assert stores()["external_contacts"] == {MARIA_SALES, MARIA_ANCESTOR}


def test_bulk_fetch_resolves_or_not(client):
    wanted = {"entities": [{"id": MARIA_ANCESTOR}]}
    one = client.post("/externalcontacts/bulk/contacts", wanted).json["results"][0]
    exact = client.post("/externalcontacts/bulk/contacts/unresolved", wanted).json["results"][0]
    assert (one["entity"]["id"], exact["entity"]["id"]) == (MARIA_SALES, MARIA_ANCESTOR)


def test_bulk_of_more_than_fifty_is_400(client):
    wanted = {"entities": [{"id": str(number)} for number in range(51)]}
    assert client.post("/externalcontacts/bulk/contacts", wanted).status == 400


def test_scan_reads_every_curated_contact_by_cursor(client):
    found, cursor = [], None
    while cursor != "":
        query = {"cursor": cursor} if cursor else {}
        body = client.get("/externalcontacts/scan/contacts", limit=10, **query).json
        found += [row["id"] for row in body["entities"]]
        cursor = body.get("cursors", {}).get("after", "")
    assert (
        len(found) == len(set(found)) == 39
    )  # 24 bystanders, 9 subjects, maria twice, mona four times


def test_reverse_lookup_is_exact_and_blind_to_auto_generated(client):
    path = "/externalcontacts/reversewhitepageslookup"
    found = client.get(path, lookupVal="m.beispiel@example.com").json["contacts"]
    assert [one["id"] for one in found] == [MARIA, MARIA_SALES]


def test_lost_division_hides_its_contacts_without_forbidding_them(app, client):
    app.fault("division-lost", True)
    assert client.get(f"{CONTACTS}/{MARIA_SALES}").status == 404
    assert client.get(CONTACTS, q="maria").ids == {MARIA}
    app.fault("division-lost", False)
    assert client.get(f"{CONTACTS}/{MARIA_SALES}").status == 200


def test_lost_division_of_one_client_leaves_the_other_alone(app, client):
    reader = Genesys(app, "reader")
    reader.sign_in()
    app.fault("division-lost", reader.id)
    assert reader.get(f"{CONTACTS}/{MARIA_SALES}").status == 404
    assert client.get(f"{CONTACTS}/{MARIA_SALES}").status == 200


def test_client_of_one_division_sees_that_division_alone(app):
    home = Genesys(app, "home")
    home.sign_in()
    assert home.get(CONTACTS, q="maria").ids == {MARIA}
