"""What an officer fills in about identity: the question, the last resort, the decision."""

from django import forms

from erasure.admin import words
from erasure.admin.access import shown
from erasure.admin.forms import ANSWER_CHANNELS, PlainForm, choices, text
from erasure.models import ErasureCase, OnFile, Verification
from erasure.values import Channel, DocumentType, Ground
from erasure.values import VerificationMethod as V
from erasure.verification import addresses_on_file, electronic_identity

NO_ADDRESS = "None: look up what is on file first, or none was on file before the request"
BY = {channel: words.CHANNEL[channel] for channel in ANSWER_CHANNELS}
DOUBT = "Why the identity is in doubt (Art. 12(6)). Names and addresses stay out of it."


def under_way(case: ErasureCase) -> Verification | None:
    """The verification that is not decided yet."""
    row: Verification | None = case.verifications.order_by("-opened_at").first()
    return row if row and not row.decided_at else None


class AskForm(PlainForm):
    doubt = text("Reasonable doubt", help_text=DOUBT, rows=3)
    offered = forms.MultipleChoiceField(
        label="Ways offered, the least intrusive first",
        widget=forms.CheckboxSelectMultiple,
        help_text="A copy of a document is not among them unless a second person approved it.",
    )
    to = forms.ChoiceField(label="Address on file for the link", required=False)
    by = forms.ChoiceField(
        label="Asked by", choices=choices(BY), initial=Channel.EMAIL,
        help_text="By e-mail it is sent now; otherwise it is recorded as asked now.",
    )  # fmt: skip

    def fit(self, case: ErasureCase) -> None:
        """Offer what is possible in this case."""
        rows, row = addresses_on_file(case), under_way(case)
        ways = [V.CALL_BACK, V.KNOWLEDGE]
        if rows:
            ways.insert(0, V.LINK_ON_FILE)
        if electronic_identity():
            ways.append(V.ELECTRONIC_ID)
        ways.append(V.ID_SHOWN)
        if row and row.copy_approved:
            ways.append(V.ID_COPY)
        self._choose("offered", choices({each: words.METHOD[each] for each in ways}))
        named = {each.identifier_id: _on_file(case, each) for each in reversed(rows)}
        self._choose("to", choices(dict(reversed(named.items())), "" if named else NO_ADDRESS))
        self.initial.setdefault("offered", ways[:1] if rows else ways[:2])
        if row and row.doubt:
            self.initial.setdefault("doubt", row.doubt)

    def _choose(self, name: str, offered: list[tuple[str, str]]) -> None:
        self.fields[name].choices = offered  # type: ignore[attr-defined]

    def clean_to(self) -> str | None:
        return self.cleaned_data["to"] or None


def _on_file(case: ErasureCase, row: OnFile) -> str:
    row.identifier.case = case  # its keys are loaded
    since = f", since {words.day(words.local_day(row.since))}" if row.since else ""
    doubt = f" ({row.doubt[0].lower()}{row.doubt[1:].rstrip('.')})" if row.doubt else ""
    return f"{shown(row.identifier, clear=False)}: {row.connection.name}{since}{doubt}"


class CopyForm(PlainForm):
    doubt = text("Reasonable doubt", help_text=DOUBT, rows=3)
    reason = text("Why nothing less is enough", rows=3, help_text="No names, no addresses.")
    alternatives = forms.MultipleChoiceField(
        label="Less intrusive ways that were tried, or are not possible",
        choices=choices({each: words.METHOD[each] for each in V if each != V.ID_COPY}),
        widget=forms.CheckboxSelectMultiple,
    )

    def fit(self, case: ErasureCase) -> None:
        row = under_way(case)
        if row and row.doubt:
            self.initial.setdefault("doubt", row.doubt)


class ConfirmForm(PlainForm):
    method = forms.ChoiceField(
        label="Method",
        choices=choices(
            {each: words.METHOD[each] for each in V if each != V.PORTAL},
            "Choose, the least intrusive that was enough",
        ),
    )
    matched = forms.MultipleChoiceField(
        label="What matched our records",
        choices=choices(words.ATTRIBUTE),
        widget=forms.CheckboxSelectMultiple,
        help_text="Kinds only. Never the values, never a document number.",
    )
    reason = text("Why this is enough", help_text="No names, no addresses.", rows=3)
    doubt = text("Reasonable doubt, if more was asked for", required=False, rows=2, help_text=DOUBT)
    on_file_reason = text("Why the address on file counts all the same", required=False, rows=2)
    source = forms.CharField(
        label="After a call back: where the number was on file", max_length=100, required=False,
        help_text="The system, and since when. Not the number.",
    )  # fmt: skip
    document_type = forms.ChoiceField(
        label="After a document: its kind",
        choices=choices({each: words.DOCUMENT[each] for each in DocumentType}, "None was seen"),
        required=False,
    )
    document_country = forms.CharField(
        label="After a document: the country that issued it", max_length=2, required=False,
        help_text="Two letters, such as DE.",
        widget=forms.TextInput({"autocomplete": "off", "size": 4}),
    )  # fmt: skip
    grounds = forms.MultipleChoiceField(
        label="Ground for erasure",
        choices=choices({g: words.GROUND[g] for g in Ground}),
        widget=forms.CheckboxSelectMultiple,
    )
    ground_reason = text("Why the ground applies", most=2000, rows=3)

    def fit(self, case: ErasureCase) -> None:
        """Ask only for what is not on record, and begin with the proof that is there."""
        row = under_way(case)
        if row is None:
            return
        if row.doubt:
            del self.fields["doubt"]
        if not (row.on_file and row.on_file.doubt):
            del self.fields["on_file_reason"]
        self.initial.setdefault("method", came_by(row))

    def clean_document_country(self) -> str:
        given: str = self.cleaned_data["document_country"]
        return given.strip().upper()


def came_by(row: Verification) -> str:
    """The method of the proof that has come, if it can be told."""
    if row.denied_at:
        return ""
    if row.proven_at:
        return V.ELECTRONIC_ID if row.provider else V.LINK_ON_FILE
    return V.ID_COPY if row.copy_approved and row.pages.exists() else ""
