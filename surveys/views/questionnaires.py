"""Questionnaires: listed, written, looked at as on a phone, published."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duty.views.steps import pressed, typed_in
from staff.forms import show_refusal
from staff.models import User
from staff.refused import Refused
from staff.views.access import house_only
from surveys import actions
from surveys.actions import Given
from surveys.forms.answers import filled, pages_of, typed
from surveys.forms.questionnaires import NameForm, QuestionForm, WordsForm
from surveys.models import Question, Questionnaire, QuestionnaireVersion
from surveys.questions import Unanswerable, read

MOST_EVENTS = 30


@house_only
@require_safe
def questionnaires(request: HttpRequest) -> HttpResponse:
    """Those in use, with the version in force and whether the next one is being written."""
    found = Questionnaire.objects.visible_to(request.user).in_use().prefetch_related("versions__questions")
    context = {"lines": [_line(one) for one in found], "may_write": actions.may_write(request.user)}
    return render(request, "surveys/questionnaires.html", context)


def _line(questionnaire: Questionnaire) -> dict[str, object]:
    versions = list(questionnaire.versions.all())
    return {
        "questionnaire": questionnaire,
        "published": next((one for one in versions if not one.is_draft), None),
        "has_draft": bool(versions) and versions[0].is_draft,
    }


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    _check(request.user)
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.write_questionnaire(**form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
        else:
            return redirect("surveys:questionnaire_edit", made.pk)
    return render(
        request, "surveys/questionnaire_form.html", {"form": form}, status=422 if form.errors else 200
    )


@house_only
@require_safe
def questionnaire(request: HttpRequest, pk: int) -> HttpResponse:
    """A questionnaire as it is in force, with its versions and its history."""
    found = _found(request.user, pk)
    versions = list(found.versions.select_related("published_by"))
    published = [one for one in versions if not one.is_draft]
    asked = request.GET.get("version", "")
    shown = next((one for one in published if str(one.number) == asked), published[0] if published else None)
    context = {
        "questionnaire": found,
        "may_write": _may_write(found, request.user),
        "shown": shown,
        "questions": shown.questions.all() if shown else [],
        "versions": versions,
        "has_draft": bool(versions) and versions[0].is_draft,
        "events": found.events.select_related("by")[:MOST_EVENTS],
    }
    return render(request, "surveys/questionnaire.html", context)


@house_only
@require_safe
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The version that is being written; where none is, the next one is offered to be begun."""
    found = _written(request.user, pk)
    draft = found.versions.filter(published_at=None).first()
    context = {
        "questionnaire": found,
        "draft": draft,
        "questions": draft.questions.all() if draft else [],
    }
    return render(request, "surveys/questionnaire_edit.html", context)


