"""What one must know, newest first."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from staff.actions import mark_read
from staff.models import Notice
from staff.notices import render as in_words
from staff.paging import page


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    notices = Notice.objects.visible_to(request.user)
    only_unread = request.GET.get("unread") == "1"
    if only_unread:
        notices = notices.unread()
    found = page(notices, request=request, order=("-pk",))
    rows = [(notice, *in_words(notice)) for notice in found.rows]
    newest = Notice.objects.visible_to(request.user).values_list("pk", flat=True).first()
    context = {"page": found, "rows": rows, "only_unread": only_unread, "newest": newest}
    return render(request, "staff/inbox.html", context)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark as read what was on the page; what arrived since then stays unread."""
    upto = request.POST.get("upto", "")
    if not (upto.isascii() and upto.isdigit() and len(upto) <= 18):
        return HttpResponseBadRequest()
    mark_read(request.user, upto=int(upto), now=timezone.now())
    return redirect("staff:inbox")
