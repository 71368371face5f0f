"""Template tags of the visual language: icons, badges, clocks, times. Shown together on /styleguide/.

Tags take plain values, so that this bottom app knows nothing of records; enums live with their models.
The words of durations stand once, here: pages hand them to static/js/clock.js by `{% clock_words %}`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Hashable
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from html import escape
from typing import Any, NamedTuple

from django import template
from django.forms import BaseForm, BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils import dateformat, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

register = template.Library()

NOTHING = "–"
GRADES = {1: _("Grade 1"), 2: _("Grade 2"), 3: _("Grade 3"), None: _("Not graded")}
STATUS_ICONS = {
    "logged": "circle-dashed",
    "in_progress": "half",
    "waiting": "circle-pause",
    "resolved": "circle-check",
    "closed": "checks",
    "merged": "copy",
}
CLOCK_PHRASES = {
    "running": _("%(time)s left"),
    "near": _("near: %(time)s left"),
    "breached": _("%(time)s overdue"),
    "paused": _("paused"),
    "met": _("met"),
    "missed": _("missed"),
}
UNITS = {"d": _("%(n)s d"), "h": _("%(n)s h"), "m": _("%(n)s min"), "s": _("%(n)s s")}
TREND_WORDS = {
    "better": _("better"),
    "worse": _("worse"),
    "same": _("unchanged"),
    "more": pgettext_lazy("change", "more"),
    "less": pgettext_lazy("change", "less"),
}
THEMES = ("auto", "light", "dark")
# Stand in kept markup where a page's own token and address belong; nobody can type them.
TOKEN, HERE = secrets.token_hex(16), secrets.token_hex(16)


# The frame


@register.simple_tag(takes_context=True)
def html_attributes(context: Context) -> SafeString:
    """Give <html> its theme, density and width of the rail, so that the first paint is already right.

    The theme button stores "<choice>.<setting then>": a later change of the setting outranks the button.
    """
    request, user = context.get("request"), context.get("user")
    cookies = request.COOKIES if request else {}
    setting = getattr(user, "theme", "auto")
    choice, _dot, setting_then = cookies.get("theme", "").partition(".")
    theme = choice if choice in THEMES and setting_then == setting else setting
    return format_html(
        'data-theme="{}" data-theme-setting="{}" data-density="{}" data-rail="{}"',
        theme,
        setting,
        getattr(user, "density", "compact"),
        "narrow" if cookies.get("rail") == "narrow" else "wide",
    )


@register.simple_tag
def kept(template_name: str, **context: Hashable) -> SafeString:
    """Include a template that shows words and these values alone: rendered once a language, and kept."""
    return _kept(template_name, tuple(context.items()), get_language())


@register.simple_tag(takes_context=True)
def kept_forms(context: Context, template_name: str, **values: Hashable) -> SafeString:
    """Like `kept`, for a part with forms: the page's token and address (`here`) are put in each time."""
    shape = _kept(template_name, (*values.items(), ("csrf_token", TOKEN), ("here", HERE)), get_language())
    return filled_in(context, shape)


def filled_in(context: Context, shape: str) -> SafeString:
    """Put the page's token and its own address where kept markup has TOKEN and HERE."""
    request = context.get("request")
    here = escape(request.get_full_path()) if request else ""
    return SafeString(shape.replace(TOKEN, str(context.get("csrf_token", ""))).replace(HERE, here))


@lru_cache(maxsize=512)
def _kept(template_name: str, context: tuple[tuple[str, Hashable], ...], language: str) -> SafeString:
    return render_to_string(template_name, dict(context))


@register.simple_tag(takes_context=True)
def shortcut(context: Context, keys: str, label: str) -> SafeString | str:
    """Attributes of the thing that a single key (or two, one after the other) presses: static/js/keys.js.

    Nothing where the person has switched single keys off, so that no key is promised that does nothing.
    """
    if not keys or not getattr(context.get("user"), "single_keys", False):
        return ""
    announced = format_html(' aria-keyshortcuts="{}"', keys) if " " not in keys else ""
    return format_html('data-shortcut="{}" data-shortcut-label="{}"{}', keys, label, announced)


@register.simple_tag(takes_context=True)
def block_again(context: Context, name: str) -> str:
    """Print a block a second time: the title is both <title> and <h1>."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks and blocks.get_block(name)
    return block.render(context) if block else ""


@register.simple_tag
def server_now() -> str:
    """Tell the page what time it is here; its clocks do not trust the reader's computer."""
    return timezone.now().isoformat()


