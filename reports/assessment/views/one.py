"""One assessment: lines, items, what this person may do, its history; as a page and printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from reports.assessment import actions
from reports.assessment.following import TECHNICAL_LEAD, Step
from reports.assessment.forms import (
    AppealForm,
    ItemForm,
    NothingForm,
    RuleForm,
    RulingForm,
    ShowForm,
    TakeOutForm,
    record_named,
    typed_in,
)
from reports.assessment.paper import facts_of
from reports.assessment.showing import shown_items, shown_lines
from reports.assessment.standing import standing_of
from reports.assessment.views.base import CONFLICTS, seen, tabs
from reports.models import Assessment
from staff.filefield import messages_of
from staff.forms import show_refusal
from staff.models import User
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.stated import stated
from tickets.models import Ticket

LABELS = {
    Step.RECOUNT: gettext_lazy("Count anew"),
    Step.SHOW: gettext_lazy("Checked: show it"),
    Step.APPEAL: gettext_lazy("Appeal"),
    Step.RULE: gettext_lazy("Rule on the appeal"),
}
DONE = {
    Step.RECOUNT: gettext_lazy("Counted anew."),
    Step.SHOW: gettext_lazy("Shown. The person is told until when an appeal is possible."),
    Step.APPEAL: gettext_lazy("Your appeal is with somebody above the one who checked it."),
    Step.RULE: gettext_lazy("Ruled. The assessment is final now."),
}
ACTIONS: Mapping[Step, Callable[..., Assessment]] = {
    Step.RECOUNT: actions.recount,
    Step.SHOW: actions.show,
    Step.APPEAL: actions.appeal,
    Step.RULE: actions.rule,
}
ITEM = "item"


@house_only
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, seen(request.user, pk))


@house_only
@require_POST
def take_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step. What is refused, or overtaken by a faster hand, comes back with all that was typed."""
    if step not in ACTIONS:
        raise Http404
    taken = Step(step)
    if taken == Step.RULE and _is_ruled_by_another(request.user, pk):
        return _overtaken(request, RulingForm(request.POST))
    found = seen(request.user, pk)
    form = _form(taken, found, request.POST)
    return _typed(request, found, taken, form, lambda **facts: ACTIONS[taken](found, **facts), DONE[taken])


@house_only
@require_POST
def add_item(request: HttpRequest, pk: int) -> HttpResponse:
    found = seen(request.user, pk)
    form = ItemForm(request.POST, request.FILES, assessment=found)

    def act(record: str, files: Any, **facts: Any) -> Assessment:
        named = record_named(record, Ticket.objects.visible_to(request.user)) if record else None
        if record and named is None:
            raise Refused(_("There is no such record."), field="record", code="does_not_exist")
        return actions.add_item(found, record=named, uploads=files, **facts)

    return _typed(request, found, ITEM, form, act, _("Entered. The score follows."))


@house_only
@require_POST
def take_out(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    found = seen(request.user, pk)
    get_object_or_404(found.items, pk=item)
    form = TakeOutForm(request.POST, prefix=f"out{item}")
    return _typed(
        request,
        found,
        f"out{item}",
        form,
        lambda **facts: actions.take_out(found, item=item, **facts),
        _("It does not count any more. The score follows."),
    )


def _typed(
    request: HttpRequest,
    found: Assessment,
    name: str,
    form: forms.Form,
    act: Callable[..., Assessment],
    said: object,
) -> HttpResponse:
    status = 422
    if form.is_valid():
        found.version = stated(request)
        try:
            act(**form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            for message in messages_of(refused)[1:]:
                form.add_error(None, message)
            show_refusal(form, refused)
            status = CONFLICTS.get(refused.code, 403 if refused.code == "forbidden" else 422)
        else:
            messages.success(request, str(said))
            return redirect("reports:assessment", pk=found.pk)
    if name == Step.RULE and _is_ruled_by_another(request.user, found.pk):
        return _overtaken(request, RulingForm(request.POST))
    return _shown(request, seen(request.user, found.pk), failed=(name, form), status=status)


def _is_ruled_by_another(user: User, pk: int) -> bool:
    """Whether he could have ruled on this appeal had nobody been faster, and so does not read it now."""
    if Assessment.objects.visible_to(user).filter(pk=pk).exists():
        return False
    level = user.management_level if user.is_active else 0
    ruled = Assessment.objects.filter(pk=pk, ruled_by__isnull=False, checked_level__lt=level)
    return level >= TECHNICAL_LEAD and ruled.exists()


def _overtaken(request: HttpRequest, form: forms.Form) -> HttpResponse:
    """What he typed, and nothing of the assessment."""
    context = {"typed": typed_in(form), **tabs(request, "one")}
    return render(request, "reports/assessment/overtaken.html", context, status=409)


def _shown(
    request: HttpRequest,
    found: Assessment,
    *,
    failed: tuple[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    possible = standing_of(found, user, timezone.now()).possible()
    failed_name, failed_form = failed or ("", None)
    steps = [
        (step.value, LABELS[step], failed_form if failed_name == step else _form(step, found))
        for step in possible
        if step in LABELS
    ]
    facts = facts_of(found)
    items = [
        (item, _out_form(item, possible, failed_name, failed_form)) for item in shown_items(facts, found)
    ]
    item_form = _item_form(found, possible, failed_name, failed_form)
    drawn = (item_form, *(form for _item, form in items), *(form for _name, _label, form in steps))
    is_drawn = failed_form is None or any(form is failed_form for form in drawn)
    context: dict[str, Any] = {
        "assessment": found,
        "facts": facts,
        "lines": shown_lines(facts, found, user),
        "items": items,
        "item_form": item_form,
        "steps": steps,
        "failed": failed_name,
        "failed_form": failed_form,
        "typed": [] if is_drawn or failed_form is None else typed_in(failed_form),
        "is_possible": is_drawn,
        "events": found.events.select_related("by", "assessment__scheme"),
        "next": steps[-1][0] if steps and steps[-1][0] in (Step.SHOW, Step.RULE) else "",
        **tabs(request, "one"),
    }
    return render(request, "reports/assessment/one.html", context, status=status)


def _form(step: Step, found: Assessment, data: Any = None) -> forms.Form:
    if step == Step.RULE:
        return RuleForm(data, assessment=found, auto_id="id_rule_%s")
    form = {Step.SHOW: ShowForm, Step.APPEAL: AppealForm}.get(step, NothingForm)
    return form(data, auto_id=f"id_{step}_%s")


def _item_form(
    found: Assessment, possible: list[Step], failed: str, failed_form: forms.Form | None
) -> forms.Form | None:
    if Step.ADD_ITEM not in possible:
        return None
    return failed_form if failed == ITEM else ItemForm(assessment=found, auto_id="id_item_%s")


def _out_form(
    item: Mapping[str, Any], possible: list[Step], failed: str, failed_form: forms.Form | None
) -> forms.Form | None:
    if Step.TAKE_OUT not in possible or not item["counts"]:
        return None
    name = f"out{item['id']}"
    form = failed_form if failed == name and failed_form else TakeOutForm(prefix=name)
    if item["by"]:
        form.fields.pop("cause", None)
    return form
