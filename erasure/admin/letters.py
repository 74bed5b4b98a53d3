"""Letters on the pages of a case: write one with a preview, and say what became of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from erasure import correspondence
from erasure.admin import access, words
from erasure.admin.base import page, require
from erasure.admin.case_page import header
from erasure.admin.forms import REFUSAL, PlainForm, choices, just_now, moment, past, text
from erasure.correspondence import Wanted
from erasure.documents.letter import render_letter
from erasure.documents.letters import Written
from erasure.errors import InputError, KeyMissingError, StepError
from erasure.models import Actor, ErasureCase, Letter, in_clear
from erasure.values import LetterKind, LetterState

MOST_REASON = 2000
Given = Mapping[str, Any]


class LetterForm(PlainForm):
    """What a person chooses; everything else comes from the case."""

    kind = forms.ChoiceField(label="Letter")
    article = forms.ChoiceField(
        label="Article of a refusal", choices=choices(REFUSAL, "None"), required=False
    )
    reason = text("Reason, as the person reads it", most=MOST_REASON, rows=5, required=False)
    by_post = forms.BooleanField(label="Print and post it instead of mailing it", required=False)

    def __init__(self, *args: Any, kinds: list[LetterKind], language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = choices({kind: words.LETTER[kind] for kind in kinds})
        self.fields["kind"].choices = named  # type: ignore[attr-defined]
        self.fields["reason"].help_text = (
            f"Write it in {language}: the letter is. No matter details, nobody else’s data. It is "
            "the only part of a letter that can be changed."
        )

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        kind = LetterKind(given["kind"])
        article = given["article"] if kind == LetterKind.REFUSAL else ""
        return Wanted(kind, given["reason"], article, given["by_post"])


class PostedForm(PlainForm):
    dispatched_at = moment("Posted at", validators=[past])
    proof = text(
        "Proof of the dispatch", rows=2,
        help_text="For example the number of the registered letter, and where it is kept.",
    )  # fmt: skip


class WhyForm(PlainForm):
    reason = text("Reason", rows=2, help_text="It is part of the record. No names, no addresses.")


def possible(case: ErasureCase) -> list[LetterKind]:
    """The letters that belong into the case as it stands; the likeliest first."""
    found = []
    for kind in (correspondence.answer_kind(case), *LetterKind):
        try:
            correspondence.refuse_unless_due(case, kind)
        except (InputError, StepError):
            continue
        found.append(kind)
    return list(dict.fromkeys(found))


@require_http_methods(["GET", "HEAD", "POST"])
def new_letter(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Choose, word the reason, look, send. The letter shown is the one that would leave now."""
    require(request, "record_answer")
    case = access.case_of(request, case_id)
    kinds = possible(case)
    language = words.LANGUAGE[correspondence.language_of(case)]
    posted = request.POST if request.method == "POST" else None
    form = LetterForm(posted, kinds=kinds, language=language)
    wanted = _wanted(form, kinds)
    act = request.POST.get("act", "preview")
    if act == "send" and wanted and (sent := _send(request, case, form, wanted)):
        return sent
    written = _preview(case, form, wanted) if wanted else None
    if act == "pdf" and written:
        access.record(request, case, "letter, preview")
        return pdf(f"preview-{case.reference}", render_letter(written))
    return page(
        request, "letter_new.html", **header(request, case), title="Write a letter", form=form,
        kinds=kinds, written=_shown(request, case, written), language=language,
        status=400 if form.errors else 200,
    )  # fmt: skip


def _wanted(form: LetterForm, kinds: list[LetterKind]) -> Wanted | None:
    if form.is_bound:
        return form.wanted() if form.is_valid() else None
    return Wanted(kinds[0]) if kinds else None


def _preview(case: ErasureCase, form: LetterForm, wanted: Wanted) -> Written | None:
    try:
        return correspondence.preview(case, wanted)
    except (InputError, StepError, KeyMissingError) as why:
        if form.is_bound:
            _blame(form, why)
        return None


def _send(
    request: HttpRequest, case: ErasureCase, form: LetterForm, wanted: Wanted
) -> HttpResponseBase | None:
    try:
        letter = correspondence.send(case.pk, wanted, actor=access.actor_of(request))
    except (InputError, StepError, KeyMissingError) as why:
        _blame(form, why)
        return None
    if letter.state == LetterState.TO_POST:
        messages.success(request, "Print the letter, post it, and record when.")
        return redirect("admin:case_letter", case.pk, letter.pk)
    messages.success(request, "The letter is on its way. Its dispatch is recorded by itself.")
    return redirect(access.case_url(case.pk) + "#letters")


