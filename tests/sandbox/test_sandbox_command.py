import socket
from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def test_sandbox_on_a_taken_port_says_so_in_one_sentence(settings):
    settings.SANDBOX = True
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError) as refused:
            call_command("sandbox", port=port, stdout=StringIO())
    text = f"Port {port} is taken: stop what listens there, or choose another with --port."
    assert (str(refused.value), refused.value.returncode) == (text, 1)


def test_sandbox_on_an_impossible_port_says_so(settings):
    settings.SANDBOX = True
    with pytest.raises(CommandError, match="There is no port 99999."):
        call_command("sandbox", port=99999, stdout=StringIO())


def test_sandbox_where_it_is_off_refuses_to_start(settings):
    settings.SANDBOX = False
    with pytest.raises(CommandError, match="only where the setting SANDBOX is on"):
        call_command("sandbox", port=0, stdout=StringIO())


def test_sandbox_without_the_setting_refuses_to_start(settings):
    del settings.SANDBOX
    with pytest.raises(CommandError, match="only where the setting SANDBOX is on"):
        call_command("sandbox", port=0, stdout=StringIO())
