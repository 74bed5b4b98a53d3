"""A file of conversations, shown before a hold on them is placed. Nothing of it is kept."""

from dataclasses import dataclass

from django.http import HttpRequest

from erasure.admin.hold_forms import HoldForm
from erasure.errors import InputError
from erasure.holds import Listed, Touched, read_ids, touched

MOST_LINES = 10  # named of a file
MOST_ROWS = 16  # of the field that shows the ids


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file held, and what is known of it here."""

    listed: Listed
    touched: Touched | None
    lines: str


def preview_of(form: HoldForm, request: HttpRequest) -> tuple[HoldForm, Preview]:
    """The same form with the file's ids in the field, and what the file held.

    Raises:
        InputError: the file cannot be read, or no system is chosen.
    """
    given = form.cleaned_data
    if given["connection"] is None:
        raise InputError("connection", "Choose the system of the conversations.")
    listed = read_ids(given["file"].read(), given["connection"])
    typed = given["conversations"].split()
    data = request.POST.copy()
    data["conversations"] = "\n".join(dict.fromkeys([*typed, *listed.ids]))
    lines = ", ".join(map(str, listed.unreadable[:MOST_LINES]))
    more = len(listed.unreadable) - MOST_LINES
    known = touched(given["connection"], listed.ids)
    shown = Preview(listed, known, f"{lines} and {more} more" if more > 0 else lines)
    again = type(form)(data)
    again.fields["conversations"].widget.attrs["rows"] = min(len(listed.ids) + 1, MOST_ROWS)
    return again, shown
