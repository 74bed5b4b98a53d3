import pytest

from erasure.errors import KeyMissingError, RefusedError
from erasure.systems import all_stores, connect, connector_for, store_of, stores_of
from erasure.values import System
from tests.factories import make_connection


@pytest.fixture
def row(moving, db):
    connection = make_connection("genesys-eu", region="GB", options={"page_size": 50})
    connection.set_secret("invented-secret")
    connection.save()
    return connection


def test_every_kind_of_system_has_a_connector_and_stores():
    assert set(connect.CONNECTORS) == set(connect._STORES) == set(System)


@pytest.mark.parametrize("system", System)
def test_every_store_says_how_it_is_searched_erased_and_read_back(system):
    for store in connect._STORES[system]:
        told = (
            store.title,
            store.search,
            store.erase,
            store.verify,
            store.permissions or store.manual,
        )
        assert all(told)


@pytest.mark.parametrize("system", System)
def test_store_comes_after_stores_of_the_same_system_and_never_in_a_circle(system):
    after = {store.name: set(store.after) for store in connect._STORES[system]}
    ended = set()
    while waiting := set(after) - ended:
        ready = {name for name in waiting if after[name] <= ended}
        assert ready
        ended |= ready


def test_connector_is_kept_until_its_row_changes(row):
    first = connector_for(row)
    assert connector_for(row) is first
    row.base_url = "https://moved.example.org"
    assert connector_for(row) is not first


def test_changed_secret_makes_a_new_connector(row):
    first = connector_for(row)
    row.set_secret("another-invented-secret")
    assert connector_for(row).http.account.client_secret == "another-invented-secret"
    assert connector_for(row) is not first


def test_account_reads_the_row(row):
    account = connect.account_of(row)
    assert (account.slug, account.region, account.client_secret, account.options) == (
        "genesys-eu", "GB", "invented-secret", {"page_size": 50},
    )  # fmt: skip


def test_secret_is_not_shown_by_an_account(row):
    assert "invented-secret" not in repr(connect.account_of(row))


def test_secret_from_the_environment_goes_before_the_kept_one(row, monkeypatch):
    monkeypatch.setenv("GENESYS_SECRET", "from-the-environment")
    row.secret_env = "GENESYS_SECRET"
    assert connect.account_of(row).client_secret == "from-the-environment"


def test_secret_missing_from_the_environment_is_refused_by_its_name(row):
    row.secret_env = "GENESYS_SECRET"
    with pytest.raises(KeyMissingError) as missing:
        connector_for(row)
    assert str(missing.value) == (
        "Genesys genesys-eu: the environment variable GENESYS_SECRET is not set."
    )


def test_system_of_an_unknown_kind_is_refused_and_has_one_store_nobody_can_search(row):
    row.system = "typewriter"
    with pytest.raises(RefusedError) as refused:
        connector_for(row)
    assert str(refused.value) == "Genesys genesys-eu: this version knows no system of its kind."
    assert [store.name for store in stores_of(row)] == ["unknown"]


def test_stores_are_named_by_connection_and_title(row):
    names = all_stores([row])
    assert names["genesys-eu.voice_recordings"] == "Genesys genesys-eu: Voice recordings"
    assert set(names) == {f"genesys-eu.{store.name}" for store in stores_of(row)}
    assert store_of(row, "voice_recordings").batch == 100


def test_reading_client_has_its_own_secret_and_changes_the_connector(row):
    first = connector_for(row)
    row.reader_id = "reader"
    row.set_reader_secret("invented-reader-secret")
    account = connect.account_of(row)
    assert (account.reader_id, account.reader_secret) == ("reader", "invented-reader-secret")
    assert "invented-reader-secret" not in repr(account)
    assert connector_for(row) is not first


def test_reading_client_without_a_secret_is_refused(row):
    row.reader_id = "reader"
    with pytest.raises(KeyMissingError) as missing:
        connector_for(row)
    assert str(missing.value) == "Genesys genesys-eu: the reading client has no secret."


def test_reading_secret_missing_from_the_environment_is_refused_by_its_name(row):
    row.reader_id, row.reader_secret_env = "reader", "READER_SECRET"
    with pytest.raises(KeyMissingError) as missing:
        connector_for(row)
    assert "READER_SECRET" in str(missing.value)
