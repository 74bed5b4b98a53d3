from functools import cache

import pytest

from tests.contract.definition import Definition
from tests.contract.runs import record, served


@pytest.fixture(scope="session")
def definition(contracts):
    return Definition(contracts / "genesys-cloud.json")


@pytest.fixture(scope="session")
def recorded(contracts, django_db_setup, django_db_blocker):
    """Every exchange of a run, by its name; each run takes place once."""
    with django_db_blocker.unblock(), served() as (recorder, url):
        yield cache(lambda name: record(name, recorder, url))
