"""People planned record by record: what leads to whom, and what never does."""

import pytest

from erasure.sandbox.genesys.seed import contact_id, conversation_id
from erasure.sandbox.people import find, populate
from erasure.sandbox.server import application
from tests.sandbox.asking import Genesys, ask

LOOKUP = "/externalcontacts/identifierlookup/contacts"


def plan(*people):
    return {"generated": {"people": list(people)}}


def person(key="p1", **given):
    contact = {"key": "main", "first": "Zoë", "last": "O'Example", **given.pop("contact", {})}
    return {
        "key": key,
        "first_name": "Zoë",
        "last_name": "O'Example",
        "contacts": [contact],
        "talks": [],
    } | given


@pytest.fixture
def seeded(app, client):
    def seed(*people):
        app.reset("generated", plan(*people))
        client.sign_in()
        return client

    return seed


def kind_of(value):
    return "Email" if "@" in value else "Phone"


def walked(client, start):
    """Every identifier and contact a walk by look-ups alone reaches from one."""
    open_, known, contacts = [start], set(), set()
    while open_:
        value = open_.pop()
        known.add(value)
        reply = client.post(LOOKUP, {"type": kind_of(value), "value": value})
        if reply.status == 404:
            continue
        body = reply.json
        contacts.add(body["id"])
        seen = [body[name] for name in ("workEmail", "personalEmail", "otherEmail") if name in body]
        phones = ("cellPhone", "homePhone", "workPhone", "otherPhone")
        seen += [body[name]["e164"] for name in phones if name in body]
        open_ += [one for one in seen if one not in known]
    return known, contacts


@pytest.mark.parametrize("start", range(5))
def test_many_is_found_whole_from_any_of_its_five_identifiers(client, start):
    many = find(populate(), "many")
    values = (*many.emails, *many.phones)
    assert (len(many.emails), len(many.phones)) == (3, 2)
    known, contacts = walked(client, values[start])
    assert known == set(values)
    assert contacts == {contact_id("many", key) for key in ("main", "shop", "club", "site")}


def test_many_shows_two_identifiers_at_most_together_with_the_next(client):
    many = find(populate(), "many")
    shown = [{*one.emails, *(phone.value for phone in one.phones)} for one in many.contacts[:4]]
    shared = [len(one & two) for one, two in zip(shown, [*shown[1:], shown[0]], strict=True)]
    assert shared == [1, 1, 1, 1]


def test_many_has_a_merged_contact_that_its_handle_leads_away_from(client):
    many = find(populate(), "many")
    reply = client.post(LOOKUP, {"type": "SocialWhatsapp", "value": many.whatsapp}).json
    assert reply["id"] == contact_id("many", "site")
    old = client.get(f"/externalcontacts/contacts/{contact_id('many', 'old')}/unresolved").json
    assert old["mergedTo"]["id"] == contact_id("many", "site")


def test_family_shares_one_landline_and_nothing_else(client):
    found = client.get("/gdpr/subjects", searchType="PHONE", searchValue="+441632960160").json
    ids = {row["externalContactId"] for row in found["entities"]}
    assert ids == {contact_id("family1"), contact_id("family2")}
    one, two = find(populate(), "family1"), find(populate(), "family2")
    assert {*one.emails, *one.phones} & {*two.emails, *two.phones} == {"+441632960160"}
    assert (one.first_name == two.first_name, one.last_name == two.last_name) == (False, True)


def test_recycled_address_leads_to_somebody_of_another_name(client):
    address = "post.box@example.net"
    reply = client.post(LOOKUP, {"type": "Email", "value": address}).json
    assert (reply["id"], reply["lastName"]) == (contact_id("heir"), "Neupost")
    found = client.get("/gdpr/subjects", searchType="EMAIL", searchValue=address).json
    assert {row["name"] for row in found["entities"]} == {"Olga Altpost", "Henri Neupost"}


def test_generated_seeds_exactly_the_plan(app, seeded):
    seeded(
        person(
            contact={"emails": ["a@example.org"], "phones": ["+441632960901"]},
            talks=[
                {"days": 9, "media": "voice", "address": "+441632960901", "contact": "main",
                 "evaluated": True, "attributes": {"told": "Zoë"}},
                {"days": 3, "media": "email", "address": "a@example.org", "contact": "main"},
            ],
        )
    )  # fmt: skip
    counts = {}
    for row in app.holdings("p1"):
        counts[row["store"]] = counts.get(row["store"], 0) + 1
    assert counts == {
        "external_contacts": 1,
        "conversations": 2,
        "participant_attributes": 1,
        "voice_recordings": 1,
        "email_transcripts": 1,
        "speech_transcripts": 2,
        "evaluations": 1,
    }
    assert len(app.people) == 1


@pytest.mark.parametrize(
    "email",
    [
        "zoë.o'example+tag@bücher.example.org",
        "zoë@xn--bcher-kva.example.org",
        "ليلى@example.org",
    ],
)
def test_generated_takes_addresses_of_every_spelling(seeded, email):
    client = seeded(person(contact={"emails": [email]}))
    assert client.post(LOOKUP, {"type": "Email", "value": email.upper()}).status == 200
    found = client.get("/gdpr/subjects", searchType="EMAIL", searchValue=email).json
    assert found["entities"][0]["emailAddresses"] == [email]


