import pytest

from erasure.systems import connect
from erasure.values import CaseState, System
from tests.discovery.fakes import Searchable
from tests.factories import confirm_person, make_case, make_connection
from tests.mangling import mangled_world, mangling
from tests.world import moving, served, world

__all__ = ["mangled_world", "mangling", "moving", "served", "world"]


@pytest.fixture
def remote(monkeypatch, moving, db):
    made = Searchable()
    monkeypatch.setitem(connect.CONNECTORS, System.GENESYS, made.made)
    monkeypatch.setitem(connect._STORES, System.GENESYS, made.stores)
    return made


@pytest.fixture
def connection(remote):
    return make_connection("system", width=1, per_minute=0)


@pytest.fixture
def case(connection):
    made = make_case(CaseState.DISCOVERY)
    confirm_person(made)
    return made
