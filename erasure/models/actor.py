"""Who takes a step: the system itself, or a member of staff."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from erasure.models.user import User


@dataclass(frozen=True, slots=True)
class Actor:
    """``key`` is what the log's private half names: never a name, never an address."""

    key: str
    user: User | None = None

    @classmethod
    def of(cls, user: Any) -> "Actor":
        """The signed-in member of staff.

        Raises:
            PermissionError: nobody is signed in, or the account is not active staff.
        """
        if not (isinstance(user, User) and user.is_active and user.is_staff):
            raise PermissionError("Sign in as a member of staff.")
        return cls(f"staff:{user.pk}", user)

    @property
    def is_system(self) -> bool:
        return self.key == "system"

    @property
    def is_person(self) -> bool:
        """The person the request is about, through a one-time link."""
        return self.key == "person"

    def may(self, permission: str) -> bool:
        return self.user is not None and self.user.has_perm(permission)


SYSTEM = Actor("system")
PERSON = Actor("person")


def actor_names(keys: Iterable[str]) -> dict[str, str]:
    """``staff:<id>`` → how colleagues call them; one query for all."""
    ids = {key.removeprefix("staff:") for key in keys if key.startswith("staff:")}
    users = User.objects.in_bulk([int(each) for each in ids if each.isdigit()])
    return {f"staff:{pk}": user.as_said() for pk, user in users.items()}
