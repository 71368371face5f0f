"""Records that are tied together, through the REST interface."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from staff.models import User
from staff.rest import ListQuery, page_of
from tickets import actions, bodies, serializers
from tickets.models import Ticket
from tickets.related import BY_NAME, tie_of, ties
from tickets.restverbs import BY_NUMBER, verb
from tickets.search import number_in


class LinkVerbs:
    """The addresses of a record that have to do with another one."""

    @extend_schema(
        operation_id="tickets_links",
        summary=_("What a record is tied to, the oldest link first"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ListQuery],
        responses=page_of(serializers.LinkSerializer, "LinkPage"),
    )
    @action(detail=True, methods=["get"])
    def links(self, request: Request, id: str) -> Response:
        query, ticket = self.asked(ListQuery), self.record()
        rows = ties(ticket, request.user).select_related("record", "other", "by")
        return self.page(
            rows,
            query,
            order="pk",
            shown=lambda found: (
                serializers.LinkSerializer(
                    [tie_of(link, ticket) for link in found], many=True, context=self._context()
                ).data
            ),
        )

    @verb(
        _("Tie it to another record"),
        bodies.LinkBody,
        {"other": "T-10233", "relation": "related", "reason": "Same rack"},
    )
    def link(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        other, kind = _named(data, "other", who["by"]), BY_NAME[data["relation"]]
        return actions.link(ticket, other=other, kind=kind, reason=data.get("reason", ""), **who)

    @verb(
        _("Take a tie away that was made by hand or by the rule for repeats"),
        bodies.LinkBody,
        {"other": "T-10233", "relation": "related", "reason": "Another rack after all"},
    )
    def unlink(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        other, kind = _named(data, "other", who["by"]), BY_NAME[data["relation"]]
        return actions.unlink(ticket, other=other, kind=kind, reason=data.get("reason", ""), **who)

    @verb(
        _("Merge it, a duplicate, into the record that answers for it"),
        bodies.MergeBody,
        {"into": "T-10233", "text": "The same client called twice"},
    )
    def merge(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        into = _named(data, "into", who["by"])
        return actions.merge(ticket, into=into, text=data.get("text", ""), **who)

    @verb(_("Undo a merge; the time meanwhile counts"), bodies.UnmergeBody, {"reason": "Another printer"})
    def unmerge(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return actions.unmerge(ticket, reason=data["reason"], **who)

    @verb(
        _("Make a second record of a second matter; the answer is the new record"),
        bodies.SplitBody,
        {"title": "The label printer prints askew", "text": "Third floor"},
    )
    def split(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        since = None
        if data.get("since") is not None:
            told = ticket.entries.visible_to(who["by"]).filter(pk=data["since"])
            since = bodies.chosen(told, "since")
        return actions.split(ticket, title=data["title"], text=data.get("text", ""), since=since, **who)

    @verb(_("Put another record under this mass fault"), bodies.AdoptBody, {"child": "T-10233"})
    def adopt(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return actions.adopt(ticket, child=_named(data, "child", who["by"]), **who)


def _named(data: dict[str, Any], field: str, user: User) -> Ticket:
    """The other record that a body names: one that the token's owner may see, else there is none."""
    return bodies.chosen(Ticket.objects.visible_to(user).filter(pk=number_in(data[field])), field)
