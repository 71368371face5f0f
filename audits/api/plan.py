"""The year's plan through the REST interface (§4.1.1)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audits import actions
from audits.api.base import AuditSet, Here, OfGroupQuery, words
from audits.api.shapes import PlannedAuditSerializer
from audits.kinds import AuditKind, PlanState
from audits.models import PlannedAudit
from duty.api.shapes import in_path, maybe
from staff.rest import Strict


class PlanQuery(OfGroupQuery):
    year = serializers.IntegerField(required=False, min_value=2000, max_value=2100)
    state = serializers.ChoiceField(PlanState.choices, required=False)
    kind = serializers.ChoiceField(AuditKind.choices, required=False)


class PlanAuditBody(Strict):
    """Process and documents are audited of a group, software and hardware of a system."""

    kind = serializers.ChoiceField(AuditKind.choices)
    group = maybe(50, help_text=_("The code of a group."))
    system = serializers.IntegerField(required=False, allow_null=True, default=None)
    planned_on = serializers.DateField()
    auditor = maybe(150, help_text=_("A user name."))
    note = maybe(300)


class MovePlannedBody(Strict):
    planned_on = serializers.DateField()
    auditor = maybe(150, help_text=_("A user name."))
    note = maybe(300)


class DropPlannedBody(Strict):
    reason = words()


PLANNED = Here(
    "planned_audits", PlannedAuditSerializer, in_path("planned", _("The planned audit's id.")), tag="quality"
)


class PlannedAuditViewSet(AuditSet):
    lookup_field = "planned"
    of = PLANNED

    @PLANNED.listed(_("Planned audits, newest first"), PlanQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(PlanQuery)
        named = {name: query[name] for name in ("year", "state", "kind") if name in query}
        return self.listed(self.of_group(self.rows(), query).filter(**named), query)

    @PLANNED.read(_("One planned audit"))
    def retrieve(self, request: Request, planned: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @PLANNED.made(
        _("Plan an audit"),
        PlanAuditBody,
        {"kind": "process", "group": "south", "planned_on": "2099-12-01", "auditor": "zhou"},
    )
    def create(self, data: dict[str, Any], **who: Any) -> PlannedAudit:
        group = self.group_named(data) if data["group"] else None
        return actions.plan_audit(
            kind=data["kind"],
            group=group,  # type: ignore[arg-type]
            system=self.system(data),
            planned_on=data["planned_on"],
            auditor=self.person(data, "auditor"),
            note=data["note"],
            **who,
        )

    @PLANNED.verb(
        _("Move a planned audit, or give it to an auditor"), MovePlannedBody, {"planned_on": "2099-12-02"}
    )
    def change(self, planned: PlannedAudit, data: dict[str, Any], **who: Any) -> PlannedAudit:
        return actions.change_planned(
            planned,
            planned_on=data["planned_on"],
            auditor=self.person(data, "auditor"),
            note=data["note"],
            **who,
        )

    @PLANNED.verb(
        _("Take it out of the plan for a reason"), DropPlannedBody, {"reason": "Merged with another"}
    )
    def drop(self, planned: PlannedAudit, data: dict[str, Any], **who: Any) -> PlannedAudit:
        return actions.drop_planned(planned, **data, **who)

    def rows(self) -> QuerySet[PlannedAudit]:
        return PlannedAudit.objects.visible_to(self.request.user).with_names()
