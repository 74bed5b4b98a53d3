"""One connector per connection and process: sessions and tokens are kept alive."""

import os
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, cast

from django.conf import settings

from erasure.connectors.base import Account, Check, Connector, Limiter, Store
from erasure.connectors.genesys import Genesys
from erasure.connectors.manual import Manual
from erasure.connectors.opendsr import OpenDSR
from erasure.connectors.salesforce import Salesforce
from erasure.connectors.servicenow import ServiceNow
from erasure.errors import ErasureError, KeyMissingError, RefusedError
from erasure.limiter import limiter_for
from erasure.models import SystemConnection
from erasure.systems.callbacks import callback_key
from erasure.values import System


def _opendsr(account: Account, limiter: Limiter, **given: Any) -> Connector:
    return cast(Connector, OpenDSR(account, limiter, callback_key=callback_key(), **given))


CONNECTORS: dict[str, Callable[[Account, Limiter], Connector]] = {
    System.GENESYS: cast(Callable[[Account, Limiter], Connector], Genesys),
    System.SALESFORCE: cast(Callable[[Account, Limiter], Connector], Salesforce),
    System.SERVICENOW: cast(Callable[[Account, Limiter], Connector], ServiceNow),
    System.OPENDSR: _opendsr,
    System.MANUAL: cast(Callable[[Account, Limiter], Connector], Manual),
}
_STORES: dict[str, tuple[Store, ...]] = {
    System.GENESYS: Genesys.stores,
    System.SALESFORCE: Salesforce.stores,
    System.SERVICENOW: ServiceNow.stores,
    System.OPENDSR: OpenDSR.stores,
    System.MANUAL: Manual.stores,
}
UNKNOWN = (
    Store(
        name="unknown",
        title="Unknown system",
        search="This version does not know this kind of system.",
        erase="Not possible.",
        verify="Not possible.",
    ),
)
_made: dict[tuple[object, ...], Connector] = {}
_lock = Lock()


def account_of(connection: SystemConnection) -> Account:
    """
    Raises:
        KeyMissingError: a secret is named by an environment variable that is not set.
    """
    return Account(
        slug=connection.slug,
        base_url=connection.base_url.rstrip("/"),
        login_url=connection.login_url.rstrip("/"),
        client_id=connection.client_id,
        client_secret=_secret(connection, connection.secret_env, connection.kept_secret),
        reader_id=connection.reader_id,
        reader_secret=_reader_secret(connection),
        organisation_id=connection.organisation_id,
        region=connection.region,
        width=connection.width,
        per_minute=connection.per_minute,
        options=connection.options,
    )


def _reader_secret(connection: SystemConnection) -> str:
    """The secret of the client that only reads; without such a client, none."""
    if not connection.reader_id:
        return ""
    secret = _secret(connection, connection.reader_secret_env, connection.kept_reader_secret)
    if not secret:
        raise KeyMissingError(f"{connection.name}: the reading client has no secret.")
    return secret


def _secret(connection: SystemConnection, variable: str, kept: Callable[[], str]) -> str:
    if not variable:
        return kept()
    if secret := os.environ.get(variable, ""):
        return secret
    raise KeyMissingError(f"{connection.name}: the environment variable {variable} is not set.")


def connector_for(connection: SystemConnection) -> Connector:
    """The connector of a connection as its row stands now.

    Raises:
        KeyMissingError: its credential cannot be read.
        RefusedError: this version knows no such kind of system.
    """
    if connection.system not in CONNECTORS:
        raise RefusedError(f"{connection.name}: this version knows no system of its kind.")
    account = account_of(connection)
    options = tuple(sorted(connection.options.items()))
    key = (connection.pk, account.base_url, account.login_url, account.client_id,
           account.client_secret, account.reader_id, account.reader_secret,
           account.per_minute, account.width, account.region,
           account.organisation_id, options)  # fmt: skip
    with _lock:
        if key not in _made:
            for old in [k for k in _made if k[0] == connection.pk]:
                del _made[old]
            limiter = limiter_for(
                connection.slug, connection.per_minute, redis_url=settings.REDIS_URL
            )
            _made[key] = CONNECTORS[connection.system](account, limiter)
        return _made[key]


def checked(connection: SystemConnection) -> tuple[list[Check], str]:
    """The lines of a connection's test, and what ended it early. Nothing is changed there."""
    checks: list[Check] = []
    try:
        checks.extend(connector_for(connection).check())
    except ErasureError as why:
        return checks, str(why)
    return checks, ""


def stores_of(connection: SystemConnection) -> tuple[Store, ...]:
    """The declared stores of a system; no connection is needed for it.

    A kind this version does not know has one, which can never be searched.
    """
    return _STORES.get(connection.system, UNKNOWN)


def store_of(connection: SystemConnection, name: str) -> Store:
    """A declared store; one that an earlier version knew and this one does not has a name only."""
    return next((store for store in stores_of(connection) if store.name == name), _former(name))


def _former(name: str) -> Store:
    title, gone = name.replace("_", " ").capitalize(), "This version does not know this store."
    return Store(name=name, title=title, search=gone, erase=gone, verify=gone)


def all_stores(connections: Iterable[SystemConnection]) -> dict[str, str]:
    """<connection>.<store> → how people call it."""
    return {
        f"{connection.slug}.{store.name}": f"{connection.name}: {store.title}"
        for connection in connections
        for store in stores_of(connection)
    }
