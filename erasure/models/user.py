"""Staff. There is no superuser: rights come from the role groups alone."""

from typing import Any, ClassVar

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.management.base import CommandError


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

    objects: ClassVar[StaffManager] = StaffManager()

    def in_role(self, role: str) -> bool:
        return self.groups.filter(name=role).exists()

    def as_said(self) -> str:
        """How the person is named to colleagues."""
        return self.get_full_name() or self.get_username()
