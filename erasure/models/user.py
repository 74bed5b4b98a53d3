"""Staff. There is no superuser: rights come from the role groups alone."""

import hashlib
import secrets
from typing import Any, ClassVar

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.management.base import CommandError
from django.db import models


class StaffManager(UserManager["User"]):
    def _create_user_object(
        self, username: str, email: str | None, password: str | None, **extra: Any
    ) -> "User":
        """As Django's, without the superuser flag that it always hands on."""
        extra.pop("is_superuser", None)
        user = self.model(
            username=self.model.normalize_username(username),
            email=self.normalize_email(email), **extra,
        )  # fmt: skip
        user.password = make_password(password)
        return user

    def create_superuser(self, *args: Any, **kwargs: Any) -> "User":
        raise CommandError(
            "There are no superusers here. Make a staff user and put them into a role group: "
            "manage.py seed, or Users in the admin."
        )


class User(AbstractUser):
    """A person who works cases; what they may do is the sum of their role groups."""

    is_superuser: Any = None  # removes the column: no set-up can make one
    calendar_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)

    objects: ClassVar[StaffManager] = StaffManager()

    def in_role(self, role: str) -> bool:
        return self.groups.filter(name=role).exists()

    def new_calendar(self) -> str:
        """A new secret address of the calendar; one from before stops working."""
        token = secrets.token_urlsafe(32)
        self.calendar_hash = hashlib.sha256(token.encode()).hexdigest()
        self.save(update_fields=["calendar_hash"])
        return token

    def end_calendar(self) -> None:
        self.calendar_hash = ""
        self.save(update_fields=["calendar_hash"])

    def as_said(self) -> str:
        """How the person is named to colleagues."""
        return self.get_full_name() or self.get_username()
