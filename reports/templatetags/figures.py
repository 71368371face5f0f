"""The rows of records behind a figure, written in one go: as templates they took longer than all else."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.safestring import SafeString

from staff.templatetags.look import clock_badge, status_badge, when
from tickets.models import Ticket
from tickets.names import Names
from tickets.templatetags.rows import grade_of

register = template.Library()


@register.simple_tag(takes_context=True)
def breaking_rows(context: Context) -> SafeString:
    """Write the records that break next, each with that clock."""
    rows = context["breaking_next"]
    return _rows(
        context["names"],
        (
            (ticket, f'<td data-cell="clock">{clock_badge(clock, context["now"])}</td>')
            for ticket, clock in rows
        ),
    )


@register.simple_tag(takes_context=True)
def reported_rows(context: Context) -> SafeString:
    """Write the records behind a chart, each with `when` it was reported or solved."""
    return _rows(
        context["names"],
        (
            (
                ticket,
                f'<td data-cell="status">{status_badge(ticket.status, ticket.get_status_display())}</td>'
                f'<td class="tnum" data-cell="clock">{when(context, ticket.when)}</td>',
            )
            for ticket in context["page"].rows
        ),
    )


def _rows(names: Names, rows: Iterable[tuple[Ticket, str]]) -> SafeString:
    """Write rows: what all have in common, and the cells that each brings."""
    address, written = reverse("tickets:detail", args=[0]).replace("/0/", "/{}/"), []
    for ticket, cells in rows:
        link = f'href="{address.format(ticket.pk)}"'
        client, title = escape(names.client[ticket.client_id].label), escape(ticket.title)
        owner = names.person.get(ticket.owner_id)
        group = f'<span class="muted">{escape(names.group[ticket.group_id].label)}</span>'
        written.append(
            f'<tr><td data-cell="grade">{grade_of(ticket)}</td>'
            f'<td data-cell="number"><a class="number" {link}>{ticket.number}</a></td>'
            f'<td data-cell="client" title="{client}">{client}</td>'
            f'<td data-cell="title" title="{title}">{title}</td>'
            f'<td data-cell="owner">{escape(owner.label) if owner else group}</td>{cells}</tr>\n'
        )
    return SafeString("".join(written))
