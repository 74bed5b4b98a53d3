"""What people fill in on the pages of a hold."""

from django import forms

from erasure.admin import words
from erasure.admin.forms import PlainForm, choices, day, moment, text
from erasure.models import SystemConnection
from erasure.values import Exemption, HoldScope

MOST_IDS_TEXT = 600_000  # characters: a hold's whole list of conversations


class HoldForm(PlainForm):
    reference = forms.CharField(label="Matter reference", max_length=60)
    article = forms.ChoiceField(
        label="Article",
        choices=choices(
            {a: words.EXEMPTION[a] for a in (Exemption.LEGAL_CLAIMS, Exemption.LEGAL_OBLIGATION)}
        ),
    )
    reason = text("Reason, for colleagues", most=2000, rows=3)
    public_wording = text(
        "What the person is told",
        rows=2,
        help_text="Stands in the letter and on the certificate: no details, no third parties.",
    )
    expires_on = day("Expires on", required=False)
    review_on = day(
        "Review on", required=False, help_text="Within six months. One of the two dates is needed."
    )


class PersonHoldForm(HoldForm):
    case_reference = forms.CharField(
        label="Person of this case",
        max_length=20,
        required=False,
        help_text="A case reference: its confirmed identifiers are covered without being shown.",
    )
    identifiers = text(
        "E-mail addresses and phone numbers",
        most=8000,
        required=False,
        help_text="One a line. Kept as keyed indexes.",
    )


class ConversationHoldForm(HoldForm):
    connection = forms.ModelChoiceField(
        label="System", queryset=SystemConnection.objects.all(), empty_label="Choose"
    )
    conversations = text(
        "Conversation ids", most=MOST_IDS_TEXT, required=False, help_text="One a line."
    )
    file = forms.FileField(
        label="A CSV file with conversation ids",
        required=False,
        help_text="UTF-8. The ids are put into the field above for you to look at first.",
    )


class MatterHoldForm(PersonHoldForm, ConversationHoldForm):
    connection = forms.ModelChoiceField(
        label="System of the conversations",
        queryset=SystemConnection.objects.all(),
        required=False,
        empty_label="None",
    )


class RangeHoldForm(HoldForm):
    connection = forms.ModelChoiceField(
        label="System",
        queryset=SystemConnection.objects.all(),
        required=False,
        empty_label="All systems",
    )
    starts_at = moment("From")
    ends_at = moment("To")


HOLD_FORMS: dict[HoldScope, type[HoldForm]] = {
    HoldScope.SUBJECT: PersonHoldForm,
    HoldScope.MATTER: MatterHoldForm,
    HoldScope.CONVERSATION: ConversationHoldForm,
    HoldScope.TIME_RANGE: RangeHoldForm,
}


class KeepHoldForm(PlainForm):
    expires_on = day("Expires on", required=False)
    review_on = day(
        "Next review on",
        required=False,
        help_text="Within six months. One of the two dates is needed.",
    )
    reason = text("Reason", help_text="Why it is still needed. It is part of the register.")
