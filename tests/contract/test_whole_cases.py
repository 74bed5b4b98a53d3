"""Every call and every answer of whole cases, held against the vendor's own definition."""

import pytest

from erasure.sandbox.genesys.vendor import ROUTES
from tests.contract.runs import RUNS
from tests.contract.sources import beginnings, calls, plain, templates
from tests.sandbox.test_genesys_contract import CALLS

pytestmark = [pytest.mark.contract, pytest.mark.django_db]  # the mark lays out the tables

NEVER_SENT = {}
"""Templates the source names and no run reaches, each with its reason."""


@pytest.mark.parametrize("name", RUNS)
def test_every_request_and_answer_of_a_run_fits_the_definition(definition, recorded, name):
    run = recorded(name)
    distinct = dict.fromkeys(run.exchanges)
    assert len(distinct) > 10
    assert sorted({why for one in distinct for why in definition.complaints(one)}) == []
    if run.failure:
        raise run.failure


def sent(definition, recorded):
    """(method, template) of all that was sent."""
    return {
        (one.method, plain(definition.template(one.path)))
        for name in RUNS
        for one in recorded(name).exchanges
    }


def test_every_call_the_source_writes_down_was_sent(definition, recorded):
    missing = calls() - sent(definition, recorded)
    assert {one for one in missing if one[1] not in NEVER_SENT} == set()


def test_every_template_the_source_names_was_sent(definition, recorded):
    known = {plain(template) for template in definition.paths}
    reached = {template for _, template in sent(definition, recorded)}
    named = templates()
    assert named - known <= beginnings(named)
    assert (named & known) - reached == set(NEVER_SENT)


def test_runs_meet_refusals_and_broken_connections_too(recorded):
    met = {one.status for name in RUNS for one in recorded(name).exchanges}
    assert {0, 200, 202, 404, 409, 429, 503} <= met


def test_every_operation_of_the_sandbox_is_held_against_the_definition(definition, recorded):
    """Most are met in whole cases, the others asked for one by one in the sandbox's own tests."""
    apart = {(method, plain(f"/api/v2{template}")) for method, template, *_ in CALLS}
    played = {(one.method, plain(f"/api/v2{one.template}")) for one in ROUTES}
    assert played - sent(definition, recorded) - apart == set()


def test_sandbox_answers_nothing_the_definition_does_not_know(definition):
    known = {
        (verb.upper(), plain(path)) for path, verbs in definition.paths.items() for verb in verbs
    }
    assert {(one.method, plain(f"/api/v2{one.template}")) for one in ROUTES} <= known
