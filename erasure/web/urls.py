"""Addresses of the public pages."""

from django.urls import path, re_path

from erasure.web import (
    calendar,
    certificates,
    devmail,
    electronic,
    health,
    identity,
    log,
    opendsr,
    portal,
    processor,
    requests,
    robots,
    status,
)

urlpatterns = [
    path("", requests.start, name="start"),
    path("request/", requests.ask, name="request"),
    re_path(
        r"^request/received/(?P<reference>ER-[0-9]{4}-[0-9A-Z]{6})/$",
        requests.received,
        name="received",
    ),
    path("request/confirm/<str:token>/", requests.confirm, name="confirm"),
    path("portal/", portal.hand_over, name="portal"),
    path("status/", status.status, name="status"),
    path("status/withdraw/", status.take_back, name="withdraw"),
    path("identity/electronic/", electronic.back, name="electronic-back"),
    path("identity/<str:token>/", identity.identity, name="identity"),
    path("identity/<str:token>/electronic/", electronic.start, name="electronic"),
    path("dev/electronic-id/", electronic.played, name="played-identity"),
    path("opendsr/callbacks/<str:token>", opendsr.callback, name="opendsr-callback"),
    re_path(r"^opendsr/(?:v2/)?discovery$", processor.discovery, name="opendsr-discovery"),
    path("opendsr/cert.pem", processor.certificate, name="opendsr-certificate"),
    re_path(r"^opendsr/(?:v2/)?requests$", processor.create, name="opendsr-requests"),
    path("opendsr/requests/<uuid:request_id>", processor.one, name="opendsr-request"),
    path("opendsr/v2/requests/<uuid:request_id>", processor.one),
    path("v/<str:public_id>.<int:version>", certificates.match, name="match"),
    path("check/", certificates.check, name="check"),
    path("trust/<str:name>", certificates.trusted, name="trust"),
    path("calendar/<str:token>.ics", calendar.calendar, name="calendar"),
    path("log/checkpoint", log.checkpoint, name="log-checkpoint"),
    path("log/consistency", log.consistency, name="log-consistency"),
    path("log/cosignature", log.cosignature, name="log-cosignature"),
    path("dev/mail/", devmail.mailbox, name="devmail"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", robots.robots),
]
