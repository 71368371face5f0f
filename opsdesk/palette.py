"""The command palette: what one may do, and the records and clients that words find, in one list (Ctrl-K)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext
from django.views.decorators.http import require_safe

from clients.models import Client
from clients.search import search as search_clients
from duty.actions import may_hang_up
from opsdesk.frame import navigation
from staff.models import User
from staff.views.access import house_only
from tickets.models import Ticket, on_site_facts, with_ladder
from tickets.search import find
from tickets.templatetags.tickets import VERBS
from tickets.verbs import LETTERS, possible_verbs

MOST_RECORDS, MOST_CLIENTS = 7, 5
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the palette. `command` names a button of the page, which is pressed if it is there.

    Where it is not there, and for a choice without one, `url` is opened.
    """

    label: str
    url: str
    icon: str
    command: str = ""
    note: str = ""
    keys: str = ""


Offer = Callable[[User, Ticket | None], list[Choice]]


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    label: str
    choices: list[Choice]


@house_only
@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """The choices for what was typed; `record` is the one on whose page the palette was opened."""
    user = request.user
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    record = _record(user, request.GET.get("record", ""))
    sections = [
        Section("verbs", _("This record"), _fitting(words, user, record, _verbs)),
        Section("records", _("Records") if words else _("My open records"), _records(user, words)),
        Section("clients", _("Clients"), _clients(user, words)),
        Section("actions", _("Go to or do"), _fitting(words, user, record, _actions)),
    ]
    # Without the request: the frame around a page has questions to the database that this list does not need.
    context = {
        "sections": [section for section in sections if section.choices],
        "shows_keys": user.single_keys,
    }
    return HttpResponse(render_to_string("_palette_choices.html", context))


def _record(user: User, pk: str) -> Ticket | None:
    if not (pk.isdecimal() and len(pk) < 19):
        return None
    records = with_ladder(Ticket.objects.visible_to(user)).annotate(**on_site_facts())
    return records.filter(pk=int(pk)).first()


def _fitting(words: str, user: User, record: Ticket | None, offer: Offer) -> list[Choice]:
    """Those whose label has every word, in any language of the house: keyboards and habits differ."""
    choices, wanted = offer(user, record), words.casefold().split()
    if not wanted:
        return choices
    names: list[list[str]] = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            names.append([choice.label.casefold() for choice in offer(user, record)])
    named = zip(choices, map("\n".join, zip(*names, strict=True)), strict=True)
    return [choice for choice, name in named if all(word in name for word in wanted)]


def _verbs(user: User, record: Ticket | None) -> list[Choice]:
    if record is None:
        return []
    url = reverse("tickets:detail", args=[record.pk])
    return [
        Choice(
            str(VERBS[verb]), f"{url}#verb-{verb}", "chevron-right", command=verb, keys=LETTERS.get(verb, "")
        )
        for verb in possible_verbs(record, user)
    ]


