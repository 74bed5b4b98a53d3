"""Make the keys of an installation, each once, and say which settings name them."""

from collections.abc import Iterator
from pathlib import Path

from config.env import LOG_KEY, SECRETS, env
from config.keys import keep_secret, new_secret
from erasure.sealing import key as sealing

SEAL = "ERASURE_SEAL_FILE"


def make_missing(folder: Path, name: str) -> Iterator[str]:
    """The lines to set, after each key that neither the environment nor the folder has is made.

    ``name`` stands on the seal's certificate.

    Raises:
        OSError: the folder cannot be written.
    """
    for setting in (*SECRETS, LOG_KEY, SEAL):
        if env.str(setting, ""):
            continue
        path = folder / setting.lower().removeprefix("erasure_").removesuffix("_file")
        if not path.exists():
            _make(setting, path, name)
        yield f"{setting}={path}" if setting in (LOG_KEY, SEAL) else f"{setting}_FILE={path}"


def _make(setting: str, path: Path, name: str) -> None:
    if setting == SEAL:
        sealing.make_file(path, name)
    else:
        keep_secret(path, new_secret(setting))
