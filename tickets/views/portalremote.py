"""What a client's contact allows to be done remotely, as he reads it, and how he takes it back (§4.2.2)."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from staff.models import User
from tickets import actions
from tickets.lifecycle import Refused
from tickets.models import RemoteAuthorisation, Ticket
from tickets.remotecards import Access, accesses_of
from tickets.remoteforms import RevokeForm
from tickets.views.access import contacts_only


def allowed_by_him(ticket: Ticket, user: User, now: datetime) -> list[Access]:
    """The authorisations of his record, the newest first."""
    return accesses_of(RemoteAuthorisation.objects.visible_to(user).filter(ticket=ticket), user, now)


@contacts_only
@require_POST
def withdraw(request: HttpRequest, pk: int, authorisation: int) -> HttpResponse:
    """He withdraws it; whoever is logged in is told to leave at once."""
    rows = RemoteAuthorisation.objects.visible_to(request.user).select_related("ticket")
    found = get_object_or_404(rows, pk=authorisation, ticket=pk)
    form = RevokeForm(request.POST)
    if not form.is_valid():
        said = _("Please say in a word why. Nothing was withdrawn.")
        messages.warning(request, said)
        return redirect("portal:report", pk=pk)
    try:
        actions.revoke_remote(found, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
    except Refused as refused:
        typed = _("You typed: “%(text)s”") % {"text": form.cleaned_data["reason"]}
        messages.warning(request, f"{refused} {typed}")
    else:
        messages.success(request, _("It is withdrawn. Whoever takes care of your report has been told."))
    return redirect("portal:report", pk=pk)
