"""How often a network, an address or a client may use a page or the API.

The cache keeps counts under keyed fingerprints; no address of any kind is in a key.
"""

import ipaddress
import logging
from contextlib import suppress

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

from erasure.models import blind

logger = logging.getLogger(__name__)

HOUR = 3600  # seconds
IPV6_NETWORK = 64  # bits: what one household or company has


def _key(kind: str, value: str) -> str:
    return f"limit:{blind(f'limit.{kind}', value)}"


def allowed(kind: str, value: str, most: int) -> bool:
    """Count one use. False from the one after ``most`` within an hour of the first.

    Without a cache everybody is let through: a right comes before a limit.
    """
    key = _key(kind, value)
    try:
        if cache.add(key, 1, HOUR):
            return True
        count = cache.incr(key)
        if count <= 1:  # Redis made it anew, without an end: it ran out just before
            cache.touch(key, HOUR)
        return count <= most
    except ValueError:  # it ran out between the two
        return True
    except (RedisError, OSError):
        logger.warning("The cache does not answer: uses are not limited.")
        return True


def give_back(kind: str, value: str) -> None:
    """Take back one use that ``allowed`` counted."""
    with suppress(ValueError, RedisError, OSError):  # it ran out, or no cache answers
        key = _key(kind, value)
        if cache.decr(key) < 0:  # it ran out just before, and Redis made it anew
            cache.delete(key)


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
