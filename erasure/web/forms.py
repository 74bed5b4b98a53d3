"""What a person types, checked field by field."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from erasure import identity
from erasure.errors import InputError
from erasure.intake import MOST_IDENTIFIERS
from erasure.values import Identifier, IdentifierKind

LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch (German)"),
    ("fr", "Français (French)"),
    ("ar", "العربية (Arabic)"),
]
MYSELF, SOMEBODY_ELSE = "myself", "somebody"
LONGEST_TEXT = 4000
TOO_MANY = f"Give at most {MOST_IDENTIFIERS} names, addresses and numbers."


class IdentifierList(forms.CharField):
    """Names, e-mail addresses or phone numbers, one per line."""

    def __init__(self, kind: IdentifierKind, autocomplete: str, **kwargs: Any) -> None:
        self.kind = kind
        attrs = {
            "rows": 3,
            "autocomplete": autocomplete,
            "autocapitalize": "words" if kind is IdentifierKind.NAME else "off",
            "spellcheck": "false",
            "dir": "auto" if kind is IdentifierKind.NAME else "ltr",
        }
        super().__init__(max_length=4000, widget=forms.Textarea(attrs), **kwargs)

    def clean(self, value: Any) -> tuple[Identifier, ...]:
        text = super().clean(value)
        try:
            found = identity.parse_many(text, settings.COUNTRY, self.kind)
        except InputError as why:
            raise ValidationError(str(why).split("\n")) from None
        if len(found) > MOST_IDENTIFIERS:
            raise ValidationError(f"Give at most {MOST_IDENTIFIERS}.")
        return found


class RequestForm(forms.Form):
    """A request under Art. 17. Nothing is asked that is not needed to find the data."""

    on_behalf = forms.ChoiceField(
        label="Whose data is it?",
        choices=[(MYSELF, "My own"), (SOMEBODY_ELSE, "Somebody else’s: I ask on their behalf")],
        initial=MYSELF,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whose data it is."},
    )
    name = forms.CharField(
        label="Name of the person",
        help_text="As we know it.",
        max_length=200,
        widget=forms.TextInput({"autocomplete": "name", "dir": "auto", "spellcheck": "false"}),
        error_messages={"required": "Give the name of the person whose data it is."},
    )
    other_names = IdentifierList(
        IdentifierKind.NAME,
        "off",
        label="Other names used with us",
        help_text="One per line: a former name, a nickname, another spelling. Without them "
        "we may have to ask whose the records under another name are.",
        required=False,
    )
    emails = IdentifierList(
        IdentifierKind.EMAIL,
        "email",
        label="E-mail addresses of the person",
        help_text="One per line. Include every address ever used with us. "
        "We send a link to the first one.",
        error_messages={"required": "Give an e-mail address: a link to confirm is sent to it."},
    )
    phones = IdentifierList(
        IdentifierKind.PHONE,
        "tel",
        label="Phone numbers of the person",
        help_text="One per line. They help us to find recorded calls.",
        required=False,
    )
    text = forms.CharField(
        label="Your request",
        help_text="What should be erased, if not everything. You need not give a reason.",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": 5, "dir": "auto"}),
    )
    language = forms.ChoiceField(label="Language of our answer", choices=LANGUAGES, initial="en")
    website = forms.CharField(  # people do not see it; what fills every field does
        label="Leave this field empty",
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_name(self) -> str:
        try:
            return identity.name(self.cleaned_data["name"])
        except InputError as why:
            raise ValidationError(str(why)) from None

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError("Empty the field “Leave this field empty” and send again.")
        return ""

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        lists = ("emails", "phones", "other_names")
        if sum(len(found.get(each, ())) for each in lists) > MOST_IDENTIFIERS:
            self.add_error("phones", TOO_MANY)
        return found
