"""A supervisor's word on a span; and whom a span of duty suits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from duty import actions
from duty.actions.common import check_span
from duty.api.addresses import Addresses, HouseView, RosterViewSet
from duty.api.shapes import (
    BY_GROUP,
    DutySpan,
    HeldQuery,
    Instant,
    NothingBody,
    SpanBody,
    duty,
    group_code,
    maybe,
    not_ended,
    username,
)
from duty.candidates import candidates
from duty.models import DutyRole, Override, OverrideKind
from duty.roster import Span
from duty.suitability import Misfit
from staff.models import User
from staff.refused import Refused
from staff.rest import Coded, Moment, Person, QueryInvalid, Strict
from staff.restaddresses import in_path
from staff.restnames import person_named


class ChangeSerializer(DutySpan):
    """Somebody put on duty, replaced or taken off it for a span."""

    id = serializers.IntegerField(source="pk")
    group = Coded()
    kind = serializers.ChoiceField(OverrideKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    person = Person(source="user", allow_null=True, help_text=_("Who comes."))
    instead_of = Person(allow_null=True, help_text=_("Null: whoever has the duty."))
    reason = serializers.CharField()
    ended_at = Moment(allow_null=True, help_text=_("When it was taken back."))


class ChangeBody(SpanBody):
    group = group_code()
    kind = serializers.ChoiceField(OverrideKind.choices)
    duty = duty(default=DutyRole.PRIMARY)
    person = username(required=False, allow_null=True, default=None, help_text=_("Who comes: a user name."))
    instead_of = username(
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Only where this person has the duty. Empty: whoever has it."),
    )
    reason = maybe(200)


CHANGES = Addresses("changes", ChangeSerializer, in_path("change", _("The change's id.")))


class ChangeViewSet(RosterViewSet):
    lookup_field = "change"
    of = CHANGES

    @CHANGES.listed(_("Changes that hold or will, newest first"), HeldQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(HeldQuery)
        since = query.get("since", timezone.now())
        rows = self.rows().filter(group__in=self.groups(query), ends_at__gt=since)
        return self.listed(rows.filter(not_ended(since)), query)

    @CHANGES.read(_("One change"))
    def retrieve(self, request: Request, change: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @CHANGES.made(
        _("Put somebody on duty, replace somebody, or take somebody off"),
        ChangeBody,
        {
            "group": "south",
            "kind": "replace",
            "person": "chen",
            "starts_at": "2026-12-09T12:00:00+08:00",
            "ends_at": "2026-12-09T18:00:00+08:00",
            "reason": "At the dentist",
        },
    )
    def create(self, data: dict[str, Any], **who: Any) -> Override:
        return actions.place_override(
            self.group_named(data),
            OverrideKind(data["kind"]),
            DutyRole(data["duty"]),
            data["starts_at"],
            data["ends_at"],
            user=self._person(data, "person"),
            instead_of=self._person(data, "instead_of"),
            reason=data["reason"],
            **who,
        )

    @CHANGES.verb(_("Take a change back: from now on the plan below holds"), NothingBody, {})
    def end(self, change: Override, data: dict[str, Any], **who: Any) -> Override:
        actions.end_override(change, **who)
        return change

    def rows(self) -> QuerySet[Override]:
        seen = Override.objects.filter(group__in=self.groups({}))
        return seen.select_related("group", "user", "instead_of")

    def _person(self, data: dict[str, Any], field: str) -> User | None:
        name = data[field]
        return None if name is None else person_named(name, field, seen_by=self.request.user)


class SuitedSerializer(serializers.Serializer):
    """Somebody of the group as the holder of a duty."""

    person = Person()
    misfit = serializers.ChoiceField(
        [(one.value, one.value) for one in Misfit], allow_null=True, help_text=_("Null: it suits.")
    )
    why = serializers.CharField(help_text=_("What is wrong, in words; empty where nothing is."))


class SuitedList(serializers.Serializer):
    results = SuitedSerializer(many=True)


class SuitedQuery(Strict):
    duty = duty(default=DutyRole.PRIMARY)
    starts_at = Instant(required=False, help_text=_("Empty: now."))
    ends_at = Instant(required=False, help_text=_("Empty: a day after the start."))


class CandidatesView(HouseView):
    @extend_schema(
        operation_id="duty_candidates",
        summary=_("Whom a span of duty suits, and what is wrong with the others"),
        tags=["roster"],
        parameters=[BY_GROUP, SuitedQuery],
        responses=SuitedList,
    )
    def get(self, request: Request, group: str) -> Response:
        query, now = self.asked(SuitedQuery), timezone.now()
        (found,) = self.groups({"group": group})
        if not actions.may_roster(found, request.user):
            raise PermissionDenied
        starts_at = query.get("starts_at", now)
        ends_at = query.get("ends_at", starts_at + timedelta(days=1))
        try:
            check_span(starts_at, ends_at, now)
        except Refused as refused:
            raise QueryInvalid({refused.field: [refused.message]}) from None
        suited = candidates(found, DutyRole(query["duty"]), Span(max(starts_at, now), ends_at))
        return Response(SuitedList({"results": suited}, context=self.shown_to).data)