def _blame(form: forms.Form, why: Exception) -> None:
    field = getattr(why, "field", "")
    shown = field if field in form.fields else None
    if str(why) not in [str(each) for each in form.errors.get(shown or "__all__", [])]:
        form.add_error(shown, str(why))


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter for the screen: its name masked unless it was revealed."""

    written: Written
    addressee: str
    parts: list[tuple[str, list[str]]]


def _shown(request: HttpRequest, case: ErasureCase, written: Written | None) -> Shown | None:
    if written is None:
        return None
    name = written.addressee
    clear = not name or access.revealed_until(request, case) is not None
    masked = name if clear else access.initials(case)
    texts = [
        (block.look.value, block.text.replace(name, masked) if name else block.text)
        for block in written.blocks
    ]
    parts = [
        (look, [t for _, t in some]) for look, some in groupby(texts, key=lambda each: each[0])
    ]
    return Shown(written, masked, parts)


# -- one letter ----------------------------------------------------------------------------


def _posted(letter: Letter, actor: Actor, given: Given) -> None:
    correspondence.posted(letter.pk, actor=actor, **given)


def _again(letter: Letter, actor: Actor, given: Given) -> None:
    correspondence.try_again(letter.pk, actor=actor)


def _instead(letter: Letter, actor: Actor, given: Given) -> None:
    correspondence.post_instead(letter.pk, actor=actor)


def _take_back(letter: Letter, actor: Actor, given: Given) -> None:
    correspondence.take_back(letter.pk, actor=actor, **given)


def _came_back(letter: Letter, actor: Actor, given: Given) -> None:
    correspondence.came_back(letter.pk, actor=actor, **given)


@dataclass(frozen=True, slots=True)
class LetterAct:
    slug: str
    label: str
    states: tuple[LetterState, ...]
    take: Callable[[Letter, Actor, Given], None]
    form: type[PlainForm] = PlainForm
    danger: bool = False


L = LetterState
LETTER_ACTS = (
    LetterAct("posted", "Record the posting", (L.TO_POST,), _posted, PostedForm),
    LetterAct("again", "Try again", (L.FAILED,), _again),
    LetterAct("instead", "Print and post it instead", (L.FAILED, L.WAITING), _instead),
    LetterAct("came-back", "Record that it came back", (L.SENT,), _came_back, WhyForm, danger=True),
    LetterAct(
        "take-back", "Do not send it", (L.WAITING, L.TO_POST, L.FAILED), _take_back, WhyForm,
        danger=True,
    ),
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def letter_page(request: HttpRequest, case_id: UUID, letter_id: UUID) -> HttpResponseBase:
    """One letter: its words, where it is, and what a person can do about it."""
    require(request, "view_letter")
    case = access.case_of(request, case_id)
    letter = get_object_or_404(case.letters.select_related("written_by"), pk=letter_id)
    letter.case = case
    acts = [act for act in LETTER_ACTS if letter.state in act.states]
    acts = acts if request.user.has_perm("erasure.record_answer") else []
    forms_of = {act.slug: act.form(prefix=act.slug) for act in acts}
    if "posted" in forms_of:
        forms_of["posted"].initial["dispatched_at"] = just_now()
    status = 200
    chosen = next((act for act in acts if act.slug == request.POST.get("act")), None)
    if chosen:
        form = forms_of[chosen.slug] = chosen.form(request.POST, prefix=chosen.slug)
        if form.is_valid() and _take(request, letter, chosen, form):
            return redirect(access.case_url(case.pk) + "#letters")
        status = 409
    clear = access.revealed_until(request, case) is not None
    return page(
        request, "letter.html", status=status, **header(request, case),
        title=words.LETTER[LetterKind(letter.kind)], letter=letter,
        letter_badge=words.LETTER_STATE[LetterState(letter.state)],
        language=words.LANGUAGE.get(letter.language, letter.language),
        text=_text(letter) if clear else "", acts=[(act, forms_of[act.slug]) for act in acts],
        may_download=request.user.has_perm("erasure.download_report") and letter.pdf_sealed,
    )  # fmt: skip


def _take(request: HttpRequest, letter: Letter, act: LetterAct, form: PlainForm) -> bool:
    try:
        act.take(letter, access.actor_of(request), form.cleaned_data)
    except (InputError, StepError) as why:
        _blame(form, why)
        return False
    messages.success(request, "Recorded.")
    return True


def _text(letter: Letter) -> str:
    return in_clear(lambda: letter.text)


@require_POST
def letter_pdf(request: HttpRequest, case_id: UUID, letter_id: UUID) -> HttpResponseBase:
    """The very file that was attached or is to be posted; each download is on record."""
    require(request, "download_report")
    case = access.case_of(request, case_id)
    letter = get_object_or_404(case.letters, pk=letter_id)
    letter.case = case
    try:
        data = letter.opened_pdf()
    except KeyMissingError as why:
        messages.error(request, str(why))
        return redirect("admin:case_letter", case.pk, letter.pk)
    access.record(request, case, f"letter, {letter.kind.lower()}")
    return pdf(f"letter-{case.reference}", data)


def pdf(name: str, data: bytes) -> HttpResponse:
    named = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return HttpResponse(data, content_type="application/pdf", headers=named)
