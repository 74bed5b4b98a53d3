"""What people fill in on the pages of a case. Limits are those of the columns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from erasure import clock
from erasure.admin import words
from erasure.models import ErasureCase
from erasure.values import Channel, Exemption

LOCAL = "%Y-%m-%dT%H:%M"
DECIDED_ROLE = {
    "management": "Management, for the controller",
    "dpo": "Data protection officer, by delegation",
    "legal": "Legal",
}
REFUSAL: dict[str, str] = {
    "17(1)": "Art. 17(1): no ground applies",
    "12(5)(b)": "Art. 12(5)(b): manifestly unfounded or excessive",
    "11(2)": "Art. 11(2): the person cannot be identified",
    **{str(article): text for article, text in words.EXEMPTION.items()},
}
ANSWER_CHANNELS = (Channel.EMAIL, Channel.LETTER, Channel.PHONE, Channel.IN_PERSON)


def choices(named: Mapping[Any, str], empty: str = "") -> list[tuple[str, str]]:
    found = [(str(key), text) for key, text in named.items()]
    return [("", empty), *found] if empty else found


class PlainForm(forms.Form):
    """Labels without colons; the browser's own wording stays out of the way."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs.setdefault("rows", 4)

    def fit(self, case: ErasureCase) -> None:
        """Offer what is possible in this case; most forms are alike for all."""


def moment(label: str, **kwargs: Any) -> forms.DateTimeField:
    """A local date and time, entered with the browser's own picker."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
    return forms.DateTimeField(label=label, widget=widget, input_formats=[LOCAL], **kwargs)


def past(value: datetime) -> None:
    if value > clock.now():
        raise forms.ValidationError("This lies in the future.")


def day(label: str, **kwargs: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **kwargs)


def just_now() -> str:
    return timezone.localtime(clock.now()).strftime(LOCAL)


def text(label: str, *, most: int = 300, rows: int = 4, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, widget=forms.Textarea({"rows": rows}), **kwargs
    )


class ReasonForm(PlainForm):
    reason = text("Reason", help_text="It is part of the record. No names, no addresses.")


class ReceiptForm(ReasonForm):
    received_at = moment("Received", validators=[past])
    field_order = ("received_at", "reason")


class ApproveForm(PlainForm):
    digest = forms.CharField(widget=forms.HiddenInput, required=False)
    decided_role = forms.ChoiceField(
        label="Who decides for the controller", choices=choices(DECIDED_ROLE, "Choose")
    )
    opinion = text("Opinion of the data protection officer", most=2000)


class RefuseForm(PlainForm):
    article = forms.ChoiceField(label="Article", choices=choices(REFUSAL, "Choose"))

    def fit(self, case: ErasureCase) -> None:
        """Begin with what the person was told."""
        self.initial.setdefault("article", case.refusal_told())


class CloseForm(PlainForm):
    close_reason = forms.ChoiceField(label="Reason", choices=choices(words.CLOSE, "Choose"))


class AnswerForm(PlainForm):
    kind = forms.ChoiceField(label="Letter", choices=choices(words.LETTER))
    article = forms.ChoiceField(
        label="Article of a refusal", choices=choices(REFUSAL, "None"), required=False
    )
    channel = forms.ChoiceField(
        label="Sent by", choices=choices({c: words.CHANNEL[c] for c in ANSWER_CHANNELS})
    )
    dispatched_at = moment(
        "Sent at",
        validators=[past],
        help_text="When it left the house, provably: “on time” is measured by it.",
    )
    proof = text(
        "Proof of the dispatch",
        rows=2,
        help_text="For example the number of the registered letter, and where it is kept.",
    )
    text = text("Text as sent", most=20_000, rows=16)


class RecordForm(PlainForm):
    """A decision on one record; which decisions are open depends on where the case stands."""

    decision = forms.ChoiceField(label="Decision", widget=forms.RadioSelect)
    article = forms.ChoiceField(
        label="Article, if exempt",
        choices=choices({e: words.EXEMPTION[e] for e in Exemption}, "None"),
        required=False,
    )
    reason = text("Reason or evidence", required=False, rows=3, help_text="No names, no addresses.")

    def __init__(self, *args: Any, open_: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = choices(open_)  # type: ignore[attr-defined]


class StoreForm(PlainForm):
    decision = forms.ChoiceField(
        label="Decision",
        widget=forms.RadioSelect,
        choices=choices(
            {
                "MANUAL": "A person looks and erases there by hand, and records it",
                "ATTESTED": "The vendor or a person attests, with evidence",
            }
        ),
    )
    reason = text("Reason", help_text="It stands on the certificate’s record.")


class RevealForm(PlainForm):
    reason = forms.CharField(label="Reason", max_length=200, min_length=5)