def test_generated_takes_names_from_right_to_left(seeded):
    client = seeded(person(contact={"first": "ليلى", "last": "مثال"}))
    found = client.get("/gdpr/subjects", searchType="NAME", searchValue="ليلى").json
    assert [row["name"] for row in found["entities"]] == ["ليلى مثال"]


def test_generated_number_shows_what_was_typed_and_e164_only_if_readable(seeded):
    phones = [
        {"userInput": "0163 296 0101", "e164": "+441632960101"},
        {"userInput": "ask for Zoë"},
    ]
    client = seeded(person(contact={"phones": phones}))
    body = client.post(LOOKUP, {"type": "Phone", "value": "+441632960101"}).json
    assert body["cellPhone"]["userInput"] == "0163 296 0101"
    assert body["cellPhone"]["e164"] == "+441632960101"
    assert body["homePhone"] == {"display": "ask for Zoë", "userInput": "ask for Zoë"}


def test_generated_identifier_is_claimed_once_and_found_with_both(seeded):
    one = person("p1", contact={"emails": ["shared@example.org"]})
    two = person("p2", contact={"emails": ["shared@example.org"]})
    client = seeded(one, two)
    reply = client.post(LOOKUP, {"type": "Email", "value": "shared@example.org"}).json
    assert reply["id"] == contact_id("p1")
    found = client.get("/gdpr/subjects", searchType="EMAIL", searchValue="shared@example.org").json
    assert found["total"] == 2


def test_generated_claims_are_kept_as_given(seeded):
    one = person("p1", contact={"emails": ["shared@example.org"], "claims": []})
    two = person("p2", contact={"emails": ["shared@example.org"]})
    client = seeded(one, two)
    reply = client.post(LOOKUP, {"type": "Email", "value": "shared@example.org"}).json
    assert reply["id"] == contact_id("p2")


def test_generated_value_without_a_field_is_an_identifier(seeded):
    emails = [f"m{number}@example.org" for number in range(5)]
    client = seeded(person(contact={"emails": emails, "claims": []}))
    key = contact_id("p1")
    rows = client.get(f"/externalcontacts/contacts/{key}/identifiers").json["entities"]
    assert [row["value"] for row in rows] == emails[3:]


def test_generated_hides_identified_contacts_and_merges_ancestors(seeded):
    contacts = [
        {"key": "main", "first": "Zoë", "last": "One", "emails": ["a@example.org"]},
        {"key": "auto", "first": "", "last": "", "emails": ["b@example.org"],
         "kind": "Identified", "division": "Sales"},
        {"key": "old", "first": "Zoë", "last": "One", "emails": ["c@example.org"],
         "merged_to": "main"},
    ]  # fmt: skip
    client = seeded(person(contacts=contacts))
    assert client.get("/externalcontacts/contacts", q="").ids == {contact_id("p1")}
    reply = client.post(LOOKUP, {"type": "Email", "value": "c@example.org"}).json
    assert reply["id"] == contact_id("p1")


def test_generated_talk_belongs_to_its_contacts_division_unless_told(app, seeded):
    talk = {"days": 40, "media": "chat", "address": "a@example.org", "contact": "main"}
    seeded(
        person(
            contact={"emails": ["a@example.org"], "division": "Sales"},
            talks=[talk, talk | {"divisions": ["Home"], "days": 50}],
        )
    )
    home = Genesys(app, "home")
    home.sign_in()
    keys = [conversation_id("p1", number) for number in (0, 1)]
    assert [home.get(f"/conversations/{key}").status for key in keys] == [404, 200]


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"people": [{"key": "p1"}]},
        {"people": [person(), person()]},
        {"people": [person(contact={"kind": "Imagined"})]},
        {"people": [person(contact={"division": "Mars"})]},
        {"people": [person(contact={"merged_to": "nobody"})]},
        {"people": [person(contacts=[person()["contacts"][0]] * 2)]},
        {"people": [person(talks=[{"days": 1, "media": "fax", "address": "", "contact": "main"}])]},
        {"people": [person(talks=[{"days": 1, "media": "chat", "address": "", "contact": "x"}])]},
    ],
)
def test_generated_plan_out_of_shape_is_refused(app, broken):
    body = {"population": "generated", "options": {"generated": broken}}
    assert ask(app, "POST", "/sandbox/reset", body).status == 400


def test_graph_is_one_ring_of_as_many_identifiers_and_contacts_as_asked():
    app = application("graph")
    app.reset("graph", {"graph": {"identifiers": 50, "contacts": 20, "conversations": 7}})
    client = Genesys(app)
    client.sign_in()
    graph = app.people[0]
    assert (len(graph.emails) + len(graph.phones), len(graph.contacts)) == (50, 20)
    known, contacts = walked(client, graph.phones[-1])
    assert (len(known), len(contacts)) == (50, 20)
    held = [row["store"] for row in app.holdings("graph")]
    assert held.count("conversations") == 7


def test_graph_is_500_identifiers_over_200_contacts_by_itself():
    graph = populate("graph")[0]
    values = {*graph.emails, *graph.phones}
    assert (len(values), len(graph.contacts)) == (500, 200)
    assert all(len(one.emails) <= 3 and len(one.phones) <= 4 for one in graph.contacts)


def test_graph_with_fewer_identifiers_than_contacts_is_refused():
    with pytest.raises(ValueError, match="at least one identifier"):
        populate("graph", {"graph": {"identifiers": 2, "contacts": 3}})
