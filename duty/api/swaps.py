"""Swaps and cover: asked for, taken, withdrawn, undone; and one's wishes for days."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from duty import actions
from duty.actions import Duty
from duty.api.addresses import Addresses, HouseView, RosterViewSet
from duty.api.shapes import (
    BY_DAY,
    DutySpan,
    HeldQuery,
    NothingBody,
    SpanBody,
    duty,
    maybe,
    username,
)
from duty.models import DutyRole, SwapRequest, SwapState, Wish, WishKind
from staff.rest import Coded, ListQuery, Moment, Person, Strict, checked, page_of
from staff.restaddresses import in_path
from staff.restnames import person_named

WHOSE = [("mine", _("What I asked for")), ("to_me", _("What I may take"))]


class SwapSerializer(DutySpan):
    """Somebody asks to be relieved of a duty. Only once it is taken does it change who is on duty."""

    id = serializers.IntegerField(source="pk")
    group = Coded()
    person = Person(source="user", help_text=_("Whose duty it is."))
    asked = Person(allow_null=True, help_text=_("Null: anybody."))
    back = DutySpan(allow_null=True, help_text=_("What is given for it: a swap. Null: cover."))
    reason = serializers.CharField()
    state = serializers.ChoiceField(SwapState.choices)
    state_label = serializers.CharField(source="get_state_display")
    is_past_due = serializers.SerializerMethodField(help_text=_("It has begun, and nobody took it."))
    taker = Person(allow_null=True)
    taken_at = Moment(allow_null=True)

    def get_is_past_due(self, swap: SwapRequest) -> bool:
        return swap.is_past_due(timezone.now())


class SwapQuery(HeldQuery):
    state = serializers.ChoiceField(SwapState.choices, required=False)
    whose = serializers.ChoiceField(WHOSE, required=False)


class DutyBody(SpanBody):
    duty = duty(default=DutyRole.PRIMARY)


class SwapBody(DutyBody):
    """A duty of one's own, or a part of it."""

    asked = username(
        required=False, allow_null=True, default=None, help_text=_("Whom one asks. Empty: anybody.")
    )
    back = DutyBody(
        required=False,
        allow_null=True,
        default=None,
        help_text=_("A duty of the person asked that one takes for it. Empty: one asks for cover."),
    )
    reason = maybe(200)


SWAPS = Addresses("swaps", SwapSerializer, in_path("swap", _("The request's id.")))


class SwapViewSet(RosterViewSet):
    lookup_field = "swap"
    of = SWAPS

    @SWAPS.listed(_("Requests for swaps and cover, newest first"), SwapQuery)
    def list(self, request: Request) -> Response:
        query, now = self.asked(SwapQuery), timezone.now()
        since, whose = query.get("since", now), query.get("whose")
        rows = self.rows().filter(Q(ends_at__gt=since) | Q(back_ends_at__gt=since))
        if "group" in query:
            rows = rows.filter(group__in=self.groups(query))
        if "state" in query:
            rows = rows.filter(state=query["state"])
        if whose == "mine":
            rows = rows.filter(user=request.user)
        elif whose == "to_me":
            rows = rows.asked_of(request.user, now)
        return self.listed(rows, query)

    @SWAPS.read(_("One request"))
    def retrieve(self, request: Request, swap: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @SWAPS.made(
        _("Ask to be relieved of a duty, by anybody, by a colleague, or for a duty of his"),
        SwapBody,
        {
            "starts_at": "2026-12-20T12:00:00+08:00",
            "ends_at": "2026-12-21T12:00:00+08:00",
            "asked": "wang",
            "reason": "A wedding",
        },
    )
    def create(self, data: dict[str, Any], **who: Any) -> SwapRequest:
        asked, back = data["asked"], data["back"]
        return actions.ask_swap(
            _duty(data),
            asked=None if asked is None else person_named(asked, "asked", seen_by=who["by"]),
            back=None if back is None else _duty(back),
            reason=data["reason"],
            **who,
        )

    @SWAPS.verb(_("Take what a colleague asks for"), NothingBody, {})
    def take(self, swap: SwapRequest, data: dict[str, Any], **who: Any) -> SwapRequest:
        return actions.take_swap(swap, **who)

    @SWAPS.verb(_("Say no to what was asked of oneself"), NothingBody, {})
    def decline(self, swap: SwapRequest, data: dict[str, Any], **who: Any) -> SwapRequest:
        return actions.decline_swap(swap, **who)

    @SWAPS.verb(_("Ask no longer"), NothingBody, {})
    def withdraw(self, swap: SwapRequest, data: dict[str, Any], **who: Any) -> SwapRequest:
        return actions.withdraw_swap(swap, **who)

    @SWAPS.verb(_("Undo a swap that was taken, for what lies ahead"), NothingBody, {})
    def undo(self, swap: SwapRequest, data: dict[str, Any], **who: Any) -> SwapRequest:
        return actions.undo_swap(swap, **who)

    def rows(self) -> QuerySet[SwapRequest]:
        seen = SwapRequest.objects.visible_to(self.request.user)
        return seen.select_related("group", "user", "asked", "taker")


def _duty(data: dict[str, Any]) -> Duty:
    return Duty(DutyRole(data["duty"]), data["starts_at"], data["ends_at"])


class WishSerializer(serializers.Serializer):
    """What somebody would like of a day."""

    day = serializers.DateField()
    kind = serializers.ChoiceField(WishKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")


class WishBody(Strict):
    kind = serializers.ChoiceField(WishKind.choices)


class WishesView(HouseView):
    @extend_schema(
        operation_id="wishes_list",
        summary=_("My wishes for days ahead"),
        tags=["roster"],
        parameters=[ListQuery],
        responses=page_of(WishSerializer, "WishPage"),
    )
    def get(self, request: Request) -> Response:
        return self.page(
            Wish.objects.visible_to(request.user).filter(day__gt=timezone.localdate()),
            self.asked(ListQuery),
            order="-pk",
            shown=lambda found: WishSerializer(found, many=True).data,
        )


class WishView(HouseView):
    http_method_names = ("put", "delete")

    @extend_schema(
        operation_id="wishes_set",
        summary=_("Say that one would like to be on duty on a day, or rather not"),
        tags=["roster"],
        parameters=[BY_DAY],
        request=WishBody,
        responses=WishSerializer,
        examples=[OpenApiExample("wish", value={"kind": "avoided"}, request_only=True)],
    )
    def put(self, request: Request, day: str) -> Response:
        kind = WishKind(checked(WishBody, request.data)["kind"])
        wish = actions.wish_for(_date(day), kind, by=request.user, today=timezone.localdate())
        return Response(WishSerializer(wish).data)

    @extend_schema(
        operation_id="wishes_remove",
        summary=_("Take a wish back"),
        tags=["roster"],
        parameters=[BY_DAY],
        responses={204: None},
    )
    def delete(self, request: Request, day: str) -> Response:
        actions.wish_for(_date(day), None, by=request.user, today=timezone.localdate())
        return Response(status=204)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