@house_only
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    found = _written(request.user, pk)
    return pressed(
        request,
        lambda: actions.draft_version(found, by=request.user),
        said=_("This is the next version. The one in force stays until you publish it."),
        back=reverse("surveys:questionnaire_edit", args=[pk]),
    )


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def names(request: HttpRequest, pk: int) -> HttpResponse:
    found = _written(request.user, pk)
    initial = {"name": found.name, "name_en": found.name_en}
    form = NameForm(request.POST or None, initial=initial)
    back = reverse("surveys:questionnaire", args=[pk])
    answer = typed_in(
        request,
        form,
        lambda: actions.rename(found, **form.cleaned_data, by=request.user),
        said=_("Saved."),
        back=back,
    )
    context = {"form": form, "questionnaire": found, "cancel_url": back}
    return answer or render(
        request, "surveys/questionnaire_form.html", context, status=422 if form.errors else 200
    )


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def words(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands around the questions of the version that is being written."""
    draft = _draft(request.user, pk)
    form = WordsForm(request.POST or None, instance=draft)
    back = reverse("surveys:questionnaire_edit", args=[pk])
    answer = typed_in(
        request,
        form,
        lambda: actions.save_words(draft, form.cleaned_data, by=request.user),
        said=_("Saved in the next version."),
        back=back,
    )
    context = {"form": form, "questionnaire": draft.questionnaire, "cancel_url": back}
    return answer or render(request, "surveys/words_form.html", context, status=422 if form.errors else 200)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create_question(request: HttpRequest, pk: int) -> HttpResponse:
    return _question_page(request, _draft(request.user, pk), None)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_question(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    draft = _draft(request.user, pk)
    return _question_page(request, draft, get_object_or_404(draft.questions, line=line))


def _question_page(
    request: HttpRequest, draft: QuestionnaireVersion, question: Question | None
) -> HttpResponse:
    back = reverse("surveys:questionnaire_edit", args=[draft.questionnaire_id])
    line = question.line if question else None
    form = QuestionForm(request.POST or None, instance=question)
    answer = typed_in(
        request,
        form,
        lambda: actions.save_question(draft, form.facts(), line=line, by=request.user),
        said=_("Saved in the next version."),
        back=f"{back}#question-{line}" if line else back,
    )
    context = {
        "form": form,
        "questionnaire": draft.questionnaire,
        "line": line,
        "label": question.label if question else "",
        "cancel_url": back,
    }
    return answer or render(
        request, "surveys/question_form.html", context, status=422 if form.errors else 200
    )


@house_only
@require_POST
def remove_question(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    draft = _draft(request.user, pk)
    return pressed(
        request,
        lambda: actions.remove_question(draft, line, by=request.user),
        said=_("Taken out of the next version."),
        back=reverse("surveys:questionnaire_edit", args=[pk]),
    )


@house_only
@require_POST
def move_question(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    draft = _draft(request.user, pk)
    up = request.POST.get("to") == "up"
    return pressed(
        request,
        lambda: actions.move_question(draft, line, up=up, by=request.user),
        said=_("Moved."),
        back=reverse("surveys:questionnaire_edit", args=[pk]) + f"#question-{line}",
    )


@house_only
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _draft(request.user, pk)
    return pressed(
        request,
        lambda: actions.publish_version(draft, by=request.user, now=timezone.now()),
        said=_("Published. From now on it never changes; what is sent next may go by it."),
        back=reverse("surveys:questionnaire", args=[pk]),
    )


@house_only
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    found = _written(request.user, pk)
    return pressed(
        request,
        lambda: actions.retire_questionnaire(found, by=request.user, now=timezone.now()),
        said=_("No longer used. What was answered by it stays."),
        back=reverse("surveys:questionnaires"),
    )


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A version as the client sees it, to be tried out: what is sent is checked, and kept nowhere."""
    found = _found(request.user, pk)
    version = get_object_or_404(found.versions, number=number)
    language = request.GET.get("language", "") or translation.get_language() or ""
    language = language if language in ("zh-hans", "en") else "zh-hans"
    questions = list(version.questions.all())
    is_tried = False
    with translation.override(language):
        if request.method == "POST":
            given = typed(request.POST, questions, ticks=True)
            faults = {}
            for one in questions:
                try:
                    read(one.asked, given.values.get(one.line))
                except Unanswerable as wrong:
                    faults[one.line] = wrong.fault
            shown, is_tried = filled(questions, given, faults), not faults
        else:
            shown = filled(questions, Given())
        context = {
            "questionnaire": found,
            "version": version,
            "form": shown,
            "pages": len(pages_of(questions)),
            "shown_language": language,
            "is_tried": is_tried,
            "greeting": version.greeting,
            "script": version.spoken,
        }
        return render(request, "surveys/preview.html", context, status=422 if shown.faults else 200)


def _check(user: User) -> None:
    if not actions.may_write(user):
        raise PermissionDenied


def _found(user: User, pk: int) -> Questionnaire:
    return get_object_or_404(Questionnaire.objects.visible_to(user), pk=pk)


def _written(user: User, pk: int) -> Questionnaire:
    _check(user)
    return _found(user, pk)


def _draft(user: User, pk: int) -> QuestionnaireVersion:
    drafts = QuestionnaireVersion.objects.select_related("questionnaire")
    return get_object_or_404(drafts, questionnaire=_written(user, pk), published_at=None)


def _may_write(found: Questionnaire, user: User) -> bool:
    return found.retired_at is None and actions.may_write(user)
