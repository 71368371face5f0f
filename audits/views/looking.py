"""The items of an audit, or of one sampled record, looked at one by one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audits import actions
from audits.actions import Said
from audits.kinds import AuditState, Result
from audits.models import Audit, Check, SampledRecord
from audits.standing import may_audit
from audits.views.holding import CONFLICTS, attached, seen
from audits.views.plan import check
from staff.refused import Refused
from staff.views.access import house_only


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def checks(request: HttpRequest, pk: int, sampled: int | None = None) -> HttpResponse:
    """The items of an audit, or those of one sampled record, to be looked at one by one."""
    found = seen(request.user, pk)
    record = None
    if sampled is not None:
        rows = found.sampled.select_related("ticket__client", "ticket__system", "ticket__owner")
        record = get_object_or_404(rows, pk=sampled)
    rows = (
        found.checks.filter(sampled=record).select_related("item", "by").prefetch_related("files", "findings")
    )
    listed = list(rows.order_by("item__position"))
    errors: dict[str, str] = {}
    status, kept = 200, {one.pk: (one.result, one.note) for one in listed}
    if request.method == "POST":
        check(request.user)
        typed = {one.pk: _said(request, one) for one in listed}
        # What he has not touched is a colleague's to change at the same time.
        said = {pk: one for pk, one in typed.items() if (one.result, one.note) != one.was}
        try:
            actions.look_at(found, said, by=request.user, now=timezone.now())
        except Refused as refused:
            errors = {refused.field or "": str(refused.message)}
            status = CONFLICTS.get(refused.code, 422)
            found, listed = seen(request.user, pk), list(rows.order_by("item__position"))
        else:
            messages.success(request, _("Kept."))
            if request.FILES or "file" in request.POST:
                return attached(request, seen(request.user, pk))
            following = _next_record(found, record) if "next" in request.POST else None
            if following is not None:
                return redirect("audits:record_checks", pk=pk, sampled=following.pk)
            return redirect("audits:audit", pk=pk)
        kept = {one.pk: (one.result, one.note) for one in listed}
        for one in listed:
            if one.pk in said:
                one.result, one.note = said[one.pk].result, said[one.pk].note
    may = may_audit(request.user) and found.state == AuditState.RUNNING
    context = {
        "audit": found,
        "record": record,
        "lines": [
            (one, errors.get(f"note-{one.pk}") or errors.get(f"result-{one.pk}", ""), *kept[one.pk])
            for one in listed
        ],
        "error": errors.get("", ""),
        "has_errors": bool(errors),
        "results": Result.choices,
        "may_look": may,
        "next": _next_record(found, record) if record else None,
    }
    return render(request, "audits/checks.html", context, status=status)


def _said(request: HttpRequest, one: Check) -> Said:
    """What was typed of an item, and what stood on the page before; lines end as they are stored."""
    names = ("result", "note", "was-result", "was-note")
    texts = [request.POST.get(f"{name}-{one.pk}", "").replace("\r\n", "\n").strip() for name in names]
    return Said(texts[0], texts[1], (texts[2], texts[3]))


def _next_record(found: Audit, record: SampledRecord | None) -> SampledRecord | None:
    if record is None:
        return None
    return found.sampled.filter(place__gt=record.place).order_by("place").first()
