"""A request by phone, letter, e-mail or in person, entered by staff."""

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language_info

from erasure.admin import access, words
from erasure.admin.base import page, require
from erasure.admin.forms import ANSWER_CHANNELS, PlainForm, choices, moment, past, text
from erasure.errors import BusyError, InputError
from erasure.identity import email, parse_many
from erasure.intake import MOST_IDENTIFIERS, Agent, once, open_case, redrawn_mandate
from erasure.models import Actor, Arrival, ErasureCase, StatusCode
from erasure.values import Identifier, IdentifierKind

FIELD_OF = {
    "identifiers": "emails", "email": "emails", "phone": "phones", "document": "mandate",
}  # fmt: skip
CODE = (
    "{reference} is recorded. Status code for the person: {code}. With both they see at "
    "{url} where it stands, and can take it back. The code is not shown again."
)


class NewCaseForm(PlainForm):
    channel = forms.ChoiceField(
        label="Came in by",
        choices=choices({c: words.CHANNEL[c] for c in ANSWER_CHANNELS}, "Choose"),
    )
    received_at = moment(
        "Received at",
        validators=[past],
        help_text="When it reached us anywhere, not when it is entered: the month runs from it.",
    )
    name = forms.CharField(label="Name of the person", max_length=200)
    other_names = text(
        "Other names used with us",
        most=4000,
        rows=2,
        required=False,
        help_text="One a line: former names, other spellings.",
    )
    emails = text("E-mail addresses", most=4000, rows=2, required=False, help_text="One a line.")
    phones = text(
        "Phone numbers",
        most=4000,
        rows=2,
        required=False,
        help_text="One a line, with country code.",
    )
    customers = text("Customer numbers", most=4000, rows=1, required=False, help_text="One a line.")
    on_behalf = forms.BooleanField(label="Somebody else asks for the person", required=False)
    agent_name = forms.CharField(label="Name of who asks", max_length=200, required=False)
    agent_email = forms.CharField(
        label="E-mail address of who asks",
        max_length=254,
        required=False,
        help_text="Never searched by and never erased by.",
    )
    mandate = forms.FileField(
        label="Mandate",
        required=False,
        help_text="PDF, JPEG, PNG or WebP. A fresh drawing of it is kept, encrypted.",
    )
    language = forms.ChoiceField(
        label="Language of the answer",
        choices=[(code, get_language_info(code)["name"]) for code, _ in settings.LANGUAGES],
    )
    request_text = text("What was asked, in the person’s words", most=8000, required=False)
    number = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"number": secrets.token_urlsafe(24)}
        super().__init__(*args, **kwargs)


def add_view(request: HttpRequest) -> HttpResponseBase:
    """The form, and what becomes of it: one case, however often it is sent."""
    require(request, "add_erasurecase")
    form = NewCaseForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _recorded(request, form.cleaned_data)
        except InputError as why:
            field = FIELD_OF.get(why.field, why.field)
            form.add_error(field if field in form.fields else None, str(why))
        except BusyError as why:
            form.add_error("mandate", str(why))
    return page(request, "new_case.html", title="New case", form=form)


def _recorded(request: HttpRequest, given: Mapping[str, Any]) -> HttpResponseBase:
    actor = access.actor_of(request)
    identifiers, agent = _identifiers(given), _agent(given)
    make = partial(_open, given, identifiers, agent, actor)
    case, new = once(Arrival.FORM, f"{actor.key}:{given['number']}", make) if given["number"] else (
        make(), True,
    )  # fmt: skip
    if new:
        said = {"reference": case.reference, "url": f"{settings.PUBLIC_URL}/status/"}
        messages.success(request, CODE.format(code=StatusCode.make(case), **said))
    return redirect(access.case_url(case.pk))


def _open(
    given: Mapping[str, Any], identifiers: list[Identifier], agent: Agent | None, actor: Actor
) -> ErasureCase:
    return open_case(
        channel=given["channel"], name=given["name"], identifiers=identifiers,
        received_at=given["received_at"], language=given["language"],
        on_behalf=given["on_behalf"], agent=agent, text=given["request_text"], actor=actor,
    )  # fmt: skip


def _identifiers(given: Mapping[str, Any]) -> list[Identifier]:
    """
    Raises:
        InputError: names the field.
    """
    kinds = {
        "emails": IdentifierKind.EMAIL, "phones": IdentifierKind.PHONE,
        "customers": IdentifierKind.CUSTOMER, "name": IdentifierKind.NAME,
        "other_names": IdentifierKind.NAME,
    }  # fmt: skip
    found: list[Identifier] = []
    for field, kind in kinds.items():
        found += parse_many(given[field], settings.COUNTRY, kind=kind, field=field)
    if len(found) > MOST_IDENTIFIERS:
        raise InputError("emails", f"Give at most {MOST_IDENTIFIERS} names, addresses and numbers.")
    return found


def _agent(given: Mapping[str, Any]) -> Agent | None:
    """
    Raises:
        InputError: ``agent_email`` or ``document``. BusyError: the mandate cannot be opened now.
    """
    if not given["on_behalf"]:
        return None
    try:
        address = email(given["agent_email"]) if given["agent_email"] else ""
    except InputError as why:
        raise InputError("agent_email", str(why)) from None
    file = given["mandate"]
    return Agent(given["agent_name"], address, redrawn_mandate(file.read()) if file else ())
