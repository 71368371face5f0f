"""The rows of a table of records, each written in one go: as fifty nested templates they took longer than
everything else on the page together.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from functools import cache, lru_cache
from html import escape
from typing import TYPE_CHECKING

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from clients.models import Channel
from staff.templatetags.look import (
    GRADES,
    TOKEN,
    clock_badge,
    filled_in,
    grade_badge,
    icon,
    status_badge,
    when,
)
from tickets.bulkform import BulkForm
from tickets.models import Grade, Status, Ticket
from tickets.templatetags.tickets import excerpt_of, kind_icon, marked

if TYPE_CHECKING:
    from tickets.views.listing import Row

register = template.Library()

# What an address may ask for of a grade, a status and a channel.
FILTERS = ({"1", "2", "3", "none"}, set(Status.values), set(Channel.values))
# Stands in kept markup where the query of the list's address belongs; nobody can type it.
QUERY = secrets.token_hex(16)


@register.simple_tag(takes_context=True)
def ticket_rows(context: Context) -> SafeString:
    """Write the rows of `tickets/_rows.html`, in its context."""
    table, address = context["table"], reverse("tickets:detail", args=[0]).replace("/0/", "/{}/")
    written = []
    select = gettext("Select %(number)s") if context.get("pickable") else ""
    picked = context.get("picked") or ()
    badges = {grade: grade_badge(grade, compact=True) for grade in GRADES}
    for row in context["rows"]:
        pk, title = row.ticket.pk, escape(row.ticket.title)
        link = f'id="{table}-link-{pk}" href="{address.format(pk)}"'
        written.append(
            f'<tr id="{table}-{pk}" data-version="{row.ticket.version}">{_box(row, select, picked)}'
            f'<td data-cell="grade">{_grade(row.ticket, badges)}</td>'
            f'<td data-cell="number"><a class="number" {link}>{row.ticket.number}</a></td>'
            f'<td data-cell="client">{_client(context, row)}</td>'
            f'<td data-cell="title" class="main" title="{title}">{_title(context, row)}</td>'
            f'<td data-cell="status">{status_badge(row.ticket.status, row.status_label)}</td>'
            f'<td data-cell="owner">{_owner(row)}</td>'
            f'<td data-cell="clock">{_clock(context, row)}</td></tr>\n'
        )
    return SafeString("".join(written))


@register.simple_tag(takes_context=True)
def filter_choices(context: Context) -> SafeString:
    """Write the filters whose choices are the same for everybody; `chosen` is the address's query."""
    chosen = context["chosen"]
    asked = (chosen.get("grade", ""), chosen.get("status", ""), chosen.get("channel", ""))
    grade, status, channel = (
        text if text in values else "" for text, values in zip(asked, FILTERS, strict=True)
    )
    return _filter_choices(grade, status, channel, get_language())


@lru_cache(maxsize=512)
def _filter_choices(grade: str, status: str, channel: str, language: str) -> SafeString:
    grades = [*Grade.choices, ("none", gettext("Not graded"))]
    return SafeString(
        _select("grade", gettext("Grade"), gettext("Every grade"), grades, grade)
        + _select("status", gettext("Status"), gettext("Every status"), Status.choices, status)
        + _select("channel", gettext("Channel"), gettext("Every channel"), Channel.choices, channel)
    )


def _select(name: str, label: str, every: str, choices: Iterable[tuple[object, object]], chosen: str) -> str:
    options = "".join(
        f'<option value="{value}"{" selected" if str(value) == chosen else ""}>{escape(str(text))}</option>'
        for value, text in [("", every), *choices]
    )
    return f'<select class="form-select" name="{name}" aria-label="{escape(label)}">{options}</select>\n'


@register.simple_tag(takes_context=True)
def bulk_bar(context: Context) -> SafeString:
    """Write the form for the ticked records as nobody has filled it in yet: the same for everybody."""
    bar = _bulk_bar(get_language()).replace(QUERY, escape(context["chosen"].urlencode()))
    return filled_in(context, bar)


@cache
def _bulk_bar(language: str) -> str:
    context = {"bulk": BulkForm(user=None, people=()), "csrf_token": TOKEN, "query": QUERY}
    return render_to_string("tickets/_bulk.html", context)


@register.simple_tag
def grade_of(ticket: Ticket) -> SafeString:
    """A fault's grade, or the sign of what has none."""
    if ticket.is_fault:
        return grade_badge(ticket.grade, compact=True)
    return icon(kind_icon(ticket.kind), label=ticket.get_kind_display(), css="muted")


def _grade(ticket: Ticket, badges: dict[int | None, SafeString]) -> SafeString:
    return badges[ticket.grade] if ticket.is_fault else grade_of(ticket)


def _box(row: Row, select: str, picked: Collection[int]) -> str:
    """The cell in which a row is ticked, where it can be: where `select` says what that does."""
    if not select:
        return ""
    pk, label = row.ticket.pk, select % {"number": row.ticket.number}
    checked = " checked" if pk in picked else ""
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