@register.simple_tag
def clock_words() -> SafeString:
    """Hand the words of durations and clock states to static/js/clock.js."""
    units, states = _words(get_language())
    words = json.dumps({"units": units, "states": states})
    return format_html('<template id="clock-words" data-words="{}"></template>', words)


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Draw a symbol of static/img/icons.svg; silent for screen readers unless it has a `label`."""
    return _icon(name, str(label), css)


@lru_cache(maxsize=512)
def _icon(name: str, label: str, css: str) -> SafeString:
    voice = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="icon {}" {} focusable="false"><use href="{}#{}"></use></svg>',
        css,
        SafeString(voice),
        static("img/icons.svg"),
        name,
    )


# Badges


# A list shows fifty of each: what repeats is rendered once and kept.


@register.simple_tag
def grade_badge(grade: int | None, compact: bool = False) -> SafeString:
    """Show a grade of 1 to 3, or that there is none yet."""
    return _grade_badge(grade and int(grade), compact, get_language())


@lru_cache(maxsize=64)
def _grade_badge(grade: int | None, compact: bool, language: str) -> SafeString:
    context = {"grade": grade, "label": GRADES[grade], "compact": compact}
    return render_to_string("components/grade_badge.html", context)


@register.simple_tag
def status_badge(status: str, label: str) -> SafeString:
    """Show a status with its own icon; a code that is not in STATUS_ICONS gets a dot."""
    return _status_badge(str(status), str(label))


@lru_cache(maxsize=64)
def _status_badge(status: str, label: str) -> SafeString:
    context = {"status": status, "label": label, "icon_name": STATUS_ICONS.get(status, "dot")}
    return render_to_string("components/status_badge.html", context)


@register.simple_tag
def clock_badge(clock: Any, now: datetime, compact: bool = False) -> SafeString:
    """Show a clock as a ring with words; static/js/clock.js lets it run on.

    `clock` has kind_label, state, due_at, near_at, limit (timedelta or seconds) and perhaps started_at.
    `state` may be a method that takes `now`. `due_at` is empty while the clock is paused. None gives a dash.
    """
    if clock is None:
        return format_html('<span class="muted">{}</span>', NOTHING)
    state = clock.state(now) if callable(clock.state) else clock.state
    state = str(getattr(state, "value", state))
    started_at, here = _started_at(clock), timezone.get_current_timezone()
    due_at = clock.due_at and clock.due_at.astimezone(here)
    near_at = due_at and clock.near_at and clock.near_at.astimezone(here)
    facts = {
        "state": state,
        "kind": escape(clock.kind_label),
        "text": escape(clock_text(state, due_at, now)),
        "percent": _percent_left(clock, now),
        "due": due_at.isoformat() if due_at else "",
        "due_exact": f"{due_at:%Y-%m-%d %H:%M:%S %z}" if due_at else "",
        "near": near_at.isoformat() if near_at else "",
        "start": started_at.astimezone(here).isoformat() if started_at else "",
    }
    return SafeString(_clock_shape(due_at is not None, near_at is not None, compact) % facts)


@lru_cache(maxsize=8)
def _clock_shape(has_due: bool, has_near: bool, compact: bool) -> str:
    """A clock's markup with blanks for its facts."""
    blanks = {name: f"%({name})s" for name in ("state", "kind", "text", "percent", "due_exact", "start")}
    asked = {"due": has_due, "near": has_near}
    blanks |= {name: f"%({name})s" if has else "" for name, has in asked.items()}
    return render_to_string("components/clock_badge.html", blanks | {"compact": compact})


def clock_text(state: str, due_at: datetime | None, now: datetime) -> str:
    """Say a clock's state in words; static/js/clock.js does the same each second."""
    seconds = (due_at - now).total_seconds() if due_at else 0
    return _words(get_language()).phrases[state] % {"time": in_words(seconds)}


def _started_at(clock: Any) -> datetime | None:
    if clock.due_at is None:
        return None
    limit = clock.limit if isinstance(clock.limit, timedelta) else timedelta(seconds=clock.limit)
    return getattr(clock, "started_at", None) or clock.due_at - limit


def _percent_left(clock: Any, now: datetime) -> int:
    started_at = _started_at(clock)
    if started_at is None:
        return 0
    share = (clock.due_at - now) / max(clock.due_at - started_at, timedelta(seconds=1))
    return round(100 * min(max(share, 0), 1))


# Times


