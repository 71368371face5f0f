"""Every address of OpsDesk, by app."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from opsdesk import clientpages, doublepages, frame, health
from opsdesk.palette import palette
from staff.styleguide import styleguide
from staff.views.settings import set_language
from surveys.views import public
from tickets.views.listing import desk

handler400 = "opsdesk.problems.bad_request"
handler404 = "opsdesk.problems.page_not_found"
handler500 = "opsdesk.problems.server_error"

urlpatterns = [
    path("", desk, name="home"),
    path("records/", include("tickets.urls")),
    path("changes/", include("tickets.works_urls")),
    path("portal/monthly/", include("reports.monthly.portal_urls")),
    path("portal/", include("tickets.portal_urls")),
    path("duty/handovers/", include("tickets.handover_urls")),
    path("duty/", include("duty.urls")),
    path("clients/<int:pk>/timeline/", clientpages.client_timeline, name="client_timeline"),
    path("clients/doubles/", doublepages.doubles, name="doubles"),
    re_path(
        r"^clients/merge/(?P<thing>client|contact)/(?P<loser>\d{1,18})/(?P<winner>\d{1,18})/$",
        doublepages.merging,
        name="merge",
    ),
    path("clients/merges/<int:pk>/undo/", doublepages.undo, name="unmerge"),
    path("clients/", include("clients.urls")),
    path("surveys/", include("surveys.urls")),
    path("satisfaction/", include("surveys.satisfaction_urls")),
    path("s/<str:secret>/", public.survey, name="survey"),
    path("s/<str:secret>/no-more/", public.no_more, name="survey_no_more"),
    path("quality/", include("audits.urls")),
    path("process/", include("audits.process_urls")),
    path("reports/", include("reports.urls")),
    path("callbacks/", include("visits.urls")),
    path("meetings/reports/", include("meetings.report_urls")),
    path("meetings/", include("meetings.urls")),
    path("staff/", include("staff.urls")),
    path("sign-in/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("language/", set_language, name="set_language"),
    path("frame/", frame.live, name="frame"),
    path("palette/", palette, name="palette"),
    path("styleguide/", styleguide, name="styleguide"),
    path("healthz/live", health.live),
    path("healthz/ready", health.ready),
    path("healthz/deadlines", health.deadlines),
    path("healthz/mail", health.mail),
    path("healthz/duty", health.duty),
    path("api/v1/", include("opsdesk.api")),
    path("admin/", admin.site.urls),
    # For everyone: led to the sign-in page, it would set another CSRF cookie beside that of the page itself.
    path("favicon.ico", login_not_required(RedirectView.as_view(url="/static/img/favicon.svg"))),
]
