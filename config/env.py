"""Read settings from the process environment and an optional ``.env`` file.

A value may also be named by file: with ERASURE_KEK_FILE set, ERASURE_KEK is
the content of that file. The process environment wins over ``.env``.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
SOCKET_BYTES = 100  # the kernel's limit is 108, of which some are spared
SECRETS = ("SECRET_KEY", "ERASURE_KEK", "ERASURE_BLIND_KEY", "ERASURE_OUTBOX_KEY")
LOG_KEY = "ERASURE_LOG_KEY_FILE"
NEEDED = (  # in production: their defaults are good for a trial only
    "DATABASE_URL",
    "EMAIL_URL",
    "ERASURE_PUBLIC_URL",
    "ERASURE_LOG_ORIGIN",
    "ERASURE_SEAL_FILE",
    "ERASURE_CONTROLLER_NAME",
    "ERASURE_CONTROLLER_CONTACT",
    "ERASURE_AUTHORITY_NAME",
    "ERASURE_AUTHORITY_ADDRESS",
)
ANCHORS = (  # production has one at least
    "ERASURE_WITNESSES",
    "ERASURE_TSA_URL",
    "ERASURE_ANCHOR_MAIL",
    "ERASURE_ANCHOR_FOLDER",
)

env = environ.FileAwareEnv()


def read_dotenv() -> None:
    """Take what the process environment does not set from ``.env``, if there is one."""
    if os.environ.get("DJANGO_SETTINGS_MODULE") != "config.settings.test":
        environ.Env.read_env(ROOT / ".env")


def is_production() -> bool:
    """Production is asked for by ERASURE_ENV=production."""
    wanted = env.str("ERASURE_ENV", "development")
    if wanted not in ("development", "production"):
        raise ImproperlyConfigured("ERASURE_ENV must be 'development' or 'production'.")
    return wanted == "production"


def refuse_trial_in_production() -> None:
    """Start with nothing of a trial, or not at all.

    Raises:
        ImproperlyConfigured: says in one sentence what stands in the way.
    """
    if env.bool("ERASURE_DEBUG", False):
        raise ImproperlyConfigured("Production does not start with ERASURE_DEBUG on.")
    if env.bool("ERASURE_SANDBOX", False):
        raise ImproperlyConfigured("Production does not start with ERASURE_SANDBOX on.")
    if env.str("ERASURE_CLOCK_FILE", ""):
        raise ImproperlyConfigured("Production does not start with ERASURE_CLOCK_FILE set.")
    absent = [name for name in (*SECRETS, LOG_KEY, *NEEDED) if not env.str(name, "")]
    if absent:
        raise ImproperlyConfigured(f"Production does not start without {', '.join(absent)}.")
    if not any(env.str(name, "") for name in ANCHORS):
        raise ImproperlyConfigured(
            f"Production does not start without one of {', '.join(ANCHORS)}."
        )
    if env.str("ERASURE_TSA_URL", "") and not env.str("ERASURE_TSA_ROOT_FILE", ""):
        raise ImproperlyConfigured("ERASURE_TSA_URL needs ERASURE_TSA_ROOT_FILE beside it.")
    if env.bool("ERASURE_SEAL_LONG_TERM", False) and not env.str("ERASURE_TSA_URL", ""):
        raise ImproperlyConfigured("ERASURE_SEAL_LONG_TERM needs ERASURE_TSA_URL beside it.")
    if not env.str("ERASURE_PUBLIC_URL").startswith("https://"):
        raise ImproperlyConfigured("ERASURE_PUBLIC_URL must start with https:// in production.")


def settings_module() -> str:
    """The settings module of this environment."""
    read_dotenv()
    wanted = env.str("ERASURE_ENV", "")
    return "config.settings.production" if wanted == "production" else "config.settings.base"


def use_settings() -> None:
    """Point Django at the settings of this environment, unless somebody chose already."""
    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        os.environ["DJANGO_SETTINGS_MODULE"] = settings_module()


def folder(name: str, default: Path) -> Path:
    """An absolute folder or file; a relative value is taken from the project's root."""
    return (ROOT / Path(env.str(name, str(default))).expanduser()).resolve()


def time_zone(name: str, default: str) -> str:
    """An IANA name.

    Raises:
        ImproperlyConfigured: this machine knows no such zone.
    """
    zone = env.str(name, default)
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        raise ImproperlyConfigured(
            f"{name}: This time zone is unknown. Give an IANA name, like Europe/Berlin."
        ) from None
    return zone


def broker_socket(data: Path) -> Path:
    """The embedded broker's socket of one data folder.

    A socket's path is limited to 108 bytes, so it lies in a short folder under
    the system's temporary folder, named after the data folder and the user.
    """
    mark = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    name = f"erasure-{os.getuid()}-{mark}/broker.sock"
    path = Path(tempfile.gettempdir()) / name
    return path if len(os.fsencode(path)) <= SOCKET_BYTES else Path("/tmp") / name  # noqa: S108  # nosec B108
