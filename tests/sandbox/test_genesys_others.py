from erasure.sandbox.genesys.rows import CONTACT_LIST, QUEUE
from tests.sandbox.asking import MARIA_SALES, talk

ROWS = f"/outbound/contactlists/{CONTACT_LIST}/contacts"


def outbound(stores):
    (key,) = stores()["outbound_contacts"]
    return key


def test_voicemail_of_a_token_without_user_is_400(client):
    reply = client.get("/voicemail/messages")
    assert (reply.status, reply.json["code"]) == (400, "not.a.user")


def test_voicemail_of_a_queue_is_listed(client):
    rows = client.get(f"/voicemail/queues/{QUEUE}/messages").json["entities"]
    assert talk(5) in [row["conversation"]["id"] for row in rows]


def test_outbound_contact_in_use_refuses_one_delete_and_silently_survives_the_other(
    client, vendor, stores
):
    key = outbound(stores)
    vendor.org.outbound[key].in_use = True
    assert client.delete(f"{ROWS}/{key}").json["code"] == "contact.in.use"
    assert client.delete(ROWS, contactIds=key).status == 204
    assert client.get(f"{ROWS}/{key}").json["data"]["name"] == "Maria Beispiel"


def test_outbound_contact_is_deleted_when_free(client, stores):
    key = outbound(stores)
    assert client.delete(f"{ROWS}/{key}").status == 200
    assert client.get(f"{ROWS}/{key}").status == 404
    assert "outbound_contacts" not in stores()


def test_outbound_list_that_does_not_exist_is_404(client):
    reply = client.get("/outbound/contactlists/none/contacts/x")
    assert reply.json["code"] == "contact.list.not.found"


def test_journey_sessions_can_be_read_and_not_deleted(client):
    rows = client.get(f"/externalcontacts/contacts/{MARIA_SALES}/journey/sessions").json["entities"]
    path = f"/journey/sessions/{rows[0]['id']}"
    assert [client.get(path).status, client.delete(path).status] == [200, 405]
