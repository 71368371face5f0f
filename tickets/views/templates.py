"""The editor of checklist templates."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from staff.forms import show_refusal
from staff.views.access import house_only
from tickets.actions.templates import may_edit_template, retire_template, save_template
from tickets.lifecycle import Refused
from tickets.models import ChecklistTemplate
from tickets.toolforms import TemplateForm


@dataclass(frozen=True, slots=True)
class Line:
    template: ChecklistTemplate
    may_edit: bool

    @property
    def mandatory(self) -> int:
        return sum(item["is_mandatory"] for item in self.template.items)


@house_only
@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """Every template that one may attach."""
    found = ChecklistTemplate.objects.visible_to(request.user).in_use().select_related("group")
    lines = [Line(template, may_edit_template(request.user, template)) for template in found]
    return render(
        request, "tickets/templates.html", {"lines": lines, "may_write": request.user.may_supervise}
    )


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if not request.user.may_supervise:
        raise PermissionDenied
    return _form_page(request, ChecklistTemplate(), _("New checklist"))


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _form_page(request, _editable(request, pk), _("Edit checklist"))


@house_only
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    template = _editable(request, pk)
    retire_template(template, by=request.user, now=timezone.now())
    messages.success(request, _("“%(title)s” is no longer offered.") % {"title": template.label})
    return redirect("tickets:templates")


def _form_page(request: HttpRequest, template: ChecklistTemplate, title: str) -> HttpResponse:
    form = TemplateForm(request.POST or None, instance=template, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            save_template(form.instance, form.rows, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Saved. Records that have the list keep their wording."))
            return redirect("tickets:templates")
    context = {"form": form, "title": title, "template": template if template.pk else None}
    return render(request, "tickets/template_form.html", context, status=422 if form.errors else 200)


def _editable(request: HttpRequest, pk: int) -> ChecklistTemplate:
    template = get_object_or_404(ChecklistTemplate.objects.visible_to(request.user).in_use(), pk=pk)
    if not may_edit_template(request.user, template):
        raise PermissionDenied
    return template
