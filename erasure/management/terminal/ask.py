"""Questions to whoever sits at the terminal; a script answers them with options or files."""

import sys
from collections.abc import Mapping, Sequence
from getpass import getpass
from pathlib import Path
from typing import Any

from django.contrib.auth import authenticate
from django.core.management.base import CommandError

from erasure.errors import InputError
from erasure.identity import identifier
from erasure.models import Actor
from erasure.values import Identifier, IdentifierKind

KINDS = (IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.NAME)


def is_tty() -> bool:
    return sys.stdin.isatty()


def text(options: Mapping[str, Any], name: str, question: str, *, empty: bool = False) -> str:
    """What the option says, else what the person answers.

    Raises:
        CommandError: neither is there.
    """
    given = options.get(name)
    if given is None and is_tty():
        given = input(f"{question}: ")
    if not empty and not (given or "").strip():
        raise CommandError(f"{question}: give --{name.replace('_', '-')}.")
    return str(given or "").strip()


def choice(options: Mapping[str, Any], name: str, question: str, values: Sequence[str]) -> str:
    """One of ``values``, in small letters or capitals. Raises CommandError for another."""
    given = text(options, name, f"{question} ({', '.join(values)})")
    for value in values:
        if given.casefold() == value.casefold():
            return value
    raise CommandError(f"{question}: choose one of {', '.join(values)}.")


def agreed(options: Mapping[str, Any], question: str, word: str) -> bool:
    """Whether the person types the word, or ``--yes`` was given."""
    if options.get("yes"):
        return True
    return is_tty() and input(f"{question} Type {word} to go on: ").strip() == word


def sign_in(username: str, password_file: Path | None) -> Actor:
    """The member of staff, by their own password.

    Raises:
        CommandError: unknown, wrong password, or no staff.
    """
    if password_file:
        password = _read(password_file).rstrip("\r\n")
    elif is_tty():
        password = getpass(f"Password of {username}: ")
    else:
        raise CommandError(f"Give the password of {username} in a file: nobody can be asked.")
    user = authenticate(username=username, password=password)
    try:
        return Actor.of(user)
    except PermissionError:
        raise CommandError(f"{username} could not be signed in.") from None


def identifiers(options: Mapping[str, Any]) -> tuple[str, list[Identifier]]:
    """The person's name, and every identifier given: by file, by options or by question.

    Raises:
        CommandError: none is given, or one cannot be read.
    """
    given: list[tuple[IdentifierKind, str]] = []
    if options.get("from_file"):
        given += _lines(_read(options["from_file"]))
    for kind in KINDS:
        given += [(kind, value) for value in options.get(kind.value) or []]
    if not given and is_tty():
        given = _asked()
    names = [value.strip() for kind, value in given if kind is IdentifierKind.NAME]
    try:
        found = [identifier(kind, value, options["region"]) for kind, value in given]
    except InputError as why:
        raise CommandError(str(why)) from None
    first = Identifier(IdentifierKind.NAME, "")
    if names:
        first = identifier(IdentifierKind.NAME, names[0])
    return (names[0] if names else ""), [one for one in found if one != first]


def _lines(whole: str) -> list[tuple[IdentifierKind, str]]:
    """``email: …``, ``phone: …`` or ``name: …`` on each line."""
    found = []
    for number, line in enumerate(whole.splitlines(), start=1):
        kind, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or kind.strip().lower() not in [one.value for one in KINDS]:
            raise CommandError(f"Line {number} must begin with email:, phone: or name:")
        found.append((IdentifierKind(kind.strip().lower()), value.strip()))
    return found


def _asked() -> list[tuple[IdentifierKind, str]]:
    found = []
    for kind in KINDS:
        while value := input(f"{kind.value} of the person (empty: no more): ").strip():
            found.append((kind, value))
    return found


def _read(path: Path) -> str:
    if str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"The file {path} cannot be read.") from None
