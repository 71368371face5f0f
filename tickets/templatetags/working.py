"""How the working tools are put into words: mentions, time spent, differences."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from staff.templatetags.look import UNITS
from tickets.comparing import Change, Piece
from tickets.mentions import split
from tickets.models import Entry

register = template.Library()

MINUS = "\u2212"
VOICES = {Change.ADDED: _("added:"), Change.REMOVED: _("removed:")}
TAGS = {Change.ADDED: "ins", Change.REMOVED: "del"}


@register.simple_tag
def entry_text(entry: Entry) -> SafeString:
    """An entry's text with whom it mentions marked; line ends are kept by CSS."""
    mentioned = entry.changes.get("mentioned")
    if not mentioned:
        return conditional_escape(entry.text)
    parts = (
        format_html('<span class="mention" title="{}">{}</span>', _username(mentioned, part), part)
        if is_mention
        else part
        for part, is_mention in split(entry.text, list(mentioned))
    )
    return format_html_join("", "{}", ((part,) for part in parts))


@register.simple_tag
def spent(minutes: int) -> str:
    """Minutes as hours and minutes: a day of work has not 24 hours, so never in days."""
    hours, rest = divmod(abs(minutes), 60)
    parts = [(hours, "h")] if hours else []
    parts += [(rest, "m")] if rest or not hours else []
    words = " ".join(str(UNITS[unit]) % {"n": amount} for amount, unit in parts)
    return f"{MINUS}{words}" if minutes < 0 else words


@register.simple_tag
def pieces(found: Iterable[Piece]) -> SafeString:
    """A text with what was added and removed marked, for eyes and for screen readers."""
    return format_html_join("", "{}", ((_piece(piece),) for piece in found))


def _piece(piece: Piece) -> SafeString | str:
    if piece.change == Change.SAME:
        return piece.text
    tag, voice = SafeString(TAGS[piece.change]), VOICES[piece.change]
    shape = '<{}><span class="visually-hidden">{} </span>{}</{}>'
    return format_html(shape, tag, voice, piece.text, tag)


def _username(mentioned: dict[str, str], part: str) -> str:
    handle = part[1:]
    return f"@{mentioned[handle]}" if handle in mentioned else gettext("mentioned")
