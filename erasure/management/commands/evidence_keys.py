"""``manage.py evidence_keys``: make the keys, change them, hand out what verifies them."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.env import env
from config.keys import keep_secret, new_secret
from erasure.crypto.keys import Keyring
from erasure.errors import ErasureError
from erasure.evidence.seal import own_seal, seal_in
from erasure.evidence.trust import own_trust, write_trust
from erasure.ledger.append import append_system
from erasure.ledger.keys import key_file, known_vkeys, next_file, signer
from erasure.management.newkeys import make_missing
from erasure.models.rewrap import rewrap_all, wrapped_by
from erasure.models.sealed import keyring
from erasure.sealing import key as sealing
from erasure.sealing.retired import kept_file, retire
from erasure.sealing.revocation import require_sources

KEYS = ("log", "seal", "kek")
PATIENCE = 20  # seconds for the sequencer to take a new key
RESTART = "Restart every process, then run 'evidence_keys rotate kek' again."


class Command(BaseCommand):
    help = (
        "init --folder FOLDER --name NAME: make the keys that are missing. rotate log|seal|kek: "
        "change one. trust: print the trust file for whoever verifies, or write it with the roots "
        "it names to --folder."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("what", choices=["init", "rotate", "trust"])
        parser.add_argument("key", nargs="?", choices=KEYS)
        parser.add_argument("--folder", type=Path, metavar="FOLDER")
        parser.add_argument("--name", metavar="NAME", help="the organisation, on the seal")
        parser.add_argument("--new", type=Path, metavar="FILE", help="rotate seal: the new one")
        parser.add_argument("--destroy-old", action="store_true",
                            help="rotate seal: keep its certificates alone")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["what"] == "rotate") != bool(options["key"]):
            raise CommandError(f"Say which key to change: rotate {'|'.join(KEYS)}.")
        try:
            getattr(self, f"do_{options['key'] or options['what']}")(options)
        except ErasureError as why:
            raise CommandError(str(why)) from None
        except OSError as why:
            raise CommandError(f"A file cannot be written: {why.strerror}.") from None

    def do_init(self, options: dict[str, Any]) -> None:
        if not options["folder"] or not options["name"]:
            raise CommandError("Give --folder for the keys and --name of the organisation.")
        lines = list(make_missing(options["folder"].resolve(), options["name"]))
        if not lines:
            self.stdout.write("No key is missing.")
            return
        self.stdout.write("\n".join(lines))
        self.stderr.write(
            "Set these lines, keep copies of the files apart from the database, and let nobody but "
            "the sequencer read the log key."
        )

    def do_trust(self, options: dict[str, Any]) -> None:
        if folder := options["folder"]:
            self.stdout.write(f"Written to {write_trust(folder).name} and the roots it names.")
        else:
            self.stdout.write(own_trust().render(), ending="")

    def do_log(self, options: dict[str, Any]) -> None:
        """A new seed beside the old one; the sequencer does the rest in its next pass."""
        old = signer().vkey
        if next_file().exists():
            raise CommandError("A new log key lies ready: the sequencer takes it in its next pass.")
        keep_secret(next_file(), _seed())
        until = time.monotonic() + PATIENCE
        while known_vkeys()[-1:] in ([], [old]) and time.monotonic() < until:
            time.sleep(0.2)
        if known_vkeys()[-1:] in ([], [old]):
            self.stdout.write(f"{next_file().name} lies ready beside {key_file().name}.")
            self.stdout.write("The sequencer takes it once it runs. Then hand out the trust file.")
        else:
            self.stdout.write(f"log {known_vkeys()[-1]}")
            self.stdout.write("Both keys have signed. Hand out the new trust file: it has both.")

    def do_seal(self, options: dict[str, Any]) -> None:
        """Another seal; what the old one sealed stays trusted, and the old one is kept aside.

        Of the old one only the certificates are read: its key may be in a file while that of the
        new one is in a hardware module, or the other way round.
        """
        path = Path(settings.SEAL_FILE)
        old = sealing.certificates_in(path, settings.SEAL_PASSPHRASE)
        aside = kept_file(path, sealing.fingerprint(sealing.leaf(old)))
        draft = path.with_name(f".{path.name}.new")
        draft.unlink(missing_ok=True)
        try:
            self._draft_seal(draft, options)
            retire(path, old)
            if not options["destroy_old"] and not aside.exists():
                aside.hardlink_to(path)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        append_system("seal.rotated")
        self.stdout.write(f"seal {own_seal().sha256}")
        self.stdout.write("Hand out the new trust file: it has both seals.")
        if not options["destroy_old"]:
            self.stdout.write(
                f"The old one lies in {aside.name}: what it sealed needs it for an authority's "
                "edition. Destroy it if its key is not safe."
            )

    def _draft_seal(self, draft: Path, options: dict[str, Any]) -> None:
        if options["new"]:
            seal_in(options["new"])
            draft.touch(0o600)
            draft.write_bytes(options["new"].read_bytes())
        elif settings.SEAL_PKCS11:
            raise CommandError(
                "Make the key in the module, and give its certificates as --new FILE."
            )
        elif options["name"] or settings.DEVELOPMENT:
            sealing.make_file(draft, options["name"] or sealing.DEVELOPMENT)
        else:
            raise CommandError("Give the new seal as --new FILE, or the --name to make one for.")
        if settings.PRODUCTION and seal_in(draft).development:
            raise CommandError("This seal is for development only.")
        if settings.SEAL_LONG_TERM:
            require_sources(seal_in(draft))

    def do_kek(self, options: dict[str, Any]) -> None:
        """First a new key is added; with every process restarted, it wraps what there is."""
        ring = keyring()
        if not set(wrapped_by()) - {ring.current} and len(ring.keks) == 1:
            self._add_kek(ring)
            return
        done = rewrap_all()
        left = set(wrapped_by()) - {ring.current}
        if left:
            raise CommandError("Some secrets were made meanwhile under an older key: run it again.")
        if done:
            append_system("kek.rotated", done)
        old = ", ".join(str(each) for each in sorted(set(ring.keks) - {ring.current}))
        self.stdout.write(f"{done:,} secrets wrapped anew by key {ring.current}.")
        self.stdout.write(
            f"Take {old} out of ERASURE_KEK and destroy it once no backup holds what it wraps."
        )

    def _add_kek(self, ring: Keyring) -> None:
        added = f"{settings.KEKS},{ring.current + 1}:{_seed()}"
        path = _kek_file()
        if path is None:
            self.stdout.write(f"Set ERASURE_KEK={added}")
        else:
            draft = path.with_name(f".{path.name}.new")
            draft.unlink(missing_ok=True)
            keep_secret(draft, added)
            draft.replace(path)
            self.stdout.write(f"Key {ring.current + 1} was added to {path.name}.")
        self.stdout.write(RESTART)


def _seed() -> str:
    return new_secret("ERASURE_BLIND_KEY", development=settings.DEVELOPMENT)


def _kek_file() -> Path | None:
    """The file that ERASURE_KEK is read from; None if it stands in the environment itself."""
    if named := env.str("ERASURE_KEK_FILE", ""):
        return Path(named)
    kept = Path(settings.DATA) / "keys" / "erasure_kek"
    return kept if settings.DEVELOPMENT and not env.str("ERASURE_KEK", "") else None
