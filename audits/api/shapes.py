"""What the REST interface shows of plans, audits and findings."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from audits.actions import missing_of
from audits.kinds import AuditKind, AuditState, EventKind, FindingKind, FindingState, PlanState, Result
from audits.models import Audit, Check, Finding, FindingOrder, PlannedAudit
from staff.rest import Coded, Moment, Named, Person


class AuditEventSerializer(serializers.Serializer):
    """An entry of a history. By nobody: the clock did it."""

    kind = serializers.ChoiceField(EventKind.choices)
    at = Moment()
    by = Person(allow_null=True)
    text = serializers.CharField()


class PlannedAuditSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    year = serializers.IntegerField()
    kind = serializers.ChoiceField(AuditKind.choices)
    group = Coded()
    system = Named(allow_null=True)
    turn = serializers.IntegerField(help_text=_("Which of the same in the year, from 1."))
    planned_on = serializers.DateField()
    auditor = Person(allow_null=True)
    note = serializers.CharField()
    state = serializers.ChoiceField(PlanState.choices)
    is_missed = serializers.SerializerMethodField()
    dropped_because = serializers.CharField()
    audit = serializers.SerializerMethodField(help_text=_("The id of the audit, once it is begun."))
    version = serializers.IntegerField(help_text=_("Rises with every change; it is the ETag too."))

    def get_is_missed(self, planned: PlannedAudit) -> bool:
        return planned.is_missed(timezone.localdate())

    def get_audit(self, planned: PlannedAudit) -> int | None:
        found = getattr(planned, "audit", None)
        return found.pk if found else None


class AuditSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    kind = serializers.ChoiceField(AuditKind.choices)
    group = Coded()
    system = Named(allow_null=True)
    checklist_version = serializers.IntegerField(source="checklist.number")
    auditor = Person()
    begun_at = Moment()
    state = serializers.ChoiceField(AuditState.choices)
    state_label = serializers.CharField(source="get_state_display")
    reported_at = Moment(allow_null=True)
    closed_at = Moment(allow_null=True)
    version = serializers.IntegerField(help_text=_("Rises with every change; it is the ETag too."))


class AuditCheckSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    line = serializers.IntegerField(source="item.line", help_text=_("The same in all versions."))
    text = serializers.CharField(source="item.label")
    record = serializers.SerializerMethodField(help_text=_("The sampled record; none: of the audit."))
    result = serializers.ChoiceField([("", ""), *Result.choices])
    note = serializers.CharField()
    by = Person(allow_null=True)
    at = Moment(allow_null=True)

    def get_record(self, check: Check) -> str | None:
        return f"T-{check.sampled.ticket_id}" if check.sampled else None


class SampleSerializer(serializers.Serializer):
    """What the sample was drawn from: whoever draws again with the seed gets the same."""

    seed = serializers.CharField()
    since = serializers.DateField(source="sample_from")
    until = serializers.DateField(source="sample_until")
    size = serializers.IntegerField(source="sample_size")
    population = serializers.IntegerField(source="population_size")
    population_sha256 = serializers.CharField(source="population_digest")
    strata = serializers.JSONField(
        help_text=_("Of each grade (0: none) how many there were, and how many drawn.")
    )
    records = serializers.SerializerMethodField()

    def get_records(self, audit: Audit) -> list[str]:
        return [f"T-{pk}" for pk in audit.sampled.order_by("place").values_list("ticket", flat=True)]


class AuditWholeSerializer(AuditSerializer):
    """With its sample, what was looked at, and its history."""

    sample = serializers.SerializerMethodField()
    checks = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField(help_text=_("Ids of its findings."))
    conclusion = serializers.CharField()
    statement = serializers.CharField()
    statement_due_at = Moment(allow_null=True)
    stated_at = Moment(allow_null=True)
    stated_by = Person(allow_null=True)
    history = serializers.SerializerMethodField()

    def get_sample(self, audit: Audit) -> dict[str, Any] | None:
        return SampleSerializer(audit).data if audit.drawn_at else None

    def get_checks(self, audit: Audit) -> list[dict[str, Any]]:
        rows = audit.checks.select_related("item", "sampled", "by").order_by(
            "sampled__place", "item__position"
        )
        return AuditCheckSerializer(rows, many=True, context=self.context).data

    def get_findings(self, audit: Audit) -> list[int]:
        return list(audit.findings.order_by("pk").values_list("pk", flat=True))

    def get_history(self, audit: Audit) -> list[dict[str, Any]]:
        return AuditEventSerializer(audit.events.select_related("by"), many=True, context=self.context).data


class FindingOrderSerializer(serializers.Serializer):
    round = serializers.IntegerField()
    record = serializers.SerializerMethodField(help_text=_("The maintenance record's number."))
    corrective_action = serializers.IntegerField(source="corrective_id", allow_null=True)
    at = Moment()
    by = Person()

    def get_record(self, order: FindingOrder) -> str | None:
        return f"T-{order.ticket_id}" if order.ticket_id else None


class FindingSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    audit = serializers.IntegerField(source="audit_id")
    kind = serializers.ChoiceField(FindingKind.choices)
    title = serializers.CharField()
    state = serializers.ChoiceField(FindingState.choices)
    state_label = serializers.CharField(source="get_state_display")
    round = serializers.IntegerField()
    group = Coded()
    client = Coded(allow_null=True)
    owner = Person(allow_null=True)
    raised_at = Moment()
    due_on = serializers.DateField()
    due_at = Moment(allow_null=True, help_text=_("By when the next step is due."))
    is_overdue = serializers.SerializerMethodField()
    over_at = Moment(allow_null=True)
    version = serializers.IntegerField(help_text=_("Rises with every change; it is the ETag too."))

    def get_is_overdue(self, finding: Finding) -> bool:
        return finding.is_overdue(timezone.now())


class FindingWholeSerializer(FindingSerializer):
    """With what was opened of it, what is missing before it can be closed, and its history."""

    details = serializers.CharField()
    record = serializers.SerializerMethodField(help_text=_("The sampled record that it was raised of."))
    orders = FindingOrderSerializer(many=True)
    missing = serializers.SerializerMethodField(
        help_text=_("What stands in the way of closing it; in words.")
    )
    answer = serializers.CharField()
    answered_at = Moment(allow_null=True)
    answered_by = Person(allow_null=True)
    verification = serializers.CharField()
    verified_at = Moment(allow_null=True)
    verified_by = Person(allow_null=True)
    withdrawn_because = serializers.CharField()
    history = serializers.SerializerMethodField()

    def get_record(self, finding: Finding) -> str | None:
        return f"T-{finding.ticket_id}" if finding.ticket_id else None

    def get_missing(self, finding: Finding) -> str:
        return missing_of(finding) if finding.is_open else ""

    def get_history(self, finding: Finding) -> list[dict[str, Any]]:
        return AuditEventSerializer(finding.events.select_related("by"), many=True, context=self.context).data
