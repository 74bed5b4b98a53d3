"""Our own pages as a system that a connector calls, without a socket."""

from io import BytesIO
from urllib.parse import urlsplit

from django.test import Client
from requests import Response
from requests.adapters import BaseAdapter

from erasure import clock
from erasure.connectors.base import ItemRef, RemoteJob


class Inside(BaseAdapter):
    """Hands a connector's request to the test client."""

    def __init__(self):
        super().__init__()
        self.browser = Client(enforce_csrf_checks=True)

    def send(self, request, **_):
        parts = urlsplit(request.url)
        given = {"data": request.body or b"", "content_type": "application/json"}
        named = {k: v for k, v in request.headers.items() if k.lower() != "content-type"}
        made = self.browser.generic(request.method, parts.path, headers=named, **given)
        response = Response()
        response.raw, response.status_code = BytesIO(made.content), made.status_code
        response.headers.update(dict(made.headers))
        response.url, response.request = request.url, request
        return response

    def close(self):
        pass

    @staticmethod
    def ref(found):
        return ItemRef(found.store, found.remote_id, facts=found.facts)

    @staticmethod
    def job(erased, ref):
        return RemoteJob(erased.job_kind, erased.remote_job, (ref,), clock.now())
