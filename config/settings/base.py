"""Settings for development and trial; ``production`` and ``test`` build on them."""

from datetime import timedelta

from csp.constants import NONE, SELF

from config import addresses
from config.env import (
    ROOT,
    broker_socket,
    env,
    folder,
    is_production,
    read_dotenv,
    time_zone,
)
from config.keys import development_keys, keys_from_environment

read_dotenv()

# --- What this installation is -------------------------------------------------------------
PRODUCTION = is_production()
DEVELOPMENT = not PRODUCTION
DEBUG = env.bool("ERASURE_DEBUG", DEVELOPMENT)
SANDBOX = env.bool("ERASURE_SANDBOX", DEVELOPMENT)  # play the remote systems on loopback
SANDBOX_PORT = env.int("ERASURE_SANDBOX_PORT", 8090)
SANDBOX_URL = f"http://127.0.0.1:{SANDBOX_PORT}"
CLOCK_FILE = env.str("ERASURE_CLOCK_FILE", "")  # read by erasure.clock; sandbox mode only

COUNTRY = env.str("ERASURE_COUNTRY", "DE")  # of establishment: its public holidays count
SUBDIVISION = env.str("ERASURE_SUBDIVISION", "")  # a part of it whose regional holidays count too
REGIME = env.str("ERASURE_REGIME", "")  # eu, uk, california, brazil; empty: by the country
ASK_WITHIN = env.int("ERASURE_ASK_WITHIN_DAYS", 5)  # working days: a later question stops no clock
CONTROLLER_NAME = env.str("ERASURE_CONTROLLER_NAME", "Example Contact Centre Ltd")
CONTROLLER_CONTACT = env.str("ERASURE_CONTROLLER_CONTACT", "privacy@example.org")
DPO_CONTACT = env.str("ERASURE_DPO_CONTACT", CONTROLLER_CONTACT)
AUTHORITY_NAME = env.str("ERASURE_AUTHORITY_NAME", "Data Protection Authority of Exampleland")
AUTHORITY_ADDRESS = env.str(
    "ERASURE_AUTHORITY_ADDRESS", "1 Invented Square, 00000 Exampleton, Exampleland"
)
LOG_ORIGIN = env.str("ERASURE_LOG_ORIGIN", "erasure.example.org/log/1")
PUBLIC_URL = env.str("ERASURE_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")

# As a processor for other controllers (OpenDSR): PEM files; without them nobody can send requests.
OPENDSR_KEY_FILE = env.str("ERASURE_OPENDSR_KEY_FILE", "")
OPENDSR_CERTIFICATE_FILE = env.str("ERASURE_OPENDSR_CERTIFICATE_FILE", "")

# --- How long what is kept (erasure.deadlines.retention says from when) ---------------------
KEEP = {
    "inventory_days": env.int("ERASURE_KEEP_INVENTORY_DAYS", 30),
    "checks": tuple(env.list("ERASURE_CHECK_AGAIN_DAYS", int, default=[7, 30, 90])),
    "grace_days": env.int("ERASURE_KEEP_GRACE_DAYS", 30),
    "file_months": env.int("ERASURE_KEEP_FILE_MONTHS", 36),
    "log_months": env.int("ERASURE_KEEP_LOG_MONTHS", 36),
    "register_days": env.int("ERASURE_KEEP_REGISTER_DAYS", 365),
    "suppression_months": env.int("ERASURE_KEEP_SUPPRESSION_MONTHS", 36),
}

# --- Where it keeps things -----------------------------------------------------------------
DATA = folder("ERASURE_DATA", ROOT / "var" / "data")
MAIL_FOLDER = DATA / "mail"
UPLOAD_FOLDER = DATA / "uploads"
BROKER_FOLDER = DATA / "broker"
if DEVELOPMENT:
    DATA.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds mail and keys
    (DATA / "static").mkdir(exist_ok=True)  # stays empty: see WHITENOISE_USE_FINDERS

DATABASES = {"default": addresses.database(f"sqlite:///{DATA / 'db.sqlite3'}")}
DATABASE = DATABASES["default"]
IS_SQLITE = DATABASE["ENGINE"] == "django.db.backends.sqlite3"
if IS_SQLITE:
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # two writers wait for each other, neither fails
        "timeout": 30,
        # recursive_triggers: INSERT OR REPLACE must not walk round the log's delete trigger.
        # secure_delete: what is deleted is overwritten, not only unlinked.
        # synchronous FULL: a log entry that was acknowledged survives a power cut.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            " PRAGMA recursive_triggers=ON; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON"
        ),
    }
