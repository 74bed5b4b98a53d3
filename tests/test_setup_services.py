"""Processes of one machine: started, watched, and none left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.env import broker_socket
from erasure.management.ports import ServiceError, broker_answers, free_port, refuse_taken_port
from erasure.management.services import Services

ROOT = Path(__file__).resolve().parent.parent
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
PARENT = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', '{STUBBORN}'])"
WEB = "web: python -m http.server --bind 127.0.0.1 $PORT"
DRIVER = """
import sys
from pathlib import Path
from erasure.management.services import Services
services = Services(Path(sys.argv[1]), sandbox=False, procfile=Path(sys.argv[2]))
with services:
    services.wait_ready()
    print(*(process.pid for process in services._running.values()), flush=True)
    services.watch()
"""


def procfile(folder: Path, *lines: str) -> Path:
    path = folder / "Procfile"
    path.write_text("\n".join(lines) + "\n")
    return path


def members(group: int) -> int:
    """How many living processes a process group has."""
    count = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        count += int(its_group) == group and state != "Z"
    return count


def until(true, seconds=15):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_services_when_stopped_leave_no_process_behind(tmp_path):
    listed = procfile(tmp_path, WEB, f'worker: python -c "{PARENT}; time.sleep(60)"')
    services = Services(tmp_path / "data", sandbox=False, workers=2, procfile=listed)
    with services:
        services.wait_ready()
        groups = {name: process.pid for name, process in services._running.items()}
        assert until(lambda: {name: members(one) for name, one in groups.items()} == {
            "web": 1, "worker": 2, "worker-2": 2,
        })  # fmt: skip
    assert [members(one) for one in groups.values()] == [0, 0, 0]


def test_services_when_a_process_ends_say_which_and_where_its_log_is(tmp_path):
    listed = procfile(tmp_path, 'beat: python -c "print(1 / 0)"')
    services = Services(tmp_path / "data", sandbox=False, procfile=listed)
    with services, pytest.raises(ServiceError) as why:
        services.watch()
    log = tmp_path / "data" / "logs" / "beat.log"
    assert str(why.value) == f"beat ended (exit 1): see {log}"
    assert log.read_text().splitlines()[-1] == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -9)]
)
def test_services_when_their_parent_is_ended_end_too(tmp_path, number, code):
    listed = procfile(tmp_path, WEB, 'worker: python -c "import time; time.sleep(60)"')
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(tmp_path / "data"), str(listed)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    groups = [int(one) for one in driver.stdout.readline().split()]
    assert [members(one) for one in groups] == [1, 1]
    driver.send_signal(number)
    assert driver.wait(30) == code
    assert until(lambda: [members(one) for one in groups] == [0, 0])
    driver.stdout.close()


def test_services_of_two_folders_share_neither_ports_nor_messages(tmp_path):
    one, other = Services(tmp_path / "1"), Services(tmp_path / "2")
    names = ("PORT", "ERASURE_SANDBOX_PORT", "ERASURE_DATA", "ERASURE_REDIS_PREFIX")
    assert [name for name in names if one.env[name] == other.env[name]] == []


def test_taken_port_is_refused_with_the_setting_that_chooses_another():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServiceError) as why:
            refuse_taken_port(port, "PORT")
    assert str(why.value) == (
        f"Port {port} cannot be used (Address already in use): choose another with PORT=<number>."
    )


@pytest.fixture
def long_folder(tmp_path):
    """A data folder whose name alone is longer than a socket's path may be."""
    return tmp_path / ("d" * 120)


@pytest.fixture
def broker(long_folder):
    process = start_broker(long_folder)
    yield process
    process.kill()
    process.wait()


def start_broker(folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "broker"], cwd=ROOT, env=broker_settings(folder)
    )
    assert until(lambda: broker_answers(broker_socket(folder)))
    return process


def broker_settings(folder: Path) -> dict[str, str]:
    settings = {name: os.environ[name] for name in os.environ if name != "REDIS_URL"}
    del settings["DJANGO_SETTINGS_MODULE"]
    return {**settings, "ERASURE_DATA": str(folder), "ERASURE_SANDBOX": "on"}


def test_broker_in_a_long_folder_answers_this_user_alone(broker, long_folder):
    path = broker_socket(long_folder)
    assert len(os.fsencode(path)) < 108
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o700


def test_second_broker_on_the_same_folder_is_refused(broker, long_folder):
    second = subprocess.run(
        [sys.executable, "manage.py", "broker"],
        cwd=ROOT,
        env=broker_settings(long_folder),
        capture_output=True,
        text=True,
        check=False,
    )
    text = f"CommandError: Another broker is running on {long_folder / 'broker'}.\n"
    assert (second.returncode, second.stderr) == (1, text)


def test_broker_that_was_killed_still_has_its_messages(broker, long_folder):
    assert ask(long_folder, b"LPUSH doorbell id-1\r\n") == b":1\r\n"
    broker.kill()
    broker.wait()
    again = start_broker(long_folder)
    try:
        assert ask(long_folder, b"RPOP doorbell\r\n") == b"$4\r\nid-1\r\n"
    finally:
        again.kill()
        again.wait()


def ask(folder: Path, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(5)
        link.connect(str(broker_socket(folder)))
        link.sendall(command)
        return link.recv(64)


def test_broker_in_a_folder_of_somebody_else_is_refused(long_folder):
    path = broker_socket(long_folder)
    path.parent.mkdir(mode=0o755)
    try:
        done = subprocess.run(
            [sys.executable, "manage.py", "broker"],
            cwd=ROOT,
            env=broker_settings(long_folder),
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        path.parent.rmdir()
    text = f"CommandError: {path.parent} is not a folder of this user alone: remove it first.\n"
    assert (done.returncode, done.stderr) == (1, text)


def test_free_port_can_be_bound():
    port = free_port()
    refuse_taken_port(port, "PORT")
    assert 1024 <= port <= 65535
