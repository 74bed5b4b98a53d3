"""Calibrations: found and deleted only by whom their calibrator is known to."""

from typing import Any

from .records import Calibration
from .rows import FORM
from .state import Org
from .web import Answer, Call, Route, missing, page, ref, stamp


def listing(call: Call) -> Answer:
    """GET /quality/calibrations: one calibrator's, of one conversation if named."""
    calibrator, wanted = call.need("calibratorId"), call.text("conversationId")
    rows = [
        _calibration(call.org, one)
        for one in call.org.calibrations.values()
        if one.calibrator == calibrator
        and (not wanted or one.conversation == wanted)
        and call.org.sees(call.client, call.org.conversations[one.conversation].divisions)
    ]
    return 200, page(call, rows)


def delete(call: Call) -> Answer:
    """DELETE /quality/calibrations/{calibrationId}: its calibrator must be named too."""
    org, calibrator = call.org, call.need("calibratorId")
    found = org.calibrations.get(call.params["calibrationId"])
    if found is None or found.calibrator != calibrator:
        raise missing("calibration", "calibration.not.found")
    org.conversation(call.client, found.conversation)
    org.audit(call.client, "Quality", "Calibration", found.id, "Delete")
    if not org.lying:
        del org.calibrations[found.id]
    return 200, _calibration(org, found)


def _calibration(org: Org, one: Calibration) -> dict[str, Any]:
    talk = org.conversations[one.conversation]
    calibrator = ref("/users", one.calibrator) | {"version": 1}
    return ref("/quality/calibrations", one.id) | {
        "calibrator": calibrator,
        "agent": ref("/users", talk.agent) | {"version": 1},
        "conversation": ref("/conversations", talk.id),
        "evaluationForm": {"id": FORM, "name": "Courtesy", "questionGroups": []},
        "averageScore": 88,
        "highScore": 90,
        "lowScore": 86,
        "createdDate": stamp(one.created),
        "evaluations": [
            {
                "id": one.id,
                "status": "FINISHED",
                "evaluationForm": {"id": FORM, "name": "Courtesy", "questionGroups": []},
                "answers": {"comments": one.comment},
            }
        ],
        "evaluators": [calibrator],
    }


ROUTES = (
    Route("GET", "/quality/calibrations", listing, ("quality:calibration:view",)),
    Route(
        "DELETE", "/quality/calibrations/{calibrationId}", delete, ("quality:calibration:delete",)
    ),
)