elif env.bool("ERASURE_DATABASE_POOL", True):
    DATABASE["OPTIONS"] = {**DATABASE.get("OPTIONS", {}), "pool": {"min_size": 1, "max_size": 10}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Keys ----------------------------------------------------------------------------------
DEVELOPMENT_KEYS = DEVELOPMENT
_keys = (
    development_keys(DATA / "keys", DATA / "db.sqlite3" if IS_SQLITE else None)
    if DEVELOPMENT
    else keys_from_environment()
)
SECRET_KEY = _keys.secret_key
KEKS = _keys.keks  # "version:base64", several separated by commas
BLIND_KEY = _keys.blind_key
OUTBOX_KEY = _keys.outbox_key
LOG_KEY_FILE = _keys.log_key_file  # base64 of the Ed25519 seed; the sequencer alone opens it

DEFAULT_EXCEPTION_REPORTER_FILTER = "config.reports.Masked"

# The seal of certificates: PKCS#12, or PEM with all certificates up to the root. Development makes
# one when it is first needed. With a time-stamp authority (RFC 3161) seals are time-stamped.
SEAL_FILE = folder("ERASURE_SEAL_FILE", DATA / "keys" / "erasure_seal_file")
SEAL_PASSPHRASE = env.str("ERASURE_SEAL_PASSPHRASE", "")
SEAL_PKCS11 = env.str("ERASURE_SEAL_PKCS11", "")
SEAL_PKCS11_PIN = env.str("ERASURE_SEAL_PKCS11_PIN", "")
TSA_URL = env.str("ERASURE_TSA_URL", "")
TSA_ROOT_FILE = env.str("ERASURE_TSA_ROOT_FILE", "")  # PEM; a token must lead to one of these
SEAL_LONG_TERM = env.bool("ERASURE_SEAL_LONG_TERM", False)  # prove in the PDF: nothing was revoked

# --- Anchors: where the log's head goes, out of the operator's reach. At least one is on -----
WITNESSES = env.list("ERASURE_WITNESSES", default=[])  # verifier keys of those who cosign
ANCHOR_MAIL = env.list("ERASURE_ANCHOR_MAIL", default=[])  # addresses, the DPO's own mailbox
# A write-once folder; "" is none, and None, in development, is one beside the data.
ANCHOR_FOLDER = env.str("ERASURE_ANCHOR_FOLDER", None if DEVELOPMENT else "")

# --- Django --------------------------------------------------------------------------------
INSTALLED_APPS = [
    "erasure.apps.ErasureConfig",
    "erasure.apps.ErasureAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_fsm",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "erasure.web.language.PublicLanguage",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ALLOWED_HOSTS = env.list("ERASURE_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

LANGUAGE_CODE = "en-gb"  # of the admin, always
LANGUAGES = [  # of public pages and letters, each in its own words
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
]
SERVICE_LANGUAGE = env.str("ERASURE_LANGUAGE", "en")  # of letters where none was chosen
LOCALE_PATHS = [ROOT / "erasure" / each / "locale" for each in ("web", "correspondence")]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = time_zone("ERASURE_TIME_ZONE", "Europe/Berlin")

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static" if DEVELOPMENT else ROOT / "staticfiles"
WHITENOISE_USE_FINDERS = DEVELOPMENT  # no collectstatic before a trial
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": UPLOAD_FOLDER},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- Sign-in and browser -------------------------------------------------------------------
AUTH_USER_MODEL = "erasure.User"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # a session outlives the broker
SESSION_COOKIE_AGE = int(timedelta(hours=8).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
CLAMAV = env.str("ERASURE_CLAMAV", "")  # unix:/path or tcp://host:port of a ClamAV daemon
ELECTRONIC_ID = env.str("ERASURE_ELECTRONIC_ID", "played" if DEVELOPMENT else "")  # an adapter
# An upload never touches a temporary folder unencrypted: it stays in memory, and is bounded.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 20 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20

# --- Mail: to a folder that /dev/mail shows, or by EMAIL_URL --------------------------------
DEFAULT_FROM_EMAIL = env.str("ERASURE_MAIL_FROM", CONTROLLER_CONTACT)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20
if _mail := addresses.mail():
    vars().update(_mail)
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(MAIL_FOLDER)

# --- Broker, cache, tasks ------------------------------------------------------------------
BROKER_SOCKET = broker_socket(DATA)
_broker = addresses.broker()
BROKER_EMBEDDED = not _broker
REDIS_URL = _broker or f"unix://{BROKER_SOCKET}"
REDIS_PREFIX = env.str("ERASURE_REDIS_PREFIX", "erasure")  # apart from others on one server
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"{REDIS_PREFIX}:cache",
    }
}

SWEEP_SECONDS = env.float("ERASURE_SWEEP_SECONDS", 60.0)
CELERY_BROKER_URL = f"redis+socket://{BROKER_SOCKET}" if BROKER_EMBEDDED else REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": f"{REDIS_PREFIX}:",
    # An abandoned message comes back after visibility_timeout plus one restore interval (s).
    "visibility_timeout": 600,
    "unacked_restore_interval": 15,
    "unacked_restore_throttle": 1,
}
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True  # the truth is in the database
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 500  # seconds; below the visibility timeout
CELERY_TASK_TIME_LIMIT = 540
CELERY_TASK_DEFAULT_QUEUE = "erasure"
CELERY_TASK_ROUTES = {
    "erasure.tasks.sequence": {"queue": "ledger"},
    "erasure.tasks.verify_log": {"queue": "ledger"},
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA / "beat-schedule")
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "erasure.tasks.sweep",
        "schedule": timedelta(seconds=SWEEP_SECONDS),
        "options": {"expires": max(10.0, SWEEP_SECONDS)},
    },
    "look": {
        "task": "erasure.tasks.look",
        "schedule": timedelta(seconds=SWEEP_SECONDS),
        "options": {"expires": max(10.0, SWEEP_SECONDS)},
    },
    "anchor-log": {  # once a day, as the next
        "task": "erasure.tasks.anchor_log",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 600.0},
    },
    "verify-log": {  # once a day: each ring asks when it was last done
        "task": "erasure.tasks.verify_log",
        "schedule": timedelta(minutes=30),
        "options": {"expires": 1800.0},
    },
    "sequence": {
        "task": "erasure.tasks.sequence",
        "schedule": timedelta(seconds=1),
        "options": {"expires": 5.0},
    },
    "purge": {
        "task": "erasure.tasks.purge",
        "schedule": timedelta(hours=1),
        "options": {"expires": 1800.0},
    },
}

# --- Logging: to stderr, never a query string or a personal value ---------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "datefmt": "%Y-%m-%dT%H:%M:%S%z",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("ERASURE_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},  # paths of public links are secrets
        "django.server": {"level": "ERROR"},
        "celery.worker.strategy": {"level": "WARNING"},  # a line for every doorbell
        "celery.app.trace": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
    },
}
