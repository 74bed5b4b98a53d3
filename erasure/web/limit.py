"""Where a request to a public page comes from, for the limits of ``limiter.uses``."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from erasure.limiter.uses import HOUR, allowed

__all__ = ["HOUR", "allowed", "network"]

IPV6_NETWORK = 64  # bits: what one household or company has


def network(request: HttpRequest) -> str:
    """Where a request comes from: the IPv4 address, or the /64 of IPv6.

    Behind our proxy it is the last address of X-Forwarded-For, which the proxy wrote.
    """
    sender = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        sender = request.META.get("HTTP_X_FORWARDED_FOR", sender).rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(sender)
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))