@register.simple_tag(takes_context=True)
def when(context: Context, value: date | None, part: str = "datetime") -> SafeString | str:
    """Show an instant (or a date) as `11-23 14:35`, with the year when it is not this year.

    In the reader's zone and 12/24 h setting; the exact time is in the tooltip. `part`: datetime, date, time.
    """
    if value is None:
        return NOTHING
    this_year = timezone.localtime(context.get("now")).year
    if not isinstance(value, datetime):
        return _time_element(value, value.isoformat(), _short_date(value, this_year))
    local = timezone.localtime(value)
    hours = getattr(context.get("user"), "time_format", "24")
    words = {"date": _short_date(local, this_year), "time": _short_time(local, hours)}
    text = words[part] if part in words else f"{words['date']} {words['time']}"
    return _time_element(value, _exact(local), text)


@register.simple_tag
def remaining(due_at: datetime | None, now: datetime) -> str:
    """Say in words how long there is until `due_at`, or for how long it has been over."""
    if due_at is None:
        return NOTHING
    return clock_text("running" if due_at > now else "breached", due_at, now)


@register.simple_tag
def ago(value: datetime | None, now: datetime) -> SafeString | str:
    """Say in words how long ago something was, with the exact time in the tooltip."""
    if value is None:
        return NOTHING
    text = str(_("%(time)s ago")) % {"time": in_words((now - value).total_seconds())}
    return _time_element(value, _exact(timezone.localtime(value)), text)


@register.filter
def duration(value: timedelta | None) -> str:
    """Say a span of time in words, for example "1 h 20 min"."""
    return NOTHING if value is None else in_words(value.total_seconds())


def in_words(seconds: float) -> str:
    """Say seconds in the two largest units, sign ignored; seconds count only below ten minutes."""
    whole = int(abs(seconds))
    parts = {"d": whole // 86400, "h": whole // 3600 % 24, "m": whole // 60 % 60, "s": whole % 60}
    if whole >= 600:
        parts["s"] = 0
    largest = next((index for index, amount in enumerate(parts.values()) if amount), 3)
    pair = list(parts.items())[largest : largest + 2]
    units = _words(get_language()).units
    return " ".join(
        units[unit] % {"n": amount} for unit, amount in pair if amount or unit == "s" and whole == 0
    )


class _Words(NamedTuple):
    units: dict[str, str]
    phrases: dict[str, str]


@cache
def _words(language: str | None) -> _Words:
    """The words of durations; `language` is the active one, in which they are kept."""
    return _Words(
        {unit: str(text) for unit, text in UNITS.items()},
        {state: str(text) for state, text in CLOCK_PHRASES.items()},
    )


def _short_date(day: date, this_year: int) -> str:
    return f"{day:%m-%d}" if day.year == this_year else f"{day:%Y-%m-%d}"


def _short_time(local: datetime, hours: str) -> str:
    # Translators: how a time of day is written with 12 hours, in the letters of Django's date filter
    return dateformat.format(local, pgettext("12-hour time", "g:i A")) if hours == "12" else f"{local:%H:%M}"


def _exact(local: datetime) -> str:
    return local.isoformat(sep=" ", timespec="seconds")


def _time_element(value: date, title: str, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), title, text)


# Pieces of pages


@register.inclusion_tag("_empty.html")
def empty_state(icon: str, title: str, text: str = "", url: str = "", action: str = "") -> dict[str, str]:
    """Say what will appear here and offer the first step."""
    return {"icon_name": icon, "title": title, "text": text, "url": url, "action": action}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """List above a form what is wrong with it, with links to the fields."""
    wrong = [field for field in form if field.errors] if form.is_bound else []
    general = form.non_field_errors() if form.is_bound else []
    return {"general": general, "fields": wrong, "count": len(general) + len(wrong)}


@register.inclusion_tag("components/field_errors.html")
def field_errors(field: BoundField) -> dict[str, Any]:
    """List the errors of one field under it."""
    return {"field": field}


@register.simple_tag
def avatar(name: Any) -> SafeString:
    """Draw a disc with the initial of a name; decoration beside the name itself."""
    return format_html('<span class="avatar" aria-hidden="true">{}</span>', str(name).strip()[:1].upper())


@register.inclusion_tag("components/ring.html")
def ring(percent: float, label: str) -> dict[str, Any]:
    """Draw a share of 0 to 100 as a ring."""
    return {"percent": round(min(max(percent, 0), 100)), "label": label}


@register.simple_tag
def trend(kind: str, text: str) -> SafeString:
    """Show a change: the arrow by its sign, colour and word by kind (TREND_WORDS)."""
    said = str(text)
    arrow = {"+": "arrow-up", "-": "arrow-down", "−": "arrow-down"}.get(said[:1], "arrow-right")
    return format_html(
        '<span class="trend" data-trend="{}">{}{} <span class="trend-word">{}</span></span>',
        kind,
        icon(arrow),
        conditional_escape(said),
        TREND_WORDS[kind],
    )
