"""Plans of callbacks, and what was drawn, through the REST interface."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from duty.api.shapes import in_path
from staff.rest import ListQuery, Strict
from tickets.models import Ticket
from visits import actions
from visits.api.base import CallbackSet, Here
from visits.api.shapes import CallbackDrawSerializer, CallbackPlanSerializer
from visits.kinds import Drawing
from visits.models import CallbackPlan, FaultDraw
from visits.models.plan import MOST_DAYS
from visits.planning import Unit


def _number(least: int, most: int) -> serializers.IntegerField:
    return serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=least, max_value=most
    )


def _unit() -> serializers.ChoiceField:
    return serializers.ChoiceField(Unit.choices, required=False, allow_null=True, default=None)


class ChangeCallbackPlanBody(Strict):
    """What is not sent stays as it is."""

    phone_every = _number(0, 60)
    phone_unit = _unit()
    phone_within = _number(1, MOST_DAYS)
    site_every = _number(0, 60)
    site_unit = _unit()
    site_within = _number(1, MOST_DAYS)
    share_one = _number(0, 100)
    limit_one = _number(1, MOST_DAYS)
    share_two = _number(0, 100)
    limit_two = _number(1, MOST_DAYS)
    share_three = _number(0, 100)
    limit_three = _number(1, MOST_DAYS)
    gap_days = _number(0, MOST_DAYS)
    close_days = _number(0, MOST_DAYS)
    tries = _number(1, 9)
    phase_months = _number(1, 24)


class DrawQuery(ListQuery):
    outcome = serializers.ChoiceField(Drawing.choices, required=False)


PLANS = Here("callback_plans", CallbackPlanSerializer, in_path("plan", _("The plan's id.")))
DRAWS = Here("callback_draws", CallbackDrawSerializer, in_path("draw", _("The drawing's id.")))


class PlanViewSet(CallbackSet):
    lookup_field = "plan"
    order = "pk"
    of = PLANS

    @PLANS.listed(_("How clients of each type are called back"), ListQuery)
    def list(self, request: Request) -> Response:
        return self.listed(self.rows(), self.asked(ListQuery))

    @PLANS.read(_("One plan"))
    def retrieve(self, request: Request, plan: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @PLANS.verb(
        _("Change a plan; what is planned already stays"),
        ChangeCallbackPlanBody,
        {"phone_every": 2, "share_three": 30},
    )
    def change(self, plan: CallbackPlan, data: dict[str, Any], **who: Any) -> CallbackPlan:
        if not actions.may_plan(who["by"]):
            raise PermissionDenied
        return actions.change_plan(plan, data, **who)

    def rows(self) -> QuerySet[CallbackPlan]:
        return CallbackPlan.objects.select_related("type")


class DrawViewSet(CallbackSet):
    lookup_field = "draw"
    of = DRAWS

    @DRAWS.listed(_("What became of solved faults when callbacks were drawn, newest first"), DrawQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(DrawQuery)
        rows = self.rows()
        if "outcome" in query:
            rows = rows.filter(outcome=query["outcome"])
        return self.listed(rows, query)

    def rows(self) -> QuerySet[FaultDraw]:
        seen = Ticket.objects.visible_to(self.request.user)
        return FaultDraw.objects.filter(ticket__in=seen).select_related("ticket")
