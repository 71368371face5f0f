"""The rows of a table of records, each written in one go: as fifty nested templates they took longer than
everything else on the page together.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from staff.templatetags.look import clock_badge, grade_badge, icon, status_badge, when
from tickets.models import Ticket
from tickets.templatetags.tickets import excerpt_of, kind_icon, marked

if TYPE_CHECKING:
    from tickets.views.listing import Row

register = template.Library()


@register.simple_tag(takes_context=True)
def ticket_rows(context: Context) -> SafeString:
    """Write the rows of `tickets/_rows.html`, in its context."""
    table, address = context["table"], reverse("tickets:detail", args=[0]).replace("/0/", "/{}/")
    written = []
    for row in context["rows"]:
        pk, title = row.ticket.pk, escape(row.ticket.title)
        link = f'id="{table}-link-{pk}" href="{address.format(pk)}"'
        written.append(
            f'<tr id="{table}-{pk}" data-version="{row.ticket.version}">{_box(context, row)}'
            f'<td data-cell="grade">{grade_of(row.ticket)}</td>'
            f'<td data-cell="number"><a class="number" {link}>{row.ticket.number}</a></td>'
            f'<td data-cell="client">{_client(context, row)}</td>'
            f'<td data-cell="title" class="main" title="{title}">{_title(context, row)}</td>'
            f'<td data-cell="status">{status_badge(row.ticket.status, row.status_label)}</td>'
            f'<td data-cell="owner">{_owner(row)}</td>'
            f'<td data-cell="clock">{_clock(context, row)}</td></tr>\n'
        )
    return SafeString("".join(written))


@register.simple_tag
def grade_of(ticket: Ticket) -> SafeString:
    """A fault's grade, or the sign of what has none."""
    if ticket.is_fault:
        return grade_badge(ticket.grade, compact=True)
    return icon(kind_icon(ticket.kind), label=ticket.get_kind_display(), css="muted")


def _box(context: Context, row: Row) -> str:
    """The cell in which a row is ticked, where it can be."""
    if not context.get("pickable"):
        return ""
    pk, label = row.ticket.pk, gettext("Select %(number)s") % {"number": row.ticket.number}
    checked = " checked" if pk in (context.get("picked") or ()) else ""
    return (
        f'<td data-cell="select"><input class="form-check-input" type="checkbox" form="bulk" name="row"'
        f' id="pick-{pk}" value="{escape(row.seen)}"{checked} aria-label="{escape(label)}"'
        f' autocomplete="off"></td>'
    )


def _client(context: Context, row: Row) -> str:
    name = marked(context, row.client) if context.get("words") else escape(row.client)
    return f'{name} <span class="muted">· {escape(row.system)}</span>' if row.system else name


def _title(context: Context, row: Row) -> str:
    if not context.get("words"):
        return escape(row.ticket.title)
    return marked(context, row.ticket.title) + excerpt_of(context, row.ticket)


def _owner(row: Row) -> str:
    return escape(row.owner) if row.owner else f'<span class="muted">{escape(row.group)}</span>'


def _clock(context: Context, row: Row) -> str:
    if row.clock:
        return clock_badge(row.clock, context["now"])
    return f'<span class="muted">{when(context, row.ticket.closed_at)}</span>'
