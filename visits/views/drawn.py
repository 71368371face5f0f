"""What became of solved faults: called back, outside their share, excluded; counted, and with the reason."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from staff.paging import page
from staff.views.access import house_only
from tickets.models import Ticket
from visits.kinds import Drawing, Exclusion
from visits.models import FaultDraw

DAYS = 30


@house_only
@require_safe
def drawn(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    outcome = request.GET.get("outcome", "")
    rows = FaultDraw.objects.filter(ticket__in=Ticket.objects.visible_to(request.user))
    recent = rows.filter(at__gte=now - timedelta(days=DAYS))
    counts = dict(recent.order_by().values_list("outcome").annotate(n=Count("pk")))
    reasons = dict(recent.exclude(reason="").order_by().values_list("reason").annotate(n=Count("pk")))
    if outcome in Drawing.values:
        rows = rows.filter(outcome=outcome)
    context = {
        "page": page(rows.select_related("ticket__client"), request=request, order=("-pk",)),
        "outcome": outcome,
        "outcomes": [(value, label, counts.get(value, 0)) for value, label in Drawing.choices],
        "reasons": [
            (label, reasons.get(value, 0)) for value, label in Exclusion.choices if reasons.get(value)
        ],
        "days": DAYS,
    }
    return render(request, "visits/drawn.html", context)
