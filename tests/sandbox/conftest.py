import pytest

from erasure.sandbox.server import application
from tests.sandbox.asking import Genesys


@pytest.fixture
def clock_file(tmp_path, monkeypatch):
    file = tmp_path / "clock"
    file.write_text("0")
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(file))
    return file


@pytest.fixture
def later(clock_file):
    """Move the sandbox clock forward."""

    def move(*, seconds=0, hours=0, days=0):
        moved = float(clock_file.read_text()) + seconds + 3600 * hours + 86400 * days
        clock_file.write_text(str(moved))

    return move


@pytest.fixture
def app(clock_file):
    return application()


@pytest.fixture
def client(app):
    caller = Genesys(app)
    caller.sign_in()
    return caller


@pytest.fixture
def vendor(app):
    return app.wires["genesys"].vendor


@pytest.fixture
def stores(app):
    """What Genesys truly holds of a person, as {store: {ids}}."""

    def held(person="maria"):
        found = {}
        for row in app.wires["genesys"].vendor.holdings(person):
            found.setdefault(row["store"], set()).add(row["remote_id"])
        return found

    return held
