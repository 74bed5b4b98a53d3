"""Settings for tests: a data folder of their own, no broker, no mail, fast passwords.

DATABASE_URL chooses the engine; ``.env`` is not read.
"""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="erasure-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["ERASURE_DATA"] = _folder
os.environ["ERASURE_ENV"] = "development"
os.environ["ERASURE_DATABASE_POOL"] = "off"
os.environ.pop("ERASURE_CLOCK_FILE", None)

from config.settings.base import *  # noqa: E402, F403

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
WHITENOISE_AUTOREFRESH = True
