"""Settings for ``evidence_keys init``: before there are keys, nothing else can start.

Whatever it needs of an installation lies in a temporary folder; the real keys go where
the command is told.
"""

import atexit
import os
import shutil
import tempfile

from config.env import read_dotenv

read_dotenv()
_folder = tempfile.mkdtemp(prefix="erasure-init-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["ERASURE_ENV"] = "development"
os.environ["ERASURE_DATA"] = _folder
os.environ["DATABASE_URL"] = "sqlite:///:memory:"

from config.settings.base import *  # noqa: E402, F403
