"""Audits through the REST interface: begun, drawn, looked at, reported, stated, closed (§4.1.1)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audits import actions
from audits.actions import Said
from audits.api.base import AuditSet, Here, OfGroupQuery, words
from audits.api.shapes import AuditSerializer, AuditWholeSerializer
from audits.kinds import AuditKind, AuditState, FindingKind, Result
from audits.models import Audit, PlannedAudit
from duty.api.shapes import in_path, maybe
from staff.rest import Strict
from staff.restnames import chosen


class AuditQuery(OfGroupQuery):
    state = serializers.ChoiceField(AuditState.choices, required=False)
    kind = serializers.ChoiceField(AuditKind.choices, required=False)


class BeginAuditBody(Strict):
    """A planned one by its id, or an unplanned one by kind and group or system."""

    planned = serializers.IntegerField(required=False, allow_null=True, default=None)
    kind = serializers.ChoiceField(AuditKind.choices, required=False, default="", allow_blank=True)
    group = maybe(50, help_text=_("The code of a group."))
    system = serializers.IntegerField(required=False, allow_null=True, default=None)


class DrawBody(Strict):
    """Of the records closed in a period; an empty seed is drawn too."""

    since = serializers.DateField()
    until = serializers.DateField()
    size = serializers.IntegerField(min_value=1, max_value=100)
    seed = maybe(32)


class LookedAtBody(Strict):
    check = serializers.IntegerField(help_text=_("The id of a check of this audit."))
    result = serializers.ChoiceField(Result.choices, allow_blank=True)
    note = maybe(1000)


class LookBody(Strict):
    checks = LookedAtBody(many=True, min_length=1, max_length=200)


class ReportAuditBody(Strict):
    conclusion = words()


class StatementBody(Strict):
    statement = words()


class CloseAuditBody(Strict):
    """Nothing to say."""


class RaiseBody(Strict):
    kind = serializers.ChoiceField(FindingKind.choices)
    title = serializers.CharField(max_length=200)
    details = words(required=False, default="", allow_blank=True)
    check = serializers.IntegerField(required=False, allow_null=True, default=None)
    client = maybe(50, help_text=_("The code of a client."))
    owner = maybe(150, help_text=_("A user name."))
    due_on = serializers.DateField(required=False, allow_null=True, default=None)


AUDITS = Here(
    "audits",
    AuditSerializer,
    in_path("audit", _("The audit's id.")),
    whole=AuditWholeSerializer,
    tag="quality",
)


class AuditViewSet(AuditSet):
    lookup_field = "audit"
    of = AUDITS

    @AUDITS.listed(_("Quality audits, newest first"), AuditQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(AuditQuery)
        named = {name: query[name] for name in ("state", "kind") if name in query}
        return self.listed(self.of_group(self.rows(), query).filter(**named), query)

    @AUDITS.read(_("One audit with its sample, what was looked at, and its history"))
    def retrieve(self, request: Request, audit: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @AUDITS.made(_("Begin an audit"), BeginAuditBody, {"kind": "process", "group": "south"})
    def create(self, data: dict[str, Any], **who: Any) -> Audit:
        if data["planned"] is not None:
            seen = PlannedAudit.objects.visible_to(self.request.user)
            return actions.begin_audit(planned=chosen(seen.filter(pk=data["planned"]), "planned"), **who)
        group = self.group_named(data) if data["group"] else None
        return actions.begin_audit(kind=data["kind"], group=group, system=self.system(data), **who)

    @AUDITS.verb(
        _("Draw the sample of records, once; seed and population are kept"),
        DrawBody,
        {"since": "2020-01-01", "until": "2026-11-23", "size": 2, "seed": "2026-Q4"},
    )
    def draw(self, audit: Audit, data: dict[str, Any], **who: Any) -> Audit:
        return actions.draw_sample(audit, **data, **who)

    @AUDITS.verb(
        _("Write down what was seen of some items; all or none"),
        LookBody,
        {"checks": [{"check": 1, "result": "conforms"}]},
    )
    def look(self, audit: Audit, data: dict[str, Any], **who: Any) -> Audit:
        pks = [each["check"] for each in data["checks"]]
        known = set(audit.checks.filter(pk__in=pks).values_list("pk", flat=True))
        for pk in pks:
            chosen([pk] if pk in known else [], "checks")
        said = {each["check"]: Said(each["result"], each["note"]) for each in data["checks"]}
        return actions.look_at(audit, said, **who)

    @AUDITS.verb(
        _("Raise a finding"),
        RaiseBody,
        {"kind": "danger", "title": "No restore was ever tried", "owner": "chen"},
    )
    def find(self, audit: Audit, data: dict[str, Any], **who: Any) -> Audit:
        check = None
        if data["check"] is not None:
            related = ("sampled__ticket__client", "sampled__ticket__system__client")
            check = chosen(audit.checks.filter(pk=data["check"]).select_related(*related), "check")
        facts = {name: data[name] for name in ("kind", "title", "details", "due_on")}
        actions.raise_finding(
            audit,
            **facts,
            check=check,
            client=self.client(data),
            owner=self.person(data, "owner"),
            **who,
        )
        return audit

    @AUDITS.verb(
        _("Report it to the audited group; what is missing is named"),
        ReportAuditBody,
        {"conclusion": "In order"},
    )
    def report(self, audit: Audit, data: dict[str, Any], **who: Any) -> Audit:
        return actions.report_audit(audit, **data, **who)

    @AUDITS.verb(_("Make the group's statement, as its superior"), StatementBody, {"statement": "We agree"})
    def state(self, audit: Audit, data: dict[str, Any], **who: Any) -> Audit:
        return actions.state_statement(audit, **data, **who)

    @AUDITS.verb(_("Close it: stated, and every finding verified"), CloseAuditBody, {})
    def close(self, audit: Audit, data: dict[str, Any], **who: Any) -> Audit:
        return actions.close_audit(audit, **who)

    def rows(self) -> QuerySet[Audit]:
        return Audit.objects.visible_to(self.request.user).with_names().select_related("stated_by")
