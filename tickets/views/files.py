"""A record's files: taken in with their progress shown, given out, withdrawn."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from staff.files import FilesRefused
from staff.views.access import house_only
from staff.views.files import given_out
from tickets import actions
from tickets.actions.attaching import may_withdraw
from tickets.forms import NoteForm, WithdrawForm
from tickets.lifecycle import Refused
from tickets.models import Attachment, Ticket


@require_safe
def serve(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """A file's content: a picture in its place, everything else to be saved."""
    present = Attachment.objects.visible_to(request.user).present()
    return given_out(request, get_object_or_404(present, ticket=pk, pk=file))


@house_only
@require_POST
def attach(request: HttpRequest, pk: int) -> JsonResponse:
    """Take files in from the page's script, which shows what is wrong with which of them."""
    ticket = get_object_or_404(Ticket.objects.visible_to(request.user), pk=pk)
    form = NoteForm(request.POST, request.FILES, prefix="note")
    if not form.is_valid():
        faults = [{"field": name, "says": " ".join(map(str, said))} for name, said in form.errors.items()]
        return JsonResponse({"faults": faults}, status=422)
    try:
        data = form.cleaned_data
        more = {"text": data["text"], "minutes": data["minutes"]}
        actions.attach(ticket, data["files"], **more, by=request.user, now=timezone.now())
    except FilesRefused as refused:
        faults = [{"field": "files", "place": place, "says": str(why)} for place, why in refused.faults]
        return JsonResponse({"faults": faults}, status=422)
    except Refused as refused:
        return JsonResponse({"faults": [{"field": refused.field or "", "says": str(refused)}]}, status=422)
    messages.success(request, _("Added to the history."))
    return JsonResponse({"url": reverse("tickets:detail", args=[pk])}, status=201)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Ask for the reason, then take the content away for good."""
    present = Attachment.objects.visible_to(request.user).present().select_related("ticket", "by")
    attachment = get_object_or_404(present, ticket=pk, pk=file)
    if not may_withdraw(attachment, request.user):
        raise Http404
    form = WithdrawForm(request.POST or None)
    if form.is_valid():
        try:
            actions.withdraw(
                attachment, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("Withdrawn. The name and the reason stay in the history."))
            return redirect("tickets:detail", pk=pk)
    context = {"file": attachment, "form": form}
    return render(request, "tickets/withdraw.html", context, status=422 if form.errors else 200)
