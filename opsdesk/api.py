"""The REST interface: every address under /api/v1/."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from audits.api.process import ProcessClauseViewSet, ProcessVersionViewSet
from audits.api.suggestions import SuggestionViewSet
from clients.api import (
    ClientViewSet,
    ContactViewSet,
    ContractViewSet,
    SiteViewSet,
    SystemViewSet,
    TypesView,
)
from duty.api.inspections import InspectionViewSet
from opsdesk.apidocs import NoSuchAddress, SchemaView, docs, docs_part
from opsdesk.clientapi import HealthView, TimelineView
from reports.monthly.api.reports import MonthlyReportViewSet
from staff.api import MeView
from staff.channelapi import ChannelsView, DeliveriesView
from surveys.api.complaints import ComplaintViewSet, SatisfactionView
from surveys.api.corrective import CorrectiveViewSet
from tickets.api import NUMBER
from tickets.dispatchapi import DispatchViewSet
from tickets.fileapi import AttachmentContentView, AttachmentsView
from tickets.handoverapi import HandoverViewSet
from tickets.overrunapi import OverrunViewSet
from tickets.policyapi import PolicyVersionViewSet, PolicyView
from tickets.toolsapi import ReplyViewSet, TicketTools
from tickets.worksapi import ChangeViewSet, WorkTypesView

app_name = "api"
router = SimpleRouter()
router.register("tickets", TicketTools, basename="ticket")
router.register("clients", ClientViewSet, basename="client")
router.register("dispatches", DispatchViewSet, basename="dispatch")
router.register("inspections", InspectionViewSet, basename="inspection")
router.register("handovers", HandoverViewSet, basename="handover")
router.register("overruns", OverrunViewSet, basename="overrun")
router.register("replies", ReplyViewSet, basename="reply")
router.register("corrective-actions", CorrectiveViewSet, basename="corrective-action")
router.register("changes", ChangeViewSet, basename="change")
router.register("complaints", ComplaintViewSet, basename="complaint")
router.register("policy/versions", PolicyVersionViewSet, basename="policy-version")
router.register("process/versions", ProcessVersionViewSet, basename="process-version")
router.register("process/clauses", ProcessClauseViewSet, basename="process-clause")
router.register("process/suggestions", SuggestionViewSet, basename="process-suggestion")
router.register("monthly-reports", MonthlyReportViewSet, basename="monthly-report")
router.register("contacts", ContactViewSet, basename="contact")
router.register("sites", SiteViewSet, basename="site")
router.register("contracts", ContractViewSet, basename="contract")
router.register("systems", SystemViewSet, basename="system")

urlpatterns = [
    path("", include(router.urls)),
    re_path(rf"^tickets/(?P<id>{NUMBER})/attachments/$", AttachmentsView.as_view(), name="attachments"),
    re_path(
        rf"^tickets/(?P<id>{NUMBER})/attachments/(?P<file>[0-9]+)/content/$",
        AttachmentContentView.as_view(),
        name="attachment-content",
    ),
    path("duty/", include("duty.api.urls")),
    path("surveys/", include("surveys.api.urls")),
    path("callbacks/", include("visits.api.urls")),
    path("weekly-reports/", include("meetings.api.report_urls")),
    path("quality/", include("audits.api.urls")),
    path("meetings/", include("meetings.api.urls")),
    path("assessments/", include("reports.assessment.api.urls")),
    path("", include("reports.api.urls")),
    path("satisfaction/", SatisfactionView.as_view(), name="satisfaction"),
    path("policy/", PolicyView.as_view(), name="policy"),
    path("work-types/", WorkTypesView.as_view(), name="work-types"),
    path("client-types/", TypesView.as_view(), name="client-types"),
    path("clients/<slug:code>/timeline/", TimelineView.as_view(), name="client-timeline"),
    path("clients/<slug:code>/health/", HealthView.as_view(), name="client-health"),
    path("channels/", ChannelsView.as_view(), name="channels"),
    path("deliveries/", DeliveriesView.as_view(), name="deliveries"),
    path("me/", MeView.as_view(), name="me"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    path("docs/<slug:part>/", docs_part, name="docs-part"),
    re_path("", NoSuchAddress.as_view()),
]
