"""One's own time corrected, without leaving the record's page or what is typed on it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from staff.forms import show_refusal
from staff.views.access import house_only
from tickets import actions
from tickets.efforts import effort_of
from tickets.lifecycle import Refused
from tickets.models import Entry, Ticket, TimeSpent
from tickets.timespent import parse_minutes


class CorrectionForm(forms.Form):
    """`spent` are the rows that one may choose from: his own on this record."""

    spent = forms.ModelChoiceField(queryset=TimeSpent.objects.none())
    minutes = forms.CharField(max_length=20)
    reason = forms.CharField(max_length=500)

    def clean_minutes(self) -> int:
        text = self.cleaned_data["minutes"].strip()
        try:
            return 0 if text == "0" else parse_minutes(text)
        except ValueError:
            raise forms.ValidationError(_("Write it like 45, 1h30 or 1.5h; 24 hours at most.")) from None


@house_only
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the correction; a mistake comes back at its field with everything that was typed."""
    ticket = get_object_or_404(Ticket.objects.visible_to(request.user), pk=pk)
    now, user = timezone.now(), request.user
    form = CorrectionForm(request.POST)
    form.fields["spent"].queryset = TimeSpent.objects.filter(ticket=ticket, person=user, corrects=None)
    entry = None
    if form.is_valid():
        try:
            entry = actions.correct_time(ticket, **form.cleaned_data, by=user, now=now)
        except Refused as refused:
            show_refusal(form, refused)
    if not request.htmx:
        for errors in form.errors.values():
            messages.error(request, " ".join(errors))
        return redirect("tickets:detail", pk=pk)
    timed = Entry.objects.filter(ticket=ticket, time_spent__isnull=False).order_by("at", "pk")
    context = {
        "ticket": ticket,
        "effort": effort_of(timed.select_related("by", "time_spent"), user, now),
        "correction": form if form.errors else None,
        "entry": entry,
        "user": user,
        "now": now,
        "csrf_token": get_token(request),
    }
    answer = render_to_string("tickets/_effort_answer.html", context)
    return HttpResponse(answer, status=422 if form.errors else 200)
