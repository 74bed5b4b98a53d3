"""Fields that a person may fill in several times: one input for each name, address or number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _

from erasure import identity
from erasure.errors import InputError
from erasure.intake import MOST_IDENTIFIERS
from erasure.values import Identifier, IdentifierKind
from erasure.web.sentences import translated

LONGEST = 4000  # what is pasted into one input


@dataclass(frozen=True, slots=True)
class Row:
    """One of the inputs, as the template draws it."""

    id: str
    label: str
    value: str
    error: str
    fresh: bool  # it was just asked for: the cursor goes there


class Several(forms.Widget):
    """Reads every value of one name; how they are drawn says the template."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        found = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [found] if isinstance(found, str) else [str(one) for one in found]


class SeveralBound(BoundField):
    """The field on its form: as many rows as were filled in, and one more where asked for."""

    field: "IdentifierList"

    @property
    def rows(self) -> list[Row]:
        values = [value for value in self._values() if value.strip() or self.form.is_bound]
        fresh = getattr(self.form, "more", "") == self.name
        rows = values + [""] * (fresh or not values)
        wrong = {error.code: error.messages[0] for error in self._errors()}
        return [
            Row(
                f"{self.auto_id}_{at}", f"{self.field.row_label} {at + 1}", value,
                wrong.get(str(at), ""), fresh and at == len(values),
            )
            for at, value in enumerate(rows[:MOST_IDENTIFIERS])
        ]  # fmt: skip

    def _values(self) -> Sequence[str]:
        return self.value() or []

    def _errors(self) -> list[ValidationError]:
        return self.errors.as_data() if self.form.is_bound else []

    @property
    def complaints(self) -> list[tuple[str, str]]:
        """The id of the input to mend, and what is wrong with it."""
        return [(f"{self.auto_id}_{error.code}", error.messages[0]) for error in self._errors()]


class IdentifierList(forms.Field):
    """Names, e-mail addresses or phone numbers of one person, each once."""

    widget = Several
    most = MOST_IDENTIFIERS

    def __init__(
        self, kind: IdentifierKind, *, row_label: Any, more_label: Any, type_: str = "text",
        autocomplete: str = "off", **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.kind, self.row_label, self.more_label = kind, row_label, more_label
        self.type, self.autocomplete = type_, autocomplete
        self.direction = "auto" if kind is IdentifierKind.NAME else "ltr"

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> SeveralBound:
        return SeveralBound(form, self, field_name)

    def clean(self, value: Any) -> tuple[Identifier, ...]:
        found: dict[Identifier, None] = {}
        wrong: list[ValidationError] = []
        for at, typed in enumerate(value or []):
            try:
                found.update(dict.fromkeys(self._read(typed)))
            except InputError as why:
                wrong.append(ValidationError(translated(why), code=str(at)))
        if self.required and not found and not wrong:
            wrong.append(ValidationError(self.error_messages["required"], code="0"))
        if len(found) > MOST_IDENTIFIERS:
            most = _("Give at most %(most)d.") % {"most": MOST_IDENTIFIERS}
            wrong.append(ValidationError(most, code="0"))
        if wrong:
            raise ValidationError(wrong)
        return tuple(found)

    def _read(self, typed: str) -> list[Identifier]:
        """Several may be pasted into one input, with commas, semicolons or lines between them.

        Raises:
            InputError: what is wrong with the first that is.
        """
        parts = identity.entries(typed[:LONGEST], self.kind)
        return [identity.identifier(self.kind, part, settings.COUNTRY) for _, part in parts]
