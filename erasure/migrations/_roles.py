"""What migrations give to the roles. Django looks for no migration in a file of this name."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions


def give(apps: Any, schema_editor: Any, roles: Mapping[str, Sequence[str]]) -> None:
    """Add permissions to roles that exist.

    Raises:
        ValueError: there is no such permission.
    """
    config = installed.get_app_config("erasure")
    create_permissions(config, verbosity=0, using=schema_editor.connection.alias)
    permission = apps.get_model("auth", "Permission").objects
    for name, codenames in roles.items():
        found = permission.filter(codename__in=codenames, content_type__app_label="erasure")
        missing = set(codenames) - set(found.values_list("codename", flat=True))
        if missing:
            raise ValueError(f"No such permission: {', '.join(sorted(missing))}")
        apps.get_model("auth", "Group").objects.get(name=name).permissions.add(*found)


def take(apps: Any, roles: Mapping[str, Sequence[str]]) -> None:
    """Take permissions from roles that exist."""
    for name, codenames in roles.items():
        group = apps.get_model("auth", "Group").objects.get(name=name)
        taken = {"codename__in": codenames, "content_type__app_label": "erasure"}
        group.permissions.remove(*group.permissions.filter(**taken))
