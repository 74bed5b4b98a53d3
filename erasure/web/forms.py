"""What a person types, checked field by field."""

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from erasure import identity
from erasure.errors import InputError
from erasure.intake import MOST_IDENTIFIERS, Agent, WebRequest
from erasure.values import Identifier, IdentifierKind
from erasure.web.fields import IdentifierList, SeveralBound
from erasure.web.language import spoken
from erasure.web.sentences import translated

MYSELF, SOMEBODY_ELSE = "myself", "somebody"
LONGEST_TEXT = 4000
LISTS = ("emails", "phones", "other_names")
NUMBER = re.compile(r"[A-Za-z0-9_-]{20,64}")
EMAIL_NEEDED = _("Give an e-mail address: a link to confirm is sent to it.")


def text_input(autocomplete: str, **attrs: str) -> forms.TextInput:
    return forms.TextInput({"autocomplete": autocomplete, "spellcheck": "false", **attrs})


def form_number() -> str:
    """Names one form on one screen: sent twice, it is one request."""
    return secrets.token_urlsafe(24)


class RequestForm(forms.Form):
    """A request under Art. 17. Nothing is asked that is not needed to find the data."""

    on_behalf = forms.ChoiceField(
        label=_("Whose data is it?"),
        choices=[
            (MYSELF, _("My own")),
            (SOMEBODY_ELSE, _("Somebody else’s: I ask on their behalf")),
        ],
        initial=MYSELF,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whose data it is.")},
    )
    agent_name = forms.CharField(
        label=_("Your own name"),
        required=False,
        max_length=200,
        widget=text_input("name", dir="auto"),
    )
    agent_email = forms.CharField(
        label=_("Your own e-mail address"),
        help_text=_("The link to confirm goes there. We do not search for it."),
        required=False,
        max_length=254,
        widget=text_input("email", type="email", dir="ltr", autocapitalize="off"),
    )
    mandate = forms.FileField(
        label=_("What shows that you may ask"),
        help_text=_(
            "A power of attorney, a court order or a birth certificate: JPEG, PNG, WebP or PDF, "
            "at most 10 MB and 10 pages. You can also send it later."
        ),
        required=False,
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
        error_messages={
            "empty": _("The file is empty. Choose the file with the document once more."),
            "invalid": _("The file did not arrive whole. Choose it and send it once more."),
        },
    )
    name = forms.CharField(
        label=_("Name of the person"),
        help_text=_("As we know it."),
        max_length=200,
        widget=text_input("name", dir="auto"),
        error_messages={"required": _("Give the name of the person whose data it is.")},
    )
    other_names = IdentifierList(
        IdentifierKind.NAME,
        row_label=_("Other name"),
        more_label=_("Add another name"),
        label=_("Other names used with us"),
        help_text=_(
            "A former name, a nickname, another spelling. Without them we may have to ask whose "
            "the records under another name are."
        ),
        required=False,
    )
    emails = IdentifierList(
        IdentifierKind.EMAIL,
        row_label=_("E-mail address"),
        more_label=_("Add another e-mail address"),
        type_="email",
        autocomplete="email",
        label=_("E-mail addresses of the person"),
        help_text=_("Every address ever used with us. We send a link to the first one."),
        required=False,
    )
    phones = IdentifierList(
        IdentifierKind.PHONE,
        row_label=_("Phone number"),
        more_label=_("Add another phone number"),
        type_="tel",
        autocomplete="tel",
        label=_("Phone numbers of the person"),
        help_text=_("They help us to find recorded calls."),
        required=False,
    )
    text = forms.CharField(
        label=_("Your request"),
        help_text=_("What should be erased, if not everything. You need not give a reason."),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": 5, "dir": "auto"}),
        error_messages={
            "max_length": _(
                "%(limit_value)d characters fit in here, and these are %(show_value)d. "
                "Shorten it; you can write us more later."
            )
        },
    )
    language = forms.ChoiceField(label=_("Language of our answer"), choices=settings.LANGUAGES)
    website = forms.CharField(  # people do not see it; what fills every field does
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )
    number = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, more: str = "", **kwargs: Any) -> None:
        fresh = {"number": form_number(), "language": spoken()}
        kwargs["initial"] = fresh | dict(kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.more = more  # the list that one more input was asked for

    @classmethod
    def unsent(cls, data: Any, more: str = "") -> "RequestForm":
        """What was typed so far, shown again and not judged."""
        typed = {
            name: field.widget.value_from_datadict(data, {}, name)
            for name, field in cls.base_fields.items()
        }
        return cls(initial=typed, more=more)

    def clean_number(self) -> str:
        given = str(self.cleaned_data["number"])
        return given if NUMBER.fullmatch(given) else form_number()

    def clean_name(self) -> str:
        return as_name(self.cleaned_data["name"])

    def clean_agent_name(self) -> str:
        given = self.cleaned_data["agent_name"]
        return as_name(given) if given else ""

    def clean_agent_email(self) -> str:
        given = self.cleaned_data["agent_email"]
        try:
            return identity.email(given) if given else ""
        except InputError as why:
            raise ValidationError(translated(why)) from None

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(
                gettext("Empty the field “Leave this field empty” and send again.")
            )
        return ""

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        if found.get("on_behalf") == SOMEBODY_ELSE:
            self._clean_agent(found)
        elif found.get("emails") == ():
            self.add_error("emails", ValidationError(EMAIL_NEEDED, code="0"))
        given = [who for each in LISTS for who in found.get(each, ())]
        if len(given) >= MOST_IDENTIFIERS:
            most = gettext("Give at most 30 names, addresses and numbers.")
            self.add_error("phones", ValidationError(most, code="0"))
        return found

    def _clean_agent(self, found: Mapping[str, Any]) -> None:
        """Who asks must be reachable; the person must be findable."""
        if found.get("agent_name") == "":
            self.add_error("agent_name", gettext("Give your own name: you ask for somebody."))
        if found.get("agent_email") == "":
            self.add_error("agent_email", str(EMAIL_NEEDED))
        if found.get("emails") == () and found.get("phones") == ():
            nothing = gettext("Give at least one e-mail address or phone number to search for.")
            self.add_error("emails", ValidationError(nothing, code="0"))

    def request(self, mandate: tuple[bytes, ...]) -> WebRequest:
        """What was asked; call it on a valid form. ``mandate``: the pages of the upload."""
        given = self.cleaned_data
        name = Identifier(IdentifierKind.NAME, given["name"])
        agent = None
        if given["on_behalf"] == SOMEBODY_ELSE:
            agent = Agent(given["agent_name"], given["agent_email"], mandate)
        return WebRequest(
            number=given["number"], name=given["name"], language=given["language"],
            identifiers=(*given["emails"], *given["phones"], name, *given["other_names"]),
            text=given["text"], agent=agent,
        )  # fmt: skip

    @property
    def complaints(self) -> Iterator[tuple[str, str]]:
        """For the summary: the id to go to, and the sentence with its field."""
        yield from (("", str(error)) for error in self.non_field_errors())
        for field in self:
            if isinstance(field, SeveralBound):
                yield from ((id_, f"{field.label}: {said}") for id_, said in field.complaints)
            else:
                target = field.id_for_label or field.auto_id
                yield from ((target, f"{field.label}: {error}") for error in field.errors)


def as_name(typed: str) -> str:
    """
    Raises:
        ValidationError: it is none.
    """
    try:
        return identity.name(typed)
    except InputError as why:
        raise ValidationError(translated(why)) from None
