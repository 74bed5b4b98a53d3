"""The connection test in the terminal."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.world import moving, served, world

__all__ = ["moving", "served", "world"]


def told(*names):
    out = StringIO()
    call_command("check_systems", *names, stdout=out)
    return out.getvalue()


def test_check_systems_prints_a_table_for_each_system(world):
    text = told()
    assert "The genesys-eu (genesys-eu)\n" in text
    assert "The crm (crm)\n" in text
    assert "MISSING" not in text


def test_check_systems_with_a_failed_line_ends_in_an_error(world):
    world.genesys.organisation_id = "another"
    world.genesys.save()
    with pytest.raises(CommandError) as failed:
        told("genesys-eu")
    assert str(failed.value) == "1 line failed."


def test_check_systems_of_an_unknown_name_is_refused(world):
    with pytest.raises(CommandError) as failed:
        told("nowhere")
    assert str(failed.value) == "No system is called nowhere."


def test_check_systems_without_any_is_refused(db):
    with pytest.raises(CommandError) as failed:
        told()
    assert str(failed.value) == "No system is enabled."
