"""How often a network, an address or a client may use a page or the API.

The cache keeps counts under keyed fingerprints; no address of any kind is in a key.
"""

import logging

from django.core.cache import cache
from redis.exceptions import RedisError

from erasure.models import blind

logger = logging.getLogger(__name__)

HOUR = 3600  # seconds


def allowed(kind: str, value: str, most: int) -> bool:
    """Count one use. False from the one after ``most`` within an hour of the first.

    Without a cache everybody is let through: a right comes before a limit.
    """
    key = f"limit:{blind(f'limit.{kind}', value)}"
    try:
        return cache.add(key, 1, HOUR) or cache.incr(key) <= most
    except ValueError:  # it ran out between the two
        return True
    except (RedisError, OSError):
        logger.warning("The cache does not answer: uses are not limited.")
        return True
