"""Settings for production: every secret set, nothing of the trial, or no start at all."""

import os
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.env import env, read_dotenv, refuse_trial_in_production
from erasure.errors import KeyMissingError
from erasure.sealing.key import load
from erasure.sealing.revocation import require_sources

read_dotenv()
os.environ["ERASURE_ENV"] = "production"
refuse_trial_in_production()

from config.settings.base import *  # noqa: E402, F403
from config.settings.base import (  # noqa: E402
    PUBLIC_URL,
    SEAL_FILE,
    SEAL_LONG_TERM,
    SEAL_PASSPHRASE,
    SEAL_PKCS11,
    SEAL_PKCS11_PIN,
    STORAGES,
)

try:
    _seal = load(SEAL_FILE, SEAL_PASSPHRASE, SEAL_PKCS11, SEAL_PKCS11_PIN)
    if _seal.development:
        raise ImproperlyConfigured("Production does not start with a seal for development only.")
    if SEAL_LONG_TERM:
        require_sources(_seal)
except KeyMissingError as why:
    raise ImproperlyConfigured(str(why)) from None

ALLOWED_HOSTS = env.list("ERASURE_ALLOWED_HOSTS", default=[urlsplit(PUBLIC_URL).hostname])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.bool("ERASURE_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
if env.bool("ERASURE_BEHIND_PROXY", False):  # the proxy must overwrite this header
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
