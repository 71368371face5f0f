"""The process on pages: § with a number becomes a link to the clause in force (§1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from audits.clauses import ClauseChange, linked, mentions_clauses
from audits.models import ProcessEventKind
from audits.register import clause_links
from staff.templatetags.look import icon
from tickets.comparing import Piece

register = template.Library()
KEPT = "_clause_links"
ICONS = {
    ProcessEventKind.BEGUN: "edit",
    ProcessEventKind.PUBLISHED: "checks",
    ProcessEventKind.FILED: "flag",
    ProcessEventKind.REVIEWED: "eye",
    ProcessEventKind.ADOPTED: "check",
    ProcessEventKind.DECLINED: "close",
    ProcessEventKind.WITHDRAWN: "undo",
    ProcessEventKind.REPORTED_UP: "alert",
}


class Known(NamedTuple):
    """What a process knows of the clauses in a language, since when, and for which day."""

    at: datetime
    day: date
    links: Mapping[str, tuple[str, str]]


_known: dict[str | None, Known] = {}


class ClausesNode(template.Node):
    """What stands between the tags, with its clauses as links; a page without § asks the database nothing."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        markup = self.nodelist.render(context)
        request = context.get("request")
        if not mentions_clauses(markup) or request is None:
            return markup
        return SafeString(linked(markup, _links(request)))


@register.tag
def clauses(parser: Parser, token: Token) -> ClausesNode:
    """Write `{% clauses %}…{% endclauses %}` around markup that names clauses."""
    nodelist = parser.parse(("endclauses",))
    parser.delete_first_token()
    return ClausesNode(nodelist)


@register.simple_tag
def process_icon(kind: str) -> str:
    """The icon of an entry of the history."""
    return icon(ICONS[ProcessEventKind(kind)])


@register.filter
def pieces_of(change: ClauseChange, field: str) -> list[Piece]:
    """One field of a changed clause, word by word."""
    return change.pieces(field)


def _links(request: HttpRequest) -> Mapping[str, tuple[str, str]]:
    """The clauses in force, asked for once a page and seldom at all; a client's contact may not read them."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.is_contact:
        return {}
    if not hasattr(request, KEPT):
        setattr(request, KEPT, _in_force(timezone.now(), get_language()))
    found: Mapping[str, tuple[str, str]] = getattr(request, KEPT)
    return found


def _in_force(now: datetime, language: str | None) -> Mapping[str, tuple[str, str]]:
    """The clauses in force, or those of `CLAUSE_LINKS_KEPT` ago at most: versions are published rarely."""
    day = timezone.localdate(now)
    known = _known.get(language)
    if known is None or known.day != day or now - known.at >= settings.CLAUSE_LINKS_KEPT:
        known = _known[language] = Known(now, day, clause_links(day))
    return known.links
