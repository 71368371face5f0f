"""Callbacks on their own pages, and on those of records and clients, which know nothing of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.forms import BaseForm
from django.template.context import Context
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Client
from staff.templatetags.look import icon
from tickets.models import Ticket
from visits.actions import may_call
from visits.kinds import OPEN, EventKind, Kind, Method, NeedState, State
from visits.models import Callback, CallbackEvent, CallbackProblem, Need, Promise
from visits.planning import Unit
from visits.steps import LABELS

register = template.Library()

METHOD_ICONS = {Method.PHONE: "phone", Method.ON_SITE: "pin"}
EVENT_ICONS = {
    EventKind.PLANNED: "calendar",
    EventKind.MOVED: "calendar",
    EventKind.REASSIGNED: "users",
    EventKind.TRIED: "phone",
    EventKind.DONE: "check",
    EventKind.REFUSED: "circle-x",
    EventKind.UNREACHED: "alert",
    EventKind.DECIDED: "shield",
    EventKind.COVERED: "copy",
    EventKind.UNCOVERED: "undo",
    EventKind.SKIPPED: "close",
    EventKind.WITHDRAWN: "undo",
    EventKind.OVERDUE: "alert",
    EventKind.SHEET: "users",
    EventKind.FILE: "attach",
    EventKind.RAISED: "plus",
    EventKind.KEPT: "check",
    EventKind.DROPPED: "close",
}
# Of a client's page: so many of each.
MOST = 5


@register.filter
def of(found: Mapping[Any, Any], key: Any) -> Any:
    return found.get(key, "")


@register.filter
def own_ids(form: BaseForm, name: str) -> BaseForm:
    """Several forms of one page ask for a reason: each field has an id of its own."""
    form.auto_id = f"id_{name}_%s"
    return form


@register.simple_tag
def method_icon(method: str) -> SafeString:
    return icon(METHOD_ICONS[Method(method)], str(Method(method).label))


@register.simple_tag
def step_label(step: str) -> str:
    return str(LABELS[step])


@register.simple_tag
def is_late(callback: Callback, now: datetime) -> bool:
    return callback.is_overdue(now)


@register.simple_tag
def last_day(limit_at: datetime) -> str:
    """The last day of a limit, which ends with that day."""
    return f"{timezone.localtime(limit_at - timedelta(seconds=1)):%Y-%m-%d}"


@register.simple_tag
def every(count: int, unit: str) -> str:
    """How often: every two weeks."""
    if not count:
        return "–"
    if unit == Unit.WEEK:
        words = ngettext("every week", "every %(n)s weeks", count)
    else:
        words = ngettext("every month", "every %(n)s months", count)
    return words % {"n": count}


@register.simple_tag
def share(percent: int, days: int) -> str:
    """Of how many, and within how many working days."""
    if not percent:
        return "–"
    words = ngettext("%(p)s %% within %(n)s working day", "%(p)s %% within %(n)s working days", days)
    return words % {"p": percent, "n": days}


@register.simple_tag
def event_icon(kind: str) -> str:
    return EVENT_ICONS.get(EventKind(kind), "edit")


@register.simple_tag
def event_words(event: CallbackEvent) -> str:
    """What has changed, in words: the old value and the new."""
    words = []
    for name, change in event.changes.items():
        if name in WORDS and isinstance(change, list) and len(change) == 2:
            old, new = (_value(name, value) for value in change)
            label = str(WORDS[name]())
            words.append(f"{label}: {old} → {new}" if old else f"{label}: {new}")
    return "; ".join(words)


WORDS = {
    "due_at": lambda: _("planned for"),
    "limit_at": lambda: _("at the latest"),
    "person": lambda: _("who calls"),
    "method": lambda: _("how"),
    "try": lambda: _("attempt"),
    "level": lambda: _("management level"),
    "state": lambda: _("state"),
    "owner": lambda: _("who sees to it"),
    "due_on": lambda: _("until"),
    "phone_every": lambda: _("phone: every"),
    "phone_unit": lambda: _("phone: unit"),
    "phone_within": lambda: _("phone: within (working days)"),
    "site_every": lambda: _("on site: every"),
    "site_unit": lambda: _("on site: unit"),
    "site_within": lambda: _("on site: within (working days)"),
    "share_one": lambda: _("grade 1: percent"),
    "limit_one": lambda: _("grade 1: within (working days)"),
    "share_two": lambda: _("grade 2: percent"),
    "limit_two": lambda: _("grade 2: within (working days)"),
    "share_three": lambda: _("grade 3: percent"),
    "limit_three": lambda: _("grade 3: within (working days)"),
    "gap_days": lambda: _("days between two contacts"),
    "close_days": lambda: _("days away that still count as one"),
    "tries": lambda: _("attempts"),
    "phase_months": lambda: _("months of a new system"),
}


def _value(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if name.endswith("_at"):
        at = parse_datetime(str(value))
        return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else str(value)
    if name == "method":
        return str(Method(value).label)
    if name == "state":
        return str(NeedState(value).label) if value in NeedState.values else str(value)
    return str(Unit(value).label) if name.endswith("_unit") else str(value)


@register.inclusion_tag("visits/_of_record.html", takes_context=True)
def callbacks_of(context: Context, ticket: Ticket) -> dict[str, Any]:
    """A record's callbacks: those after it was solved, and the one in which it was reported."""
    user = context["user"]
    if user.is_contact:
        return {"callbacks": []}
    # The two kinds of them one after the other: joined by "or", no index would serve.
    after = Callback.objects.filter(ticket=ticket, kind=Kind.AFTER_FAULT).order_by().values("pk")
    told = CallbackProblem.objects.filter(ticket=ticket).values("callback")
    found = Callback.objects.visible_to(user).filter(pk__in=after.union(told))
    return {
        "callbacks": list(found.select_related("person", "client", "done_by").order_by("due_at", "pk")),
        "ticket": ticket,
        "now": context["now"],
        "user": user,
    }


@register.inclusion_tag("visits/_of_client.html", takes_context=True)
def callbacks_of_client(context: Context, client: Client) -> dict[str, Any]:
    """On a client's page: the last and the next callbacks, open needs, open promises."""
    user = context["user"]
    if user.is_contact:
        return {"client": None}
    found = Callback.objects.visible_to(user).filter(client=client).select_related("person", "done_by")
    of_client = {"client": client}
    return {
        "client": client,
        "last": list(found.filter(state=State.DONE).order_by("-done_at")[:MOST]),
        "next": list(found.filter(state__in=OPEN).order_by("due_at", "pk")[:MOST]),
        "needs": list(Need.objects.visible_to(user).open().filter(**of_client).with_names()[:MOST]),
        "promises": list(Promise.objects.visible_to(user).open().filter(**of_client).with_names()[:MOST]),
        "may": may_call(client.group_id, user),
        "now": context["now"],
        "user": user,
    }
