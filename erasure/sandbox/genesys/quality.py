"""Quality: evaluations (deletable, body and all), surveys (not deletable)."""

from typing import Any

from .records import Evaluation, Survey
from .rows import FORM
from .state import DIVISION_IDS, Org
from .web import Answer, Call, Route, missing, page, ref, stamp

VIEW = ("quality:evaluation:view",)


def query(call: Call) -> Answer:
    """GET /quality/evaluations/query: answers only with ``expandAnswerTotalScores``."""
    org, wanted = call.org, call.text("conversationId")
    answers = call.flag("expandAnswerTotalScores")
    rows = [
        _evaluation(org, one, answers=answers)
        for one in org.evaluations.values()
        if (not wanted or one.conversation == wanted)
        and org.sees(call.client, org.conversations[one.conversation].divisions)
    ]
    return 200, page(call, rows)


def one(call: Call) -> Answer:
    """GET /quality/conversations/{conversationId}/evaluations/{evaluationId}."""
    return 200, _evaluation(call.org, _find(call), answers=True)


def delete(call: Call) -> Answer:
    """DELETE the same: answers with the whole evaluation, comments included."""
    found = _find(call)
    body = _evaluation(call.org, found, answers=True)
    call.org.audit(call.client, "Quality", "Evaluation", found.id, "Delete")
    if not call.org.lying:
        call.org.remove_evaluation(found)
    return 200, body


def _find(call: Call) -> Evaluation:
    talk = call.org.conversation(call.client, call.params["conversationId"])
    found = call.org.evaluations.get(call.params["evaluationId"])
    if found is None or found.conversation != talk.id:
        raise missing("evaluation", "evaluation.not.found")
    return found


def _evaluation(org: Org, one: Evaluation, *, answers: bool) -> dict[str, Any]:
    talk = org.conversations[one.conversation]
    body: dict[str, Any] = {
        "id": one.id,
        "conversation": ref("/conversations", talk.id),
        "evaluationForm": {"id": FORM, "name": "Courtesy", "questionGroups": []},
        "evaluator": ref("/users", one.evaluator) | {"version": 1},
        "agent": ref("/users", talk.agent) | {"version": 1},
        "status": "FINISHED",
        "agentHasRead": True,
        "createdDate": stamp(one.created),
        "conversationDate": stamp(talk.start),
        "conversationEndDate": stamp(talk.end),
        "divisionIds": [DIVISION_IDS[name] for name in talk.divisions],
        "neverRelease": False,
        "selfUri": f"/api/v2/quality/conversations/{talk.id}/evaluations/{one.id}",
    }
    if answers:
        body["answers"] = {"totalScore": 90.0, "comments": one.comment, "questionGroupScores": []}
    return body


def surveys(call: Call) -> Answer:
    """GET /quality/conversations/{conversationId}/surveys: a bare array."""
    talk = call.org.conversation(call.client, call.params["conversationId"])
    keys = call.org.surveys_of[talk.id]
    found = [call.org.surveys[key] for key in keys if key in call.org.surveys]
    return 200, [_survey(one) for one in found]


def survey(call: Call) -> Answer:
    """GET /quality/surveys/{surveyId}."""
    found = call.org.surveys.get(call.params["surveyId"])
    talk = call.org.conversations[found.conversation] if found else None
    if found is None or talk is None or not call.org.sees(call.client, talk.divisions):
        raise missing("survey")
    return 200, _survey(found)


def _survey(one: Survey) -> dict[str, Any]:
    said = {"freeTextAnswer": one.text} if one.text else {}
    score = {"questionId": FORM, "score": 9, **said}
    return ref("/quality/surveys", one.id) | {
        "conversation": ref("/conversations", one.conversation),
        "status": "Finished",
        "surveyType": "Web",
        "completedDate": stamp(one.completed),
        "answers": {
            "totalScore": 9.0,
            "npsScore": 9,
            "questionGroupScores": [{"questionGroupId": FORM, "questionScores": [score]}],
        },
    }


ONE = "/quality/conversations/{conversationId}/evaluations/{evaluationId}"
ROUTES = (
    Route("GET", "/quality/evaluations/query", query, VIEW),
    Route("GET", ONE, one, (*VIEW, "quality:evaluation:assign", "quality:evaluation:release")),
    Route("DELETE", ONE, delete, ("quality:evaluation:delete",)),
    Route(
        "GET", "/quality/conversations/{conversationId}/surveys", surveys, ("quality:survey:view",)
    ),
    Route("GET", "/quality/surveys/{surveyId}", survey, ("quality:survey:view",)),
)
