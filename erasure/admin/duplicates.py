"""Another case carries the same address or number: an officer says how the two stand."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from erasure.admin import access, words
from erasure.admin.base import may, page, require
from erasure.admin.case_page import header
from erasure.admin.case_views import decide
from erasure.admin.forms import PlainForm, choices
from erasure.admin.relations import proof_badge, shared_kinds
from erasure.intake import likely_duplicates, merge, relate
from erasure.models.cases import BEFORE_EXECUTION
from erasure.values import Relation

MERGE = {Relation.MERGED: "One request: merge the other case into this one"}
OTHERWISE = {
    Relation.LINKED: "Two requests of one person: link them, both go on",
    Relation.DIFFERENT: "Not the same person or matter: do not ask again",
}


class RelationForm(PlainForm):
    relation = forms.ChoiceField(label="How do the two stand?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, mergeable: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {**MERGE, **OTHERWISE} if mergeable else OTHERWISE
        self.fields["relation"].choices = choices(offered)  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def duplicate_page(request: HttpRequest, case_id: UUID, other_id: UUID) -> HttpResponseBase:
    """Both cases side by side, what each decision does, and the decision."""
    require(request, "view_dataitem")
    case = access.case_of(request, case_id)
    other = next((one for one in likely_duplicates(case) if one.pk == other_id), None)
    if other is None:
        raise Http404
    mergeable = case.state in BEFORE_EXECUTION and other.state in BEFORE_EXECUTION
    form = RelationForm(request.POST or None, mergeable=mergeable)
    deciding = may(request, "close_case")

    def take_it(given: Mapping[str, Any]) -> None:
        relation, actor = Relation(given["relation"]), access.actor_of(request)
        if relation == Relation.MERGED:
            merge(case.pk, other.pk, actor=actor)
        else:
            relate(case.pk, other.pk, relation, actor=actor)

    def show(status: int) -> TemplateResponse:
        sides = [(one, words.case_badge(one), proof_badge(one)) for one in (case, other)]
        return page(
            request, "duplicate.html", status=status, **header(request, case), other=other,
            title=f"The same as {other.reference}?", form=form, sides=sides, deciding=deciding,
            mergeable=mergeable, shared=shared_kinds(case, other),
        )  # fmt: skip

    return decide(request, case, form, take_it, show, "#identifiers")
