"""A daemon on a real socket, and everything it may answer."""

import socket
import threading
import time

import pytest

from erasure.errors import BusyError, InputError
from erasure.uploads import scan
from erasure.uploads.clamav import CHUNK, TOLD, UNREACHABLE

DATA = bytes(range(256)) * 600  # more than two chunks


class Daemon:
    """Reads one stream as clamd does and gives the answer it was told to give."""

    def __init__(self, wire, answer):
        self.wire, self.answer, self.heard, self.parts = wire, answer, b"", 0
        wire.listen(1)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        with self.wire.accept()[0] as peer, peer.makefile("rb") as stream:
            if stream.read(10) != b"zINSTREAM\0":
                return
            while size := int.from_bytes(stream.read(4), "big"):
                self.heard += stream.read(size)
                self.parts += 1
            if self.answer is None:
                time.sleep(1)
            else:
                peer.sendall(self.answer)


@pytest.fixture(params=["unix", "tcp"])
def daemon(request, tmp_path):
    made = []

    def start(answer):
        if request.param == "unix":
            wire = socket.socket(socket.AF_UNIX)
            wire.bind(str(tmp_path / "clamd.ctl"))
            address = f"unix:{tmp_path / 'clamd.ctl'}"
        else:
            wire = socket.create_server(("127.0.0.1", 0))
            address = f"tcp://127.0.0.1:{wire.getsockname()[1]}"
        made.append(wire)
        return Daemon(wire, answer), address

    yield start
    for wire in made:
        wire.close()


def test_scan_of_a_clean_file_hands_over_every_byte_in_chunks(daemon):
    there, address = daemon(b"stream: OK\0")
    scan(DATA, address)
    there.thread.join(5)
    assert (there.heard, there.parts) == (DATA, -(-len(DATA) // CHUNK))


def test_scan_of_an_infected_file_is_refused_without_naming_what_was_found(daemon):
    _, address = daemon(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")
    with pytest.raises(InputError) as refused:
        scan(DATA, address)
    assert (refused.value.field, str(refused.value)) == ("document", TOLD)


@pytest.mark.parametrize(
    "answer",
    [
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: OK",  # cut off
        b"OK\0",
        b"\0",
        b"",
        b"x" * 10_000,
    ],
)
def test_scan_without_a_clear_answer_keeps_the_file_out(daemon, answer):
    _, address = daemon(answer)
    with pytest.raises(BusyError) as refused:
        scan(DATA, address)
    assert str(refused.value) == UNREACHABLE


def test_scan_that_takes_too_long_keeps_the_file_out(daemon):
    _, address = daemon(None)
    begun = time.monotonic()
    with pytest.raises(BusyError):
        scan(DATA, address, seconds=0.2)
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize(
    "address", ["unix:/nowhere/clamd.ctl", "tcp://127.0.0.1:1", "unix:", "clamd", "http://x:80"]
)
def test_scan_by_a_daemon_that_is_not_there_keeps_the_file_out(address):
    with pytest.raises(BusyError):
        scan(DATA, address)


def test_scan_without_a_daemon_configured_asks_nobody():
    scan(DATA, "")