def _actions(user: User, record: Ticket | None) -> list[Choice]:
    own = reverse("staff:settings")
    choices = [Choice(item.label, item.url, item.icon, keys=item.keys) for item in navigation(user, "")]
    if user.may_work:
        choices.insert(0, Choice(_("Log a call"), reverse("tickets:create"), "plus", keys="c"))
    if not user.is_contact:
        choices += [
            Choice(pgettext("kind of record", "Changes"), reverse("changes:list"), "server"),
            Choice(_("Calendar of windows"), reverse("changes:calendar"), "calendar"),
            Choice(_("Work types"), reverse("changes:types"), "settings"),
            Choice(_("Wall-board: duty"), reverse("duty:wall"), "eye"),
            Choice(_("Inspections"), reverse("duty:inspections"), "checks"),
            Choice(_("Inspection sheets and plans"), reverse("duty:sheets"), "list"),
            Choice(_("Coordination meetings"), reverse("tickets:coordination"), "meetings"),
            Choice(_("Measures and follow-ups"), reverse("tickets:follow_ups"), "checks"),
            Choice(_("Decisions of weekly meetings"), reverse("meetings:decisions"), "check"),
            Choice(_("Handovers"), reverse("handovers:list"), "duty"),
            Choice(_("My callbacks"), f"{reverse('visits:today')}?whose=mine", "callbacks"),
            Choice(_("Clients' needs"), reverse("visits:needs"), "list"),
            Choice(_("Promises to clients"), reverse("visits:promises"), "clock"),
            Choice(_("Clients' opinions"), reverse("visits:opinions"), "chat"),
            Choice(_("Callback plans and guides"), reverse("visits:plans"), "settings"),
            Choice(_("Client satisfaction"), reverse("satisfaction:statistics"), "star"),
            Choice(_("Corrective actions"), reverse("satisfaction:correctives"), "checks"),
            Choice(_("Complaints"), reverse("satisfaction:complaints"), "flag"),
            Choice(_("My weekly reports"), reverse("weekly_reports:mine"), "note"),
            Choice(_("My assessment"), reverse("reports:assessments"), "star"),
            Choice(_("KPI dictionary"), reverse("reports:kpis"), "list"),
            Choice(_("Calls of the telephone"), reverse("reports:phone"), "phone"),
            Choice(_("Monthly reports"), reverse("reports:monthly:archive"), "reports"),
            Choice(_("The process"), reverse("process:current"), "list"),
            Choice(_("Suggestions for the process"), reverse("process:suggestions"), "chat"),
            Choice(_("Overruns"), reverse("tickets:overruns"), "flag"),
            Choice(_("Canned replies"), reverse("tickets:replies"), "chat"),
            Choice(_("Checklist templates"), reverse("tickets:templates"), "list"),
            Choice(_("My dispatches"), reverse("tickets:dispatches"), "pin"),
            Choice(_("On the road"), reverse("tickets:on_the_road"), "pin"),
            Choice(_("Remote access"), reverse("tickets:remote"), "key"),
            Choice(_("Survey calls and paper"), reverse("surveys:tasks"), "phone"),
            Choice(_("Key a survey by its number"), reverse("surveys:by_number"), "edit"),
            Choice(_("Survey answers"), reverse("surveys:invitations"), "list"),
            Choice(_("Questionnaires"), reverse("surveys:questionnaires"), "surveys"),
            Choice(_("Contracts that end soon"), reverse("clients:ending"), "clock"),
            Choice(_("Client types"), reverse("clients:types"), "tag"),
            Choice(_("My channels"), reverse("staff:channels"), "send"),
            Choice(_("Delivery log"), reverse("staff:deliveries"), "history"),
        ]
    if user.may_supervise or user.sees_everything:
        choices.append(Choice(_("All figures"), reverse("reports:table"), "list"))
        if user.may_work:
            choices.append(Choice(_("My figures"), reverse("reports:mine"), "reports"))
    if user.sees_everything or user.group_id is not None and not user.is_contact:
        choices.append(Choice(_("Wall-board: operations"), reverse("reports:wall"), "eye"))
    if may_hang_up(user.group, user):
        choices.append(Choice(_("Addresses of the wall-board"), reverse("reports:wall_addresses"), "key"))
    if user.may_administer:
        choices.append(Choice(_("Everybody's secret addresses"), reverse("duty:addresses"), "key"))
    return [
        *choices,
        Choice(_("Inbox"), reverse("staff:inbox"), "bell"),
        Choice(_("Other language"), own, "language", command="language"),
        Choice(_("Other theme: light, dark, as the system"), own, "contrast", command="theme"),
        Choice(_("Keyboard shortcuts"), own, "list", command="shortcuts", keys="?"),
        Choice(_("Sign out"), own, "sign-out", command="sign-out"),
    ]


def _records(user: User, words: str) -> list[Choice]:
    """What the words find, newest first; without words the person's own, what breaks next first."""
    visible = Ticket.objects.visible_to(user).select_related("client")
    if words:
        search = find(visible, words, user)
        found = search.rows.order_by(*search.order(("-pk",)))
    else:
        found = visible.open().filter(owner=user).order_by("next_due_at", "pk")
    return [
        Choice(
            f"{record.number} {record.title}",
            reverse("tickets:detail", args=[record.pk]),
            "records",
            note=f"{record.client.label} · {record.get_status_display()}",
        )
        for record in found[:MOST_RECORDS]
    ]


def _clients(user: User, words: str) -> list[Choice]:
    if not words:
        return []
    found = search_clients(Client.objects.visible_to(user), words).active().order_by("code")
    return [
        Choice(client.label, reverse("clients:detail", args=[client.pk]), "clients", note=client.code)
        for client in found[:MOST_CLIENTS]
    ]
