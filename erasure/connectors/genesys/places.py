"""Recording jobs left at READY keep one of the organisation's two places for ever."""

from collections.abc import Collection
from datetime import timedelta

from erasure import clock
from erasure.connectors.genesys.jobs import JOB, JOBS
from erasure.connectors.genesys.reading import moment, objects, text
from erasure.connectors.http import Http, Json

FORGOTTEN = timedelta(hours=1)  # far above what any job of ours is left waiting
MINE: Json = {
    "showOnlyMyJobs": "true",
    "jobType": "DELETE",
    "state": "READY",
    "pageSize": 100,
}


def free(http: Http, known: Collection[str]) -> int:
    """Cancel our own jobs that are READY, an hour old and not known. Returns how many.

    GET /api/v2/recording/jobs?showOnlyMyJobs=true (recording:job:view), then
    DELETE /api/v2/recording/jobs/{jobId} (recording:job:delete). A job at READY has
    erased nothing, and nobody else's is ever listed.
    """
    listing = http.send("GET", JOBS, params=MINE).json_object()
    forgotten = [job for job in objects(listing, "entities") if _forgotten(job, known)]
    for job in forgotten:
        http.send("DELETE", JOB, jobId=text(job, "id"), ok=(404,))
    return len(forgotten)


def _forgotten(job: Json, known: Collection[str]) -> bool:
    made = moment(text(job, "dateCreated"))
    old = made is not None and clock.now() - made > FORGOTTEN
    ready = text(job, "state") == "READY"
    return old and ready and text(job, "id") not in {"", *known}
