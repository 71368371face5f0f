"""What the frame around every page shows: navigation, who is on duty, the inbox, the deadline engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from duty.models import DutyRole, Shift
from opsdesk.health import ENGINE, Engine, judge
from staff.models import Group, User
from staff.prepared import prepared
from staff.views.access import house_only
from tickets.models import Hotline
from tickets.names import Name

STATE = f"""
SELECT (SELECT count(*) FROM
            (SELECT FROM staff_notice WHERE recipient_id = %s AND read_at IS NULL LIMIT %s) AS unread),
       (SELECT count(*) FROM staff_noticechannel
         WHERE failing_since IS NOT NULL AND is_active
           AND (owner_id = %s OR group_id = %s OR group_id IS NOT NULL AND %s)),
       {{on_duty}},
       (SELECT json_agg(json_build_object('code', code, 'name', name, 'name_en', name_en) ORDER BY code)
          FROM staff_group AS own
         WHERE (%s OR id = %s) AND EXISTS (SELECT FROM duty_shift WHERE group_id = own.id)
           AND NOT EXISTS (SELECT FROM duty_shift JOIN staff_user ON staff_user.id = user_id AND is_active
                            WHERE duty_shift.group_id = own.id AND duty_shift.role = 'primary'
                              AND starts_at <= %s AND ends_at > %s)),
       (SELECT json_build_object('code', code, 'name', name, 'name_en', name_en)
          FROM staff_group WHERE id = %s),
       {ENGINE}
"""
MOST_SHOWN = 99
LINE = DutyRole.values  # who answers first
PERSON = ("user", "user__username", "user__name", "user__name_en")  # what a `Name` is made of
# Pressed after g: go there.
LETTERS = {
    "desk": "d",
    "records": "r",
    "duty": "y",
    "clients": "c",
    "meetings": "m",
    "reports": "p",
    "settings": "s",
}


@dataclass(frozen=True, slots=True)
class NavItem:
    key: str
    label: str
    url: str
    icon: str
    current: bool
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Me:
    """The signed-in person as the frame shows him, in his language."""

    label: str
    role: str
    group: str
    single_keys: bool


@dataclass(frozen=True, slots=True)
class Unmanned:
    """A group that has nobody on duty now, and whether the person may change that."""

    code: str
    label: str
    may_roster: bool


@dataclass(frozen=True, slots=True)
class State:
    """Notices unread, counted no further than shown; channels failing that the person answers for; who is on
    duty, and which groups that have a roster have nobody; his own group; how the engine does.
    """

    unread: int
    failing_channels: int
    on_duty: list[str]
    unmanned: list[Unmanned]
    group: Group | None
    engine: Engine


def frame(request: HttpRequest) -> dict[str, object]:
    """Context for `base.html`; nothing for strangers, so that error and sign-in pages need no database.

    What has to be asked for is asked when a template shows it: parts of pages are rendered without the frame.
    """
    now = timezone.now()
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"now": now}
    if user.is_contact:
        return {"now": now, "frame_template": "portal/base.html", "hotline": hotline(user)}
    state = cache(lambda: _state(user, now))
    return {
        "now": now,
        "nav": cache(lambda: tuple(navigation(user, request.path))),
        "me": cache(lambda: _me(user, state().group)),
        "unread_notices": lambda: state().unread,
        "failing_channels": lambda: state().failing_channels,
        "on_duty_now": lambda: state().on_duty,
        "unmanned": lambda: state().unmanned,
        "watch_key": lambda: watch_key(state()),
        "engine": lambda: state().engine,
        "may_log_call": user.may_work,
    }


def _me(user: User, group: Group | None) -> Me:
    return Me(user.label, str(user.get_role_display()), group.label if group else "", user.single_keys)


def _state(user: User, now: datetime) -> State:
    """All that the frame asks of the database, in one query."""
    group = user.group_id if user.may_supervise else None
    shifts, params = _shifts.statement(user, now)
    asked = STATE.format(on_duty=f"(SELECT json_agg(shift) FROM ({shifts}) AS shift)" if shifts else "NULL")
    with connection.cursor() as cursor:
        values = [user.pk, MOST_SHOWN + 1, user.pk, group, user.may_administer, *params]
        cursor.execute(asked, [*values, user.sees_everything, user.group_id, now, now, user.group_id])
        unread, failing, on_duty, empty, own, *facts = cursor.fetchone()
    group = Group(**own) if own else None
    unmanned = [_unmanned(user, group, **each) for each in empty or []]
    return State(unread, failing, _in_line(on_duty or []), unmanned, group, judge(*facts, now))


def _unmanned(user: User, group: Group | None, code: str, name: str, name_en: str) -> Unmanned:
    own = group is not None and group.code == code
    is_theirs = user.may_supervise and (own or user.may_administer)
    return Unmanned(code, Group(name=name, name_en=name_en).label, is_theirs)


def watch_key(state: State) -> str:
    """What the banner says, the same as long as there is nothing new to say; empty where it says nothing."""
    said = [state.engine.trouble.key] if state.engine.trouble else []
    return "/".join([*said, *(group.code for group in state.unmanned)])


@house_only
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The part of the top bar that asks for itself every few seconds; with it what the page does not say yet,
    or says still, of the watch (`watch` is what it says).
    """
    return render(request, "_frame_live.html", {"shown": request.GET.get("watch", "")})


def navigation(user: User, path: str) -> list[NavItem]:
    """The rail's items that this person may use, in the order of a working day."""
    items = [
        ("desk", _("Desk"), "home", "desk", True),
        ("records", _("Records"), "tickets:list", "records", True),
        ("duty", _("Duty"), "duty:now", "duty", True),
        ("clients", _("Clients"), "clients:list", "clients", True),
        ("callbacks", _("Callbacks"), "visits:today", "callbacks", True),
        ("surveys", _("Surveys"), "surveys:campaigns", "surveys", True),
        ("satisfaction", _("Satisfaction"), "satisfaction:statistics", "star", True),
        ("audits", _("Quality"), "audits:findings", "audits", True),
        ("meetings", _("Meetings"), "meetings:list", "meetings", True),
        ("reports", _("Reports"), "reports:dashboard", "reports", user.may_supervise or user.sees_everything),
        (
            "figures",
            _("My figures"),
            "reports:mine",
            "reports",
            not (user.may_supervise or user.sees_everything or user.is_contact),
        ),
        ("settings", _("Settings"), "staff:settings", "settings", True),
    ]
    return [
        NavItem(
            key,
            label,
            url,
            icon,
            current=path == url or (url != "/" and path.startswith(url)),
            keys=f"g {LETTERS[key]}" if key in LETTERS else "",
        )
        for key, label, url, icon, may in ((k, text, reverse(name), i, m) for k, text, name, i, m in items)
        if may
    ]


def hotline(user: User) -> Hotline | None:
    """Where a client's contact calls: the number of the group that serves his client."""
    return Hotline.objects.filter(group__clients__contacts__user=user).first()


def _in_line(shifts: list[dict[str, Any]]) -> list[str]:
    """The names of who is on duty, who answers first first."""
    found = sorted(
        (shift["group__code"], LINE.index(shift["role"]), Name(*map(shift.get, PERSON))) for shift in shifts
    )
    return [person.label for _code, _place, person in found]


@prepared
def _shifts(user: User, now: datetime) -> QuerySet[Shift, dict[str, Any]]:
    """Who is on duty now in the groups that the person sees."""
    facts = ("group__code", "role", *PERSON)
    return Shift.objects.visible_to(user).at(now).filter(user__is_active=True).order_by().values(*facts)
