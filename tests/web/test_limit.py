import pytest
from django.test import RequestFactory

from erasure.web.limit import allowed, network

PROXY = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("", "unknown"),
    ],
)
def test_network_of_a_sender(sender, expected):
    assert network(RequestFactory().get("/", REMOTE_ADDR=sender)) == expected


def test_network_without_a_proxy_ignores_a_forwarded_address():
    request = RequestFactory().get(
        "/", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR="198.51.100.1"
    )
    assert network(request) == "203.0.113.9"


def test_network_behind_the_proxy_is_what_the_proxy_wrote_last(settings):
    settings.SECURE_PROXY_SSL_HEADER = PROXY
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.9"
    )
    assert network(request) == "203.0.113.9"


def test_allowed_counts_each_kind_apart():
    uses = [allowed(kind, "same", 1) for kind in ("network", "address", "network")]
    assert uses == [True, True, False]
