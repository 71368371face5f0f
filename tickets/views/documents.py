"""Notices and reports of a record: drafted with the draft in view, issued, shown, given out (§5.4, 7.3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from staff.forms import show_refusal
from staff.models import User
from staff.views.access import house_only
from staff.views.files import HARMLESS
from tickets import actions
from tickets.documentforms import IssueForm, to_begin_with
from tickets.documents.drafting import draft
from tickets.documents.kinds import DocumentKind, may_be_issued
from tickets.documents.making import Form, NotMade, made
from tickets.documents.reading import as_read_by
from tickets.lifecycle import Refused
from tickets.models import IssuedDocument, Ticket
from tickets.views.access import portal_page, staff_page


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """What the card on the record's page shows; `kinds` are those that this person may issue now."""

    issued: list[IssuedDocument]
    kinds: list[DocumentKind]


def document_card(ticket: Ticket, user: User) -> DocumentCard | None:
    """The card of a record; nothing where it would be empty."""
    issued = issued_for(ticket, user)
    kinds = [kind for kind in DocumentKind if user.may_work and _may_be_issued(kind, ticket)]
    return DocumentCard(issued, kinds) if issued or kinds else None


def issued_for(ticket: Ticket, user: User) -> list[IssuedDocument]:
    """A record's documents that he may see, the newest first; no query unless it `has_documents`."""
    if not ticket.has_documents:  # type: ignore[attr-defined]
        return []
    rows = IssuedDocument.objects.visible_to(user).filter(ticket=ticket).without_content()
    return list(rows.order_by("-pk"))


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Write what the record does not know, with the draft below; issue it when it is right.

    `do=preview` draws the draft anew. What is issued is what was shown: when the record has changed since,
    the new draft is shown first.
    """
    if kind not in DocumentKind.values:
        raise Http404
    ticket = _visible(request, pk)
    if not request.user.may_work:
        raise PermissionDenied
    if not _may_be_issued(DocumentKind(kind), ticket):
        messages.warning(request, _("The record has no such document as it stands now."))
        return redirect("tickets:detail", pk=pk)
    if request.method != "POST":
        begun = to_begin_with(DocumentKind(kind), ticket, now=timezone.now())
        return _draft_page(request, ticket, IssueForm(initial=begun, kind=DocumentKind(kind)))
    form = IssueForm(request.POST, kind=DocumentKind(kind))
    if request.POST.get("do") == "preview":
        begun = IssueForm(initial=request.POST.dict(), kind=DocumentKind(kind))
        return _draft_page(request, ticket, begun)
    has_moved = False
    if form.is_valid():
        try:
            issued = _issue_as_seen(request, ticket, form)
        except Refused as refused:
            show_refusal(form, refused)
        else:
            if issued is not None:
                messages.success(request, _("Issued as %(number)s.") % {"number": issued.reference})
                return redirect("tickets:document", pk=pk, document=issued.pk)
            has_moved = True
    return _draft_page(request, _visible(request, pk), form, has_moved=has_moved)


@staff_page("portal:document")
@require_safe
def show(request: HttpRequest, pk: int, document: int) -> HttpResponse:
    return _page(request, pk, document, "tickets/document.html")


@portal_page("tickets:document")
@require_safe
def show_to_client(request: HttpRequest, pk: int, document: int) -> HttpResponse:
    return _page(request, pk, document, "portal/document.html")


@require_safe
def give_out(request: HttpRequest, pk: int, document: int, form: str) -> HttpResponse:
    """The document as a file, for whoever may see it; made anew each time, and each time the same."""
    if form not in Form.values:
        raise Http404
    issued = _issued(request, pk, document)
    try:
        return file_of(request, issued, Form(form))
    except NotMade:
        messages.warning(
            request,
            _("The file could not be made in time. Nothing is lost; please try again in a minute."),
        )
        return redirect("portal:document" if request.user.is_contact else "tickets:document", pk, document)


def file_of(request: HttpRequest, issued: IssuedDocument, form: Form) -> HttpResponse:
    """The answer that carries a file, as its reader may read it. Raises `NotMade`.

    Asked for again, it is made and sent again only if it is another.
    """
    document = as_read_by(issued.document, request.user, ticket=issued.ticket_id)
    etag = f'"{document.sha256}-{form}"'
    if not (response := get_conditional_response(request, etag=etag)):
        response = HttpResponse(made(document, form), content_type=form.media_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{issued.reference}.{form}"'
    for name, value in {**HARMLESS, "ETag": etag}.items():
        response.headers[name] = value
    return response


def _page(request: HttpRequest, pk: int, document: int, template: str) -> HttpResponse:
    issued = _issued(request, pk, document)
    series = IssuedDocument.objects.series(issued.ticket, issued.kind, issued.edition)
    context = {
        "ticket": issued.ticket,
        "issued": issued,
        "document": as_read_by(issued.document, request.user, ticket=pk),
        "newer": series.filter(number__gt=issued.number).without_content().order_by("-number").first(),
        "forms": Form,
    }
    return render(request, template, context)


def _draft_page(
    request: HttpRequest, ticket: Ticket, form: IssueForm, *, has_moved: bool = False
) -> HttpResponse:
    """The form above, below it the document as it would be issued now."""
    user, now = request.user, timezone.now()
    typed = form if form.is_bound else IssueForm(form.initial, kind=form.kind)
    order = typed.order_so_far()
    number = IssuedDocument.objects.series(ticket, order.kind, order.edition).next_number()
    document = draft(ticket, order, number=number, by=user, now=now)
    context = {
        "ticket": ticket,
        "kind": form.kind,
        "form": form,
        "document": as_read_by(document, user, ticket=ticket.pk),
        "has_moved": has_moved,
    }
    status = 409 if has_moved else 422 if form.errors else 200
    return render(request, "tickets/document_draft.html", context, status=status)


def _issue_as_seen(request: HttpRequest, ticket: Ticket, form: IssueForm) -> IssuedDocument | None:
    """Issue it, unless the record has changed since the draft was drawn; nobody writes between the two."""
    with transaction.atomic():
        locked = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        if str(locked.version) != request.POST.get("seen_version"):
            return None
        return actions.issue_document(ticket, form.order(), by=request.user, now=timezone.now())


def _visible(request: HttpRequest, pk: int) -> Ticket:
    rows = Ticket.objects.visible_to(request.user).select_related("client", "system")
    return get_object_or_404(rows, pk=pk)


def _issued(request: HttpRequest, pk: int, document: int) -> IssuedDocument:
    rows = IssuedDocument.objects.visible_to(request.user).select_related("ticket", "by")
    return get_object_or_404(rows, pk=document, ticket=pk)


def _may_be_issued(kind: DocumentKind, ticket: Ticket) -> bool:
    return may_be_issued(kind, is_fault=ticket.is_fault, grade=ticket.grade, status=ticket.status)
