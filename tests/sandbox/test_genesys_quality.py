from tests.sandbox.asking import MARIA, evaluation, talk


def one(number):
    return f"/quality/conversations/{talk(number)}/evaluations/{evaluation(number)}"


def listed(client, number):
    row = client.get(f"/analytics/conversations/{talk(number)}/details").json
    return [each["evaluationId"] for each in row.get("evaluations", [])]


def test_evaluations_of_a_conversation_are_found_by_query(client):
    path = "/quality/evaluations/query"
    assert client.get(path, conversationId=talk(1)).ids == {evaluation(1)}
    assert client.get(path, conversationId=talk(2)).json["entities"] == []


def test_evaluations_show_answers_only_when_asked(client):
    path = "/quality/evaluations/query"
    plain = client.get(path, conversationId=talk(1)).json["entities"][0]
    full = client.get(path, conversationId=talk(1), expandAnswerTotalScores="true").json
    assert "answers" not in plain
    assert full["entities"][0]["answers"]["comments"] == "Handled Maria Beispiel with patience."


def test_evaluations_page_by_next_uri(client):
    page = client.get("/quality/evaluations/query", pageSize=1).json
    assert page["nextUri"] == "/api/v2/quality/evaluations/query?pageSize=1&pageNumber=2"


def test_evaluation_delete_answers_with_the_whole_of_it(client, stores):
    reply = client.delete(one(1))
    assert reply.status == 200
    assert reply.json["answers"]["comments"] == "Handled Maria Beispiel with patience."
    assert client.get(one(1)).json["code"] == "evaluation.not.found"
    assert stores()["evaluations"] == {evaluation(6)}


def test_evaluation_deleted_stays_in_analytics_for_a_while(client, later):
    client.delete(one(1))
    assert listed(client, 1) == [evaluation(1)]
    later(seconds=21)
    assert listed(client, 1) == []


def test_evaluations_by_conversation_path_cannot_be_read(client):
    assert client.get(f"/quality/conversations/{talk(1)}/evaluations").status == 404


def test_surveys_can_be_read_and_not_deleted(client):
    rows = client.get(f"/quality/conversations/{talk(2)}/surveys").json
    assert [row["status"] for row in rows] == ["Finished"]
    path = f"/quality/surveys/{rows[0]['id']}"
    assert [client.get(path).status, client.delete(path).status] == [200, 405]


def test_audit_tells_of_each_mutation_after_a_lag(client, later):
    client.delete(one(1))
    client.delete(f"/externalcontacts/contacts/{MARIA}")
    later(seconds=3)
    interval = "2020-01-01T00:00:00Z/2060-01-01T00:00:00Z"
    query = client.post("/audits/query", {"interval": interval}).json
    path = f"/audits/query/{query['id']}"
    assert (query["state"], client.get(f"{path}/results").status) == ("Queued", 400)
    later(seconds=1)
    assert client.get(path).json["state"] == "Succeeded"
    rows = client.get(f"{path}/results").json["entities"]
    assert [(row["entityType"], row["action"], row["entity"]["id"]) for row in rows] == [
        ("Evaluation", "Delete", evaluation(1)),
        ("Contact", "Delete", MARIA),
    ]
    assert {row["client"]["id"] for row in rows} == {client.id}


def test_audit_can_be_narrowed_and_silenced(app, client, later):
    client.delete(one(1))
    app.fault("audit-silent", True)
    client.delete(one(6))
    later(seconds=3)
    body = {
        "interval": "2020-01-01T00:00:00Z/2060-01-01T00:00:00Z",
        "serviceName": "Quality",
        "filters": [{"property": "EntityType", "value": "Evaluation"}],
    }
    rows = client.post("/audits/query/realtime", body).json["entities"]
    assert [row["entity"]["id"] for row in rows] == [evaluation(1)]


def test_audit_of_an_unknown_service_is_400(client):
    body = {"interval": "2020-01-01T00:00:00Z/2060-01-01T00:00:00Z", "serviceName": "Kitchen"}
    assert client.post("/audits/query", body).status == 400
