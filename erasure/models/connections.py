"""One row per Genesys organisation and region, Salesforce org, and so on."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models

from erasure.crypto.keys import Purpose
from erasure.models.sealed import keyring
from erasure.values import System

ADDRESS = URLValidator(["https", "http"])
TITLES = {
    System.GENESYS: "Genesys Cloud",
    System.SALESFORCE: "Salesforce",
    System.SERVICENOW: "ServiceNow",
    System.OPENDSR: "OpenDSR processor",
    System.MANUAL: "Manual system",
}

NEEDED = ("base_url", "login_url", "client_id")  # by whatever is called
MOST_DAYS = 365  # that a task by hand may be given
MOST_BACKUP_DAYS = 3650


class SystemConnection(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.CharField(
        "short name",
        max_length=20,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9-]{0,19}$", "Use small letters, digits and hyphens, up to 20."
            )
        ],
        help_text="Names this system in the log and on certificates. Never change it later.",
    )
    name = models.CharField(max_length=80)
    system = models.CharField(max_length=20, choices=[(s.value, TITLES[s]) for s in System])
    base_url = models.CharField(
        "API address", max_length=200, blank=True, validators=[ADDRESS],
        help_text="For example https://api.mypurecloud.de",
    )  # fmt: skip
    login_url = models.CharField(
        "sign-in address", max_length=200, blank=True, validators=[ADDRESS],
        help_text="For example https://login.mypurecloud.de",
    )  # fmt: skip
    client_id = models.CharField("client id", max_length=200, blank=True)
    secret_env = models.CharField(
        "secret from environment variable",
        max_length=80,
        blank=True,
        help_text="Name of the variable that holds the client secret; else enter it below.",
    )
    secret_sealed = models.BinaryField(default=b"", blank=True, editable=False)
    reader_id = models.CharField(
        "reading client id", max_length=200, blank=True,
        help_text="A second client that may only read: it searches and reads back, the first "
        "one erases. Empty: the first does both.",
    )  # fmt: skip
    reader_secret_env = models.CharField(
        "reading secret from environment variable", max_length=80, blank=True
    )
    reader_secret_sealed = models.BinaryField(default=b"", blank=True, editable=False)
    organisation_id = models.CharField("organisation id", max_length=80, blank=True)
    region = models.CharField(
        max_length=2, default="DE", help_text="ISO country by which local phone numbers are read."
    )
    residency = models.CharField(max_length=40, blank=True, help_text="Where the data rests.")
    per_minute = models.PositiveIntegerField(
        "requests a minute", default=300, help_text="The vendor's limit; 0 for none."
    )
    width = models.PositiveSmallIntegerField("calls side by side", default=8)
    syncs_contacts = models.BooleanField(
        default=False, help_text="It re-creates contacts elsewhere, so it is erased first."
    )
    options = models.JSONField(default=dict, blank=True, help_text="Settings of the connector.")
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]
        permissions = [("check_connection", "Can test a system connection")]

    def __str__(self) -> str:
        return self.name

    @property
    def backup_days(self) -> int | None:
        """How long the vendor keeps backups, as ``backup_days`` among the options says."""
        days = self.options.get("backup_days") if isinstance(self.options, dict) else None
        return days if type(days) is int and 1 <= days <= MOST_BACKUP_DAYS else None

    def clean(self) -> None:
        """Every kind but the manual one is called, so it needs an address and a client.

        Raises:
            ValidationError: by field, what is missing.
        """
        if self.system == System.MANUAL:
            self._clean_manual()
            return
        missing = [name for name in NEEDED if not getattr(self, name)]
        title = TITLES.get(self.system, "This kind of system")  # type: ignore[call-overload]
        said = "{} is called over the network and needs this. Only a manual system has none."
        if missing:
            raise ValidationError({name: said.format(title) for name in missing})

    def _clean_manual(self) -> None:
        days = self.options.get("days") if isinstance(self.options, dict) else None
        if days is not None and (type(days) is not int or not 1 <= days <= MOST_DAYS):
            said = f"days: a whole number from 1 to {MOST_DAYS}, until the task is due."
            raise ValidationError({"options": said})

    def set_secret(self, text: str) -> None:
        """Keep the client secret encrypted under the key-encryption key."""
        self.secret_sealed = keyring().wrap(text.encode(), self.pk, Purpose.CONNECTION)

    def kept_secret(self) -> str:
        """The client secret kept here; empty when it comes from the environment."""
        if not self.secret_sealed:
            return ""
        return keyring().unwrap(bytes(self.secret_sealed), self.pk, Purpose.CONNECTION).decode()

    def set_reader_secret(self, text: str) -> None:
        """Keep the secret of the reading client, encrypted the same way."""
        self.reader_secret_sealed = keyring().wrap(text.encode(), self.pk, Purpose.CONNECTION)

    def kept_reader_secret(self) -> str:
        """The reading client's secret kept here; empty when it comes from the environment."""
        if not self.reader_secret_sealed:
            return ""
        sealed = bytes(self.reader_secret_sealed)
        return keyring().unwrap(sealed, self.pk, Purpose.CONNECTION).decode()
