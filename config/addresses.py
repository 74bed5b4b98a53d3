"""Settings that are URLs: where the database, the broker and the mail server are.

An empty one is none, as with every other setting. What is no such URL is refused at start,
and not repeated: it may hold a password.
"""

from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.env import env

DATABASES = ("sqlite", "postgres", "postgresql", "psql", "pgsql")
BROKERS = ("redis", "rediss")


def database(default: str) -> dict[str, Any]:
    """DATABASE_URL as Django has it; ``default`` is another URL."""
    url = env.str("DATABASE_URL", "") or default
    example = "postgres://user:password@db.example.org/erasure"
    read: dict[str, Any] = _read("DATABASE_URL", url, DATABASES, env.db_url_config, example)
    return read


def broker() -> str:
    """REDIS_URL, or nothing."""
    url: str = env.str("REDIS_URL", "")
    if url:
        _read("REDIS_URL", url, BROKERS, _port, "redis://broker.example.org:6379/0")
    return url


def mail() -> dict[str, Any]:
    """EMAIL_URL as Django's settings, or none of them."""
    url = env.str("EMAIL_URL", "")
    if not url:
        return {}
    example = "smtp+tls://user:password@mail.example.org:587"
    read: dict[str, Any] = _read("EMAIL_URL", url, env.EMAIL_SCHEMES, env.email_url_config, example)
    return read


def _read(
    name: str, url: str, schemes: Collection[str], read: Callable[[str], Any], example: str
) -> Any:
    """
    Raises:
        ImproperlyConfigured: it is no URL of these schemes.
    """
    try:
        if not url.lower().startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError
        return read(url)
    except ValueError:  # also a port that is no number, or a bracket left open
        raise ImproperlyConfigured(
            f"{name} must look like {example}; percent-encode special characters of a password."
        ) from None


def _port(url: str) -> int | None:
    return urlsplit(url).port
