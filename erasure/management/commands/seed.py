"""``manage.py seed``: logins for each role and, in sandbox mode, the sandbox's systems."""

import argparse
import os
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

from erasure.models import SystemConnection, User
from erasure.sandbox.genesys.seed import EVALUATOR
from erasure.sandbox.server import application
from erasure.values import Role, System

LOGINS = {
    "clerk": Role.CLERK,
    "officer": Role.OFFICER,
    "dpo": Role.DPO,
    "legal": Role.LEGAL,
    "counsel": Role.LEGAL,  # a hold takes two to release
    "auditor": Role.AUDITOR,
    "admin": Role.ADMINISTRATOR,
}
TRIAL_LIMIT = 300  # requests a minute, as the vendor's
COPIES = "Recording export bucket, data warehouse"
CUSTOM_OBJECTS = "Invoice__c, Loyalty__c, Survey__c"
ARCHIVE = (
    "Look in the binders of signed forms, room 4. Shred what is found and attach the protocol."
)


class Command(BaseCommand):
    help = "Make trial logins for each role and connect the sandbox. Safe to repeat."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="Do not print the logins.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Trial logins are not made in production: add users in the admin.")
        password = _password()
        for name, role in LOGINS.items():
            _login(name, role, password)
        if settings.SANDBOX:
            connect_sandbox(settings.SANDBOX_URL)
        if not options["quiet"]:
            self.stdout.write("\n  Trial logins, all with the same password:\n")
            for name, role in LOGINS.items():
                self.stdout.write(f"    {name:<9} {role.value}")
            self.stdout.write(f"    password  {password}")


def _password() -> str:
    """Made once for this data folder, readable by this user alone."""
    path = settings.DATA / "trial-password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("-".join(secrets.token_hex(2) for _ in range(4)))
    return path.read_text().strip()


def _login(name: str, role: Role, password: str) -> None:
    user, new = User.objects.get_or_create(
        username=name, defaults={"is_staff": True, "email": f"{name}@example.org"}
    )
    if new:
        user.set_password(password)
        user.save()
        user.groups.add(Group.objects.get(name=role))


def connect_sandbox(url: str) -> None:
    """One connection for each system the sandbox plays; addresses follow its port."""
    known = {name: wire.vendor.credentials() for name, wire in application().wires.items()}
    _genesys(url, known["genesys"])
    row = _client("crm", "Salesforce CRM", System.SALESFORCE, url, known["salesforce"])
    row.options = {"outside_copies": "none", "enhanced_messaging": "none",
                   "custom_objects": CUSTOM_OBJECTS}  # fmt: skip
    row.save()
    row = _client(
        "service-desk", "ServiceNow service desk", System.SERVICENOW, url, known["servicenow"]
    )
    row.options = {"outside_copies": "none"}
    row.save()
    _processor(url, known["opendsr"])
    row = _connection("paper", "Paper archive", System.MANUAL, "")
    row.options = {"instructions": ARCHIVE, "days": 7}
    row.save()


def _genesys(url: str, known: dict[str, Any]) -> None:
    executor, reader = known["clients"]["executor"], known["clients"]["reader"]
    row = _connection("genesys-eu", "Genesys Cloud EU", System.GENESYS, f"{url}/genesys")
    row.client_id, row.reader_id = executor["client_id"], reader["client_id"]
    row.set_secret(executor["client_secret"])
    row.set_reader_secret(reader["client_secret"])
    row.organisation_id, row.per_minute = known["organization_id"], TRIAL_LIMIT
    row.options = {"calibrators": EVALUATOR, "outside_copies": COPIES}
    row.save()


def _processor(url: str, known: dict[str, Any]) -> None:
    """It calls back at this installation, whose address follows its own port."""
    row = _client("surveys", "Survey processor", System.OPENDSR, url, known, path="/v2")
    row.options = {
        "trusted_ca": known["trusted_ca"],
        "callback_base": f"{settings.PUBLIC_URL}/opendsr/callbacks",
    }
    row.save()


def _client(
    slug: str, name: str, system: System, url: str, known: dict[str, Any], path: str = ""
) -> SystemConnection:
    row = _connection(slug, name, system, f"{url}/{system}{path}")
    row.client_id = known["client_id"]
    row.set_secret(known["client_secret"])
    row.organisation_id, row.per_minute = known.get("organisation_id", ""), 0
    row.save()
    return row


def _connection(slug: str, name: str, system: System, url: str) -> SystemConnection:
    row = SystemConnection.objects.filter(slug=slug).first() or SystemConnection(slug=slug)
    row.name, row.system, row.region = name, system, "GB"
    row.base_url = row.login_url = url
    return row
