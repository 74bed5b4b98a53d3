"""Settings for tests: a data folder of their own, no broker, no mail, fast passwords.

DATABASE_URL chooses the engine; ``.env`` is not read.
"""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="erasure-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith(("ERASURE_", "SECRET_", "EMAIL_"))]:
    del os.environ[_name]
os.environ["ERASURE_DATA"] = _folder
os.environ["ERASURE_DATABASE_POOL"] = "off"

from config.settings.base import *  # noqa: E402, F403

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
WHITENOISE_AUTOREFRESH = True
