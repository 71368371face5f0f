"""Findings through the REST interface: ordered, answered, verified (§4.1.1)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audits import actions
from audits.api.base import AuditSet, Here, OfGroupQuery, words
from audits.api.shapes import FindingSerializer, FindingWholeSerializer
from audits.filters import FINDING_QUEUES, findings_asked
from audits.kinds import FindingKind
from audits.models import Finding
from duty.api.shapes import in_path, maybe
from staff.rest import Strict


class FindingQuery(OfGroupQuery):
    """Without a state: what is not closed."""

    state = serializers.ChoiceField(list(FINDING_QUEUES.items()), required=False)
    kind = serializers.ChoiceField(FindingKind.choices, required=False)
    owner = serializers.CharField(required=False, max_length=150, help_text=_("A user name."))


class OrderBody(Strict):
    client = maybe(50, help_text=_("The code of a client, where the finding names none."))


class RemedyBody(Strict):
    answer = words()


class VerifyFindingBody(Strict):
    is_effective = serializers.BooleanField()
    note = words()


class WithdrawFindingBody(Strict):
    reason = words()


FINDINGS = Here(
    "findings",
    FindingSerializer,
    in_path("finding", _("The finding's id.")),
    whole=FindingWholeSerializer,
    tag="quality",
)


class FindingViewSet(AuditSet):
    lookup_field = "finding"
    of = FINDINGS

    @FINDINGS.listed(_("Findings, newest first; unless asked otherwise those not closed"), FindingQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(FindingQuery)
        asked = {name: str(value) for name, value in query.items()}
        found = findings_asked(asked, request.user, timezone.now()).rows
        return self.listed(found.with_names(), query)

    @FINDINGS.read(_("One finding with what was opened of it and its history"))
    def retrieve(self, request: Request, finding: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @FINDINGS.verb(_("Have a maintenance record opened of it, as an auditor"), OrderBody, {})
    def open_record(self, finding: Finding, data: dict[str, Any], **who: Any) -> Finding:
        return actions.open_record(finding, client=self.client(data), **who)

    @FINDINGS.verb(_("Have a corrective action opened of it, as an auditor"), OrderBody, {})
    def open_corrective(self, finding: Finding, data: dict[str, Any], **who: Any) -> Finding:
        return actions.open_corrective(finding, client=self.client(data), **who)

    @FINDINGS.verb(
        _("Report it remedied, as its owner or his superior"), RemedyBody, {"answer": "A restore was tried"}
    )
    def answer(self, finding: Finding, data: dict[str, Any], **who: Any) -> Finding:
        return actions.answer_finding(finding, **data, **who)

    @FINDINGS.verb(
        _("Verify the remedy: closed, or given back"),
        VerifyFindingBody,
        {"is_effective": True, "note": "The record of the trial was seen"},
    )
    def verify(self, finding: Finding, data: dict[str, Any], **who: Any) -> Finding:
        return actions.verify_finding(finding, **data, **who)

    @FINDINGS.verb(_("Withdraw it for a reason"), WithdrawFindingBody, {"reason": "A misreading"})
    def withdraw(self, finding: Finding, data: dict[str, Any], **who: Any) -> Finding:
        return actions.withdraw_finding(finding, **data, **who)

    def rows(self) -> QuerySet[Finding]:
        rows = Finding.objects.visible_to(self.request.user).with_names()
        return rows.select_related("answered_by", "verified_by").prefetch_related("orders__by")
