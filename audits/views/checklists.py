"""The four checklists: read by the house, edited and published by auditors; and the days in force."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits import actions
from audits.forms.steps import ItemForm, TermsForm
from audits.kinds import AuditKind
from audits.models import AuditTerms, ChecklistItem, ChecklistVersion
from audits.standing import may_audit, terms_row
from audits.views.plan import check
from duty.views.steps import pressed, typed_in
from staff.models import TermsChange
from staff.views.access import house_only
from staff.views.stated import show_again, stated


@house_only
@require_safe
def checklists(request: HttpRequest) -> HttpResponse:
    """Each kind with the version in force, and the one that is being written."""
    versions = list(ChecklistVersion.objects.visible_to(request.user).prefetch_related("items"))
    lines = []
    for kind in AuditKind:
        own = [one for one in versions if one.kind == kind]
        published = next((one for one in own if not one.is_draft), None)
        draft = next((one for one in own if one.is_draft), None)
        lines.append((kind, published, draft))
    context = {"lines": lines, "may_audit": may_audit(request.user)}
    return render(request, "audits/checklists.html", context)


@house_only
@require_safe
def checklist(request: HttpRequest, pk: int) -> HttpResponse:
    """One version with its items; a draft with what may be done to it."""
    found = get_object_or_404(ChecklistVersion.objects.visible_to(request.user), pk=pk)
    context = {
        "checklist": found,
        "items": list(found.items.all()),
        "versions": ChecklistVersion.objects.visible_to(request.user).filter(kind=found.kind),
        "may_edit": found.is_draft and may_audit(request.user),
        "may_audit": may_audit(request.user),
    }
    return render(request, "audits/checklist.html", context)


@house_only
@require_POST
def begin_draft(request: HttpRequest, kind: str) -> HttpResponse:
    check(request.user)
    if kind not in AuditKind.values:
        raise Http404
    draft = actions.draft_checklist(AuditKind(kind), by=request.user)
    messages.success(request, _("This is the next version. The one in force stays until you publish it."))
    return redirect("audits:checklist", pk=draft.pk)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, pk: int, line: int | None = None) -> HttpResponse:
    """Write an item of a draft: a new one, or the one of that line."""
    check(request.user)
    draft = get_object_or_404(ChecklistVersion, pk=pk, published_at=None)
    row = ChecklistItem() if line is None else get_object_or_404(draft.items, line=line)
    form = ItemForm(
        request.POST if request.method == "POST" else None, instance=row, initial={"edition": draft.edition}
    )
    back = reverse("audits:checklist", args=[pk])

    def save() -> object:
        facts = dict(form.cleaned_data)
        seen = ChecklistVersion(pk=pk, edition=facts.pop("edition"))
        return actions.save_item(seen, facts, line=line, by=request.user)

    answer = typed_in(request, form, save, said=_("Saved."), back=back)
    if form.is_bound:
        show_again(form, "edition", draft.edition)
    context = {"form": form, "checklist": draft, "line": line, "cancel_url": back}
    return answer or render(request, "audits/item_form.html", context, status=422 if form.errors else 200)


@house_only
@require_POST
def move(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    up = request.POST.get("to") == "up"
    return _pressed(
        request, pk, lambda draft: actions.move_item(draft, line, up=up, by=request.user), _("Moved.")
    )


@house_only
@require_POST
def remove(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    return _pressed(
        request, pk, lambda draft: actions.remove_item(draft, line, by=request.user), _("Taken out.")
    )


@house_only
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    return _pressed(
        request,
        pk,
        lambda draft: actions.publish_checklist(draft, by=request.user, now=timezone.now()),
        _("Published. Audits that are begun from now on are held by it."),
    )


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """How long findings may wait, in the whole house."""
    check(request.user)
    form = TermsForm(request.POST or None, instance=terms_row())
    answer = typed_in(
        request,
        form,
        lambda: actions.set_audit_terms(form.save(commit=False), by=request.user, now=timezone.now()),
        said=_("Saved. It holds for each step that is taken from now on."),
        back=reverse("audits:checklists"),
    )
    context = {
        "form": form,
        "cancel_url": reverse("audits:checklists"),
        "changes": TermsChange.objects.newest(AuditTerms),
    }
    return answer or render(request, "audits/terms.html", context, status=422 if form.errors else 200)


def _pressed(
    request: HttpRequest, pk: int, act: Callable[[ChecklistVersion], object], said: str
) -> HttpResponse:
    check(request.user)
    draft = get_object_or_404(ChecklistVersion, pk=pk)
    draft.edition = stated(request, "edition")
    return pressed(request, lambda: act(draft), said=said, back=reverse("audits:checklist", args=[pk]))
